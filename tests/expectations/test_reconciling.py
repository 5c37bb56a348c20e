"""Every row of every delivery accounted for, by a rule that can fail."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from expectations.report import RECONCILIATION, reconciliation, totals, totals_by_feed
from transforms.schemas import FEED_LOADS

DAY = date(2025, 6, 2)
SHAPE = pa.schema([pa.field("run_id", pa.string()), pa.field("business_date", pa.date32()), *FEED_LOADS])


def load(read: int, accepted: int, unchanged: int, refused: int, **changed: Any) -> dict[str, Any]:
    return {
        "run_id": "R1", "business_date": DAY, "feed": "births", "delivery": "f", "delivery_id": "D", "sha256": "",
        "delivered_on": DAY, "mode": "full", "rows_read": read, "rows_accepted": accepted, "rows_unchanged": unchanged,
        "rows_quarantined": refused, "status": "loaded", "reason_code": "",
    } | changed  # fmt: skip


def reconciled(*loads: dict[str, Any], in_quarantine: int = 0) -> pa.Table:
    table = pa.Table.from_pylist([*loads], schema=SHAPE)
    return reconciliation(table, {("R1", "births", "f"): in_quarantine} if in_quarantine else {})


@pytest.mark.parametrize(
    ("row", "in_quarantine", "is_right"),
    [
        (load(10, 7, 2, 1), 1, True),
        (load(0, 0, 0, 0), 0, True),
        (load(10, 7, 2, 0), 0, False),  # a row is lost
        (load(10, 7, 3, 1), 1, False),  # a row is counted twice
        (load(10, 7, 2, 1), 0, False),  # refused, and not in the quarantine
        (load(10, 0, 0, 0, status="blocked"), 0, True),  # nothing was taken of it
        (load(10, 4, 0, 0, status="blocked"), 0, False),  # something was, nevertheless
        (load(10, 0, 0, 0), 0, False),
        (load(3, 2, 0, 1, mode="replay"), 0, True),  # refused again: in the quarantine since its first delivery
        (load(3, 2, 0, 1, mode="replay"), 1, False),
    ],
)
def test_a_delivery_adds_up_or_does_not(row: dict[str, Any], in_quarantine: int, is_right: bool) -> None:
    table = reconciled(row, in_quarantine=in_quarantine)
    assert table.schema == RECONCILIATION
    assert table["adds_up"].to_pylist() == [is_right]


def test_a_feed_that_brought_nothing_is_no_delivery() -> None:
    assert reconciled(load(0, 0, 0, 0, delivery="", status="missing")).num_rows == 0


def test_totals_are_sums_and_one_wrong_delivery_spoils_them() -> None:
    table = reconciled(load(10, 7, 3, 0), load(5, 5, 0, 0, feed="marriages"), load(9, 0, 0, 0, feed="marriages"))
    whole, feeds = totals(table), totals_by_feed(table)
    assert (whole["deliveries"], whole["rows_read"], whole["rows_accepted"]) == (3, 24, 12)
    assert (whole["adds_up"], feeds["births"]["adds_up"], feeds["marriages"]["adds_up"]) == (False, True, False)
