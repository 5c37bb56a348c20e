"""What a clerk has to look at: pairs in doubt that could change what a family is owed, the weightiest first."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.clustering import Clusters, Pair
from transforms.linkage.codes import Flags
from transforms.linkage.evidence import Edges, Evidence, Rows
from transforms.linkage.scoring import probability_of
from transforms.schemas import REVIEW

# Whose identity decides about a family: the dead and the disabled, and children that came later with their parents.
MATTERS = {
    "death_certificates": ("subject",),
    "cremations": ("subject",),
    "disability_certificates": ("subject",),
    "births": ("child", "mother", "father"),
    "adoptions": ("adoptee", "adopter_man", "adopter_woman"),
}
CERTIFICATES = "only_child_certificates"
CANDIDATES = 3  # persons proposed for one mention
BEHIND = 12.0  # bits: a candidate so far behind the best is not proposed


def review_rows(
    evidence: Evidence, edges: Edges, clusters: Clusters, ids: list[str], different: list[Pair]
) -> pa.Table:
    """REVIEW rows, the most valuable first: for a mention that matters, another person it may be.

    A person found in the register is settled: two of them differ, and only an unsettled certificate's person is
    still worth a look. Where neither is settled, or the mention's own person is not, every candidate with a
    place in the register, a certificate, a birth or an adoption is.
    """
    one, other, weight = _open_pairs(evidence, edges, clusters, different)
    sides = [_proposals(evidence, clusters, one, other, weight), _proposals(evidence, clusters, other, one, weight)]
    mention, candidate, bits = (np.concatenate([side[place] for side in sides]) for place in range(3))
    rows = _best_per_mention(clusters, mention, candidate, bits)
    return _table(evidence, clusters, ids, mention[rows], candidate[rows], bits[rows])


def _open_pairs(
    evidence: Evidence, edges: Edges, clusters: Clusters, different: list[Pair]
) -> tuple[Rows, Rows, npt.NDArray[np.float64]]:
    settled = _clusters_with(evidence.in_register, clusters)
    one, other = clusters.label[edges.a], clusters.label[edges.b]
    decided = {(int(clusters.label[a]), int(clusters.label[b])) for a, b in different}
    decided |= {(b, a) for a, b in decided}
    is_open = (one != other) & ~(settled[one] & settled[other])
    rows = np.flatnonzero(is_open)
    if decided:
        rows = np.array([r for r in rows.tolist() if (int(one[r]), int(other[r])) not in decided], np.int64)
    return edges.a[rows], edges.b[rows], edges.weight[rows]


def _clusters_with(flags: Flags, clusters: Clusters) -> Flags:
    has = np.zeros(int(clusters.label.max(initial=-1)) + 1, bool)
    has[clusters.label[flags]] = True
    return has


def _in_feeds(evidence: Evidence, feeds: list[str]) -> Flags:
    return np.asarray(pc.is_in(evidence.mentions["feed"], pa.array(feeds))).astype(bool)


def _mattering(evidence: Evidence) -> Flags:
    feed, role = evidence.mentions["feed"], evidence.mentions["role"]
    flags = np.zeros(evidence.mentions.num_rows, bool)
    for name, roles in MATTERS.items():
        flags |= np.asarray(pc.and_(pc.equal(feed, name), pc.is_in(role, pa.array(roles)))).astype(bool)
    return flags


def _proposals(evidence: Evidence, clusters: Clusters, of: Rows, candidate: Rows,
               weight: npt.NDArray[np.float64]) -> tuple[Rows, Rows, npt.NDArray[np.float64]]:  # fmt: skip
    # Every mention that matters in the cluster of `of`, proposed to the candidate's person.
    matters = _mattering(evidence)
    settled = _clusters_with(evidence.in_register, clusters)
    certified = _clusters_with(_in_feeds(evidence, [CERTIFICATES]), clusters)
    family = _clusters_with(_in_feeds(evidence, ["births", "adoptions"]), clusters) | certified | settled
    mine, theirs = clusters.label[of], clusters.label[candidate]
    worth = np.where(settled[mine], certified[theirs], family[theirs]) & _clusters_with(matters, clusters)[mine]
    of, candidate, weight, mine = of[worth], candidate[worth], weight[worth], mine[worth]
    members = np.flatnonzero(matters)
    members = members[np.argsort(clusters.label[members], kind="stable")]
    first = np.searchsorted(clusters.label[members], mine, side="left")
    count = np.searchsorted(clusters.label[members], mine, side="right") - first
    repeat = np.repeat(np.arange(len(mine)), count)
    within = np.arange(len(repeat)) - np.repeat(np.cumsum(count) - count, count)
    return members[first[repeat] + within], candidate[repeat], weight[repeat]


def _best_per_mention(clusters: Clusters, mention: Rows, candidate: Rows, bits: npt.NDArray[np.float64]) -> Rows:
    # One row a mention and candidate person, the few best of a mention, the strongest doubt first.
    order = np.lexsort((candidate, mention, -bits))
    person = mention[order] << 32 | clusters.label[candidate[order]]
    order = order[np.sort(np.unique(person, return_index=True)[1])]
    by_mention = order[np.lexsort((candidate[order], -bits[order], mention[order]))]
    first = np.searchsorted(mention[by_mention], mention[by_mention], side="left")
    place = np.arange(len(by_mention)) - first
    near = bits[by_mention] >= bits[by_mention[first]] - BEHIND
    chosen = by_mention[(place < CANDIDATES) & near]
    best: Rows = chosen[np.lexsort((candidate[chosen], mention[chosen], -bits[chosen]))]
    return best


def _table(evidence: Evidence, clusters: Clusters, ids: list[str], mention: Rows, candidate: Rows,
           bits: npt.NDArray[np.float64]) -> pa.Table:  # fmt: skip
    known = evidence.mentions.select(["mention_id", "feed", "record_key", "role"]).take(pa.array(mention))
    persons = [ids[label] for label in clusters.label[candidate].tolist()]
    pair_ids = [_pair_id(m, p) for m, p in zip(known["mention_id"].to_pylist(), persons, strict=True)]
    columns = {name: known[name] for name in known.column_names}
    columns["pair_id"] = pa.array(pair_ids, pa.string())
    columns["candidate_mention_id"] = evidence.mentions["mention_id"].take(pa.array(candidate))
    columns["candidate_person_id"] = pa.array(persons, pa.string())
    columns["match_probability"] = pa.array(probability_of(bits))
    columns["status"] = pa.array(["open"] * len(persons), pa.string())
    return pa.table(columns).select(REVIEW.names).cast(REVIEW)


def _pair_id(mention_id: str, person_id: str) -> str:
    return "R" + blake2b(f"{mention_id}|{person_id}".encode(), digest_size=6).hexdigest().upper()
