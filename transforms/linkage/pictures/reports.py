"""What training and evaluation tell about a model: how the iteration went, and whether its probabilities hold."""

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SURE_BITS = 20.0  # log2 odds of about a million to one
_SURE = 1.0 / (1.0 + 2.0**SURE_BITS)
_NORMAL_95 = 1.959963984540054  # two-sided 95 % quantile of the normal distribution


class Iteration(NamedTuple):
    """One round of EM: the largest change of any probability, and the log-likelihood of the pairs after it."""

    largest_change: float
    log_likelihood: float


@dataclass(frozen=True)
class TrainingReport:
    """What a model was learnt from, as counts, and how the iteration converged, first round first."""

    mentions: int
    pairs: int  # candidate pairs that the blocking rules made
    random_pairs: int  # pairs picked at random, for u
    iterations: tuple[Iteration | tuple[float, float], ...]


@dataclass(frozen=True)
class CalibrationBin:
    """Pairs of similar probability: what was predicted on average, what came true, and its 95 % interval."""

    count: int
    predicted: float
    observed: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the prediction lies within the interval of what was observed."""
        return self.low <= self.predicted <= self.high


@dataclass(frozen=True)
class Calibration:
    """Bins of pairs from the least probable to the most; `count` pairs in all."""

    bins: tuple[CalibrationBin, ...]

    @property
    def count(self) -> int:
        """All pairs."""
        return sum(part.count for part in self.bins)

    @property
    def error(self) -> float:
        """The expected calibration error: how far a bin lies from what was observed, on average of the pairs."""
        return sum(part.count * abs(part.predicted - part.observed) for part in self.bins) / max(self.count, 1)


def calibration(
    probability: npt.NDArray[np.float64], is_match: npt.NDArray[np.bool_] | npt.NDArray[np.float64], bins: int = 10
) -> Calibration:
    """How often pairs of each predicted probability were matches.

    `probability`: per pair what the model said, 0 to 1. `is_match`: per pair the truth, or where none is known the
    share expected by another source, 0 to 1. Out: at most `bins` bins of about equally many pairs, and before and
    after them one of the pairs that are sure (beyond SURE_BITS), which would otherwise fill most of the bins. Pairs
    of equal probability share one, so that the order of the pairs does not matter. ValueError tells all that is wrong.
    """
    predicted, matched = np.asarray(probability, np.float64), np.asarray(is_match, np.float64)
    if faults := _faults(predicted, matched, bins):
        raise ValueError("calibration: " + "; ".join(faults))
    order = np.lexsort((matched, predicted))
    predicted, matched = predicted[order], matched[order]
    tails = np.searchsorted(predicted, [_SURE, 1.0 - _SURE], side="left")
    inner = tails[0] + _equal_cuts(predicted[slice(*tails)], bins)
    parts = np.split(np.arange(len(predicted)), np.unique([*tails, *inner]))
    return Calibration(tuple(_bin(predicted[part], matched[part]) for part in parts if len(part)))


def _equal_cuts(predicted: npt.NDArray[np.float64], bins: int) -> npt.NDArray[np.intp]:
    # Where the next value begins at or after each quantile: equal values are never parted.
    first = np.flatnonzero(np.diff(predicted, prepend=-1.0))
    wanted = np.arange(1, bins) * len(predicted) / bins
    starts = np.append(first, len(predicted))
    cuts: npt.NDArray[np.intp] = starts[np.searchsorted(starts, wanted)]
    return cuts


def _faults(predicted: npt.NDArray[np.float64], matched: npt.NDArray[np.float64], bins: int) -> list[str]:
    faults = []
    if predicted.shape != matched.shape or predicted.ndim != 1:
        faults.append(f"one truth a pair is needed, got {predicted.shape} probabilities and {matched.shape} truths")
    if not predicted.size:
        faults.append("no pairs were given")
    for name, values in (("probabilities", predicted), ("truths", matched)):
        outside = int((~((values >= 0) & (values <= 1))).sum())
        if outside:
            faults.append(f"{outside} of the {name} are not between 0 and 1")
    return faults if bins >= 1 else [*faults, f"at least one bin is needed, got {bins}"]


def _bin(predicted: npt.NDArray[np.float64], matched: npt.NDArray[np.float64]) -> CalibrationBin:
    count, observed = len(predicted), float(np.clip(matched.mean(), 0.0, 1.0))
    low, high = wilson(observed, count)
    return CalibrationBin(count, float(predicted.mean()), observed, low, high)


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share seen in `count` cases (Wilson 1927), which stays between 0 and 1."""
    z2 = _NORMAL_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = _NORMAL_95 / (1 + z2 / count) * sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return max(min(middle - half, share), 0.0), min(max(middle + half, share), 1.0)
