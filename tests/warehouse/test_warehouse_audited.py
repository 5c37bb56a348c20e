"""What an auditor asks of a night: the answers of that night stay what they were, on both engines."""

from typing import Any

import pytest
from warehouse_nights import FIRST, NOW, SECOND, THIRD, open_night, publish_night, table

from warehouse import Warehouse, close_run
from warehouse.audited import held, run_of, tally


def verdict(name: str, said: str, **changed: Any) -> dict[str, Any]:
    return {"determination_id": name, "verdict": said, "clause_id": "c1", "amount_fen": 500, **changed}


@pytest.fixture
def three_nights(warehouse: Warehouse) -> Warehouse:
    said = [
        [verdict("V1", "yes"), verdict("V2", "unknown"), verdict("V3", "no", amount_fen=None)],
        [verdict("V1", "yes"), verdict("V2", "yes"), verdict("V3", "no", amount_fen=None)],
        [verdict("V2", "yes")],
    ]
    for day, rows in zip((FIRST, SECOND, THIRD), said, strict=True):
        refused = table("quarantine", {"reason_code": "r1"}, {"reason_code": "r2"})
        publish_night(warehouse, day, determinations=table("determinations", *rows), quarantine=refused)
    return warehouse


def test_counts_are_those_of_the_night(three_nights: Warehouse) -> None:
    by = ("clause_id", "verdict")
    first = [{"clause_id": "c1", "verdict": said, "count": 1, "amount_fen": fen}
             for said, fen in (("no", None), ("unknown", 500), ("yes", 500))]  # fmt: skip
    assert tally(three_nights, "determinations", by, total="amount_fen", known_on=FIRST) == first
    assert tally(three_nights, "determinations", ("verdict",), known_on=SECOND) == [
        {"verdict": "no", "count": 1}, {"verdict": "yes", "count": 2}
    ]  # fmt: skip
    assert tally(three_nights, "determinations", ("verdict",), known_on=THIRD) == [{"verdict": "yes", "count": 1}]


def test_what_a_night_wrote_itself(three_nights: Warehouse) -> None:
    run = run_of(three_nights, SECOND)
    assert run is not None
    told = tally(three_nights, "determinations", ("determination_id",), known_on=SECOND, run_id=run["run_id"])
    assert [row["determination_id"] for row in told] == ["V2"]


def test_entries_pile_up(three_nights: Warehouse) -> None:
    assert tally(three_nights, "quarantine", ("reason_code",), known_on=SECOND) == [
        {"reason_code": "r1", "count": 2}, {"reason_code": "r2", "count": 2}
    ]  # fmt: skip


def test_one_value_of_a_column_only(three_nights: Warehouse) -> None:
    told = tally(three_nights, "determinations", ("determination_id",), known_on=SECOND, verdict="yes")
    assert [row["determination_id"] for row in told] == ["V1", "V2"]


def test_the_versions_that_held_and_since_when(three_nights: Warehouse) -> None:
    first, later = (held(three_nights, "determinations", ("determination_id", "verdict"), known_on=day)
                    for day in (FIRST, SECOND))  # fmt: skip
    assert first.to_pylist()[1] == {"determination_id": "V2", "verdict": "unknown", "known_on": FIRST}
    assert later.to_pylist()[:2] == [
        {"determination_id": "V1", "verdict": "yes", "known_on": FIRST},
        {"determination_id": "V2", "verdict": "yes", "known_on": SECOND},
    ]


def test_a_night_that_was_not_published_has_no_run(warehouse: Warehouse) -> None:
    assert run_of(warehouse, FIRST) is None
    run = open_night(warehouse, FIRST)
    assert run_of(warehouse, FIRST) is None
    close_run(warehouse, run, now=NOW, reason_code="x")
    assert run_of(warehouse, FIRST) is None
