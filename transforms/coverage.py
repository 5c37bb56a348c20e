"""What each feed has shown up to a night: verdicts lean on it, because silence proves nothing."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transforms.schemas import COVERAGE

# The event by which "covers from" is measured, for the feeds whose silence a verdict may lean on.
EVENT_DATE = {"births": "birth_date", "adoptions": "registered_on"}
_WORST_FIRST = ("failed", "blocked", "missing", "stale", "loaded")


def coverage(
    earlier: pa.Table | None,
    loads: pa.Table,
    states: Mapping[str, pa.Table],
    *,
    max_age_days: Mapping[str, int],
    business_date: date,
) -> pa.Table:
    """COVERAGE of the configured feeds (the keys of `max_age_days`).

    `earlier` is the last night's, `loads` (FEED_LOADS) tonight's, `states` the record states. A feed is fresh when
    its last loaded delivery is not older than its days and none is blocked tonight.
    """
    before = {row["feed"]: row for row in earlier.to_pylist()} if earlier is not None else {}
    tonight = loads.to_pylist()
    rows = []
    for feed, days in max_age_days.items():
        own = [load for load in tonight if load["feed"] == feed]
        rows.append(_row(feed, before.get(feed, {}), own, states.get(feed), days, business_date))
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
