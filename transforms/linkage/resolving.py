"""From scored pairs to persons: links, what a clerk has to look at, and what became of earlier persons."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.linkage.clerks import Clerks, decided
from transforms.linkage.clustering import Clusters, cluster
from transforms.linkage.codes import Flags
from transforms.linkage.evidence import NAMED, Edges, Evidence, Weights, edges_of, gather
from transforms.linkage.identity import person_ids
from transforms.linkage.model import LinkageModel
from transforms.linkage.regions import components
from transforms.linkage.review import review_rows
from transforms.linkage.scoring import probability_of
from transforms.schemas import GROUPS, LINKS

_WORDS = ("model", "rule", "clerk")  # by whom a mention was joined to its person


@dataclass(frozen=True)
class Standing:
    """Who is who, and what the next night needs to know to leave alone whom it does not touch.

    `links` (LINKS): each mention's person, in the order of mention_id. `review` (REVIEW): for clerks, strongest doubt
    first. `groups` (GROUPS): row by row of links, a number that mentions share which have to do with each other.
    `worth` (WORTH): row by row of review.
    """

    links: pa.Table
    review: pa.Table
    groups: pa.Table
    worth: pa.Table


@dataclass(frozen=True)
class Resolved(Standing):
    """`events` (PERSON_EVENTS): merges and splits since the previous links."""

    events: pa.Table


def resolve(
    mentions: pa.Table,
    pairs: pa.Table,
    previous_links: pa.Table | None,
    model: LinkageModel,
    *,
    known_on: date,
    decisions: pa.Table | None = None,
    elsewhere: pa.ChunkedArray | None = None,
) -> Resolved:
    """Persons from all current mentions (MENTIONS) and their pairs (PAIRS, as `link` returns them).

    `previous_links` keeps the ids of persons; it has no influence on who is who. `decisions` are the clerks'
    (mention_a, mention_b, decision `same` or `different`): they always hold. `elsewhere`: ids of persons that are
    none of these mentions'; nobody is given one of them.
    """
    evidence = gather(mentions)
    edges = edges_of(evidence, pairs, model)
    clerks = decided(evidence, decisions)
    clusters = cluster(evidence, edges, model.thresholds, clerks)
    identities = person_ids(evidence, clusters, previous_links, known_on, elsewhere)
    told = (evidence, edges, clusters, identities.person_id, clerks, model)
    review = review_rows(*told)
    groups = _groups(evidence, edges, clusters, clerks)
    return Resolved(_links(*told), review.rows, groups, review.worth, identities.events)


def _groups(evidence: Evidence, edges: Edges, clusters: Clusters, clerks: Clerks) -> pa.Table:
    # Who has a say in whose person: persons, tied by what crosses between them. By `same` and not by `exact`, which is
    # another when a slip is mended. Clerks' words need tie nobody: whom they are about is clustered again every night.
    numbered = np.flatnonzero(evidence.same >= 0)
    one_of = np.zeros(int(evidence.same.max(initial=-1)) + 1, np.int64)
    one_of[evidence.same[numbered]] = numbered
    one = clusters.label[np.concatenate([edges.a, one_of[evidence.same[numbered]]])]
    other = clusters.label[np.concatenate([edges.b, numbered])]
    crossing = np.flatnonzero(one != other)
    group = components(clusters.count, *(rows[crossing].astype(np.int32) for rows in (one, other)))
    is_decided = np.zeros(len(evidence.same), bool)
    is_decided[clerks.rows] = True
    return pa.table({"group": group[clusters.label], "is_decided": is_decided}).cast(GROUPS)


def _links(
    evidence: Evidence, edges: Edges, clusters: Clusters, ids: pa.Array, clerks: Clerks, model: LinkageModel
) -> pa.Table:
    weight, decided_by = _held_by(evidence, edges, clusters, clerks)
    columns = {name: evidence.mentions[name] for name in NAMED}
    columns["person_id"] = ids.take(pa.array(clusters.label))
    columns["match_probability"] = pa.array(probability_of(weight, model))
    columns["decided_by"] = pa.DictionaryArray.from_arrays(decided_by, list(_WORDS))
    return pa.table(columns).cast(LINKS)


def _held_by(
    evidence: Evidence, edges: Edges, clusters: Clusters, clerks: Clerks
) -> tuple[Weights, npt.NDArray[np.int8]]:
    # The strongest tie of each mention to its person: a clerk's word, the rule of number and name, or its best pair.
    label = clusters.label
    weight = np.full(len(label), -np.inf)
    inside = label[edges.a] == label[edges.b]
    for side in (edges.a, edges.b):
        np.maximum.at(weight, side[inside], edges.weight[inside])
    by_rule = _is_joined_by_rule(evidence, clusters) | (np.bincount(label, minlength=1)[label] == 1)
    for side in (edges.a, edges.b):
        best = inside & edges.by_rule & (edges.weight >= weight[side])
        by_rule[side[best]] = True
    by_clerk = [row for a, b in clerks.same if label[a] == label[b] for row in (a, b)]
    decided_by = by_rule.astype(np.int8)
    decided_by[by_clerk] = _WORDS.index("clerk")
    weight[decided_by > 0] = np.inf
    return weight, decided_by


def _is_joined_by_rule(evidence: Evidence, clusters: Clusters) -> Flags:
    # Together with another mention of the same number and name: only a clerk's word parts such.
    exact, label = evidence.exact, clusters.label
    many: Flags = (np.bincount(exact, minlength=1) > 1)[exact]
    parted = label != label[exact]
    if parted.any():
        rows = np.flatnonzero(np.isin(exact, exact[parted]))
        _, place, count = np.unique(exact[rows] << 32 | label[rows], return_inverse=True, return_counts=True)
        many[rows] = count[place] > 1
    return many
