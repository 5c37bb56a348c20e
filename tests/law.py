"""A small law of our own for tests of the ledger, and families that live under it for some nights."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import pyarrow as pa

from tests.families import SINCE
from transforms.eligibility.drawing import draw_family
from transforms.eligibility.entitlements import dated_verdicts, entitlements, shares
from transforms.eligibility.entries import Policy
from transforms.eligibility.facts import Facts
from transforms.eligibility.policy import load_policy
from transforms.eligibility.states import household_states
from transforms.eligibility.verdicts import determine
from transforms.households import households
from transforms.life_events import life_events

LAW = """
format: 2
id: small-law
document: {number: 试, title: 试, issuer: 试}
jurisdiction: "370303"
in_force: {from: 2020-01-01, until: 2027-12-31}
on_expiry: {after: no_policy_in_force, known_later: transitional}
payers:
  - {payer: province, title: {zh: 省, en: province}, percent: 80}
  - {payer: city, title: {zh: 市, en: city}, percent: 10}
  - {payer: county, title: {zh: 县, en: county}, percent: 10}
definitions:
  - {id: stands, says: {zh: 有效, en: stands}, when: event.stands, otherwise: event_voided}
  - id: no_other_child
    says: {zh: 无其他子女, en: no other child}
    when: "!household.has_other_child"
    otherwise: other_child
  - {id: certificate, says: {zh: 有证, en: certificate}, when: household.certificate_is_in_force}
  - {id: births, says: {zh: 出生, en: births}, when: coverage.births}
clauses:
  - id: once
    row: 5
    place: 一
    gist: {zh: 一次, en: once}
    figures: [{value: 10000, unit: yuan}]
    who: household_of_only_child
    triggers: [death]
    rules_on: event_date
    conditions: [stands, no_other_child, certificate, births]
    benefit: {id: once, title: {zh: 一次, en: once}, kind: one_off, amount_fen: 1_000_000}
    machine: decide
    alert: true
  - id: monthly
    row: 36
    place: 二
    gist: {zh: 每月, en: every month}
    who: parent_of_only_child
    triggers: [death]
    rules_on: as_of
    conditions:
      - stands
      - no_other_child
      - certificate
      - births
      - {id: alive, says: {zh: 在世, en: alive}, when: person.is_alive, otherwise: dead}
      - id: wife_49
        says: {zh: 满49, en: "49"}
        when: wife_or_lone_parent.born_on.age_on(asked.on) >= 49
        otherwise: below_age
    benefit:
      id: monthly
      title: {zh: 每月, en: monthly}
      kind: recurring
      every: month
      per: person
      amounts:
        - {from: 2020-01-01, until: 2025-08-31, fen: 45000, source: {zh: 旧, en: old}}
        - {from: 2025-09-01, fen: 59000, source: {zh: 新, en: new}}
    payee: person
    machine: decide
    alert: false
"""
VISITS = """
  - id: festival
    row: 3
    place: 三
    gist: {zh: 走访, en: visits}
    figures: [{value: 300, unit: yuan}]
    who: household_of_only_child
    triggers: [death]
    rules_on: as_of
    conditions: [stands, no_other_child, certificate, births]
    benefit:
      id: festival
      title: {zh: 走访, en: visits}
      kind: recurring
      every: half_year
      amount_fen: 30_000
      per: visit
    machine: roster
    alert: false
"""


@cache
def small_law() -> Policy:
    return load_policy(LAW, "small-law.yaml")


CERTIFICATE = {
    "certificate_no": "Z1", "issued_on": date(1999, 1, 1), "child_birth_date": date(1998, 9, 9),
    "father_hukou_code": "370303001001", "mother_hukou_code": "370303001001",
    "father_birth_date": date(1970, 3, 1), "mother_birth_date": date(1972, 5, 1), "village_code": "370303001001",
    "father": "father", "mother": "mother", "child": "child", "known_on": date(2024, 12, 31),
}  # fmt: skip


@dataclass
class Office:
    """One family, the records known so far, what was visited and paid, and the books after each night."""

    law: tuple[Policy, ...] = field(default_factory=lambda: (small_law(),))
    records: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {"only_child_certificates": [CERTIFICATE]})
    visits: list[dict[str, Any]] = field(default_factory=list)
    payments: list[dict[str, Any]] = field(default_factory=list)
    coverage: dict[str, Any] = field(default_factory=lambda: {"births": "fresh", "adoptions": "fresh"})
    ledger: pa.Table | None = None
    states: pa.Table | None = None
    found: pa.Table | None = None

    def know(self, feed: str, **record: Any) -> None:
        self.records.setdefault(feed, []).append(record)

    def visit(self, on: date, outcome: str = "confirmed", **more: Any) -> None:
        self.visits.append({"visited_on": on, "outcome": outcome} | more)

    def pay(self, entitlement_id: str, fen: int, on: date) -> None:
        self.payments.append({
            "payment_id": f"P{len(self.payments)}", "entitlement_id": entitlement_id, "amount_fen": fen, "paid_on": on,
            "reference_no": "1", "recorded_on": on, "recorded_by": "test",
        })  # fmt: skip

    def night(self, as_of: date) -> None:
        """Judge what is known on that date, and keep the books."""
        from transforms.schemas import PAYMENTS

        situation = {"as_of": as_of, "alerts_since": SINCE, "coverage": self.coverage}
        situation |= {"visits": [each for each in self.visits if each["visited_on"] <= as_of]}
        situation |= {
            feed: [row for row in rows if row.get("known_on", date.min) <= as_of] for feed, rows in self.records.items()
        }
        drawn = draw_family(situation)
        events = life_events(drawn.records, drawn.links)
        homes = households(drawn.records, drawn.links, events, as_of=as_of)
        parents = {
            tuple(row[key] for key in ("father_person_id", "mother_person_id") if row[key]): row["household_id"]
            for row in homes.households.to_pylist()
        }
        visits = drawn.visits_to(parents)
        facts = Facts(drawn.records, drawn.links, drawn.review, events, homes, drawn.coverage, visits)
        law = list(self.law)
        self.found = determine(law, facts, as_of=as_of, alerts_since=SINCE)
        paid = pa.Table.from_pylist([each for each in self.payments if each["paid_on"] <= as_of], PAYMENTS)
        dated = dated_verdicts(law, facts, as_of)
        self.ledger = entitlements(self.found, law, self.ledger, as_of=as_of, dated=dated, visits=visits, payments=paid)
        self.states = household_states(self.found, self.ledger, law, self.states, visits=visits, as_of=as_of)

    @property
    def entries(self) -> list[dict[str, Any]]:
        assert self.ledger is not None
        return self.ledger.to_pylist()

    @property
    def shares(self) -> list[dict[str, Any]]:
        return shares(self.ledger, list(self.law)).to_pylist()

    def state(self) -> list[tuple[str, str | None]]:
        assert self.states is not None
        return [(row["state"], row["reason_code"]) for row in self.states.to_pylist()]

    def balance(self) -> dict[tuple[str, str | None, date], int]:
        """What is owed in the end, by benefit, person and period, without what came to nothing."""
        owed: dict[tuple[str, str | None, date], int] = {}
        for row in self.entries:
            key = (row["benefit_id"], row["person_id"], row["period_from"])
            owed[key] = owed.get(key, 0) + row["amount_fen"]
        return {key: fen for key, fen in owed.items() if fen}
