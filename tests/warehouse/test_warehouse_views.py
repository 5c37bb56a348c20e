"""The published views carry the contract's columns, in the contract's order and types."""

from datetime import date

import pytest
from sqlalchemy import text
from warehouse_nights import FIRST, alerts, persons, publish_night, table

from warehouse import Warehouse

PUBLISHED = {
    "v_runs": "run_id business_date status started_at finished_at",
    "v_feed_loads": (
        "run_id feed delivery delivered_on rows_read rows_accepted rows_unchanged rows_quarantined status watermark "
        "records_new records_changed records_gone"
    ),
    "v_quarantine": (
        "feed delivery row_number record_key reason_code column_name status quarantine_id run_id why decision_id "
        "by_delivery_id"
    ),
    "v_record_links": "feed record_key role person_id match_probability decided_by",
    "v_review_pairs": "pair_id feed record_key role candidate_person_id match_probability status",
    "v_persons": "person_id is_deceased died_on",
    "v_households": ("household_id only_child_certificate_no father_person_id mother_person_id township_code status"),
    "v_life_events": "event_id event_type person_id occurred_on known_on feed record_key status",
    "v_determinations": (
        "household_id policy_id clause_id benefit_id verdict known_on superseded_on determination_id subject_id "
        "person_id amount_fen reason_code policy_hash facts_hash engine"
    ),
    "v_entitlements": (
        "entitlement_id household_id person_id policy_id clause_id benefit_id period_from period_to amount_fen "
        "kind status determination_id payee is_floor entered_on"
    ),
    "v_alerts": (
        "alert_id alert_kind status needs_review household_id policy_id clause_id benefit_id trigger_event_type "
        "trigger_on trigger_feed trigger_record_key amount_fen township_code raised_on due_on supersedes_alert_id"
    ),
    "v_quality": "run_id feed delivery dimension check_id rows_checked rows_failed severity passed",
    "v_entitlement_shares": "entitlement_id payer amount_fen",
    "v_household_states": "household_id person_id event_type state reason_code since_on",
    "v_visits": "visit_id household_id person_id event_type outcome visited_on recorded_on recorded_by benefit_id",
    "v_payments": "payment_id entitlement_id amount_fen paid_on reference_no recorded_on recorded_by",
    "v_quarantine_states": (
        "quarantine_id status why decision_id by_delivery_id reason_code column_name known_on superseded_on"
    ),
    "v_quarantine_decisions": (
        "decision_id target sequence_no verb feed column_names from_value to_value accepted because recorded_on "
        "recorded_by"
    ),
    "v_quarantine_looks": "look_id quarantine_id because recorded_on recorded_by",
}


@pytest.mark.parametrize("view", PUBLISHED)
def test_a_view_has_the_contracts_columns_in_order(warehouse: Warehouse, view: str) -> None:
    with warehouse.reading() as connection:
        assert list(connection.execute(text(f"SELECT * FROM {view}")).keys()) == PUBLISHED[view].split()


def _read(warehouse: Warehouse, query: str) -> list[tuple[object, ...]]:
    with warehouse.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_dates_are_iso_text_on_sqlite_and_dates_on_postgresql(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, persons=persons(P1=date(2026, 2, 27)))
    wanted: object = "2026-02-27" if warehouse.is_sqlite else date(2026, 2, 27)
    assert _read(warehouse, "SELECT is_deceased, died_on FROM v_persons") == [(1, wanted)]


def test_needs_review_is_0_or_1(warehouse: Warehouse) -> None:
    rows = alerts({"alert_id": "A1", "needs_review": False}, {"alert_id": "A2", "needs_review": True})
    publish_night(warehouse, FIRST, alerts=rows)
    assert _read(warehouse, "SELECT needs_review FROM v_alerts ORDER BY alert_id") == [(0,), (1,)]


def test_an_event_keeps_the_date_on_which_it_became_known(warehouse: Warehouse) -> None:
    events = table("life_events", {"event_id": "E1", "known_on": date(2026, 2, 28)})
    publish_night(warehouse, FIRST, life_events=events)
    wanted: object = "2026-02-28" if warehouse.is_sqlite else date(2026, 2, 28)
    assert _read(warehouse, "SELECT known_on FROM v_life_events") == [(wanted,)]


def test_a_refused_row_is_open(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, quarantine=table("quarantine", {"_row_number": 7}))
    assert _read(warehouse, "SELECT row_number, status FROM v_quarantine") == [(7, "open")]
