"""From levels to bits and probability, against strangers and against every kind of relative."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.linkage.codes import Flags
from transforms.linkage.comparisons import ABSENT, Table
from transforms.linkage.frequencies import mention_count, share_of_values
from transforms.linkage.model import MATCH, MISSING, STRANGER, Comparison, LinkageModel

Bits = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int8]

# The column whose value's frequency a level that agrees by name is weighted with.
_VALUE_COLUMN = 0
_BELOW = 0.01  # bits


@dataclass(frozen=True)
class Scores:
    """Per pair: bits of posterior odds with the prior, and the probability that they stand for."""

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


def frequency_bits(comparison: Comparison, levels: Levels, left: Table, frequencies: pa.Table) -> Bits:
    """What the frequency of the value that agrees adds to log2 P(level | stranger), 0 elsewhere.

    The level's own probability is the average over values: a common name agrees more often than that.
    """
    added: Bits = np.zeros(len(levels))
    for place, level in enumerate(comparison.levels.values()):
        rows = np.flatnonzero(levels == place) if level.by_frequency else np.array([], np.intp)
        if len(rows):
            values = left[comparison.columns[_VALUE_COLUMN]].take(pa.array(rows))
            added[rows] = np.log2(_shares(values, frequencies)) - np.log2(level.probability(None, STRANGER))
    return added


def _shares(values: pa.Array | pa.ChunkedArray, frequencies: pa.Table) -> Bits:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    encoded = whole if isinstance(whole, pa.DictionaryArray) else whole.dictionary_encode()
    used, place = np.unique(np.asarray(encoded.indices), return_inverse=True)
    found: Bits = share_of_values(frequencies, encoded.dictionary.take(pa.array(used)).cast(pa.string()))[place]
    return found


def prior_bits(model: LinkageModel, frequencies: pa.Table) -> float:
    """log2 of the odds that two mentions picked at random are one person."""
    return float(np.log2(model.expected[MATCH] / mention_count(frequencies)))


def score(left: Table, levels: dict[str, Levels], model: LinkageModel, frequencies: pa.Table) -> Scores:
    """Weights and probabilities of pairs; `left` has their left mentions, for the values' frequencies.

    The odds are P(match) against the sum over strangers and relatives, each with how common it is.
    """
    count = mention_count(frequencies)
    by_value = sum(
        (frequency_bits(c, levels[c.name], left, frequencies) for c in model.comparisons), np.zeros(left.num_rows)
    )
    against: Bits = np.full(left.num_rows, -np.inf)
    for other in model.alternatives:
        bits = class_bits(levels, model, other)
        bits = bits + by_value if other == STRANGER else bits + np.log2(model.expected[other] / count)
        against = np.logaddexp2(against, bits)
    weight = class_bits(levels, model, MATCH) + np.log2(model.expected[MATCH] / count) - against
    return Scores(weight, probability_of(weight))


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
    return Scores(weight, probability_of(weight)), joined


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


def probability_of(bits: Bits) -> Bits:
    """Posterior odds in bits as a probability."""
    found: Bits = 1.0 / (1.0 + np.exp2(-np.clip(bits, -1000, 1000)))
    return found


__all__ = ["ABSENT", "Scores", "class_bits", "level_bits", "prior_bits", "probability_of", "ruled", "score"]
