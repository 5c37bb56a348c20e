"""The sheet that pictures are drawn on: how wide a text is, where a value lies, which ticks an axis gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from unicodedata import combining, east_asian_width

# Widths in em, on the generous side: a text that is a little narrower than thought does no harm.
_WIDE, _NARROW = 1.0, 0.64
_ELLIPSIS = "…"


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` laid on pixels from `start` to `end`; what lies outside sticks to the edge."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The pixel of the value, to a tenth."""
        inside = min(max(value, self.low), self.high)
        share = (inside - self.low) / ((self.high - self.low) or 1.0)
        return round(self.start + share * (self.end - self.start), 1)


def scale_around(values: Sequence[float], start: float, end: float) -> Scale:
    """A scale that holds zero and all values, with a little air."""
    low, high = min(0.0, *values), max(0.0, *values)
    air = max(high - low, 1.0) * 0.04
    return Scale(low - air, high + air, start, end)


def ticks(low: float, high: float, about: int = 6) -> list[float]:
    """Round values between low and high, about that many, in steps of 1, 2 or 5 times a power of ten."""
    rough = max(high - low, 1e-9) / max(about, 1)
    power = 10.0 ** floor(log10(rough))
    step = next(power * part for part in (1, 2, 5, 10) if power * part >= rough)
    return [round(place * step, 10) for place in range(ceil(low / step), floor(high / step) + 1)]


def text_width(text: str, size: float) -> float:
    """Roughly how many pixels the text takes at that font size; a Chinese character is as wide as it is high."""
    return size * sum(_em(character) for character in text)


def _em(character: str) -> float:
    if combining(character):
        return 0.0
    return _WIDE if east_asian_width(character) in "WFA" else _NARROW


def clipped(text: str, width: float, size: float) -> str:
    """The text, or as much of it as fits before an ellipsis."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept + _ELLIPSIS, size) > width:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


def wrapped(text: str, width: float, size: float, lines: int = 2) -> list[str]:
    """The text in at most that many lines: broken at spaces, or between Chinese characters; the last is clipped."""
    found: list[str] = []
    rest = text
    while rest and len(found) < lines - 1 and text_width(rest, size) > width:
        cut = _break(rest, width, size)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, clipped(rest, width, size)] if rest else found or [""]


def _break(text: str, width: float, size: float) -> int:
    fits = next((end for end in range(len(text), 0, -1) if text_width(text[:end], size) <= width), 1)
    places = [at for at in range(1, fits + 1) if at == len(text) or _may_break(text[at - 1], text[at])]
    return places[-1] if places else fits


def _may_break(before: str, after: str) -> bool:
    if after in "，。、；：）！？” ":
        return after == " "
    return " " in (before, after) or "W" in (east_asian_width(before), east_asian_width(after))


def signed(bits: float) -> str:
    """Bits with their sign and one decimal: +16.6, −3.0, and 0.0 without a sign."""
    rounded = round(bits, 1)
    if rounded == 0:
        return "0.0"
    return f"{'+' if rounded > 0 else '−'}{abs(rounded):,.1f}"


def tick_label(bits: float) -> str:
    """A round number of bits on an axis."""
    return f"{'+' if bits > 0 else '−'}{abs(bits):g}" if bits else "0"
