"""Pairs against the truth: precision, recall and F1 over all pairs, with their intervals."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.pictures.reports import wilson

Bits = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Quality:
    """At one threshold (bits): pairs told, how many of them are false, and the shares with their 95 % intervals."""

    threshold: float
    told: int
    false: int
    precision: float
    precision_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]
    f1: float
    f1_interval: tuple[float, float]

    def to_json(self) -> dict[str, Any]:
        """As a plain mapping."""
        return asdict(self)


def interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) where nothing was tried."""
    return wilson(successes / trials, trials) if trials else (0.0, 1.0)


def evaluate(pairs: pa.Table, truth: pa.Table, thresholds: dict[str, float]) -> dict[str, Quality]:
    """The quality of `pairs` (left_id, right_id, match_weight) at each threshold, and at the `best` one for F1.

    `truth`: left_id, right_id of every true pair; all other pairs are false.
    """
    weight, good = _marked(pairs, truth)
    found = {name: quality(weight, good, truth.num_rows, bits) for name, bits in thresholds.items()}
    return found | {"best": quality(weight, good, truth.num_rows, _best(weight, good, truth.num_rows))}


def _marked(pairs: pa.Table, truth: pa.Table) -> tuple[Bits, Flags]:
    # From the heaviest to the lightest.
    order = np.argsort(-pairs["match_weight"].to_numpy(), kind="stable")
    return pairs["match_weight"].to_numpy()[order], is_true(pairs, truth)[order]


def is_true(pairs: pa.Table, truth: pa.Table) -> Flags:
    """Of each pair (left_id, right_id, of any type) whether it stands in `truth`."""
    known, told = (
        pc.binary_join_element_wise(table["left_id"].cast(pa.string()), table["right_id"].cast(pa.string()), "\x1f")
        for table in (truth, pairs)
    )
    found: Flags = np.asarray(pc.is_in(told, known.combine_chunks())).astype(bool)
    return found


def quality(weight: Bits, good: Flags, true_pairs: int, bits: float) -> Quality:
    """The quality when pairs of at least that weight are told; `weight` descends, `good` marks the true pairs."""
    told = int((weight >= bits).sum())
    right = int(good[:told].sum())
    precision, recall = right / max(told, 1), right / max(true_pairs, 1)
    low, high = interval(right, told + true_pairs - right)
    return Quality(
        threshold=bits,
        told=told,
        false=told - right,
        precision=precision,
        precision_interval=interval(right, told),
        recall=recall,
        recall_interval=interval(right, true_pairs),
        f1=2 * precision * recall / max(precision + recall, 1e-12),
        # F1 = 2J / (1 + J), where J is the share of right pairs among all that are told or true.
        f1_interval=(2 * low / (1 + low), 2 * high / (1 + high)),
    )


def _best(weight: Bits, good: Flags, true_pairs: int) -> float:
    if not len(weight):
        return 0.0
    right = np.cumsum(good)
    f1 = 2 * right / (np.arange(1, len(weight) + 1) + true_pairs)
    return float(weight[int(f1.argmax())])
