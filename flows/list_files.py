"""A list that people open in a spreadsheet: csv or xlsx, in Chinese or under the names of the views; no cell runs.

A text that a spreadsheet would take for a formula gets an apostrophe before it; amounts and dates stay what they are.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from flows.linking_output import staged, write_fault
from flows.status import WrongUse
from flows.words import word

SUFFIXES = (".csv", ".xlsx")
_BOM = b"\xef\xbb\xbf"  # without it a spreadsheet takes Chinese for something else
_WOULD_RUN = r"^([=+\-@\t\r\n＝＋－＠])"  # in Chinese and Japanese, a spreadsheet takes the wide ones too
# Columns with a Chinese header in words.yaml, each with the codes of it that have a word there.
_SPOKEN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("entitlement_id", "household_id", "person_id", "township_code", "since_on", "policy_id",
                     "benefit_id", "period_from", "period_to", "amount_yuan"), ()),
    "event_type": ("death", "disability"),
    "status": ("payable", "to_recover"),
    "payee": ("household", "person", "committee", "insurer"),
}  # fmt: skip


def check_out(out: Path, lang: str) -> None:
    """WrongUse where a list cannot be written: neither csv nor xlsx, a folder, no permission."""
    if out.suffix.lower() not in SUFFIXES:
        raise WrongUse(word("list.suffix", lang).format(file=out.name))
    if reason := write_fault(out, lang):
        raise WrongUse(word("link.fault.unwritable", lang).format(option="--out", path=out, reason=reason))


def write_list(table: pa.Table, out: Path, lang: str) -> None:
    """Write the rows into a csv (UTF-8, marked as such) or xlsx, whole or not at all. Amounts are decimals, in yuan."""
    shown = formula_safe(_in_words(table) if lang == "zh" else table)
    with staged([out], lang) as parts:
        (_write_xlsx if out.suffix.lower() == ".xlsx" else _write_csv)(shown, parts[out])


def _in_words(table: pa.Table) -> pa.Table:
    """Headers and codes in Chinese; what has no words stays as it is."""
    columns = [_worded(name, table[name].combine_chunks()) for name in table.column_names]
    headers = [word(f"list.{name}", "zh") if name in _SPOKEN else name for name in table.column_names]
    return pa.table(columns, names=headers)


def _worded(name: str, column: pa.Array) -> pa.Array:
    codes = _SPOKEN.get(name, ())
    if not codes:
        return column
    words = pa.array([word(f"list.{name}.{code}", "zh") for code in codes])
    return pc.coalesce(words.take(pc.index_in(column, value_set=pa.array(codes))), column)


def formula_safe(table: pa.Table) -> pa.Table:
    """The table with an apostrophe before every text, header or cell, that a spreadsheet would run."""
    columns = [_guarded(column) if pa.types.is_string(column.type) else column for column in table.columns]
    return pa.table(columns, names=_guarded(pa.array(table.column_names)).to_pylist())


def _guarded(column: Any) -> Any:
    return pc.replace_substring_regex(column, _WOULD_RUN, r"'\1")


def _write_csv(table: pa.Table, part: Path) -> None:
    with part.open("wb") as file:
        file.write(_BOM)
        csv.write_csv(table, file, csv.WriteOptions(quoting_style="needed"))


def _write_xlsx(table: pa.Table, part: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet()

    def amount(value: Decimal) -> object:
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "0.00"
        return cell

    sheet.append(table.column_names)
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        sheet.append([amount(value) if isinstance(value, Decimal) else value for value in row])
    with part.open("wb") as file:
        book.save(file)
