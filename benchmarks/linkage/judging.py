"""Scored pairs held against the truth: precision, recall and F1 over all pairs of the two tables.

Pair-level: a true pair that an engine never compared counts as missed, and each pair of left and right that it calls
a link counts for itself, also where one record gets two links. Intervals are Wilson's, 95 %.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

AT: Final = 0.95  # the fixed threshold of probability
_Z: Final = 1.959964  # 95 %, two-sided
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """What a threshold gives: counts of pairs, and the shares made of them."""

    threshold: float
    links: int
    right: int
    true: int

    @property
    def false(self) -> int:
        """Links that are none."""
        return self.links - self.right

    @property
    def precision(self) -> float:
        """Right links among links; 1 without a link."""
        return self.right / self.links if self.links else 1.0

    @property
    def recall(self) -> float:
        """Right links among true pairs; 1 without a true pair."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """2·right / (links + true); 1 where there is nothing to find and nothing found."""
        total = self.links + self.true
        return 2 * self.right / total if total else 1.0

    @property
    def precision_interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval."""
        return wilson(self.right, self.links)

    @property
    def recall_interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval."""
        return wilson(self.right, self.true)


@dataclass(frozen=True)
class Scored:
    """The pairs of an engine, best first, each told right or wrong; and how many true pairs there are."""

    probability: Numbers
    is_right: Flags
    true: int

    def at(self, threshold: float = AT) -> Judged:
        """Pairs of that probability or more as links."""
        links = int(np.count_nonzero(self.probability >= threshold))
        return Judged(threshold, links, int(self.is_right[:links].sum()), self.true)

    def best(self) -> Judged:
        """The threshold with the highest F1; of several the highest."""
        threshold, precision, recall = self.curve()
        if not len(threshold):
            return self.at()
        both = precision + recall
        f1 = np.divide(2 * precision * recall, both, out=np.zeros_like(both), where=both > 0)
        return self.at(float(threshold[int(np.argmax(f1))]))

    def curve(self) -> tuple[Numbers, Numbers, Numbers]:
        """Thresholds (each distinct probability, falling), precision and recall at each."""
        last = np.flatnonzero(np.diff(self.probability, append=-1.0))
        right = np.cumsum(self.is_right)[last] if len(last) else np.zeros(0)
        return self.probability[last], right / (last + 1), right / max(self.true, 1)


def scored(pairs: Path, truth: Path, *, decision: str | None = None, records: pa.Array | None = None) -> Scored:
    """Pairs (left_id, right_id, match_probability) against truth (left_id, right_id), parquet both.

    `decision`: only pairs that the engine decided so, e.g. `link`, where it writes a column of that name.
    `records`: the left ids that the engine was given, if it was not given all. A pair that stands twice counts twice.
    """
    found = pq.read_table(pairs)
    if decision is not None:
        found = found.filter(pc.equal(found["decision"], decision))
    order = pc.sort_indices(found, sort_keys=[("match_probability", "descending")])
    found = found.take(order)
    known = pq.read_table(truth, columns=["left_id", "right_id"])
    if records is not None:
        known = known.filter(pc.is_in(known["left_id"], records))
    is_right = pc.is_in(_keys(found), _keys(known)).to_numpy(zero_copy_only=False)
    return Scored(found["match_probability"].to_numpy(), is_right, known.num_rows)


def one_each(pairs: Path, out: Path) -> Path:
    """The same pairs, only the best of every record: what an engineer who knows the register may do in one line."""
    found = pq.read_table(pairs).sort_by([("match_probability", "descending")])
    rows = found.append_column("row", pa.array(np.arange(found.num_rows)))
    best = rows.group_by("left_id").aggregate([("row", "min")])["row_min"]
    pq.write_table(found.take(best), out)
    return out


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson (1927), in the form of Brown, Cai, DasGupta (2001); (0, 1) of nothing."""
    if of == 0:
        return 0.0, 1.0
    share, square = hits / of, _Z**2
    centre = (share + square / (2 * of)) / (1 + square / of)
    half = _Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def _keys(table: pa.Table) -> pa.Array:
    columns: Iterable[pa.ChunkedArray] = (table["left_id"].cast(pa.string()), table["right_id"].cast(pa.string()))
    return pc.binary_join_element_wise(*columns, "|")
