"""The one filled sheet of an xlsx as csv. Runs in the child process: a workbook can be built to need any memory.

Each record comes out as its row in the sheet followed by its cells as text; the first is the header.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from connectors.base import DeliveryUnreadable
from connectors.opening.archives import Write, check_zip
from connectors.opening.cells import number_text

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # an .xls, or an .xlsx behind a password
_XML = (".xml", ".rels", ".vml")
_CHUNK = 1 << 14
_LONGEST_PROLOG = 1 << 20  # bytes before the first element; a real one has a hundred


def sheet_as_csv(content: bytes, write: Write) -> str:
    """Writes the records of the one sheet that holds any; the name is empty.

    Raises DeliveryUnreadable: `wrong_format`, `half_file`, `too_large`, `several_sheets`, `archive_refused`
    (password; an XML part that declares a document type, as entity bombs and foreign entities do).
    """
    if content.startswith(_OLD_OFFICE):
        raise DeliveryUnreadable("wrong_format", how="old_office", expected="xlsx")
    _refuse_document_types(content, check_zip(content, "xlsx"))
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            _write_records(_rows(workbook), csv.writer(_Utf8(write), lineterminator="\n"))
    except PasswordError:
        raise DeliveryUnreadable("archive_refused", why="password") from None
    except CalamineError:
        raise DeliveryUnreadable("half_file", how="workbook_damaged") from None
    return ""


class _Utf8:
    """A file that csv can write text to."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def write(self, text: str) -> object:
        return self._write(text.encode())


class _Elements(Exception):
    """The prolog of a part is over."""


def _refuse_document_types(content: bytes, members: list[zipfile.ZipInfo]) -> None:
    """No part of a real workbook declares a document type; nothing is parsed where one does."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in members:
            if member.filename.lower().endswith(_XML):
                _check_prolog(archive, member)


def _check_prolog(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = _stop
    try:
        with archive.open(member) as part:
            for _ in range(_LONGEST_PROLOG // _CHUNK):
                parser.Parse(chunk := part.read(_CHUNK), not chunk)
    except _Elements:
        return
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError):
        pass  # also a part without any element, or behind a password
    raise DeliveryUnreadable("half_file", how="workbook_damaged")


def _refuse(*_: object) -> None:
    raise DeliveryUnreadable("archive_refused", why="document_type")


def _stop(*_: object) -> None:
    raise _Elements


def _rows(workbook: CalamineWorkbook) -> Iterable[list[Any]]:
    """The cells of the one visible sheet that holds any."""
    seen = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    sheets = [workbook.get_sheet_by_name(name) for name in seen]
    filled = [sheet for sheet in sheets if sheet.height]
    if len(filled) > 1:
        raise DeliveryUnreadable("several_sheets")
    return filled[0].iter_rows() if filled else []


def _write_records(rows: Iterable[list[Any]], output: Any) -> None:
    """Records that hold anything, each behind its row; rows count from the header, which is row 1."""
    header_at = 0
    for at, row in enumerate(rows, 1):
        cells = [cell if type(cell) is str else text_of(cell) for cell in row]
        if any(cells):
            header_at = header_at or at
            output.writerow([at - header_at + 1, *cells])


def text_of(cell: Any) -> str:
    """A cell as text: whole numbers as digits, dates in ISO form; of long numbers see `number_text`."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return number_text(float(cell))
    return _clock_text(cell)


def _clock_text(cell: datetime | date | time | timedelta) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)
