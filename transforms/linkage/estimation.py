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
from transforms.linkage.pictures.reports import Iteration
from transforms.linkage.scoring import group_of, level_bits

Array = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int8]

PSEUDO_COUNT = {MATCH: 30.0, STRANGER: 100.0}
PSEUDO_COUNT_OF_RELATIVES = 200.0
# No level is impossible. One record in ten thousand may be wrong in any way, so no single disagreement is proof.
SMALLEST = {MATCH: 1e-4, STRANGER: 1e-7}
SMALLEST_OF_RELATIVES = 1e-5
ITERATIONS = 200
STILL = 1e-4  # the largest change of a probability at which the iteration stops


@dataclass(frozen=True)
class Patterns:
    """Distinct level patterns (one int8 column a comparison, -1 missing) and how many pairs have each."""

    levels: dict[str, Levels]
    counts: Array


@dataclass(frozen=True)
class Convergence:
    """`iterations` until the largest change was below `last_change`; `expected` matches and relatives a mention.

    `rounds`: the largest change of every iteration, and the log-likelihood (natural) of the pairs after it.
    """

    iterations: int
    last_change: float
    expected: dict[str, float]
    rounds: tuple[Iteration, ...] = ()


def count_patterns(levels: dict[str, Levels], model: LinkageModel) -> Patterns:
    """The distinct patterns among compared pairs, of the comparisons that were made."""
    return _counted({c.name: levels[c.name] for c in model.comparisons if c.name in levels}, None)


def together(parts: list[Patterns]) -> Patterns:
    """The patterns of several batches as one."""
    levels = {name: np.concatenate([part.levels[name] for part in parts]) for name in parts[0].levels}
    return _counted(levels, np.concatenate([part.counts for part in parts]))


def _counted(levels: dict[str, Levels], counts: Array | None) -> Patterns:
    # A pattern as one value of a few bytes, so that one grouping finds the distinct ones.
    matrix = np.column_stack([(column + 1).astype(np.uint8) for column in levels.values()])
    rows, width = matrix.shape
    pattern = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), rows, [None, pa.py_buffer(matrix.tobytes())])
    table = pa.table({"pattern": pattern, "count": pa.array(np.ones(rows) if counts is None else counts)})
    found = table.group_by("pattern").aggregate([("count", "sum")]).sort_by("pattern")
    distinct = np.frombuffer(b"".join(found["pattern"].to_pylist()), np.uint8)
    columns = distinct.reshape(found.num_rows, width).astype(np.int8) - 1
    return Patterns({name: columns[:, place] for place, name in enumerate(levels)}, found["count_sum"].to_numpy())


def responsibilities(patterns: Patterns, model: LinkageModel, mentions: float) -> dict[str, Array]:
    """P(class | pattern) for every pattern, with the priors of a table of that many mentions."""
    return _shared_out(patterns, model, mentions)[0]


def _shared_out(patterns: Patterns, model: LinkageModel, mentions: float) -> tuple[dict[str, Array], float]:
    # The responsibilities, and the log-likelihood of the pairs under the model.
    bits = {of: _joint_bits(patterns, model, of, mentions) for of in model.classes}
    total = np.logaddexp2.reduce(list(bits.values()))
    return {of: np.exp2(value - total) for of, value in bits.items()}, float(np.log(2.0) * (total @ patterns.counts))


def _joint_bits(patterns: Patterns, model: LinkageModel, of: str, mentions: float) -> Array:
    total = np.zeros(len(patterns.counts))
    for comparison in [comparison for comparison in model.comparisons if comparison.name in patterns.levels]:
        table = level_bits(comparison, model, of)
        total += table[group_of(comparison, patterns.levels, model), patterns.levels[comparison.name]]
    return total if of == STRANGER else total + np.log2(model.expected[of] / mentions)


def estimate_strangers(
    model: LinkageModel, random_pairs: Patterns, mentions: float, having: dict[str, Patterns] | None = None
) -> LinkageModel:
    """The model with P(level | stranger) from pairs picked at random, the few matches among them weighted out.

    `having`: for some comparisons the patterns of that comparison alone, of pairs picked among rows that have its
    values; where few rows do, as with fathers, other pairs would hardly tell.
    """
    learnt = model
    for seen in (random_pairs, *(having or {}).values()):
        weight = responsibilities(seen, model, mentions)[STRANGER] * seen.counts
        learnt = _with_probabilities(learnt, model, {STRANGER: weight}, seen)
    return _like_strangers(learnt)


def _like_strangers(model: LinkageModel) -> LinkageModel:
    # Assumed classes differ from strangers only in the comparisons that they stand for.
    comparisons = []
    for comparison in model.comparisons:
        of_strangers = np.exp2(level_bits(comparison, model, STRANGER))[:, :-1]
        like = {of: of_strangers for of, own in model.assumed.items() if comparison.name not in own}
        comparisons.append(_replaced(comparison, like))
    return model.model_copy(update={"comparisons": tuple(comparisons)})


def estimate_matches(
    model: LinkageModel, blocked: Patterns, mentions: float, seekers: float | None = None, most: float = np.inf
) -> tuple[LinkageModel, Convergence]:
    """The model with every other class learnt by EM from the blocked pairs; strangers stay as they are.

    `mentions`: the rows a partner is sought among. `seekers`: the rows that seek one; of one table's pairs each row
    is on both sides, so half the mentions. `most`: how many matches a seeker may have on average.
    """
    seekers = mentions / 2.0 if seekers is None else seekers
    start, changes, likelihoods = model, list[float](), list[float]()
    found, _ = _shared_out(blocked, model, mentions)
    while len(changes) < ITERATIONS and (not changes or changes[-1] > STILL):
        learnable = [of for of in model.classes if of != STRANGER and of not in model.assumed]
        weights = {of: found[of] * blocked.counts for of in learnable}
        learnt = _with_probabilities(model, start, weights, blocked)
        expected = {of: max(float(weight.sum()) / seekers, 1e-3) for of, weight in weights.items()}
        expected[MATCH] = min(expected[MATCH], most)
        learnt = learnt.model_copy(update={"expected": {**model.expected, **expected}})
        changes.append(_largest_change(model, learnt))
        model = learnt
        found, likelihood = _shared_out(blocked, model, mentions)
        likelihoods.append(likelihood)
    rounds = tuple(map(Iteration, changes, likelihoods))
    return model, Convergence(len(rounds), changes[-1], model.expected, rounds)


def _with_probabilities(
    model: LinkageModel, start: LinkageModel, weights: dict[str, Array], seen: Patterns
) -> LinkageModel:
    comparisons = []
    for comparison, first in zip(model.comparisons, start.comparisons, strict=True):
        of_this = weights if comparison.name in seen.levels else {}
        tables = {of: _learnt(first, start, of, weight, seen) for of, weight in of_this.items()}
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
