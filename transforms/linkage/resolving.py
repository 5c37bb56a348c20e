"""From scored pairs to persons: links, what a clerk has to look at, and what became of earlier persons."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.linkage.clustering import Clusters, Pair, cluster
from transforms.linkage.evidence import Edges, Evidence, decided_rows, edges_of, gather
from transforms.linkage.identity import person_ids
from transforms.linkage.model import LinkageModel
from transforms.linkage.review import review_rows
from transforms.linkage.scoring import probability_of
from transforms.schemas import LINKS


@dataclass(frozen=True)
class Resolved:
    """`links` (LINKS): each mention's person. `review` (REVIEW): for clerks, strongest doubt first.

    `events` (PERSON_EVENTS): merges and splits since the previous links.
    """

    links: pa.Table
    review: pa.Table
    events: pa.Table


def resolve(
    mentions: pa.Table,
    pairs: pa.Table,
    previous_links: pa.Table | None,
    model: LinkageModel,
    *,
    known_on: date,
    decisions: pa.Table | None = None,
) -> Resolved:
    """Persons from all current mentions (MENTIONS) and their pairs (PAIRS, as `link` returns them).

    `previous_links` keeps the ids of persons; it has no influence on who is who. `decisions` are the clerks'
    (mention_a, mention_b, decision `same` or `different`): they always hold.
    """
    evidence = gather(mentions)
    edges = edges_of(evidence, pairs, model)
    same, different = (decided_rows(evidence, decisions, word) for word in ("same", "different"))
    clusters = cluster(evidence, edges, model.thresholds, same, different)
    identities = person_ids(evidence, clusters, previous_links, known_on)
    links = _links(evidence, edges, clusters, identities.person_id, same)
    return Resolved(links, review_rows(evidence, edges, clusters, identities.person_id, different), identities.events)


def _links(evidence: Evidence, edges: Edges, clusters: Clusters, ids: list[str], same: list[Pair]) -> pa.Table:
    weight, decided = _held_by(evidence, edges, clusters, same)
    columns = {name: evidence.mentions[name] for name in ("mention_id", "feed", "record_key", "role")}
    columns["person_id"] = pa.array(ids, pa.string()).take(pa.array(clusters.label))
    columns["match_probability"] = pa.array(probability_of(weight))
    columns["decided_by"] = pa.array(decided)
    return pa.table(columns).cast(LINKS)


def _held_by(
    evidence: Evidence, edges: Edges, clusters: Clusters, same: list[Pair]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.str_]]:
    # The strongest tie of each mention to its person: a clerk's word, the rule of number and name, or its best pair.
    count = len(clusters.label)
    weight = np.full(count, -np.inf)
    inside = clusters.label[edges.a] == clusters.label[edges.b]
    for side in (edges.a, edges.b):
        np.maximum.at(weight, side[inside], edges.weight[inside])
    decided = np.full(count, "model", dtype="U5")
    by_rule = (np.bincount(evidence.exact)[evidence.exact] > 1) | (np.bincount(clusters.label)[clusters.label] == 1)
    for side in (edges.a, edges.b):
        best = inside & edges.by_rule & (edges.weight >= weight[side])
        by_rule[side[best]] = True
    decided[by_rule] = "rule"
    by_clerk = [row for a, b in same if clusters.label[a] == clusters.label[b] for row in (a, b)]
    decided[by_clerk] = "clerk"
    weight[by_rule] = np.inf
    weight[by_clerk] = np.inf
    return weight, decided
