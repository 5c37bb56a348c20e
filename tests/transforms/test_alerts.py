import re
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from tests.families import (
    CERTIFICATE,
    DIVORCE,
    NIGHT,
    POLICIES,
    SINCE,
    Nights,
    aid,
    death,
    decided,
    family,
    homes,
    night,
    verdicts,
    zhangdian,
)
from transforms.alerts import officer_list, raise_alerts
from transforms.eligibility.policy import load_policy
from transforms.schemas import ALERTS

DAY = date(2025, 6, 9)
VOID = death(DAY, version=2, status="作废")
BACK = death(DAY, version=3, status="恢复")
DOUBT = {"feed": "death_certificates", "record_key": "S1|1", "role": "subject", "maybe": "child"}


def told(rows):
    return [(row["alert_kind"], row["status"]) for row in rows]


def test_a_fresh_death_is_alerted_once_with_number_amount_and_day_of_contact():
    nights = Nights()
    (alert,) = nights.play(family(death_certificates=[death(DAY)]))
    assert re.fullmatch(r"A-20250610-[0-9A-V]{6}", alert["alert_id"])
    assert (alert["alert_kind"], alert["status"], alert["amount_fen"]) == ("new", "live", 1_000_000)
    assert (alert["raised_on"], alert["due_on"], alert["trigger_on"]) == (NIGHT, date(2025, 6, 13), DAY)
    assert (alert["township_code"], alert["trigger_record_key"]) == ("370303001", "S1|1")


def test_the_same_night_again_changes_nothing():
    drawn = family(death_certificates=[death(DAY)])
    nights = Nights()
    nights.play(drawn)
    before = nights.alerts
    nights.play(drawn)
    assert nights.alerts.equals(before)


def test_the_next_night_adds_nothing():
    nights = Nights()
    nights.play(family(night(1), death_certificates=[death(DAY)]))
    assert nights.play(family(night(2), death_certificates=[death(DAY)])) == []


def test_a_repeat_under_another_number_adds_nothing():
    nights = Nights()
    nights.play(family(night(1), death_certificates=[death(DAY)]))
    assert nights.play(family(night(2), death_certificates=[death(DAY), death(DAY, no="S2", status="补发")])) == []


def test_a_correction_of_the_date_amends_and_keeps_the_day_of_contact():
    nights = Nights()
    (first,) = nights.play(family(night(1), death_certificates=[death(DAY)]))
    (row,) = nights.play(
        family(night(2), death_certificates=[death(DAY), death(date(2025, 6, 8), version=2, status="更正")])
    )
    assert (row["alert_kind"], row["trigger_on"], row["supersedes_alert_id"]) == (
        "amended",
        date(2025, 6, 8),
        first["alert_id"],
    )
    assert row["due_on"] == first["due_on"]
    assert told(nights.live) == [("amended", "live")]


def test_a_correction_of_something_else_adds_nothing():
    nights = Nights()
    nights.play(family(night(1), death_certificates=[death(DAY)]))
    assert nights.play(family(night(2), death_certificates=[death(DAY), death(DAY, version=2, status="更正")])) == []


def test_a_void_withdraws_and_names_the_alert_it_takes_back():
    nights = Nights()
    (first,) = nights.play(family(night(1), death_certificates=[death(DAY)]))
    (row,) = nights.play(family(night(2), death_certificates=[death(DAY), VOID]))
    assert (row["alert_kind"], row["status"], row["supersedes_alert_id"]) == (
        "withdrawn",
        "withdrawn",
        first["alert_id"],
    )
    assert nights.live == []
    assert sorted(nights.alerts["status"].to_pylist()) == ["superseded", "withdrawn"]


def test_a_withdrawal_is_told_once():
    nights = Nights()
    for number, versions in ((1, [death(DAY)]), (2, [death(DAY), VOID]), (3, [death(DAY), VOID])):
        rows = nights.play(family(night(number), death_certificates=versions))
    assert rows == []


def test_a_reinstated_death_is_a_new_alert_after_the_withdrawal():
    nights = Nights()
    for number, versions in ((1, [death(DAY)]), (2, [death(DAY), VOID])):
        nights.play(family(night(number), death_certificates=versions))
    withdrawn = next(row for row in nights.alerts.to_pylist() if row["alert_kind"] == "withdrawn")
    (row,) = nights.play(family(night(3), death_certificates=[death(DAY), VOID, BACK]))
    assert (row["alert_kind"], row["status"], row["supersedes_alert_id"]) == ("new", "live", withdrawn["alert_id"])
    assert row["due_on"] == date(2025, 6, 15)
    assert len(nights.live) == 1
    assert len(set(nights.alerts["alert_id"].to_pylist())) == 3


def test_a_withdrawn_record_withdraws_the_alert():
    nights = Nights()
    nights.play(family(night(1), death_certificates=[death(DAY)]))
    assert told(nights.play(family(night(2)))) == [("withdrawn", "withdrawn")]


def test_a_doubtful_alert_waits_and_is_amended_when_it_becomes_certain():
    nights = Nights()
    (waiting,) = nights.play(family(night(1), death_certificates=[death(DAY, subject="somebody")], doubts=[DOUBT]))
    assert waiting["needs_review"]
    (row,) = nights.play(family(night(4), death_certificates=[death(DAY)]))
    assert (row["alert_kind"], row["needs_review"], row["supersedes_alert_id"]) == (
        "amended",
        False,
        waiting["alert_id"],
    )
    assert row["due_on"] == date(2025, 6, 16)


def test_a_withdrawal_of_what_was_never_told_is_not_told_either():
    nights = Nights()
    nights.play(family(night(1), death_certificates=[death(DAY, subject="somebody")], doubts=[DOUBT]))
    (row,) = nights.play(family(night(2), death_certificates=[death(DAY, subject="somebody")]))
    assert (row["alert_kind"], row["needs_review"]) == ("withdrawn", True)


def test_a_move_to_another_township_follows_in_place():
    nights = Nights()
    nights.play(family(night(1), death_certificates=[death(DAY)]))
    drawn = family(night(2), death_certificates=[death(DAY)])
    certificates = drawn.records["only_child_certificates"]
    place = certificates.column_names.index("village_code")
    moved = certificates.set_column(place, "village_code", pa.array(["370303009001"]))
    records = drawn.records | {"only_child_certificates": moved}
    assert nights.play(replace(drawn, records=records)) == []
    assert [row["township_code"] for row in nights.live] == ["370303009"]


def test_a_child_renamed_by_linkage_keeps_its_alert():
    nights = Nights()
    (first,) = nights.play(family(night(1), death_certificates=[death(DAY)]))
    drawn = family(night(2), death_certificates=[death(DAY)])
    names = drawn.links["person_id"].to_pylist()
    renamed = drawn.links.set_column(
        drawn.links.column_names.index("person_id"), "person_id", pa.array(["K" if n == "child" else n for n in names])
    )
    assert nights.play(replace(drawn, links=renamed)) == []
    assert [(row["alert_id"], row["person_id"]) for row in nights.live] == [(first["alert_id"], "K")]


def test_a_divorce_that_was_before_the_death_replaces_one_alert_by_two():
    nights = Nights()
    nights.play(family(night(1), death_certificates=[death(DAY)]))
    rows = nights.play(family(night(2), death_certificates=[death(DAY)], marriages=[DIVORCE]))
    assert sorted(told(rows)) == [("new", "live"), ("new", "live"), ("withdrawn", "withdrawn")]


def test_two_households_of_one_child_keep_their_alerts_when_verdicts_are_named_anew():
    nights, records = Nights(), {"death_certificates": [death(DAY)], "marriages": [DIVORCE]}
    first = {row["household_id"]: row["alert_id"] for row in nights.play(family(night(1), **records))}
    assert len(first) == 2
    names, at = nights.alerts["determination_id"].to_pylist(), nights.alerts.column_names.index("determination_id")
    nights.alerts = nights.alerts.set_column(at, "determination_id", pa.array([f"old{name}" for name in names]))
    assert nights.play(family(night(2), **records)) == []
    assert {row["household_id"]: row["alert_id"] for row in nights.live} == first
    assert {row["determination_id"] for row in nights.live} == set(names)


def test_an_event_older_than_the_alerts_stands_on_the_backlog():
    nights = Nights()
    drawn = family(death_certificates=[death(date(2023, 12, 31))])
    assert nights.play(drawn) == []
    assert officer_list(verdicts(drawn), NIGHT)["kind"].to_pylist() == ["backlog"]


def test_stale_feeds_on_a_later_night_do_not_take_an_alert_back():
    nights = Nights()
    record = death(DAY, known_on=night(1))
    nights.play(family(night(1), death_certificates=[record]))
    stale = {"births": night(1), "adoptions": night(1)}
    assert nights.play(family(night(9), death_certificates=[record], coverage=stale)) == []
    assert len(nights.live) == 1


XUCHANG = CERTIFICATE | {"mother_hukou_code": "411002"}


def xuchang():
    """Xuchang's document as if an officer had said from when it holds."""
    text = (POLICIES / "xuchang-warm-heart" / "policy.yaml").read_text("utf-8")
    return load_policy(text.replace("in_force: {}", "in_force: {from: 2020-01-01}"), "policy.yaml")


def test_an_alert_without_an_amount_is_raised_once_taken_back_and_owes_nothing():
    nights = Nights(xuchang())
    known = {"only_child_certificates": [XUCHANG]}
    (first,) = nights.play(family(night(1), death_certificates=[death(DAY)], **known))
    assert (first["benefit_id"], first["amount_fen"]) == ("xuchang-help-for-a-new-family", None)
    assert (first["alert_kind"], first["due_on"]) == ("new", night(2))
    assert nights.play(family(night(2), death_certificates=[death(DAY)], **known)) == []
    (row,) = nights.play(family(night(3), death_certificates=[death(DAY), VOID], **known))
    assert (row["alert_kind"], row["supersedes_alert_id"]) == ("withdrawn", first["alert_id"])
    assert nights.live == []
    assert nights.ledger.num_rows == 0


def test_a_new_family_of_an_undated_document_is_on_the_officers_list_and_not_alerted():
    undated = load_policy((POLICIES / "xuchang-warm-heart" / "policy.yaml").read_text("utf-8"), "policy.yaml")
    drawn = family(death_certificates=[death(DAY)], only_child_certificates=[XUCHANG])
    nights = Nights(undated.model_copy(update={"id": "undated"}))
    assert nights.play(drawn) == []
    (item,) = officer_list(decided(drawn, nights.policy)[0], NIGHT).to_pylist()
    assert (item["kind"], item["benefit_id"]) == ("open_question", "xuchang-help-for-a-new-family")


def test_no_determinations_and_no_alerts_give_an_empty_list():
    found = raise_alerts(
        verdicts(family()), homes(family()).households, None, [zhangdian()], as_of=NIGHT, alerts_since=SINCE
    )
    assert (found.num_rows, found.schema) == (0, ALERTS)


@pytest.mark.parametrize(
    ("died_on", "kind"), [(date(2026, 1, 8), "no_policy_in_force"), (date(2026, 1, 7), "transitional")]
)
def test_an_officer_sees_what_the_run_does_not_decide(died_on, kind):
    drawn = family(date(2026, 2, 1), death_certificates=[death(died_on)])
    (item,) = officer_list(verdicts(drawn), drawn.as_of).to_pylist()
    assert item["kind"] == kind
    assert item["determination_id"] == aid(drawn)["determination_id"]


def test_an_officer_sees_which_verdicts_wait_for_a_feed():
    drawn = family(coverage={"births": "none"}, death_certificates=[death(DAY)])
    assert officer_list(verdicts(drawn), NIGHT)["kind"].to_pylist() == ["coverage"]


def test_a_no_is_on_nobodys_list():
    assert officer_list(verdicts(family(death_certificates=[death(DAY), VOID])), NIGHT).num_rows == 0
