"""Families drawn in `situations.yaml` beside a policy, and whether its verdicts on them are as expected.

A situation names persons freely (father, mother, child, second_child …) and lists records feed by feed: the
contract's columns, and under each role of the feed the person whom the record means. `known_on` is the night that
took the record. `visits` are what case workers found, `person` in an expectation is the parent asked about, `record`
the key of the record that told of the event, where a household has two of a kind. What a situation does not say is
taken from `usual` at the head of the file.

A document that bears no date decides nothing, and would leave its other conditions untried: `as_if_from` is the day
from which it holds in a situation, until an officer has put the true one into policy.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from transforms.eligibility.drawing import APART, Family, draw_family, side_by_side, strangers
from transforms.eligibility.facts import Facts
from transforms.eligibility.policy import Clause, Policy, load_policy
from transforms.eligibility.verdicts import determine
from transforms.households import households
from transforms.life_events import life_events
from transforms.pages import read_page

_NEEDED = ("id", "says", "expect", "as_of", "alerts_since", "coverage")
_ENTRIES = {*_NEEDED, "traps", "rows", "doubts", "visits", "as_if_from"}


@dataclass(frozen=True)
class SituationResult:
    """What came of one situation. `differences` is empty where everything was as expected."""

    situation_id: str
    says: str
    differences: tuple[str, ...]


def check_situations(policy_dir: Path) -> list[SituationResult]:
    """Every situation of a policy's folder, judged by its policy.yaml, in the order of the file.

    Raises PolicyFaults for a policy that does not read, FileNotFoundError for a folder without either file.
    """
    policy = load_policy((policy_dir / "policy.yaml").read_text("utf-8"), f"{policy_dir.name}/policy.yaml")
    page = read_page((policy_dir / "situations.yaml").read_text("utf-8"))
    situations = [page["usual"] | situation for situation in page["situations"]]
    wrong = {number: told for number, situation in enumerate(situations) if (told := _not_drawn(situation))}
    found = judge_together([drawn for number, drawn in enumerate(situations) if number not in wrong], policy)
    return [
        SituationResult(str(situation.get("id", f"[{number + 1}]")), str(situation.get("says", "")), wrong[number])
        if number in wrong
        else _result(situation, found[situation["id"]])
        for number, situation in enumerate(situations)
    ]


def situations_of(clause: Clause, page: Mapping[str, Any]) -> list[str]:
    """The ids of the situations that expect something of a clause's benefit."""
    return [
        str(situation["id"])
        for situation in page["situations"]
        if any(entry["benefit"] == clause.benefit.id for entry in situation.get("expect", ()))
    ]


def _not_drawn(situation: Mapping[str, Any]) -> tuple[str, ...]:
    """What keeps a situation from being drawn: entries that are missing, and entries that nobody knows."""
    missing = tuple(f"缺少 {entry} / missing entry {entry}" for entry in _NEEDED if entry not in situation)
    unknown = tuple(f"不认识的条目 {entry} / unknown entry {entry}" for entry in strangers(situation, _ENTRIES))
    as_if_from = situation.get("as_if_from")
    if as_if_from is None or isinstance(as_if_from, date):
        return missing + unknown
    return (*missing, *unknown, f"as_if_from 应是日期 / as_if_from is not a date: {as_if_from}")


def judge_together(situations: list[dict[str, Any]], policy: Policy) -> dict[str, list[dict[str, Any]]]:
    """The determinations of each situation by its id.

    Situations of one coverage and one first day of the document are one district, judged at once, each family on its
    own day: a verdict depends on the family alone.
    """
    nights: dict[str, list[dict[str, Any]]] = {}
    for situation in situations:
        night = repr([situation.get(entry) for entry in ("alerts_since", "coverage", "as_if_from")])
        nights.setdefault(night, []).append(situation)
    found: dict[str, list[dict[str, Any]]] = {situation["id"]: [] for situation in situations}
    for together in nights.values():
        together.sort(key=lambda situation: situation["as_of"], reverse=True)  # a district stands as of its last night
        district = side_by_side([draw_family(situation, situation["id"]) for situation in together])
        days = {situation["id"]: situation["as_of"] for situation in together}
        for row in judge(district, _as_if(policy, together[0].get("as_if_from")), days):
            situation_id, _, row["person_id"] = row["person_id"].partition(APART)
            row["trigger_record_key"] = row["trigger_record_key"].partition(APART)[2]
            row["subject_id"] = row["subject_id"] and row["subject_id"].partition(APART)[2]
            row["household"] = [parent.partition(APART)[2] for parent in row["household"]]
            found[situation_id].append(row)
    return found


def _as_if(policy: Policy, first_day: date | None) -> Policy:
    """The policy as it will be when an officer has said from when it holds; one that has a date keeps its own."""
    if first_day is None or policy.in_force.from_ is not None:
        return policy
    return policy.model_copy(update={"in_force": policy.in_force.model_copy(update={"from_": first_day})})


def _result(situation: Mapping[str, Any], found: list[dict[str, Any]]) -> SituationResult:
    differences = [text for expected in situation["expect"] for text in _differences(expected, found)]
    return SituationResult(situation["id"], situation["says"], tuple(differences))


def judge(family: Family, policy: Policy, days: Mapping[str, date] | None = None) -> list[dict[str, Any]]:
    """The determinations on a family as dicts, each with `household`: the persons who are its parents.

    `days`: of several families that stand side by side, on which day each is judged, by its mark.
    """
    events = life_events(family.records, family.links)
    found = households(family.records, family.links, events, as_of=family.as_of)
    parents = {
        row["household_id"]: [row[key] for key in ("father_person_id", "mother_person_id") if row[key]]
        for row in found.households.to_pylist()
    }
    visits = family.visits_to({tuple(each): household_id for household_id, each in parents.items()})
    facts = Facts(family.records, family.links, family.review, events, found, family.coverage, visits)
    askings = _askings({home: days[each[0].partition(APART)[0]] for home, each in parents.items()}) if days else None
    table = determine([policy], facts, as_of=family.as_of, alerts_since=family.alerts_since, askings=askings)
    return [row | {"household": parents[row["household_id"]]} for row in table.to_pylist()]


def _askings(days: Mapping[str, date]) -> pa.Table:
    return pa.table({"household_id": list(days), "asked_on": pa.array(days.values(), pa.date32())})


def _differences(expected: Mapping[str, Any], found: list[dict[str, Any]]) -> list[str]:
    """What is not as expected, in words; ids in situations are the file's own."""
    household = expected.get("household", ["father", "mother"])
    who = f"{expected['benefit']} {'+'.join(household)}"
    rows = [
        row for row in found
        if row["benefit_id"] == expected["benefit"] and row["household"] == household
        and row["person_id"] == expected.get("child", "child")
        and row["trigger_event_type"] == expected.get("event", row["trigger_event_type"])
        and row["subject_id"] == expected.get("person")
        and row["trigger_record_key"] == expected.get("record", row["trigger_record_key"])
    ]  # fmt: skip
    if expected["verdict"] == "none":
        return [f"{who}: expected no determination, found {row['verdict']}" for row in rows]
    if len(rows) != 1:
        return [f"{who}: expected one determination, found {len(rows)}"]
    return [
        f"{who}: {name} expected {wanted}, found {rows[0][column]}"
        for name, column, wanted in _wanted(expected)
        if rows[0][column] != wanted
    ]


def _wanted(expected: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """(entry, column, value) of each expectation; YAML reads a bare yes or no as true or false."""
    verdict = {True: "yes", False: "no"}.get(expected["verdict"], expected["verdict"])
    wanted = [("verdict", "verdict", verdict)]
    columns = {"reason": "reason_code", "listed_for": "listed_for", "needs_review": "needs_review", "on": "trigger_on"}
    wanted += [(name, column, expected[name]) for name, column in columns.items() if name in expected]
    if "amount_yuan" in expected:  # null: no amount is known
        yuan = expected["amount_yuan"]
        wanted.append(("amount_yuan", "amount_fen", None if yuan is None else yuan * 100))
    return wanted
