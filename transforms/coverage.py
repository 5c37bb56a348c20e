"""What each feed covers up to a night: verdicts lean on it, because silence proves nothing.

Derived from what was delivered: when it came first and last, and how many records of which months and places it has
shown. Declared by its agency, in site.toml: which places and dates it covers. The declaration is believed as far as
the deliveries do not contradict it: a month without a record, where others have some, is a hole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transforms.schemas import COVERAGE, SEEN
from transforms.sql import ask

# The event by which "covers from" is measured, for the feeds whose silence a verdict may lean on.
EVENT_DATE = {"births": "birth_date", "adoptions": "registered_on"}
# The day and the place that a record of each feed speaks of; None where its records name none.
SPEAKS_OF: dict[str, tuple[str | None, str | None]] = {
    "household_register": (None, "division_code"),
    "only_child_certificates": ("issued_on", "village_code"),
    "births": ("birth_date", None),
    "marriages": ("op_date", "dept_code"),
    "adoptions": ("registered_on", None),
    "death_certificates": ("died_at", "hukou_code"),
    "cremations": ("cremated_on", None),
    "disability_certificates": ("assessed_on", None),
    "medical_settlements": ("setl_time", None),
    "care_insurance_claims": ("admitted_on", None),
    "low_income": ("valid_from", None),
}
_SETTLING_DAYS = 62  # the last two months are still being reported: an empty one is no hole yet
_WORST_FIRST = ("failed", "blocked", "missing", "stale", "loaded")


@dataclass(frozen=True)
class Declared:
    """What an agency says that its feed covers. places: division codes or their beginnings, none = not stated.

    first, last: days of events, both included; None: without that limit.
    """

    places: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None


def coverage(
    earlier: pa.Table | None,
    loads: pa.Table,
    states: Mapping[str, pa.Table],
    *,
    max_age_days: Mapping[str, int],
    business_date: date,
    declared: Mapping[str, Declared] | None = None,
    seen: pa.Table | None = None,
    usual_records: Mapping[str, int] | None = None,
) -> pa.Table:
    """COVERAGE of the configured feeds (the keys of `max_age_days`).

    `earlier` is the last night's, `loads` (FEED_LOADS) tonight's, `states` the record states. A feed is fresh when
    its last loaded delivery is not older than its days and none is blocked tonight. What is `declared` is held against
    `seen` (SEEN): an empty month is a hole where a month of the feed usually has `usual_records`.
    """
    before = {row["feed"]: row for row in earlier.to_pylist()} if earlier is not None else {}
    tonight = loads.to_pylist()
    rows = []
    for feed, days in max_age_days.items():
        own = [load for load in tonight if load["feed"] == feed]
        row = _row(feed, before.get(feed, {}), own, states.get(feed), days, business_date)
        said = (declared or {}).get(feed)
        usual = (usual_records or {}).get(feed, 1)
        rows.append(row | (_declared(feed, said, seen, row["last_delivered_on"], usual) if said else {}))
    return pa.Table.from_pylist(rows, schema=COVERAGE)


def _row(
    feed: str,
    before: Mapping[str, Any],
    loads: list[dict[str, Any]],
    state: pa.Table | None,
    max_age_days: int,
    business_date: date,
) -> dict[str, Any]:
    known = [before.get("first_delivered_on"), before.get("last_delivered_on")]
    days = [day for day in known if day] + [load["delivered_on"] for load in loads if load["status"] == "loaded"]
    last, status = max(days, default=None), worst_status(load["status"] for load in loads)
    return {
        "feed": feed,
        "is_configured": True,
        "is_delivered": last is not None,
        "is_fresh": last is not None and (business_date - last).days <= max_age_days and status != "blocked",
        "first_delivered_on": min(days, default=None),
        "last_delivered_on": last,
        "covers_from": None if state is None or feed not in EVENT_DATE else pc.min(state[EVENT_DATE[feed]]).as_py(),
        "load_status": status,
    }


def worst_status(statuses: Iterable[str]) -> str:
    """The worst of a feed's load statuses tonight; `quiet` where nothing was due."""
    seen = set(statuses)
    return next((status for status in _WORST_FIRST if status in seen), "quiet")


# -- what was seen ------------------------------------------------------------------------------------------------


def columns_counted(feed: str) -> tuple[str, ...]:
    """The columns of a record state that `records_seen` reads."""
    return (*(name for name in SPEAKS_OF[feed] if name), "_status")


def records_seen(feed: str, state: pa.Table) -> pa.Table:
    """SEEN of one feed: the records that stand, counted by month of their event and by county as delivered."""
    day, place = SPEAKS_OF[feed]
    month = f"CAST(date_trunc('month', {day}) AS DATE)" if day else "CAST(NULL AS DATE)"
    county = f"coalesce(left({place}, 6), '')" if place else "''"
    sql = f"""SELECT '{feed}' AS feed, {month} AS month, {county} AS place, count(*) AS records
        FROM state WHERE _status = 'active' GROUP BY ALL ORDER BY month, place"""  # noqa: S608  # names of ours
    return ask(sql, SEEN, state=state.select(columns_counted(feed)))


# -- what was declared, held against it ---------------------------------------------------------------------------


def _declared(
    feed: str, said: Declared, seen: pa.Table | None, last_delivered_on: date | None, usual_records: int
) -> dict[str, Any]:
    shown = seen.filter(pc.equal(seen["feed"], feed)) if seen is not None else SEEN.empty_table()
    return {
        "declared_from": said.first,
        "declared_until": said.last,
        "places": " ".join(said.places) or None,
        "holes": " ".join(holes(shown, said, last_delivered_on, usual_records)) or None,
        "unseen_places": " ".join(_unseen(feed, shown, said)) or None,
    }


def holes(shown: pa.Table, said: Declared, last_delivered_on: date | None, usual_records: int) -> list[str]:
    """Months (2014-03) of the declared time in which a feed shows no record, though a month usually has some.

    shown: SEEN of the feed. Usual is the median of its months that have records.
    """
    if last_delivered_on is None or shown.num_rows == 0:
        return []
    end = min(filter(None, (said.last, date.fromordinal(last_delivered_on.toordinal() - _SETTLING_DAYS))))
    first = f"DATE '{said.first}'" if said.first else "(SELECT min(month) FROM months)"
    sql = f"""
        WITH months AS (SELECT month, sum(records) AS records FROM shown WHERE month IS NOT NULL GROUP BY month),
        due AS (
            SELECT unnest(generate_series(date_trunc('month', {first} + INTERVAL 1 MONTH - INTERVAL 1 DAY),
                                          DATE '{end}' - INTERVAL 1 MONTH, INTERVAL 1 MONTH)) AS month)
        SELECT strftime(due.month, '%Y-%m') AS month
        FROM due ANTI JOIN months ON months.month = due.month
        WHERE (SELECT median(records) FROM months) >= {usual_records} ORDER BY due.month"""  # noqa: S608
    months: list[str] = ask(sql, None, shown=shown)["month"].to_pylist()
    return months


def _unseen(feed: str, shown: pa.Table, said: Declared) -> list[str]:
    """Declared places of which no record speaks, in a feed whose records name places."""
    if SPEAKS_OF[feed][1] is None or shown.num_rows == 0:
        return []
    places = [place for place in shown["place"].unique().to_pylist() if place]
    return [each for each in said.places if not any(place.startswith(each[:6]) for place in places)]


def in_todays_columns(table: pa.Table) -> pa.Table:
    """COVERAGE that an earlier version has kept, with nulls for what it did not know."""
    blank = [field for field in COVERAGE if field.name not in table.column_names]
    for field in blank:
        table = table.append_column(field, pa.nulls(table.num_rows, field.type))
    return table.select(COVERAGE.names)


def feeds_declared(table: pa.Table) -> list[str]:
    """The feeds of COVERAGE whose agencies declare what they cover."""
    return [row["feed"] for row in table.to_pylist() if row["places"] or row["declared_from"] or row["declared_until"]
            or row["holes"]]  # fmt: skip
