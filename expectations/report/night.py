"""One night as an auditor is told of it: counts, sums, codes and opaque numbers. No person, no delivered value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

Row = Mapping[str, Any]
NIGHTS_IN_REPORT = 30  # how far its trends look back


@dataclass(frozen=True)
class AuditedNight:
    """What the pack's page is made of, as that night knew it.

    `loads` and `quality`: FEED_LOADS and QUALITY of the last nights, with run_id and business_date. `reconciled`: every
    delivery up to that night. `told`: counts by name, rows of the columns that were counted by, with `count`.
    `ran_with`: what the night worked with; empty of nights that did not keep it. `receipts`: every verdict that held.
    """

    site_name: str
    business_date: date
    run: Row
    loads: pa.Table
    quality: pa.Table
    funnel: Mapping[str, int]
    reconciled: pa.Table
    told: Mapping[str, Sequence[Row]]
    ran_with: Mapping[str, Any]
    receipts: pa.Table
    coverage: Sequence[Row] | None = None
    rows: Mapping[str, int] = field(default_factory=dict)  # table → how many rows it has
    fingerprint: str = ""  # of the key that signs the pack

    @property
    def headers(self) -> dict[str, dict[str, str]]:
        """Of each feed the header of each column as the site had mapped it."""
        return {feed: source["headers"] for feed, source in self.ran_with.get("feeds", {}).items()}

    def policy(self, policy_id: str) -> Mapping[str, Any]:
        """What the night kept of a policy; empty where it kept nothing."""
        found = (each for each in self.ran_with.get("policies", []) if each["policy_id"] == policy_id)
        return next(found, {})
