"""Stable person ids: a person keeps the id that most of its mentions had; merges and splits are events."""

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.feeds.contract import FEEDS
from transforms.linkage.clustering import Clusters
from transforms.linkage.codes import Flags
from transforms.linkage.evidence import Evidence, Rows, rows_of
from transforms.schemas import PERSON_EVENTS

_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8)  # without letters that are read as digits
_RANK = {feed: place for place, feed in enumerate(FEEDS)}
_LENGTH = 12  # letters of an id, five bits each
_AT_ONCE = 100_000  # ids


@dataclass(frozen=True)
class Identities:
    """`person_id` of every cluster, in the order of their numbers, and the events since the links before."""

    person_id: pa.Array
    events: pa.Table


@dataclass(frozen=True)
class _Shares:
    """How many mentions each cluster has of each previous person that still has any: `old` is a place in `names`."""

    count: Rows
    cluster: Rows
    old: Rows
    names: pa.Array


def person_ids(
    evidence: Evidence,
    clusters: Clusters,
    previous: pa.Table | None,
    known_on: date,
    elsewhere: pa.ChunkedArray | None = None,
) -> Identities:
    """Ids for the clusters; `previous` has the links (LINKS) of the night before.

    `elsewhere`: ids that are in use among other mentions, and therefore not given.

    A previous id goes to the cluster that holds most of its mentions, a cluster takes the one that most of
    its mentions had; ties go to the smaller id, then to the earlier cluster. Clusters without one get a new
    id from their first mention (by feed, record key and role).
    """
    shares = _shares(evidence, clusters, previous)
    owner = _inherit(shares, clusters.count)
    ids = _with_new_ids(evidence, clusters, shares.names, owner, elsewhere)
    return Identities(ids, _events(shares, owner, ids, known_on))


def _shares(evidence: Evidence, clusters: Clusters, previous: pa.Table | None) -> _Shares:
    if previous is None or not previous.num_rows:
        nothing = np.array([], np.int64)
        return _Shares(nothing, nothing, nothing, pa.array([], pa.string()))
    rows = rows_of(previous["mention_id"], evidence)
    here = rows >= 0
    old = previous["person_id"].combine_chunks().filter(pa.array(here)).dictionary_encode()
    packed = np.sort(clusters.label[rows[here]] << 32 | np.asarray(old.indices))
    begin = np.flatnonzero(np.concatenate([[True], packed[1:] != packed[:-1]])[: len(packed)])
    count = np.diff(np.append(begin, len(packed)))
    return _Shares(count, packed[begin] >> 32, packed[begin] & 0xFFFFFFFF, old.dictionary)


def _inherit(shares: _Shares, count: int) -> Rows:
    # The place of the previous id that each cluster keeps, -1 where it keeps none.
    owner = np.full(count, -1, np.int64)
    alone = (np.bincount(shares.cluster, minlength=1)[shares.cluster] == 1) & (
        np.bincount(shares.old, minlength=1)[shares.old] == 1
    )
    owner[shares.cluster[alone]] = shares.old[alone]
    kept: set[int] = set()
    for _, _, cluster, old in _best_first(shares, np.flatnonzero(~alone)):
        if owner[cluster] < 0 and old not in kept:
            owner[cluster] = old
            kept.add(old)
    return owner


def _best_first(shares: _Shares, rows: Rows) -> list[tuple[int, str, int, int]]:
    names = shares.names.take(pa.array(shares.old[rows])).to_pylist()
    columns = ((-shares.count[rows]).tolist(), names, shares.cluster[rows].tolist(), shares.old[rows].tolist())
    return sorted(zip(*columns, strict=True))


def _with_new_ids(
    evidence: Evidence, clusters: Clusters, kept: pa.Array, owner: Rows, elsewhere: pa.ChunkedArray | None
) -> pa.Array:
    is_new = owner < 0
    anchors = _anchors(evidence, clusters, is_new)
    taken = pa.chunked_array([kept, *(elsewhere.chunks if elsewhere is not None else [])], pa.string())
    fresh = _replaced(_ids(anchors), anchors, taken)
    return pc.replace_with_mask(kept.take(pa.array(owner, mask=is_new)), pa.array(is_new), fresh)


def _anchors(evidence: Evidence, clusters: Clusters, is_new: Flags) -> pa.Array:
    # The first mention of each new cluster, as feed|record_key|role, in the order of the clusters.
    rows = np.flatnonzero(is_new[clusters.label])
    by_feed = sorted({feed for feed, _ in evidence.kinds}, key=lambda feed: (f"{_RANK.get(feed, 99):02d}", feed))
    rank = np.array([by_feed.index(feed) for feed, _ in evidence.kinds], np.int64)[evidence.kind[rows]]
    rows = rows[_are_first(clusters.label[rows], rank)]
    rows = _first_by_key(evidence, clusters, rows)
    parts = [evidence.mentions[name].take(pa.array(rows)) for name in ("feed", "record_key", "role")]
    return pc.binary_join_element_wise(*(part.cast(pa.string()) for part in parts), "|").combine_chunks()


def _are_first(group: Rows, rank: Rows) -> Flags:
    lowest = np.full(int(group.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(lowest, group, rank)
    first: Flags = rank == lowest[group]
    return first


def _first_by_key(evidence: Evidence, clusters: Clusters, rows: Rows) -> Rows:
    # One row a cluster, in the order of the clusters: the one with the lowest record key, then role.
    label = clusters.label[rows]
    crowded = (np.bincount(label, minlength=1) > 1)[label]
    several = rows[crowded]
    told = evidence.mentions.select(["record_key", "role"]).take(pa.array(several))
    told = told.set_column(1, "role", told["role"].cast(pa.string())).append_column("label", [label[crowded]])
    order = pc.sort_indices(told, [(name, "ascending") for name in ("label", "record_key", "role")]).to_numpy()
    ordered = label[crowded][order]
    first = several[order][np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]]
    found = np.concatenate([rows[~crowded], first])
    in_order: Rows = found[np.argsort(clusters.label[found])]
    return in_order


def _ids(anchors: pa.Array) -> pa.Array:
    letters = np.empty((len(anchors), 1 + _LENGTH), np.uint8)
    letters[:, 0] = ord("P")
    for begin in range(0, len(anchors), _AT_ONCE):
        some = anchors.slice(begin, _AT_ONCE).cast(pa.binary()).to_pylist()
        digests = b"".join([blake2b(anchor, digest_size=8).digest() for anchor in some])
        numbers = np.frombuffer(digests, ">u8").astype(np.uint64)
        for place in range(_LENGTH):
            five = (numbers >> np.uint64(5 * place)) & np.uint64(31)
            letters[begin : begin + len(some), 1 + place] = _ALPHABET[five]
    ends = np.arange(len(anchors) + 1, dtype=np.int32) * (1 + _LENGTH)
    return pa.StringArray.from_buffers(len(anchors), pa.py_buffer(ends), pa.py_buffer(letters))


def _replaced(ids: pa.Array, anchors: pa.Array, taken: pa.ChunkedArray) -> pa.Array:
    # An id that another person has, or two new ones would: the later cluster gets one from its anchor and a count.
    place = np.asarray(ids.dictionary_encode().indices)
    again = ~_are_first(place, np.arange(len(place)))
    clashing = np.flatnonzero(again | np.asarray(pc.is_in(ids, _among(taken, ids))).astype(bool))
    if not len(clashing):
        return ids
    result = ids.to_pylist()
    used = {*result}
    for row in clashing.tolist():
        result[row] = _free_id(anchors[row].as_py(), used, taken)
        used.add(result[row])
    return pa.array(result, pa.string())


def _among(taken: pa.ChunkedArray, ids: pa.Array) -> pa.Array:
    # Of many ids those that are asked for: the few are looked up, not the many.
    return taken.filter(pc.is_in(taken, ids)).combine_chunks()


def _free_id(anchor: str, used: set[str], taken: pa.ChunkedArray) -> str:
    for attempt in range(1, 1_000_000):
        tried = _ids(pa.array([f"{anchor}#{attempt}"]))
        found: str = tried[0].as_py()
        if found not in used and not len(_among(taken, tried)):
            return found
    raise AssertionError("a million ids of one anchor are in use")


def _events(shares: _Shares, owner: Rows, ids: pa.Array, known_on: date) -> pa.Table:
    moved = np.flatnonzero(owner[shares.cluster] != shares.old)
    stays = np.zeros(len(shares.names), bool)
    stays[owner[owner >= 0]] = True
    words = np.where(stays[shares.old[moved]], "split", "merge").tolist()
    names = shares.names.take(pa.array(shares.old[moved])).to_pylist()
    into = ids.take(pa.array(shares.cluster[moved])).to_pylist()
    moves = sorted(set(zip(words, names, into, strict=True)))
    rows = [{"event": e, "person_id": p, "into_person_id": i, "known_on": known_on} for e, p, i in moves]
    return pa.Table.from_pylist(rows, PERSON_EVENTS)
