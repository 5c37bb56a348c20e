"""The events of a night: what OpenLineage asks of them, and what they say of columns."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.transforms.lineage.specification import conforms
from transforms.lineage import Moments, NightLineage, lineage_events
from transforms.lineage.stages import load_stages
from warehouse.views import VIEW_NAMES, view_columns

MOMENTS = Moments(datetime(2025, 6, 2, 18, 0, tzinfo=UTC), datetime(2025, 6, 2, 18, 5, tzinfo=UTC))


def load(feed: str, status: str = "loaded", **changed: Any) -> dict[str, Any]:
    return {
        "feed": feed, "delivery": f"{feed}_20250602_full.csv", "delivery_id": "D", "sha256": "ab" * 32,
        "status": status, "rows_read": 10, "rows_accepted": 9, "rows_unchanged": 0, "rows_quarantined": 1,
        "reason": "renamed", **changed,
    }  # fmt: skip


def check(feed: str, column: str, rule: str, bad: int) -> dict[str, Any]:
    return {"feed": feed, "delivery": f"{feed}_20250602_full.csv", "check_id": f"{feed}.{column}.{rule}",
            "severity": "field", "rows_checked": 10, "rows_failed": bad, "passed": bad == 0}  # fmt: skip


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    night = NightLineage(
        site="370303", run_id="R20250602", business_date=date(2025, 6, 2), moments=MOMENTS, engine="6",
        deliveries=[load("births"), load("low_income", "blocked"), load("adoptions", "missing", delivery="")],
        checks=[check("births", "mother_id_no", "bad_check", 2), check("births", "delivery", "columns", 0)],
        rows={"v_alerts": 3, "mentions": 40},
        headers={"births": {"mother_id_no": "母亲证件号"}},
        views={name: view_columns(name) for name in VIEW_NAMES},
    )  # fmt: skip
    return lineage_events(night)


def last_of(events: list[dict[str, Any]], job: str) -> dict[str, Any]:
    return [event for event in events if event["job"]["name"] == job][-1]


def output(event: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in event["outputs"] if each["name"] == name)


def test_every_event_is_as_the_specification_says(events: list[dict[str, Any]]) -> None:
    for event in events:
        conforms(event)


def test_the_specification_knows_a_wrong_event(events: list[dict[str, Any]]) -> None:
    for broken in (
        {**events[0], "eventType": "ENDED"},
        {**events[0], "eventTime": "yesterday"},
        {**events[0], "job": {"namespace": "x"}},
        {**events[0], "run": {**events[0]["run"], "runId": "R1"}},
        {**events[0], "outcome": 1},
    ):
        with pytest.raises((TypeError, ValueError)):
            conforms(broken)


def test_every_run_begins_once_and_ends_once(events: list[dict[str, Any]]) -> None:
    kinds: dict[str, list[str]] = {}
    for event in events:
        kinds.setdefault(event["run"]["runId"], []).append(event["eventType"])
    assert sorted(map(tuple, kinds.values()))[:1] == [("START", "COMPLETE")]
    assert all(each[0] == "START" and each[1] in ("COMPLETE", "FAIL") and len(each) == 2 for each in kinds.values())
    assert {event["job"]["name"] for event in events} == {
        "nightly", "take/births", "take/low_income", *(stage.id for stage in load_stages() if not stage.per_feed)
    }  # fmt: skip


def test_a_delivery_that_was_not_taken_has_failed_with_its_reason_and_wrote_no_record(
    events: list[dict[str, Any]],
) -> None:
    blocked = last_of(events, "take/low_income")
    assert blocked["eventType"] == "FAIL" and blocked["run"]["facets"]["errorMessage"]["message"] == "renamed"
    assert {each["name"] for each in blocked["outputs"]} == {"v_feed_loads", "v_quality"}


def test_a_column_is_followed_from_the_header_to_the_mention(events: list[dict[str, Any]]) -> None:
    taken = output(last_of(events, "take/births"), "records/births")["facets"]["columnLineage"]["fields"]
    assert [(each["name"], each["field"]) for each in taken["mother_id_no"]["inputFields"]] == [
        ("delivery/births/births_20250602_full.csv", "母亲证件号")
    ]
    told = output(last_of(events, "mention"), "mentions")["facets"]["columnLineage"]["fields"]
    assert ("records/births", "mother_id_no") in {(e["name"], e["field"]) for e in told["id_no"]["inputFields"]}


def test_the_results_of_checks_stand_with_the_delivery(events: list[dict[str, Any]]) -> None:
    (delivered,) = last_of(events, "take/births")["inputs"]
    told = {each["name"]: each for each in delivered["inputFacets"]["dataQualityAssertions"]["assertions"]}
    assert told["births.mother_id_no.bad_check"]["success"] is False
    assert told["births.mother_id_no.bad_check"]["column"] == "母亲证件号"
    assert told["births.delivery.columns"]["success"] is True and "column" not in told["births.delivery.columns"]


def test_no_column_is_told_that_a_view_does_not_have(events: list[dict[str, Any]]) -> None:
    for event in events:
        for table in event["outputs"]:
            fields = table.get("facets", {}).get("columnLineage", {}).get("fields", {})
            if table["name"] in VIEW_NAMES:
                assert set(fields) <= set(view_columns(table["name"]))


def test_the_moments_are_the_nights_own(events: list[dict[str, Any]]) -> None:
    assert {event["eventTime"] for event in events if event["eventType"] == "START"} == {"2025-06-02T18:00:00Z"}
    assert {event["eventTime"] for event in events if event["eventType"] != "START"} == {"2025-06-02T18:05:00Z"}
