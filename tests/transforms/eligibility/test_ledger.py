"""The ledger over time: what is owed for which month, to whom, who pays, and what a correction does to it."""

from datetime import date
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.law import LAW, VISITS, Office
from transforms.eligibility.entitlements import shares
from transforms.eligibility.policy import load_policy

DIED = date(2025, 3, 10)


def death(no="S1", version=1, status="有效", on=DIED, known_on=DIED, **more):
    return {"certificate_no": no, "version": version, "status": status, "died_at": on, "known_on": known_on,
            "subject": "child"} | more  # fmt: skip


@pytest.fixture
def office():
    made = Office(law=(load_policy(LAW.rstrip() + VISITS, "small-law.yaml"),))
    made.know("death_certificates", **death())
    return made


def statuses(office, benefit):
    return [(row["kind"], row["status"]) for row in office.entries if row["benefit_id"] == benefit]


def months(office, person):
    wanted = ("monthly", person, "recurring")
    return [
        row["period_from"].month
        for row in office.entries
        if (row["benefit_id"], row["person_id"], row["kind"]) == wanted
    ]


def test_nothing_is_payable_before_a_visit(office):
    office.night(date(2025, 6, 30))
    assert statuses(office, "once") == [("one_off", "suspected")]
    assert statuses(office, "monthly") == []
    assert office.state() == [("suspected", None)]


def test_months_begin_with_the_visit_and_are_owed_to_each_parent(office):
    office.visit(date(2025, 4, 20))
    office.night(date(2025, 6, 30))
    assert statuses(office, "once") == [("one_off", "payable")]
    assert months(office, "mother") == months(office, "father") == [4, 5, 6]
    assert office.state() == [("active", None)]


def visits_paid(office):
    return [(row["period_from"], row["period_to"], row["amount_fen"], row["kind"], row["status"], row["person_id"])
            for row in office.entries if row["benefit_id"] == "festival"]  # fmt: skip


SPRING, AUTUMN = date(2025, 5, 6), date(2025, 10, 6)


def test_each_festival_visit_that_was_made_is_owed_once_to_the_household(office):
    office.visit(date(2025, 4, 20))
    office.visit(SPRING, "made", benefit="festival")
    office.visit(date(2025, 5, 9), "made", benefit="festival")  # a second one of the same half-year
    office.night(date(2025, 6, 30))
    first = (SPRING, SPRING, 30_000, "recurring", "payable", None)
    assert visits_paid(office) == [first]
    office.visit(AUTUMN, "made", benefit="festival")
    office.night(date(2025, 10, 7))
    second = (AUTUMN, AUTUMN, 30_000, "recurring", "payable", None)
    assert sorted(visits_paid(office)) == [first, second]
    entry = next(row["entitlement_id"] for row in office.entries if row["period_from"] == SPRING)
    assert entry.endswith("-20250506-1")
    assert sum(row["amount_fen"] for row in office.shares if row["entitlement_id"] == entry) == 30_000


def test_a_visit_without_a_confirmed_family_or_to_nobody_owed_moves_no_money(office):
    office.visit(SPRING, "made", benefit="festival")
    office.night(date(2025, 5, 6))
    assert (visits_paid(office), office.state()) == ([], [("suspected", None)])
    office.visit(date(2025, 5, 7))  # confirmed after it: from then on visits count
    office.night(date(2025, 5, 8))
    assert visits_paid(office) == []
    office.know("births", birth_certificate_no="B2", birth_date=date(2025, 6, 1), status="有效", mother="mother",
                father="father", child="second", known_on=date(2025, 6, 3))  # fmt: skip
    office.visit(AUTUMN, "made", benefit="festival")
    office.night(date(2025, 10, 7))
    assert visits_paid(office) == []


def test_a_correction_takes_the_money_of_a_visit_back_by_an_adjustment(office):
    office.visit(date(2025, 4, 20))
    office.visit(SPRING, "made", benefit="festival")
    office.night(date(2025, 5, 7))
    office.know("death_certificates", **death(version=2, status="作废", known_on=date(2025, 5, 10)))
    office.night(date(2025, 5, 11))
    assert sorted(visits_paid(office), key=lambda row: -row[2]) == [
        (SPRING, SPRING, 30_000, "recurring", "reversed", None),
        (SPRING, SPRING, -30_000, "adjustment", "reversed", None),
    ]


def test_the_month_of_the_death_is_not_owed_if_it_began_before(office):
    office.visit(date(2025, 3, 20))
    office.night(date(2025, 4, 2))
    assert months(office, "mother") == [4]


def test_the_amount_of_a_month_is_that_of_its_first_day(office):
    office.visit(date(2025, 8, 1))
    office.night(date(2025, 9, 1))
    assert office.balance()["monthly", "mother", date(2025, 8, 1)] == 45_000
    assert office.balance()["monthly", "mother", date(2025, 9, 1)] == 59_000


def test_a_birth_ends_the_months_after_it_and_what_was_paid_is_to_be_recovered(office):
    office.visit(date(2025, 4, 1))
    office.night(date(2025, 6, 2))
    june = next(row for row in office.entries if row["person_id"] == "mother" and row["period_from"].month == 6)
    office.pay(june["entitlement_id"], june["amount_fen"], date(2025, 6, 10))
    office.night(date(2025, 6, 11))
    assert next(row for row in office.entries if row["entitlement_id"] == june["entitlement_id"])["status"] == "paid"
    office.know("births", birth_certificate_no="B1", birth_date=date(2025, 5, 20), mother="mother", father="father",
                child="second", known_on=date(2025, 6, 12))  # fmt: skip
    office.night(date(2025, 6, 12))
    answered = [row for row in office.entries if row["entitlement_id"] == june["entitlement_id"] + "R"]
    assert [(row["amount_fen"], row["kind"], row["status"]) for row in answered] == [
        (-45_000, "adjustment", "to_recover")
    ]
    assert {period.month for _, _, period in office.balance() if _ == "monthly"} <= {4, 5}
    assert [fen for (benefit, _, _), fen in office.balance().items() if benefit == "once"] == [1_000_000]
    office.pay(june["entitlement_id"] + "R", -45_000, date(2025, 7, 1))
    office.night(date(2025, 7, 2))
    assert ("adjustment", "recovered") in statuses(office, "monthly")


def test_a_parents_death_ends_that_parents_months_alone(office):
    office.visit(date(2025, 4, 1))
    office.know("death_certificates", **death("S2", on=date(2025, 5, 9), known_on=date(2025, 5, 10), subject="father"))
    office.night(date(2025, 7, 1))
    assert months(office, "father") == [4, 5]
    assert months(office, "mother") == [4, 5, 6, 7]


def test_the_wifes_birthday_begins_the_months():
    office = Office()
    office.records["only_child_certificates"][0] = office.records["only_child_certificates"][0] | {
        "mother_birth_date": date(1976, 5, 2)
    }
    office.know("death_certificates", **death())
    office.visit(date(2025, 4, 1))
    office.night(date(2025, 7, 1))
    assert months(office, "mother") == [6, 7]  # 49 on 2025-05-02: not yet on the first of May


def test_a_refuting_visit_takes_everything_out_by_entries(office):
    office.visit(date(2025, 4, 1))
    office.night(date(2025, 5, 1))
    before = office.entries
    office.visit(date(2025, 5, 2), "refuted")
    office.night(date(2025, 5, 2))
    assert office.balance() == {}
    assert office.state() == [("ended", "refuted_by_visit")]
    unchanged = ("entitlement_id", "amount_fen", "period_from", "kind", "entered_on")
    now = {row["entitlement_id"]: [row[name] for name in unchanged] for row in office.entries}
    assert all(now[row["entitlement_id"]] == [row[name] for name in unchanged] for row in before)


def test_a_void_ends_the_family_with_its_reason(office):
    office.visit(date(2025, 4, 1))
    office.night(date(2025, 4, 2))
    office.know("death_certificates", **death(version=2, status="作废", known_on=date(2025, 4, 3)))
    office.night(date(2025, 4, 3))
    assert office.balance() == {}
    assert office.state() == [("ended", "event_voided")]


def test_while_births_are_not_delivered_what_was_confirmed_stays_and_nothing_new_is_owed(office):
    office.visit(date(2025, 4, 1))
    office.night(date(2025, 4, 2))
    before = office.balance()
    office.coverage["births"] = date(2025, 4, 1)
    office.visits[0]["outcome"] = "confirmed"
    office.night(date(2025, 4, 20))
    assert office.balance() == before


def test_the_same_night_again_changes_nothing(office):
    office.visit(date(2025, 4, 1))
    office.night(date(2025, 5, 1))
    before, states = office.ledger, office.states
    office.night(date(2025, 5, 1))
    assert office.ledger.equals(before)
    assert office.states.equals(states)


def test_entries_of_a_document_that_the_site_has_no_more_keep_a_payer(office):
    office.night(date(2025, 3, 15))
    told = shares(office.ledger, []).to_pylist()
    owed = {row["entitlement_id"]: row["amount_fen"] for row in office.entries}
    assert owed
    assert {row["entitlement_id"]: row["amount_fen"] for row in told} == owed
    assert {row["payer"] for row in told} == {"unstated"}


def test_shares_add_up_to_the_fen(office):
    office.visit(date(2025, 4, 1))
    office.night(date(2025, 12, 1))
    odd = office.ledger.set_column(
        office.ledger.schema.get_field_index("amount_fen"), "amount_fen",
        [[Random(7).randrange(-99_999, 99_999) for _ in range(office.ledger.num_rows)]],
    )  # fmt: skip
    sums: dict[str, int] = {}
    for row in shares(odd, list(office.law)).to_pylist():
        sums[row["entitlement_id"]] = sums.get(row["entitlement_id"], 0) + row["amount_fen"]
    assert sums == {row["entitlement_id"]: row["amount_fen"] for row in odd.to_pylist()}
    assert [row["amount_fen"] for row in office.shares if row["entitlement_id"].startswith("N")][:3]


# What may befall a family, each with the day it happened and the day it became known.
DAYS = st.integers(0, 330).map(lambda n: date.fromordinal(date(2025, 1, 5).toordinal() + n))
LATER = st.integers(0, 60)
PARENTS = st.sampled_from(["father", "mother"])
KINDS = ("birth", "adoption", "dissolved", "divorce", "remarriage", "parent", "left", "came")


def _known(day, late):
    return min(date.fromordinal(day.toordinal() + late), date(2025, 12, 30))


@st.composite
def histories(draw):
    """Records of one family as (feed, record), each with its day known."""
    records = []
    for version, status in enumerate(
        draw(st.lists(st.sampled_from(["有效", "更正", "作废", "恢复"]), min_size=1, max_size=4)), 1
    ):
        day = draw(DAYS)
        known = date(2025, 1, 1 + 6 * version) if version == 1 else _known(date(2025, 1, 1), 60 * version)
        on = min(day, known)
        records.append(("death_certificates", death(version=version, status=status, on=on, known_on=known)))
    for number, kind in enumerate(draw(st.lists(st.sampled_from(KINDS), max_size=4))):
        day = draw(DAYS)
        known = _known(day, draw(LATER))
        both = {"man": "father", "woman": "mother", "known_on": known}
        adopted = {"adopter_man": "father", "adopter_woman": "mother", "adoptee": f"adopted{number}", "known_on": known}
        records.append({
            "birth": ("births", {"birth_certificate_no": f"B{number}", "birth_date": day, "mother": "mother",
                                 "father": "father", "child": f"born{number}", "known_on": known}),
            "adoption": ("adoptions", {"cert_no": f"A{number}", "registered_on": day, "status": "成立"} | adopted),
            "dissolved": ("adoptions", {"cert_no": f"A{number}", "registered_on": date(2024, 1, 2), "status": "解除",
                                        "dissolved_on": day} | adopted),
            "divorce": ("marriages", {"cert_no": f"L{number}", "op_type": "IB", "op_date": day} | both),
            "remarriage": ("marriages", {"cert_no": f"J{number}", "op_type": "IA", "op_date": day} | both),
            "parent": ("death_certificates", death(f"P{number}", on=day, known_on=known,
                                                   subject=draw(PARENTS))),
            "left": ("household_register", {"household_no": f"H{number}", "id_no": f"H{number}",
                                            "division_code": "370303001001", "moved_in_on": date(1999, 1, 1),
                                            "moved_out_on": day, "subject": draw(PARENTS), "known_on": known}),
            "came": ("household_register", {"household_no": f"H{number}", "id_no": f"H{number}",
                                            "division_code": draw(st.sampled_from(["370303001001", "370302001001"])),
                                            "moved_in_on": day, "subject": draw(PARENTS), "known_on": known}),
        }[kind])  # fmt: skip
    return records


LAST = date(2025, 12, 31)


def live(records, nights, visited_on):
    office = Office()
    for feed, record in records:
        office.know(feed, **record)
    office.visit(visited_on)
    for day in nights:
        office.night(day)
    return office


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories(), st.lists(DAYS, min_size=1, max_size=5), DAYS)
def test_nights_in_a_row_end_as_one_night_does(records, nights, visited_on):
    """Verdicts, what is owed in the end, and who is where do not depend on the nights in between."""
    stepwise = live(records, [*sorted(set(nights)), LAST], visited_on)
    at_once = live(records, [LAST], visited_on)
    assert stepwise.found.equals(at_once.found)
    verdicts = at_once.found.column("verdict").to_pylist()
    if "unknown" not in verdicts:  # what was confirmed stays while a verdict is unknown: there the way counts
        assert stepwise.balance() == at_once.balance()
    entered = {row["entitlement_id"] for row in stepwise.entries}
    assert all(row["entitlement_id"][:-1] in entered for row in stepwise.entries if row["kind"] == "adjustment")
