"""The reliability curve: what was predicted against what came true, both in bits of odds so that the ends are seen.

Beyond SURE_BITS, about a million to one, points stick to the edge.
"""

from dataclasses import dataclass
from math import log2

from transforms.linkage.explain import percent
from transforms.linkage.pictures.drawing import Scale
from transforms.linkage.pictures.painting import paint
from transforms.linkage.pictures.reports import SURE_BITS, Calibration, CalibrationBin
from transforms.linkage.pictures.words import Words

WIDTH, HEIGHT = 560, 560
_START, _END, _FOOT, _TOP = 84, 520, 466, 90
_TICKS = (0.000001, 0.0001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.9999, 0.999999)


@dataclass(frozen=True)
class Point:
    """A bin as drawn: its place, its interval, and whether the prediction lies in it."""

    x: float
    y: float
    low: float
    high: float
    size: float
    holds: bool
    said: str


def render_reliability_svg(found: Calibration, *, lang: str, alone: bool = True) -> str:
    """Each bin as a point with its 95 % interval; on the diagonal, predictions come true as often as they say."""
    words = Words(lang)
    across, up = Scale(-SURE_BITS, SURE_BITS, _START, _END), Scale(-SURE_BITS, SURE_BITS, _FOOT, _TOP)
    most = max((part.count for part in found.bins), default=1)
    points = [_point(part, across, up, most, words) for part in found.bins]
    holding = sum(part.holds for part in found.bins)
    return paint(
        "reliability.svg.j2",
        words,
        alone=alone,
        width=WIDTH,
        height=HEIGHT,
        frame={"start": _START, "end": _END, "foot": _FOOT, "top": _TOP},
        ticks=[(across.at(_bits(share)), up.at(_bits(share)), _label(share)) for share in _TICKS],
        points=points,
        headline=words.say("reliability.sum", holding=holding, bins=len(found.bins), count=f"{found.count:,}"),
        description=words["semicolon"].join(point.said for point in points),
    )


def _point(part: CalibrationBin, across: Scale, up: Scale, most: int, words: Words) -> Point:
    said = words.say(
        "reliability.point",
        predicted=percent(part.predicted),
        observed=percent(part.observed),
        low=percent(part.low),
        high=percent(part.high),
        count=f"{part.count:,}",
    )
    x = across.at(_bits(part.predicted))
    y, low, high = (up.at(_bits(share)) for share in (part.observed, part.low, part.high))
    return Point(x, y, low, high, round(4 + 5 * (part.count / most) ** 0.5, 1), part.holds, said)


def _bits(share: float) -> float:
    if share <= 0.0 or share >= 1.0:
        return -SURE_BITS if share <= 0.0 else SURE_BITS
    return log2(share) - log2(1.0 - share)


def _label(share: float) -> str:
    return f"{share * 100:.4f}".rstrip("0").rstrip(".") + "%"
