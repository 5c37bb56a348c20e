"""How long a feed has been silent, on a night on which it delivered nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pyarrow as pa

from expectations.checks import Outcome, delivery_check, quality_table
from transforms.feeds import FeedContract


@dataclass(frozen=True)
class FeedState:
    """`missing`: it never delivered. `stale`: its last delivery is too old. `quiet`: nothing new, and in time.

    `days_silent` is null for a feed that never delivered; `quality` is one row of QUALITY.
    """

    status: Literal["missing", "stale", "quiet"]
    days_silent: int | None
    quality: pa.Table


def feed_state(
    contract: FeedContract, *, last_delivered_on: date | None, max_age_days: int, business_date: date
) -> FeedState:
    """Where a feed stands that delivered nothing tonight; a delivery dated ahead counts as in time."""
    days = None if last_delivered_on is None else max((business_date - last_delivered_on).days, 0)
    status: Literal["missing", "stale", "quiet"] = (
        "missing" if days is None else "stale" if days > max_age_days else "quiet"
    )
    found = Outcome(delivery_check(contract, "freshness"), 1, 0 if status == "quiet" else 1)
    return FeedState(status, days, quality_table([found], delivery="", delivery_id=""))
