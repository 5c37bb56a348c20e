"""Two tables on a cluster: which rows of the right one the rows of the left one are about."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession

from transforms.linkage.blocking import GivenUp
from transforms.linkage.engines.spark.frequencies import count_on_spark
from transforms.linkage.engines.spark.pairs import SPLIT, pairs_across
from transforms.linkage.engines.spark.scoring import gathered, ids_sql, paired, scored, side
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.matching import competed
from transforms.linkage.model import LinkageModel
from transforms.linkage.scoring import probability_of


@dataclass(frozen=True)
class MatchedOnSpark:
    """`pairs`: the columns of matching.matches_table, in no order. `given_up`: what the blocking rules left out."""

    pairs: DataFrame
    given_up: tuple[GivenUp, ...]


def match_on_spark(
    spark: SparkSession,
    left: DataFrame,
    right: DataFrame,
    model: LinkageModel,
    *,
    ids: tuple[str, str] = ("id", "id"),
    frequencies: Frequencies | None = None,
    split: int = SPLIT,
) -> MatchedOnSpark:
    """Pairs at or above the review threshold after competition.

    `ids` name the id column of either table; its values are unique. `frequencies` are counted from the right table
    where they are not given; a block with more than `split` left rows is split among tasks. Raises TooManyPairs.
    """
    known = count_on_spark(right, model) if frequencies is None else frequencies
    met = pairs_across(spark, left, right, ids, model, known, split=split)
    both = paired(met.pairs, side(left, ids[0], "left", model), side(right, ids[1], "right", model))
    found = scored(spark, both, model, known)
    ordered = found.repartition("_left").sortWithinPartitions("_left", "_right")
    pairs = ordered.mapInArrow(lambda batches: _told(batches, model), _told_sql(found, model))
    return MatchedOnSpark(pairs, met.given_up)


def _told_sql(found: DataFrame, model: LinkageModel) -> str:
    ids = ids_sql(found).replace("_left", "left_id").replace("_right", "right_id")
    levels = ", ".join(f"`{comparison.name}` string" for comparison in model.comparisons)
    return f"{ids}, match_weight double, match_probability double, decision string, {levels}"


def _told(batches: Iterator[pa.RecordBatch], model: LinkageModel) -> Iterator[pa.RecordBatch]:
    for rows in _whole(gathered(batches)):
        codes = rows["_left"].combine_chunks().dictionary_encode().indices.to_numpy()
        weight = competed(codes, rows["weight"].to_numpy(), int(codes.max(initial=-1)) + 1)
        yield from _matches(rows, weight, model).filter(pa.array(weight >= model.thresholds.review_bits)).to_batches()


def _whole(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    # Cut where a left row ends, so that all of its candidates compete: the last row's wait for the next table.
    waiting: pa.Table | None = None
    for table in tables:
        rows = table if waiting is None else pa.concat_tables([waiting, table])
        last = pc.equal(rows["_left"], rows["_left"][-1])
        waiting = rows.filter(last)
        yield rows.filter(pc.invert(last))
    if waiting is not None:
        yield waiting


def _matches(rows: pa.Table, weight: np.ndarray[tuple[int], np.dtype[np.float64]], model: LinkageModel) -> pa.Table:
    columns = {
        "left_id": rows["_left"],
        "right_id": rows["_right"],
        "match_weight": pa.array(weight),
        "match_probability": pa.array(probability_of(weight, model)),
        "decision": pa.array(np.where(weight >= model.thresholds.link_bits, "link", "review"), pa.string()),
    }
    for comparison in model.comparisons:
        levels = rows[comparison.name].to_numpy()
        columns[comparison.name] = pa.array([*comparison.level_names]).take(pa.array(levels, mask=levels < 0))
    return pa.table(columns)
