"""A model learnt on a cluster: the pairs are compared there, what comes to the caller are patterns with counts."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from transforms.linkage.comparisons import levels_of
from transforms.linkage.engines.spark.blocks import quoted
from transforms.linkage.engines.spark.frequencies import count_on_spark, freeze_on_spark
from transforms.linkage.engines.spark.linking import link_on_spark
from transforms.linkage.engines.spark.pairs import pairs_across, pairs_within
from transforms.linkage.engines.spark.scoring import (
    compared_columns,
    distinct_rows,
    gathered,
    paired,
    paired_mentions,
    side,
)
from transforms.linkage.estimation import Patterns, count_patterns, together
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.matching import MOST_TRAINED, RANDOM_ROWS
from transforms.linkage.matching import RANDOM_PAIRS as ACROSS_PAIRS
from transforms.linkage.model import LinkageModel
from transforms.linkage.packing import Packed
from transforms.linkage.training import (
    LEAST_LINK_BITS,
    LEAST_MENTIONS,
    RANDOM_PAIRS,
    Sample,
    Strangers,
    TooLittleToLearn,
    Trained,
    at_least,
    caution,
    learn,
    strangers_across,
)

_FINE = 1000  # parts of a bit in which the lowest weight to link is looked for


def train_on_spark(
    spark: SparkSession,
    mentions: DataFrame,
    start: LinkageModel,
    *,
    version: str,
    seed: int = 1,
    described: str = "",
    random_pairs: int = RANDOM_PAIRS,
) -> Trained:
    """The model that training.train learns from the same mentions (MENTIONS), start, seed and number of random pairs.

    Raises TooLittleToLearn, TooManyPairs.
    """
    count = mentions.count()
    if count < LEAST_MENTIONS:
        raise TooLittleToLearn("mentions", count, LEAST_MENTIONS)
    frequencies = Frequencies.of(freeze_on_spark(mentions))
    blocked = paired_mentions(pairs_within(spark, mentions, start, frequencies, known=True), mentions, start)
    strangers = _random(spark, mentions, count, random_pairs, seed, start)
    strange = Strangers(patterns_on_spark(strangers, start))
    sample = Sample(patterns_on_spark(blocked, start), strange, count, count / 2)
    learnt = learn(sample, start, version=version, seed=seed, described=described)
    return replace(learnt, model=_with_link_threshold(spark, learnt.model, mentions, frequencies))


def train_across_on_spark(
    spark: SparkSession,
    left: DataFrame,
    right: DataFrame,
    start: LinkageModel,
    *,
    ids: tuple[str, str] = ("id", "id"),
    version: str,
    seed: int = 1,
    described: str = "",
) -> Trained:
    """The model that matching.train_on learns from two tables in the order of their ids; `ids` name their id columns.

    Of larger tables another sample is taken than there, the same one every time. Raises TooLittleToLearn, TooManyPairs.
    """
    pairs = pairs_across(spark, left, right, ids, start, count_on_spark(right, start)).pairs.persist()
    total = pairs.count()
    chosen = pairs if total <= MOST_TRAINED else pairs.orderBy(F.xxhash64("_left", "_right")).limit(MOST_TRAINED)
    both = paired(chosen, side(left, ids[0], "left", start), side(right, ids[1], "right", start))
    blocked = patterns_on_spark(both, start)
    pairs.unpersist()
    some = (_some(left, ids[0], start), _some(right, ids[1], start))
    strangers = strangers_across(*some, start, ACROSS_PAIRS, seed)
    seekers = left.count() * min(total, MOST_TRAINED) / max(total, 1)
    sample = Sample(blocked, strangers, right.count(), seekers, most=1.0)
    return learn(sample, start, version=version, seed=seed, described=described)


def _some(rows: DataFrame, name: str, model: LinkageModel) -> Packed:
    # The same rows every time: those whose ids hash lowest, in the order of the ids.
    some = rows.orderBy(F.xxhash64(quoted(name)), quoted(name)).limit(RANDOM_ROWS).orderBy(quoted(name))
    return Packed(some.select(*(quoted(one) for one in compared_columns(model) if one in rows.columns)).toArrow())


def patterns_on_spark(both: DataFrame, model: LinkageModel) -> Patterns:
    """The distinct patterns of paired rows (scoring.paired) with their counts, the same whatever the partitions."""
    names = [comparison.name for comparison in model.comparisons]

    def counted(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in gathered(batches):
            (left, a), (right, b) = distinct_rows(batch, "left"), distinct_rows(batch, "right")
            found = count_patterns(levels_of(Packed(left), a, Packed(right), b, model)[1], model)
            columns = [pa.array(found.levels[name]) for name in names]
            yield pa.RecordBatch.from_arrays([*columns, pa.array(found.counts)], [*names, "_count"])

    levels = ", ".join(f"`{name}` tinyint" for name in names)
    patterns = both.mapInArrow(counted, f"{levels}, _count double")
    found = patterns.groupBy(*(F.col(f"`{name}`") for name in names)).agg(F.sum("_count").alias("_count")).toArrow()
    return together([Patterns({name: found[name].to_numpy() for name in names}, found["_count"].to_numpy())])


def _random(
    spark: SparkSession, mentions: DataFrame, count: int, pairs: int, seed: int, model: LinkageModel
) -> DataFrame:
    # The row numbers that training draws, in the order of mention_id.
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, count, pairs), rng.integers(0, count - 1, pairs)
    drawn = spark.createDataFrame(pa.table({"a": a, "b": np.where(b >= a, b + 1, b)}))
    numbered = _numbered(mentions)
    one, other = (numbered.select(F.col("_number").alias(n), F.col("mention_id").alias(m)) for n, m in
                  (("a", "_left"), ("b", "_right")))  # fmt: skip
    left, right = (side(mentions, "mention_id", which, model) for which in ("left", "right"))
    return paired(drawn.join(one, "a").join(other, "b").select("_left", "_right"), left, right)


def _numbered(mentions: DataFrame) -> DataFrame:
    # mention_id and its place among all, without sorting all in one task: place in its part, and the parts before it.
    # Settled first, because the numbers hold only for these very parts.
    ids = mentions.select("mention_id").repartitionByRange("mention_id").sortWithinPartitions("mention_id")
    placed = ids.withColumn("_place", F.monotonically_increasing_id()).localCheckpoint()
    part = F.shiftright("_place", 33)
    sizes = sorted(tuple(row) for row in placed.groupBy(part.alias("part")).count().collect())
    before = dict(zip([part for part, _ in sizes], np.cumsum([0, *(size for _, size in sizes)]).tolist(), strict=False))
    offsets = mentions.sparkSession.createDataFrame(list(before.items()), "part bigint, before bigint")
    joined = placed.withColumn("part", part).join(F.broadcast(offsets), "part")
    place = F.col("_place").bitwiseAND((1 << 33) - 1)
    return joined.select("mention_id", (place + F.col("before")).alias("_number"))


def _with_link_threshold(
    spark: SparkSession, model: LinkageModel, mentions: DataFrame, frequencies: Frequencies
) -> LinkageModel:
    # As training does, but for pairs whose weights differ by less than a thousandth of a bit.
    if not model.thresholds.false_link_bound:
        return model
    linked = link_on_spark(spark, mentions, model, frequencies)
    steps = linked.groupBy(F.floor(F.col("match_weight") * _FINE).alias("step")).agg(
        F.min("match_weight").alias("lowest"), F.sum(1 - F.col("match_probability")).alias("false"),
        F.count("*").alias("pairs"),
    )  # fmt: skip
    found = steps.toArrow().sort_by([("step", "descending")])
    false, pairs, lowest = (found[name].to_numpy() for name in ("false", "pairs", "lowest"))
    share = caution(model) * np.cumsum(false) / np.cumsum(pairs)
    within = np.flatnonzero(share <= model.thresholds.false_link_bound)
    return at_least(model, float(lowest[within[-1]]) if len(within) else float(np.max(lowest, initial=LEAST_LINK_BITS)))
