"""Amounts by year and by month, of documents as if an officer had said from when they hold."""

from datetime import date

import pyarrow as pa

from tests.families import CERTIFICATE, POLICIES, death, family
from transforms.eligibility.drawing import Family
from transforms.eligibility.entitlements import dated_verdicts, entitlements, shares
from transforms.eligibility.policy import Policy, load_policy
from transforms.eligibility.verdicts import Facts, determine
from transforms.households import households
from transforms.life_events import life_events


def dated(name: str) -> Policy:
    """The policy of an undated document as if it held from 2020."""
    text = (POLICIES / name / "policy.yaml").read_text("utf-8")
    return load_policy(text.replace("in_force: {}", "in_force: {from: 2020-01-01}"), "policy.yaml")


def ledger(policy: Policy, drawn: Family) -> pa.Table:
    """What is owed after one night, the periods since the visit included."""
    events = life_events(drawn.records, drawn.links)
    homes = households(drawn.records, drawn.links, events, as_of=drawn.as_of)
    (household_id,) = homes.households["household_id"].to_pylist()
    visits = drawn.visits_to({("father", "mother"): household_id})
    facts = Facts(drawn.records, drawn.links, drawn.review, events, homes, drawn.coverage, visits)
    found = determine([policy], facts, as_of=drawn.as_of, alerts_since=drawn.alerts_since)
    periods = dated_verdicts([policy], facts, drawn.as_of)
    return entitlements(found, [policy], as_of=drawn.as_of, dated=periods, visits=visits)


def owed(entries: pa.Table, benefit: str) -> list[tuple[object, ...]]:
    rows = [row for row in entries.to_pylist() if row["benefit_id"] == benefit]
    return sorted((row["period_from"], row["person_id"], row["amount_fen"], row["is_floor"]) for row in rows)


def test_orphans_are_owed_once_a_year_and_household_until_eighteen():
    gansu = dated("gansu-measures")
    minor = CERTIFICATE | {"child_birth_date": date(2007, 6, 9), "father_hukou_code": "620102"}
    deaths = [death(date(2022, 3, 1), no="S2", subject="mother"), death(date(2022, 8, 1), no="S3", subject="father")]
    visit = {"outcome": "confirmed", "visited_on": date(2022, 9, 1), "event": "parent_death"}
    drawn = family(date(2026, 6, 9), only_child_certificates=[minor], death_certificates=deaths, visits=[visit])
    entries = ledger(gansu, drawn)
    assert owed(entries, "gansu-aid-both-parents-died") == [
        (date(year, 1, 1), None, 200_000, True) for year in (2023, 2024, 2025)
    ]
    assert owed(entries, "gansu-aid-one-parent-died") == [(date(2022, 1, 1), None, 200_000, True)]
    paid = shares(entries, [gansu]).to_pylist()
    assert {(row["payer"], row["amount_fen"]) for row in paid} == {
        ("province", 160_000), ("city", 20_000), ("county", 20_000),
    }  # fmt: skip


def test_each_of_the_couple_is_owed_by_the_wifes_age_on_the_first_of_the_month():
    turns_49 = CERTIFICATE | {"mother_birth_date": date(1976, 5, 2), "mother_hukou_code": "411002"}
    visit = {"outcome": "confirmed", "visited_on": date(2025, 4, 20)}
    drawn = family(
        date(2025, 6, 10), only_child_certificates=[turns_49], death_certificates=[death(date(2025, 3, 9))],
        visits=[visit],
    )  # fmt: skip
    entries = ledger(dated("xuchang-warm-heart"), drawn)
    both = ("father", "mother")
    assert owed(entries, "xuchang-comfort-money") == [
        (date(2025, month, 1), person, 7_000, False) for month in (4, 5) for person in both
    ]
    assert owed(entries, "xuchang-special-assistance") == [(date(2025, 6, 1), each, 68_000, False) for each in both]
