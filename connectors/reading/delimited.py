"""csv and tsv: Arrow's parser on UTF-8, whole records (a quoted line end is part of its cell), one pass.

Rows are counted as records, not lines; blank lines are none. The parser runs on one thread, because only then
does it tell which record it could not bring into columns; on two cores the other way was not faster.
"""

import csv
import io
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from connectors.base import DeliveryUnreadable
from connectors.reading.columns import FaultRow, RawTable, as_delivered, faults_table, move_to_faults
from connectors.reading.decoding import MARK, Decoded, decode

_BLOCK = 8 << 20
_LONGEST_BLOCK = (1 << 31) - 1
_LONGEST_HEADER = 1 << 20
_END = "\ufdd2"  # a last record of our own: if it does not come back as one, a quote was left open


def read_delimited(content: bytes, encoding: str, delimiter: str, *, is_vouched: bool) -> RawTable:
    """The records of a csv or tsv in the declared encoding.

    Rows with too few or too many fields become faults `broken_structure`, rows with bytes that the encoding
    does not have become faults `undecodable` (the byte offset in `detail`). `is_vouched`: a sentinel has the
    checksum of these bytes, so a short last row is the agency's mistake and no cut. Raises
    DeliveryUnreadable: `empty_file`, `half_file`, `wrong_encoding`.
    """
    decoded = decode(content, encoding)
    raw = parse_delimited(decoded, delimiter, is_vouched=is_vouched, encoding=encoding)
    return _undecodable_aside(raw, encoding) if decoded.is_marked else raw


def parse_delimited(decoded: Decoded, delimiter: str, *, is_vouched: bool, encoding: str) -> RawTable:
    """The records of text that is UTF-8 already; marks are left in the cells."""
    headers = _headers(decoded.utf8, delimiter)
    if any("\ufdd0" in header for header in headers):
        raise DeliveryUnreadable("wrong_encoding", how="header", declared=encoding)
    if decoded.is_cut:
        raise DeliveryUnreadable("half_file", how="cut_character")
    table, bad = _parse(decoded.utf8, len(headers), delimiter)
    table = _without_header(_without_end(table, len(bad)), headers)
    records = table.num_rows + len(bad)
    if not is_vouched and not decoded.utf8.endswith((b"\n", b"\r")):
        _refuse_short_last_row(bad, records)
    numbers = _row_numbers(records, [row.number for row in bad])
    return RawTable(headers, tuple(table.columns), numbers, faults_table([_broken(row) for row in bad]))


def first_record(text: str, delimiter: str) -> tuple[str, ...]:
    """The header as the parser will see it; csv.Error where it does not end."""
    lines = io.StringIO(text.lstrip("\ufeff\r\n"), newline="")
    return tuple(next(csv.reader(lines, delimiter=delimiter, strict=True), ()))


def _headers(utf8: bytes, delimiter: str) -> tuple[str, ...]:
    try:
        headers = first_record(utf8[:_LONGEST_HEADER].decode("utf-8", "ignore"), delimiter)
    except csv.Error:
        raise DeliveryUnreadable("half_file", how="open_quote", row=1) from None
    if not any(header.strip() for header in headers):
        raise DeliveryUnreadable("empty_file", how="no_header")
    return headers


def _parse(utf8: bytes, width: int, delimiter: str) -> tuple[pa.Table, list[pa_csv.InvalidRow]]:
    """The header, all records and our last one, and the records that are not as wide as the header."""
    end = ("\n" + _END + delimiter * (width - 1) + "\n").encode()
    content = utf8 + end
    try:
        return _parse_blocks(content, width, delimiter, _BLOCK)
    except pa.ArrowInvalid:  # a record longer than a block: most often a quote that is never closed
        return _parse_blocks(content, width, delimiter, min(len(content) + 1, _LONGEST_BLOCK))


def _parse_blocks(content: bytes, width: int, delimiter: str, block: int) -> tuple[pa.Table, list[pa_csv.InvalidRow]]:
    bad: list[pa_csv.InvalidRow] = []

    def set_aside(row: pa_csv.InvalidRow) -> str:
        bad.append(row)
        return "skip"

    names = [str(position) for position in range(width)]
    table = pa_csv.read_csv(
        pa.BufferReader(content),
        read_options=pa_csv.ReadOptions(use_threads=False, block_size=block, column_names=names),
        parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=set_aside),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    return table, bad


def _without_end(table: pa.Table, broken: int) -> pa.Table:
    """The records without our last one; DeliveryUnreadable when an open quote swallowed it."""
    last = table.num_rows - 1
    if last < 0 or table.column(0)[last].as_py() != _END:
        raise DeliveryUnreadable("half_file", how="open_quote", row=max(table.num_rows + broken, 1))
    return table.slice(0, last)


def _without_header(table: pa.Table, headers: tuple[str, ...]) -> pa.Table:
    """The records without the header, which the parser must see as we do. (Told to skip it, it may skip more.)"""
    if not table.num_rows or tuple(column[0].as_py() or "" for column in table.columns) != headers:
        raise DeliveryUnreadable("half_file", how="open_quote", row=1)
    return table.slice(1)


def _refuse_short_last_row(bad: list[pa_csv.InvalidRow], records: int) -> None:
    """A file whose last record has too few fields and no line end was cut."""
    if bad and bad[-1].number == records + 1 and bad[-1].actual_columns < bad[-1].expected_columns:
        raise DeliveryUnreadable("half_file", how="short_last_row", row=records + 1)


def _row_numbers(records: int, bad: Iterable[int]) -> pa.ChunkedArray:
    every = np.arange(2, records + 2, dtype=np.int64)
    return pa.chunked_array([pa.array(np.delete(every, np.array(list(bad), dtype=np.int64) - 2))])


def _broken(row: pa_csv.InvalidRow) -> FaultRow:
    return row.number, "broken_structure", None, _counts(row.actual_columns, row.expected_columns), row.text


def _counts(fields: int, expected: int) -> str:
    return f"fields={fields} expected={expected}"


def _undecodable_aside(raw: RawTable, encoding: str) -> RawTable:
    """Rows with marks become faults, also those whose structure is broken (by the lost bytes, maybe)."""
    is_marked = _any_marked(raw.columns)
    text = as_delivered(raw, is_marked)
    numbers = raw.row_numbers.filter(is_marked).combine_chunks()
    aside = move_to_faults(raw, is_marked, _undecodable(numbers, text))
    faults = _undecodable_of_broken(aside.faults)
    count = pc.sum(pc.equal(faults["reason_code"], "undecodable")).as_py() or 0
    if count * 2 > len(aside.row_numbers) + faults.num_rows:
        raise DeliveryUnreadable("wrong_encoding", how="rows", declared=encoding, rows=count)
    return RawTable(aside.headers, aside.columns, aside.row_numbers, faults)


def _any_marked(columns: Iterable[pa.ChunkedArray]) -> pa.ChunkedArray:
    marked = [pc.fill_null(pc.match_substring_regex(column, MARK), False) for column in columns]
    found = marked[0]
    for more in marked[1:]:
        found = pc.or_(found, more)
    return found


def _undecodable(numbers: pa.Array, text: pa.Array) -> pa.Table:
    """Faults of the rows with these numbers and (marked) texts."""
    offsets = pc.struct_field(pc.extract_regex(text, "\ufdd0(?P<offset>[0-9]+)\ufdd1"), "offset")
    size = len(text)
    return pa.table(
        {
            "_row_number": numbers,
            "reason_code": pa.array(["undecodable"] * size, pa.string()),
            "column_name": pa.nulls(size, pa.string()),
            "detail": pc.binary_join_element_wise("byte_offset", offsets, "="),
            "delivered_text": pc.replace_substring_regex(text, MARK, ""),
        },
        schema=faults_table([]).schema,
    )


def _undecodable_of_broken(faults: pa.Table) -> pa.Table:
    """The faults, with broken rows that hold marks told as undecodable."""
    is_marked = pc.match_substring_regex(faults["delivered_text"], MARK)
    marked, others = faults.filter(is_marked), faults.filter(pc.invert(is_marked))
    told = _undecodable(marked["_row_number"].combine_chunks(), marked["delivered_text"].combine_chunks())
    return pa.concat_tables([others, told]).sort_by("_row_number")
