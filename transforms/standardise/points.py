"""Columns of text as numbers: all code points of a column in one row, or texts of one width as a matrix of bytes.

A rule for single characters is then a look-up in a table, for a million texts at once, and Python is asked only
about the few texts that a table marks.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Points = npt.NDArray[np.uint32]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]

ALL = 0x110000  # code points of Unicode


class Flat(NamedTuple):
    """The code points of all texts one after the other; text i is `points[starts[i]:starts[i + 1]]`."""

    points: Points
    starts: Places

    @property
    def lengths(self) -> Places:
        """Characters of each text."""
        found: Places = np.diff(self.starts)
        return found


def flat(texts: pa.Array) -> Flat:
    """A string array as code points; null counts as empty."""
    texts = pc.fill_null(texts, "") if texts.null_count else texts
    data, first, last = _data(texts)
    points = np.frombuffer(data[first:last].tobytes().decode().encode("utf-32-le"), np.uint32)
    return Flat(points, np.concatenate([[0], np.cumsum(pc.utf8_length(texts).to_numpy(), dtype=np.int64)]))


def texts_of(found: Flat) -> pa.Array:
    """The string array that has these code points."""
    points = found.points
    widths = 1 + (points >= 0x80).astype(np.int8) + (points >= 0x800) + (points >= 0x10000)
    ends = np.concatenate([[0], np.cumsum(widths, dtype=np.int64)])[found.starts].astype(np.int32)
    data = points.astype("<u4").tobytes().decode("utf-32-le").encode()
    return pa.StringArray.from_buffers(len(found.starts) - 1, pa.py_buffer(ends), pa.py_buffer(data))


def any_of(found: Flat, marked: Flags) -> Flags:
    """For each text whether one of its points is marked; `marked` has one flag a point, few of them set."""
    hit = np.zeros(len(found.starts) - 1, bool)
    hit[np.searchsorted(found.starts, np.flatnonzero(marked), side="right") - 1] = True
    return hit


def mapped(points: Points, convert: Callable[[list[str]], list[str]]) -> Points:
    """Every point in the form that `convert` gives its character; it is asked once for each character that occurs.

    A character that becomes none or several stays as it is.
    """
    seen = occurring(points)
    table = np.arange(int(points.max(initial=0)) + 1, dtype=np.uint32)
    characters = [chr(point) for point in seen.tolist()]
    table[seen] = [
        ord(new) if len(new) == 1 else ord(old) for old, new in zip(characters, convert(characters), strict=True)
    ]
    found: Points = table[points]
    return found


def occurring(points: Points) -> Places:
    """The distinct points, in order."""
    table = np.zeros(int(points.max(initial=0)) + 1, bool)
    table[points] = True
    found: Places = np.flatnonzero(table)
    return found


def flags(characters: str, *ranges: tuple[int, int]) -> Flags:
    """A table over all code points: True for the characters given and for ranges, last point included."""
    table = np.zeros(ALL, bool)
    table[[ord(character) for character in characters]] = True
    for first, last in ranges:
        table[first : last + 1] = True
    return table


def fixed(texts: pa.Array, width: int) -> tuple[Bytes, Flags]:
    """Bytes of the texts that are `width` bytes wide, one row a text; and which texts those are."""
    has_width = pc.equal(pc.binary_length(texts), width).fill_null(False)
    chosen = texts.filter(has_width)
    data, first, last = _data(chosen)
    return data[first:last].reshape(-1, width), has_width.to_numpy(zero_copy_only=False)


def only(texts: pa.Array, allowed: str) -> Flags:
    """For each text whether it consists of these ASCII characters alone; False for null, True for empty."""
    data, _, _ = _data(texts)
    offsets = offsets_of(texts)
    table = np.ones(256, bool)
    table[list(allowed.encode())] = False
    wrong = np.concatenate([[0], np.cumsum(table[data], dtype=np.int64)])[offsets]
    found: Flags = (np.diff(wrong) == 0) & texts.is_valid().to_numpy(zero_copy_only=False)
    return found


def number_in(digits: Bytes) -> Places:
    """Rows of ASCII digits as whole numbers."""
    powers = 10 ** np.arange(digits.shape[1] - 1, -1, -1, dtype=np.int64)
    found: Places = (digits.astype(np.int64) - 48) @ powers
    return found


def offsets_of(texts: pa.Array) -> Places:
    """Where in the bytes of a string array each text begins, and where the last one ends."""
    buffer = texts.buffers()[1]
    if buffer is None or not len(texts):
        return np.zeros(len(texts) + 1, np.int64)
    whole = np.frombuffer(buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    found: Places = whole.astype(np.int64)
    return found


def _data(texts: pa.Array) -> tuple[Bytes, int, int]:
    """All bytes of a string array's buffer, and where the array's own begin and end."""
    buffer, offsets = texts.buffers()[2], offsets_of(texts)
    data = np.frombuffer(buffer, np.uint8) if buffer is not None and buffer.size else np.zeros(0, np.uint8)
    return data, int(offsets[0]), int(offsets[-1])
