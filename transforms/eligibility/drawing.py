"""Drawing a family: from the entries of a situation to records, links, reviews and coverage."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from transforms.feeds import FEEDS, load_contract
from transforms.schemas import COVERAGE, LINKS, REVIEW, VISITS
from transforms.sql import feed_shape

_COUPLE = ("father", "mother")
APART = "/"  # between a situation and its keys and persons, where several stand in one district


@dataclass(frozen=True)
class Family:
    """A situation as tables: what determine() takes."""

    records: dict[str, pa.Table]
    links: pa.Table
    review: pa.Table
    coverage: pa.Table
    as_of: date
    alerts_since: date
    visits: tuple[tuple[str, Mapping[str, Any]], ...] = ()  # the situation's mark, and the visit as it is written

    def visits_to(self, households: Mapping[tuple[str, ...], str]) -> pa.Table:
        """VISITS, once it is known which household the parents of each visit are."""
        rows = [
            {
                "visit_id": f"{mark}{number}", "outcome": visit["outcome"], "visited_on": visit["visited_on"],
                "benefit_id": visit.get("benefit"),
                "household_id": households.get(tuple(mark + each for each in visit.get("household", _COUPLE))),
                "person_id": mark + visit.get("child", "child"), "event_type": visit.get("event", "death"),
                "recorded_on": visit["visited_on"], "recorded_by": "situation",
            }
            for number, (mark, visit) in enumerate(self.visits)
        ]  # fmt: skip
        return pa.Table.from_pylist(rows, VISITS)


def draw_family(situation: Mapping[str, Any], apart: str = "") -> Family:
    """The tables of a situation (already joined with `usual`); `apart` goes before its keys and persons."""
    as_of = situation["as_of"]
    mark = f"{apart}{APART}" if apart else ""
    drawn = {feed: [_Row(feed, row, mark) for row in situation[feed] or ()] for feed in FEEDS if feed in situation}
    rows = [row for listed in drawn.values() for row in listed]
    return Family(
        records={feed: _state(feed, listed, as_of) for feed, listed in drawn.items()},
        links=pa.Table.from_pylist([link for row in rows for link in row.links()], LINKS),
        review=_review(situation.get("doubts", ()), mark),
        coverage=_coverage(situation["coverage"], as_of),
        as_of=as_of,
        alerts_since=situation["alerts_since"],
        visits=tuple((mark, visit) for visit in situation.get("visits", ())),
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
    """Per feed: `fresh`, `none`, or the date of the last delivery (then the feed is stale).

    Or what its agency declares, and then it is fresh: {places: [...], from: date, until: date, holes: [2014-03, ...]}.
    """
    rows = []
    for feed, state in stated.items():
        declared = state if isinstance(state, Mapping) else {}
        fresh = state == "fresh" or bool(declared)
        rows.append(
            {
                "feed": feed, "is_configured": True, "is_delivered": state != "none", "is_fresh": fresh,
                "first_delivered_on": date(2024, 1, 1), "covers_from": date(2010, 1, 1),
                "last_delivered_on": as_of if fresh else (None if state == "none" else state),
                "load_status": "loaded" if fresh else ("missing" if state == "none" else "stale"),
                "declared_from": declared.get("from"), "declared_until": declared.get("until"),
                "places": " ".join(map(str, declared.get("places", ()))) or None,
                "holes": " ".join(declared.get("holes", ())) or None,
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows, COVERAGE)


def side_by_side(families: list[Family]) -> Family:
    """The families of one night, drawn apart, as one district."""
    records: dict[str, list[pa.Table]] = {}
    for family in families:
        for feed, table in family.records.items():
            records.setdefault(feed, []).append(table)
    return replace(
        families[0],
        records={feed: pa.concat_tables(tables) for feed, tables in records.items()},
        links=pa.concat_tables(family.links for family in families),
        review=pa.concat_tables(family.review for family in families),
        visits=tuple(visit for family in families for visit in family.visits),
    )


def strangers(situation: Mapping[str, Any], entries: set[str]) -> list[str]:
    """Entries that are neither `entries` nor a feed, and entries of a record that its feed does not have."""
    found = [name for name in situation if name not in entries and name not in FEEDS]
    for feed in (name for name in situation if name in FEEDS):
        contract = load_contract(feed)
        known = {*contract.column_names, *(rule.role for rule in contract.mentions), "known_on", "first_known_on"}
        found += [f"{feed}.{name}" for row in situation[feed] or () for name in row if name not in known]
    return found
