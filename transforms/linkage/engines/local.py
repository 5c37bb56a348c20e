"""Linkage on one machine: DuckDB makes the pairs, the comparison runs over batches of them in threads."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from transforms.linkage.comparisons import Levels, levels_of
from transforms.linkage.encoding import Flags, Rows
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.model import Comparison, LinkageModel
from transforms.linkage.packing import Packed
from transforms.linkage.scoring import Bits, ceiling, ruled, score

BATCH = 100_000  # pairs: small enough for the caches of a few threads, large enough to share what is looked up
THREADS = 2


@dataclass(frozen=True)
class Scored:
    """Pairs at or above the review threshold: their rows on either side, weights in bits, levels."""

    a: Rows
    b: Rows
    weight: Bits
    levels: dict[str, Levels]
    by_rule: Flags

    def rows(self, rows: Rows) -> "Scored":
        """Some of the pairs, in that order."""
        levels = {name: found[rows] for name, found in self.levels.items()}
        return Scored(self.a[rows], self.b[rows], self.weight[rows], levels, self.by_rule[rows])


def scored_pairs(
    left: Packed,
    right: Packed,
    a: Rows,
    b: Rows,
    model: LinkageModel,
    frequencies: Frequencies,
    *,
    threads: int = THREADS,
) -> Scored:
    """The pairs of rows that score at or above the review threshold."""
    pack(left, right, model, threads)
    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(lambda cut: _batch(left, right, a[cut], b[cut], model, frequencies), cuts(len(a))))
    return _together(parts)


def pack(left: Packed, right: Packed, model: LinkageModel, threads: int) -> None:
    """Pack every column that the model compares, once, before threads share them; both sides at a time."""
    nothing = np.zeros(0, np.int64)
    with ThreadPoolExecutor(threads) as pool:
        list(
            pool.map(
                lambda side: levels_of(side, nothing, side, nothing, model), {id(s): s for s in (left, right)}.values()
            )
        )
    levels_of(left, nothing, right, nothing, model)
    pa.default_memory_pool().release_unused()  # what packing needed in between, as much as what it leaves


def cuts(count: int) -> Iterator[slice]:
    """Slices of at most BATCH pairs."""
    yield from (slice(*cut) for cut in pairwise([*range(0, max(count, 1), BATCH), count]))


def _batch(left: Packed, right: Packed, a: Rows, b: Rows, model: LinkageModel, frequencies: Frequencies) -> Scored:
    a, b = a.astype(np.int64, copy=False), b.astype(np.int64, copy=False)  # once, not at every look
    # Most pairs fall below the threshold without their relatives, or whatever is still to come: the others only are
    # compared to the end and weighed in full.
    least = model.thresholds.review_bits

    def may_reach(levels: dict[str, Levels], to_come: tuple[Comparison, ...]) -> Rows:
        return np.flatnonzero(ceiling(levels, to_come, left, a, model, frequencies) >= least)

    rows, levels = levels_of(left, a, right, b, model, may_reach)
    a, b = a[rows], b[rows]
    scores, by_rule = ruled(score(levels, left, a, model, frequencies), levels, model)
    rows = np.flatnonzero(scores.weight >= least)
    kept = {name: found[rows] for name, found in levels.items()}
    return Scored(a[rows], b[rows], scores.weight[rows], kept, by_rule[rows])


def _together(parts: list[Scored]) -> Scored:
    a, b = (np.concatenate([getattr(part, side) for part in parts]) for side in ("a", "b"))
    weight, by_rule = np.concatenate([p.weight for p in parts]), np.concatenate([p.by_rule for p in parts])
    levels = {name: np.concatenate([part.levels[name] for part in parts]) for name in parts[0].levels}
    return Scored(a, b, weight, levels, by_rule)
