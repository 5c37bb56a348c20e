"""What is known, what was known on an earlier date, and what has been delivered: the warehouse's answers.

Tables come back in the shape of transforms/schemas.py. One row about one thing comes back as a dict of its
columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Column, Connection, Select, Table, distinct, func, or_, select

from warehouse.catalog import KEPT, Kept, kept
from warehouse.database import Warehouse
from warehouse.runs import PUBLISHED
from warehouse.tables import alerts, feed_loads, outbox, record_links, review_pairs, runs, snapshots

Row = dict[str, Any]


@dataclass(frozen=True)
class FeedHistory:
    """The last nights as the agencies see them, oldest first: FEED_LOADS and QUALITY, each row under run_id
    and business_date (which precede the schema's columns)."""

    loads: pa.Table
    quality: pa.Table


@dataclass(frozen=True)
class RunSummary:
    """One night in counts. `feeds` are its feed loads; `alerts` counts by kind those raised that night."""

    run_id: str
    business_date: date
    status: str
    started_at: datetime
    finished_at: datetime | None
    feeds: list[Row]
    alerts: dict[str, int]
    told: int
    review_open: int
    counts: dict[str, int]  # current rows by table


def latest_snapshot(warehouse: Warehouse, *, until: date | None = None) -> str | None:
    """Where in the lake the newest published state lies, or the newest up to a date; None before the first
    night."""
    wanted = select(snapshots.c.location).order_by(snapshots.c.business_date.desc()).limit(1)
    if until is not None:
        wanted = wanted.where(snapshots.c.business_date <= until)
    with warehouse.reading() as connection:
        location: str | None = connection.scalar(wanted)
    return location


def latest_night(warehouse: Warehouse, *, until: date | None = None) -> date | None:
    """The business date of the newest published state, or of the newest up to a date; None before the first night."""
    wanted = select(func.max(snapshots.c.business_date))
    if until is not None:
        wanted = wanted.where(snapshots.c.business_date <= until)
    with warehouse.reading() as connection:
        night: date | None = connection.scalar(wanted)
    return night


def current(warehouse: Warehouse, name: str, *, known_on: date | None = None) -> pa.Table:
    """A table as it is known, or as it was on a business date (`known_on`), keyed as in catalog.py.

    For a table that only grows: everything it has got so far, or had by that date.
    """
    kind = kept(name)
    with warehouse.reading() as connection:
        return arrow(connection, _known(kind, known_on), _shape(kind))


def loaded_deliveries(warehouse: Warehouse) -> pa.Table:
    """Every delivery that a published night has seen, oldest first: run_id, business_date and feed_loads'
    columns (delivery_id, sha256, source_fingerprint, status, …). Feeds that delivered nothing are not in
    it."""
    wanted = _with_date(KEPT["feed_loads"]).where(feed_loads.c.delivery != "")
    with warehouse.reading() as connection:
        return arrow(connection, wanted.order_by(feed_loads.c.entry_id), _dated(KEPT["feed_loads"]))


def known_deliveries(warehouse: Warehouse) -> list[Row]:
    """Every delivery that a published night has seen, oldest first: its `feed`, `delivery` (the file's name),
    `delivery_id` (its content), `delivered_on`, `status`, `source_fingerprint` and `rows_read`; not the rows of it that
    were let in afterwards."""
    load = feed_loads.c
    wanted = select(
        load.feed, load.delivery, load.delivery_id, load.delivered_on, load.status, load.source_fingerprint,
        load.rows_read,
    )  # fmt: skip
    with warehouse.reading() as connection:
        whole = wanted.where(load.delivery_id != "", load.mode != "replay")
        return _rows(connection, whole.order_by(load.entry_id))


def watermark(warehouse: Warehouse, feed: str, source_fingerprint: str) -> str | None:
    """How far the last loaded pull of a feed came that was asked in this way; None where the next begins from the
    beginning. Nights that were blocked or failed have moved nothing."""
    load = feed_loads.c
    came = select(load.watermark).where(load.feed == feed, load.status == "loaded", load.watermark.is_not(None))
    latest = came.where(load.source_fingerprint == source_fingerprint).order_by(load.entry_id.desc()).limit(1)
    with warehouse.reading() as connection:
        found: str | None = connection.scalar(latest)
    return found


def volumes(warehouse: Warehouse, feed: str, mode: str, n: int = 14) -> list[int]:
    """rows_read of the last `n` loaded deliveries of a feed in that mode, newest first."""
    load = feed_loads.c
    wanted = select(load.rows_read).where(load.feed == feed, load.mode == mode, load.status == "loaded")
    newest = wanted.order_by(load.delivered_on.desc(), load.entry_id.desc()).limit(n)
    with warehouse.reading() as connection:
        return list(connection.scalars(newest))


def volumes_by_day(warehouse: Warehouse, feed: str, mode: str, n: int = 60) -> list[tuple[date, int]]:
    """delivered_on and rows_read of the last `n` loaded deliveries of a feed in that mode, newest first."""
    load = feed_loads.c
    wanted = select(load.delivered_on, load.rows_read)
    wanted = wanted.where(load.feed == feed, load.mode == mode, load.status == "loaded")
    newest = wanted.order_by(load.delivered_on.desc(), load.entry_id.desc()).limit(n)
    with warehouse.reading() as connection:
        return [(day, rows) for day, rows in connection.execute(newest)]


def last_delivered(warehouse: Warehouse, feed: str) -> date | None:
    """The newest delivery date of a feed's loaded deliveries; None if it has never delivered."""
    load = feed_loads.c
    wanted = select(func.max(load.delivered_on)).where(load.feed == feed, load.status == "loaded")
    with warehouse.reading() as connection:
        latest: date | None = connection.scalar(wanted)
    return latest


def delivery(warehouse: Warehouse, delivery_id: str) -> Row | None:
    """The load by which a delivery came in (file name, SHA-256, counts): the loaded one, else the latest."""
    load = feed_loads.c
    wanted = select(feed_loads).where(load.delivery_id == delivery_id, load.mode != "replay")
    return _row(warehouse, wanted.order_by((load.status == "loaded").desc(), load.entry_id.desc()).limit(1))


def feed_history(warehouse: Warehouse, nights: int, *, until: date | None = None) -> FeedHistory:
    """Loads and checks of the last published nights (up to a date), for the quality report."""
    with warehouse.reading() as connection:
        dates = _last_nights(connection, nights, until)
        return FeedHistory(_nights(connection, KEPT["feed_loads"], dates), _nights(connection, KEPT["quality"], dates))


def run_summary(warehouse: Warehouse, business_date: date) -> RunSummary | None:
    """A night in counts; None if it was never run."""
    with warehouse.reading() as connection:
        run = connection.execute(select(runs).filter_by(business_date=business_date)).mappings().one_or_none()
        if run is None:
            return None
        return RunSummary(
            run["run_id"],
            business_date,
            run["status"],
            run["started_at"],
            run["finished_at"],
            feeds=_rows(connection, select(feed_loads).filter_by(run_id=run["run_id"])),
            alerts=_alerts_raised(connection, business_date),
            told=_count(connection, select(outbox).filter_by(written_on=business_date)),
            review_open=_count(connection, as_known(select(review_pairs), review_pairs, business_date)),
            counts={k.name: _count(connection, _known(k, business_date)) for k in KEPT.values() if k.key},
        )


def alert(warehouse: Warehouse, alert_id: str, *, known_on: date | None = None) -> Row | None:
    """The version of an alert that holds now, or held on a business date; None if there is none of that number."""
    return _row(warehouse, as_known(select(alerts).where(alerts.c.alert_id == alert_id), alerts, known_on))


def latest_alert(warehouse: Warehouse, *, known_on: date | None = None) -> Row | None:
    """The live alert that was raised last, one that is told before one that waits for a clerk; None without any.

    With `known_on` as it was on that business date.
    """
    a = alerts.c
    wanted = as_known(select(alerts).where(a.status == "live"), alerts, known_on)
    return _row(warehouse, wanted.order_by(a.needs_review, a.raised_on.desc(), a.alert_id).limit(1))


def rows_of(
    warehouse: Warehouse, name: str, column: str, values: Sequence[str], *, known_on: date | None = None
) -> list[Row]:
    """Rows of a kept table whose `column` is one of `values`, as known now or on a date; in the key's order.

    What an explanation follows its thread with: determinations by determination_id, life_events and links by
    person_id, households by household_id.
    """
    kind = kept(name)
    table = kind.table
    wanted = as_known(select(table), table, known_on) if kind.is_versioned else select(table)
    chosen = wanted.where(table.c[kind.column_of(column)].in_(list(values)))
    with warehouse.reading() as connection:
        return _rows(connection, chosen.order_by(*(table.c[part] for part in kind.key or ("entry_id",))))


def versions_of(warehouse: Warehouse, name: str, key: Sequence[str]) -> list[Row]:
    """Every version of one thing, oldest first, with `known_on` and `superseded_on`: what we knew, and
    when."""
    kind = kept(name)
    wanted = select(kind.table).where(*(kind.table.c[c] == v for c, v in zip(kind.key, key, strict=True)))
    with warehouse.reading() as connection:
        return _rows(connection, wanted.order_by(kind.table.c.known_on))


def persons_linked(warehouse: Warehouse) -> int:
    """How many persons the current links make out."""
    wanted = select(func.count(distinct(record_links.c.person_id))).where(record_links.c.superseded_on.is_(None))
    with warehouse.reading() as connection:
        return connection.scalar(wanted) or 0


def _known(kind: Kept, known_on: date | None) -> Select[Any]:
    wanted = select(*_columns(kind))
    if kind.is_versioned:
        return as_known(wanted, kind.table, known_on).order_by(*(kind.table.c[part] for part in kind.key))
    if known_on is not None:
        wanted = wanted.join(runs, runs.c.run_id == kind.table.c.run_id).where(runs.c.business_date <= known_on)
    return wanted.order_by(kind.table.c.entry_id)


def as_known(wanted: Select[Any], table: Table, known_on: date | None) -> Select[Any]:
    """Only the versions that hold now, or that held on a business date."""
    ended = table.c.superseded_on
    if known_on is None:
        return wanted.where(ended.is_(None))
    return wanted.where(table.c.known_on <= known_on, or_(ended.is_(None), ended > known_on))


def _shape(kind: Kept) -> pa.Schema:
    """The Arrow schema of a kept table, then what the warehouse holds beyond it (as text)."""
    own = [each for each in kind.schema if each.name not in kind.left_in_lake]
    known = {kind.column_of(each.name) for each in own}
    return pa.schema(own + [pa.field(name, pa.string()) for name in kind.columns if name not in known])


def _columns(kind: Kept) -> list[Column[Any]]:
    """The columns behind `_shape`, in its order."""
    return [kind.table.c[kind.column_of(name)] for name in _shape(kind).names]


def _dated(kind: Kept) -> pa.Schema:
    return pa.schema([pa.field("run_id", pa.string()), pa.field("business_date", pa.date32()), *_shape(kind)])


def _with_date(kind: Kept) -> Select[Any]:
    wanted = select(kind.table.c.run_id, runs.c.business_date, *_columns(kind))
    return wanted.join(runs, runs.c.run_id == kind.table.c.run_id)


def _last_nights(connection: Connection, nights: int, until: date | None) -> list[date]:
    wanted = select(runs.c.business_date).where(runs.c.status.in_(PUBLISHED))
    if until is not None:
        wanted = wanted.where(runs.c.business_date <= until)
    return list(connection.scalars(wanted.order_by(runs.c.business_date.desc()).limit(nights)))


def _nights(connection: Connection, kind: Kept, dates: Sequence[date]) -> pa.Table:
    wanted = _with_date(kind).where(runs.c.business_date.in_(dates))
    return arrow(connection, wanted.order_by(runs.c.business_date, kind.table.c.entry_id), _dated(kind))


def _alerts_raised(connection: Connection, business_date: date) -> dict[str, int]:
    raised = select(alerts.c.alert_kind, func.count()).where(alerts.c.raised_on == business_date)
    known = as_known(raised, alerts, business_date).group_by(alerts.c.alert_kind)
    return {kind: count for kind, count in connection.execute(known.order_by(alerts.c.alert_kind))}


def _count(connection: Connection, wanted: Select[Any]) -> int:
    return connection.scalar(select(func.count()).select_from(wanted.order_by(None).subquery())) or 0


def _rows(connection: Connection, wanted: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(wanted).mappings()]


def _row(warehouse: Warehouse, wanted: Select[Any]) -> Row | None:
    with warehouse.reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    return None if row is None else dict(row)


def arrow(connection: Connection, wanted: Select[Any], shape: pa.Schema) -> pa.Table:
    """Rows into columns. Flags are 0 and 1 in the warehouse and come back as false and true."""
    columns = list(zip(*connection.execute(wanted), strict=True)) or [()] * len(shape)
    arrays = [_array(values, each.type) for values, each in zip(columns, shape, strict=True)]
    return pa.table(arrays, schema=shape)


def _array(values: Sequence[Any], arrow_type: pa.DataType) -> pa.Array:
    if pa.types.is_boolean(arrow_type):
        return pa.array(values, pa.int8()).cast(arrow_type)
    return pa.array(values, arrow_type)
