"""The plain reading of the document, on families drawn by hand. Days are numbers from an arbitrary 1 January 2025."""

from types import SimpleNamespace
from typing import Any

import pytest

from connectors.simulator.days import NEVER, day
from connectors.simulator.delivered_facts import Row, Shown
from connectors.simulator.law import Court, Family

FATHER, MOTHER, CHILD, OTHER, CERTIFICATE = 1, 2, 3, 4, 0
DIED, TOLD, TONIGHT = day(2025, 3, 1), day(2025, 3, 3), day(2025, 6, 2)
FAMILY = Family(CERTIFICATE, FATHER, MOTHER, CHILD)
BIRTHS = {FATHER: day(1970), MOTHER: day(1972), CHILD: day(1997), OTHER: day(2005)}


def row(key: str, night: int = TOLD, **says: Any) -> Row:
    return Row(night, key, SimpleNamespace(**says))


def family_book(**changed: dict[int, list[Row]]) -> Shown:
    """A couple with a certificate of 1999 whose only child died on 1 March 2025."""
    tables: dict[str, dict[int, list[Row]]] = {
        name: {}
        for name in ("death_certificates", "cremations", "register", "household", "births", "adopters", "adoptees",
                     "couples", "disabilities", "last_stays")
    }  # fmt: skip
    tables["certificates"] = {CERTIFICATE: [row("c", issued_on=day(1999), voided_on=NEVER)]}
    tables["death_certificates"] = {CHILD: [death(1)]}
    return Shown(**{**tables, **changed})


def death(version: int, night: int = TOLD, *, is_valid: bool = True, died_on: int = DIED) -> Row:
    return row(f"d|{version}", night, version=version, is_valid=is_valid, died_on=died_on)


def born(child: int, on: int) -> Row:
    return row("b", child=child, born_on=on, is_valid=True)


def outcome(book: Shown, night: int = TONIGHT, births: dict[int, int] = BIRTHS) -> dict[str, str]:
    """Claimant → why not, or "due"."""
    findings = Court(book, births, day(2024)).findings(FAMILY, night)
    return {finding.claimant: finding.reason or "due" for finding in findings}


def test_an_only_childs_death_is_due_to_the_couple() -> None:
    assert outcome(family_book()) == {"couple": "due"}


def test_before_the_report_arrives_there_is_nothing() -> None:
    assert outcome(family_book(), night=TOLD - 1) == {}


@pytest.mark.parametrize(("on", "expected"), [(DIED, "later_birth"), (DIED + 1, "due")])
def test_a_child_born_by_the_day_of_death_counts(on: int, expected: str) -> None:
    births = {**BIRTHS, OTHER: on}

    assert outcome(family_book(births={FATHER: [born(OTHER, on)]}), births=births) == {"couple": expected}


def test_another_child_known_dead_does_not_count() -> None:
    book = family_book(
        births={MOTHER: [born(OTHER, day(2005))]},
        cremations={OTHER: [row("k", died_on=day(2020))]},
    )

    assert outcome(book) == {"couple": "due"}


@pytest.mark.parametrize(("dissolved", "expected"), [(NEVER, "adopted_child"), (day(2020), "due")])
def test_an_adoption_counts_until_it_is_dissolved(dissolved: int, expected: str) -> None:
    adopted = row("a", child=OTHER, registered_on=day(2010), dissolved_on=dissolved)

    assert outcome(family_book(adopters={MOTHER: [adopted]})) == {"couple": expected}


def test_a_child_given_away_is_not_theirs() -> None:
    away = row("a", child=CHILD, registered_on=day(2003), dissolved_on=NEVER)

    assert outcome(family_book(adoptees={CHILD: [away]})) == {"couple": "child_adopted_away"}


@pytest.mark.parametrize(("voided", "expected"), [(DIED, "certificate_voided"), (DIED + 1, "due")])
def test_a_certificate_voided_by_the_day_of_death_is_none(voided: int, expected: str) -> None:
    book = family_book(certificates={CERTIFICATE: [row("c", issued_on=day(1999), voided_on=voided)]})

    assert outcome(book) == {"couple": expected}


def test_a_void_withdraws_and_a_reinstatement_brings_back() -> None:
    book = family_book(death_certificates={CHILD: [death(1), death(2, TOLD + 2, is_valid=False), death(3, TOLD + 4)]})

    told = [outcome(book, night) for night in (TOLD, TOLD + 2, TOLD + 4)]

    assert told == [{"couple": "due"}, {}, {"couple": "due"}]


def test_a_cremation_outlasts_a_void() -> None:
    book = family_book(
        death_certificates={CHILD: [death(1), death(2, TOLD + 2, is_valid=False)]},
        cremations={CHILD: [row("k", died_on=DIED)]},
    )

    assert outcome(book) == {"couple": "due"}


def test_after_a_divorce_each_parent_is_judged_alone() -> None:
    book = family_book(
        couples={FATHER: [row("m", woman=MOTHER, op="IB", is_valid=True, op_on=day(2008))]},
        births={FATHER: [born(OTHER, day(2012))]},
    )

    assert outcome(book) == {"father": "later_birth", "mother": "due"}


def test_who_married_each_other_again_is_a_couple() -> None:
    acts = [("1", "IB", day(2008)), ("2", "IA", day(2010))]
    book = family_book(couples={FATHER: [row(k, woman=MOTHER, op=op, is_valid=True, op_on=on) for k, op, on in acts]})

    assert outcome(book) == {"couple": "due"}


@pytest.mark.parametrize(("relation", "expected"), [(23, "later_birth"), (38, "due")])
def test_the_register_shows_children_but_a_daughter_in_law_is_none(relation: int, expected: str) -> None:
    own = row("r1", person=FATHER, house=9, relation=2, kind=0)
    other = row("r2", person=OTHER, house=9, relation=relation, kind=0)
    book = family_book(register={FATHER: [own]}, household={9: [own, other]})

    assert outcome(book) == {"couple": expected}


def test_without_a_living_parent_there_is_nobody_to_tell() -> None:
    book = family_book(cremations={person: [row(str(person), died_on=day(2018))] for person in (FATHER, MOTHER)})

    assert outcome(book) == {"couple": "no_surviving_parent"}


@pytest.mark.parametrize(
    ("died", "told", "expected"),
    [
        (day(2023, 12, 31), TOLD, "before_alerts_since"),
        (day(2024, 1, 1), TOLD, "due"),
        (day(2026, 1, 7), day(2026, 1, 7), "due"),
        (day(2026, 1, 7), day(2026, 1, 8), "transitional"),
        (day(2026, 1, 8), day(2026, 1, 9), "after_policy_end"),
    ],
)
def test_the_document_holds_from_its_first_to_its_last_day(died: int, told: int, expected: str) -> None:
    book = family_book(death_certificates={CHILD: [death(1, told, died_on=died)]})

    assert outcome(book, night=day(2026, 2, 1)) == {"couple": expected}


def assessed(**says: Any) -> Shown:
    stated = {"is_valid": True, "grade": 2, "assessed_on": DIED, **says}
    return family_book(death_certificates={}, disabilities={CHILD: [row("z", **stated)]})


@pytest.mark.parametrize(("grade", "expected"), [(1, "due"), (3, "due"), (4, "grade_4")])
def test_grades_one_to_three_are_grave_enough(grade: int, expected: str) -> None:
    assert outcome(assessed(grade=grade)) == {"couple": expected}


@pytest.mark.parametrize(
    ("born_on", "expected"),
    [
        (day(1976, 3, 1), "due"),
        (day(1976, 3, 2), "wife_turns_49"),
        (day(1976, 12, 31), "wife_turns_49"),
        (day(1977, 1, 1), "wife_too_young"),
    ],
)
def test_the_wife_turns_49_on_her_birthday(born_on: int, expected: str) -> None:
    assert outcome(assessed(), births={**BIRTHS, MOTHER: born_on}) == {"couple": expected}


def test_a_cancelled_certificate_of_disability_gives_nothing() -> None:
    assert outcome(assessed(is_valid=False)) == {"couple": "not_in_force"}
