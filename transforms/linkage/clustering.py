"""Mentions into persons: best pair first, never across a contradiction, and never when a rival is too near.

The partition is a function of the mentions, the pairs and the clerks' decisions, whatever their order. Where
nothing contradicts anything, persons are connected components and no loop runs; only mentions that touch a
contradiction are joined one pair at a time.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from transforms.linkage.codes import Flags
from transforms.linkage.evidence import Edges, Evidence, Rows
from transforms.linkage.joining import Joining
from transforms.linkage.model import Thresholds

Pair = tuple[int, int]


@dataclass(frozen=True)
class Clusters:
    """`label`: the cluster of every mention row, numbered in the order of their first rows."""

    label: Rows


def cluster(
    evidence: Evidence, edges: Edges, thresholds: Thresholds, same: list[Pair], different: list[Pair]
) -> Clusters:
    """The persons among the mentions.

    `same` and `different` are the clerks' pairs of rows: they hold whatever the pairs say. A clerk's
    `different` is stronger than a chain of `same`.
    """
    count = len(evidence.exact)
    first = _first_of(evidence.exact)
    auto = int(np.searchsorted(-edges.weight, -thresholds.link_bits, side="right"))
    joined = _components(count, np.concatenate([first, edges.a[:auto], _column(same, 0)]),
                         np.concatenate([np.arange(count), edges.b[:auto], _column(same, 1)]))  # fmt: skip
    hard = _needs_care(evidence, edges, joined, thresholds.link_bits - thresholds.margin_bits)
    may_be = (edges.weight >= thresholds.alone_bits) & (edges.like_name | edges.no_name)
    band = auto + np.flatnonzero(may_be[auto:])
    hard |= _near_a_registered(evidence, edges, band, joined, len(hard))
    for a, b in (*same, *different):
        hard[[joined[a], joined[b]]] = True
    careful = hard[joined]
    label = np.where(careful, count + evidence.exact, joined)
    if careful.any():
        label = _join_carefully(evidence, edges, auto, band, thresholds, same, different, careful, label)
    return Clusters(_numbered(label))


def _column(pairs: list[Pair], side: int) -> Rows:
    return np.array([pair[side] for pair in pairs], np.int64)


def _first_of(codes: Rows) -> Rows:
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    found: Rows = first[place].astype(np.int64)
    return found


def _numbered(label: Rows) -> Rows:
    _, first, place = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbered: Rows = rank[place]
    return numbered


def _components(count: int, a: Rows, b: Rows) -> Rows:
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(count, count))
    found: Rows = connected_components(graph, directed=False)[1].astype(np.int64)
    return found


def _needs_care(evidence: Evidence, edges: Edges, joined: Rows, floor: float) -> Flags:
    # Per component: whether it holds a contradiction, or contradicts one that is near enough to be a rival.
    hard = _contradictory(evidence, joined, int(joined.max(initial=-1)) + 1)
    near = edges.weight >= floor
    one, other = joined[edges.a[near]], joined[edges.b[near]]
    against = (one != other) & _contradict(evidence, joined, hard, one, other)
    hard[one[against]] = True
    hard[other[against]] = True
    return hard


def _near_a_registered(evidence: Evidence, edges: Edges, band: Rows, joined: Rows, count: int) -> Flags:
    # Everything that a registered person's component meets in the band, and what meets those.
    registered = np.zeros(count, bool)
    registered[joined[evidence.in_register]] = True
    one, other = joined[edges.a[band]], joined[edges.b[band]]
    hopeful = (one != other) & (registered[one] != registered[other])
    near = np.zeros(count, bool)
    near[one[hopeful]] = True
    near[other[hopeful]] = True
    one, other = joined[edges.a], joined[edges.b]
    beside = (one != other) & (near[one] | near[other])
    near[one[beside]] = True
    near[other[beside]] = True
    return near


def _contradictory(evidence: Evidence, joined: Rows, count: int) -> Flags:
    hard = np.zeros(count, bool)
    has = evidence.number >= 0
    hard[_repeated(np.unique(joined[has] << 32 | evidence.number[has]) >> 32)] = True
    hard[_repeated(np.sort(joined << 32 | evidence.record)) >> 32] = True
    return hard


def _contradict(evidence: Evidence, joined: Rows, hard: Flags, one: Rows, other: Rows) -> Flags:
    number = np.full(len(hard), -1, np.int64)
    np.maximum.at(number, joined, evidence.number)
    two_numbers = (number[one] >= 0) & (number[other] >= 0) & (number[one] != number[other])
    shared = np.isin(_unordered(one, other), _sharing_a_record(evidence, joined))
    against: Flags = two_numbers | shared | hard[one] | hard[other]
    return against


def _sharing_a_record(evidence: Evidence, joined: Rows) -> Rows:
    # A record mentions a handful of persons: neighbours up to the largest record's size are enough.
    order = np.argsort(evidence.record, kind="stable")
    record, component = evidence.record[order], joined[order]
    largest = int(np.bincount(record).max(initial=1))
    found = [np.array([], np.int64)]
    for apart in range(1, largest):
        together = record[apart:] == record[:-apart]
        found.append(_unordered(component[apart:][together], component[:-apart][together]))
    return np.unique(np.concatenate(found))


def _unordered(one: Rows, other: Rows) -> Rows:
    packed: Rows = np.minimum(one, other) << 32 | np.maximum(one, other)
    return packed


def _repeated(ordered: Rows) -> Rows:
    repeated: Rows = ordered[1:][ordered[1:] == ordered[:-1]]
    return repeated


def _join_carefully(evidence: Evidence, edges: Edges, auto: int, band: Rows, thresholds: Thresholds, same: list[Pair],
                    different: list[Pair], careful: Flags, label: Rows) -> Rows:  # fmt: skip
    rows = np.flatnonzero(careful)
    joining = Joining(rows, label, evidence, different)
    touches = careful[edges.a] | careful[edges.b]
    joining.rivals(edges, np.flatnonzero(touches))
    for a, b in same:
        joining.join_by_clerk(a, b)
    chosen = np.flatnonzero(careful[edges.a[:auto]] & careful[edges.b[:auto]])
    for place in chosen.tolist():
        joining.join(int(edges.a[place]), int(edges.b[place]), float(edges.weight[place]), thresholds.margin_bits)
    for place in band.tolist():
        a, b, weight = int(edges.a[place]), int(edges.b[place]), float(edges.weight[place])
        joining.join_alone(a, b, weight, thresholds.alone_margin_bits, is_named=bool(edges.like_name[place]))
    return joining.labels(label)
