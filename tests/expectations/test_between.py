"""What two agencies say of one person: each check finds its contradiction, and nothing where there is none."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from expectations.between import QUESTIONS, Held, hold_together
from expectations.sentences import sentence
from expectations.thresholds import default_thresholds, thresholds_with
from tests.families import death, draw_family
from transforms.life_events import life_events
from transforms.schemas import CONTRADICTIONS, ENTITLEMENTS, NOT_RUN, PAYMENTS, QUALITY

TONIGHT = date(2025, 6, 10)
DIED = date(2025, 1, 10)


def on(days: int) -> date:
    """So many days after the death."""
    return DIED + timedelta(days=days)


def held(
    *, coverage: dict[str, Any] | None = None, as_of: date = TONIGHT, tables: dict[str, pa.Table] | None = None,
    bounds: dict[str, float] | None = None, **records: Any,
) -> Held:  # fmt: skip
    stated = coverage or dict.fromkeys([*records, "death_certificates"], "fresh")
    drawn = draw_family({"as_of": as_of, "alerts_since": DIED, "coverage": stated} | records)
    return hold_together(
        drawn.records,
        drawn.links,
        life_events(drawn.records, drawn.links),
        drawn.coverage,
        as_of=as_of,
        limits=lambda _feed: thresholds_with(bounds or {}),
        **(tables or {}),
    )


def counted(result: Held, rule: str) -> tuple[int, int] | None:
    """(looked at, failed) of a check; None where it was not run."""
    found = [row for row in result.quality.to_pylist() if row["check_id"].endswith(f".{rule}")]
    return (found[0]["rows_checked"], found[0]["rows_failed"]) if found else None


@dataclass(frozen=True)
class Case:
    """Records on which a check finds nothing, and the same with one thing wrong."""

    rule: str
    good: dict[str, Any]
    bad: dict[str, Any]


def cremation(**more: Any) -> dict[str, Any]:
    return {"record_no": "F1", "died_on": DIED, "cremated_on": on(2), "subject": "child"} | more


def registered(**more: Any) -> dict[str, Any]:
    row = {"household_no": "H1", "id_no": "N1", "name": "x", "birth_date": date(1998, 9, 9), "subject": "child"}
    return row | more


def disabled(**more: Any) -> dict[str, Any]:
    return {"cert_no": "C1", "grade": 1, "assessed_on": date(2010, 1, 1), "status": "有效", "subject": "child"} | more


def stay(first: date, last: date, **more: Any) -> dict[str, Any]:
    row = {"setl_id": "L1", "admitted_on": first, "discharged_on": last, "setl_time": last, "medfee_sumamt": 100}
    return row | {"subject": "child"} | more


def claim(first: date, **more: Any) -> dict[str, Any]:
    return {"claim_no": "K1", "admitted_on": first, "paid": 100, "subject": "child"} | more


def listed(first: date, last: date | None) -> dict[str, Any]:
    return {"household_no": "D1", "member_id_no": "N1", "valid_from": first, "valid_to": last, "subject": "child"}


def birth(**more: Any) -> dict[str, Any]:
    row = {"birth_certificate_no": "B1", "birth_date": date(2025, 1, 1), "mother": "mother", "child": "baby"}
    return row | more


def wedding(day: date, **more: Any) -> dict[str, Any]:
    return {"cert_no": "W1", "op_type": "IA", "op_date": day, "man": "child", "woman": "woman"} | more


DEAD = [death(DIED)]
CANCELLED = {"cancel_reason": "死亡", "cancelled_on": on(20)}
MOTHER = registered(id_no="N2", subject="mother")
BABY = registered(id_no="N3", subject="baby", birth_date=date(2025, 1, 1))
CASES = (
    Case(
        "cremated_without_certificate",
        {"cremations": [cremation()], "death_certificates": DEAD},
        {"cremations": [cremation()], "death_certificates": [death(on(-400), no="S2", subject="other")]},
    ),
    Case(
        "cremated_without_certificate",  # a certificate that was made void is none
        {"cremations": [cremation()], "death_certificates": [death(DIED), death(on(-9), no="S2", subject="other")]},
        {"cremations": [cremation()], "death_certificates": [
            death(DIED, status="作废"), death(on(-9), no="S2", subject="other")]},
    ),
    Case(
        "dead_not_cancelled",
        {"death_certificates": DEAD, "household_register": [registered(**CANCELLED)]},
        {"death_certificates": DEAD, "household_register": [registered()]},
    ),
    Case(
        "born_not_registered",
        {"births": [birth()], "household_register": [MOTHER, BABY]},
        {"births": [birth()], "household_register": [MOTHER]},
    ),
    Case(
        "death_dates_differ",
        {"death_certificates": DEAD, "cremations": [cremation(died_on=on(1))]},
        {"death_certificates": DEAD, "cremations": [cremation(died_on=on(2))]},
    ),
    Case(
        "cancelled_before_death",
        {"death_certificates": DEAD, "household_register": [registered(**CANCELLED)]},
        {"death_certificates": DEAD, "household_register": [registered(**CANCELLED | {"cancelled_on": on(-30)})]},
    ),
    Case(
        "valid_after_death",
        {"death_certificates": DEAD, "disability_certificates": [disabled(status="注销")]},
        {"death_certificates": DEAD, "disability_certificates": [disabled()]},
    ),
    Case(
        "stay_after_death",
        {"death_certificates": DEAD, "medical_settlements": [stay(on(-9), on(0))]},
        {"death_certificates": DEAD, "medical_settlements": [stay(on(-9), on(2))]},
    ),
    Case(
        "claim_after_death",
        {"death_certificates": DEAD, "care_insurance_claims": [claim(on(-9))]},
        {"death_certificates": DEAD, "care_insurance_claims": [claim(on(9))]},
    ),
    Case(
        "listed_after_death",
        {"death_certificates": DEAD, "low_income": [listed(on(-900), on(30))]},
        {"death_certificates": DEAD, "low_income": [listed(on(-900), None)]},
    ),
    Case(
        "listed_after_death",
        {"death_certificates": DEAD, "low_income": [listed(on(-90), on(-9))]},
        {"death_certificates": DEAD, "low_income": [listed(on(9), on(20))]},
    ),
    Case(
        "wed_after_death",
        {"death_certificates": DEAD, "marriages": [wedding(on(-9))]},
        {"death_certificates": DEAD, "marriages": [wedding(on(9))]},
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_contradiction_is_found_and_what_agrees_is_not_accused(case: Case) -> None:
    looked_at, failed = counted(held(**case.good), case.rule) or (0, 0)
    assert (looked_at > 0, failed) == (True, 0)
    assert (counted(held(**case.bad), case.rule) or (0, 0))[1] == 1


@pytest.mark.parametrize(
    ("rule", "records"),
    [
        ("cremated_without_certificate", CASES[0].bad),
        ("dead_not_cancelled", CASES[2].bad),
        ("valid_after_death", CASES[6].bad),
        ("listed_after_death", CASES[9].bad),
    ],
)
def test_nobody_is_accused_before_the_patience_is_over(rule: str, records: dict[str, Any]) -> None:
    assert (counted(held(as_of=on(25), **records), rule) or (0, 0))[1] == 0


def test_a_site_may_have_more_patience() -> None:
    found = held(bounds={"disability_after_death_days": 400}, **CASES[6].bad)
    assert counted(found, "valid_after_death") is None


def test_a_silent_register_is_believed_up_to_its_last_delivery() -> None:
    stale = {"death_certificates": "fresh", "household_register": on(30)}
    found = held(coverage=stale, death_certificates=DEAD, household_register=[registered()])
    assert counted(found, "dead_not_cancelled") is None
    assert ("nothing_to_check", "") in reasons(found, "dead_not_cancelled")


def test_a_refunded_stay_and_a_refused_claim_accuse_nobody() -> None:
    refund = [stay(on(9), on(12), refd_setl_flag="1")]
    found = held(death_certificates=DEAD, medical_settlements=refund, care_insurance_claims=[claim(on(9), paid=0)])
    assert (counted(found, "stay_after_death"), counted(found, "claim_after_death")) == (None, None)


def test_a_newborn_of_parents_registered_elsewhere_is_not_missing() -> None:
    found = held(births=[birth(mother="stranger")], household_register=[MOTHER])
    assert counted(found, "born_not_registered") is None


def paid(fen: int, day: date) -> dict[str, Any]:
    return {"payment_id": f"P{fen}", "entitlement_id": "E1", "amount_fen": fen, "paid_on": day}


@pytest.mark.parametrize(
    ("payments", "failed"),
    [([paid(100, on(-9))], 0), ([paid(100, on(30))], 1), ([paid(100, on(30)), paid(-100, on(40))], None)],
)
def test_money_paid_after_the_payees_death_is_told_until_it_is_taken_back(payments: Any, failed: int | None) -> None:
    tables = {
        "payments": pa.Table.from_pylist(payments, PAYMENTS),
        "entitlements": pa.Table.from_pylist([{"entitlement_id": "E1", "person_id": "child"}], ENTITLEMENTS),
    }
    found = counted(held(death_certificates=DEAD, tables=tables), "paid_after_death")
    assert (found and found[1]) == failed


def reasons(result: Held, rule: str) -> list[tuple[str, str]]:
    rows = result.not_run.to_pylist()
    return [(row["reason_code"], row["missing"]) for row in rows if row["check_id"].endswith(f".{rule}")]


def test_a_check_whose_feed_is_not_configured_or_never_came_says_so_and_is_not_green() -> None:
    found = held(coverage={"death_certificates": "fresh", "cremations": "none"}, death_certificates=DEAD)
    assert reasons(found, "death_dates_differ") == [("never_delivered", "cremations")]
    assert reasons(found, "dead_not_cancelled") == [("not_configured", "household_register")]
    assert found.quality.num_rows == 0


@pytest.mark.parametrize("records", [{}, CASES[0].bad, CASES[2].good | CASES[3].bad])
def test_every_check_has_either_an_outcome_or_a_reason(records: dict[str, Any]) -> None:
    found = held(**records)
    told = found.quality["check_id"].to_pylist() + found.not_run["check_id"].to_pylist()
    assert sorted(told) == sorted(question.check("").check_id for question in QUESTIONS)
    assert (found.quality.schema, found.failing.schema, found.not_run.schema) == (QUALITY, CONTRADICTIONS, NOT_RUN)


def test_the_record_behind_a_failure_is_listed_under_an_opaque_reference() -> None:
    (row,) = held(**CASES[6].bad).failing.to_pylist()
    assert (row["feed"], row["record_key"], row["other_feed"]) == (
        "disability_certificates",
        "C1",
        "death_certificates",
    )
    assert (row["person_id"], row["days"]) == ("child", (TONIGHT - DIED).days)
    assert row["reference"][0] == "X" and len(row["reference"]) == 17 and "C1" not in row["reference"]
    assert held(**CASES[6].bad).failing["reference"].to_pylist() == [row["reference"]]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.rule)
def test_a_question_names_its_bounds_and_has_an_owner_and_a_sentence(question: Any) -> None:
    limits = default_thresholds()
    assert all(hasattr(limits, name) and f"${name}" in question.query for name in question.bounds)
    said = sentence(question.check("hospitals"))
    assert said.zh and said.en and "{" not in said.zh + said.en
