"""What every format is brought to before headers are understood: text columns by position, rows by number."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from transforms.schemas import ROW_FAULTS, ROW_NUMBER

FaultRow = tuple[int, str, str | None, str, str]  # as ROW_FAULTS: row number, reason, column, detail, text


@dataclass(frozen=True)
class RawTable:
    """The records of one file. `columns[i]` stands under `headers[i]`; all strings, blank cells null."""

    headers: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    row_numbers: pa.ChunkedArray  # int64; the header is row 1
    faults: pa.Table  # ROW_FAULTS: rows that are not in `columns`


def faults_table(rows: list[FaultRow]) -> pa.Table:
    """ROW_FAULTS from its rows."""
    names = ROW_FAULTS.names
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=ROW_FAULTS)


def move_to_faults(raw: RawTable, is_bad: pa.ChunkedArray, faults: pa.Table) -> RawTable:
    """The same file with the rows marked in `is_bad` gone over to the faults, which stay in row order."""
    kept = pc.invert(is_bad)
    return RawTable(
        raw.headers,
        tuple(column.filter(kept) for column in raw.columns),
        raw.row_numbers.filter(kept),
        pa.concat_tables([raw.faults, faults]).sort_by(ROW_NUMBER),
    )


def as_delivered(raw: RawTable, rows: pa.ChunkedArray) -> pa.Array:
    """The cells of the rows marked in `rows`, joined by tabs: the text of a row that is refused."""
    cells = [column.filter(rows).combine_chunks() for column in raw.columns]
    return pc.binary_join_element_wise(*cells, "\t", null_handling="replace", null_replacement="")
