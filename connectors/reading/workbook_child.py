"""Run as a program of its own: an xlsx on standard input becomes csv on standard output, inside fixed limits.

A workbook can be built to need any amount of memory; here it is the child that ends, not the night. The child
imports nothing of the project. Each record comes out as its row in the sheet followed by its cells as text;
the first is the header. Exit status: 0 done, or one of the constants below.
"""

import csv
import io
import resource
import sys
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

BROKEN, SEVERAL_SHEETS, NO_MEMORY, PASSWORD = 3, 4, 5, 6
MEMORY_BYTES = 4 << 30
_EXACT_BELOW = 10**15  # a spreadsheet keeps fifteen digits; behind them it writes zeros


def text_of(cell: Any) -> str:
    """A cell as text: whole numbers as digits, dates in ISO form.

    A number of sixteen digits or more has lost its last ones; it is written as `3.70303199001011E+17`, so
    that nobody takes it for the number that it was.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return number_text(float(cell))
    return _clock_text(cell)


def number_text(number: float) -> str:
    """A number as a spreadsheet shows it; see `text_of`."""
    if abs(number) >= _EXACT_BELOW:
        return f"{number:.14E}"
    return str(int(number)) if number == int(number) else repr(number)


def _clock_text(cell: datetime | date | time | timedelta) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def rows_of(content: bytes) -> list[list[Any]]:
    """The cells of the one sheet that holds any; exits with a status where there are several."""
    with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
        seen = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        sheets = [workbook.get_sheet_by_name(name) for name in seen]
        filled = [sheet for sheet in sheets if sheet.height]
        if len(filled) > 1:
            sys.exit(SEVERAL_SHEETS)
        return filled[0].to_python(skip_empty_area=False) if filled else []


def write_records(rows: Iterable[list[Any]]) -> None:
    """Records that hold anything, each behind its row; rows count from the header, which is row 1."""
    output = csv.writer(sys.stdout, lineterminator="\n")
    header_at = 0
    for at, row in enumerate(rows, 1):
        cells = [text_of(cell) for cell in row]
        if any(cells):
            header_at = header_at or at
            output.writerow([at - header_at + 1, *cells])


def main() -> None:
    """Limits first, then the workbook."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    try:
        write_records(rows_of(sys.stdin.buffer.read()))
    except PasswordError:
        sys.exit(PASSWORD)
    except CalamineError:
        sys.exit(BROKEN)
    except MemoryError:
        sys.exit(NO_MEMORY)


if __name__ == "__main__":
    main()
