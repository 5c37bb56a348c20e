"""How common values are, counted on a cluster: the same numbers as transforms.linkage.frequencies counts."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from transforms.linkage.engines.spark.blocks import quoted
from transforms.linkage.frequencies import (
    FREQUENCIES,
    MENTION_COUNT,
    NAME,
    Frequencies,
    Shares,
    frequency_kind,
    weighed_keys,
)
from transforms.linkage.model import Comparison, LinkageModel
from transforms.linkage.packing import Packed


def freeze_on_spark(mentions: DataFrame) -> pa.Table:
    """FREQUENCIES of the mentions (MENTIONS), as freeze_frequencies: one line a distinct name comes to the caller."""
    whose = F.coalesce("id_no", "id_no_text", F.col("birth_date").cast("string"), F.lit(""))
    persons = mentions.where("name is not null").select(F.col("name").alias("value"), whose.alias("whose")).distinct()
    counts = persons.groupBy("value").count().toArrow().sort_by("value")
    total = float(max(pc.sum(counts["count"]).as_py() or 0, 1))
    kinds = pa.array([NAME] * counts.num_rows, pa.string())
    names = {"kind": kinds, "value": counts["value"], "frequency": pc.divide(counts["count"].cast(pa.float64()), total)}
    size = {"kind": [MENTION_COUNT], "value": [""], "frequency": [float(mentions.count())]}
    return pa.concat_tables([pa.table(told).cast(FREQUENCIES) for told in (names, size)]).combine_chunks()


def count_on_spark(rows: DataFrame, model: LinkageModel) -> Frequencies:
    """Shares of values among the rows of any table, as count_frequencies: 16 bytes a distinct value to the caller."""
    kinds: dict[str, Shares] = {}
    for comparison in model.comparisons:
        weighs = any(level.by_frequency for level in comparison.levels.values())
        kind, column = frequency_kind(comparison), comparison.columns[0]
        if weighs and kind not in kinds and column in rows.columns:
            shares = _shares(rows.select(quoted(column).alias("value")).where("value is not null"), comparison)
            kinds |= {kind: shares} if len(shares.keys) else {}
    return Frequencies(max(float(rows.count()), 2.0), kinds)


def _shares(values: DataFrame, comparison: Comparison) -> Shares:
    # Spark groups the texts, Python turns each distinct one into its key, Spark adds up those of one key.
    column = comparison.columns[0]

    def keyed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            keys = weighed_keys(comparison, Packed(pa.table({column: batch["value"]}))).view(np.int64)
            yield pa.RecordBatch.from_arrays([pa.array(keys), batch["count"]], ["key", "count"])

    counts = values.groupBy("value").count().mapInArrow(keyed, "key bigint, count bigint")
    found = counts.where("key <> 0").groupBy("key").agg(F.sum("count").alias("count")).toArrow()
    keys, count = found["key"].to_numpy().view(np.uint64), found["count"].to_numpy()
    order, total = np.argsort(keys), max(int(count.sum()), 1)
    return Shares(keys[order], np.log2(count[order] / total), float(np.log2(0.5 / total)))
