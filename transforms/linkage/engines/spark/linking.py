"""Every pair of mentions that may be one person, on a cluster."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession

from transforms.linkage.comparisons import patterns
from transforms.linkage.engines.spark.pairs import pairs_within
from transforms.linkage.engines.spark.scoring import paired_mentions, scored
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.model import LinkageModel
from transforms.linkage.scoring import probability_of
from transforms.schemas import PAIRS

PAIRS_SQL = ("mention_a string, mention_b string, match_weight double, match_probability double, "
             "levels string, decided_by string")  # fmt: skip


def link_on_spark(
    spark: SparkSession, mentions: DataFrame, model: LinkageModel, frequencies: pa.Table | Frequencies
) -> DataFrame:
    """All pairs (PAIRS, in no order) of the mentions (MENTIONS) at or above the review threshold.

    The same pairs, weights and levels as linking.link(mentions, everything changed, None, model, frequencies).
    Lazy but for the counting of the blocks. Raises TooManyPairs beyond the model's `max_pairs`, which is meant for
    one machine: raise it for a cluster.
    """
    known = Frequencies.of(frequencies)
    both = paired_mentions(pairs_within(spark, mentions, model, known), mentions, model)
    return scored(spark, both, model, known).mapInArrow(lambda batches: _told(batches, model), PAIRS_SQL)


def _told(batches: Iterator[pa.RecordBatch], model: LinkageModel) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        weight = batch["weight"].to_numpy()
        levels = {name: batch[name].to_numpy() for name in batch.schema.names[4:]}
        columns = {
            "mention_a": batch["_left"],
            "mention_b": batch["_right"],
            "match_weight": batch["weight"],
            "match_probability": pa.array(probability_of(weight, model)),
            "levels": patterns(levels) if len(weight) else pa.array([], pa.string()),
            "decided_by": pc.if_else(batch["by_rule"], "rule", "model"),
        }
        yield pa.RecordBatch.from_arrays([columns[name] for name in PAIRS.names], PAIRS.names)
