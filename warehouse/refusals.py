"""Refused rows with what has become of them, and deliveries of which nothing was taken: what people work from."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, or_, select

from warehouse.database import Warehouse
from warehouse.reads import arrow
from warehouse.tables import feed_loads, quarantine, quarantine_states, runs

DAY, TEXT = pa.date32(), pa.string()
REFUSALS = pa.schema(
    [
        ("quarantine_id", TEXT),
        ("feed", TEXT),
        ("delivery", TEXT),
        ("delivery_id", TEXT),
        ("delivered_on", DAY),
        ("mode", TEXT),  # of the delivery
        ("row_number", pa.int64()),
        ("record_key", TEXT),
        ("reason_code", TEXT),
        ("column_name", TEXT),
        ("refused_on", DAY),  # the business date of the night that refused it
        ("status", TEXT),
        ("why", TEXT),  # null: open as on its first day
        ("decision_id", TEXT),
        ("decisions", pa.int64()),  # how many decisions on it a night has acted on
        ("by_delivery_id", TEXT),
        ("since", DAY),  # the business date from which it stands so
    ]
)
_AT_ONCE = 500


def quarantine_id_of(delivery_id: str, row_number: int) -> str:
    """The opaque id of a refused row, a function of its delivery and its place in it."""
    return f"Q{delivery_id[1:]}-{row_number}"


def place_of(quarantine_id: str) -> tuple[str, int] | None:
    """Delivery and row number of a refused row's id; None for what is no such id."""
    digits, _, number = quarantine_id[1:].partition("-")
    is_one = quarantine_id.startswith("Q") and digits and number.isascii() and number.isdigit() and len(number) < 12
    return (f"D{digits}", int(number)) if is_one else None


def refusals(warehouse: Warehouse, *, status: str | None = None, known_on: date | None = None) -> pa.Table:
    """REFUSALS, oldest first, as they stand now or stood on a business date; of one status where it is named."""
    wanted = _wanted(known_on)
    if status is not None:
        wanted = wanted.where(_status() == status)
    with warehouse.reading() as connection:
        return arrow(connection, wanted, REFUSALS)


def refusals_named(warehouse: Warehouse, places: Sequence[tuple[str, int]]) -> pa.Table:
    """REFUSALS of these deliveries' rows; what was never refused is not in it."""
    parts = [places[start : start + _AT_ONCE] for start in range(0, len(places), _AT_ONCE)]
    with warehouse.reading() as connection:
        found = [arrow(connection, _wanted(None).where(or_(*map(_at, part))), REFUSALS) for part in parts]
    return pa.concat_tables([REFUSALS.empty_table(), *found])


def keys_refused(warehouse: Warehouse, delivery_id: str) -> pa.Array:
    """The record keys of the rows that were refused of a delivery, where they had one."""
    q = quarantine.c
    wanted = select(q.record_key).where(q.delivery_id == delivery_id, q.record_key != "")
    with warehouse.reading() as connection:
        return pa.array(connection.scalars(wanted).all(), pa.string())


def latest_full(warehouse: Warehouse, feed: str) -> dict[str, Any] | None:
    """The load of a feed's latest full delivery: delivery_id, delivery, mode, delivered_on; None without any."""
    load = feed_loads.c
    wanted = select(load.delivery_id, load.delivery, load.mode, load.delivered_on).where(
        load.feed == feed, load.mode == "full", load.status == "loaded", load.reason_code == ""
    )
    with warehouse.reading() as connection:
        row = connection.execute(wanted.order_by(load.delivered_on.desc(), load.delivery.desc()).limit(1)).mappings()
        return next((dict(each) for each in row), None)


def blocked_deliveries(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Deliveries of which nothing was ever taken, by their latest load, with `since`, the night that refused it first.

    One that its agency has replaced is none of them: by other bytes of that name, or by a full delivery since.
    """
    load = feed_loads.c
    wanted = select(feed_loads, runs.c.business_date).join(runs, runs.c.run_id == load.run_id)
    with warehouse.reading() as connection:
        whole = wanted.where(load.delivery_id != "", load.mode != "replay").order_by(load.entry_id)
        found = [dict(row) for row in connection.execute(whole).mappings()]
    latest = {(row["feed"], row["delivery"]): row for row in found}  # under one name the last bytes stand
    fulls = [row for row in found if row["status"] == "loaded" and row["mode"] == "full"]
    first: dict[str, date] = {}
    for row in found:
        first.setdefault(row["delivery_id"], row["business_date"])
    taken = {row["delivery_id"] for row in found if row["status"] == "loaded"}
    open_ones = [row for row in latest.values() if row["delivery_id"] not in taken]
    return [row | {"since": first[row["delivery_id"]]} for row in open_ones if not _outdone(row, fulls)]


def _outdone(row: dict[str, Any], fulls: list[dict[str, Any]]) -> bool:
    """Whether a full delivery of the same day or a later one has been taken: it has every row there is."""
    return any(each["feed"] == row["feed"] and each["delivered_on"] >= row["delivered_on"] for each in fulls)


def _wanted(known_on: date | None) -> Select[Any]:
    q, s, load = quarantine.c, quarantine_states.c, feed_loads.c
    holds = (
        s.superseded_on.is_(None)
        if known_on is None
        else and_(s.known_on <= known_on, or_(s.superseded_on.is_(None), s.superseded_on > known_on))
    )
    own_state = and_(s.delivery_id == q.delivery_id, s.row_number == q.row_number, holds)
    own_load = and_(load.run_id == q.run_id, load.feed == q.feed, load.delivery == q.delivery)
    wanted = (
        select(
            ("Q" + func.substr(q.delivery_id, 2) + "-" + cast(q.row_number, Text)).label("quarantine_id"),
            q.feed,
            q.delivery,
            q.delivery_id,
            load.delivered_on,
            load.mode,
            q.row_number,
            q.record_key,
            func.coalesce(s.reason_code, q.reason_code),
            func.coalesce(s.column_name, q.column_name),
            runs.c.business_date,
            _status(),
            s.why,
            s.decision_id,
            func.coalesce(s.decisions, 0),
            s.by_delivery_id,
            func.coalesce(s.known_on, runs.c.business_date),
        )
        .join(runs, runs.c.run_id == q.run_id)
        .join(feed_loads, own_load)
        .join(quarantine_states, own_state, isouter=True)
        .where(q.delivery_id.is_not(None), q.row_number.is_not(None))
    )
    if known_on is not None:
        wanted = wanted.where(runs.c.business_date <= known_on)
    return wanted.order_by(quarantine.c.entry_id)


def _status() -> ColumnElement[str]:
    return func.coalesce(quarantine_states.c.status, quarantine.c.status)


def _at(place: tuple[str, int]) -> ColumnElement[bool]:
    return and_(quarantine.c.delivery_id == place[0], quarantine.c.row_number == place[1])
