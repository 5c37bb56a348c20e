"""`nuanxin link --engine spark`: the session, and the two tables handed to the engine that works on a cluster.

Which cluster is Spark's own affair (spark-defaults.conf, spark-submit); where nothing is said it is this machine.
"""

import os
import sys
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import SparkSession

from flows.linking_input import Asked, Given
from transforms.linkage.blocking import GivenUp
from transforms.linkage.engines.spark import match_on_spark, train_across_on_spark
from transforms.linkage.model import LinkageModel
from transforms.linkage.training import Trained


@dataclass(frozen=True)
class Found:
    """The pairs as matching.matches_table tells them, and what the blocking rules have given up."""

    pairs: pa.Table
    given_up: tuple[GivenUp, ...]


def linked_on_spark(given: Given, version: str, described: str) -> tuple[Found, LinkageModel, Trained | None]:
    """What was found, the model that weighed it, and its training if it was trained.

    Raises TooLittleToLearn, TooManyPairs.
    """
    asked, model, trained = given.asked, given.model, None
    spark = _session(asked.threads)
    try:
        left, right = (spark.createDataFrame(table) for table in (given.left, given.right))
        ids = (asked.left_id, asked.right_id)
        if asked.is_trained:
            facts = {"version": version, "described": described}
            trained = train_across_on_spark(spark, left, right, model, ids=ids, seed=asked.seed, **facts)
            model = trained.model
        matched = match_on_spark(spark, left, right, model, ids=ids)
        pairs = _in_order(matched.pairs.toArrow(), given.left, given.right, asked)
        return Found(pairs, matched.given_up), model, trained
    finally:
        spark.stop()


def _session(threads: int) -> SparkSession:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("nuanxin link").config("spark.ui.showConsoleProgress", "false")
    session: SparkSession = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    if str(session.sparkContext.master).startswith("local"):  # what is usual for a cluster is two hundred
        session.conf.set("spark.sql.shuffle.partitions", str(threads))
    return session


def _in_order(pairs: pa.Table, left: pa.Table, right: pa.Table, asked: Asked) -> pa.Table:
    # Best first, then as the rows stand in the tables: the order of the local engine.
    rows = [
        pc.index_in(pairs[name], table[key].cast(pairs.schema.field(name).type).combine_chunks()).to_numpy()
        for name, table, key in (("left_id", left, asked.left_id), ("right_id", right, asked.right_id))
    ]
    return pairs.take(pa.array(np.lexsort((rows[1], rows[0], -pairs["match_weight"].to_numpy()))))
