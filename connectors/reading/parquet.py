"""parquet: typed columns back to text, so that every format is checked by the same rules."""

import math
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.base import DeliveryUnreadable
from connectors.opening.archives import MAX_UNPACKED
from connectors.opening.cells import number_text
from connectors.reading.columns import RawTable, faults_table

_MAGIC = b"PAR1"
_DAMAGED = (pa.ArrowException, OSError, ValueError)  # a name that is not UTF-8 is a ValueError
_MAX_ROWS = 100_000_000  # a page of one repeated value declares any number of rows in a few bytes
_LOCAL = "Asia/Shanghai"


def read_parquet(content: bytes) -> RawTable:
    """The records as text: days in ISO form, times of day in Asia/Shanghai, whole numbers as digits.

    Raises DeliveryUnreadable: `wrong_format`, `half_file` (no footer, or damaged), `too_large`, `empty_file`,
    `wrong_encoding` (text that is not UTF-8), `column_not_text` (lists, structures, raw bytes).
    """
    file = _opened(content)
    try:
        table = file.read()
    except _DAMAGED:
        raise DeliveryUnreadable("half_file", how="parquet_damaged") from None
    if not table.num_columns:
        raise DeliveryUnreadable("empty_file", how="no_header")
    headers = tuple(table.column_names)
    columns = tuple(_text(table.column(at), headers[at]) for at in range(len(headers)))
    numbers = pa.chunked_array([pa.array(range(2, table.num_rows + 2), pa.int64())])
    return RawTable(headers, columns, numbers, faults_table([]))


def _opened(content: bytes) -> pq.ParquetFile:
    if not content.startswith(_MAGIC):
        raise DeliveryUnreadable("wrong_format", expected="parquet")
    if not content.endswith(_MAGIC):
        raise DeliveryUnreadable("half_file", how="no_footer")
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
    except _DAMAGED:
        raise DeliveryUnreadable("half_file", how="parquet_damaged") from None
    groups = (file.metadata.row_group(at).total_byte_size for at in range(file.metadata.num_row_groups))
    unpacked = sum(groups)
    if file.metadata.num_rows > _MAX_ROWS or unpacked > MAX_UNPACKED:
        raise DeliveryUnreadable("too_large", how="declared", unpacked=unpacked, packed=len(content))
    return file


def _text(column: pa.ChunkedArray, header: str) -> pa.ChunkedArray:
    """A column of any plain type as strings, blank → null."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    text = _spelled(column, header)
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        raise DeliveryUnreadable("wrong_encoding", how="rows", declared="utf-8") from None
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _spelled(column: pa.ChunkedArray, header: str) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_floating(kind):
        return _numbers(column)
    if pa.types.is_timestamp(kind):
        column = _local_time(column)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind):
        raise DeliveryUnreadable("column_not_text", header=header)
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise DeliveryUnreadable("column_not_text", header=header) from None


def _local_time(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times without a zone are local already; whole seconds are enough."""
    if column.type.tz is not None:
        column = pc.local_timestamp(column.cast(pa.timestamp(column.type.unit, tz=_LOCAL)))
    return pc.floor_temporal(column, unit="second").cast(pa.timestamp("s"))


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Floating numbers as a spreadsheet shows them, each distinct one spelled once; NaN is blank."""
    encoded = column.cast(pa.float64()).combine_chunks().dictionary_encode()
    spelled: list[Any] = [_number(value) for value in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(spelled, pa.string()).take(encoded.indices)])


def _number(value: float | None) -> str | None:
    if value is None or math.isnan(value):
        return None
    return number_text(value) if math.isfinite(value) else repr(value)
