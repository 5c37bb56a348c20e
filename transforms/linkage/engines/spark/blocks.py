"""The model's blocking rules as entries of one table: which block a row is in, and on which side of its pairs."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as its documentation does
from pyspark.sql.pandas.functions import ArrowUDFType, arrow_udf

from transforms.linkage.encoding import names_of
from transforms.linkage.expressions import RARE, rare_columns, to_sql
from transforms.linkage.frequencies import NAME, Frequencies
from transforms.linkage.model import LinkageModel, Rule

QUOTE = "`"


@dataclass(frozen=True)
class Key:
    """One way into a block: the values of `expressions`, all present, and `lacking` absent."""

    rule: int
    name: str
    expressions: tuple[str, ...]
    lacking: str | None
    seeks: bool
    sought: bool
    turned: int = 0  # 1 where the two tables have changed their parts

    @property
    def sql(self) -> str:
        """The entry as a struct, null where the row is not in the block."""
        texts = [to_sql(text, QUOTE) for text in self.expressions]
        given = [f"{text} is not null" for text in texts] + (
            [f"{to_sql(self.lacking, QUOTE)} is null"] if self.lacking else []
        )
        block = f"xxhash64({self.rule * 2 + self.turned}, {', '.join(texts)})"
        told = f"'block', {block}, 'rule', {self.rule}, 'seeks', {self.seeks}, 'sought', {self.sought}"
        return f"case when {' and '.join(given)} then named_struct({told}) end"


def keys_within(model: LinkageModel) -> list[Key]:
    """The ways into the blocks of one table. Where a rule is even, every row both seeks and is sought."""
    return [key for place, rule in enumerate(model.blocking.rules) for key in _keys(place, rule)]


def keys_across(model: LinkageModel) -> tuple[list[Key], list[Key]]:
    """The ways of the left rows, that seek, and of the right rows, that are sought; uneven rules both ways round."""
    left: list[Key] = []
    right: list[Key] = []
    for place, rule in enumerate(model.blocking.rules):
        own, partner = (rule.agree, rule.lacking), (rule.with_ or rule.agree, None)
        ways = [(own, partner)] if rule.is_even else [(own, partner), (partner, own)]
        for turned, (seeker, sought) in enumerate(ways):
            left.append(Key(place, rule.name, *seeker, seeks=True, sought=False, turned=turned))
            right.append(Key(place, rule.name, *sought, seeks=False, sought=True, turned=turned))
    return left, right


def _keys(place: int, rule: Rule) -> list[Key]:
    if rule.is_even:
        return [Key(place, rule.name, rule.agree, None, seeks=True, sought=True)]
    return [
        Key(place, rule.name, rule.agree, rule.lacking, seeks=True, sought=False),
        Key(place, rule.name, rule.with_ or rule.agree, None, seeks=False, sought=True),
    ]


def entries(rows: DataFrame, keys: list[Key], kept: list[str]) -> DataFrame:
    """block, rule, seeks, sought and the columns `kept`: one line a row of `rows` and block that it is in."""
    ways = ", ".join(key.sql for key in keys)
    inside = f"explode(filter(array({ways}), way -> way is not null)) as way"
    return rows.selectExpr(*kept, inside).select(*kept, "way.*")


def looked_at(
    spark: SparkSession, rows: DataFrame, model: LinkageModel, frequencies: Frequencies, kept: list[str]
) -> DataFrame:
    """The columns that the rules read (null where the table lacks one), the rare values, and the columns `kept`."""
    rules = model.blocking.rules
    wanted = sorted({name for rule in rules for name in rule.columns})
    rare = {name for rule in rules for text in (*rule.agree, *(rule.with_ or ())) for name in rare_columns(text)}
    nothing = F.lit(None).cast("string")
    columns = [quoted(name) if name in rows.columns else nothing.alias(name) for name in wanted]
    is_rare = _is_rare(spark, model, frequencies)
    taken = rows.select(*kept, *columns)
    for name in sorted(rare):
        there = name in rows.columns and NAME in frequencies.kinds
        taken = taken.withColumn(f"{RARE}{name}", F.when(is_rare(quoted(name)), quoted(name)) if there else nothing)
    return taken


def quoted(name: str) -> Column:
    """The column of that name, whatever is in it."""
    return F.col(f"{QUOTE}{name}{QUOTE}")


def _is_rare(spark: SparkSession, model: LinkageModel, frequencies: Frequencies) -> Any:
    # As blocking does: by the frozen frequencies, not by how often a name stands in this table.
    shared, most = spark.sparkContext.broadcast(frequencies), model.blocking.rare

    def is_rare(names: pa.Array) -> pa.Array:
        known: Frequencies = shared.value
        return pa.array(np.exp2(known.kinds[NAME].of(names_of(names).chars)) * known.count <= most)

    return arrow_udf(is_rare, "boolean", ArrowUDFType.SCALAR)
