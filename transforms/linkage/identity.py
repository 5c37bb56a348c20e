"""Stable person ids: a person keeps the id that most of its mentions had; merges and splits are events."""

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

import numpy as np
import pyarrow as pa

from transforms.feeds.contract import FEEDS
from transforms.linkage.clustering import Clusters
from transforms.linkage.evidence import Evidence, rows_of
from transforms.schemas import PERSON_EVENTS

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without letters that are read as digits


@dataclass(frozen=True)
class Identities:
    """`person_id` of every cluster, in the order of their numbers, and the events since the links before."""

    person_id: list[str]
    events: pa.Table


def person_ids(evidence: Evidence, clusters: Clusters, previous: pa.Table | None, known_on: date) -> Identities:
    """Ids for the clusters; `previous` has the links (LINKS) of the night before.

    A previous id goes to the cluster that holds most of its mentions, a cluster takes the one that most of
    its mentions had; ties go to the smaller id, then to the earlier cluster. Clusters without one get a new
    id from their first mention (by feed, record key and role).
    """
    shares = _shares(evidence, clusters, previous)
    owner = _inherit(shares)
    taken = {old for _, _, old in shares}
    ids = _new_ids(evidence, clusters, owner, taken)
    return Identities(ids, _events(shares, owner, ids, known_on))


Share = tuple[int, int, str]  # how many mentions, cluster, previous person id


def _shares(evidence: Evidence, clusters: Clusters, previous: pa.Table | None) -> list[Share]:
    if previous is None or not previous.num_rows:
        return []
    rows = rows_of(previous["mention_id"], evidence.mentions["mention_id"].combine_chunks())
    here = rows >= 0
    old = previous["person_id"].combine_chunks().filter(pa.array(here)).dictionary_encode()
    packed = clusters.label[rows[here]] << 32 | np.asarray(old.indices).astype(np.int64)
    distinct, count = np.unique(packed, return_counts=True)
    names = old.dictionary.to_pylist()
    return [(int(n), int(p >> 32), names[int(p & 0xFFFFFFFF)]) for p, n in zip(distinct, count, strict=True)]


def _inherit(shares: list[Share]) -> dict[int, str]:
    owner: dict[int, str] = {}
    kept: set[str] = set()
    for _, cluster, old in sorted(shares, key=lambda share: (-share[0], share[2], share[1])):
        if cluster not in owner and old not in kept:
            owner[cluster] = old
            kept.add(old)
    return owner


def _new_ids(evidence: Evidence, clusters: Clusters, owner: dict[int, str], taken: set[str]) -> list[str]:
    count = int(clusters.label.max(initial=-1)) + 1
    fresh = np.ones(count, bool)
    fresh[list(owner)] = False
    anchors = _anchors(evidence, clusters, fresh)
    ids = [owner.get(cluster, "") for cluster in range(count)]
    used = set(taken)
    for cluster, anchor in sorted(anchors.items()):
        ids[cluster] = _free_id(anchor, used)
        used.add(ids[cluster])
    return ids


def _anchors(
    evidence: Evidence, clusters: Clusters, fresh: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> dict[int, str]:
    # The first mention of each new cluster, as feed|record_key|role.
    rows = np.flatnonzero(fresh[clusters.label])
    mentions = evidence.mentions.select(["feed", "record_key", "role"]).take(pa.array(rows))
    rank = {feed: f"{place:02d}" for place, feed in enumerate(FEEDS)}
    feeds, keys, roles = (mentions[name].to_pylist() for name in ("feed", "record_key", "role"))
    anchors: dict[int, tuple[str, str, str, str]] = {}
    for cluster, feed, key, role in zip(clusters.label[rows].tolist(), feeds, keys, roles, strict=True):
        candidate = (rank.get(feed, "99"), feed, key, role)
        if cluster not in anchors or candidate < anchors[cluster]:
            anchors[cluster] = candidate
    return {cluster: "|".join(anchor[1:]) for cluster, anchor in anchors.items()}


def _free_id(anchor: str, used: set[str]) -> str:
    for attempt in range(1_000_000):
        found = _person_id(anchor if attempt == 0 else f"{anchor}#{attempt}")
        if found not in used:
            return found
    raise AssertionError("a million ids of one anchor are in use")


def _person_id(anchor: str) -> str:
    number = int.from_bytes(blake2b(anchor.encode(), digest_size=8).digest(), "big")
    return "P" + "".join(_ALPHABET[number >> 5 * place & 31] for place in range(12))


def _events(shares: list[Share], owner: dict[int, str], ids: list[str], known_on: date) -> pa.Table:
    kept = set(owner.values())
    moves = sorted({("split" if old in kept else "merge", old, ids[c]) for _, c, old in shares if ids[c] != old})
    rows = [{"event": e, "person_id": p, "into_person_id": into, "known_on": known_on} for e, p, into in moves]
    return pa.Table.from_pylist(rows, PERSON_EVENTS)
