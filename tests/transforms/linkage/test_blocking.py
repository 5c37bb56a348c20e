"""Which pairs are looked at."""

import numpy as np
import pyarrow as pa
import pytest

from tests.transforms.linkage.drawn import Mention, crowd, mention, number, table
from transforms.linkage import LinkageModel, default_model, freeze_frequencies
from transforms.linkage.blocking import Blocks, GivenUp, TooManyPairs, cross_pairs, given_up
from transforms.linkage.meeting import across, within

FREQUENCIES = freeze_frequencies(table(*crowd(200)))
BORN = {"birth_date": "1990-03-15"}


def pairs(*rows: Mention, model: LinkageModel | None = None, changed: list[bool] | None = None) -> set[tuple[int, int]]:
    is_changed = pa.array(changed or [True] * len(rows), pa.bool_())
    a, b = Blocks(table(*rows), model or default_model(), FREQUENCIES).pairs(is_changed)
    return set(zip(a.tolist(), b.tolist(), strict=True))


def test_persons_of_one_record_are_never_a_pair() -> None:
    father, child = (mention("births", "B1", role, name="张伟", **BORN) for role in ("father", "child"))
    assert pairs(father, child) == set()


def test_two_numbers_of_the_register_are_never_a_pair() -> None:
    rows = [mention("household_register", f"H{n}", name="张伟", id_no=number("1990-03-15", n), **BORN) for n in (1, 3)]
    assert pairs(*rows) == set()


def test_number_and_name_need_no_pair() -> None:
    told = {"name": "张伟", "id_no": number("1990-03-15", 1), **BORN}
    assert pairs(mention("births", "B1", "mother", **told), mention("marriages", "M1", "woman", **told)) == set()


def test_a_number_with_another_end_is_found_by_its_start_and_the_surname() -> None:
    his = number("1990-03-15", 123)
    left = mention("births", "B1", "father", name="甲乙", id_no_text=his)
    right = mention("low_income", "L1", name="甲丁", id_no_text=his[:14] + "9999")
    assert pairs(left, right) == {(0, 1)}


def test_a_child_known_by_its_father_is_found() -> None:
    left = mention("death_certificates", "D1", relative_name="张三", **BORN)
    right = mention("only_child_certificates", "C1", "child", name="张小", father_name="张三", **BORN)
    assert pairs(left, right) == {(0, 1)}


def test_only_pairs_with_a_changed_mention_are_made() -> None:
    rows = [mention("births", f"B{n}", "child", name="张伟", **BORN) for n in range(3)]
    assert pairs(*rows, changed=[False, False, True]) == {(0, 2), (1, 2)}


def test_a_giant_block_makes_no_pairs() -> None:
    model = default_model()
    small = model.model_copy(update={"blocking": model.blocking.model_copy(update={"max_block": 5, "rare": 0})})
    rows = [mention("births", f"B{n}", "child", name="张伟", **BORN) for n in range(6)]
    assert pairs(*rows, model=small) == set()
    assert len(pairs(*rows[:5], model=small)) == 10


def test_too_many_pairs_are_refused_with_what_to_do() -> None:
    model = default_model()
    narrow = model.model_copy(update={"blocking": model.blocking.model_copy(update={"max_pairs": 3})})
    rows = [mention("births", f"B{n}", "child", name="张伟", **BORN) for n in range(6)]
    with pytest.raises(TooManyPairs, match=r"allows 3; .* name_and_year 15 pairs, its largest block 6 rows .* raise"):
        pairs(*rows, model=narrow)


def test_what_too_many_share_is_counted_and_not_met() -> None:
    seeks, sought = (np.array(keys, np.uint64) for keys in ([9, 7, 9, 5, 0, 3], [9, 9, 9, 7, 7, 5, 4, 4, 4, 0]))
    met = across(seeks, sought, most=1)
    assert [rows.tolist() for rows in met.pairs()] == [[3], [5]]
    assert [column.tolist() for column in (met.crowds.sought, met.crowds.seeking, met.crowds.first)] == [
        [2, 3], [1, 2], [1, 0]
    ]  # fmt: skip
    assert across(seeks, sought, most=3).crowds.sought.tolist() == []


def test_the_heaviest_keys_are_few() -> None:
    sizes = (np.array(counts) for counts in ([4, 9, 7, 5, 9], [1, 2, 3, 4, 5], [8, 7, 6, 5, 3]))
    assert given_up("r", *sizes) == GivenUp("r", keys=5, left_rows=15, right_rows=34, heaviest=((9, 3), (9, 7), (7, 6)))


def test_a_rule_that_looks_both_ways_tells_of_both() -> None:
    model = default_model()
    rules = [rule for rule in model.blocking.rules if not rule.is_even][:1]
    narrow = model.model_copy(update={"blocking": model.blocking.model_copy(update={"max_block": 2, "rules": rules})})
    left = {"seeks_0": np.array([5, 5, 6], np.uint64), "sought_0": np.array([8, 0, 0], np.uint64)}
    right = {"seeks_0": np.array([8] * 4 + [0] * 4, np.uint64), "sought_0": np.array([5] * 3 + [6] * 5, np.uint64)}
    assert cross_pairs(left, right, narrow).given_up == (
        GivenUp(rules[0].name, keys=3, left_rows=4, right_rows=12, heaviest=((5, 2), (4, 0), (3, 0))),
    )


def test_empty_tables_make_no_pairs() -> None:
    assert pairs() == set()


def test_a_meeting_in_parts_has_the_same_pairs() -> None:
    keys = np.array([7, 9, 7, 0, 9, 7, 9, 9, 5], np.uint64)
    whole = within(keys, most=10)
    a, b = whole.pairs()
    for most in (1, 2, 4, 100):
        parts = [part.pairs() for part in whole.parts(most)]
        assert np.array_equal(np.concatenate([part[0] for part in parts]), a)
        assert np.array_equal(np.concatenate([part[1] for part in parts]), b)
    assert {frozenset(pair) for pair in zip(a.tolist(), b.tolist(), strict=True)} == {
        frozenset(pair) for pair in ((0, 2), (0, 5), (2, 5), (1, 4), (1, 6), (1, 7), (4, 6), (4, 7), (6, 7))
    }
    assert list(within(np.zeros(3, np.uint64), most=10).parts()) == []
