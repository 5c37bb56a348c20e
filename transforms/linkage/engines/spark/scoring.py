"""Paired rows through the one comparison: Arrow batches of left_… and right_… columns in, scored pairs out."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from transforms.linkage.encoding import Rows
from transforms.linkage.engines.local import Scored, scored_pairs
from transforms.linkage.engines.spark.blocks import quoted
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.model import LinkageModel
from transforms.linkage.packing import Packed
from transforms.linkage.rules import REGISTER

TOGETHER = 50_000  # pairs compared at once: large enough to share what is looked up, small enough for many tasks
Batches = Iterator[pa.RecordBatch]
_RECORD = "xxhash64(concat_ws('|', feed, record_key))"
_ENTRY = f"case when feed = '{REGISTER}' then id_no_text end"


def compared_columns(model: LinkageModel) -> list[str]:
    """The columns that the comparisons read."""
    return sorted({name for comparison in model.comparisons for name in comparison.columns})


def side(rows: DataFrame, name: str, which: str, model: LinkageModel, *added: str) -> DataFrame:
    """The compared columns of a table as left_… or right_…, and its id column `name` as _left or _right."""
    present = [column for column in compared_columns(model) if column in rows.columns]
    return rows.select(
        quoted(name).alias(f"_{which}"), *(quoted(one).alias(f"{which}_{one}") for one in (*present, *added))
    )


def paired(pairs: DataFrame, left: DataFrame, right: DataFrame) -> DataFrame:
    """Both rows of every pair (_left, _right) side by side."""
    return pairs.join(left, "_left").join(right, "_right")


def paired_mentions(pairs: DataFrame, mentions: DataFrame, model: LinkageModel) -> DataFrame:
    """Both mentions of every pair, without two of one record and two entries of the register."""
    told = mentions.withColumns({"_record": F.expr(_RECORD), "_entry": F.expr(_ENTRY)})
    left, right = (side(told, "mention_id", which, model, "_record", "_entry") for which in ("left", "right"))
    may_be_one = "left__record <> right__record and coalesce(left__entry = right__entry, true)"
    both = paired(pairs, left, right).where(may_be_one)
    return both.drop("left__record", "right__record", "left__entry", "right__entry")


def scored(spark: SparkSession, both: DataFrame, model: LinkageModel, frequencies: Frequencies) -> DataFrame:
    """_left, _right, weight, by_rule and a tinyint a comparison, of the pairs at or above the review threshold."""
    shared = spark.sparkContext.broadcast(frequencies)

    def scores(batches: Batches) -> Batches:
        known: Frequencies = shared.value
        for batch in gathered(batches):
            (left, a), (right, b) = distinct_rows(batch, "left"), distinct_rows(batch, "right")
            yield _batch_of(left, right, scored_pairs(Packed(left), Packed(right), a, b, model, known, threads=1))

    levels = ", ".join(f"`{comparison.name}` tinyint" for comparison in model.comparisons)
    return both.mapInArrow(scores, f"{ids_sql(both)}, weight double, by_rule boolean, {levels}")


def ids_sql(both: DataFrame) -> str:
    """The two id columns with their types."""
    left, right = (both.schema[name].dataType.simpleString() for name in ("_left", "_right"))
    return f"_left {left}, _right {right}"


def _batch_of(left: pa.Table, right: pa.Table, found: Scored) -> pa.RecordBatch:
    columns: dict[str, Any] = {
        "_left": left["_left"].take(pa.array(found.a)).combine_chunks(),
        "_right": right["_right"].take(pa.array(found.b)).combine_chunks(),
        "weight": pa.array(found.weight),
        "by_rule": pa.array(found.by_rule),
    }
    columns |= {name: pa.array(levels) for name, levels in found.levels.items()}
    return pa.RecordBatch.from_pydict(columns)


def gathered(batches: Batches, rows: int = TOGETHER) -> Iterator[pa.Table]:
    """The batches of a task put together until they have that many rows; Spark's own are small."""
    waiting: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += batch.num_rows
        if count >= rows:
            yield pa.Table.from_batches(waiting)
            waiting, count = [], 0
    if count:
        yield pa.Table.from_batches(waiting)


def distinct_rows(batch: pa.Table, which: str) -> tuple[pa.Table, Rows]:
    """Each left or right row once, without the prefix, and the row of each pair: a row in many pairs is packed once."""
    names = [name for name in batch.column_names if name.startswith(f"{which}_")]
    codes = batch[f"_{which}"].combine_chunks().dictionary_encode().indices.to_numpy()
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    table = batch.select([f"_{which}", *names])
    table = table.rename_columns([f"_{which}", *(name.removeprefix(f"{which}_") for name in names)])
    return table.take(pa.array(first)).combine_chunks(), place
