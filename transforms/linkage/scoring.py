"""From levels to bits and probability, against strangers and against every kind of relative."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transforms.linkage.comparisons import ABSENT
from transforms.linkage.encoding import Flags, Rows
from transforms.linkage.frequencies import Frequencies
from transforms.linkage.model import MATCH, MISSING, STRANGER, Comparison, LinkageModel
from transforms.linkage.packing import Packed

Bits = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int8]

_BELOW = 0.01  # bits
_LEVELS = 11  # more than any comparison has: a pattern of 18 comparisons is a number of 63 bits


@dataclass(frozen=True)
class Scores:
    """Per pair: bits of posterior odds with the prior, and the probability that they stand for in that model."""

    weight: Bits
    probability: Bits


def level_bits(comparison: Comparison, model: LinkageModel, of: str) -> Bits:
    """log2 P(level | class `of`): one row a group of the conditioning comparison (one if none), one column a level.

    The last column is for a missing value, which says nothing.
    """
    groups: list[str | None] = [None] if comparison.given is None else list(comparison.given.groups)
    rows = [[level.probability(group, of) for level in comparison.levels.values()] + [1.0] for group in groups]
    bits: Bits = np.log2(np.array(rows))
    return bits


def group_of(comparison: Comparison, levels: dict[str, Levels], model: LinkageModel) -> npt.NDArray[np.intp]:
    """Per pair, the row of level_bits: which group the conditioning comparison fell into."""
    if comparison.given is None:
        return np.zeros(len(levels[comparison.name]), np.intp)
    names = [*model.comparison(comparison.given.comparison).level_names, MISSING]
    table = np.empty(len(names), np.intp)
    for place, members in enumerate(comparison.given.groups.values()):
        for member in members:
            table[names.index(member)] = place
    found: npt.NDArray[np.intp] = table[levels[comparison.given.comparison]]
    return found


def class_bits(levels: dict[str, Levels], model: LinkageModel, of: str) -> Bits:
    """log2 P(all levels of the pair | class), value frequencies aside."""
    first = next(iter(levels.values()))
    total: Bits = np.zeros(len(first))
    for comparison in model.comparisons:
        total += level_bits(comparison, model, of)[group_of(comparison, levels, model), levels[comparison.name]]
    return total


def frequency_bits(comparison: Comparison, levels: Levels, left: Packed, a: Rows, frequencies: Frequencies) -> Bits:
    """What the frequency of the value that agrees adds to log2 P(level | stranger), 0 elsewhere.

    The level's own probability is the average over values: a common name agrees more often than that.
    """
    added: Bits = np.zeros(len(levels))
    for place, level in enumerate(comparison.levels.values()):
        rows = np.flatnonzero(levels == place) if level.by_frequency else np.zeros(0, np.int64)
        if len(rows):
            added[rows] = frequencies.bits(comparison, left)[a[rows]] - np.log2(level.probability(None, STRANGER))
    return added


def prior_bits(model: LinkageModel, frequencies: Frequencies) -> float:
    """log2 of the odds that two mentions picked at random are one person."""
    return float(np.log2(model.expected[MATCH] / frequencies.count))


def ceiling(
    levels: dict[str, Levels],
    to_come: tuple[Comparison, ...],
    left: Packed,
    a: Rows,
    model: LinkageModel,
    frequencies: Frequencies,
) -> Bits:
    """The most that each pair can weigh: without relatives, and with the best levels in the comparisons to come."""
    total = np.full(len(a), prior_bits(model, frequencies))
    for comparison in model.comparisons:
        table = level_bits(comparison, model, MATCH) - level_bits(comparison, model, STRANGER)
        if comparison in to_come:
            total += table.max() + _rarest(comparison, frequencies)
            continue
        found = levels[comparison.name]
        total += table[0][found] if comparison.given is None else table[group_of(comparison, levels, model), found]
        total -= frequency_bits(comparison, found, left, a, frequencies)
    return total


def _rarest(comparison: Comparison, frequencies: Frequencies) -> float:
    # What the rarest value adds to a level that weighs by frequency.
    rarest = frequencies.shares(comparison).unseen
    weighed = [level.probability(None, STRANGER) for level in comparison.levels.values() if level.by_frequency]
    return max([0.0, *(float(np.log2(p)) - rarest for p in weighed)])


def score(levels: dict[str, Levels], left: Packed, a: Rows, model: LinkageModel, frequencies: Frequencies) -> Scores:
    """Weights and probabilities of pairs; rows `a` of `left` are their left mentions, for the values' frequencies.

    The odds are P(match) against the sum over strangers and relatives, each with how common it is.
    """
    by_value = sum(
        (frequency_bits(c, levels[c.name], left, a, frequencies) for c in model.comparisons), np.zeros(len(a))
    )
    distinct, place = distinct_patterns(levels)
    against: Bits = np.full(len(a), -np.inf)
    for other in model.alternatives:
        bits = class_bits(distinct, model, other)[place]
        bits = bits + by_value if other == STRANGER else bits + np.log2(model.expected[other] / frequencies.count)
        against = np.logaddexp2(against, bits)
    weight = class_bits(distinct, model, MATCH)[place] + prior_bits(model, frequencies) - against
    return Scores(weight, probability_of(weight, model))


def distinct_patterns(levels: dict[str, Levels]) -> tuple[dict[str, Levels], Rows]:
    """The distinct patterns, and for each pair the place of its own: pairs are many, patterns few."""
    code = np.zeros(len(next(iter(levels.values()))), np.int64)
    for column in levels.values():
        code = code * _LEVELS + column
    _, first, place = np.unique(code, return_index=True, return_inverse=True)
    return {name: column[first] for name, column in levels.items()}, place


def ruled(scores: Scores, levels: dict[str, Levels], model: LinkageModel) -> tuple[Scores, Flags]:
    """The scores after the rules of identity, and the pairs that a rule joins.

    A valid number under a name and under the former name beside it is one person, whatever else says. The same
    number under another name and another date of birth is other people's number until a person has looked: such
    a pair stays below the link threshold.
    """
    thresholds = model.thresholds
    joined = _number_and_former_name(levels, model)
    weight = np.where(joined, np.maximum(scores.weight, thresholds.link_bits + thresholds.margin_bits), scores.weight)
    capped = np.minimum(weight, thresholds.link_bits - _BELOW)
    weight = np.where(_only_number(levels, model), capped, weight)
    return Scores(weight, probability_of(weight, model)), joined


def _level_is(levels: dict[str, Levels], model: LinkageModel, kind: str, level: str) -> Flags:
    found = np.zeros(len(next(iter(levels.values()))), bool)
    for comparison in model.comparisons:
        if comparison.kind == kind:
            found |= levels[comparison.name] == comparison.level_names.index(level)
    return found


def _number_and_former_name(levels: dict[str, Levels], model: LinkageModel) -> Flags:
    same_number = _level_is(levels, model, "id_no", "same")
    same_birth = _level_is(levels, model, "date", "same")
    return same_number & same_birth & _level_is(levels, model, "name", "former")


def _only_number(levels: dict[str, Levels], model: LinkageModel) -> Flags:
    kinds = {comparison.kind: comparison for comparison in model.comparisons}
    if not {"id_no", "name", "date"} <= set(kinds):
        return np.zeros(len(next(iter(levels.values()))), bool)
    number, name, birth = (kinds[kind] for kind in ("id_no", "name", "date"))
    other_name = levels[name.name] > name.level_names.index("one_character")
    other_birth = levels[birth.name] != birth.level_names.index("same")
    found: Flags = (levels[number.name] == number.level_names.index("same")) & other_name & other_birth
    return found


def probability_of(bits: Bits, model: LinkageModel) -> Bits:
    """Posterior odds in bits as the probability that the model tells: by its calibration, if it has one."""
    told = bits if model.calibration is None else model.calibration.slope * bits + model.calibration.shift
    found: Bits = 1.0 / (1.0 + np.exp2(-np.clip(told, -1000, 1000)))
    return found


__all__ = ["ABSENT", "Scores", "class_bits", "level_bits", "prior_bits", "probability_of", "ruled", "score"]
