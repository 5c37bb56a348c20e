"""Families drawn in `situations.yaml` beside a policy, and whether its verdicts on them are as expected.

A situation names persons freely (father, mother, child, second_child …) and lists records feed by feed: the
contract's columns, and under each role of the feed the person whom the record means. `known_on` is the night that
took the record. What a situation does not say is taken from `usual` at the head of the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from transforms.eligibility.policy import Policy, load_policy
from transforms.eligibility.verdicts import determine
from transforms.feeds import FEEDS, load_contract
from transforms.households import households
from transforms.life_events import life_events
from transforms.schemas import COVERAGE, LINKS, REVIEW
from transforms.sql import feed_shape

_APART = "/"  # between a situation and its keys and persons, where several stand in one district


@dataclass(frozen=True)
class Family:
    """A situation as tables: what determine() takes."""

    records: dict[str, pa.Table]
    links: pa.Table
    review: pa.Table
    coverage: pa.Table
    as_of: date
    alerts_since: date


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
    page = yaml.safe_load((policy_dir / "situations.yaml").read_text("utf-8"))
    situations = [page["usual"] | situation for situation in page["situations"]]
    found = judge_together(situations, policy)
    return [_result(situation, found[situation["id"]]) for situation in situations]


def judge_together(situations: list[dict[str, Any]], policy: Policy) -> dict[str, list[dict[str, Any]]]:
    """The determinations of each situation by its id.

    Situations of one night and one coverage are one district, judged at once: a verdict depends on the family alone.
    """
    nights: dict[str, list[dict[str, Any]]] = {}
    for situation in situations:
        night = repr([situation[entry] for entry in ("as_of", "alerts_since", "coverage")])
        nights.setdefault(night, []).append(situation)
    found: dict[str, list[dict[str, Any]]] = {situation["id"]: [] for situation in situations}
    for together in nights.values():
        for row in judge(_district([draw_family(situation, situation["id"]) for situation in together]), policy):
            situation_id, _, row["person_id"] = row["person_id"].partition(_APART)
            row["household"] = [parent.partition(_APART)[2] for parent in row["household"]]
            found[situation_id].append(row)
    return found


def _district(families: list[Family]) -> Family:
    """Families of one night side by side."""
    records: dict[str, list[pa.Table]] = {}
    for family in families:
        for feed, table in family.records.items():
            records.setdefault(feed, []).append(table)
    return replace(
        families[0],
        records={feed: pa.concat_tables(tables) for feed, tables in records.items()},
        links=pa.concat_tables(family.links for family in families),
        review=pa.concat_tables(family.review for family in families),
    )


def _result(situation: Mapping[str, Any], found: list[dict[str, Any]]) -> SituationResult:
    differences = [text for expected in situation["expect"] for text in _differences(expected, found)]
    return SituationResult(situation["id"], situation["says"], tuple(differences))


def judge(family: Family, policy: Policy) -> list[dict[str, Any]]:
    """The determinations on a family as dicts, each with `household`: the persons who are its parents."""
    events = life_events(family.records, family.links)
    found = households(family.records, family.links, events, as_of=family.as_of)
    table = determine(
        [policy], records=family.records, links=family.links, review=family.review, events=events,
        households=found, coverage=family.coverage, as_of=family.as_of, alerts_since=family.alerts_since,
    )  # fmt: skip
    parents = {
        row["household_id"]: [row[key] for key in ("father_person_id", "mother_person_id") if row[key]]
        for row in found.households.to_pylist()
    }
    return [row | {"household": parents[row["household_id"]]} for row in table.to_pylist()]


def draw_family(situation: Mapping[str, Any], apart: str = "") -> Family:
    """The tables of a situation (already joined with `usual`); `apart` goes before its keys and persons."""
    as_of = situation["as_of"]
    mark = f"{apart}{_APART}" if apart else ""
    drawn = {feed: [_Row(feed, row, mark) for row in situation[feed] or ()] for feed in FEEDS if feed in situation}
    rows = [row for listed in drawn.values() for row in listed]
    return Family(
        records={feed: _state(feed, listed, as_of) for feed, listed in drawn.items()},
        links=pa.Table.from_pylist([link for row in rows for link in row.links()], LINKS),
        review=_review(situation.get("doubts", ()), mark),
        coverage=_coverage(situation["coverage"], as_of),
        as_of=as_of,
        alerts_since=situation["alerts_since"],
    )


@dataclass(frozen=True)
class _Row:
    """One record as a situation writes it."""

    feed: str
    entries: Mapping[str, Any]
    mark: str

    @property
    def key(self) -> str:
        """The record's key, apart from those of other situations."""
        return self.mark + "|".join(str(self.entries.get(part, "")) for part in load_contract(self.feed).key)

    def record(self, as_of: date) -> dict[str, Any]:
        """The record's columns, typed, and its state."""
        shape, contract = feed_shape(self.feed), load_contract(self.feed)
        known_on = self.entries.get("known_on", as_of)
        record = {
            column.name: _typed(self._code(column.codes, self.entries[column.name]), shape.field(column.name).type)
            for column in contract.columns
            if column.name in self.entries
        }
        for part in contract.key[:1]:
            record[part] = self.mark + str(record[part])
        state = {"_known_on": known_on, "_first_known_on": self.entries.get("first_known_on", known_on)}
        return record | state | {"_status": "active", "_record_key": self.key}

    @staticmethod
    def _code(codes: Mapping[str, str] | None, value: Any) -> Any:
        return (codes or {}).get(str(value), value)

    def links(self) -> list[dict[str, Any]]:
        """Who is meant by each role that the situation fills."""
        roles = [rule.role for rule in load_contract(self.feed).mentions]
        return [
            {
                "mention_id": f"{self.feed}|{self.key}|{role}", "feed": self.feed, "record_key": self.key, "role": role,
                "person_id": self.mark + self.entries[role], "match_probability": 1.0, "decided_by": "rule",
            }
            for role in roles if role in self.entries
        ]  # fmt: skip


def _state(feed: str, rows: list[_Row], as_of: date) -> pa.Table:
    return pa.Table.from_pylist([row.record(as_of) for row in rows], feed_shape(feed))


def _typed(value: Any, kind: pa.DataType) -> Any:
    if pa.types.is_string(kind):
        return str(value)
    if pa.types.is_timestamp(kind) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  # local time, as agencies write it
    return value


def _review(doubts: Any, mark: str) -> pa.Table:
    """A doubt: {feed, record_key, role, maybe: person}."""
    rows = [
        {
            "pair_id": f"{mark}R{number}", "feed": doubt["feed"], "role": doubt["role"],
            "mention_id": f"{doubt['feed']}|{mark}{doubt['record_key']}|{doubt['role']}",
            "record_key": f"{mark}{doubt['record_key']}", "candidate_person_id": f"{mark}{doubt['maybe']}",
            "match_probability": 0.7, "status": "open",
        }
        for number, doubt in enumerate(doubts)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, REVIEW)


def _coverage(stated: Mapping[str, Any], as_of: date) -> pa.Table:
    """Per feed: `fresh`, `none`, or the date of the last delivery (then the feed is stale)."""
    rows = []
    for feed, state in stated.items():
        fresh = state == "fresh"
        rows.append(
            {
                "feed": feed, "is_configured": True, "is_delivered": state != "none", "is_fresh": fresh,
                "first_delivered_on": date(2024, 1, 1), "covers_from": date(2010, 1, 1),
                "last_delivered_on": as_of if fresh else (None if state == "none" else state),
                "load_status": "loaded" if fresh else ("missing" if state == "none" else "stale"),
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows, COVERAGE)


def _differences(expected: Mapping[str, Any], found: list[dict[str, Any]]) -> list[str]:
    """What is not as expected, in words; ids in situations are the file's own."""
    household = expected.get("household", ["father", "mother"])
    who = f"{expected['benefit']} {'+'.join(household)}"
    rows = [
        row for row in found
        if row["benefit_id"] == expected["benefit"] and row["household"] == household
        and row["person_id"] == expected.get("child", "child")
        and row["trigger_event_type"] == expected.get("event", row["trigger_event_type"])
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
    if "amount_yuan" in expected:
        wanted.append(("amount_yuan", "amount_fen", expected["amount_yuan"] * 100))
    return wanted
