"""Calibration: predicted against observed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.linkage.pictures.drawn import LANGUAGES, SVG, assert_quiet, parsed
from transforms.linkage.pictures.reliability import render_reliability_svg
from transforms.linkage.pictures.reports import calibration, wilson

probabilities = st.lists(
    st.tuples(st.sampled_from([0.0, 1e-9, 0.01, 0.3, 0.5, 0.9, 0.999, 1.0]) | st.floats(0, 1), st.booleans()),
    min_size=1,
)


def split(pairs: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([p for p, _ in pairs]), np.array([match for _, match in pairs])


@given(probabilities, st.integers(1, 12))
def test_every_pair_is_in_one_bin_and_bins_rise(pairs: list[tuple[float, bool]], bins: int) -> None:
    found = calibration(*split(pairs), bins)
    predicted = [part.predicted for part in found.bins]
    assert found.count == len(pairs)
    assert predicted == sorted(predicted) and len(found.bins) <= bins + 2
    assert all(0 <= part.low <= part.observed <= part.high <= 1 for part in found.bins)


@given(probabilities, st.randoms())
def test_the_order_of_the_pairs_does_not_matter(pairs: list[tuple[float, bool]], random: object) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert calibration(*split(shuffled), 5) == calibration(*split(pairs), 5)


def test_bins_between_the_sure_ends_are_of_equal_size() -> None:
    inner = np.linspace(0.01, 0.99, 400)
    found = calibration(np.concatenate([inner, np.ones(5000), np.zeros(70)]), np.ones(5470, bool), 4)
    assert [part.count for part in found.bins] == [70, 100, 100, 100, 100, 5000]


def test_pairs_of_equal_probability_share_a_bin() -> None:
    found = calibration(np.array([0.2, 0.4, 0.4, 0.4, 0.4, 0.4, 0.8]), np.ones(7, bool), 3)
    assert [part.count for part in found.bins] == [6, 1]


def test_probabilities_that_come_true_as_often_as_they_say_hold() -> None:
    random = np.random.default_rng(5)
    p = random.uniform(0.02, 0.98, 20_000)
    honest = calibration(p, random.random(len(p)) < p, 10)
    boastful = calibration(p, random.random(len(p)) < p * p, 10)
    assert sum(part.holds for part in honest.bins) >= 8
    assert sum(part.holds for part in boastful.bins) <= 2


def test_the_expected_error_is_the_mean_distance_of_a_pairs_bin() -> None:
    found = calibration(np.array([0.2, 0.2, 0.2, 0.8]), np.array([True, False, False, True]), 2)
    assert found.error == pytest.approx((3 * (1 / 3 - 0.2) + 0.2) / 4)


def test_a_share_expected_by_another_source_is_taken_for_the_truth() -> None:
    (part,) = calibration(np.array([0.4, 0.4]), np.array([0.25, 0.75]), 1).bins
    assert (part.observed, part.count) == (0.5, 2)


def test_wilsons_interval() -> None:
    # Of ten cases none: the textbook's 0 to 0.2775.
    assert wilson(0.0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert wilson(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_all_that_is_wrong_is_told_together() -> None:
    with pytest.raises(ValueError) as told:
        calibration(np.array([0.5, np.nan, 2.0]), np.array([True, False]), 0)
    assert all(part in str(told.value) for part in ("(3,)", "(2,)", "2 of the probabilities", "at least one bin"))


def test_no_pairs_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        calibration(np.array([]), np.array([], bool))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_curve_has_a_point_a_bin_on_its_sheet(lang: str) -> None:
    found = calibration(np.array([0.0, 1e-12, 0.2, 0.7, 1.0]), np.array([False, False, True, False, True]), 3)
    svg = render_reliability_svg(found, lang=lang)
    points = [g[2] for g in parsed(svg).iter(f"{SVG}g") if g.get("class") == "bin"]
    assert len(points) == len(found.bins)
    assert all(80 <= float(p.get("cx", "")) <= 524 and 86 <= float(p.get("cy", "")) <= 470 for p in points)
    assert_quiet(svg)
