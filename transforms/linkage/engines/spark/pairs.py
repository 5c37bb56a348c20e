"""Candidate pairs by Spark, the same that blocking.py makes, and what keeps a skewed block from one poor task.

A block is grouped, not joined. Blocks that make no pairs because too many rows are sought in them are known from
counts and left out before anything moves; blocks in which very many rows seek a few are split among tasks.
"""

from dataclasses import dataclass

import numpy as np
from pyspark.sql import Column, DataFrame, Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from transforms.linkage.blocking import GivenUp, Load, TooManyPairs, given_up
from transforms.linkage.engines.spark.blocks import Key, entries, keys_across, keys_within, looked_at, quoted
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.model import LinkageModel

SPLIT = 4_000  # rows that seek in one part of a block, beside at most `max_block` that are sought
ID, OTHER, APART = "_id", "_other", "_apart"


class TooManyPairsOnSpark(TooManyPairs):
    """As TooManyPairs, but rows have no numbers on a cluster: `example_row` is -1 in every load."""

    def __init__(self, loads: list[Load], allowed: int) -> None:
        super().__init__(loads, allowed)
        heaviest = [f"{load.rule} {load.pairs:,} pairs, its largest block {load.largest:,} rows" for load in self.loads]
        self.args = (
            f"the blocking rules would make {sum(load.pairs for load in loads):,} pairs, the model allows {allowed:,}; "
            f"nothing was compared. Heaviest: {'; '.join(heaviest[:3])}. Make these rules narrower, or raise max_pairs "
            "under `blocking`: what it is by default is meant for one machine",
        )


@dataclass(frozen=True)
class Blocked:
    """Entries that make pairs: block, part, rule, seeks, sought, _id, _apart."""

    entries: DataFrame
    is_within: bool
    given_up: tuple[GivenUp, ...]


@dataclass(frozen=True)
class Across:
    """_left, _right of every pair of two tables worth comparing, each once; and what the rules have given up."""

    pairs: DataFrame
    given_up: tuple[GivenUp, ...]


def pairs_within(
    spark: SparkSession, mentions: DataFrame, model: LinkageModel, frequencies: Frequencies, *, known: bool = False
) -> DataFrame:
    """_left < _right of every pair of mentions worth comparing, each once, partitioned by _left.

    Pairs that the rule of number and name joins are left out unless `known`. Two mentions of one record, or two
    entries of the register, are still among them: `paired_mentions` leaves those out. Raises TooManyPairsOnSpark.
    """
    rows = mentions.withColumn(APART, F.expr(_apart_sql(known))).withColumn(ID, F.col("mention_id"))
    told = entries(looked_at(spark, rows, model, frequencies, [ID, APART]), keys_within(model), [ID, APART])
    return _distinct(_blocked(told, keys_within(model), model, is_within=True))


def pairs_across(
    spark: SparkSession,
    left: DataFrame,
    right: DataFrame,
    ids: tuple[str, str],
    model: LinkageModel,
    frequencies: Frequencies,
    *,
    split: int = SPLIT,
) -> Across:
    """The pairs of two tables. Raises TooManyPairsOnSpark.

    A block in which more than `split` rows seek is split among tasks.
    """
    sides = []
    for rows, name, keys in zip((left, right), ids, keys_across(model), strict=True):
        seen = looked_at(spark, rows.withColumn(ID, quoted(name)), model, frequencies, [ID])
        sides.append(entries(seen, keys, [ID]).withColumn(APART, F.lit(0).cast("bigint")))
    told = _either(*sides)
    blocked = _blocked(told, keys_across(model)[0], model, is_within=False, split=split)
    return Across(_distinct(blocked), blocked.given_up)


def _apart_sql(known: bool) -> str:
    # Equal for mentions that number and name make one person already; otherwise everybody's own.
    own = "xxhash64(mention_id)"
    given = "id_no is not null and name is not null"
    return own if known else f"case when {given} then xxhash64(id_no, name, coalesce(sex, '')) else {own} end"


def _either(left: DataFrame, right: DataFrame) -> DataFrame:
    # The two id columns may be of two types: each side keeps its own.
    none_left, none_right = (F.lit(None).cast(side.schema[ID].dataType) for side in (left, right))
    one = left.withColumn(OTHER, none_right)
    other = right.withColumnRenamed(ID, OTHER).withColumn(ID, none_left)
    return one.unionByName(other)


def _blocked(told: DataFrame, keys: list[Key], model: LinkageModel, *, is_within: bool, split: int = SPLIT) -> Blocked:
    most = model.blocking.max_block
    sizes = _sizes(told)
    found = sizes.groupBy("rule").agg(
        F.sum(F.when(F.col("sought") <= most, _pairs_of_a_block())).alias("pairs"),
        F.collect_list(F.when(F.col("sought") > most, F.struct("block", "sought", "seeking"))).alias("crowded"),
        F.collect_list(
            F.when(
                (F.col("sought") <= most) & (F.col("seeking") > split) & ~F.col("even"),
                F.struct("block", F.ceil(F.col("seeking") / split).cast("int").alias("parts")),
            )
        ).alias("long"),
    )
    rules = found.collect()
    names = {key.rule: key.name for key in keys}
    if sum(rule["pairs"] or 0 for rule in rules) > model.blocking.max_pairs:
        _refuse(told, names, model)
    return Blocked(_split(_uncrowded(told, rules), rules), is_within, _given_up(rules, names))


def _given_up(rules: list[Row], names: dict[int, str]) -> tuple[GivenUp, ...]:
    found = []
    for rule in sorted(rules, key=lambda rule: int(rule["rule"])):
        crowds = np.array([(each["sought"], each["seeking"]) for each in rule["crowded"] if each["seeking"]], np.int64)
        if len(crowds):
            sought, seeking = crowds.T
            found.append(given_up(names[rule["rule"]], sought, seeking, np.full(len(crowds), -1)))
    return tuple(found)


def _sizes(told: DataFrame) -> DataFrame:
    # A grouping by counts: what leaves a task is one line a block, however skewed.
    return told.groupBy("block").agg(
        F.first("rule").alias("rule"),
        F.count_if("seeks").alias("seeking"),
        F.count_if("sought").alias("sought"),
        F.bool_and(F.col("seeks") & F.col("sought")).alias("even"),
    )


def _pairs_of_a_block() -> Column:
    even = F.col("sought") * (F.col("sought") - 1) / 2
    return F.when(F.col("even"), even).otherwise(F.col("seeking") * F.col("sought")).cast("bigint")


def _refuse(told: DataFrame, names: dict[int, str], model: LinkageModel) -> None:
    # Counted again without those whom number and name make one: there may not be too many after all.
    alike = told.groupBy("block", "rule", APART).agg(
        F.count_if("seeks").alias("s"), F.count_if("sought").alias("p"),
        F.bool_and(F.col("seeks") & F.col("sought")).alias("even"),
    )  # fmt: skip
    blocks = alike.groupBy("block", "rule").agg(
        F.sum("s").alias("s"), F.sum("p").alias("p"), F.sum(F.col("s") * F.col("p")).alias("same"),
        F.bool_and("even").alias("even"),
    )  # fmt: skip
    pairs = (F.col("s") * F.col("p") - F.col("same")) / F.when(F.col("even"), 2).otherwise(1)
    small = blocks.where(F.col("p") <= model.blocking.max_block)
    rules = small.groupBy("rule").agg(F.sum(pairs).cast("bigint").alias("pairs"), F.max("p").alias("largest")).collect()
    loads = [Load(names[rule["rule"]], int(rule["pairs"]), int(rule["largest"]), -1) for rule in rules]
    if sum(load.pairs for load in loads) > model.blocking.max_pairs:
        raise TooManyPairsOnSpark(loads, model.blocking.max_pairs)


def _uncrowded(told: DataFrame, rules: list[Row]) -> DataFrame:
    crowded = [(each["block"],) for rule in rules for each in rule["crowded"]]
    if not crowded:
        return told
    keys = told.sparkSession.createDataFrame(crowded, "block bigint")
    return told.join(F.broadcast(keys), "block", "left_anti")


def _split(told: DataFrame, rules: list[Row]) -> DataFrame:
    # Who seeks is dealt to the parts of a long block, who is sought goes to every part.
    long = [(each["block"], each["parts"]) for rule in rules for each in rule["long"]]
    if not long:
        return told.withColumn("part", F.lit(0))
    sizes = told.sparkSession.createDataFrame(long, "block bigint, parts int")
    whole = told.join(F.broadcast(sizes), "block", "left").withColumn("parts", F.coalesce("parts", F.lit(1)))
    own = F.array(F.pmod(F.xxhash64(ID), F.col("parts")).cast("int"))
    every = F.sequence(F.lit(0), F.col("parts") - 1)
    return whole.withColumn("part", F.explode(F.when(F.col("seeks"), own).otherwise(every))).drop("parts")


def _distinct(blocked: Blocked) -> DataFrame:
    # By _left first: the join with the left mentions then finds them where they are.
    pairs = _within(blocked.entries) if blocked.is_within else _across(blocked.entries)
    return pairs.repartition("_left").dropDuplicates(["_left", "_right"])


def _within(told: DataFrame) -> DataFrame:
    row = F.struct(F.col(ID).alias("id"), F.col(APART).alias("apart"))
    even = F.col("seeks") & F.col("sought")
    groups = told.groupBy("block", "part").agg(
        F.collect_list(F.when(F.col("seeks"), row)).alias("seekers"),
        F.collect_list(F.when(~F.col("seeks"), row)).alias("others"),
        F.bool_and(even).alias("even"),
    )
    able = F.when(F.col("even"), F.size("seekers") > 1).otherwise((F.size("seekers") > 0) & (F.size("others") > 0))
    groups = groups.where(able).withColumn("sought", F.when(F.col("even"), F.col("seekers")).otherwise(F.col("others")))
    pairs = groups.select("even", "sought", F.explode("seekers").alias("s")).select(
        "even", "s", F.explode("sought").alias("p")
    )
    once = ~F.col("even") | (F.col("s.id") < F.col("p.id"))
    pairs = pairs.where((F.col("s.apart") != F.col("p.apart")) & once)
    return pairs.select(F.least("s.id", "p.id").alias("_left"), F.greatest("s.id", "p.id").alias("_right"))


def _across(told: DataFrame) -> DataFrame:
    groups = told.groupBy("block", "part").agg(
        F.collect_list(F.when(F.col("seeks"), F.col(ID))).alias("seekers"),
        F.collect_list(F.when(~F.col("seeks"), F.col(OTHER))).alias("sought"),
    )
    groups = groups.where((F.size("seekers") > 0) & (F.size("sought") > 0))
    pairs = groups.select("sought", F.explode("seekers").alias("_left"))
    return pairs.select("_left", F.explode("sought").alias("_right"))
