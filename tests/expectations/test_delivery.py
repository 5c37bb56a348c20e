"""When a delivery as a whole is not believed, and what is said then."""

from datetime import date

import pytest

from expectations import DeliveryFacts, feed_state, gate, reason_sentence
from expectations.thresholds import Thresholds, default_thresholds
from tests.expectations.drawn import DELIVERED_ON, contract_of, delivered, outcome, row, rows, through


def _told(gated: object, feed: str = "births") -> str:
    return reason_sentence(feed, gated.reason_code, gated.reason_detail).zh  # type: ignore[attr-defined]


def test_a_missing_column_blocks_and_is_named_with_the_header_that_was_expected() -> None:
    gated = through("births", rows("births", 3), without=["birth_date"])
    assert (gated.status, gated.reason_code) == ("blocked", "missing_column")
    assert gated.reason_detail["missing"] == [{"column": "birth_date", "expected_header": "出生日期"}]
    assert "「出生日期」" in _told(gated)


def test_a_missing_optional_column_blocks_too() -> None:
    assert through("births", rows("births", 3), without=["hospital"]).status == "blocked"


def test_a_site_may_let_missing_optional_columns_pass() -> None:
    lenient = default_thresholds().model_copy(update={"block_on_missing_optional_column": False})
    facts = DeliveryFacts("f", "D1", DELIVERED_ON, "delta")
    drawn = delivered("births", rows("births", 3), without=["hospital"])
    gated = gate(contract_of("births"), drawn, delivery=facts, volumes=[], known_rows=0, thresholds=lenient)
    assert (gated.status, gated.accepted.num_rows) == ("loaded", 3)
    assert outcome(gated, "births.delivery.columns") == (12, 1)


def test_a_renamed_column_is_recognised() -> None:
    gated = through("births", rows("births", 3), without=["mother_id_no"], unknown=["母亲证件号"])
    hint = {"received": "母亲证件号", "column": "mother_id_no", "expected_header": "母亲身份证号"}
    assert gated.reason_detail["renamed"] == [hint]
    assert "「母亲证件号」→「母亲身份证号」" in _told(gated)


def test_an_added_column_blocks_and_is_named() -> None:
    gated = through("births", rows("births", 3), unknown=["备注"])
    assert (gated.status, gated.reason_code) == ("blocked", "unknown_column")
    assert "「备注」" in _told(gated)


def test_a_record_in_the_place_of_the_header_is_not_shown() -> None:
    kept = ("birth_certificate_no",)
    others = [column.name for column in contract_of("births").columns if column.name not in kept]
    gated = through("births", [], without=others, unknown=["孙不该见", "370303198602056542"])
    assert "孙不该见" not in str(gated.reason_detail) + _told(gated)
    assert gated.reason_detail["unknown_count"] == 2


def test_long_digits_in_a_foreign_header_are_not_shown() -> None:
    gated = through("births", [], unknown=["电话13800000000"])
    assert gated.reason_detail["unknown"] == ["电话…"]


def test_a_blocked_delivery_takes_nothing_and_tells_what_was_read() -> None:
    gated = through("births", rows("births", 3), without=["birth_date"])
    assert (gated.rows_read, gated.accepted.num_rows, gated.quarantined.num_rows, gated.rows_quarantined) == (
        3,
        0,
        0,
        0,
    )
    assert "birth_date" in gated.accepted.column_names


def test_after_a_header_fault_no_row_check_counts_as_run() -> None:
    gated = through("births", rows("births", 3), without=["birth_date"])
    assert gated.quality["check_id"].to_pylist() == ["births.delivery.columns"]


@pytest.mark.parametrize(("count", "status"), [(0, "blocked"), (9, "blocked"), (10, "loaded")])
def test_a_full_delivery_with_less_than_half_of_the_known_rows_is_blocked(count: int, status: str) -> None:
    gated = through("births", rows("births", count), mode="full", known_rows=20)
    assert gated.status == status


def test_a_shrunken_delivery_says_how_many_rows_were_expected() -> None:
    gated = through("births", rows("births", 3), mode="full", known_rows=20)
    assert (gated.reason_code, gated.reason_detail) == ("volume_shrunken", {"rows_read": 3, "known_rows": 20})
    assert outcome(gated, "births.delivery.volume") == (3, 1)


def test_a_first_full_delivery_without_rows_is_blocked() -> None:
    assert through("births", [], mode="full").reason_code == "volume_shrunken"


def test_unreadable_rows_count_for_the_volume() -> None:
    from tests.expectations.drawn import fault

    faults = [fault(100 + at, "undecodable", "?") for at in range(2)]
    assert through("births", rows("births", 8), mode="full", known_rows=20, faults=faults).status == "loaded"


def test_a_delta_ten_times_as_large_as_usual_is_remarked_and_taken() -> None:
    gated = through("births", rows("births", 201), volumes=[20, 10, 20, 30, 20])
    assert (gated.status, outcome(gated, "births.delivery.volume_jump")) == ("loaded", (201, 1))


@pytest.mark.parametrize("volumes", [[21, 20, 21, 30, 21], []])
def test_a_delta_of_usual_size_or_without_a_past_is_not_remarked(volumes: list[int]) -> None:
    found = outcome(through("births", rows("births", 201), volumes=volumes), "births.delivery.volume_jump")
    assert found == ((201, 0) if volumes else None)


def test_a_delivery_that_loses_more_than_half_of_its_rows_is_blocked() -> None:
    gated = through("births", rows("births", 10) + [row("births", birth_date=None)] * 11)
    assert (gated.reason_code, gated.reason_detail) == ("too_many_unusable", {"rows_read": 21, "unusable": 11})


def test_a_small_delivery_only_loses_its_bad_rows() -> None:
    gated = through("births", [row("births", birth_date=None)] * 11)
    assert (gated.status, gated.rows_quarantined) == ("loaded", 11)


def test_a_column_that_changed_its_meaning_blocks() -> None:
    gated = through("births", rows("births", 20, mother_id_no="何四"))
    assert gated.reason_code == "column_retyped"
    assert gated.reason_detail["columns"] == [
        {"column": "mother_id_no", "type": "id_no", "unreadable": 20, "filled": 20}
    ]


@pytest.mark.parametrize(("cell", "count"), [("何四", 19), ("370303198602056543", 20)])
def test_few_cells_or_mistyped_numbers_are_no_change_of_meaning(cell: str, count: int) -> None:
    assert through("births", rows("births", count, mother_id_no=cell)).status == "loaded"


def test_all_that_blocks_is_told_at_once() -> None:
    drawn = rows("births", 20, birth_date="x", mother_id_no="何四")
    gated = through("births", drawn, mode="full", known_rows=90)
    codes = [gated.reason_code, *(also["reason_code"] for also in gated.reason_detail["also"])]
    assert codes == ["volume_shrunken", "column_retyped", "too_many_unusable"]
    assert "超过一半" in _told(gated)


@pytest.mark.parametrize(
    ("last", "status"),
    [(None, "missing"), (date(2025, 5, 30), "stale"), (date(2025, 5, 31), "quiet"), (date(2025, 6, 9), "quiet")],
)
def test_how_long_a_feed_has_been_silent(last: date | None, status: str) -> None:
    state = feed_state(contract_of("births"), last_delivered_on=last, max_age_days=2, business_date=DELIVERED_ON)
    assert state.status == status
    assert state.quality["passed"].to_pylist() == [status == "quiet"]
    assert state.quality["dimension"].to_pylist() == ["timeliness"]


def test_every_threshold_says_what_it_means() -> None:
    assert all(field.description for field in Thresholds.model_fields.values())
