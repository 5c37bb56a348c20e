"""The one comparison: two batches in, levels out."""

from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.linkage.district import district
from tests.transforms.linkage.drawn import Mention, mention, number, table
from transforms.linkage import default_model
from transforms.linkage.comparisons import agreements, compare, level_of, levels_of, patterns
from transforms.linkage.packing import Packed

MODEL = default_model()
HIS = number("1990-03-15", 123)


def levels(left: Mention, right: Mention) -> dict[str, str]:
    found = compare(table(left), table(right), MODEL).to_pylist()[0]
    names = {comparison.name: comparison.level_names for comparison in MODEL.comparisons}
    return {name: names[name][place] if place >= 0 else "-" for name, place in found.items()}


def some(**told: object) -> Mention:
    return mention("births", "B1", "child", **told)


def test_what_is_missing_on_one_side_has_no_level() -> None:
    assert set(levels(some(name="张伟"), some(sex="1")).values()) == {"-"}


@pytest.mark.parametrize(
    ("other", "level"),
    [
        ({"id_no": HIS}, "same"),
        ({"id_no_text": HIS[:6] + HIS[8:17]}, "same"),  # fifteen digits
        ({"id_no_text": HIS[:16] + "9" + HIS[17]}, "near"),
        ({"id_no_text": HIS[:15] + HIS[16] + HIS[15] + HIS[17]}, "near"),
        ({"id_no": number("1990-03-15", 456)}, "first_14"),
        ({"id_no": number("1981-07-02", 77)}, "different"),
        ({"id_no_text": "110101196001010000"}, "doubtful"),
        ({"id_no": number("1960-01-01", 11), "father_id_no": HIS}, "relatives"),
        ({"id_no": HIS, "father_id_no": HIS}, "relatives_own"),
    ],
)
def test_level_of_two_identity_numbers(other: dict[str, str], level: str) -> None:
    assert levels(some(id_no=HIS), some(**other))["id_no"] == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ({"father_name": "张三", "father_id_no": HIS}, {"father_name": "张叁", "father_id_no": HIS}, "number"),
        ({"father_name": "张三"}, {"father_name": "张三", "father_id_no": HIS}, "name"),
        ({"father_name": "张建国"}, {"father_name": "张健国"}, "similar_name"),
        ({"father_name": "张三"}, {"father_name": "李四"}, "different"),
        ({"father_name": "张三", "father_id_no": HIS}, {"father_name": "张三", "father_id_no": number("1961-01-01", 3)},
         "name_other_number"),
    ],
)  # fmt: skip
def test_level_of_two_fathers(left: dict[str, str], right: dict[str, str], level: str) -> None:
    assert levels(some(**left), some(**right))["father"] == level


def test_a_relative_of_unstated_relation_is_found_among_the_other_sides_parents() -> None:
    assert levels(some(relative_name="张三"), some(mother_name="李四", father_name="张三"))["relative"] == "named"
    assert levels(some(relative_name="张三"), some(mother_name="李四"))["relative"] == "not_named"


def test_a_former_name_is_recognised() -> None:
    assert levels(some(name="王浩"), some(name="杨宇", former_name="王浩"))["name"] == "former"


def test_addresses_are_alike_at_every_degree() -> None:
    place: dict[str, str | None] = {
        "address_key": "柳泉路92-银座佳苑23-3-701",
        "township_code": "370303006",
        "division_code": "370303",
    }
    moved: list[tuple[dict[str, str | None], str]] = [
        ({}, "same"),
        ({"address_key": "柳泉路92银座佳苑23-3-701"}, "similar"),
        ({"address_key": "昌国路1"}, "township"),
        ({"address_key": "昌国路1", "township_code": "370303001"}, "division"),
        ({"address_key": "昌国路1", "township_code": None, "division_code": "370304"}, "different"),
    ]
    found = [levels(some(**place), some(**(place | change)))["address"] for change, _ in moved]
    assert found == [level for _, level in moved]


def test_a_column_that_the_data_lack_counts_as_missing() -> None:
    both = table(some(name="张伟")).drop_columns(["phone"])
    assert compare(both, both, MODEL)["phone"].to_pylist() == [-1]


def test_batches_and_whole_tables_give_the_same_levels() -> None:
    mentions = district(12, seed=3).mentions
    a, b = (np.array(rows) for rows in zip(*product(range(40), range(40)), strict=True))
    packed = Packed(mentions)
    _, levels = levels_of(packed, a, packed, b, MODEL)
    batch = compare(mentions.take(a), mentions.take(b), MODEL)
    assert {name: column.tolist() for name, column in levels.items()} == batch.to_pydict()


def test_what_is_worth_comparing_is_compared_to_the_end() -> None:
    mentions = district(12, seed=3).mentions
    packed, rows = Packed(mentions), np.arange(20)
    _, all_levels = levels_of(packed, rows, packed, rows[::-1], MODEL)
    kept, some = levels_of(packed, rows, packed, rows[::-1], MODEL, lambda levels, to_come: np.array([3, 5]))
    assert kept.tolist() == [3, 5]
    assert all((some[name] == column[[3, 5]]).all() for name, column in all_levels.items())


@given(st.integers(0, 2**32), st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_levels_do_not_depend_on_the_side(first: int, second: int) -> None:
    mentions = district(10, seed=5).mentions
    a, b = mentions.take([first % mentions.num_rows]), mentions.take([second % mentions.num_rows])
    assert compare(a, b, MODEL).equals(compare(b, a, MODEL))


def test_a_pattern_has_a_letter_a_comparison() -> None:
    both = table(some(name="张伟", sex="1"))
    packed, row = Packed(both), np.arange(1)
    pattern = patterns(levels_of(packed, row, packed, row, MODEL)[1]).to_pylist()[0]
    assert len(pattern) == len(MODEL.comparisons)
    assert pattern[MODEL.position("name")] == "0"
    assert pattern[MODEL.position("phone")] == "-"


@pytest.mark.parametrize(
    ("name", "kind", "same"),
    [("name", "name", ["same"]), ("birth_date", "date", ["same"]), ("phone", "exact", ["same"]),
     ("address", "address", ["same"]), ("father", "relative", ["name", "name_other_number"])],
)  # fmt: skip
def test_agreement_in_closed_form_is_what_all_pairs_show(name: str, kind: str, same: list[str]) -> None:
    rng = np.random.default_rng(8)

    def rows(count: int) -> pa.Table:
        drawn = {
            column: pa.array(
                [
                    None if one == 0 else f"{'张王李赵'[one % 4]}{'甲乙丙'[one % 3]}"
                    for one in rng.integers(0, 30, count)
                ]
            )
            for column in ("name", "father_name", "address_key")
        }
        numbers = pa.array([None if one < 5 else f"37030319900101{one:03d}X" for one in rng.integers(0, 40, count)])
        days = pa.array([None if one == 0 else one for one in rng.integers(0, 12, count).tolist()], pa.int32())
        phones = pa.array(rng.integers(100, 110, count)).cast(pa.string())
        return pa.table({**drawn, "father_id_no": numbers, "birth_date": days.cast(pa.date32()), "phone": phones})

    comparison = default_model().comparison(name)
    assert comparison.kind == kind
    left, right = Packed(rows(70)), Packed(rows(90))
    a, b = (found.ravel() for found in np.meshgrid(np.arange(70), np.arange(90), indexing="ij"))
    levels = level_of(left, a, right, b, default_model(), comparison)
    there = left.there(comparison.columns[0])[a] & right.there(comparison.columns[0])[b]
    shown = sum(np.mean(levels[there] == comparison.level_names.index(level)) for level in same)
    if kind == "relative":  # where the number is the same nobody asks for the name
        names = [packed.names(comparison.columns[0]).chars for packed in (left, right)]
        shown = np.mean((names[0][a] == names[1][b])[there])
    known = agreements(left, right, comparison)
    assert set(known) == set(same)
    assert sum(known.values()) == pytest.approx(shown)
