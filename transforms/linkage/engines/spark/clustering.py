"""Persons on a cluster: the local `resolve`, run on groups of mentions that have nothing to do with each other.

What decides about a person is a function of the mentions that pairs, identity numbers, clerks' decisions and earlier
persons tie together. So whole components of that graph are dealt into groups, and each group is resolved as a table
of its own: the result is the same as if all had been resolved at once.
"""

from dataclasses import dataclass
from datetime import date
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.pandas.types import from_arrow_schema

from transforms.linkage.engines.spark.components import components_on_spark
from transforms.linkage.model import LinkageModel
from transforms.linkage.resolving import Resolved, resolve
from transforms.schemas import LINKS, MENTIONS, PAIRS, PERSON_EVENTS, REVIEW

TOGETHER = 200_000  # mentions resolved in one call: what a task must hold
_OUT = pa.schema([(name, pa.struct(list(of))) for name, of in
                  (("link", LINKS), ("review", REVIEW), ("event", PERSON_EVENTS))])  # fmt: skip


@dataclass(frozen=True)
class ResolvedOnSpark:
    """As resolving.Resolved, in no order: `links` (LINKS), `review` (REVIEW), `events` (PERSON_EVENTS).

    All three come from `together`, which is kept once the first of them is read: release it with `unpersist`.
    """

    together: DataFrame

    @property
    def links(self) -> DataFrame:
        """Every mention and its person."""
        return self._part("link")

    @property
    def review(self) -> DataFrame:
        """Pairs in doubt."""
        return self._part("review")

    @property
    def events(self) -> DataFrame:
        """Merges and splits since the previous links."""
        return self._part("event")

    def _part(self, name: str) -> DataFrame:
        return self.together.where(F.col(name).isNotNull()).select(f"{name}.*")


def cluster_on_spark(
    spark: SparkSession,
    mentions: DataFrame,
    pairs: DataFrame,
    model: LinkageModel,
    *,
    known_on: date,
    previous_links: DataFrame | None = None,
    decisions: DataFrame | None = None,
    together: int = TOGETHER,
) -> ResolvedOnSpark:
    """Persons from mentions (MENTIONS) and their pairs (PAIRS, as link_on_spark returns them).

    The arguments are those of resolving.resolve, and so are links, review and events but for their order. `pairs` is
    read several times: store it first, or persist it. `together`: mentions resolved in one call. A component is
    never cut; one larger than that is resolved in one call all the same.
    """
    ties = _ties(mentions, pairs, previous_links, decisions)
    component = components_on_spark(ties).withColumnRenamed("node", "mention_id")
    groups = max(1, -(-mentions.count() // together))
    placed = mentions.join(component, "mention_id", "left").withColumn(
        "_group", F.pmod(F.xxhash64(F.coalesce("component", "mention_id")), F.lit(groups)).cast("int")
    )
    places = placed.select(F.col("mention_id").alias("mention_a"), F.col("_group").alias("_of"))
    said = _said(pairs, decisions).join(places, "mention_a")
    told = _with_previous(placed.drop("component"), previous_links)

    def resolved(rows: pa.Table, said: pa.Table) -> pa.Table:
        return _resolved(rows, said, model, known_on)

    grouped = told.groupBy("_group").cogroup(said.groupBy("_of"))
    return ResolvedOnSpark(grouped.applyInArrow(resolved, from_arrow_schema(_OUT)).persist())


def _ties(
    mentions: DataFrame, pairs: DataFrame, previous_links: DataFrame | None, decisions: DataFrame | None
) -> DataFrame:
    # Each way in which a mention has a say in another's person.
    whose = mentions.where("id_no is not null and name is not null").groupBy("id_no", "name", "sex")
    found = [pairs.select("mention_a", "mention_b"), _stars(whose.agg(F.collect_set("mention_id").alias("all")))]
    if previous_links is not None:
        still = previous_links.select("mention_id", "person_id").join(mentions.select("mention_id"), "mention_id")
        found.append(_stars(still.groupBy("person_id").agg(F.collect_set("mention_id").alias("all"))))
    if decisions is not None:
        found.append(decisions.select("mention_a", "mention_b"))
    return reduce(DataFrame.union, found).toDF("a", "b")


def _stars(groups: DataFrame) -> DataFrame:
    # Everybody of a group tied to its first.
    return groups.where(F.size("all") > 1).select(F.array_min("all").alias("a"), F.explode("all").alias("b"))


def _said(pairs: DataFrame, decisions: DataFrame | None) -> DataFrame:
    # Pairs, and under them the clerks' words.
    told = pairs.select(*PAIRS.names).withColumn("decision", F.lit(None).cast("string"))
    if decisions is None:
        return told
    return told.unionByName(decisions.select("mention_a", "mention_b", "decision"), allowMissingColumns=True)


def _with_previous(placed: DataFrame, previous_links: DataFrame | None) -> DataFrame:
    if previous_links is None:
        return placed.withColumn("_person", F.lit(None).cast("string"))
    return placed.join(previous_links.select("mention_id", F.col("person_id").alias("_person")), "mention_id", "left")


def _resolved(rows: pa.Table, said: pa.Table, model: LinkageModel, known_on: date) -> pa.Table:
    mentions = rows.select(MENTIONS.names).cast(MENTIONS)
    is_pair = pc.is_null(said["decision"])
    pairs = said.filter(is_pair).select(PAIRS.names).cast(PAIRS)
    decisions = said.filter(pc.invert(is_pair)).select(["mention_a", "mention_b", "decision"])
    outcome = resolve(mentions, pairs, _previous(rows), model, known_on=known_on, decisions=decisions)
    return _one_table(outcome)


def _previous(rows: pa.Table) -> pa.Table:
    known = rows.filter(pc.is_valid(rows["_person"]))
    told = {name: known[name] for name in ("mention_id", "feed", "record_key", "role")} | {
        "person_id": known["_person"]
    }
    return pa.table([told.get(field.name, pa.nulls(known.num_rows, field.type)) for field in LINKS], schema=LINKS)


def _one_table(outcome: Resolved) -> pa.Table:
    # Spark takes one table from a group: a line is a link, a question or an event.
    parts = zip(_OUT, (outcome.links, outcome.review, outcome.events), strict=True)
    return pa.concat_tables([_only(field, table) for field, table in parts])


def _only(field: pa.Field, table: pa.Table) -> pa.Table:
    columns = [column.combine_chunks() for column in table.columns]
    rows = pa.StructArray.from_arrays(columns, fields=list(field.type)) if table.num_rows else pa.array([], field.type)
    return pa.table(
        [rows if one.name == field.name else pa.nulls(table.num_rows, one.type) for one in _OUT], schema=_OUT
    )
