"""Decisions are numbered and kept as they came; refused rows are told with what became of them, and blocked files."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import text
from warehouse_nights import FIRST, SECOND, THIRD, publish_night, table

from transforms.schemas import DECISIONS, FEED_LOADS, QUARANTINE_STATES
from warehouse import Delta, Warehouse
from warehouse.decisions import DecidedMeanwhile, decisions_on, decisions_until, record_decisions, record_look
from warehouse.refusals import (
    blocked_deliveries,
    keys_refused,
    latest_full,
    place_of,
    quarantine_id_of,
    refusals,
    refusals_named,
)

DECISION = {
    "decision_id": "K1", "target": "Qa1-7", "sequence_no": 1, "verb": "fix", "feed": "births",
    "column_names": "child_name", "because": "asked", "recorded_on": SECOND, "recorded_by": "office",
}  # fmt: skip
LOAD = {
    "feed": "births", "delivery": "births_20260301_full.csv", "delivery_id": "Da1", "sha256": "", "mode": "full",
    "source_fingerprint": "f", "delivered_on": FIRST, "rows_read": 2, "rows_accepted": 1, "rows_unchanged": 0,
    "rows_quarantined": 1, "status": "loaded", "reason_code": "", "reason_detail": "{}",
}  # fmt: skip


def decisions(*rows: Mapping[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([DECISION | dict(row) for row in rows], schema=DECISIONS)


def loads(*rows: Mapping[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([LOAD | dict(row) for row in rows], schema=FEED_LOADS)


def refused(**cells: Any) -> pa.Table:
    row = {"_row_number": 7, "_record_key": "B7", "reason_code": "required_missing", "column_name": "child_name"}
    drawn = table("quarantine", row | {"feed": "births", "delivery": LOAD["delivery"]} | cells)
    return drawn.append_column("delivery_id", pa.array(["Da1"]))


def state(**cells: Any) -> Delta:
    row = {"quarantine_id": "Qa1-7", "delivery_id": "Da1", "row_number": 7, "status": "released", "why": "fixed",
           "decision_id": "K1", "decisions": 1}  # fmt: skip
    return Delta(pa.Table.from_pylist([row | cells], schema=QUARANTINE_STATES))


def test_decisions_come_back_up_to_a_date(warehouse: Warehouse) -> None:
    record_decisions(warehouse, decisions({}))
    record_decisions(warehouse, decisions({"decision_id": "K2", "sequence_no": 2, "recorded_on": THIRD}))
    assert decisions_until(warehouse, FIRST).num_rows == 0
    assert decisions_until(warehouse, SECOND).equals(decisions({}))
    assert decisions_on(warehouse, ["Qa1-7", "Qa1-8"])["sequence_no"].to_pylist() == [1, 2]


def test_of_two_people_at_once_the_second_is_told_and_nothing_of_theirs_is_kept(warehouse: Warehouse) -> None:
    record_decisions(warehouse, decisions({}))
    with pytest.raises(DecidedMeanwhile):
        record_decisions(warehouse, decisions({"decision_id": "K8", "target": "Qa1-9"}, {"decision_id": "K9"}))
    assert decisions_until(warehouse, THIRD)["decision_id"].to_pylist() == ["K1"]


def test_every_look_is_kept(warehouse: Warehouse) -> None:
    look = {"quarantine_id": "Qa1-7", "because": "asked", "recorded_on": FIRST, "recorded_by": "office"}
    for number in (1, 2):
        record_look(warehouse, look | {"look_id": f"L{number}"})
    with warehouse.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM v_quarantine_looks")) == 2


def test_a_refused_row_stands_as_each_date_knew_it(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, feed_loads=loads({}), quarantine=refused())
    publish_night(warehouse, SECOND, quarantine_states=state())
    (now,) = refusals(warehouse).to_pylist()
    assert (now["quarantine_id"], now["status"], now["why"], now["since"]) == ("Qa1-7", "released", "fixed", SECOND)
    assert (now["refused_on"], now["delivered_on"], now["decisions"]) == (FIRST, FIRST, 1)
    (then,) = refusals(warehouse, known_on=FIRST).to_pylist()
    assert (then["status"], then["why"], then["since"], then["decisions"]) == ("open", None, FIRST, 0)
    assert refusals(warehouse, status="open").num_rows == 0
    assert refusals_named(warehouse, [("Da1", 7), ("Da1", 8)])["row_number"].to_pylist() == [7]
    with warehouse.reading() as connection:
        seen = connection.execute(text("SELECT quarantine_id, status, reason_code FROM v_quarantine")).one()
    assert tuple(seen) == ("Qa1-7", "released", "required_missing")


def test_ids_lead_back_to_delivery_and_row() -> None:
    assert place_of(quarantine_id_of("D0ab1", 17)) == ("D0ab1", 17)
    for wrong in ("", "Q", "D0ab1-17", "Q0ab1", "Q0ab1-", "Q0ab1-x", "Q-1", "Q0ab1-٣", "Q1-" + "9" * 30):
        assert place_of(wrong) is None, wrong


def test_the_latest_full_delivery_and_the_keys_it_refused(warehouse: Warehouse) -> None:
    assert latest_full(warehouse, "births") is None
    publish_night(warehouse, FIRST, feed_loads=loads({}), quarantine=refused())
    delta = {"delivery": "b", "delivery_id": "Db", "mode": "delta", "delivered_on": SECOND}
    publish_night(warehouse, SECOND, feed_loads=loads(delta))
    latest = latest_full(warehouse, "births")
    assert latest is not None and latest["delivery_id"] == "Da1"
    assert keys_refused(warehouse, "Da1").to_pylist() == ["B7"]


BLOCKED = {"status": "blocked", "mode": "delta", "reason_code": "missing_column", "rows_accepted": 0}


def test_a_blocked_delivery_waits_until_it_is_taken_or_replaced(warehouse: Warehouse) -> None:
    names = {name: BLOCKED | {"delivery": name, "delivery_id": f"D{name}", "delivered_on": SECOND} for name in "xyz"}
    publish_night(warehouse, FIRST, feed_loads=loads({}, *names.values()))
    again = names["y"] | {"delivery_id": "Dother", "status": "loaded"}
    publish_night(warehouse, SECOND, feed_loads=loads(names["x"] | {"status": "loaded"}, again, names["z"]))
    (waits,) = blocked_deliveries(warehouse)
    assert (waits["delivery_id"], waits["since"], waits["business_date"]) == ("Dz", FIRST, SECOND)
    publish_night(warehouse, THIRD, feed_loads=loads({"delivery": "f", "delivery_id": "Df", "delivered_on": THIRD}))
    assert blocked_deliveries(warehouse) == []
