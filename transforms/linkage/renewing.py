"""A night of changes: only who has to do with what changed is clustered again, everybody else stays as before.

What decides about a person is a function of its group: the mentions that pairs, or number and name, tie together. A
group in which nothing is new, changed or gone is what it was the night before. Whom a clerk has spoken of, tonight or
the night before, counts as changed: that way groups that a clerk has joined are always seen together.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.codes import Flags
from transforms.linkage.evidence import Rows, order_of
from transforms.linkage.model import LinkageModel
from transforms.linkage.resolving import Resolved, Standing, resolve
from transforms.linkage.review import Review, in_order


def resolve_again(
    mentions: pa.Table,
    pairs: pa.Table,
    again: pa.Array,
    before: Standing,
    model: LinkageModel,
    *,
    known_on: date,
    decisions: pa.Table | None = None,
) -> Resolved:
    """As `resolve(mentions, pairs, before.links, ...)`, at the cost of what changed.

    `before` is the outcome of the night before, by the same model. `again`: see linking.Paired; every mention that is
    new or changed since is among them. Which mentions are gone, and of whom clerks have spoken, is found here. Groups
    have other numbers than `resolve` gives them.
    """
    touched = _touched(mentions, pairs, again, before, decisions)
    links, is_touched = before.links, pa.array(touched.rows)
    fresh = resolve(
        mentions.filter(pc.is_in(mentions["mention_id"], touched.mentions)),
        pairs.filter(pc.is_in(pairs["mention_a"], touched.mentions)),
        links.filter(is_touched),
        model,
        known_on=known_on,
        decisions=decisions,
        elsewhere=links["person_id"].filter(pc.invert(is_touched)),
    )
    return _together(before, fresh, touched)


@dataclass(frozen=True)
class _Touched:
    """`rows`: of the links before. `mentions`: the ids of these, those that are gone included, and of new ones."""

    rows: Flags
    mentions: pa.Array


def _touched(
    mentions: pa.Table, pairs: pa.Table, again: pa.Array, before: Standing, decisions: pa.Table | None
) -> _Touched:
    # What is new ties a mention of `again` to somebody, or is a clerk's word; the groups before tell the rest.
    known, group = before.links["mention_id"], before.groups["group"].to_numpy()
    ids = pc.unique(pa.chunked_array([*_near(mentions, pairs, again), *_spoken_of(decisions)], pa.string()))
    is_met = _flags(pc.is_in(known, ids)) | before.groups["is_decided"].to_numpy()
    is_met |= _gone(known, mentions["mention_id"], again)
    has_met = np.zeros(int(group.max(initial=-1)) + 1, bool)
    has_met[group[is_met]] = True
    rows = has_met[group]
    return _Touched(rows, pc.unique(pa.chunked_array([*known.filter(pa.array(rows)).chunks, ids], pa.string())))


def _near(mentions: pa.Table, pairs: pa.Table, again: pa.Array) -> list[pa.Array]:
    # Those that were looked at, their partners, and who has one of their numbers.
    with_again = pc.or_(pc.is_in(pairs["mention_a"], again), pc.is_in(pairs["mention_b"], again))
    met = pairs.select(["mention_a", "mention_b"]).filter(with_again)
    numbers = mentions["id_no"].filter(pc.is_in(mentions["mention_id"], again)).drop_null().combine_chunks()
    alike = mentions["mention_id"].filter(pc.is_in(mentions["id_no"], numbers))
    return [again, *met["mention_a"].chunks, *met["mention_b"].chunks, *alike.chunks]


def _spoken_of(decisions: pa.Table | None) -> list[pa.Array]:
    return [] if decisions is None else [*decisions["mention_a"].chunks, *decisions["mention_b"].chunks]


def _gone(known: pa.ChunkedArray, current: pa.ChunkedArray, again: pa.Array) -> Flags:
    # On most nights nobody: then the counts agree, and no two long lists need to be held against each other.
    new = len(again) - np.count_nonzero(_flags(pc.is_in(known, again)))
    if len(known) + new == len(current):
        return np.zeros(len(known), bool)
    return ~_flags(pc.is_in(known, current.combine_chunks()))


def _flags(values: pa.ChunkedArray) -> Flags:
    flags: Flags = values.to_numpy()
    return flags


def _together(before: Standing, fresh: Resolved, touched: _Touched) -> Resolved:
    kept = np.flatnonzero(~touched.rows)
    after = 1 + (pc.max(before.groups["group"]).as_py() or 0)
    groups = fresh.groups.set_column(0, "group", pc.add(fresh.groups["group"], pa.scalar(after, pa.int32())))
    order = _merged(before.links["mention_id"], kept, fresh.links["mention_id"])
    is_kept = pc.invert(pc.is_in(before.review["mention_id"], touched.mentions))
    review = in_order(
        Review(
            pa.concat_tables([before.review.filter(is_kept), fresh.review]),
            pa.concat_tables([before.worth.filter(is_kept), fresh.worth]),
        )
    )
    return replace(
        fresh,
        links=_taken(before.links, fresh.links, order),
        review=review.rows,
        groups=_taken(before.groups, groups, order),
        worth=review.worth,
    )


def _merged(known: pa.ChunkedArray, kept: Rows, fresh: pa.ChunkedArray) -> Rows:
    # Rows of the two, one under the other, in the order of the ids.
    rows = np.concatenate([kept, len(known) + np.arange(len(fresh))])
    ids = pa.chunked_array([*known.chunks, *fresh.chunks]).combine_chunks()
    merged: Rows = rows[order_of(ids.take(pa.array(rows)))]
    return merged


def _taken(before: pa.Table, fresh: pa.Table, rows: Rows) -> pa.Table:
    return pa.concat_tables([before, fresh]).combine_chunks().take(pa.array(rows))
