"""Probabilities that come true: how the bits of a model are to be read, fitted to pairs of known truth.

The weights stay as they are. A logistic curve of two numbers, slope and shift, turns them into probabilities; it is
fitted to the pairs of one half of the left rows, so that the other half can tell honestly whether it holds.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.linkage.encoding import Flags, keys_of, mix
from transforms.linkage.model import LinkageModel, ModelCalibration
from transforms.linkage.pictures.reports import Calibration, calibration
from transforms.linkage.scoring import Bits, probability_of

LEAST_FALSE = LEAST_TRUE = 50  # pairs among those that are fitted to; of fewer, two numbers tell chance
# How far slope and shift (bits) may be expected from 1 and 0: one false pair in place of a true one outweighs it, and
# a sample in which all true pairs weigh more than all false ones does not run away.
_USUAL_SLOPE, _USUAL_SHIFT = 0.5, 4.0
_LEAST_SLOPE = 0.01


@dataclass(frozen=True)
class Checked:
    """Whether probabilities hold on pairs that nothing was fitted to: as the bits say, and as calibrated."""

    before: Calibration
    after: Calibration


@dataclass(frozen=True)
class Fitted:
    """The model with its calibration, and the check on the other half; the model as it was, and None, where too few
    pairs were false or true. `false` and `true`: how many there were to fit to."""

    model: LinkageModel
    false: int
    true: int
    checked: Checked | None


def fitted(model: LinkageModel, left: pa.ChunkedArray, weight: Bits, is_true: Flags, *, described: str) -> Fitted:
    """The model with a calibration fitted to the pairs of one half of the left rows, checked on the other half's.

    Per pair: the id of its `left` row, its weight in bits and whether it is true. Which half a row is in depends on
    its id alone. `described` says in words what the truth was. Without LEAST_FALSE and LEAST_TRUE pairs in the half
    that is fitted to, or without a pair in the other, there is no calibration.
    """
    held = is_held(left)
    bits, matched = weight[~held], is_true[~held]
    true = int(np.count_nonzero(matched))
    false = len(matched) - true
    if false < LEAST_FALSE or true < LEAST_TRUE or not held.any():
        return Fitted(model, false, true, None)
    slope, shift = logistic(bits, matched)
    found = ModelCalibration(slope=slope, shift=shift, pairs=len(bits), described=described)
    calibrated = model.model_copy(update={"calibration": found})
    return Fitted(calibrated, false, true, checked(calibrated, weight[held], is_true[held]))


def checked(model: LinkageModel, weight: Bits, is_true: Flags) -> Checked:
    """The reliability of the bits taken at their word, and of the probabilities that the model tells."""
    plain = model.model_copy(update={"calibration": None})
    before, after = (calibration(probability_of(weight, each), is_true) for each in (plain, model))
    return Checked(before, after)


def is_held(left: pa.ChunkedArray) -> Flags:
    """Of each pair whether its left row is in the half that nothing is fitted to, by the hash of its id as a text."""
    held: Flags = (mix(keys_of(left.cast(pa.string()))) >> np.uint64(40)) % np.uint64(2) == 1
    return held


def logistic(bits: Bits, is_true: Flags) -> tuple[float, float]:
    """Slope and shift (bits) under which the pairs are likeliest, leaning slightly on 1 and 0.

    The sum that is minimised has one lowest point, which does not depend on where the search begins.
    """
    from scipy.optimize import minimize  # a quarter of a second to load, and most runs fit nothing

    sign = np.where(is_true, -np.log(2.0), np.log(2.0))

    def loss(given: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        slope, shift = given
        against = sign * (slope * bits + shift)
        pull = sign / (1.0 + np.exp(-np.clip(against, -700.0, 700.0)))
        off = (given - [1.0, 0.0]) / [_USUAL_SLOPE, _USUAL_SHIFT]
        value = np.logaddexp(0.0, against).sum() + 0.5 * (off**2).sum()
        return float(value), np.array([pull @ bits, pull.sum()]) + off / [_USUAL_SLOPE, _USUAL_SHIFT]

    bounds = [(_LEAST_SLOPE, None), (None, None)]
    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds,
                     options={"ftol": 1e-13, "gtol": 1e-7, "maxiter": 500})  # fmt: skip
    slope, shift = (round(float(value), 6) for value in found.x)
    return slope, shift
