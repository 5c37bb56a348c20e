"""Every current pair of mentions that may be one person: what did not change is kept, the rest is scored anew."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.blocking import candidate_pairs
from transforms.linkage.engines.local import scored_pairs
from transforms.linkage.model import LinkageModel
from transforms.schemas import PAIRS


def link(
    mentions: pa.Table, changed: pa.Array, previous_pairs: pa.Table | None, model: LinkageModel, frequencies: pa.Table
) -> pa.Table:
    """All pairs (schema PAIRS, by mention ids) of the current mentions at or above the review threshold.

    `mentions`: all current ones (MENTIONS). `changed`: mention_ids that are new or whose content changed since
    `previous_pairs`; mentions that vanished need not be told. The result is the same whether it is reached in
    one call or in many. Mentions with the same valid number and name are one person by rule and form no pair.
    """
    mentions = mentions.sort_by("mention_id")
    changed = pa.array(changed, pa.string()) if not isinstance(changed, pa.ChunkedArray) else changed.combine_chunks()
    if previous_pairs is None:
        is_changed = pa.array(np.ones(mentions.num_rows, bool))
        kept = PAIRS.empty_table()
    else:
        is_changed = pc.is_in(mentions["mention_id"], changed)
        kept = _untouched(previous_pairs, mentions["mention_id"], changed)
    a, b = candidate_pairs(mentions, is_changed, model, frequencies)
    found = scored_pairs(mentions, a, b, model, frequencies)
    return pa.concat_tables([kept, found]).sort_by([("mention_a", "ascending"), ("mention_b", "ascending")])


def _untouched(pairs: pa.Table, current: pa.ChunkedArray, changed: pa.Array) -> pa.Table:
    stays = pa.scalar(True)
    for side in ("mention_a", "mention_b"):
        here = pc.and_(pc.is_in(pairs[side], current.combine_chunks()), pc.invert(pc.is_in(pairs[side], changed)))
        stays = pc.and_(stays, here)
    return pairs.filter(stays).cast(PAIRS)
