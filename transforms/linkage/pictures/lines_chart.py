"""Two small drawings of a model: where decisions fall, and how training came to rest."""

from collections.abc import Sequence
from math import isfinite, log10

import numpy as np
from markupsafe import Markup

from transforms.linkage.explain import percent
from transforms.linkage.model import LinkageModel
from transforms.linkage.pictures.drawing import Scale, signed, tick_label, ticks
from transforms.linkage.pictures.painting import paint
from transforms.linkage.pictures.reports import TrainingReport
from transforms.linkage.pictures.words import Words
from transforms.linkage.scoring import probability_of


def thresholds_line(model: LinkageModel, *, lang: str, alone: bool = False) -> Markup:
    """The bits of a pair as a line, with the zones of the decisions and the model's probability at each border."""
    words, thresholds = Words(lang), model.thresholds
    low, high = min(thresholds.review_bits - 8, -12.0), max(thresholds.link_bits + 8, 12.0)
    scale = Scale(low, high, 24, 1016)
    bounds = [low, thresholds.review_bits, thresholds.link_bits, high]
    zones = [
        (scale.at(start), scale.at(end), kind)
        for start, end, kind in zip(bounds, bounds[1:], ("not_linked", "review", "link"), strict=False)
    ]
    marks = [("review", thresholds.review_bits), ("alone", thresholds.alone_bits), ("link", thresholds.link_bits)]
    return paint(
        "thresholds.svg.j2",
        words,
        alone=alone,
        zones=[(start, end, kind, words[kind]) for start, end, kind in zones],
        marks=[
            (scale.at(bits), kind, words.say(f"thresholds.{kind}", bits=signed(bits), probability=_at(bits, model)))
            for kind, bits in sorted(marks, key=lambda mark: mark[1])
        ],
        ticks=[(scale.at(value), tick_label(value)) for value in ticks(low, high, 12)],
    )


def _at(bits: float, model: LinkageModel) -> str:
    return percent(float(probability_of(np.array([bits]), model)[0]))


def convergence_lines(training: TrainingReport, *, lang: str, alone: bool = False) -> list[Markup]:
    """The largest change of each round (on a logarithmic scale) and the log-likelihood, as two small pictures."""
    words = Words(lang)
    changes = [log10(max(change, 1e-12)) for change, _ in training.iterations]
    likelihoods = [likelihood for _, likelihood in training.iterations]
    ends = [f"{change:.1g}" for change, _ in training.iterations], [f"{value:,.0f}" for value in likelihoods]
    series = zip(("change", "likelihood"), (changes, likelihoods), ends, strict=True)
    return [_line(words["convergence." + name], values, told, words, alone) for name, values, told in series]


def _line(title: str, values: Sequence[float], told: Sequence[str], words: Words, alone: bool) -> Markup:
    finite = [value for value in values if isfinite(value)] or [0.0]
    across, up = Scale(0, max(len(values) - 1, 1), 16, 404), Scale(min(finite), max(finite), 112, 44)
    points = [(across.at(place), up.at(value)) for place, value in enumerate(values) if isfinite(value)]
    return paint(
        "convergence.svg.j2",
        words,
        alone=alone,
        title=title,
        points=points,
        first=told[0] if told else "",
        last=told[-1] if told else "",
        rounds=len(values),
    )
