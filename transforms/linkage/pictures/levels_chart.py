"""One comparison of a model: how probable each level is in one person and in strangers, and what it weighs."""

from dataclasses import dataclass
from math import log10

import numpy as np
from markupsafe import Markup

from transforms.linkage.model import MATCH, STRANGER, Comparison, LinkageModel
from transforms.linkage.pictures.drawing import Scale, tick_label, wrapped
from transforms.linkage.pictures.painting import paint
from transforms.linkage.pictures.waterfall import tone_of
from transforms.linkage.pictures.words import Words
from transforms.linkage.scoring import level_bits

WIDTH = 560
# Pixels: words, m and u as figures, m and u on a line, the weight as a bar, the weight as a figure.
_WORDS, _M, _U, _LINE, _LINE_END, _BARS, _BARS_END = 10, 204, 266, 280, 390, 414, 502
_TOP = 40
_LOWEST = -7.0  # log10: no level of a model is less probable


@dataclass(frozen=True)
class Row:
    """A level as drawn. `m` and `u`: its probability in one person and in strangers."""

    top: float
    height: float
    level: list[str]
    by_frequency: bool
    m: float
    u: float
    m_at: float
    u_at: float
    bits: float
    start: float
    end: float
    tone: str

    @property
    def middle(self) -> float:
        """Where its marks lie."""
        return self.top + self.height / 2


def widest_weight(model: LinkageModel) -> float:
    """The largest weight of any level of the model in either direction, in bits: the common scale of its charts."""
    tables = [level_bits(c, model, MATCH) - level_bits(c, model, STRANGER) for c in model.comparisons]
    return max((float(np.abs(table).max()) for table in tables), default=1.0)


def levels_chart(
    comparison: Comparison, model: LinkageModel, group: int, *, lang: str, widest: float, alone: bool = False
) -> Markup:
    """The levels of a comparison, in the `group` (its place) of the comparison that it is conditional on, else 0.

    `widest`: the weight that fills the scale, so that charts beside each other can be compared.
    """
    words = Words(lang)
    m, u = (np.exp2(level_bits(comparison, model, of)[group, :-1]) for of in (MATCH, STRANGER))
    line, bars = Scale(_LOWEST, 0.0, _LINE, _LINE_END), Scale(-widest, widest, _BARS, _BARS_END)
    rows: list[Row] = []
    top: float = _TOP
    for level, one, other in zip(comparison.levels.values(), m.tolist(), u.tolist(), strict=True):
        texts = wrapped(words.of(level) + (" *" if level.by_frequency else ""), _M - 58 - _WORDS, 12)
        bits = float(np.log2(one) - np.log2(other))
        start, end = sorted((bars.at(0.0), bars.at(bits)))
        places = line.at(log10(one)), line.at(log10(other))
        drawn = (one, other, *places, bits, start, end, tone_of(bits))
        rows.append(Row(top, 13 + 15 * len(texts), texts, level.by_frequency, *drawn))
        top += rows[-1].height
    return paint(
        "levels.svg.j2",
        words,
        alone=alone,
        width=WIDTH,
        height=top + 22,
        top=_TOP,
        columns={"words": _WORDS, "m": _M, "u": _U, "line": _LINE, "line_end": _LINE_END, "bits": WIDTH - 8},
        rows=rows,
        zero=bars.at(0.0),
        weights=[(bars.at(value), tick_label(value)) for value in _three(widest)],
        chances=[(line.at(power), label) for power, label in ((-6, "10⁻⁶"), (-4, "10⁻⁴"), (-2, "1%"), (0, "100%"))],
        title=words.of(comparison),
    )


def _three(widest: float) -> list[float]:
    near = float(int(widest // 5 * 5)) or float(int(widest))
    return [-near, 0.0, near] if near else [0.0]
