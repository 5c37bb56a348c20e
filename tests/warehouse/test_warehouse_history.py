"""History by difference: a change is a new version, the old one keeps its dates, and any past night can be
asked."""

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warehouse_nights import FIRST, SECOND, THIRD, alerts, persons, publish_night, table

from transforms import schemas
from warehouse import Changes, Delta, KeysLost, Warehouse, latest_published
from warehouse.catalog import KEPT
from warehouse.reads import current, versions_of

DIED = date(2026, 2, 27)


def _versions(warehouse: Warehouse, person_id: str) -> list[tuple[object, ...]]:
    rows = versions_of(warehouse, "persons", [person_id])
    return [(row["died_on"], row["known_on"], row["superseded_on"]) for row in rows]


def test_a_first_night_inserts_every_row(warehouse: Warehouse) -> None:
    published = publish_night(warehouse, FIRST, persons=persons(P1=None, P2=DIED))
    assert published.changes["persons"] == Changes(inserted=2, closed=0)


def test_the_same_state_again_changes_nothing(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, persons=persons(P1=None, P2=DIED))
    published = publish_night(warehouse, SECOND, persons=persons(P2=DIED, P1=None))
    assert published.changes["persons"] == Changes(inserted=0, closed=0)


@pytest.mark.parametrize(("before", "after"), [(None, DIED), (DIED, None), (DIED, date(2026, 2, 28))])
def test_a_change_closes_the_old_version_and_writes_a_new_one(
    warehouse: Warehouse, before: date | None, after: date | None
) -> None:
    publish_night(warehouse, FIRST, persons=persons(P1=before))
    publish_night(warehouse, SECOND, persons=persons(P1=after))
    assert _versions(warehouse, "P1") == [(before, FIRST, SECOND), (after, SECOND, None)]


def test_a_key_missing_from_a_full_state_is_closed(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, persons=persons(P1=None, P2=None))
    publish_night(warehouse, SECOND, persons=persons(P2=None))
    assert _versions(warehouse, "P1") == [(None, FIRST, SECOND)]


def test_a_key_that_comes_back_gets_a_new_version(warehouse: Warehouse) -> None:
    for business_date, state in ((FIRST, persons(P1=None)), (SECOND, persons()), (THIRD, persons(P1=None))):
        publish_night(warehouse, business_date, persons=state)
    assert _versions(warehouse, "P1") == [(None, FIRST, SECOND), (None, THIRD, None)]


def test_a_delta_leaves_other_keys_alone(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, persons=persons(P1=None, P2=None))
    publish_night(warehouse, SECOND, persons=Delta(persons(P2=DIED)))
    assert current(warehouse, "persons").to_pydict()["died_on"] == [None, DIED]


def test_a_delta_closes_the_keys_it_says_are_gone(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, persons=persons(P1=None, P2=None))
    gone = pa.table({"person_id": ["P1"]})
    published = publish_night(warehouse, SECOND, persons=Delta(persons(), gone))
    assert published.changes["persons"] == Changes(inserted=0, closed=1)
    assert current(warehouse, "persons")["person_id"].to_pylist() == ["P2"]


def test_a_table_that_is_not_published_stays_as_it_is(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, persons=persons(P1=None))
    publish_night(warehouse, SECOND)
    assert current(warehouse, "persons").num_rows == 1


def test_a_past_night_is_asked_what_it_knew(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, persons=persons(P1=None))
    publish_night(warehouse, THIRD, persons=persons(P1=DIED))
    known = [current(warehouse, "persons", known_on=day)["died_on"].to_pylist() for day in (FIRST, SECOND, THIRD)]
    assert known == [[None], [None], [DIED]]


def test_an_officers_item_listed_again_is_no_new_version(warehouse: Warehouse) -> None:
    for day in (FIRST, SECOND):
        publish_night(warehouse, day, officer_list=table("officer_list", {"item_id": "O1", "listed_on": day}))
    assert len(versions_of(warehouse, "officer_list", ["O1"])) == 1


@pytest.mark.parametrize(("changed", "versions"), [("engine", 1), ("policy_hash", 1), ("facts_hash", 2)])
def test_another_engine_or_policy_file_alone_is_no_new_version(
    warehouse: Warehouse, changed: str, versions: int
) -> None:
    publish_night(warehouse, FIRST, determinations=table("determinations", {"determination_id": "V1"}))
    publish_night(warehouse, SECOND, determinations=table("determinations", {"determination_id": "V1", changed: "y"}))
    assert len(versions_of(warehouse, "determinations", ["V1"])) == versions


def test_a_payers_share_has_a_history_of_its_own(warehouse: Warehouse) -> None:
    shares = [{"entitlement_id": "N1", "payer": payer, "amount_fen": 50} for payer in ("county", "province")]
    publish_night(warehouse, FIRST, entitlement_shares=table("entitlement_shares", *shares))
    shares[0] = {**shares[0], "amount_fen": 60}
    published = publish_night(warehouse, SECOND, entitlement_shares=table("entitlement_shares", *shares))
    assert published.changes["entitlement_shares"] == Changes(inserted=1, closed=1)


def test_an_alert_never_vanishes(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, alerts=alerts({"alert_id": "A1"}, {"alert_id": "A2"}))
    with pytest.raises(KeysLost) as refusal:
        publish_night(warehouse, SECOND, alerts=alerts({"alert_id": "A2"}))
    assert (refusal.value.lost, latest_published(warehouse)) == (1, FIRST)


def test_an_alert_is_not_declared_gone_either(warehouse: Warehouse) -> None:
    publish_night(warehouse, FIRST, alerts=alerts({"alert_id": "A1"}))
    with pytest.raises(KeysLost):
        publish_night(warehouse, SECOND, alerts=Delta(alerts(), pa.table({"alert_id": ["A1"]})))


@pytest.mark.parametrize("name", [kept.name for kept in KEPT.values() if kept.is_versioned])
def test_every_column_that_is_compared_makes_a_version(warehouse: Warehouse, name: str) -> None:
    kept = KEPT[name]
    other = {pa.string(): "y", pa.date32(): DIED, pa.bool_(): True, pa.int64(): 2, pa.float64(): 0.5}
    changed = [each for each in kept.schema if kept.column_of(each.name) in kept.compared]
    before = [{kept.key[0]: str(number)} for number in range(len(changed))]
    after = [{**row, each.name: other[each.type]} for row, each in zip(before, changed, strict=True)]
    publish_night(warehouse, FIRST, **{name: table(name, *before)})
    published = publish_night(warehouse, SECOND, **{name: table(name, *after)})
    assert published.changes[name] == Changes(inserted=len(kept.compared), closed=len(kept.compared))


STATES = st.lists(
    st.dictionaries(st.sampled_from(["P1", "P2", "P3", "P4"]), st.sampled_from([None, DIED, FIRST])),
    min_size=1,
    max_size=4,
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=STATES)
def test_every_night_is_remembered_as_it_was_published(
    warehouse: Warehouse, states: list[dict[str, date | None]]
) -> None:
    start = (latest_published(warehouse) or FIRST) + timedelta(days=1)
    nights = {start + timedelta(days=n): state for n, state in enumerate(states)}
    for business_date, state in nights.items():
        publish_night(warehouse, business_date, persons=persons(**state))
    remembered = {day: current(warehouse, "persons", known_on=day).to_pydict() for day in nights}
    assert {day: dict(zip(r["person_id"], r["died_on"], strict=True)) for day, r in remembered.items()} == nights


def test_every_column_of_the_schemas_has_a_place() -> None:
    homeless = {
        kept.name: sorted({kept.column_of(name) for name in kept.schema.names} - set(kept.columns) - kept.left_in_lake)
        for kept in KEPT.values()
    }
    assert {name: columns for name, columns in homeless.items() if columns} == {}


def test_the_delivered_text_of_refused_rows_has_none() -> None:
    assert "delivered_json" in schemas.QUARANTINE.names
    assert "delivered_json" not in KEPT["quarantine"].table.c
