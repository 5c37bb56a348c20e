"""One table on Spark: same pairs, same weights and levels, same persons as on one machine."""

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from tests.transforms.linkage.district import district
from transforms.linkage import default_model, freeze_frequencies, link
from transforms.linkage.blocking import TooManyPairs
from transforms.linkage.engines.spark import link_on_spark
from transforms.linkage.model import LinkageModel, ModelCalibration

pytestmark = pytest.mark.xdist_group("spark")
MENTIONS = district(40, seed=8).mentions
FREQUENCIES = freeze_frequencies(MENTIONS)
MODEL = default_model().model_copy(update={"calibration": ModelCalibration(slope=0.8, shift=1.5)})
BY_MENTIONS = [("mention_a", "ascending"), ("mention_b", "ascending")]


def linked_here(model: LinkageModel = MODEL) -> pa.Table:
    pairs = link(MENTIONS, MENTIONS["mention_id"].combine_chunks(), None, model, FREQUENCIES)
    return pairs.replace_schema_metadata(None)


def linked_there(spark: SparkSession, mentions: DataFrame, model: LinkageModel = MODEL) -> pa.Table:
    return link_on_spark(spark, mentions, model, FREQUENCIES).toArrow().sort_by(BY_MENTIONS)


def with_blocks_up_to(most: int) -> LinkageModel:
    return MODEL.model_copy(update={"blocking": MODEL.blocking.model_copy(update={"max_block": most})})


@pytest.fixture(scope="session")
def mentions(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame(MENTIONS)


@pytest.fixture(scope="session")
def pairs(spark: SparkSession, mentions: DataFrame) -> pa.Table:
    return linked_there(spark, mentions)


def test_the_same_pairs_weights_and_levels(pairs: pa.Table) -> None:
    expected = linked_here()
    assert pairs.drop_columns(["match_weight", "match_probability"]).equals(
        expected.drop_columns(["match_weight", "match_probability"])
    )
    for name in ("match_weight", "match_probability"):
        assert pairs[name].to_pylist() == pytest.approx(expected[name].to_pylist(), abs=1e-9)


def test_however_the_mentions_are_dealt_the_pairs_are_the_same(
    spark: SparkSession, mentions: DataFrame, pairs: pa.Table
) -> None:
    assert linked_there(spark, mentions.repartition(5, "content_hash")).equals(pairs)


def test_a_skewed_block_makes_no_pairs_on_either_engine_and_the_rest_are_the_same(spark: SparkSession) -> None:
    one_phone = MENTIONS.set_column(
        MENTIONS.column_names.index("phone"), "phone", pa.array(["13800000000"] * MENTIONS.num_rows)
    )
    model = with_blocks_up_to(4)
    expected = link(one_phone, one_phone["mention_id"].combine_chunks(), None, model, FREQUENCIES)
    found = link_on_spark(spark, spark.createDataFrame(one_phone), model, FREQUENCIES).toArrow().sort_by(BY_MENTIONS)
    assert keys(found) == keys(expected)
    assert len(keys(expected)) < len(keys(linked_here()))


def test_more_pairs_than_the_model_allows_are_refused_with_the_rules_that_make_them(
    spark: SparkSession, mentions: DataFrame
) -> None:
    narrow = MODEL.blocking.model_copy(update={"max_pairs": 100})
    with pytest.raises(TooManyPairs, match=r"the model allows 100; nothing was compared\. Heaviest: "):
        link_on_spark(spark, mentions, MODEL.model_copy(update={"blocking": narrow}), FREQUENCIES)


def keys(pairs: pa.Table) -> list[tuple[str, str]]:
    return list(zip(pairs["mention_a"].to_pylist(), pairs["mention_b"].to_pylist(), strict=True))
