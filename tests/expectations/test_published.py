# ruff: noqa: E501 - situations are drawn as tables
"""A night that breaks its own promises is not published, and every promise is told by name."""

import pickle
import time
from typing import Any

import pyarrow as pa
import pytest

from expectations import PublishRefused, check_published
from transforms import schemas

_SHAPES = {
    "feed_loads": schemas.FEED_LOADS,
    "links": schemas.LINKS,
    "review": schemas.REVIEW,
    "persons": schemas.PERSONS,
    "households": schemas.HOUSEHOLDS,
    "life_events": schemas.LIFE_EVENTS,
    "determinations": schemas.DETERMINATIONS,
    "entitlements": schemas.ENTITLEMENTS,
    "entitlement_shares": schemas.ENTITLEMENT_SHARES,
    "alerts": schemas.ALERTS,
}
LOAD = {
    "feed": "births",
    "status": "loaded",
    "rows_read": 10,
    "rows_accepted": 7,
    "rows_unchanged": 2,
    "rows_quarantined": 1,
}
LINK = {"mention_id": "m1", "person_id": "p1", "match_probability": 0.9}
VERDICT = {
    "determination_id": "d1",
    "household_id": "h1",
    "verdict": "yes",
    "needs_review": False,
    "amount_fen": 1000000,
}
ALERT = {
    "alert_id": "a1", "status": "live", "needs_review": False, "household_id": "h1", "benefit_id": "b",
    "person_id": "p1", "trigger_event_type": "death", "amount_fen": 1000000, "determination_id": "d1",
}  # fmt: skip
MONEY = {"entitlement_id": "e1", "household_id": "h1", "amount_fen": 1000000, "kind": "one_off"}
SHARES = [
    {"entitlement_id": "e1", "payer": payer, "amount_fen": fen}
    for payer, fen in (("province", 333333), ("city", 333333), ("county", 333334))
]


def night(**changed: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """A small night that holds, with some tables drawn anew."""
    drawn: dict[str, list[dict[str, Any]]] = {
        "feed_loads": [LOAD],
        "links": [LINK],
        "review": [{"pair_id": "r1", "candidate_person_id": "p1"}],
        "persons": [{"person_id": "p1"}, {"person_id": "p2"}],
        "households": [{"household_id": "h1", "father_person_id": "p1", "mother_person_id": None}],
        "life_events": [{"event_id": "v1", "person_id": "p2"}],
        "determinations": [VERDICT],
        "entitlements": [MONEY],
        "entitlement_shares": SHARES,
        "alerts": [ALERT],
        **changed,
    }
    return {name: pa.Table.from_pylist(rows, schema=_SHAPES[name]) for name, rows in drawn.items()}


def failed(tables: dict[str, pa.Table]) -> dict[str, int]:
    with pytest.raises(PublishRefused) as refused:
        check_published(tables)
    return {check_id.removeprefix("published."): rows for check_id, rows in refused.value.failed.items()}


def test_a_night_that_holds_is_published_with_its_audits() -> None:
    results = check_published(night())
    assert results.schema == schemas.QUALITY
    assert set(results["passed"].to_pylist()) == {True}


@pytest.mark.parametrize("load", [{**LOAD, "rows_accepted": 6}, {**LOAD, "status": "blocked", "rows_unchanged": 0}])
def test_rows_of_a_delivery_add_up(load: dict[str, Any]) -> None:
    assert failed(night(feed_loads=[LOAD, load])) == {"feed_loads.rows_add_up": 1}


def test_a_blocked_delivery_may_tell_what_was_read() -> None:
    blocked = {"feed": "births", "status": "blocked", "rows_read": 10}
    assert check_published(night(feed_loads=[blocked]))


@pytest.mark.parametrize(
    ("table", "row", "check_id"),
    [
        ("links", LINK, "links.mention_id_unique"),
        ("links", {**LINK, "mention_id": "m2", "person_id": "px"}, "links.person_id_known"),
        ("links", {**LINK, "mention_id": "m2", "match_probability": 1.2}, "links.probability_in_range"),
        ("review", {"pair_id": "r2", "candidate_person_id": "px"}, "review.candidate_person_id_known"),
        ("review", {"pair_id": None, "candidate_person_id": "p1"}, "review.pair_id_unique"),
        ("persons", {"person_id": "p1"}, "persons.person_id_unique"),
        ("households", {"household_id": "h1"}, "households.household_id_unique"),
        ("households", {"household_id": "h2", "mother_person_id": "px"}, "households.mother_person_id_known"),
        ("households", {"household_id": "h2", "father_person_id": "px"}, "households.father_person_id_known"),
        ("life_events", {"event_id": "v1", "person_id": "p1"}, "life_events.event_id_unique"),
        ("life_events", {"event_id": "v2", "person_id": "px"}, "life_events.person_id_known"),
        ("determinations", VERDICT | {"household_id": "hx", "determination_id": "d2"}, "determinations.household_id_known"),
        ("entitlements", MONEY, "entitlements.entitlement_id_unique"),
        ("entitlements", MONEY | {"entitlement_id": "e2", "amount_fen": 5}, "entitlements.shares_add_up"),
        ("entitlement_shares", SHARES[0] | {"payer": "district", "amount_fen": 1}, "entitlements.shares_add_up"),
        ("entitlement_shares", SHARES[0] | {"entitlement_id": "ex"}, "entitlement_shares.entry_is_there"),
        ("entitlement_shares", SHARES[0] | {"entitlement_id": None}, "entitlement_shares.entry_is_there"),
        ("alerts", ALERT | {"person_id": "p2"}, "alerts.alert_id_unique"),
        ("alerts", ALERT | {"alert_id": "a2"}, "alerts.one_live_a_case"),
        ("alerts", ALERT | {"alert_id": "a2", "person_id": "p2", "household_id": "hx"}, "alerts.household_id_known"),
        ("alerts", ALERT | {"alert_id": "a2", "person_id": "p2", "determination_id": "dx", "needs_review": True,
                            "amount_fen": None, "supersedes_alert_id": "ax"}, "alerts.supersedes_alert_id_known"),
        ("alerts", ALERT | {"alert_id": "a2", "person_id": "p2", "amount_fen": 5}, "alerts.amount_as_determined"),
        ("alerts", ALERT | {"alert_id": "a2", "person_id": "p2", "determination_id": "dx", "amount_fen": None},
         "alerts.live_means_yes"),
    ],
    ids=lambda at: at if isinstance(at, str) else "",
)  # fmt: skip
def test_one_broken_row_refuses_the_night_by_name(table: str, row: dict[str, Any], check_id: str) -> None:
    tables = night()
    more = pa.Table.from_pylist([row], schema=_SHAPES[table])
    assert failed({**tables, table: pa.concat_tables([tables[table], more])}) == {check_id: 1}


def test_the_payers_shares_of_every_entry_add_up_to_the_fen() -> None:
    back = MONEY | {"entitlement_id": "e1R", "amount_fen": -1000000, "kind": "adjustment"}
    returned = [each | {"entitlement_id": "e1R", "amount_fen": -each["amount_fen"]} for each in SHARES]
    assert check_published(night(entitlements=[MONEY, back], entitlement_shares=SHARES + returned))
    assert failed(night(entitlement_shares=[*SHARES[:2], SHARES[2] | {"amount_fen": 333333}])) == {
        "entitlements.shares_add_up": 1
    }
    assert failed(night(entitlements=[MONEY, back])) == {"entitlements.shares_add_up": 1}  # nobody pays it
    assert failed(night(entitlements=[])) == {"entitlement_shares.entry_is_there": 3}


def test_only_an_adjustment_takes_money_back() -> None:
    less, share = MONEY | {"amount_fen": -1}, {"entitlement_id": "e1", "payer": "city", "amount_fen": -1}
    assert failed(night(entitlements=[less], entitlement_shares=[share])) == {"entitlements.amount_in_range": 1}


@pytest.mark.parametrize(("is_held_back", "refused"), [(False, {"alerts.live_means_yes": 1}), (True, {})])
def test_an_alert_without_a_yes_waits_for_a_clerk_or_is_refused(is_held_back: bool, refused: dict[str, int]) -> None:
    tables = night(determinations=[VERDICT | {"verdict": "unknown"}], alerts=[ALERT | {"needs_review": is_held_back}])
    assert (failed(tables) if refused else dict.fromkeys(())) == refused
    assert refused or check_published(tables)


def test_nobody_is_told_of_what_a_clerk_has_not_confirmed() -> None:
    tables = night(determinations=[VERDICT | {"needs_review": True}])
    assert failed(tables) == {"alerts.unconfirmed_stay_back": 1}


def test_a_withdrawn_alert_needs_no_verdict_and_no_household() -> None:
    assert check_published(night(alerts=[ALERT | {"status": "withdrawn", "household_id": "h9"}], determinations=[]))


def test_an_audit_that_cannot_run_is_no_pass() -> None:
    tables = night()
    del tables["alerts"]
    assert failed(tables) == {"alerts.is_there": 1}


def test_all_that_fails_is_told_at_once_in_words_without_values() -> None:
    with pytest.raises(PublishRefused) as refused:
        check_published(night(persons=[], feed_loads=[LOAD | {"rows_read": 11}]))
    told = refused.value.sentences("zh")
    assert len(told) == 5 and any("行数对不上" in each for each in told)
    assert "p1" not in "".join(told) + str(refused.value)


def test_a_refusal_survives_being_sent_between_programs() -> None:
    refused = PublishRefused({"published.links.person_id_known": 2}, schemas.QUALITY.empty_table())
    assert pickle.loads(pickle.dumps(refused)).failed == refused.failed


def test_a_large_night_is_audited_quickly() -> None:
    count = 100_000
    links = pa.table(
        {
            "mention_id": [f"m{at}" for at in range(count)],
            "person_id": [f"p{at // 2}" for at in range(count)],
            "match_probability": [1.0] * count,
        }
    )
    persons = pa.table({"person_id": [f"p{at}" for at in range(count // 2)]})
    tables = {
        **night(review=[], households=[{"household_id": "h1"}], life_events=[]),
        "links": links,
        "persons": persons,
    }
    started = time.perf_counter()
    check_published(tables)
    assert time.perf_counter() - started < 3  # 0.1 s on a quiet machine; a quadratic query takes minutes
