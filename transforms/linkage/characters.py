"""Characters by code point: what each becomes when simplified, and how it is read.

A character is looked up when it is first met; a process meets a few thousand.
"""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from pypinyin import lazy_pinyin

from transforms.standardise.names import simplifier

Points = npt.NDArray[np.uint32]

_PLANE = 0x10000  # the basic plane; characters beyond it stay as they are and are read as nothing else


def simplified(points: npt.NDArray[Any]) -> Points:
    """Each code point in its simplified form."""
    if points.dtype == np.uint8:  # letters and digits
        return points.astype(np.uint32)
    inside = np.minimum(points, _PLANE - 1)
    _met().simplify(inside)
    found: Points = np.where(points < _PLANE, _met().simple[inside], points)
    return found


def syllables(lanes: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    """A number per character that is the same for the same toneless syllable; 0 for 0."""
    _met().read(lanes)
    found: npt.NDArray[np.uint16] = _met().sound[lanes]
    return found


class _Met:
    """The characters met so far. The numbers of syllables mean nothing beyond being equal."""

    def __init__(self) -> None:
        self.simple = np.arange(_PLANE, dtype=np.uint32)
        self.sound = np.zeros(_PLANE, np.uint16)
        self._is_simplified = np.zeros(_PLANE, bool)
        self._syllables: dict[str, int] = {}
        self._convert = simplifier()

    def simplify(self, points: npt.NDArray[Any]) -> None:
        new = _distinct(points)[~self._is_simplified[_distinct(points)]]
        letters = [chr(point) for point in new.tolist() if not 0xD800 <= point < 0xE000 and point not in (10, 13)]
        for before, after in zip(letters, self._convert(letters), strict=True):
            if len(after) == 1 and ord(after) < _PLANE:
                self.simple[ord(before)] = ord(after)
        self._is_simplified[new] = True

    def read(self, points: npt.NDArray[Any]) -> None:
        new = _distinct(points)
        for point in new[(self.sound[new] == 0) & (new > 0)].tolist():
            syllable = lazy_pinyin(chr(point))[0]
            self.sound[point] = self._syllables.setdefault(syllable, len(self._syllables) + 1)


def _distinct(points: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    found = np.zeros(_PLANE, bool)
    found[points] = True
    return np.flatnonzero(found)


@cache
def _met() -> _Met:
    return _Met()
