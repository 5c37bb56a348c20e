"""Learning a model's probabilities from unlabelled mentions: u from random pairs, m and the relatives by EM.

The sample is a set of distinct patterns with their counts, so that an iteration costs the same whatever the
number of pairs. Every estimate leans on the starting model as if it had been seen a few times (pseudo-counts):
a level that the sample never showed keeps a small probability instead of an impossible one.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.linkage.model import MATCH, MISSING, STRANGER, Comparison, Level, LinkageModel
from transforms.linkage.scoring import group_of, level_bits

Array = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int8]

PSEUDO_COUNT = {MATCH: 30.0, STRANGER: 3.0}
PSEUDO_COUNT_OF_RELATIVES = 200.0
# No level is impossible. One record in ten thousand may be wrong in any way, so no single disagreement is proof.
SMALLEST = {MATCH: 1e-4, STRANGER: 1e-7}
SMALLEST_OF_RELATIVES = 1e-5
ITERATIONS = 200
STILL = 1e-5  # the largest change of a probability at which the iteration stops


@dataclass(frozen=True)
class Patterns:
    """Distinct level patterns (one int8 column a comparison, -1 missing) and how many pairs have each."""

    levels: dict[str, Levels]
    counts: Array


@dataclass(frozen=True)
class Convergence:
    """`iterations` until the largest change was below `last_change`; `expected` matches and relatives a mention."""

    iterations: int
    last_change: float
    expected: dict[str, float]


def count_patterns(levels: pa.Table, model: LinkageModel) -> Patterns:
    """The distinct patterns among compared pairs."""
    names = [comparison.name for comparison in model.comparisons]
    counted = levels.select(names).group_by(names).aggregate([([], "count_all")])
    counted = counted.sort_by([(name, "ascending") for name in names])
    columns = {name: np.asarray(counted[name]).astype(np.int8) for name in names}
    return Patterns(columns, np.asarray(counted["count_all"]).astype(np.float64))


def responsibilities(patterns: Patterns, model: LinkageModel, mentions: float) -> dict[str, Array]:
    """P(class | pattern) for every pattern, with the priors of a table of that many mentions."""
    bits = {of: _joint_bits(patterns, model, of, mentions) for of in model.classes}
    total = np.logaddexp2.reduce(list(bits.values()))
    return {of: np.exp2(value - total) for of, value in bits.items()}


def _joint_bits(patterns: Patterns, model: LinkageModel, of: str, mentions: float) -> Array:
    total = np.zeros(len(patterns.counts))
    for comparison in model.comparisons:
        table = level_bits(comparison, model, of)
        total += table[group_of(comparison, patterns.levels, model), patterns.levels[comparison.name]]
    return total if of == STRANGER else total + np.log2(model.expected[of] / mentions)


def estimate_strangers(model: LinkageModel, random_pairs: Patterns, mentions: float) -> LinkageModel:
    """The model with P(level | stranger) from pairs picked at random, the few matches among them weighted out."""
    weight = responsibilities(random_pairs, model, mentions)[STRANGER] * random_pairs.counts
    return _like_strangers(_with_probabilities(model, model, {STRANGER: weight}, random_pairs))


def _like_strangers(model: LinkageModel) -> LinkageModel:
    # Assumed classes differ from strangers only in the comparisons that they stand for.
    comparisons = []
    for comparison in model.comparisons:
        of_strangers = np.exp2(level_bits(comparison, model, STRANGER))[:, :-1]
        like = {of: of_strangers for of, own in model.assumed.items() if comparison.name not in own}
        comparisons.append(_replaced(comparison, like))
    return model.model_copy(update={"comparisons": tuple(comparisons)})


def estimate_matches(model: LinkageModel, blocked: Patterns, mentions: float) -> tuple[LinkageModel, Convergence]:
    """The model with every other class learnt by EM from the blocked pairs; strangers stay as they are."""
    start, change, iteration = model, 1.0, 0
    while change > STILL and iteration < ITERATIONS:
        found = responsibilities(blocked, model, mentions)
        learnable = [of for of in model.classes if of != STRANGER and of not in model.assumed]
        weights = {of: found[of] * blocked.counts for of in learnable}
        learnt = _with_probabilities(model, start, weights, blocked)
        expected = {of: max(2.0 * float(weight.sum()) / mentions, 1e-3) for of, weight in weights.items()}
        learnt = learnt.model_copy(update={"expected": {**model.expected, **expected}})
        change, model, iteration = _largest_change(model, learnt), learnt, iteration + 1
    return model, Convergence(iteration, change, model.expected)


def _with_probabilities(
    model: LinkageModel, start: LinkageModel, weights: dict[str, Array], seen: Patterns
) -> LinkageModel:
    comparisons = []
    for comparison, first in zip(model.comparisons, start.comparisons, strict=True):
        tables = {of: _learnt(first, start, of, weight, seen) for of, weight in weights.items()}
        comparisons.append(_replaced(comparison, tables))
    return model.model_copy(update={"comparisons": tuple(comparisons)})


def _learnt(comparison: Comparison, start: LinkageModel, of: str, weight: Array, seen: Patterns) -> Array:
    prior = np.exp2(level_bits(comparison, start, of))[:, :-1]
    lean = PSEUDO_COUNT.get(of, PSEUDO_COUNT_OF_RELATIVES)
    levels, groups = seen.levels[comparison.name], group_of(comparison, seen.levels, start)
    counts = lean * prior / prior.sum(axis=1, keepdims=True)
    here = levels >= 0
    np.add.at(counts, (groups[here], levels[here]), weight[here])
    shares: Array = np.maximum(counts / counts.sum(axis=1, keepdims=True), SMALLEST.get(of, SMALLEST_OF_RELATIVES))
    return shares


def _replaced(comparison: Comparison, tables: dict[str, Array]) -> Comparison:
    levels = {
        name: _level(comparison, level, {of: table[:, place] for of, table in tables.items()})
        for place, (name, level) in enumerate(comparison.levels.items())
    }
    return comparison.model_copy(update={"levels": levels})


def _level(comparison: Comparison, level: Level, values: dict[str, Array]) -> Level:
    if comparison.given is None:
        return level.model_copy(update={"p": {**(level.p or {}), **{of: float(v[0]) for of, v in values.items()}}})
    by = {
        group: {**(level.by or {})[group], **{of: float(v[place]) for of, v in values.items()}}
        for place, group in enumerate(comparison.given.groups)
    }
    return level.model_copy(update={"by": by})


def _largest_change(before: LinkageModel, after: LinkageModel) -> float:
    changes = [
        np.abs(np.exp2(level_bits(one, before, of)) - np.exp2(level_bits(other, after, of))).max()
        for one, other in zip(before.comparisons, after.comparisons, strict=True)
        for of in before.classes
    ]
    return float(max(changes))


__all__ = [
    "MISSING",
    "Convergence",
    "Patterns",
    "count_patterns",
    "estimate_matches",
    "estimate_strangers",
    "responsibilities",
]
