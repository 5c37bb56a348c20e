"""What an auditor asks of one night: how many of what, and which verdicts held, as that night knew it.

Answers are of published nights only and are put into order here, so that both engines give the same.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import func, select

from warehouse.catalog import kept
from warehouse.database import Warehouse
from warehouse.reads import Row, arrow, as_known
from warehouse.runs import PUBLISHED
from warehouse.tables import runs

_RUN = ("run_id", "business_date", "status", "started_at", "finished_at", "attempts")


def run_of(warehouse: Warehouse, business_date: date) -> Row | None:
    """The run of a date: run_id, status, started_at, finished_at, attempts; None where it has not been published."""
    wanted = select(*(runs.c[name] for name in _RUN))
    wanted = wanted.where(runs.c.business_date == business_date, runs.c.status.in_(PUBLISHED))
    with warehouse.reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else dict(row)


def tally(
    warehouse: Warehouse,
    name: str,
    by: Sequence[str],
    *,
    known_on: date,
    total: str | None = None,
    run_id: str | None = None,
    **only: Any,
) -> list[Row]:
    """How many rows of a kept table there are of each kind: the columns `by`, `count`, and the sum of `total` if asked.

    As known on a business date; with `run_id` only the versions and entries that this run wrote. `only`: a column is
    equal to a value.
    """
    kind = kept(name)
    columns = [kind.table.c[each] for each in by]
    counted = [func.count().label("count")] + ([func.sum(kind.table.c[total]).label(total)] if total else [])
    wanted = select(*columns, *counted).group_by(*columns)
    if kind.is_versioned:
        wanted = as_known(wanted, kind.table, known_on)
    else:
        wanted = wanted.join(runs, runs.c.run_id == kind.table.c.run_id).where(runs.c.business_date <= known_on)
    if run_id is not None:
        wanted = wanted.where(kind.table.c.run_id == run_id)
    for column, value in only.items():
        wanted = wanted.where(kind.table.c[column] == value)
    with warehouse.reading() as connection:
        rows = [dict(row) for row in connection.execute(wanted).mappings()]
    found = [{each: _whole(value) for each, value in row.items()} for row in rows]
    return sorted(found, key=lambda row: [str(row[each] or "") for each in by])


def held(warehouse: Warehouse, name: str, columns: Sequence[str], *, known_on: date) -> pa.Table:
    """Columns of the versions that held on a business date, with `known_on`: since which night; in the key's order."""
    kind = kept(name)
    types = {kind.column_of(each.name): each.type for each in kind.schema} | {"known_on": pa.date32()}
    wanted = as_known(select(*(kind.table.c[each] for each in (*columns, "known_on"))), kind.table, known_on)
    shape = pa.schema([(each, types[each]) for each in (*columns, "known_on")])
    with warehouse.reading() as connection:
        return arrow(connection, wanted, shape).sort_by([(part, "ascending") for part in kind.key])


def _whole(value: Any) -> Any:
    """PostgreSQL sums whole numbers into decimals."""
    return int(value) if isinstance(value, Decimal) else value
