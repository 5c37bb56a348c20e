"""What clerks have decided about pairs of mentions."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.evidence import Evidence, Pair, Rows, rows_of


@dataclass(frozen=True)
class Clerks:
    """What clerks have decided: pairs of rows, in a fixed order, that are one person or are two."""

    same: list[Pair]
    different: list[Pair]

    @property
    def rows(self) -> Rows:
        """Every row that a decision is about."""
        return np.array(sorted({row for pair in (*self.same, *self.different) for row in pair}), np.int64)


def decided(evidence: Evidence, decisions: pa.Table | None) -> Clerks:
    """The clerks' decisions (mention_a, mention_b, decision `same` or `different`) whose mentions still exist."""
    if decisions is None or not decisions.num_rows:
        return Clerks([], [])
    return Clerks(*(_decided(evidence, decisions, word) for word in ("same", "different")))


def _decided(evidence: Evidence, decisions: pa.Table, word: str) -> list[Pair]:
    chosen = decisions.filter(pc.equal(decisions["decision"], word))
    a, b = (rows_of(chosen[side], evidence) for side in ("mention_a", "mention_b"))
    here = (a >= 0) & (b >= 0) & (a != b)
    return sorted(set(zip(np.minimum(a, b)[here].tolist(), np.maximum(a, b)[here].tolist(), strict=True)))
