"""Linkage on one machine: DuckDB makes the pairs, the comparison runs over batches of them in threads."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.codes import DOMAINS, encode_domains
from transforms.linkage.comparisons import compare, patterns
from transforms.linkage.model import LinkageModel
from transforms.linkage.scoring import Scores, ruled, score
from transforms.schemas import PAIRS

Rows = npt.NDArray[np.int64]

BATCH = 50_000  # pairs: small enough for the caches of a few threads, large enough to share distinct values
THREADS = 2


def scored_pairs(mentions: pa.Table, a: Rows, b: Rows, model: LinkageModel, frequencies: pa.Table) -> pa.Table:
    """The pairs (rows of `mentions`) that score at or above the review threshold, in schema PAIRS."""
    used, place = np.unique(np.concatenate([a, b]), return_inverse=True)
    encoded, (a, b) = _looked_at(mentions, used, model), np.split(place, 2)
    bounds = [*range(0, len(a), BATCH), len(a)]
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(
            pool.map(lambda cut: _batch(encoded, a[slice(*cut)], b[slice(*cut)], model, frequencies), pairwise(bounds))
        )
    return pa.concat_tables([PAIRS.empty_table(), *parts]).combine_chunks()


def _looked_at(mentions: pa.Table, rows: Rows, model: LinkageModel) -> pa.Table:
    # What the comparisons read. The relatives' names and numbers are read beside those that the model names.
    wanted = {column for comparison in model.comparisons for column in comparison.columns}
    wanted |= {"mention_id", *(column for domain in DOMAINS for column in domain)}
    present = [name for name in mentions.column_names if name in wanted]
    return encode_domains(mentions.select(present).take(pa.array(rows)))


def _batch(mentions: pa.Table, a: Rows, b: Rows, model: LinkageModel, frequencies: pa.Table) -> pa.Table:
    left, right = mentions.take(pa.array(a)), mentions.take(pa.array(b))
    found = compare(left, right, model)
    levels = {name: np.asarray(found[name]) for name in found.schema.names}
    scores, by_rule = ruled(score(left, levels, model, frequencies), levels, model)
    keep = pa.array(np.flatnonzero(scores.weight >= model.thresholds.review_bits))
    decided = pc.if_else(pa.array(by_rule), "rule", "model").take(keep)
    return _pairs(left, right, found, scores, keep).append_column("decided_by", decided).cast(PAIRS)


def _pairs(left: pa.Table, right: pa.Table, levels: pa.RecordBatch, scores: Scores, keep: pa.Array) -> pa.Table:
    one, other = left["mention_id"].take(keep), right["mention_id"].take(keep)
    in_order = pc.less(one, other)
    columns = {
        "mention_a": pc.if_else(in_order, one, other),
        "mention_b": pc.if_else(in_order, other, one),
        "match_weight": pa.array(scores.weight).take(keep),
        "match_probability": pa.array(scores.probability).take(keep),
        "levels": patterns(levels.take(keep)),
    }
    return pa.table(columns)
