"""A benefit that the same event gives keeps another away: whose from whom."""

from datetime import date

from tests.law import LAW, Office
from transforms.eligibility.policy import load_policy

NIGHT = date(2025, 6, 10)
CARE = """
  - id: care
    row: 37
    place: 三
    gist: {zh: 护理, en: care}
    who: parent_of_only_child
    triggers: [death]
    rules_on: as_of
    conditions: [stands, certificate]
    benefit: {id: care, title: {zh: 护理, en: care}, kind: status, per: person}
    payee: person
    machine: decide
    alert: false
"""


def night(keeps_away: dict[str, str], law: str = LAW, also: tuple[str, ...] = ()) -> dict[tuple[str, str | None], str]:
    """Verdict (or `excluded`) by benefit and person,; the father is 55, the mother 53."""
    told = law.replace("wife_or_lone_parent.born_on.age_on(asked.on) >= 49", "person.born_on.age_on(asked.on) >= 54")
    for clause, benefit in keeps_away.items():
        told = told.replace(f"- id: {clause}\n", f"- id: {clause}\n    exclusions: [{benefit}]\n")
    policies = (told + CARE, *also)
    office = Office(tuple(load_policy(each, f"law-{number}.yaml") for number, each in enumerate(policies)))
    office.know("death_certificates", certificate_no="D1", died_at=date(2025, 6, 1), subject="child", status="initial")
    office.night(NIGHT)
    assert office.found is not None
    return {
        (f"{row['policy_id']} {row['benefit_id']}".removeprefix("small-law "), row["subject_id"]): "excluded"
        if row["reason_code"] == "excluded"
        else row["verdict"]
        for row in office.found.to_pylist()
    }


def test_without_exclusions_each_stands_for_itself() -> None:
    assert night({}) == {
        ("once", None): "yes", ("monthly", "father"): "yes", ("monthly", "mother"): "no",
        ("care", "father"): "yes", ("care", "mother"): "yes",
    }  # fmt: skip


def test_a_persons_benefit_keeps_another_from_that_person_only() -> None:
    found = night({"monthly": "care"})
    assert (found["care", "father"], found["care", "mother"]) == ("excluded", "yes")


def test_a_persons_benefit_keeps_another_from_the_household() -> None:
    assert night({"monthly": "once"})["once", None] == "excluded"


def test_a_households_benefit_keeps_another_from_each_person() -> None:
    found = night({"once": "care"})
    assert [found["care", person] for person in ("father", "mother")] == ["excluded", "excluded"]


def test_what_would_be_no_anyway_is_not_called_excluded() -> None:
    assert night({"once": "monthly"})["monthly", "mother"] == "no"


def test_a_benefit_of_another_document_is_not_kept_away() -> None:
    other = (LAW + CARE).replace("id: small-law", "id: other-law")
    found = night({}, also=(other.replace("- id: once\n", "- id: once\n    exclusions: [care]\n"),))
    assert [found[care, "father"] for care in ("care", "other-law care")] == ["yes", "excluded"]


def test_what_is_kept_away_is_not_owed_month_by_month_either() -> None:
    law = LAW.replace("- id: once\n", "- id: once\n    exclusions: [monthly]\n")
    for told, months in ((LAW, 3), (law, 0)):
        office = Office((load_policy(told, "law.yaml"),))
        office.know("death_certificates", certificate_no="D1", died_at=date(2025, 6, 1), subject="child",
                    status="initial")  # fmt: skip
        office.visit(date(2025, 6, 2))
        office.night(date(2025, 8, 10))
        owed = {key for key in office.balance() if key[:2] == ("monthly", "mother")}
        assert len(owed) == months
