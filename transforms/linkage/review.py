"""What a clerk has to look at: pairs in doubt that could change what a family is owed, those that change most first."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.clerks import Clerks
from transforms.linkage.clustering import Clusters
from transforms.linkage.codes import Flags
from transforms.linkage.evidence import Edges, Evidence, Rows, Weights
from transforms.linkage.model import LinkageModel
from transforms.linkage.scoring import Bits, probability_of
from transforms.schemas import REVIEW, WORTH

# Whose identity decides about a family: the dead and the disabled, and children that came later with their parents.
MATTERS = {
    "death_certificates": ("subject",),
    "cremations": ("subject",),
    "disability_certificates": ("subject",),
    "births": ("child", "mother", "father"),
    "adoptions": ("adoptee", "adopter_man", "adopter_woman"),
}
GROWN = ("births", "adoptions")  # how a family grows
CERTIFICATES = "only_child_certificates"
CANDIDATES = 3  # persons proposed for one mention
BEHIND = 12.0  # bits: a candidate so far behind the best is not proposed


@dataclass(frozen=True)
class Review:
    """Questions to clerks (REVIEW), the most valuable first, and row by row by what they stand in order (WORTH)."""

    rows: pa.Table
    worth: pa.Table


def review_rows(
    evidence: Evidence, edges: Edges, clusters: Clusters, ids: pa.Array, clerks: Clerks, model: LinkageModel
) -> Review:
    """What clerks have to look at: for a mention that matters, another person it may be.

    A person found in the register is settled: two of them differ, and only an unsettled certificate's person is
    still worth a look. Where neither is settled, or the mention's own person is not, every candidate with a
    place in the register, a certificate, a birth or an adoption is. Two persons that a clerk has called different
    are not asked about again, whichever of their mentions meet.

    The value of a question is what a yes would change for a family: first whether a certificate's child has died or
    is disabled (support begins), then whether a certificate's family has grown (it ends), then whether a
    certificate's parent has died (who is paid), then the rest; among equals first what is likeliest to be a yes,
    since the night assumes a no.
    """
    one, other, weight = _open_pairs(evidence, edges, clusters, clerks)
    sides = [_proposals(evidence, clusters, one, other, weight), _proposals(evidence, clusters, other, one, weight)]
    mention, candidate, bits = (np.concatenate([side[place] for side in sides]) for place in range(3))
    best = _best_per_mention(clusters, mention, candidate, bits)
    mention, candidate, bits = mention[best], candidate[best], bits[best]
    rank = _rank(evidence, clusters, mention, candidate)
    rows = np.lexsort((candidate, mention, -bits, rank))
    mention, candidate, bits = mention[rows], candidate[rows], bits[rows]
    worth = pa.table({"rank": rank[rows], "bits": bits}).cast(WORTH)
    return Review(_table(evidence, clusters, ids, mention, candidate, probability_of(bits, model)), worth)


def in_order(review: Review) -> Review:
    """The same questions, the most valuable first."""
    by = [("rank", "ascending"), ("bits", "descending"), ("mention_id", "ascending"),
          ("candidate_mention_id", "ascending")]  # fmt: skip
    told = review.rows.select(["mention_id", "candidate_mention_id"])
    order = pc.sort_indices(
        told.append_column("rank", review.worth["rank"]).append_column("bits", review.worth["bits"]), by
    )
    return Review(review.rows.take(order), review.worth.take(order))


def _rank(evidence: Evidence, clusters: Clusters, mention: Rows, candidate: Rows) -> Rows:
    # What a yes would change for a family, 0 the most.
    certified = _clusters_with(evidence.of_kind(feed == CERTIFICATES for feed, _ in evidence.kinds), clusters)
    child = _clusters_with(evidence.of_kind(kind == (CERTIFICATES, "child") for kind in evidence.kinds), clusters)
    grows = evidence.of_kind(feed in GROWN for feed, _ in evidence.kinds)[mention]
    person = clusters.label[candidate]
    rank: Rows = np.select([~grows & child[person], grows & certified[person], certified[person]], [0, 1, 2], 3)
    return rank


def _open_pairs(evidence: Evidence, edges: Edges, clusters: Clusters, clerks: Clerks) -> tuple[Rows, Rows, Weights]:
    settled = _clusters_with(evidence.in_register, clusters)
    one, other = clusters.label[edges.a], clusters.label[edges.b]
    rows = np.flatnonzero((one != other) & ~(settled[one] & settled[other]))
    if clerks.different:
        a, b = clusters.label[np.array(clerks.different, np.int64)].T
        rows = rows[~np.isin(_unordered(one[rows], other[rows]), _unordered(a, b))]
    return edges.a[rows].astype(np.int64), edges.b[rows].astype(np.int64), edges.weight[rows]


def _unordered(one: Rows, other: Rows) -> Rows:
    packed: Rows = np.minimum(one, other) << 32 | np.maximum(one, other)
    return packed


def _clusters_with(flags: Flags, clusters: Clusters) -> Flags:
    has = np.zeros(clusters.count, bool)
    has[clusters.label[flags]] = True
    return has


def _proposals(
    evidence: Evidence, clusters: Clusters, of: Rows, candidate: Rows, weight: Weights
) -> tuple[Rows, Rows, Weights]:
    # Every mention that matters in the cluster of `of`, proposed to the candidate's person.
    matters = evidence.of_kind(role in MATTERS.get(feed, ()) for feed, role in evidence.kinds)
    settled = _clusters_with(evidence.in_register, clusters)
    certified = _clusters_with(evidence.of_kind(feed == CERTIFICATES for feed, _ in evidence.kinds), clusters)
    grown = _clusters_with(evidence.of_kind(feed in GROWN for feed, _ in evidence.kinds), clusters)
    mine, theirs = clusters.label[of], clusters.label[candidate]
    wanted = np.where(settled[mine], certified[theirs], (grown | certified | settled)[theirs])
    worth = wanted & _clusters_with(matters, clusters)[mine]
    of, candidate, weight, mine = of[worth], candidate[worth], weight[worth], mine[worth]
    members = np.flatnonzero(matters)
    members = members[np.argsort(clusters.label[members], kind="stable")]
    first = np.searchsorted(clusters.label[members], mine, side="left")
    count = np.searchsorted(clusters.label[members], mine, side="right") - first
    repeat = np.repeat(np.arange(len(mine)), count)
    within = np.arange(len(repeat)) - np.repeat(np.cumsum(count) - count, count)
    return members[first[repeat] + within], candidate[repeat], weight[repeat]


def _best_per_mention(clusters: Clusters, mention: Rows, candidate: Rows, bits: Weights) -> Rows:
    # One row a mention and candidate person, by its best pair; the few best of a mention.
    order = np.lexsort((candidate, mention, -bits))
    person = mention[order] << 32 | clusters.label[candidate[order]]
    order = order[np.sort(np.unique(person, return_index=True)[1])]
    by_mention = order[np.lexsort((candidate[order], -bits[order], mention[order]))]
    first = np.searchsorted(mention[by_mention], mention[by_mention], side="left")
    place = np.arange(len(by_mention)) - first
    near = bits[by_mention] >= bits[by_mention[first]] - BEHIND
    best: Rows = by_mention[(place < CANDIDATES) & near]
    return best


def _table(
    evidence: Evidence, clusters: Clusters, ids: pa.Array, mention: Rows, candidate: Rows, probability: Bits
) -> pa.Table:
    known = evidence.mentions.select(["mention_id", "feed", "record_key", "role"]).take(pa.array(mention))
    persons = ids.take(pa.array(clusters.label[candidate])).to_pylist()
    pair_ids = [_pair_id(m, p) for m, p in zip(known["mention_id"].to_pylist(), persons, strict=True)]
    columns = {name: known[name].cast(pa.string()) for name in known.column_names}
    columns["pair_id"] = pa.array(pair_ids, pa.string())
    columns["candidate_mention_id"] = evidence.mentions["mention_id"].take(pa.array(candidate))
    columns["candidate_person_id"] = pa.array(persons, pa.string())
    columns["match_probability"] = pa.array(probability)
    columns["status"] = pa.array(["open"] * len(persons), pa.string())
    return pa.table(columns).select(REVIEW.names).cast(REVIEW)


def _pair_id(mention_id: str, person_id: str) -> str:
    return "R" + blake2b(f"{mention_id}|{person_id}".encode(), digest_size=6).hexdigest().upper()
