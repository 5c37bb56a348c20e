"""Persons on Spark are those that `resolve` makes on one machine, however the components are dealt."""

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from tests.transforms.linkage.district import district
from tests.transforms.linkage.drawn import NIGHT
from transforms.linkage import Resolved, default_model, freeze_frequencies, link, resolve
from transforms.linkage.engines.spark import ResolvedOnSpark, cluster_on_spark
from transforms.linkage.engines.spark.components import components_on_spark

pytestmark = pytest.mark.xdist_group("spark")
MENTIONS = district(40, seed=8).mentions
MODEL = default_model()
PAIRS = link(MENTIONS, MENTIONS["mention_id"].combine_chunks(), None, MODEL, freeze_frequencies(MENTIONS))
BY_ID = [("mention_id", "ascending"), ("candidate_mention_id", "ascending")]


def previous_links() -> pa.Table:
    """An earlier night, on which every third person was still two and two others one."""
    links = resolve(MENTIONS, PAIRS, None, MODEL, known_on=NIGHT).links
    before = [
        f"{person}X" if place % 7 == 0 else "PALL" if place in (3, 4, 5, 200) else person
        for place, person in enumerate(links["person_id"].to_pylist())
    ]
    return links.set_column(links.column_names.index("person_id"), "person_id", pa.array(before))


def decisions(previous: pa.Table) -> pa.Table:
    """A clerk parts two mentions of one person, and makes two others one."""
    ids = previous["mention_id"].to_pylist()
    a, b = PAIRS["mention_a"][0].as_py(), PAIRS["mention_b"][0].as_py()
    return pa.table({"mention_a": [a, ids[0]], "mention_b": [b, ids[50]], "decision": ["different", "same"]})


PREVIOUS = previous_links()
DECISIONS = decisions(PREVIOUS)
HERE: Resolved = resolve(MENTIONS, PAIRS, PREVIOUS, MODEL, known_on=NIGHT, decisions=DECISIONS)


@pytest.fixture(scope="module")
def there(spark: SparkSession) -> ResolvedOnSpark:
    mentions, pairs, previous, told = map(spark.createDataFrame, (MENTIONS, PAIRS, PREVIOUS, DECISIONS))
    return cluster_on_spark(
        spark, mentions, pairs, MODEL, known_on=NIGHT, previous_links=previous, decisions=told, together=300
    )


def test_the_same_persons_with_the_same_ids_and_certainty(there: ResolvedOnSpark) -> None:
    assert there.links.toArrow().sort_by("mention_id").equals(HERE.links.sort_by("mention_id"))


def test_the_same_questions_to_a_clerk(there: ResolvedOnSpark) -> None:
    assert HERE.review.num_rows > 0
    assert there.review.toArrow().sort_by(BY_ID).equals(HERE.review.sort_by(BY_ID))


def test_the_same_merges_and_splits(there: ResolvedOnSpark) -> None:
    assert HERE.events.num_rows > 0
    assert rows(there.events.toArrow()) == rows(HERE.events)


def rows(table: pa.Table) -> list[tuple[str, ...]]:
    return sorted(tuple(str(value) for value in row.values()) for row in table.to_pylist())


def test_a_long_chain_and_a_star_are_one_component_each(spark: SparkSession) -> None:
    chain = [(f"c{place:03}", f"c{place + 1:03}") for place in range(14)]
    star = [("s000", f"s{place:03}") for place in range(1, 9)]
    found = components_on_spark(spark.createDataFrame([*chain, *star, ("x", "x")], "a string, b string")).collect()
    assert {row["component"] for row in found} == {"c000", "s000"}
    assert len(found) == 15 + 9
