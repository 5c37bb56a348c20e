"""What an alert rests on, gathered from the warehouse and the lake: from the decision back to the delivered row."""

import hashlib
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import networkx as nx
import pyarrow as pa
import pyarrow.compute as pc

from connectors.landing import landed_delivery
from connectors.reading import read
from flows.settings import Site
from flows.snapshot import Snapshot
from transforms import schemas
from transforms.feeds import load_contract
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

    def where(self, name: str, column: str, values: list[str]) -> pa.Table:
        """The rows of a state table whose column holds one of the values."""
        table = self.lake.read_table(self.snapshot.paths[name])
        return table.filter(pc.is_in(table[column], value_set=pa.array(values, pa.string())))

    def mentions_of(self, person_id: str) -> pa.Table:
        """All mentions of a person."""
        links = self.where("links", "person_id", [person_id])
        return self.where("mentions", "mention_id", links["mention_id"].to_pylist())

    def mention(self, feed: str, record_key: str, role: str) -> dict[str, Any]:
        """The mention of a record in a role."""
        rows = self.where("mentions", "record_key", [record_key]).to_pylist()
        return next(row for row in rows if (row["feed"], row["role"]) == (feed, role))

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

    def record(self, feed: str, record_key: str) -> dict[str, Any]:
        """A record as it stands, with where it came from."""
        found: list[dict[str, Any]] = self.where(f"records/{feed}", schemas.RECORD_KEY, [record_key]).to_pylist()
        return found[0]


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
    source = state.site.feeds[load["feed"]]
    delivery = landed_delivery(load["feed"], load["delivery_id"], state.lake)
    table = read(delivery, load_contract(load["feed"]), source, state.lake).table
    row = table.filter(pc.equal(table[schemas.ROW_NUMBER], row_number)).drop_columns([schemas.ROW_NUMBER])
    intact = hashlib.sha256(state.lake.get(delivery.landed_path)).hexdigest() == load["sha256"]
    told = (load["delivery_id"], load["delivery"], load["sha256"], load["delivered_on"], row_number, intact)
    return Row(*told, row.to_pylist()[0])
