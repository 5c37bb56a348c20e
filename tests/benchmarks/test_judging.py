"""Pairs against the truth: what counts as found, missed and false."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.linkage.comparing import thinned
from benchmarks.linkage.judging import one_each, scored, wilson

TRUTH = [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]


def judged(tmp_path, pairs, truth=TRUTH, **options):
    found = pa.table(
        list(zip(*pairs, strict=True)), ["left_id", "right_id", "match_probability", "decision"][: len(pairs[0])]
    )
    pq.write_table(found, tmp_path / "pairs.parquet")
    pq.write_table(pa.table(list(zip(*truth, strict=True)), ["left_id", "right_id"]), tmp_path / "truth.parquet")
    return scored(tmp_path / "pairs.parquet", tmp_path / "truth.parquet", **options)


def test_a_true_pair_that_was_never_compared_is_missed(tmp_path):
    at = judged(tmp_path, [("a", "1", 0.99), ("b", "2", 0.98)]).at()
    assert (at.precision, at.recall, at.f1) == (1.0, 0.5, pytest.approx(2 / 3))


def test_a_second_link_of_a_record_is_false(tmp_path):
    at = judged(tmp_path, [("a", "1", 0.99), ("a", "2", 0.97)]).at()
    assert (at.links, at.right, at.false) == (2, 1, 1)


def test_the_threshold_itself_is_a_link(tmp_path):
    assert judged(tmp_path, [("a", "1", 0.95), ("b", "2", 0.9499)]).at().links == 1


def test_the_best_threshold_leaves_the_false_out(tmp_path):
    pairs = [("a", "1", 0.9), ("b", "2", 0.8), ("c", "3", 0.7), ("a", "9", 0.6), ("b", "9", 0.5), ("d", "4", 0.1)]
    best = judged(tmp_path, pairs).best()
    assert (best.threshold, best.false) == (0.7, 0)


def test_pairs_of_one_probability_are_taken_together(tmp_path):
    found = judged(tmp_path, [("a", "1", 0.7), ("a", "9", 0.7), ("b", "2", 0.9)])
    assert found.curve()[0].tolist() == [0.9, 0.7]
    assert found.at(0.7).links == 3


def test_only_what_the_engine_decided_to_link_counts_where_that_is_asked(tmp_path):
    pairs = [("a", "1", 0.99, "link"), ("a", "9", 0.99, "review")]
    assert judged(tmp_path, pairs, decision="link").at(0.0).false == 0


def test_records_that_an_engine_was_not_given_are_not_missed(tmp_path):
    found = judged(tmp_path, [("a", "1", 0.99)], records=pa.array(["a"]))
    assert found.at().recall == 1


def test_nothing_found_is_no_error(tmp_path):
    pairs = pa.table({"left_id": pa.array([], pa.string()), "right_id": pa.array([], pa.string()),
                      "match_probability": pa.array([], pa.float64())})  # fmt: skip
    pq.write_table(pairs, tmp_path / "none.parquet")
    pq.write_table(pa.table({"left_id": ["a"], "right_id": ["1"]}), tmp_path / "truth.parquet")
    found = scored(tmp_path / "none.parquet", tmp_path / "truth.parquet")
    assert (found.best().f1, thinned(found)) == (0.0, [])


def test_of_each_record_only_the_best_candidate_stays(tmp_path):
    judged(tmp_path, [("a", "9", 0.6), ("b", "2", 0.8), ("a", "1", 0.9)])
    kept = pq.read_table(one_each(tmp_path / "pairs.parquet", tmp_path / "each.parquet")).to_pylist()
    assert {(row["left_id"], row["right_id"]) for row in kept} == {("a", "1"), ("b", "2")}


def test_wilson_as_published():
    assert wilson(8, 10) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))


@given(st.integers(1, 10**6).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_holds_the_share_and_stays_a_share(counts):
    low, high = wilson(*counts)
    assert 0 <= low <= counts[0] / counts[1] + 1e-12 and counts[0] / counts[1] - 1e-12 <= high <= 1


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("12345"), st.floats(0, 1)), min_size=1))
def test_no_threshold_beats_the_best(tmp_path_factory, pairs):
    found = judged(tmp_path_factory.mktemp("pairs"), pairs)
    assert found.best().f1 >= max(found.at(threshold).f1 for *_, threshold in pairs)
