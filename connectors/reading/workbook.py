"""xlsx: a limited child process turns the sheet into csv, and from there it is read like one."""

import pyarrow as pa

from connectors.base import DeliveryUnreadable
from connectors.opening.confined import opened
from connectors.reading.columns import RawTable
from connectors.reading.decoding import Decoded
from connectors.reading.delimited import parse_delimited


def read_workbook(content: bytes) -> RawTable:
    """The records of the one sheet that holds any, as text; blank rows are no records.

    The row numbers are the sheet's own, counted from the header row. Raises DeliveryUnreadable:
    `wrong_format`, `half_file`, `too_large`, `several_sheets`, `empty_file`, `archive_refused` (password,
    document type).
    """
    numbered = opened("xlsx", content).content
    if not numbered:
        raise DeliveryUnreadable("empty_file", how="no_header")
    return _without_numbers(parse_delimited(Decoded(numbered, False, False), ",", is_vouched=True, encoding="utf-8"))


def _without_numbers(raw: RawTable) -> RawTable:
    """The first column back in its place: the row numbers."""
    numbers, *columns = raw.columns
    return RawTable(raw.headers[1:], tuple(columns), numbers.cast(pa.int64()), raw.faults)
