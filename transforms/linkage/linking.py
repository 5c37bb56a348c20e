"""Every current pair of mentions that may be one person: what did not change is kept, the rest is scored anew."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.blocking import Blocks
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
    mentions, known = mentions.sort_by("mention_id"), Frequencies.of(frequencies)
    with Blocks(mentions, model, known) as blocks:
        crowded = blocks.crowded()
        is_changed = np.ones(mentions.num_rows, bool)
        if previous_pairs is not None:
            is_changed = np.asarray(pc.is_in(mentions["mention_id"], _plain(changed))).astype(bool)
            is_changed |= blocks.members(np.setxor1d(crowded, _crowded(previous_pairs)))
        a, b = blocks.pairs(pa.array(is_changed))
    kept = [] if previous_pairs is None else [_untouched(previous_pairs, mentions["mention_id"], is_changed)]
    pairs = pa.concat_tables([*kept, _compared(mentions, a, b, model, known)])
    pairs = pairs.sort_by([("mention_a", "ascending"), ("mention_b", "ascending")])
    return pairs.replace_schema_metadata({CROWDED: crowded.astype("<u8").tobytes()})


def _plain(changed: pa.Array | pa.ChunkedArray) -> pa.Array:
    return changed.combine_chunks() if isinstance(changed, pa.ChunkedArray) else pa.array(changed, pa.string())


def _crowded(pairs: pa.Table) -> Keys:
    told = (pairs.schema.metadata or {}).get(CROWDED, b"")
    return np.frombuffer(told, "<u8").astype(np.uint64)


def _compared(mentions: pa.Table, a: Rows, b: Rows, model: LinkageModel, frequencies: Frequencies) -> pa.Table:
    # Only the mentions of a pair are packed: in a night of changes they are few.
    used, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    looked_at = mentions if len(used) == mentions.num_rows else mentions.take(pa.array(used))
    packed, (a, b) = Packed(looked_at), np.split(place, 2)
    scored = scored_pairs(packed, packed, a, b, model, frequencies)
    return _pairs(looked_at["mention_id"], scored)


def _pairs(mention_ids: pa.ChunkedArray, scored: Scored) -> pa.Table:
    one, other = mention_ids.take(pa.array(scored.a)), mention_ids.take(pa.array(scored.b))
    in_order = pc.less(one, other)
    columns = {
        "mention_a": pc.if_else(in_order, one, other),
        "mention_b": pc.if_else(in_order, other, one),
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
