"""Every current pair of mentions that may be one person: what did not change is kept, the rest is scored anew."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.blocking import Blocks
from transforms.linkage.columns import columns_of_model
from transforms.linkage.comparisons import Packed, patterns
from transforms.linkage.encoding import Flags, Keys, Rows
from transforms.linkage.engines.local import Scored, scored_pairs
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.model import LinkageModel
from transforms.linkage.scoring import probability_of
from transforms.schemas import PAIRS

CROWDED = b"crowded"  # of the pairs' metadata: the keys of the blocks that were too large to make pairs


def link(
    mentions: pa.Table, changed: pa.Array, previous_pairs: pa.Table | None, model: LinkageModel, frequencies: pa.Table
) -> pa.Table:
    """All pairs (schema PAIRS, by mention ids) of the current mentions at or above the review threshold.

    `mentions`: all current ones (MENTIONS). `changed`: mention_ids that are new or whose content changed since
    `previous_pairs`; mentions that vanished need not be told. The result is the same whether it is reached in
    one call or in many. Mentions with the same valid number and name are one person by rule and form no pair.
    """
    mentions, known = mentions.select(_read(mentions, model)), Frequencies.of(frequencies)
    blocks = Blocks(mentions, model, known)
    crowded = blocks.crowded()
    is_changed = np.ones(mentions.num_rows, bool)
    if previous_pairs is not None:
        is_changed = np.asarray(pc.is_in(mentions["mention_id"], _plain(changed))).astype(bool)
        is_changed |= blocks.members(np.setxor1d(crowded, _crowded(previous_pairs)))
    a, b = _in_order(mentions["mention_id"], *blocks.pairs(pa.array(is_changed)))
    del blocks
    pairs = _compared(mentions, a, b, model, known)
    if previous_pairs is not None:
        pairs = pa.concat_tables([_untouched(previous_pairs, mentions["mention_id"], is_changed), pairs])
        pairs = pairs.sort_by([("mention_a", "ascending"), ("mention_b", "ascending")])
    return pairs.replace_schema_metadata({CROWDED: crowded.astype("<u8").tobytes()})


def _read(mentions: pa.Table, model: LinkageModel) -> list[str]:
    # Half of what is told of a mention is of no use here.
    wanted = {*columns_of_model(model), "mention_id", "feed", "record_key", "id_no", "id_no_text", "name", "sex"}
    return [name for name in mentions.column_names if name in wanted]


def _in_order(mention_ids: pa.ChunkedArray, a: Rows, b: Rows) -> tuple[Rows, Rows]:
    # Whatever the order of the mentions: the lower id first, and the pairs in the order of their ids.
    order = pc.sort_indices(mention_ids).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    packed = np.minimum(rank[a], rank[b]) << 32 | np.maximum(rank[a], rank[b])
    packed.sort()
    return order[packed >> 32].astype(np.int64), order[packed & 0xFFFFFFFF].astype(np.int64)


def _plain(changed: pa.Array | pa.ChunkedArray) -> pa.Array:
    return changed.combine_chunks() if isinstance(changed, pa.ChunkedArray) else pa.array(changed, pa.string())


def _crowded(pairs: pa.Table) -> Keys:
    told = (pairs.schema.metadata or {}).get(CROWDED, b"")
    return np.frombuffer(told, "<u8").astype(np.uint64)


def _compared(mentions: pa.Table, a: Rows, b: Rows, model: LinkageModel, frequencies: Frequencies) -> pa.Table:
    # Only the mentions of a pair are packed: in a night of changes they are few.
    is_used = np.zeros(mentions.num_rows, bool)
    is_used[a] = is_used[b] = True
    if is_used.mean() < _FEW:
        place, mentions = np.cumsum(is_used) - 1, mentions.filter(pa.array(is_used))
        a, b = place[a], place[b]
    packed = Packed(mentions)
    scored = scored_pairs(packed, packed, a, b, model, frequencies)
    del packed
    return _pairs(mentions["mention_id"], scored)


_FEW = 0.5


def _pairs(mention_ids: pa.ChunkedArray, scored: Scored) -> pa.Table:
    columns = {
        "mention_a": mention_ids.take(pa.array(scored.a)),
        "mention_b": mention_ids.take(pa.array(scored.b)),
        "match_weight": pa.array(scored.weight),
        "match_probability": pa.array(probability_of(scored.weight)),
        "levels": patterns(scored.levels),
        "decided_by": pc.if_else(pa.array(scored.by_rule), "rule", "model"),
    }
    return pa.table(columns).cast(PAIRS)


def _untouched(pairs: pa.Table, mention_ids: pa.ChunkedArray, is_changed: Flags) -> pa.Table:
    # Both mentions are still there, and neither has changed.
    same = mention_ids.filter(pa.array(~is_changed)).combine_chunks()
    return pairs.filter(pc.and_(pc.is_in(pairs["mention_a"], same), pc.is_in(pairs["mention_b"], same))).cast(PAIRS)
