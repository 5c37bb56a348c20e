"""Arrow tables brought to the shape of the warehouse's tables, and looked over before they get near a
database.

A database's own error would quote the row it refuses; these faults carry names and counts only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Column, Date, Float, SmallInteger, Text

from warehouse.catalog import Kept, kept

_ARROW = {
    Text: pa.string(),
    Date: pa.date32(),
    SmallInteger: pa.int16(),
    BigInteger: pa.int64(),
    Float: pa.float64(),
}


class TablesUnfit(ValueError):
    """Tables that cannot be published: every fault of every table, as sentences without values."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Delta:
    """What changed in a table since the last night: new and changed rows, and the keys that are gone."""

    rows: pa.Table
    vanished: pa.Table | None = None  # the key columns only


@dataclass(frozen=True)
class Prepared:
    """One table ready for staging: `rows` and `vanished` have the columns and types of the warehouse's
    table."""

    kept: Kept
    rows: pa.Table
    vanished: pa.Table | None
    is_full: bool  # a key that is not in `rows` has vanished


def prepare(tables: Mapping[str, pa.Table | Delta]) -> list[Prepared]:
    """Every table in the warehouse's shape, in the warehouse's order; TablesUnfit with all faults
    together."""
    faults = [fault for name, table in tables.items() for fault in _faults(kept(name), table)]
    if faults:
        raise TablesUnfit(faults)
    return [_prepared(kept(name), table) for name, table in tables.items()]


def _prepared(kind: Kept, table: pa.Table | Delta) -> Prepared:
    if not isinstance(table, Delta):
        return Prepared(kind, _aligned(kind, table), None, kind.is_versioned)
    gone = table.vanished
    vanished = None if gone is None else gone.select(kind.key).cast(pa.schema([(k, pa.string()) for k in kind.key]))
    return Prepared(kind, _aligned(kind, table.rows), vanished, False)


def _aligned(kind: Kept, table: pa.Table) -> pa.Table:
    given = _by_column(kind, table)
    wanted = [name for name in kind.columns if name in given or kind.table.c[name].server_default is None]
    arrays = {}
    for name in wanted:
        arrow_type = _arrow_type(kind.table.c[name])
        arrays[name] = _cast(given[name], arrow_type) if name in given else pa.nulls(len(table), arrow_type)
    return pa.table(arrays)


def _by_column(kind: Kept, table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return {kind.column_of(n): table.column(n) for n in table.column_names if n not in kind.left_in_lake}


def _cast(column: pa.ChunkedArray, arrow_type: pa.DataType) -> pa.ChunkedArray:
    return column if column.type == arrow_type else column.cast(arrow_type)


def _arrow_type(column: Column[object]) -> pa.DataType:
    return next(arrow for kind, arrow in _ARROW.items() if isinstance(column.type, kind))


def _faults(kind: Kept, table: pa.Table | Delta) -> Iterator[str]:
    if isinstance(table, Delta) and not kind.is_versioned:
        yield f"{kind.name}: only grows, and takes its rows as a plain table"
        return
    rows = table.rows if isinstance(table, Delta) else table
    given = _by_column(kind, rows)
    unknown = sorted(set(given) - set(kind.columns))
    missing = [name for name in kind.columns if name not in given and _is_required(kind.table.c[name])]
    if unknown:
        yield f"{kind.name}: the warehouse has no column {', '.join(unknown)}; add it to warehouse/tables.py"
    if missing:
        yield f"{kind.name}: {', '.join(missing)} is required and not there"
    if not unknown and not missing:
        yield from _row_faults(kind, given)


def _row_faults(kind: Kept, given: dict[str, pa.ChunkedArray]) -> Iterator[str]:
    for name, column in given.items():
        if column.null_count and not kind.table.c[name].nullable:
            yield f"{kind.name}.{name}: required, and empty in {column.null_count} rows"
        yield from _type_fault(kind, name, column)
    if kind.key:
        keys = pa.table({name: given[name] for name in kind.key})
        repeated = keys.num_rows - keys.group_by(list(kind.key)).aggregate([]).num_rows
        if repeated:
            yield f"{kind.name}: {repeated} rows repeat the {' + '.join(kind.key)} of another row"


def _type_fault(kind: Kept, name: str, column: pa.ChunkedArray) -> Iterator[str]:
    wanted = _arrow_type(kind.table.c[name])
    try:
        cast = _cast(column, wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        yield f"{kind.name}.{name}: {column.type} received, {wanted} is valid"
        return
    if isinstance(kind.table.c[name].type, SmallInteger) and pc.any(pc.greater(pc.abs(cast), 1)).as_py():
        yield f"{kind.name}.{name}: values other than true and false"


def _is_required(column: Column[object]) -> bool:
    return not column.nullable and column.server_default is None
