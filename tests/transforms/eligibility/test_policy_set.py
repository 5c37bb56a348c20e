"""Documents against each other: benefits said twice, versions that do not join on."""

from datetime import date

import pytest

from tests.law import LAW, Office
from transforms.eligibility.faults import PolicyFaults
from transforms.eligibility.policy_set import load_policies


def other(**changes: str) -> str:
    text = LAW.replace("id: small-law", "id: next-law")
    for before, after in changes.items():
        text = text.replace(changes_of[before], after)
    return text


changes_of = {
    "dates": "in_force: {from: 2020-01-01, until: 2027-12-31}",
    "document": "document: {number: 试, title: 试, issuer: 试}",
    "amount": "figures: [{value: 10000, unit: yuan}]",
}
REPLACES = "document: {number: 试, title: 试, issuer: 试, replaces: small-law}"
AFTER = "in_force: {from: 2028-01-01}"


def codes(*texts: str) -> list[tuple[str, str]]:
    try:
        load_policies((text, f"{number}.yaml") for number, text in enumerate(texts))
    except PolicyFaults as wrong:
        return [(fault.source, fault.code) for fault in wrong.faults]
    return []


def test_the_next_version_begins_the_day_after():
    assert codes(LAW, other(document=REPLACES, dates=AFTER).replace("until: 2025-08-31", "until: 2028-08-31")
                 .replace("from: 2025-09-01", "from: 2028-09-01")) == []  # fmt: skip


@pytest.mark.parametrize("begins", ["2027-12-31", "2028-01-02"])
def test_a_gap_or_an_overlap_between_versions_is_told(begins):
    dates = f"in_force: {{from: {begins}}}"
    assert ("1.yaml", "versions_apart") in codes(LAW, other(document=REPLACES, dates=dates))


def test_a_version_that_replaces_nobody_is_told():
    unknown = REPLACES.replace("small-law", "old-law")
    assert ("1.yaml", "wrong_value") in codes(LAW, other(document=unknown, dates=AFTER))


def test_one_benefit_with_two_amounts_at_one_time_contradicts():
    twice = other(amount="figures: [{value: 10000, unit: yuan}, {value: 20000, unit: yuan}]")
    twice = twice.replace("amount_fen: 1_000_000", "amount_fen: 2_000_000")
    assert codes(LAW, twice) == [("1.yaml", "contradicts")]
    assert codes(LAW, twice.replace(changes_of["dates"], AFTER)) == []


def test_all_mistakes_of_all_files_are_told_together():
    assert codes("format: 2", LAW.replace("percent: 80", "percent: 70")) != []
    assert {source for source, _ in codes("format: 2", LAW.replace("percent: 80", "percent: 70"))} == {
        "0.yaml",
        "1.yaml",
    }


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("until: 2025-08-31", "until: 2025-08-30", "dates_gap"),
        ("until: 2025-08-31", "until: 2025-09-01", "dates_overlap"),
        ("percent: 80", "percent: 81", "not_whole"),
        ("every: month", "is_floor: true", "missing"),
        ("who: parent_of_only_child", "who: household_of_only_child", "wrong_value"),
        (
            "triggers: [death]\n    rules_on: as_of",
            "triggers: [death, parent_death]\n    rules_on: as_of",
            "mixed_triggers",
        ),
        ("alert: true", "alert: true\n    exclusions: [nothing]", "unknown_benefit"),
        ("when: event.stands", "note: 3", "unknown_entry"),
        (", when: event.stands", "", "missing"),
        ("fen: 45000, ", "", "missing"),
    ],
)
def test_a_mistake_is_told_with_its_line(before, after, code):
    text = LAW.replace(before, after, 1)
    assert text != LAW
    with pytest.raises(PolicyFaults) as told:
        load_policies([(text, "law.yaml")])
    assert code in [fault.code for fault in told.value.faults]
    line = next(fault.line for fault in told.value.faults if fault.code == code)
    assert 1 < line <= text.count("\n")
    assert all(fault.sentence(lang) for fault in told.value.faults for lang in ("zh", "en"))


def office_of_two_versions() -> Office:
    """One version until the end of June 2025, the next from July; a child died on 1 June and that is known since."""
    ends = LAW.replace(changes_of["dates"], changes_of["dates"].replace("2027-12-31", "2025-06-30"))
    after = other(document=REPLACES, dates="in_force: {from: 2025-07-01, until: 2027-12-31}")
    office = Office(load_policies([(ends, "0.yaml"), (after, "1.yaml")]))
    died = {"certificate_no": "D1", "died_at": date(2025, 6, 1), "subject": "child", "status": "initial"}
    office.know("death_certificates", **died, known_on=date(2025, 6, 2))
    return office


def test_after_its_last_day_the_next_version_decides_and_nobody_has_to_look():
    office = office_of_two_versions()
    for day, first, second in ((date(2025, 6, 30), "yes", "not_yet_in_force"), (date(2025, 7, 1), "followed", "yes")):
        office.night(day)
        found = {(row["policy_id"], row["benefit_id"], row["subject_id"]): row for row in office.found.to_pylist()}
        said = {key: row["verdict"] if row["verdict"] == "yes" else row["reason_code"] for key, row in found.items()}
        assert said["small-law", "monthly", "mother"] == first
        assert said["next-law", "monthly", "mother"] == second
        assert (said["small-law", "once", None], said["next-law", "once", None]) == ("yes", "not_yet_in_force")
        assert len({row["determination_id"] for row in found.values()}) == len(found) == 6


def test_a_month_is_owed_by_the_version_of_its_first_day():
    office = office_of_two_versions()
    office.visit(date(2025, 6, 2))
    for day in (date(2025, 6, 30), date(2025, 7, 1), date(2025, 8, 2)):
        office.night(day)
    owed = {(row["policy_id"], row["period_from"].month, row["kind"]) for row in office.entries
            if row["benefit_id"] == "monthly" and row["person_id"] == "mother"}  # fmt: skip
    assert owed == {("small-law", 6, "recurring"), ("next-law", 7, "recurring"), ("next-law", 8, "recurring")}
