"""How the weights of a run's pairs are spread, with the thresholds drawn."""

from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from transforms.linkage.model import Thresholds
from transforms.linkage.pictures.drawing import Scale, signed, tick_label, ticks
from transforms.linkage.pictures.painting import paint
from transforms.linkage.pictures.words import Words

WIDTH, HEIGHT = 1040, 300
_START, _END, _TOP, _FOOT = 64, 1024, 64, 248
_MOST_BINS = 60


@dataclass(frozen=True)
class Bar:
    """The pairs from one weight up to the next, as drawn; `kind` is their decision."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    said: str


def weights_histogram(
    weight: npt.NDArray[np.float64],
    count: npt.NDArray[np.int64],
    thresholds: Thresholds,
    *,
    lang: str,
    alone: bool = False,
) -> Markup:
    """Pairs by match weight, on a logarithmic scale of counts; `count` pairs have each `weight`."""
    words = Words(lang)
    edges = _edges(weight, thresholds)
    counts = np.histogram(weight, edges, weights=count)[0]
    most = max(float(counts.max(initial=0)), 10.0)
    across, up = Scale(edges[0], edges[-1], _START, _END), Scale(0.0, ceil(log10(most)), _FOOT, _TOP)
    marks = [("review", thresholds.review_bits), ("link", thresholds.link_bits)]
    return paint(
        "histogram.svg.j2",
        words,
        alone=alone,
        width=WIDTH,
        height=HEIGHT,
        frame={"start": _START, "end": _END, "top": _TOP, "foot": _FOOT},
        bars=[
            _bar(edges[at], edges[at + 1], int(pairs), across, up, thresholds, words)
            for at, pairs in enumerate(counts.tolist())
            if pairs
        ],
        ticks=[(across.at(value), tick_label(value)) for value in ticks(edges[0], edges[-1], 12)],
        counts=[(up.at(power), f"{10**power:,}") for power in range(1, ceil(log10(most)) + 1)],
        marks=[(across.at(bits), kind, f"{words[kind]} ≥ {signed(bits)}") for kind, bits in marks],
    )


def _edges(weight: npt.NDArray[np.float64], thresholds: Thresholds) -> list[float]:
    # The thresholds are edges, so that no bar holds two decisions.
    review, link = thresholds.review_bits, max(thresholds.link_bits, thresholds.review_bits)
    low, high = min(float(weight.min(initial=review)), review - 4), max(float(weight.max(initial=link)), link + 4)
    step = max(ceil((high - low) / _MOST_BINS), 1)
    below = [review - step * place for place in range(ceil((review - low) / step), 0, -1)]
    between = np.linspace(review, link, max(round((link - review) / step), 1), endpoint=False).tolist()
    above = [link + step * place for place in range(floor((high - link) / step) + 2)]
    return [*below, *(between if link > review else []), *above]


def _bar(low: float, high: float, pairs: int, across: Scale, up: Scale, limits: Thresholds, words: Words) -> Bar:
    x, end = across.at(low), across.at(high)
    # One pair is seen too: its bar stands a little above the floor.
    y = min(up.at(log10(pairs)), _FOOT - 3)
    kind = "link" if low >= limits.link_bits else "review" if low >= limits.review_bits else "not_linked"
    said = words.say("histogram.bar", low=signed(low), high=signed(high), pairs=f"{pairs:,}")
    return Bar(x, y, round(end - x - 1, 1), round(_FOOT - y, 1), kind, said)
