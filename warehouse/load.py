"""Publishing a night: its tables are staged aside, then one transaction makes everything visible, or
nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import pyarrow as pa
from sqlalchemy import Connection, TableClause, insert
from sqlalchemy.exc import IntegrityError

from warehouse.aligned import Delta, Prepared, prepare
from warehouse.database import Warehouse
from warehouse.history import Changes, append, take_over
from warehouse.outbox import write_outbox
from warehouse.runs import Run, finish, hold, latest_published_in
from warehouse.staging import staged
from warehouse.tables import snapshots

_GONE = "_vanished"


class NightOutOfOrder(ValueError):
    """A night older than one that is published: what was known then cannot be rewritten."""

    def __init__(self, business_date: date, latest: date) -> None:
        super().__init__(f"{business_date} cannot be published after {latest}: nights go oldest first")
        self.business_date = business_date
        self.latest = latest


class NightRefused(ValueError):
    """The database refused the night's rows; carries the name of the rule it names, and no row."""


@dataclass(frozen=True)
class Published:
    """What a night changed: versions written and closed by table, and how many alerts are to be told."""

    changes: dict[str, Changes]
    told: int


@dataclass(frozen=True)
class _End:
    """What is written of the run itself when its night is published."""

    snapshot: str
    now: datetime
    status: str


def publish(
    warehouse: Warehouse,
    run: Run,
    tables: Mapping[str, pa.Table | Delta],
    *,
    snapshot: str,
    now: datetime,
    status: Literal["done", "done_with_gaps"] = "done",
) -> Published:
    """Make a night visible at once: versions, loads, alerts, outbox, snapshot pointer, run status; the site
    is free.

    `tables` is keyed as in catalog.py. A plain table is the whole new state (a key not in it is closed), a
    `Delta` only what changed; a table that is not named stays as it is. `snapshot` is where the lake keeps
    the state. TablesUnfit, KeysLost, NightOutOfOrder or NightRefused for what cannot be published; Fenced if
    taken over.
    """
    night, end = prepare(tables), _End(snapshot, now, status)
    with staged(warehouse, run.token, _to_stage(night)) as (connection, clauses):
        try:
            return _commit(connection, run, night, clauses, end)
        except IntegrityError as error:
            raise NightRefused(_rule(error)) from None  # the database's own words quote the row


def _commit(
    connection: Connection,
    run: Run,
    night: list[Prepared],
    clauses: Mapping[str, TableClause],
    end: _End,
) -> Published:
    hold(connection, run)
    _refuse_older(connection, run.business_date)
    changes = {table.kept.name: _write(connection, run, table, clauses) for table in night}
    told = write_outbox(connection, run)
    pointer = {"business_date": run.business_date, "run_id": run.run_id, "location": end.snapshot}
    connection.execute(insert(snapshots).values(**pointer))
    finish(connection, run, status=end.status, now=end.now)
    return Published(changes, told)


def _write(connection: Connection, run: Run, table: Prepared, clauses: Mapping[str, TableClause]) -> Changes:
    rows, gone = clauses[table.kept.name], clauses.get(table.kept.name + _GONE)
    if not table.kept.is_versioned:
        return append(connection, table.kept, rows, run_id=run.run_id)
    return take_over(
        connection,
        table.kept,
        rows,
        gone,
        is_full=table.is_full,
        known_on=run.business_date,
        run_id=run.run_id,
    )


def _to_stage(night: list[Prepared]) -> dict[str, pa.Table]:
    rows = {table.kept.name: table.rows for table in night}
    gone = {table.kept.name + _GONE: table.vanished for table in night if table.vanished is not None}
    return {**rows, **gone}


def _refuse_older(connection: Connection, business_date: date) -> None:
    latest = latest_published_in(connection)
    if latest is not None and latest >= business_date:
        raise NightOutOfOrder(business_date, latest)


def _rule(error: IntegrityError) -> str:
    diagnosis = getattr(error.orig, "diag", None)
    rule = diagnosis.constraint_name if diagnosis else str(error.orig)
    return f"the database refuses the night by its rule {rule}"
