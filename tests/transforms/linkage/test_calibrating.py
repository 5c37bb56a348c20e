"""Probabilities fitted to pairs of known truth, and where links begin when the truth is known."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from transforms.linkage import LinkageModel, load_model
from transforms.linkage.calibrating import LEAST_FALSE, LEAST_TRUE, Fitted, checked, fitted, is_held, logistic
from transforms.linkage.model import ModelCalibration, dump_model
from transforms.linkage.training import LEAST_LINK_BITS, caution, with_link_threshold, within_truth

Bits = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
MODEL = load_model("""
comparisons: [{name: name, kind: text}]
blocking: {rules: [{name: name, agree: [name]}]}
""")
PAIRS = 40_000
IDS = pa.chunked_array([pa.array(np.arange(PAIRS) // 2)])  # two candidates a row of the left


def world(slope: float, shift: float, seed: int = 1) -> tuple[Bits, Flags]:
    """Weights, and a truth in which they come true as slope and shift say."""
    rng = np.random.default_rng(seed)
    bits = rng.normal(3.0, 9.0, PAIRS)
    return bits, rng.random(PAIRS) < 1 / (1 + 2.0 ** -(slope * bits + shift))


def fit(bits: Bits, is_true: Flags, ids: pa.ChunkedArray = IDS) -> Fitted:
    return fitted(MODEL, ids, bits, is_true, described="a made-up world")


def of(found: Fitted) -> ModelCalibration:
    assert found.model.calibration is not None
    return found.model.calibration


def bounded(model: LinkageModel, bound: float) -> LinkageModel:
    return model.model_copy(
        update={"thresholds": model.thresholds.model_copy(update={"false_link_bound": bound, "link_bits": 0.0})}
    )


def test_weights_too_sure_of_themselves_are_stretched_until_they_hold_on_the_other_half() -> None:
    found = fit(*world(0.6, -1.0))
    assert of(found).slope == pytest.approx(0.6, abs=0.03)
    assert of(found).shift == pytest.approx(-1.0, abs=0.15)
    assert found.checked is not None
    before, after = found.checked.before, found.checked.after
    assert sum(part.holds for part in after.bins) >= 0.8 * len(after.bins) > sum(part.holds for part in before.bins)
    assert after.error < 0.015 < 0.04 < before.error


def test_weights_that_hold_are_left_about_as_they_are() -> None:
    found = fit(*world(1.0, 0.0))
    assert (of(found).slope, of(found).shift) == (pytest.approx(1.0, abs=0.04), pytest.approx(0.0, abs=0.15))
    assert found.checked is not None
    assert found.checked.after.error == pytest.approx(found.checked.before.error, abs=0.005)


def test_nothing_is_fitted_to_the_half_that_is_checked() -> None:
    bits, is_true = world(0.6, -1.0)
    held = is_held(IDS)
    one, other = fit(bits, is_true), fit(bits, is_true ^ held)
    assert one.model == other.model
    assert one.checked is not None and other.checked is not None
    assert one.checked.after.count == other.checked.after.count == np.count_nonzero(held)
    assert other.checked.after.error > 0.5 > one.checked.after.error
    assert of(one).pairs == PAIRS - np.count_nonzero(held)


def test_the_half_of_a_row_depends_on_its_id_alone() -> None:
    held = is_held(IDS)
    assert np.array_equal(held[::2], held[1::2])
    assert 0.48 < held.mean() < 0.52
    order = np.random.default_rng(3).permutation(PAIRS)
    assert np.array_equal(is_held(IDS.take(pa.array(order))), held[order])
    assert np.array_equal(is_held(IDS.cast(pa.string())), held)


def test_a_perfectly_separated_sample_does_not_run_away() -> None:
    slope, shift = logistic(np.repeat([-1.0, 1.0], 5_000), np.repeat([False, True], 5_000))
    assert 1.0 < slope < 12.0
    assert shift == pytest.approx(0.0, abs=1e-4)


def test_the_slope_stays_above_nothing_where_weights_say_the_contrary() -> None:
    slope, _ = logistic(np.repeat([-9.0, 9.0], 500), np.repeat([True, False], 500))
    assert 0.0 < slope < 0.02


def test_the_likeliest_slope_and_shift_are_found() -> None:
    bits, is_true = world(0.7, 2.0, seed=5)
    slope, shift = logistic(bits, is_true)

    def likelihood(slope: float, shift: float) -> float:
        told = slope * bits + shift
        return float(-np.logaddexp2(0.0, np.where(is_true, -told, told)).sum())

    best = likelihood(slope, shift)
    around = [likelihood(slope + a, shift + b) for a in (-0.02, 0.0, 0.02) for b in (-0.1, 0.0, 0.1) if a or b]
    assert best > max(around)


@pytest.mark.parametrize("lacking", [True, False])
def test_too_few_pairs_of_either_kind_leave_the_model_alone(lacking: bool) -> None:
    bits, is_true = world(1.0, 0.0)
    kept = np.flatnonzero(~is_held(IDS) & (is_true == lacking))[: (LEAST_TRUE if lacking else LEAST_FALSE)]
    rows = np.concatenate([kept, np.flatnonzero(is_true != lacking), np.flatnonzero(is_held(IDS))])
    enough, few = (fit(bits[some], is_true[some], IDS.take(pa.array(some))) for some in (rows, rows[1:]))
    assert enough.model.calibration is not None
    assert (few.model, few.checked) == (MODEL, None)
    assert (few.true if lacking else few.false) == len(kept) - 1


def test_without_a_pair_in_the_other_half_there_is_no_calibration() -> None:
    bits, is_true = world(1.0, 0.0)
    rows = np.flatnonzero(~is_held(IDS))
    assert fit(bits[rows], is_true[rows], IDS.take(pa.array(rows))).checked is None
    assert fit(bits[:0], is_true[:0], IDS.slice(0, 0)).checked is None


def test_a_calibrated_model_written_and_read_again_keeps_it() -> None:
    model = fit(*world(0.6, -1.0)).model
    assert load_model(dump_model(model)) == model
    assert "calibration:" not in dump_model(MODEL)


def test_before_is_what_the_bits_alone_say() -> None:
    bits, is_true = world(0.6, -1.0)
    found = fit(bits, is_true)
    assert checked(found.model, bits, is_true).before == checked(MODEL, bits, is_true).after


@pytest.mark.parametrize("seed", range(3))
def test_links_stay_within_the_bound_on_the_truth(seed: int) -> None:
    bits, is_true = world(0.6, -1.0, seed)
    for bound in (0.001, 0.01):
        expected = with_link_threshold(bounded(fit(bits, is_true).model, bound), bits)
        found = within_truth(expected, bits, is_true).thresholds.link_bits
        linked = bits >= found
        assert linked.sum() > 1_000
        assert (~is_true[linked]).mean() <= bound
        # Half a bit lower it would not have been, or the probabilities, or the least of all thresholds, forbid it.
        assert found == expected.thresholds.link_bits or (~is_true[bits >= found - 0.5]).mean() > bound


def test_a_false_pair_that_was_expected_counts_once_where_probabilities_hold() -> None:
    bits, is_true = world(1.0, 0.0)
    plain = bounded(MODEL, 1e-4)
    known = bounded(fit(bits, is_true).model, 1e-4)
    assert (caution(plain), caution(known)) == (20.0, 1.0)
    assert with_link_threshold(known, bits).thresholds.link_bits < with_link_threshold(plain, bits).thresholds.link_bits


def test_where_links_begin_follows_the_calibrated_probabilities() -> None:
    bits, _ = world(1.0, 0.0)
    sure, unsure = (
        bounded(MODEL, 1e-4).model_copy(update={"calibration": ModelCalibration(slope=slope, shift=0.0)})
        for slope in (1.0, 0.7)
    )
    assert with_link_threshold(sure, bits).thresholds.link_bits < with_link_threshold(unsure, bits).thresholds.link_bits


def test_the_truth_raises_the_threshold_to_above_what_is_false() -> None:
    weight = np.array([40.0] * 50 + [15.2] + [12.0] * 50)
    is_true = weight != 15.2
    assert within_truth(bounded(MODEL, 1e-5), weight, is_true).thresholds.link_bits == 15.5
    assert within_truth(bounded(MODEL, 0.015), weight, is_true).thresholds.link_bits == 0.0  # one of a hundred and one


def test_where_the_heaviest_pair_is_false_nothing_is_linked() -> None:
    weight = np.array([40.0, 39.0, 38.0])
    found = within_truth(bounded(MODEL, 1e-5), weight, np.array([False, True, True]))
    assert found.thresholds.link_bits == 40.5


def test_the_truth_leaves_a_threshold_without_a_bound_and_one_without_pairs() -> None:
    weight, false = np.array([40.0]), np.array([False])
    assert within_truth(bounded(MODEL, 0.0), weight, false).thresholds.link_bits == 0.0
    assert within_truth(bounded(MODEL, 1e-5), weight[:0], false[:0]).thresholds.link_bits == 0.0
    assert within_truth(bounded(MODEL, 1e-5), weight - 35, false).thresholds.link_bits == LEAST_LINK_BITS
