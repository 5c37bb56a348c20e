"""What the page shows: each feed's night, and each of its checks over the nights. Counts and codes only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pyarrow as pa

from expectations.catalogue import checks_of
from expectations.checks import Check
from expectations.sentences import reason_sentence, sentence
from transforms.feeds import FEEDS, FeedContract, load_contract
from transforms.feeds.contract import Label

Row = Mapping[str, Any]
State = Literal["passed", "failed", "not_run"]
_WORST_FIRST = ("failed", "blocked", "missing", "stale", "loaded")
ROW_COUNTS = ("rows_read", "rows_accepted", "rows_unchanged", "rows_quarantined")


@dataclass(frozen=True)
class CheckNight:
    """One check tonight, and its share of failures on each night of the report (null: not run)."""

    check: Check
    meaning: Label
    column: str
    state: State
    rows_checked: int
    rows_failed: int
    shares: tuple[float | None, ...]

    @property
    def share(self) -> float:
        """Failures among what was looked at, 0 to 1."""
        return self.rows_failed / self.rows_checked if self.rows_checked else 0.0


@dataclass(frozen=True)
class FeedNight:
    """One feed tonight. status: loaded, blocked, stale, missing, failed, or quiet (nothing new, and in time)."""

    contract: FeedContract
    status: str
    deliveries: tuple[str, ...]
    last_delivered_on: date | None
    counts: Mapping[str, int]
    reasons: tuple[Label, ...]
    checks: tuple[CheckNight, ...]

    @property
    def is_trouble(self) -> bool:
        """Somebody has to move before this feed is whole again."""
        return self.status not in ("loaded", "quiet")

    @property
    def is_checked(self) -> bool:
        """Whether any row or cell was looked at tonight; that a feed is on time says nothing about its rows."""
        return any(check.state != "not_run" and check.check.rule != "freshness" for check in self.checks)

    def in_state(self, state: State) -> list[CheckNight]:
        """Its checks in that state; failed ones with the gravest and largest first."""
        chosen = [check for check in self.checks if check.state == state]
        return sorted(chosen, key=_gravity) if state == "failed" else chosen


def nights_of(tables: Iterable[pa.Table], business_date: date) -> tuple[date, ...]:
    """The nights the report can look back on, oldest first; always ends with tonight."""
    seen = {_day(day) for table in tables for day in table["business_date"].unique().to_pylist()}
    return tuple(sorted({day for day in seen if day and day <= business_date} | {business_date}))


def feed_nights(loads: pa.Table, quality: pa.Table, business_date: date) -> list[FeedNight]:
    """Every feed that the history knows: those in trouble first, then in the order of the contracts."""
    nights = nights_of((loads, quality), business_date)
    loads_of, quality_of = _by_feed(loads), _by_feed(quality)
    feeds = [feed for feed in FEEDS if feed in loads_of or feed in quality_of]
    found = [_feed_night(load_contract(feed), loads_of[feed], quality_of[feed], nights) for feed in feeds]
    return sorted(found, key=lambda feed: _rank(feed.status))


def _feed_night(contract: FeedContract, loads: list[Row], quality: list[Row], nights: tuple[date, ...]) -> FeedNight:
    past = [row for row in loads if (_day(row["business_date"]) or nights[-1]) <= nights[-1]]
    tonight = [row for row in past if _day(row["business_date"]) == nights[-1]]
    statuses = {str(row["status"]) for row in tonight}
    status = next((status for status in _WORST_FIRST if status in statuses), "quiet")
    counts = {name: sum(int(row[name] or 0) for row in tonight) for name in ROW_COUNTS}
    taken = [_day(row["delivered_on"]) for row in past if row["status"] == "loaded"]
    return FeedNight(
        contract,
        status,
        tuple(str(row["delivery"]) for row in tonight if row["delivery"]),
        max((day for day in taken if day), default=None),
        counts,
        tuple(_reason(contract.feed, row) for row in tonight if row["status"] != "loaded"),
        tuple(_asked(_check_nights(contract, quality, nights), was_delivered=any(row["delivery"] for row in tonight))),
    )


def _asked(checks: list[CheckNight], was_delivered: bool) -> list[CheckNight]:
    """Without the question how long a feed has been silent on a night on which it spoke."""
    return [night for night in checks if not (was_delivered and night.check.rule == "freshness")]


def _reason(feed: str, row: Row) -> Label:
    return reason_sentence(feed, str(row["reason_code"] or row["status"]), row["reason_detail"])


def _check_nights(contract: FeedContract, quality: list[Row], nights: tuple[date, ...]) -> list[CheckNight]:
    """Every declared check, and those that were met besides."""
    counted: dict[str, dict[date | None, list[int]]] = defaultdict(dict)
    for row in quality:
        seen = counted[str(row["check_id"])].setdefault(_day(row["business_date"]), [0, 0])
        seen[0] += int(row["rows_checked"])
        seen[1] += int(row["rows_failed"])
    checks = {check.check_id: check for check in checks_of(contract)}
    for row in quality:
        checks.setdefault(str(row["check_id"]), _met(contract, row))
    return [_check_night(contract, check, counted[check_id], nights) for check_id, check in checks.items()]


def _met(contract: FeedContract, row: Row) -> Check:
    """A check outside the declared ones (a fault that is only counted where it occurs)."""
    _, column, rule = str(row["check_id"]).split(".", 2)
    known = column if column in contract.column_names else None
    scope: Literal["delivery", "between"] = "between" if column == "between" else "delivery"
    return Check(contract.feed, contract.agency.id, rule, row["dimension"], row["severity"], known, scope)


def _check_night(
    contract: FeedContract, check: Check, counted: Mapping[date | None, list[int]], nights: tuple[date, ...]
) -> CheckNight:
    checked, failed = counted.get(nights[-1], [0, 0])
    state: State = "not_run" if nights[-1] not in counted else "failed" if failed else "passed"
    header = contract.column(check.column).header if check.column else ""
    shares = tuple(counted[night][1] / max(counted[night][0], 1) if night in counted else None for night in nights)
    return CheckNight(check, sentence(check), header, state, checked, failed, shares)


def _by_feed(table: pa.Table) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in table.to_pylist():
        rows[str(row["feed"])].append(row)
    return rows


def _rank(status: str) -> int:
    return _WORST_FIRST.index(status) if status in _WORST_FIRST[:-1] else len(_WORST_FIRST)


def _gravity(night: CheckNight) -> tuple[int, float]:
    order = ("delivery", "row", "field", "warning")
    return order.index(night.check.severity), -night.share


def _day(day: date | str | None) -> date | None:
    """SQLite keeps dates as ISO text."""
    return date.fromisoformat(day[:10]) if isinstance(day, str) else day
