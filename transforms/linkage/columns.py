"""A table as somebody keeps it, made ready for a model: its columns with the types that the comparisons read.

Dates are year first (2025-06-02, 2025/6/2, 20250602), years four digits, amounts plain decimals; every other column
is text, so that 007 on one side and the number 7 on the other are what they look like. A value that cannot be read
is set aside: it counts as missing, and is counted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.model import LinkageModel

DATE, YEAR, AMOUNT, TEXT = "date", "year", "amount", "text"
# Which kinds of comparison read something else than text, and in which of their columns.
_TYPED = {"date": (DATE,), "year": (YEAR, DATE), "child": (TEXT, TEXT, DATE), "amount": (AMOUNT,)}
_WITH_SIGNS = r"^\s*(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:[ T]00:00(?::00(?:\.0+)?)?)?\s*$"
_EIGHT_DIGITS = r"^\s*(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})\s*$"
_EXACT = 2.0**53  # from here on not every whole number is a float

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Unread:
    """Values of a column that were set aside: what was wanted (date, year, amount), how many there are, of how many."""

    wanted: str
    count: int
    of: int


@dataclass(frozen=True)
class Ready:
    """The table, what was set aside by column, and the columns that cannot be used with the name of their type."""

    table: pa.Table
    unread: dict[str, Unread]
    unusable: dict[str, str]


def columns_of_model(model: LinkageModel) -> dict[str, str]:
    """The columns that the model reads, in its comparisons or its blocking rules, and what each must hold."""
    found = compared_columns(model)
    return found | {name: TEXT for rule in model.blocking.rules for name in sorted(rule.columns) if name not in found}


def compared_columns(model: LinkageModel) -> dict[str, str]:
    """The columns that its comparisons read, and what each must hold."""
    found: dict[str, str] = {}
    for comparison in model.comparisons:
        wanted = _TYPED.get(comparison.kind, ())
        for place, name in enumerate(comparison.columns):
            what = wanted[place] if place < len(wanted) else TEXT
            if name and found.get(name, TEXT) == TEXT:
                found[name] = what
    return found


def made_ready(table: pa.Table, model: LinkageModel, key: str) -> Ready:
    """The columns that the model reads and the column `key` as it is, whatever the table has besides left out."""
    wanted = columns_of_model(model)
    kept, unread, unusable = {key: table[key]}, {}, {}
    for name in [name for name in table.column_names if name in wanted]:
        given = _plain(table[name])
        try:
            column = _READ[wanted[name]](given)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            unusable[name] = str(table[name].type)
            continue
        lost = column.null_count - given.null_count
        if lost > 0:
            unread[name] = Unread(wanted[name], lost, len(given) - given.null_count)
        kept[name] = table[name] if name == key and wanted[name] == TEXT else column
    return Ready(pa.table(kept), unread, unusable)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column without dictionaries, and with null for an empty text."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type) or pa.types.is_null(column.type):
        column = column.cast(pa.string())
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_finite(column), column, None)
    if not pa.types.is_string(column.type):
        return column
    length = pc.binary_length(column)
    return column if pc.min(length).as_py() != 0 else pc.if_else(pc.equal(length, 0), None, column)


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    # Whole numbers with gaps often come as floats: 13800000000.0 is 13800000000. Beyond 2**53 digits are lost already.
    if pa.types.is_floating(column.type):
        most = pc.max(pc.abs(column)).as_py() or 0.0
        if most >= _EXACT:
            raise pa.ArrowInvalid("floating-point numbers that have lost digits")
        is_whole = pc.all(pc.equal(column, pc.trunc(column))).as_py() is not False
        column = column.cast(pa.int64()) if is_whole else column
    return column if pa.types.is_string(column.type) else column.cast(pa.string())


def _date(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_temporal(column.type):
        return column.cast(pa.date32(), safe=False)
    return _distinct(_text(column), _days_of_texts)


def _year(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_temporal(column.type):
        return pc.year(column).cast(pa.int16())
    return _distinct(_text(column), _years_of_texts)


def _amount(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_string(column.type):
        readable = pc.match_substring_regex(column, r"^[+-]?\d+(\.\d+)?$")
        column = pc.if_else(readable, column, None)
    return column.cast(pa.float64(), safe=False)


_READ: dict[str, Callable[[pa.ChunkedArray], pa.ChunkedArray]] = {
    DATE: _date, YEAR: _year, AMOUNT: _amount, TEXT: _text,
}  # fmt: skip


def _distinct(column: pa.ChunkedArray, read: Callable[[pa.Array], pa.Array]) -> pa.ChunkedArray:
    # Each distinct text is read once.
    encoded = column.combine_chunks().dictionary_encode()
    return pa.chunked_array([read(encoded.dictionary).take(encoded.indices)])


def _years_of_texts(texts: pa.Array) -> pa.Array:
    whole = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.match_substring_regex(whole, r"^[0-9]{4}$"), whole, None).cast(pa.int16())


def _days_of_texts(texts: pa.Array) -> pa.Array:
    read = [pc.extract_regex(texts, pattern) for pattern in (_WITH_SIGNS, _EIGHT_DIGITS)]
    year, month, day = (
        pc.fill_null(pc.coalesce(*(_part(found, name) for found in read)).cast(pa.int64()), 0).to_numpy()
        for name in ("year", "month", "day")
    )
    days, is_date = _since_1970(year, month, day)
    return pa.array(days, pa.int32(), mask=~is_date).cast(pa.date32())


def _part(found: pa.StructArray, name: str) -> pa.Array:
    return pc.struct_field(found, name)


def _since_1970(year: Ints, month: Ints, day: Ints) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    # Days since 1970-01-01, and whether there is such a day at all: the 30th of February is none.
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    is_date = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("datetime64[M]") == months)
    return days.astype(np.int64).astype(np.int32), is_date
