"""Pairs against the truth."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.linkage.evaluation import evaluate, interval, is_true


def pairs(*rows: tuple[str, str, float]) -> pa.Table:
    left, right, weight = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table({"left_id": pa.array(left, pa.string()), "right_id": pa.array(right, pa.string()),
                     "match_weight": pa.array(weight, pa.float64())})  # fmt: skip


TRUTH = pa.table({"left_id": ["a", "b", "c", "d"], "right_id": ["1", "2", "3", "4"]})
FOUND = pairs(("b", "2", 8.0), ("a", "1", 12.0), ("c", "9", 6.0), ("d", "4", 2.0))


def test_at_a_threshold() -> None:
    found = evaluate(FOUND, TRUTH, {"link": 5.0})["link"]
    assert (found.told, found.false) == (3, 1)
    assert (found.precision, found.recall) == (pytest.approx(2 / 3), 0.5)
    assert found.f1 == pytest.approx(4 / 7)


def test_a_pair_at_the_threshold_counts() -> None:
    assert evaluate(FOUND, TRUTH, {"link": 8.0})["link"].told == 2


def test_the_best_threshold_is_where_f1_is_highest() -> None:
    best = evaluate(FOUND, TRUTH, {})["best"]
    assert (best.threshold, best.told, best.f1) == (2.0, 4, pytest.approx(0.75))


def test_the_order_of_the_pairs_does_not_matter() -> None:
    assert evaluate(FOUND.take([3, 1, 0, 2]), TRUTH, {"x": 5.0}) == evaluate(FOUND, TRUTH, {"x": 5.0})


def test_ids_of_other_types_are_the_same_ids() -> None:
    truth = pa.table({"left_id": [1], "right_id": [2]})
    assert is_true(pairs(("1", "2", 1.0), ("12", "", 1.0)), truth).tolist() == [True, False]


def test_no_pairs_at_all() -> None:
    found = evaluate(pairs(), TRUTH, {"link": 5.0})
    for each in found.values():
        assert (each.told, each.recall, each.f1, each.precision_interval) == (0, 0.0, 0.0, (0.0, 1.0))


def test_the_interval_of_a_share() -> None:
    low, high = interval(90, 100)  # Wilson's example of a share of 0.9 seen in a hundred
    assert (low, high) == (pytest.approx(0.8256, abs=1e-4), pytest.approx(0.9448, abs=1e-4))
    assert interval(0, 0) == (0.0, 1.0)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 80))
def test_every_share_lies_in_its_interval(right: int, wrong: int, missed: int) -> None:
    truth = pa.table({"left_id": [f"t{n}" for n in range(right + missed)], "right_id": ["x"] * (right + missed)})
    rows = [(f"t{n}", "x", 9.0) for n in range(right)] + [(f"f{n}", "x", 9.0) for n in range(wrong)]
    found = evaluate(pairs(*rows), truth, {"link": 1.0})["link"]
    for share in ("recall", "f1") + (("precision",) if rows else ()):
        low, high = getattr(found, f"{share}_interval")
        assert 0 <= low <= getattr(found, share) + 1e-12
        assert getattr(found, share) <= high + 1e-12 <= 1 + 1e-9
