"""What a night keeps of the pairs before, and what it scores anew."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.transforms.linkage.drawn import NIGHT, Mention, frequencies_of_a_crowd, mention, table
from transforms.linkage import LinkageModel, default_model, link, pair, resolve, resolve_again

MODEL = default_model()
TOLD = {"name": "方子豪", "birth_date": "1999-03-10", "sex": "1"}
CHILD, DEAD = mention("births", "B1", "child", **TOLD), mention("death_certificates", "D1", **TOLD)
STAY = mention("disability_certificates", "F1", **TOLD)


def linked(
    rows: list[Mention], changed: list[Mention], previous: pa.Table | None, model: LinkageModel = MODEL
) -> pa.Table:
    ids = pa.array([row["mention_id"] for row in changed], pa.string())
    return link(table(*rows), ids, previous, model, frequencies_of_a_crowd())


FIRST = linked([CHILD, DEAD, STAY], [], None)


def held(pairs: pa.Table) -> set[frozenset[str]]:
    return {frozenset((row["mention_a"], row["mention_b"])) for row in pairs.to_pylist()}


def together(one: Mention, other: Mention) -> frozenset[str]:
    return frozenset((one["mention_id"], other["mention_id"]))


def test_the_pairs_of_a_mention_that_now_says_something_else_are_gone() -> None:
    other = mention("death_certificates", "D1", name="苗红", birth_date="1950-05-05", sex="2")
    assert held(linked([CHILD, other, STAY], [other], FIRST)) == {together(CHILD, STAY)}


def test_the_pairs_of_a_mention_that_vanished_are_gone() -> None:
    assert held(linked([CHILD, STAY], [], FIRST)) == {together(CHILD, STAY)}


def test_pairs_without_a_change_are_kept_as_they_were() -> None:
    marked = FIRST.set_column(2, "match_weight", pa.array([99.0] * FIRST.num_rows))
    assert set(linked([CHILD, DEAD, STAY], [], marked)["match_weight"].to_pylist()) == {99.0}


def test_a_new_mention_is_held_against_everybody() -> None:
    ashes = mention("cremations", "A1", **TOLD)
    found = held(linked([CHILD, DEAD, STAY, ashes], [ashes], FIRST))
    assert found == held(FIRST) | {together(ashes, row) for row in (CHILD, DEAD, STAY)}


# -- a block that becomes too large, or is so no longer, between two nights: the same pairs as in one night ----------

NARROW = MODEL.model_copy(update={"blocking": MODEL.blocking.model_copy(update={"max_block": 3})})
SAME_DAY = [mention("births", f"B{n}", "child", **TOLD) for n in range(6)]


@pytest.mark.parametrize(("before", "after"), [(3, 4), (4, 3), (2, 6), (6, 2), (5, 6)])
def test_a_block_that_becomes_crowded_or_thins_out_has_the_pairs_of_tonight(before: int, after: int) -> None:
    first = linked(SAME_DAY[:before], [], None, NARROW)
    second = linked(SAME_DAY[:after], SAME_DAY[before:after], first, NARROW)
    afresh = linked(SAME_DAY[:after], [], None, NARROW)
    assert second.equals(afresh, check_metadata=True)
    assert (held(second) != set()) == (after <= 3)


@pytest.mark.parametrize(("before", "after"), [(3, 4), (4, 3), (2, 6), (6, 2), (5, 6)])
def test_whom_such_a_block_has_parted_or_brought_together_is_clustered_again(before: int, after: int) -> None:
    frequencies, ids = frequencies_of_a_crowd(), [row["mention_id"] for row in SAME_DAY]
    earlier, tonight = (table(*SAME_DAY[:count]) for count in (before, after))
    first = pair(earlier, pa.array(ids[:before]), None, NARROW, frequencies)
    left = resolve(earlier, first.pairs, None, NARROW, known_on=NIGHT)
    second = pair(tonight, pa.array(ids[before:after], pa.string()), first.pairs, NARROW, frequencies)
    expected = resolve(tonight, second.pairs, left.links, NARROW, known_on=NIGHT)
    found = resolve_again(tonight, second.pairs, second.again, left, NARROW, known_on=NIGHT)
    assert [found.links, found.review, found.events] == [expected.links, expected.review, expected.events]
    assert pc.count_distinct(found.groups["group"]) == pc.count_distinct(expected.groups["group"])
