"""Whether a delivery is like the last ones: its size for the day of the week, the shares of its codes, its delay.

Such a check only tells. Where too little is known of earlier deliveries it does not run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from math import log, sqrt
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc

from expectations.agencies.rule import day
from expectations.checks import EVENT_AND_REPORT, Outcome, delivery_check, drift_checks
from expectations.delivery import DeliveryFacts
from expectations.thresholds import Thresholds
from transforms.feeds import FeedContract
from transforms.schemas import CODE_COUNTS

KEPT_DELIVERIES = 30  # of a feed and mode; older ones say little of today


@dataclass(frozen=True)
class Past:
    """The last deliveries of a feed in one mode. volumes: (delivered_on, rows_read), newest first.

    codes: their CODE_COUNTS.
    """

    volumes: Sequence[tuple[date, int]] = ()
    codes: pa.Table = field(default_factory=CODE_COUNTS.empty_table)


def drifts(
    contract: FeedContract,
    accepted: pa.Table,
    codes: pa.Table,
    rows_read: int,
    delivery: DeliveryFacts,
    past: Past,
    limits: Thresholds,
) -> list[Outcome]:
    """What the accepted rows of a delivery, and `codes` (CODE_COUNTS) of them, show beside the last ones."""
    return [
        *_volume(contract, rows_read, delivery, past, limits),
        *_codes(contract, codes, past, limits),
        *_delay(contract, accepted, delivery, past, limits),
    ]


def _volume(
    contract: FeedContract, rows: int, delivery: DeliveryFacts, past: Past, limits: Thresholds
) -> list[Outcome]:
    """A delta's rows beside those of its weekday, by the modified z-score."""
    weekday = delivery.delivered_on.weekday()
    usual = [count for on, count in past.volumes if on.weekday() == weekday]
    if delivery.mode != "delta" or len(usual) < max(limits.weekday_needs_deliveries, 1):
        return []
    is_odd = abs(rows - median(usual)) > limits.weekday_score * spread(usual)
    return [Outcome(delivery_check(contract, "volume_weekday"), max(rows, 1), int(is_odd))]


def spread(counts: Sequence[int]) -> float:
    """How far counts lie from their median: its deviations' median as a standard deviation, at least Poisson's."""
    middle = median(counts)
    return max(median(abs(each - middle) for each in counts) / 0.6745, sqrt(middle), 1.0)


def _codes(contract: FeedContract, codes: pa.Table, past: Past, limits: Thresholds) -> list[Outcome]:
    now, before = _by_column(codes), _by_column(past.codes)
    outcomes = []
    for check in drift_checks(contract):
        tonight, earlier = now.get(str(check.column), {}), before.get(str(check.column), {})
        rows, known = sum(tonight.values()), sum(earlier.values())
        if rows >= max(limits.drift_from_rows, 1) and known >= max(limits.drift_needs_rows, 1):
            has_drifted = stability_index(tonight, earlier) > _index_bound(tonight, earlier, limits)
            outcomes.append(Outcome(check, rows, int(has_drifted)))
    return outcomes


def stability_index(counts: dict[str, int], others: dict[str, int]) -> float:
    """The population stability index of two counts by code: the sum of (p - q) ln(p / q).

    Half a row is added to every code of either, so that a new one has a share in the old.
    """
    every = sorted({*counts, *others})
    shares = [_shares(each, every) for each in (counts, others)]
    return sum(((p - q) * log(p / q) for p, q in zip(*shares, strict=True)), 0.0)


def _shares(counts: dict[str, int], every: list[str]) -> list[float]:
    total = sum(counts.values()) + len(every) / 2
    return [(counts.get(code, 0) + 0.5) / total for code in every]


def _index_bound(counts: dict[str, int], others: dict[str, int], limits: Thresholds) -> float:
    """What the index has to exceed: the bound, and what chance alone would exceed seldom in samples of that size."""
    from scipy.special import chdtri  # a tenth of a second to load

    degrees = max(len({*counts, *others}) - 1, 1)
    by_chance = (1 / sum(counts.values()) + 1 / sum(others.values())) * float(chdtri(degrees, limits.drift_chance))
    return max(limits.drift_index, by_chance)


def _delay(
    contract: FeedContract, accepted: pa.Table, delivery: DeliveryFacts, past: Past, limits: Thresholds
) -> list[Outcome]:
    """Rows of a delta reported long after their event. A first delivery brings the past, and is not asked."""
    if delivery.mode != "delta" or not past.volumes or contract.feed not in EVENT_AND_REPORT:
        return []
    event, report = EVENT_AND_REPORT[contract.feed]
    delivered = pa.scalar(delivery.delivered_on, pa.date32())
    reported = pc.fill_null(day(accepted[report]), delivered) if report else delivered
    late_after = pa.scalar(limits.late_days, pa.int64())
    is_late = pc.greater(pc.days_between(day(accepted[event]), reported), late_after)
    rows = accepted.num_rows - is_late.null_count
    if rows < max(limits.late_from_rows, 1):
        return []
    late = pc.sum(is_late).as_py() or 0
    check = delivery_check(contract, "reported_late")
    return [Outcome(check, rows, late if late > limits.late_share * rows else 0)]


# -- the shares of codes, from delivery to delivery ----------------------------------------------------------------


def code_counts(contract: FeedContract, accepted: pa.Table, delivery: DeliveryFacts) -> pa.Table:
    """CODE_COUNTS of the rows of one delivery."""
    about = {"feed": contract.feed, "mode": delivery.mode, "delivery_id": delivery.delivery_id}
    rows = [
        about | {"delivered_on": delivery.delivered_on, "column_name": check.column} | counted
        for check in drift_checks(contract)
        for counted in _counted(accepted[str(check.column)])
    ]
    return pa.Table.from_pylist(rows, CODE_COUNTS)


def _counted(column: pa.ChunkedArray) -> list[dict[str, object]]:
    found = pc.value_counts(pc.fill_null(column.cast(pa.string()), "")).to_pylist()
    return sorted(
        ({"code": each["values"], "rows": each["counts"]} for each in found), key=lambda row: str(row["code"])
    )


def _by_column(codes: pa.Table) -> dict[str, dict[str, int]]:
    summed = codes.group_by(["column_name", "code"]).aggregate([("rows", "sum")])
    found: dict[str, dict[str, int]] = {}
    for row in summed.to_pylist():
        found.setdefault(row["column_name"], {})[row["code"]] = row["rows_sum"]
    return found


def of_last_deliveries(codes: pa.Table | None, feed: str, mode: str) -> pa.Table:
    """The counts of a feed's deliveries in one mode."""
    if codes is None:
        return CODE_COUNTS.empty_table()
    return codes.filter(pc.and_(pc.equal(codes["feed"], feed), pc.equal(codes["mode"], mode)))


def remembered(earlier: pa.Table | None, fresh: Sequence[pa.Table]) -> pa.Table:
    """The counts that the next night holds its deliveries against: of each feed and mode the last ones."""
    codes = pa.concat_tables([CODE_COUNTS.empty_table(), *([earlier] if earlier is not None else []), *fresh])
    deliveries = codes.select(["feed", "mode", "delivered_on", "delivery_id"]).group_by(
        ["feed", "mode", "delivered_on", "delivery_id"]
    )
    newest = sorted(deliveries.aggregate([]).to_pylist(), key=lambda row: (row["delivered_on"], row["delivery_id"]))
    kept: dict[tuple[str, str], list[str]] = {}
    for row in reversed(newest):
        of_feed = kept.setdefault((row["feed"], row["mode"]), [])
        if len(of_feed) < KEPT_DELIVERIES:
            of_feed.append(row["delivery_id"])
    ids = pa.array([each for of_feed in kept.values() for each in of_feed], pa.string())
    return codes.filter(pc.is_in(codes["delivery_id"], ids))
