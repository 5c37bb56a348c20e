"""The truth beside the deliveries is whole, and says of each planned loss what its story says."""

from datetime import date
from typing import Any

import pytest

from connectors.simulator.stories import PICKY_FIRST
from tests.connectors.simulator.district import Site, by_story
from transforms.feeds import FEEDS, load_contract

ALWAYS = {"before_alerts_since", "not_reported"}  # planned before the alerts begin, or too late for these nights
OUTCOMES = {  # story → what may become of it beside ALWAYS
    **{
        story: {"due"}
        for story in (
            "plain_death",
            "divorced",
            "remarried_same",
            "register_only",
            "one_parent_dead",
            "sibling_dead",
            "adoption_dissolved",
            "plain_disability",
            "regraded",
        )
    },
    "divorced_new_child": {"due", "later_birth"},
    "void_and_reinstated": {"due", "death_voided"},
    "late_certificate": {"due", "certificate_not_delivered"},
    "divorced_disability": {"due", "wife_too_young", "wife_turns_49"},
    "widower": {"due", "wife_too_young", "wife_turns_49"},
    "death_voided": {"due", "death_voided"},
    **{
        reason: {reason}
        for reason in (
            "later_birth",
            "other_child_alive",
            "adopted_child",
            "child_adopted_away",
            "certificate_voided",
            "no_certificate",
            "no_surviving_parent",
            "settlement_only",
            "namesake_died",
            "grade_4",
            "wife_too_young",
            "wife_turns_49",
            "not_in_force",
        )
    },
}
UNLUCKY = {"settlement_only", "certificate_not_delivered", "later_birth", "not_in_force"}  # by another's defect


def test_every_story_has_an_outcome_to_be_held_against() -> None:
    assert set(OUTCOMES) == set(PICKY_FIRST)


@pytest.mark.parametrize("story", sorted(OUTCOMES))
def test_a_planned_loss_ends_as_its_story_says(town: Site, story: str) -> None:
    outcomes = by_story(town)[story]

    assert outcomes & (OUTCOMES[story] | ALWAYS)
    assert outcomes <= OUTCOMES[story] | ALWAYS | UNLUCKY


def test_most_losses_since_alerts_began_are_due(town: Site) -> None:
    misses = town.truth("near_misses")
    due, missed = len(town.truth("alerts")), (misses["reason"] != "before_alerts_since").sum()

    assert 0.5 < due / (due + missed) < 0.8


def test_two_a_night_become_due_after_the_first(town: Site) -> None:
    nights = town.truth("alerts")["due_night"].astype(str)

    assert 5 <= (nights > "2025-06-02").sum() <= 35
    assert (nights == "2025-06-02").sum() > 20


@pytest.mark.parametrize("feed", FEEDS)
def test_every_delivered_record_is_known_to_the_truth(town: Site, feed: str) -> None:
    delivered = len({key for f, key, _ in town.who if f == feed})
    parts = load_contract(feed).key
    rows = {tuple(record[part].upper().replace("Ｘ", "X") for part in parts[:2]) for record in town.records(feed)}

    assert delivered >= len(rows) > 0


def test_every_alert_is_triggered_by_a_delivered_record_of_the_child(town: Site) -> None:
    alerts = town.truth("alerts")
    keys = zip(alerts["trigger_feed"], alerts["trigger_record_key"], alerts["child_true_id"], strict=True)

    assert [feed for feed, key, child in keys if town.who[(feed, key, "subject")] != child] == []


def test_every_alert_stands_on_a_delivered_certificate_of_the_family(town: Site) -> None:
    for alert in town.truth("alerts").itertuples():
        key = ("only_child_certificates", alert.certificate_no)
        assert (town.who.get((*key, "father")), town.who[(*key, "child")]) == (
            alert.father_true_id,
            alert.child_true_id,
        )


def test_amounts_are_those_of_the_document(town: Site) -> None:
    alerts = town.truth("alerts")

    assert set(zip(alerts["benefit_id"], alerts["amount_fen"], strict=True)) == {
        ("special-aid-bereaved", 1_000_000),
        ("special-aid-disabled", 300_000),
    }


def test_divorced_parents_are_two_claimants(town: Site) -> None:
    alerts = town.truth("alerts")
    claims = alerts[alerts["story"] == "divorced"].groupby("child_true_id")["claimant"].agg(set)

    assert {frozenset(found) for found in claims} == {frozenset({"father", "mother"})}


def test_a_loss_that_is_a_near_miss_for_all_is_never_due(town: Site) -> None:
    alerts, misses = town.truth("alerts"), town.truth("near_misses")
    case = ["child_true_id", "benefit_id", "claimant"]

    assert alerts[case].merge(misses[case]).empty


def test_nobody_who_is_due_has_another_living_child_that_births_show(town: Site) -> None:
    """Counted a second time, from the delivered rows alone."""
    shown: dict[str, set[str]] = {}
    for record in town.records("births"):
        family = {role: town.who.get(("births", record["birth_certificate_no"], role)) for role in ROLES}
        if record["status"] != "作废":
            for parent in ("father", "mother"):
                shown.setdefault(str(family[parent]), set()).add(str(family["child"]))

    for alert in town.truth("alerts").itertuples():
        owed = {"father": (alert.father_true_id,), "mother": (alert.mother_true_id,)}.get(
            alert.claimant, (alert.father_true_id, alert.mother_true_id)
        )
        others = set().union(*(shown.get(parent, set()) for parent in owed)) - {alert.child_true_id}
        assert [child for child in others if lives(town.people[child], alert.trigger_on)] == []


ROLES = ("child", "father", "mother")


def lives(person: dict[str, Any], on: date) -> bool:
    born, died = person["birth_date"], person["died_on"]
    return born <= on and not (isinstance(died, date) and died <= on)
