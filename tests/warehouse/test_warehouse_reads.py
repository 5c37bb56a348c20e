"""What is asked of the warehouse comes back in the shape the rooms agreed on."""

from datetime import date, timedelta

import pytest
from warehouse_nights import FIRST, NOW, SECOND, THIRD, alerts, open_night, persons, publish_night, table

from transforms import schemas
from warehouse import Warehouse, close_run
from warehouse.catalog import KEPT
from warehouse.reads import (
    alert,
    current,
    delivery,
    feed_history,
    known_deliveries,
    last_delivered,
    latest_alert,
    loaded_deliveries,
    persons_linked,
    rows_of,
    run_summary,
    volumes,
    watermark,
)

LOADED = {"feed": "births", "status": "loaded", "mode": "delta"}


@pytest.mark.parametrize("name", [name for name in KEPT if name not in ("quarantine", "feed_loads")])
def test_what_was_published_comes_back_as_it_went_in(warehouse: Warehouse, name: str) -> None:
    drawn = table(name, {})
    publish_night(warehouse, FIRST, **{name: drawn})
    assert current(warehouse, name).select(drawn.column_names).equals(drawn)


@pytest.mark.parametrize("name", [name for name in KEPT if name not in ("quarantine", "feed_loads")])
def test_an_empty_table_has_the_schema_of_its_name(warehouse: Warehouse, name: str) -> None:
    assert current(warehouse, name).schema.equals(KEPT[name].schema)


def test_a_table_that_only_grows_is_asked_as_of_a_date(warehouse: Warehouse) -> None:
    for day in (FIRST, SECOND):
        publish_night(warehouse, day, person_events=table("person_events", {"known_on": day}))
    assert current(warehouse, "person_events", known_on=FIRST)["known_on"].to_pylist() == [FIRST]


def _loads(warehouse: Warehouse) -> None:
    first = {**LOADED, "delivery": "a.csv", "delivery_id": "D1", "rows_read": 10, "delivered_on": FIRST}
    publish_night(warehouse, FIRST, feed_loads=table("feed_loads", first))
    second = {**first, "delivery": "b.csv", "delivery_id": "D2", "rows_read": 20, "delivered_on": SECOND}
    blocked = {**first, "delivery": "c.csv", "delivery_id": "D3", "rows_read": 90, "status": "blocked",
               "source_fingerprint": "s1"}  # fmt: skip
    whole = {**first, "delivery": "d.csv", "delivery_id": "D4", "rows_read": 99, "mode": "full"}
    silent = {**first, "feed": "adoptions", "delivery": "", "delivery_id": "", "status": "missing"}
    publish_night(warehouse, SECOND, feed_loads=table("feed_loads", second, blocked, whole, silent))


def test_volumes_are_those_of_loaded_deliveries_of_the_mode_newest_first(warehouse: Warehouse) -> None:
    _loads(warehouse)
    assert volumes(warehouse, "births", "delta", 5) == [20, 10]
    assert volumes(warehouse, "births", "delta", 1) == [20]


def test_a_watermark_is_that_of_the_last_loaded_pull_that_was_asked_in_this_way(warehouse: Warehouse) -> None:
    pulled = LOADED | {"source_fingerprint": "s1", "delivery": "a"}
    loads = (
        pulled | {"watermark": "2025-06-01T08:00:00"},
        pulled | {"watermark": "2025-06-02T08:00:00", "source_fingerprint": "s2", "delivery": "b"},
        pulled | {"watermark": "2025-06-03T08:00:00", "feed": "adoptions"},
    )
    publish_night(warehouse, FIRST, feed_loads=table("feed_loads", *loads))
    nothing_new = pulled | {"watermark": None}
    blocked = pulled | {"watermark": "2025-06-04T08:00:00", "status": "blocked", "delivery": "b"}
    publish_night(warehouse, SECOND, feed_loads=table("feed_loads", nothing_new, blocked))
    assert watermark(warehouse, "births", "s1") == "2025-06-01T08:00:00"
    assert watermark(warehouse, "births", "s2") == "2025-06-02T08:00:00"
    assert watermark(warehouse, "births", "s3") is None


def test_the_last_delivery_of_a_feed(warehouse: Warehouse) -> None:
    _loads(warehouse)
    assert (last_delivered(warehouse, "births"), last_delivered(warehouse, "adoptions")) == (SECOND, None)


def test_deliveries_are_listed_with_the_night_that_saw_them(warehouse: Warehouse) -> None:
    _loads(warehouse)
    listed = loaded_deliveries(warehouse).to_pydict()
    assert listed["delivery_id"] == ["D1", "D2", "D3", "D4"]
    assert listed["business_date"] == [FIRST, SECOND, SECOND, SECOND]


def test_what_was_read_is_known_with_its_content_and_how_it_was_read(warehouse: Warehouse) -> None:
    _loads(warehouse)
    told = [(row["delivery_id"], row["status"], row["source_fingerprint"]) for row in known_deliveries(warehouse)]
    assert ("D3", "blocked", "s1") in told and ("D4", "loaded") in {row[:2] for row in told}


def test_a_delivery_is_found_by_its_id(warehouse: Warehouse) -> None:
    _loads(warehouse)
    found = delivery(warehouse, "D2")
    assert found is not None and (found["delivery"], found["rows_read"]) == ("b.csv", 20)
    assert delivery(warehouse, "D9") is None


def test_the_history_of_the_feeds_is_that_of_the_last_nights(warehouse: Warehouse) -> None:
    for day in (FIRST, SECOND, THIRD):
        publish_night(warehouse, day, feed_loads=table("feed_loads", {}), quality=table("quality", {}))
    history = feed_history(warehouse, 2)
    assert history.loads["business_date"].to_pylist() == [SECOND, THIRD]
    assert history.quality["run_id"].to_pylist() == ["R20260302", "R20260303"]
    assert history.loads.column_names[: 2 + len(schemas.FEED_LOADS)] == [
        "run_id",
        "business_date",
        *schemas.FEED_LOADS.names,
    ]


def test_the_history_ends_where_it_is_asked_to(warehouse: Warehouse) -> None:
    for day in (FIRST, SECOND):
        publish_night(warehouse, day, feed_loads=table("feed_loads", {}))
    assert feed_history(warehouse, 5, until=FIRST).loads["business_date"].to_pylist() == [FIRST]


def test_a_night_is_summed_up(warehouse: Warehouse) -> None:
    raised = [{"alert_id": "A1", "raised_on": FIRST}, {"alert_id": "A2", "raised_on": FIRST, "needs_review": True}]
    publish_night(warehouse, FIRST, alerts=alerts(*raised), persons=persons(P1=None), review=table("review", {}))
    summary = run_summary(warehouse, FIRST)
    assert summary is not None
    assert (summary.status, summary.alerts, summary.told, summary.review_open) == ("done", {"new": 2}, 1, 1)
    assert summary.counts["persons"] == 1


def test_a_night_is_summed_up_as_it_was_then(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, persons=persons(P1=None))
    publish_night(warehouse, SECOND, persons=persons(P1=None, P2=None))
    summary = run_summary(warehouse, FIRST)
    assert summary is not None and summary.counts["persons"] == 1


def test_a_failed_night_is_summed_up_too(warehouse: Warehouse) -> None:
    close_run(warehouse, open_night(warehouse, FIRST), now=NOW + timedelta(seconds=5))
    summary = run_summary(warehouse, FIRST)
    assert summary is not None and (summary.status, summary.finished_at) == ("failed", NOW + timedelta(seconds=5))


def test_a_night_that_never_ran_has_no_summary(warehouse: Warehouse) -> None:
    assert run_summary(warehouse, FIRST) is None


def test_an_alert_is_found_as_it_stands_now(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, alerts=alerts({"alert_id": "A1"}))
    publish_night(warehouse, SECOND, alerts=alerts({"alert_id": "A1", "status": "superseded"}))
    found = alert(warehouse, "A1")
    assert found is not None and found["status"] == "superseded"
    assert alert(warehouse, "A9") is None


def test_an_explanation_follows_persons_to_their_events(warehouse: Warehouse) -> None:
    events = table("life_events", {"event_id": "E1", "person_id": "P1"}, {"event_id": "E2", "person_id": "P2"})
    publish_night(warehouse, FIRST, life_events=events)
    assert [row["event_id"] for row in rows_of(warehouse, "life_events", "person_id", ["P2", "P3"])] == ["E2"]


def test_and_may_ask_what_was_known_then(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, persons=persons(P1=None))
    publish_night(warehouse, SECOND, persons=persons(P1=date(2026, 2, 27)))
    then = rows_of(warehouse, "persons", "person_id", ["P1"], known_on=FIRST)
    assert [row["died_on"] for row in then] == [None]


def test_persons_are_counted_by_their_links(warehouse: Warehouse) -> None:
    links = table("links", *({"mention_id": f"m{n}", "person_id": f"P{n // 2}"} for n in range(4)))
    publish_night(warehouse, FIRST, links=links)
    assert persons_linked(warehouse) == 2


def test_the_latest_alert_is_a_told_one_before_one_that_waits_for_a_clerk(warehouse: Warehouse) -> None:
    assert latest_alert(warehouse) is None
    told, waiting = (
        {"alert_id": "A1", "raised_on": FIRST},
        {"alert_id": "A2", "raised_on": SECOND, "needs_review": True},
    )
    publish_night(warehouse, SECOND, alerts=alerts(told, waiting))
    found = latest_alert(warehouse)
    assert found is not None and found["alert_id"] == "A1"


def test_an_alert_is_found_as_it_stood_on_a_date(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, alerts=alerts({"alert_id": "A1", "amount_fen": 1, "raised_on": FIRST}))
    later = {"alert_id": "A2", "raised_on": SECOND}
    publish_night(warehouse, SECOND, alerts=alerts({"alert_id": "A1", "amount_fen": 2, "raised_on": FIRST}, later))
    then = alert(warehouse, "A1", known_on=FIRST)
    assert then is not None and then["amount_fen"] == 1
    assert alert(warehouse, "A2", known_on=FIRST) is None
    latest = latest_alert(warehouse, known_on=FIRST), latest_alert(warehouse)
    assert [found and found["alert_id"] for found in latest] == ["A1", "A2"]
