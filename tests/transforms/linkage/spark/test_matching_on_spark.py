"""Two tables on Spark, and training: the same matches, the same model as on one machine."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyspark.sql import SparkSession

from tests.transforms.linkage.district import district
from transforms.linkage import default_model
from transforms.linkage.engines.spark import match_on_spark, train_across_on_spark, train_on_spark
from transforms.linkage.indexing import Index
from transforms.linkage.matching import Sides, candidates, match, matches_table, train_on
from transforms.linkage.model import LinkageModel, ModelCalibration, dump_model
from transforms.linkage.packing import Packed
from transforms.linkage.training import train

pytestmark = pytest.mark.xdist_group("spark")
MODEL = default_model().model_copy(update={"calibration": ModelCalibration(slope=0.8, shift=1.5)})
MENTIONS = district(150, seed=5).mentions.sort_by("mention_id")
IN_REGISTER = pc.equal(MENTIONS["feed"], "household_register")
REGISTER, RECORDS = MENTIONS.filter(IN_REGISTER), MENTIONS.filter(pc.invert(IN_REGISTER))
IDS = ("mention_id", "mention_id")
BY_IDS = [("left_id", "ascending"), ("right_id", "ascending")]


def matched_here(left: pa.Table, right: pa.Table, model: LinkageModel) -> pa.Table:
    sides = Sides.of(left, right, model)
    return matches_table(match(sides, model), sides, IDS, model).sort_by(BY_IDS)


def matched_there(
    spark: SparkSession, left: pa.Table, right: pa.Table, model: LinkageModel, split: int = 4_000
) -> pa.Table:
    frames = (spark.createDataFrame(left), spark.createDataFrame(right))
    return match_on_spark(spark, *frames, model, ids=IDS, split=split).pairs.toArrow().sort_by(BY_IDS)


def told(matches: pa.Table) -> pa.Table:
    return matches.drop_columns(["match_weight", "match_probability"])


def test_the_same_matches_weights_decisions_and_levels(spark: SparkSession) -> None:
    found, expected = (matched_there(spark, RECORDS, REGISTER, MODEL), matched_here(RECORDS, REGISTER, MODEL))
    assert expected.num_rows > 500
    assert told(found).equals(told(expected))
    for name in ("match_weight", "match_probability"):
        assert found[name].to_pylist() == pytest.approx(expected[name].to_pylist(), abs=1e-9)


def test_a_block_that_very_many_rows_seek_is_split_and_nothing_is_lost(spark: SparkSession) -> None:
    phone = pa.array(["13800000000"] * RECORDS.num_rows)
    left = RECORDS.set_column(RECORDS.column_names.index("phone"), "phone", phone)
    right = REGISTER.slice(0, 60)
    right = right.set_column(right.column_names.index("phone"), "phone", phone.slice(0, 60))
    assert told(matched_there(spark, left, right, MODEL, split=50)).equals(told(matched_here(left, right, MODEL)))


def test_the_same_keys_are_given_up(spark: SparkSession) -> None:
    model = MODEL.model_copy(update={"blocking": MODEL.blocking.model_copy(update={"max_block": 1})})
    index = Index.of(REGISTER, model)
    here = candidates(Packed(RECORDS), index, model).given_up
    frames = (spark.createDataFrame(RECORDS), spark.createDataFrame(REGISTER))
    there = match_on_spark(spark, *frames, model, ids=IDS).given_up
    assert len(here) > 3
    assert there == tuple(replace(each, heaviest=tuple((rows, -1) for rows, _ in each.heaviest)) for each in here)


def test_the_same_model_is_learnt_from_one_table(spark: SparkSession) -> None:
    options = {"version": "t", "seed": 3, "random_pairs": 5_000}
    there = train_on_spark(spark, spark.createDataFrame(MENTIONS), MODEL, **options)  # type: ignore[arg-type]
    here = train(MENTIONS, MODEL, **options)  # type: ignore[arg-type]
    assert dump_model(there.model) == dump_model(here.model)


def test_the_same_model_is_learnt_from_two_tables(spark: SparkSession) -> None:
    frames = (spark.createDataFrame(RECORDS), spark.createDataFrame(REGISTER))
    there = train_across_on_spark(spark, *frames, MODEL, ids=IDS, version="t", seed=3)
    here = train_on(Sides.of(RECORDS, REGISTER, MODEL), MODEL, version="t", seed=3)
    assert dump_model(there.model) == dump_model(here.model)
