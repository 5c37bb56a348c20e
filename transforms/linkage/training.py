"""From mentions without labels to a trained model with its provenance."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pyarrow as pa

from transforms.linkage.blocking import candidate_pairs
from transforms.linkage.comparisons import Levels, agreements, level_of, levels_of
from transforms.linkage.encoding import Flags, Rows
from transforms.linkage.engines.local import THREADS, cuts, pack
from transforms.linkage.estimation import (
    Convergence,
    Patterns,
    count_patterns,
    estimate_matches,
    estimate_strangers,
    responsibilities,
    together,
)
from transforms.linkage.frequencies import freeze_frequencies
from transforms.linkage.linking import link
from transforms.linkage.model import MATCH, Comparison, LinkageModel
from transforms.linkage.packing import Packed
from transforms.linkage.scoring import Bits, probability_of

LEAST_MENTIONS = 2_000
LEAST_MATCHES = 500.0  # expected pairs of one person among the blocked ones
RANDOM_PAIRS = 2_000_000
LEAST_LINK_BITS = 10.0  # a pair below 1000:1 is never linked on its own, whatever the average says
# Weights of 9 to 13 bits turned out false up to 18 times as often as they say, where the truth is known
# (docs/linkage-benchmark.md): what is left of dependence between fields shows where links are rarest. Where a model is
# calibrated to a truth they count once, and the truth itself has the last word (within_truth).
CAUTION = 20.0


class TooLittleToLearn(ValueError):
    """The sample cannot carry an estimate; the shipped model is the better choice.

    `found` are there of `what`, `needed` would have to be.
    """

    def __init__(self, what: Literal["mentions", "candidates", "matches"], found: float, needed: float) -> None:
        super().__init__(_TOO_LITTLE[what].format(found=found, needed=needed))
        self.what, self.found, self.needed = what, found, needed


_TOO_LITTLE = {
    "mentions": "{found:.0f} mentions were given, at least {needed:.0f} are needed to train",
    "candidates": "the blocking rules made no pairs",
    "matches": "about {found:.0f} pairs of one person were found, {needed:.0f} are needed to train",
}


@dataclass(frozen=True)
class Trained:
    """The model, how the iteration ended, and what it was learnt from (counts only)."""

    model: LinkageModel
    convergence: Convergence
    pairs: int
    random_pairs: int


def train(
    mentions: pa.Table,
    start: LinkageModel,
    *,
    version: str,
    seed: int = 1,
    described: str = "",
    random_pairs: int = RANDOM_PAIRS,
) -> Trained:
    """A model learnt from current mentions (MENTIONS) by u from random pairs and EM, from the `start` model.

    The same mentions, start and seed give the same model. `described` says in words what the mentions are and
    goes into the provenance. TooLittleToLearn where there are too few mentions or matches.
    """
    if mentions.num_rows < LEAST_MENTIONS:
        raise TooLittleToLearn("mentions", mentions.num_rows, LEAST_MENTIONS)
    mentions = mentions.sort_by("mention_id")
    a, b = candidate_pairs(mentions, start, freeze_frequencies(mentions), known=True)
    packed = Packed(mentions)
    sample = Sample(
        compared_patterns(packed, packed, a, b, start),
        Strangers(compared_patterns(packed, packed, *_random_pairs(mentions.num_rows, random_pairs, seed), start)),
        mentions.num_rows,
        mentions.num_rows / 2,
    )
    learnt = learn(sample, start, version=version, seed=seed, described=described)
    everything = mentions["mention_id"].combine_chunks()
    pairs = link(mentions, everything, None, learnt.model, freeze_frequencies(mentions))
    return replace(learnt, model=with_link_threshold(learnt.model, pairs["match_weight"].to_numpy()))


@dataclass(frozen=True)
class Strangers:
    """Pairs picked at random: the patterns of all comparisons; `having`: see estimate_strangers."""

    patterns: Patterns
    having: dict[str, Patterns] = field(default_factory=dict)


@dataclass(frozen=True)
class Sample:
    """What a model is learnt from: patterns of blocked and of random pairs, and how many rows seek among how many.

    `most`: how many matches one that seeks can have on average.
    """

    blocked: Patterns
    strangers: Strangers
    among: float
    seekers: float
    most: float = np.inf


def learn(sample: Sample, start: LinkageModel, *, version: str, seed: int, described: str) -> Trained:
    """The model with its probabilities learnt: strangers, then matches, then both again with what is known now.

    Raises TooLittleToLearn where about fewer than LEAST_MATCHES matches are in the sample.
    """
    model = start.model_copy(update={"calibration": None})  # it was fitted to other weights
    for _ in range(2):
        model = estimate_strangers(model, sample.strangers.patterns, sample.among, sample.strangers.having)
        model, convergence = estimate_matches(model, sample.blocked, sample.among, sample.seekers, sample.most)
    _refuse_too_few(model, sample.blocked, sample.among)
    provenance = _provenance(sample, start, seed, convergence, described)
    model = model.model_copy(update={"version": version, "provenance": provenance})
    return Trained(model, convergence, int(sample.blocked.counts.sum()), int(sample.strangers.patterns.counts.sum()))


def compared_patterns(left: Packed, right: Packed, a: Rows, b: Rows, model: LinkageModel) -> Patterns:
    """The patterns of the pairs of rows (a of the left, b of the right)."""
    pack(left, right, model, THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(
            pool.map(lambda cut: count_patterns(levels_of(left, a[cut], right, b[cut], model)[1], model), cuts(len(a)))
        )
    return together(parts)


def strangers_across(left: Packed, right: Packed, model: LinkageModel, pairs: int, seed: int) -> Strangers:
    """Pairs picked at random; for each comparison as many more among the rows that have its values.

    How often two of them have the same value is not counted but worked out from all values (see agreements).
    """
    rng = np.random.default_rng(seed)
    a, b = (rng.integers(0, packed.rows, pairs) for packed in (left, right))
    having = {}
    for comparison in model.comparisons:
        one, other = (np.flatnonzero(packed.there(comparison.columns[0])) for packed in (left, right))
        if comparison.given is None and len(one) and len(other):
            some = one[rng.integers(0, len(one), pairs)], other[rng.integers(0, len(other), pairs)]
            levels = level_of(left, some[0], right, some[1], model, comparison)
            having[comparison.name] = _agreeing(comparison, levels, agreements(left, right, comparison))
    return Strangers(compared_patterns(left, right, a, b, model), having)


def _agreeing(comparison: Comparison, levels: Levels, known: dict[str, float]) -> Patterns:
    # The counts of all levels, those with a known probability put at it.
    counts = np.bincount(levels[levels >= 0], minlength=len(comparison.levels)).astype(float)
    pairs = counts.sum()
    for name, share in known.items():
        counts[comparison.level_names.index(name)] = 0.0
        pairs_with = share * pairs
        counts *= (pairs - pairs_with) / max(counts.sum(), 1.0)
        counts[comparison.level_names.index(name)] = pairs_with
    return Patterns({comparison.name: np.arange(len(counts), dtype=np.int8)}, counts)


def _random_pairs(rows: int, count: int, seed: int) -> tuple[Rows, Rows]:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, rows, count), rng.integers(0, rows - 1, count)
    return a, np.where(b >= a, b + 1, b)


def with_link_threshold(model: LinkageModel, weight: Bits) -> LinkageModel:
    """The model with link_bits set from its `false_link_bound`, by the weights (bits) that it gives to real pairs.

    The lowest weight at which the expected share of false pairs among all that would be linked stays within the
    bound, a false pair counted `caution` times; never below LEAST_LINK_BITS, and in half bits. A bound of 0 leaves
    the threshold as it is.
    """
    if not model.thresholds.false_link_bound:
        return model
    falling = -np.sort(-weight)
    false_share = caution(model) * np.cumsum(1.0 - probability_of(falling, model)) / np.arange(1, len(falling) + 1)
    is_last = np.append(falling[1:] < falling[:-1], True)[: len(falling)]  # of equal weights all are linked or none
    within = np.flatnonzero(is_last & (false_share <= model.thresholds.false_link_bound))
    lowest = float(falling[within[-1]]) if len(within) else float(np.max(falling, initial=LEAST_LINK_BITS))
    return at_least(model, lowest)


def within_truth(model: LinkageModel, weight: Bits, is_true: Flags) -> LinkageModel:
    """The model with link_bits raised, in half bits, until no more of its links are false than `false_link_bound`.

    `is_true` marks the true pairs among those of that weight (bits). Where false pairs weigh the most of all, nothing
    is linked. A bound of 0 leaves the threshold as it is.
    """
    limits = model.thresholds
    if not limits.false_link_bound or not len(weight):
        return model
    order = np.argsort(weight)
    rising, false_before = weight[order], np.append(0, np.cumsum(~is_true[order]))
    steps = np.unique(np.ceil(rising[rising >= limits.link_bits] * 2) / 2)
    bits = np.concatenate([[limits.link_bits], steps, [np.floor(rising[-1] * 2) / 2 + 0.5]])
    first = np.searchsorted(rising, bits)
    false_share = (false_before[-1] - false_before[first]) / np.maximum(len(rising) - first, 1)
    raised = bits[(bits >= limits.link_bits) & (false_share <= limits.false_link_bound)].min(initial=np.inf)
    return at_least(model, float(raised)) if raised > limits.link_bits else model


def caution(model: LinkageModel) -> float:
    """How many times a false pair counts that the model expects: once where its probabilities came true."""
    return CAUTION if model.calibration is None else 1.0


def at_least(model: LinkageModel, bits: float) -> LinkageModel:
    """The model that links from that weight on, in half bits, never below LEAST_LINK_BITS."""
    rounded = float(np.ceil(max(bits, LEAST_LINK_BITS) * 2) / 2)
    return model.model_copy(update={"thresholds": model.thresholds.model_copy(update={"link_bits": rounded})})


def _refuse_too_few(model: LinkageModel, blocked: Patterns, mentions: float) -> None:
    matches = float((responsibilities(blocked, model, mentions)[MATCH] * blocked.counts).sum())
    if matches < LEAST_MATCHES:
        raise TooLittleToLearn("matches", matches, LEAST_MATCHES)


def _provenance(
    sample: Sample, start: LinkageModel, seed: int, convergence: Convergence, described: str
) -> dict[str, str | int | float]:
    return {
        "how": "strangers from random pairs, matches by EM on blocked pairs; what is `assumed` stays as in `start`",
        "trained_on": described,
        "start": start.version,
        "mentions": int(sample.among),
        "blocked_pairs": int(sample.blocked.counts.sum()),
        "random_pairs": int(sample.strangers.patterns.counts.sum()),
        "seed": seed,
        "iterations": convergence.iterations,
        "last_change": convergence.last_change,
    }
