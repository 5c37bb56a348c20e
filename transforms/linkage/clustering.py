"""Mentions into persons: best pair first, never across a contradiction, and never when a rival is too near.

The partition is a function of the mentions, the pairs and the clerks' decisions, whatever their order. Where
nothing contradicts anything, persons are connected components and no loop runs; only mentions that touch a
contradiction or a clerk's decision, or that may be a registered person in the band, are joined with care (regions).
"""

from dataclasses import dataclass

import numpy as np

from transforms.linkage.clerks import Clerks
from transforms.linkage.codes import Codes, Flags
from transforms.linkage.evidence import Edges, Evidence, Rows, among, repeated
from transforms.linkage.model import Thresholds
from transforms.linkage.regions import Bands, components, join_carefully


@dataclass(frozen=True)
class Clusters:
    """`label`: the cluster of every mention row, numbered from 0 to `count` in the order of their first rows."""

    label: Rows
    count: int


def cluster(evidence: Evidence, edges: Edges, thresholds: Thresholds, clerks: Clerks) -> Clusters:
    """The persons among the mentions.

    The clerks' decisions hold whatever the pairs and the rules say; a clerk's `different` is stronger than a chain
    of `same`.
    """
    bands = bands_of(evidence, edges, thresholds)
    joined = _joined(evidence, edges, bands, clerks)
    crossing = _Crossing.of(edges, joined)
    hard = _contradictory(evidence, joined)
    near = crossing.only(edges.weight[crossing.place] >= thresholds.link_bits - thresholds.margin_bits)
    hard |= near.both(_contradict(evidence, joined, hard, near), len(hard))
    hard |= _near_a_registered(evidence, joined, crossing, bands.alone, len(hard))
    hard[joined[clerks.rows]] = True
    return _numbered(_roots(evidence, edges, bands, clerks, thresholds, joined, hard[joined]))


def bands_of(evidence: Evidence, edges: Edges, thresholds: Thresholds) -> Bands:
    """Which pairs link, and which would if nobody else came near."""
    # Of a bystander little more is told than a name and whose child it is: so are its brothers and sisters.
    bystander = evidence.is_bystander[edges.a] | evidence.is_bystander[edges.b]
    sure = (edges.weight >= thresholds.link_bits) & (edges.own | ~bystander)
    may_be = (edges.weight >= thresholds.alone_bits) & (edges.like_name | edges.no_name)
    return Bands(sure, may_be & (edges.weight < thresholds.link_bits))


def _joined(evidence: Evidence, edges: Edges, bands: Bands, clerks: Clerks) -> Rows:
    # Everybody who would be one person if nothing contradicted anything.
    ruled = np.flatnonzero(evidence.exact != np.arange(len(evidence.exact)))
    same = np.array(clerks.same, np.int64).reshape(-1, 2)
    a: list[Rows | Codes] = [evidence.exact[ruled], edges.a[bands.sure], same[:, 0]]
    b: list[Rows | Codes] = [ruled, edges.b[bands.sure], same[:, 1]]
    ends = [np.concatenate([rows.astype(np.int32) for rows in side]) for side in (a, b)]
    return components(len(evidence.exact), *ends)


@dataclass(frozen=True)
class _Crossing:
    """Pairs between two components: their place among the edges, and the two."""

    place: Rows
    one: Rows
    other: Rows

    @staticmethod
    def of(edges: Edges, joined: Rows) -> "_Crossing":
        one, other = joined[edges.a], joined[edges.b]
        place = np.flatnonzero(one != other)
        return _Crossing(place, one[place], other[place])

    def only(self, wanted: Flags) -> "_Crossing":
        return _Crossing(self.place[wanted], self.one[wanted], self.other[wanted])

    def both(self, wanted: Flags, count: int) -> Flags:
        flags = np.zeros(count, bool)
        flags[self.one[wanted]] = True
        flags[self.other[wanted]] = True
        return flags


def _contradictory(evidence: Evidence, joined: Rows) -> Flags:
    # Components with two trusted numbers, two rows of the register, or two mentions of one record.
    hard = np.zeros(int(joined.max(initial=-1)) + 1, bool)
    for claim in (evidence.number, evidence.entry):
        has = claim >= 0
        lowest = np.full(len(hard), np.iinfo(np.int32).max, np.int32)
        np.minimum.at(lowest, joined[has], claim[has])
        hard |= lowest < _claimed(claim, joined, len(hard))
    shared = np.flatnonzero(evidence.record >= 0)
    hard[repeated(np.sort(joined[shared] << 32 | evidence.record[shared])) >> 32] = True
    return hard


def _claimed(claim: Codes, joined: Rows, count: int) -> Codes:
    # What each component claims, -1 where nothing; the highest where it claims several.
    highest = np.full(count, -1, np.int32)
    np.maximum.at(highest, joined, claim)
    return highest


def _contradict(evidence: Evidence, joined: Rows, hard: Flags, near: _Crossing) -> Flags:
    against: Flags = hard[near.one] | hard[near.other]
    for claim in (evidence.number, evidence.entry):
        claimed = _claimed(claim, joined, len(hard))
        one, other = claimed[near.one], claimed[near.other]
        against |= (one >= 0) & (other >= 0) & (one != other)
    return against | among(_unordered(near.one, near.other), _meeting_in_a_record(evidence, joined, near))


def _meeting_in_a_record(evidence: Evidence, joined: Rows, near: _Crossing) -> Rows:
    # A record mentions a handful of persons: neighbours up to the largest record's size are enough.
    wanted = near.both(np.ones(len(near.place), bool), int(joined.max(initial=-1)) + 1)
    rows = np.flatnonzero(wanted[joined] & (evidence.record >= 0))
    rows = rows[np.argsort(evidence.record[rows], kind="stable")]
    record, component = evidence.record[rows], joined[rows]
    found = [np.array([], np.int64)]
    for apart in range(1, int(np.bincount(record).max(initial=1))):
        together = record[apart:] == record[:-apart]
        found.append(_unordered(component[apart:][together], component[:-apart][together]))
    return np.sort(np.concatenate(found))


def _unordered(one: Rows, other: Rows) -> Rows:
    packed: Rows = np.minimum(one, other) << 32 | np.maximum(one, other)
    return packed


def _near_a_registered(evidence: Evidence, joined: Rows, crossing: _Crossing, alone: Flags, count: int) -> Flags:
    # Everything that a registered person's component meets in the band, and what meets those.
    registered = np.zeros(count, bool)
    registered[joined[evidence.in_register]] = True
    hopeful = alone[crossing.place] & (registered[crossing.one] != registered[crossing.other])
    near = crossing.both(hopeful, count)
    return near | crossing.both(near[crossing.one] | near[crossing.other], count)


def _roots(evidence: Evidence, edges: Edges, bands: Bands, clerks: Clerks, thresholds: Thresholds, joined: Rows,
           careful: Flags) -> Rows:  # fmt: skip
    # The first row of each mention's person.
    own = np.arange(len(joined))
    first = np.full(int(joined.max(initial=-1)) + 1, len(joined))
    np.minimum.at(first, joined, own)
    roots: Rows = first[joined]
    rows = np.flatnonzero(careful)
    roots[rows] = join_carefully(evidence, edges, bands, clerks, thresholds, rows)
    return roots


def _numbered(roots: Rows) -> Clusters:
    is_first = roots == np.arange(len(roots))
    return Clusters((np.cumsum(is_first) - 1)[roots], int(is_first.sum()))
