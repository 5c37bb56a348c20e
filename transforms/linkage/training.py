"""From mentions without labels to a trained model with its provenance."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.linkage.blocking import candidate_pairs
from transforms.linkage.codes import encode_domains
from transforms.linkage.comparisons import compare
from transforms.linkage.engines.local import BATCH
from transforms.linkage.estimation import (
    Convergence,
    Patterns,
    count_patterns,
    estimate_matches,
    estimate_strangers,
    responsibilities,
)
from transforms.linkage.frequencies import freeze_frequencies
from transforms.linkage.linking import link
from transforms.linkage.model import MATCH, LinkageModel
from transforms.linkage.scoring import probability_of

Rows = npt.NDArray[np.int64]

LEAST_MENTIONS = 2_000
LEAST_MATCHES = 500.0  # expected pairs of one person among the blocked ones
RANDOM_PAIRS = 2_000_000
LEAST_LINK_BITS = 10.0  # a pair below 1000:1 is never linked on its own, whatever the average says


class TooLittleToLearn(ValueError):
    """The sample cannot carry an estimate; the shipped model is the better choice."""


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
        raise TooLittleToLearn(
            f"{mentions.num_rows} mentions were given, at least {LEAST_MENTIONS} are needed to train"
        )
    mentions = mentions.sort_by("mention_id")
    everyone = pa.array(np.ones(mentions.num_rows, bool))
    a, b = candidate_pairs(mentions, everyone, start, freeze_frequencies(mentions), known=True)
    blocked = compared_patterns(mentions, a, b, start)
    picked = _random_pairs(mentions.num_rows, random_pairs, seed)
    strangers = compared_patterns(mentions, *picked, start)
    model = estimate_strangers(start, strangers, mentions.num_rows)
    model, _ = estimate_matches(model, blocked, mentions.num_rows)
    model = estimate_strangers(model, strangers, mentions.num_rows)
    model, convergence = estimate_matches(model, blocked, mentions.num_rows)
    _refuse_too_few(model, blocked, mentions.num_rows)
    model = _with_link_threshold(model, mentions)
    provenance = _provenance(mentions, start, blocked, strangers, seed, convergence, described)
    model = model.model_copy(update={"version": version, "provenance": provenance})
    return Trained(model, convergence, int(blocked.counts.sum()), int(strangers.counts.sum()))


def compared_patterns(mentions: pa.Table, a: Rows, b: Rows, model: LinkageModel) -> Patterns:
    """The patterns of the pairs of rows (a, b)."""
    encoded = encode_domains(mentions)
    bounds = [*range(0, len(a), BATCH), len(a)]
    batches = [
        compare(encoded.take(pa.array(a[slice(*cut)])), encoded.take(pa.array(b[slice(*cut)])), model)
        for cut in pairwise(bounds)
    ]
    return count_patterns(pa.Table.from_batches(batches), model)


def _random_pairs(rows: int, count: int, seed: int) -> tuple[Rows, Rows]:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, rows, count), rng.integers(0, rows - 1, count)
    return a, np.where(b >= a, b + 1, b)


def _with_link_threshold(model: LinkageModel, mentions: pa.Table) -> LinkageModel:
    # The lowest weight at which the expected share of false pairs among all linked ones stays within the bound.
    everything = mentions["mention_id"].combine_chunks()
    pairs = link(mentions, everything, None, model, freeze_frequencies(mentions))
    weight = -np.sort(-pairs["match_weight"].to_numpy())
    false_share = np.cumsum(1.0 - probability_of(weight)) / np.arange(1, len(weight) + 1)
    within = np.flatnonzero(false_share <= model.thresholds.false_link_bound)
    lowest = float(weight[within[-1]]) if len(within) else float(np.max(weight, initial=LEAST_LINK_BITS))
    rounded = float(np.ceil(max(lowest, LEAST_LINK_BITS) * 2) / 2)
    return model.model_copy(update={"thresholds": model.thresholds.model_copy(update={"link_bits": rounded})})


def _refuse_too_few(model: LinkageModel, blocked: Patterns, mentions: int) -> None:
    matches = float((responsibilities(blocked, model, mentions)[MATCH] * blocked.counts).sum())
    if matches < LEAST_MATCHES:
        raise TooLittleToLearn(
            f"about {matches:.0f} pairs of one person were found, {LEAST_MATCHES:.0f} are needed to train"
        )


def _provenance(mentions: pa.Table, start: LinkageModel, blocked: Patterns, strangers: Patterns, seed: int,
                convergence: Convergence, described: str) -> dict[str, str | int | float]:  # fmt: skip
    return {
        "how": "strangers from random pairs, matches by EM on blocked pairs; what is `assumed` stays as in `start`",
        "trained_on": described,
        "start": start.version,
        "mentions": mentions.num_rows,
        "blocked_pairs": int(blocked.counts.sum()),
        "random_pairs": int(strangers.counts.sum()),
        "seed": seed,
        "iterations": convergence.iterations,
        "last_change": convergence.last_change,
    }
