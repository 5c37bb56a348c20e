"""Contested mentions, cut into regions that have nothing to do with each other; each is joined pair by pair."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from transforms.linkage.clerks import Clerks
from transforms.linkage.codes import Codes, Flags
from transforms.linkage.evidence import Edges, Evidence, Pair, Rows
from transforms.linkage.joining import Joining, Member, Tie
from transforms.linkage.model import Thresholds


@dataclass(frozen=True)
class Bands:
    """Per edge: whether it links, or whether it would if nobody else came near."""

    sure: Flags
    alone: Flags


def components(count: int, a: Rows | Codes, b: Rows | Codes) -> Rows:
    """The connected component of each of `count` nodes under the edges (a, b)."""
    from scipy.sparse import coo_array  # a quarter of a second to load, and two tables have no use for it
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(count, count))
    found: Rows = connected_components(graph, directed=False)[1].astype(np.int64)
    return found


def join_carefully(
    evidence: Evidence, edges: Edges, bands: Bands, clerks: Clerks, thresholds: Thresholds, rows: Rows
) -> Rows:
    """The first row of each contested mention's person; `rows` are those mentions, in order."""
    place = np.full(len(evidence.exact), -1)
    place[rows] = np.arange(len(rows))
    inside = np.flatnonzero((place[edges.a] >= 0) & (place[edges.b] >= 0))
    region = _regions(evidence, edges, clerks, rows, place, inside)
    count = int(region.max(initial=-1)) + 1
    order = np.argsort(region, kind="stable")
    # Where a clerk has spoken even the rule of number and name has to wait: such mentions start alone.
    told = np.isin(evidence.exact[rows], evidence.exact[clerks.rows])
    start = np.where(told, rows, evidence.exact[rows])
    members = _members(evidence, rows[order], start[order], _cuts(region[order], count))
    ties = _ties(edges, bands, inside, region[place[edges.a[inside]]], count)
    same = _by_region(clerks.same, region, place)
    ruled = _by_region(_same_identity(evidence, rows[told]), region, place)
    barred = _barred(clerks.different)
    first: list[int] = []
    for number, (here, between) in enumerate(zip(members, ties, strict=True)):
        first += Joining(here, between, barred).join_all(same[number], ruled[number], thresholds)
    roots = np.empty(len(rows), np.int64)
    roots[order] = first
    return roots


def _regions(evidence: Evidence, edges: Edges, clerks: Clerks, rows: Rows, place: Rows, inside: Rows) -> Rows:
    # Who can ever come together, or be another's rival.
    same = np.array(clerks.same, np.int64).reshape(-1, 2)
    one = np.concatenate([edges.a[inside], rows, same[:, 0]])
    other = np.concatenate([edges.b[inside], evidence.exact[rows], same[:, 1]])
    return components(len(rows), place[one], place[other])


def _cuts(region: Rows, count: int) -> Iterator[slice]:
    begin = np.searchsorted(region, np.arange(count + 1)).tolist()
    return (slice(i, j) for i, j in pairwise(begin))


def _members(evidence: Evidence, rows: Rows, start: Rows, cuts: Iterator[slice]) -> Iterator[list[Member]]:
    carried = (evidence.record, evidence.number, evidence.entry, evidence.father, evidence.mother, evidence.kind)
    known = (evidence.is_dead, evidence.is_bystander)
    facts = np.column_stack([rows, start, *(column[rows] for column in (*carried, *known))])
    return ([Member._make(fact) for fact in facts[cut].tolist()] for cut in cuts)


def _ties(edges: Edges, bands: Bands, inside: Rows, region: Rows, count: int) -> Iterator[list[Tie]]:
    order = np.lexsort((edges.b[inside], edges.a[inside], -edges.weight[inside], region))
    places = inside[order]
    told = [c[places] for c in (edges.a, edges.b, edges.weight, bands.sure, bands.alone, edges.like_name)]
    cuts = _cuts(region[order], count)
    return ([Tie(*tie) for tie in zip(*(c[cut].tolist() for c in told), strict=True)] for cut in cuts)


def _same_identity(evidence: Evidence, rows: Rows) -> list[list[int]]:
    grouped: defaultdict[int, list[int]] = defaultdict(list)
    for row, exact in zip(rows.tolist(), evidence.exact[rows].tolist(), strict=True):
        grouped[exact].append(row)
    return list(grouped.values())


def _by_region(told: Sequence[Sequence[int]], region: Rows, place: Rows) -> defaultdict[int, list[Sequence[int]]]:
    found: defaultdict[int, list[Sequence[int]]] = defaultdict(list)
    for rows in told:
        found[int(region[place[rows[0]]])].append(rows)
    return found


def _barred(different: list[Pair]) -> defaultdict[int, set[int]]:
    barred: defaultdict[int, set[int]] = defaultdict(set)
    for a, b in different:
        barred[a].add(b)
        barred[b].add(a)
    return barred
