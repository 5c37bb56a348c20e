"""Visits and payments are recorded once, kept as they came, and asked for up to a date."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy.exc import IntegrityError
from warehouse_nights import FIRST, SECOND, THIRD, publish_night

from transforms.schemas import PAYMENTS, VISITS
from warehouse import Warehouse
from warehouse.registers import payments_until, record_payments, record_visits, visits_until

VISIT = {
    "visit_id": "B1", "household_id": "H1", "person_id": "P1", "event_type": "death", "outcome": "confirmed",
    "visited_on": FIRST, "recorded_on": SECOND, "recorded_by": "street office",
}  # fmt: skip
PAYMENT = {
    "payment_id": "Z1", "entitlement_id": "N1", "amount_fen": -1_000_000, "paid_on": FIRST, "reference_no": "A-7",
    "recorded_on": SECOND, "recorded_by": "finance",
}  # fmt: skip


def visits(*rows: Mapping[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([VISIT | dict(row) for row in rows], schema=VISITS)


def payments(*rows: Mapping[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([PAYMENT | dict(row) for row in rows], schema=PAYMENTS)


def test_what_was_recorded_comes_back_as_it_went_in(warehouse: Warehouse) -> None:
    assert (record_visits(warehouse, visits({})), record_payments(warehouse, payments({}))) == (1, 1)
    assert visits_until(warehouse, SECOND).equals(visits({}))
    assert payments_until(warehouse, SECOND).equals(payments({}))


def test_the_same_again_adds_nothing(warehouse: Warehouse) -> None:
    record_visits(warehouse, visits({}))
    assert record_visits(warehouse, visits({"recorded_on": THIRD}, {"visit_id": "B2"})) == 1
    record_payments(warehouse, payments({}))
    assert record_payments(warehouse, payments({})) == 0
    assert visits_until(warehouse, THIRD)["recorded_on"].to_pylist() == [SECOND, SECOND]


def test_a_row_that_stands_twice_in_one_file_is_one(warehouse: Warehouse) -> None:
    assert record_visits(warehouse, visits({}, {})) == 1


def test_a_day_knows_what_was_recorded_up_to_it_in_that_order(warehouse: Warehouse) -> None:
    record_visits(warehouse, visits({"visit_id": "B9"}, {"visit_id": "B3"}, {"visit_id": "B5", "recorded_on": THIRD}))
    record_visits(warehouse, visits({"visit_id": "B1", "recorded_on": FIRST}))
    seen = {day: visits_until(warehouse, day)["visit_id"].to_pylist() for day in (FIRST, SECOND, THIRD)}
    assert seen == {FIRST: ["B1"], SECOND: ["B1", "B9", "B3"], THIRD: ["B1", "B9", "B3", "B5"]}


def test_nothing_recorded_is_an_empty_table_of_its_shape(warehouse: Warehouse) -> None:
    assert visits_until(warehouse, FIRST).equals(VISITS.empty_table())
    assert payments_until(warehouse, FIRST).equals(PAYMENTS.empty_table())
    assert record_visits(warehouse, VISITS.empty_table()) == 0


def test_a_file_is_taken_whole_or_not_at_all(warehouse: Warehouse) -> None:
    with pytest.raises(IntegrityError):
        record_payments(warehouse, payments({}, {"payment_id": "Z2", "amount_fen": None}))
    assert payments_until(warehouse, THIRD).num_rows == 0


def test_many_rows_are_counted(warehouse: Warehouse) -> None:
    many = payments(*({"payment_id": f"Z{n}"} for n in range(3000)))
    assert record_payments(warehouse, many.slice(0, 1000)) == 1000
    assert record_payments(warehouse, many) == 2000


def test_recording_does_not_wait_for_a_night(warehouse: Warehouse) -> None:
    record_visits(warehouse, visits({}))
    publish_night(warehouse, FIRST)
    assert visits_until(warehouse, SECOND).num_rows == 1
