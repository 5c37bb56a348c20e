"""Every current pair of mentions that may be one person: what did not change is kept, the rest is scored anew."""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.blocking import Blocks
from transforms.linkage.columns import columns_of_model, compared_columns
from transforms.linkage.comparisons import patterns
from transforms.linkage.encoding import Flags, Keys, Rows
from transforms.linkage.engines.local import Scored, scored_pairs
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.model import LinkageModel
from transforms.linkage.packing import Packed
from transforms.linkage.scoring import probability_of
from transforms.schemas import MENTIONS, PAIRS

CROWDED = b"crowded"  # of the pairs' metadata: the keys of the blocks that were too large to make pairs


@dataclass(frozen=True)
class Paired:
    """`pairs`: as `link` returns them. `again`: the ids of the mentions that were looked at.

    Every pair that was not there before, has changed or is gone holds one of them, or a mention that vanished.
    """

    pairs: pa.Table
    again: pa.Array


def link(
    mentions: pa.Table, changed: pa.Array, previous_pairs: pa.Table | None, model: LinkageModel, frequencies: pa.Table
) -> pa.Table:
    """All pairs (schema PAIRS, by mention ids) of the current mentions at or above the review threshold.

    `mentions`: all current ones (MENTIONS, or its columns `linked_by`). `changed`: mention_ids that are new or
    whose content changed since `previous_pairs`; mentions that vanished need not be told. The result is the same
    whether it is reached in one call or in many. Mentions with the same valid number and name are one person by
    rule and form no pair.
    """
    return pair(mentions, changed, previous_pairs, model, frequencies).pairs


def pair(
    mentions: pa.Table, changed: pa.Array, previous_pairs: pa.Table | None, model: LinkageModel, frequencies: pa.Table
) -> Paired:
    """As `link`, and which mentions were looked at: those that changed, and more where a block was or is too large."""
    mentions, known = mentions.select(linked_by(model)), Frequencies.of(frequencies)
    pa.default_memory_pool().release_unused()  # what reading needed in between
    blocks = Blocks(mentions, model, known)
    crowded = blocks.crowded()
    pa.default_memory_pool().release_unused()  # what hashing needed
    is_changed = np.ones(mentions.num_rows, bool)
    if previous_pairs is not None:
        is_changed = np.asarray(pc.is_in(mentions["mention_id"], _plain(changed))).astype(bool)
        is_changed |= blocks.members(np.setxor1d(crowded, _crowded(previous_pairs)))
    a, b = blocks.pairs(pa.array(is_changed))
    del blocks
    ids, told = mentions["mention_id"], mentions.select([*compared_columns(model)])
    del mentions
    pairs = _compared(told, ids, a.astype(np.int32), b.astype(np.int32), model, known)
    if previous_pairs is not None:
        pairs = pa.concat_tables([_untouched(previous_pairs, ids, is_changed), pairs])
        pairs = pairs.sort_by([("mention_a", "ascending"), ("mention_b", "ascending")])
    pairs = pairs.replace_schema_metadata({CROWDED: crowded.astype("<u8").tobytes()})
    return Paired(pairs, ids.filter(pa.array(is_changed)).combine_chunks())


def linked_by(model: LinkageModel) -> list[str]:
    """The columns of MENTIONS that `link` reads; half of what is told of a mention is of no use to it."""
    wanted = {*columns_of_model(model), "mention_id", "feed", "record_key", "id_no", "id_no_text", "name", "sex"}
    return [name for name in MENTIONS.names if name in wanted]


def _ranks(mention_ids: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    # The place of every mention in the order of their ids, whatever the order they stand in.
    with duckdb.connect() as base:
        base.register("given", pa.table({"id": mention_ids, "row": np.arange(len(mention_ids), dtype=np.int32)}))
        order = base.sql("select row from given order by id").to_arrow_table()["row"].to_numpy()
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank


def _plain(changed: pa.Array | pa.ChunkedArray) -> pa.Array:
    return changed.combine_chunks() if isinstance(changed, pa.ChunkedArray) else pa.array(changed, pa.string())


def _crowded(pairs: pa.Table) -> Keys:
    told = (pairs.schema.metadata or {}).get(CROWDED, b"")
    return np.frombuffer(told, "<u8").astype(np.uint64)


def _compared(
    told: pa.Table, ids: pa.ChunkedArray, a: Rows, b: Rows, model: LinkageModel, frequencies: Frequencies
) -> pa.Table:
    # Only the mentions of a pair are packed: in a night of changes they are few.
    is_used = np.zeros(told.num_rows, bool)
    is_used[a] = is_used[b] = True
    if np.count_nonzero(is_used) < _FEW * len(is_used):
        place, used = np.cumsum(is_used) - 1, pa.array(is_used)
        a, b, told, ids = place[a], place[b], told.filter(used), ids.filter(used)
    rank = _ranks(ids)
    turned = rank[a] > rank[b]
    a[turned], b[turned] = b[turned], a[turned]
    packed = Packed(told)
    scored = scored_pairs(packed, packed, a, b, model, frequencies)
    del packed, told, a, b
    pa.default_memory_pool().release_unused()
    return _pairs(ids, scored.rows(np.lexsort((rank[scored.b], rank[scored.a]))), model)


_FEW = 0.5


def _pairs(mention_ids: pa.ChunkedArray, scored: Scored, model: LinkageModel) -> pa.Table:
    columns = {
        "mention_a": mention_ids.take(pa.array(scored.a)),
        "mention_b": mention_ids.take(pa.array(scored.b)),
        "match_weight": pa.array(scored.weight),
        "match_probability": pa.array(probability_of(scored.weight, model)),
        "levels": patterns(scored.levels),
        "decided_by": pc.if_else(pa.array(scored.by_rule), "rule", "model"),
    }
    return pa.table(columns).cast(PAIRS)


def _untouched(pairs: pa.Table, mention_ids: pa.ChunkedArray, is_changed: Flags) -> pa.Table:
    # Both mentions are still there, and neither has changed.
    same = mention_ids.filter(pa.array(~is_changed)).combine_chunks()
    return pairs.filter(pc.and_(pc.is_in(pairs["mention_a"], same), pc.is_in(pairs["mention_b"], same))).cast(PAIRS)
