"""The traps of the policies, each as a story over nights: what is told, to whom, and what is owed."""

from datetime import date

from tests.families import DIVORCE, NIGHT, Nights, aid, child_of_both, death, family, night, verdicts
from transforms.alerts import officer_list

DAY = date(2025, 6, 9)


def test_1_a_death_after_the_documents_end_is_neither_silence_nor_money():
    nights = Nights()
    drawn = family(date(2026, 11, 21), death_certificates=[death(date(2026, 11, 20))])
    assert nights.play(drawn) == []
    assert nights.owed_fen == 0
    assert officer_list(verdicts(drawn), drawn.as_of)["kind"].to_pylist() == ["no_policy_in_force"]


def test_1_a_death_alerted_in_time_stays_after_the_document_has_lapsed():
    nights = Nights()
    record = death(date(2026, 1, 5), known_on=date(2026, 1, 6))
    nights.play(family(date(2026, 1, 6), death_certificates=[record]))
    assert nights.play(family(date(2026, 1, 20), death_certificates=[record])) == []
    assert (len(nights.live), nights.owed_fen) == (1, 1_000_000)


def test_2_a_december_death_that_arrives_in_january_belongs_to_december():
    nights = Nights()
    (alert,) = nights.play(family(date(2025, 1, 6), death_certificates=[death(date(2024, 12, 28))]))
    assert (alert["trigger_on"], alert["raised_on"], alert["due_on"]) == (
        date(2024, 12, 28), date(2025, 1, 6), date(2025, 1, 9),
    )  # fmt: skip
    assert nights.ledger["period_from"].to_pylist() == [date(2024, 1, 1)]


def test_4_unknown_neither_alerts_nor_pays_and_becomes_yes_when_the_feed_arrives():
    nights = Nights()
    record = death(DAY, known_on=night(1))
    assert (
        nights.play(family(night(1), coverage={"births": "none", "adoptions": "fresh"}, death_certificates=[record]))
        == []
    )
    assert nights.owed_fen == 0
    (alert,) = nights.play(family(night(2), death_certificates=[record]))
    assert (alert["alert_kind"], nights.owed_fen) == ("new", 1_000_000)


def test_5_a_birth_after_the_death_ends_the_status_and_takes_nothing_back():
    nights = Nights()
    birth = child_of_both("B2", date(2025, 6, 11))
    nights.play(family(night(1), death_certificates=[death(DAY)]))
    drawn = family(night(3), death_certificates=[death(DAY)], births=[birth])
    assert nights.play(drawn) == []
    assert aid(drawn, "special-family-status")["verdict"] == "no"
    assert nights.owed_fen == 1_000_000


def test_6_grade_four_is_not_above_grade_three():
    def verdict(grade):
        row = {"cert_no": "C1", "grade": grade, "assessed_on": DAY, "status": "有效", "subject": "child"}
        return aid(family(disability_certificates=[row]), "special-aid-disabled")["verdict"]

    assert [verdict(grade) for grade in (1, 2, 3, 4)] == ["yes", "yes", "yes", "no"]


def test_8_a_divorced_couple_is_two_households_each_with_the_full_amount():
    nights = Nights()
    rows = nights.play(family(death_certificates=[death(DAY)], marriages=[DIVORCE]))
    assert [row["amount_fen"] for row in rows] == [1_000_000, 1_000_000]
    assert len({row["household_id"] for row in rows}) == 2


def test_11_corrected_voided_and_reinstated_ends_in_one_live_alert_and_one_amount():
    nights = Nights()
    versions = [
        death(DAY),
        death(date(2025, 6, 8), version=2, status="更正"),
        death(date(2025, 6, 8), version=3, status="作废"),
        death(date(2025, 6, 8), version=4, status="恢复"),
    ]
    raised = [nights.play(family(night(n), death_certificates=versions[:n])) for n in range(1, 5)]
    kinds = [row["alert_kind"] for rows in raised for row in rows]
    assert kinds == ["new", "amended", "withdrawn", "new"]
    assert (len(nights.live), nights.owed_fen) == (1, 1_000_000)


def test_11_a_later_found_sibling_takes_the_amount_back_by_an_entry():
    nights = Nights()
    birth = child_of_both("B2", date(2005, 3, 3))
    nights.play(family(night(1), death_certificates=[death(DAY)]))
    (row,) = nights.play(family(night(2), death_certificates=[death(DAY)], births=[birth]))
    assert (row["alert_kind"], nights.owed_fen) == ("withdrawn", 0)
    assert sorted(nights.ledger["amount_fen"].to_pylist()) == [-1_000_000, 1_000_000]


def test_11_a_dissolved_adoption_of_this_child_ends_the_adopters_claim():
    adoption = {
        "cert_no": "A1", "registered_on": date(2000, 1, 1), "status": "解除", "dissolved_on": date(2020, 1, 1),
        "adopter_man": "man", "adopter_woman": "woman", "adoptee": "child",
    }  # fmt: skip
    assert aid(family(death_certificates=[death(DAY)], adoptions=[adoption]))["verdict"] == "yes"


def test_12_nobody_is_told_before_a_clerk_has_looked():
    nights = Nights()
    doubt = {"feed": "death_certificates", "record_key": "S1|1", "role": "subject", "maybe": "child"}
    rows = nights.play(family(death_certificates=[death(DAY, subject="somebody")], doubts=[doubt]))
    assert [row["needs_review"] for row in rows] == [True]
    assert nights.owed_fen == 0


def test_12_a_void_with_a_cremation_standing_goes_back_to_the_clerk():
    nights = Nights()
    cremation = {"record_no": "F1", "died_on": DAY, "cremated_on": DAY, "subject": "child"}
    nights.play(family(night(1), death_certificates=[death(DAY)], cremations=[cremation]))
    both = [death(DAY), death(DAY, version=2, status="作废")]
    (row,) = nights.play(family(night(2), death_certificates=both, cremations=[cremation]))
    assert (row["alert_kind"], row["needs_review"]) == ("amended", True)


def test_13_a_namesakes_death_touches_no_family():
    nights = Nights()
    assert nights.play(family(death_certificates=[death(DAY, subject="namesake")])) == []
    assert officer_list(verdicts(family(death_certificates=[death(DAY, subject="namesake")])), NIGHT).num_rows == 0


def test_13_twins_of_one_birth_are_two_children():
    births = [child_of_both(f"B{n}", date(1998, 9, 9), who) for n, who in enumerate(("child", "twin"))]
    assert aid(family(death_certificates=[death(DAY)], births=births))["reason_code"] == "other_child"
