"""A delivery beside the last ones: its size for the day of the week, the shares of its codes, how late it reports."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations import DeliveryFacts, Gated, gate
from expectations.drift import KEPT_DELIVERIES, Past, of_last_deliveries, remembered, spread, stability_index
from expectations.thresholds import thresholds_with
from tests.expectations.drawn import DELIVERED_ON, contract_of, delivered, outcome, row
from transforms.schemas import CODE_COUNTS

FEED = "births"
PAST_DAYS = ((DELIVERED_ON - timedelta(days=7), 20),)


def born(count: int, **cells: str) -> list[Mapping[str, str | None]]:
    return [row(FEED, birth_certificate_no=f"K{at}", **cells) for at in range(count)]


def checked(drawn: Any, past: Past | None = None, *, mode: str = "delta", feed: str = FEED, **bounds: float) -> Gated:
    facts = DeliveryFacts("f", "D1", DELIVERED_ON, mode)  # type: ignore[arg-type]
    return gate(contract_of(feed), delivered(feed, drawn), delivery=facts, volumes=[], known_rows=0,
                thresholds=thresholds_with(bounds), past=past)  # fmt: skip


# -- volume by weekday -------------------------------------------------------------------------------------------


def weekly(*counts: int, sundays: int = 2) -> Past:
    """So many rows on this weekday of each of the last weeks, and a few on the day before each."""
    weeks = [(DELIVERED_ON - timedelta(days=7 * at), count) for at, count in enumerate(counts, 1)]
    return Past([*weeks, *((day - timedelta(days=1), sundays) for day, _ in weeks)])


@pytest.mark.parametrize(
    ("rows", "past", "found"),
    [
        (100, weekly(100, 96, 104, 99), 0),
        (64, weekly(100, 96, 104, 99), 1),
        (136, weekly(100, 96, 104, 99), 1),
        (64, weekly(100, 60, 104, 65), 0),  # it varies
        (2, weekly(100, 96, 104, 99), 1),  # usual for a Sunday, not for a Monday
        (64, weekly(100, 96, 104), None),  # too little is known
        (64, Past(), None),
    ],
)
def test_a_delta_is_held_against_its_weekday(rows: int, past: Past, found: int | None) -> None:
    expected = None if found is None else (rows, found)
    assert outcome(checked(born(rows), past), "births.delivery.volume_weekday") == expected


def test_a_full_delivery_is_not_held_against_weekdays() -> None:
    gated = checked(born(20), weekly(100, 96, 104, 99), mode="full")
    assert outcome(gated, "births.delivery.volume_weekday") is None


def test_a_few_rows_are_allowed_to_be_twice_as_many() -> None:
    assert (spread([2, 2, 2, 2]), spread([0, 0, 0])) == (pytest.approx(2**0.5), 1.0)
    assert outcome(checked(born(4), weekly(2, 2, 2, 2)), "births.delivery.volume_weekday") == (4, 0)


# -- shares of codes ---------------------------------------------------------------------------------------------


def known(boys: int, girls: int) -> Past:
    before = checked(born(boys, child_sex="男")).codes
    return Past(PAST_DAYS, remembered(before, [checked(born(girls, child_sex="女")).codes]))


@pytest.mark.parametrize(
    ("boys", "girls", "past", "found"),
    [
        (52, 48, known(105, 95), 0),
        (90, 10, known(105, 95), 1),
        (12, 0, known(105, 95), 1),  # somebody fills the column in another way
        (7, 3, known(105, 95), 0),  # chance
        (9, 0, known(105, 95), None),  # too few tonight
        (90, 10, known(30, 30), None),  # too few before
    ],
)
def test_the_shares_of_a_code_are_those_of_the_last_deliveries(
    boys: int, girls: int, past: Past, found: int | None
) -> None:
    drawn = born(boys, child_sex="男") + [each | {"birth_certificate_no": f"G{at}"} for at, each in
                                          enumerate(born(girls, child_sex="女"))]  # fmt: skip
    expected = None if found is None else (boys + girls, found)
    assert outcome(checked(drawn, past), "births.child_sex.codes_drifted") == expected


def test_a_code_that_nobody_knew_and_a_column_left_empty_are_drift() -> None:
    past = Past(PAST_DAYS, checked(born(200, child_sex="男", status="有效")).codes)
    assert outcome(checked(born(50, child_sex="男", status="换发"), past), "births.status.codes_drifted") == (50, 1)
    assert outcome(checked(born(50, child_sex="男"), past), "births.status.codes_drifted") == (50, 1)


def test_a_site_may_allow_more_drift() -> None:
    gated = checked(born(90, child_sex="男"), known(105, 95), drift_index=50)
    assert outcome(gated, "births.child_sex.codes_drifted") == (90, 0)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=6))
def test_the_index_is_symmetric_never_negative_and_none_for_the_same(pairs: list[tuple[int, int]]) -> None:
    one, other = ({str(at): pair[side] for at, pair in enumerate(pairs)} for side in (0, 1))
    assert stability_index(one, other) == pytest.approx(stability_index(other, one))
    assert stability_index(one, other) >= 0 == stability_index(one, one)


def test_the_last_deliveries_of_each_feed_and_mode_are_remembered() -> None:
    def told(at: int, mode: str) -> dict[str, Any]:
        return {"feed": FEED, "mode": mode, "delivery_id": f"{mode}{at}", "column_name": "status", "code": "valid",
                "delivered_on": date(2025, 1, 1) + timedelta(days=at), "rows": 1}  # fmt: skip

    import pyarrow as pa

    rows = [told(at, mode) for at in range(KEPT_DELIVERIES + 5) for mode in ("delta", "full")]
    kept = remembered(None, [pa.Table.from_pylist(rows, CODE_COUNTS)])
    last = of_last_deliveries(kept, FEED, "delta")
    assert last["delivery_id"].to_pylist() == [f"delta{at}" for at in range(5, KEPT_DELIVERIES + 5)]
    assert of_last_deliveries(kept, "marriages", "delta").num_rows == 0


# -- late reports ------------------------------------------------------------------------------------------------


def reported(late: int, in_time: int, past: Past, **more: Any) -> tuple[int, int] | None:
    drawn = born(late, birth_date="2025-05-02") + [
        each | {"birth_certificate_no": f"G{at}"} for at, each in enumerate(born(in_time, birth_date="2025-05-03"))
    ]
    return outcome(checked(drawn, past, **more), "births.delivery.reported_late")


@pytest.mark.parametrize(
    ("late", "in_time", "past", "found"),
    [
        (4, 16, Past(PAST_DAYS), (20, 0)),
        (5, 15, Past(PAST_DAYS), (20, 5)),
        (5, 4, Past(PAST_DAYS), None),  # too few to say
        (20, 0, Past(), None),  # a first delivery brings the past
    ],
)
def test_too_large_a_share_reported_long_after_the_event_is_told(
    late: int, in_time: int, past: Past, found: tuple[int, int] | None
) -> None:
    assert reported(late, in_time, past) == found


def test_a_full_delivery_is_not_late_and_a_site_may_wait_longer() -> None:
    assert reported(20, 0, Past(PAST_DAYS), mode="full") is None
    assert reported(20, 0, Past(PAST_DAYS), late_days=31) == (20, 0)


def test_a_records_own_day_of_report_counts_before_the_delivery() -> None:
    def certificates(reported_at: str) -> list[Any]:
        cells = {"died_at": "2025-03-01", "reported_at": reported_at}
        return [row("death_certificates", certificate_no=f"K{at}", **cells) for at in range(10)]

    def late(reported_at: str) -> tuple[int, int] | None:
        gated = checked(certificates(reported_at), Past(PAST_DAYS), feed="death_certificates")
        return outcome(gated, "death_certificates.delivery.reported_late")

    assert (late("2025-03-05 08:00"), late(""), late("2025-05-01")) == ((10, 0), (10, 10), (10, 10))
