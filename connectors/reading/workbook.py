"""xlsx: declared sizes are judged first, then a limited child process turns the sheet into csv."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa

from connectors.base import DeliveryUnreadable
from connectors.reading import workbook_child
from connectors.reading.columns import RawTable
from connectors.reading.decoding import Decoded
from connectors.reading.delimited import parse_delimited
from connectors.reading.unpacking import check_zip

_SECONDS = 300
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # an .xls, or an .xlsx behind a password


def read_workbook(content: bytes) -> RawTable:
    """The records of the one sheet that holds any, as text; blank rows are no records.

    The row numbers are the sheet's own, counted from the header row. Raises DeliveryUnreadable:
    `wrong_format`, `half_file`, `too_large`, `several_sheets`, `empty_file`, `archive_refused` (password).
    """
    if content.startswith(_OLD_OFFICE):
        raise DeliveryUnreadable("wrong_format", how="old_office", expected="xlsx")
    check_zip(content, "xlsx")
    numbered = _converted(content)
    if not numbered:
        raise DeliveryUnreadable("empty_file", how="no_header")
    return _without_numbers(parse_delimited(Decoded(numbered, False, False), ",", is_vouched=True, encoding="utf-8"))


def _converted(content: bytes) -> bytes:
    """What the child makes of the workbook: csv, each record behind its row number."""
    program = [sys.executable, "-P", str(Path(workbook_child.__file__))]
    try:
        child = subprocess.run(program, input=content, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise DeliveryUnreadable("too_large", how="memory", packed=len(content)) from None
    if child.returncode:
        raise _fault_of(child.returncode, len(content))
    return child.stdout


def _fault_of(status: int, packed: int) -> DeliveryUnreadable:
    """The fault that the child's exit status stands for; ended by a signal = out of memory."""
    if status == workbook_child.SEVERAL_SHEETS:
        return DeliveryUnreadable("several_sheets")
    if status == workbook_child.PASSWORD:
        return DeliveryUnreadable("archive_refused", why="password")
    if status == workbook_child.NO_MEMORY or status < 0:
        return DeliveryUnreadable("too_large", how="memory", packed=packed)
    return DeliveryUnreadable("half_file", how="workbook_damaged")


def _without_numbers(raw: RawTable) -> RawTable:
    """The first column back in its place: the row numbers."""
    numbers, *columns = raw.columns
    return RawTable(raw.headers[1:], tuple(columns), numbers.cast(pa.int64()), raw.faults)
