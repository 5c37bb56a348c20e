"""What a verdict rests on, gathered from the warehouse and the lake: from the decision back to the delivered row."""

import hashlib
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import networkx as nx
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Delivery
from connectors.landing import landed_delivery
from connectors.reading import read
from flows.settings import Site
from flows.snapshot import Snapshot
from transforms import schemas
from transforms.feeds import load_contract
from transforms.standardise.feed import parse_feed
from warehouse.lake import Lake


@dataclass(frozen=True)
class Row:
    """One row of one file, as delivered."""

    delivery_id: str
    delivery: str
    sha256: str
    delivered_on: date
    row_number: int
    bytes_intact: bool  # the kept bytes still have that checksum
    values: dict[str, str | None]


@dataclass(frozen=True)
class State:
    """The lake as a published night left it."""

    site: Site
    lake: Lake
    snapshot: Snapshot

    def has(self, *names: str) -> bool:
        """Whether these state tables are still kept."""
        return all(name in self.snapshot.paths and self.lake.exists(self.snapshot.paths[name]) for name in names)

    def where(self, name: str, column: str, values: list[str]) -> pa.Table:
        """The rows of a state table whose column holds one of the values."""
        table = self.lake.read_table(self.snapshot.paths[name])
        return table.filter(pc.is_in(table[column], value_set=pa.array(values, pa.string())))

    def mentions_of(self, person_id: str) -> pa.Table:
        """All mentions of a person."""
        links = self.where("links", "person_id", [person_id])
        return self.where("mentions", "mention_id", links["mention_id"].to_pylist())

    def mention(self, feed: str, record_key: str, role: str) -> dict[str, Any] | None:
        """The mention of a record in a role; None where it names nobody in it."""
        rows = self.where("mentions", "record_key", [record_key]).to_pylist()
        return next((row for row in rows if (row["feed"], row["role"]) == (feed, role)), None)

    def person_of(self, mention_id: str) -> str:
        """The person that a mention belongs to."""
        person: str = self.where("links", "mention_id", [mention_id])["person_id"][0].as_py()
        return person

    def candidate(self, mention_id: str, person_id: str) -> str | None:
        """The mention of a person that an unconfirmed pair holds against this mention, from either side."""
        rows = self.where("review", "mention_id", [mention_id]).to_pylist()
        found = (row["candidate_mention_id"] for row in rows if row["candidate_person_id"] == person_id)
        return next(found, None)

    def frequencies(self) -> pa.Table:
        """How common names are, as frozen on the first night."""
        return self.lake.read_table(self.snapshot.paths["frequencies"])

    def record(self, feed: str, record_key: str) -> dict[str, Any] | None:
        """A record as it stands, with where it came from; None where there is none of that key."""
        found: list[dict[str, Any]] = self.where(f"records/{feed}", schemas.RECORD_KEY, [record_key]).to_pylist()
        return found[0] if found else None


def path_of_pairs(state: State, start: str, goal: str) -> list[tuple[str, str]]:
    """The pairs that lead from one mention to another of the same person: few steps, and strong ones.

    Mentions joined by the rule (same valid number and name) form no pair in the lake; they are one step.
    """
    mentions = state.mentions_of(state.person_of(start))
    graph: nx.Graph[str] = nx.Graph()
    for row in mentions.select(["mention_id", "id_no", "name"]).to_pylist():
        if row["id_no"] and row["name"]:  # one step by the rule: half to what they share, half back
            graph.add_edge(row["mention_id"], f"rule:{row['id_no']}:{row['name']}", weight=0.5)
    for pair in state.where("pairs", "mention_a", mentions["mention_id"].to_pylist()).to_pylist():
        doubt = 1 - min(max(pair["match_weight"], 0.0), 99.0) / 100
        graph.add_edge(pair["mention_a"], pair["mention_b"], weight=1 + doubt)
    if not {start, goal} <= set(graph) or not nx.has_path(graph, start, goal):
        return [(start, goal)]
    path = nx.shortest_path(graph, start, goal, weight="weight")
    return list(pairwise(step for step in path if not step.startswith("rule:")))


def delivered_row(state: State, load: dict[str, Any], row_number: int) -> Row:
    """A row read again from the bytes that were kept as received, and whether they still have their checksum."""
    delivery = landed_delivery(load["feed"], load["delivery_id"], state.lake)
    table = _read_again(state, delivery)
    row = table.filter(pc.equal(table[schemas.ROW_NUMBER], row_number)).drop_columns([schemas.ROW_NUMBER])
    intact = hashlib.sha256(state.lake.get(delivery.landed_path)).hexdigest() == load["sha256"]
    told = (load["delivery_id"], load["delivery"], load["sha256"], load["delivered_on"], row_number, intact)
    return Row(*told, row.to_pylist()[0])


def row_of_record(state: State, load: dict[str, Any], record_key: str) -> int | None:
    """The number of the row that holds a record in the bytes of a delivery, the last where several do; or None."""
    delivery = landed_delivery(load["feed"], load["delivery_id"], state.lake)
    contract = load_contract(load["feed"])
    parsed = parse_feed(contract, _read_again(state, delivery), delivered_on=load["delivered_on"]).table
    rows = parsed.filter(pc.equal(parsed[schemas.RECORD_KEY], record_key))[schemas.ROW_NUMBER].to_pylist()
    return rows[-1] if rows else None


def _read_again(state: State, delivery: Delivery) -> pa.Table:
    return read(delivery, load_contract(delivery.feed), state.site.feeds[delivery.feed], state.lake).table
