"""Chinese names held against each other: same, same sound, similar shape, one character, surname, given name."""

from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from transforms.linkage.characters import simplified
from transforms.linkage.encoding import LANES, WIDE, Flags, Keys, Names, Rows, Texts, texts_at

SAME, HOMOPHONE, SHAPE, ONE_CHARACTER, GIVEN, SURNAME, DIFFERENT = range(7)
ABSENT = -1

Levels = npt.NDArray[np.int8]

_LANE = np.uint64(0xFFFF)
_BETWEEN = "\x1f"  # between two texts
_WIDTH = np.uint64(16)
_FIRST, _THIRD = np.uint64(48), np.uint64(16)  # how far the first and the third character stand from the right


def name_levels(left: Names, a: Rows, right: Names, b: Rows) -> Levels:
    """The level of each pair of names, rows `a` on the left and `b` on the right; ABSENT where one is missing."""
    one, other = left.chars[a], right.chars[b]
    levels = np.where((one == 0) | (other == 0), ABSENT, SAME).astype(np.int8)
    rows = np.flatnonzero((levels == SAME) & (one != other))
    levels[rows] = _unlike(left, a[rows], right, b[rows])
    return levels


def _unlike(left: Names, a: Rows, right: Names, b: Rows) -> Levels:
    # Both names are there, and they differ.
    one, other = left.chars[a], right.chars[b]
    levels = np.full(len(a), DIFFERENT, np.int8)
    differs = one ^ other
    surname = (differs >> _FIRST) == 0
    levels[surname] = SURNAME
    levels[~surname & ((differs << _WIDTH) == 0) & ((one >> _THIRD) & _LANE > 0)] = GIVEN
    _near(levels, one, other, np.flatnonzero(levels != DIFFERENT))
    _sound_alike(levels, left.sounds[a], right.sounds[b])
    _wide(levels, left, a, right, b, np.flatnonzero(((one & WIDE) == WIDE) | ((other & WIDE) == WIDE)))
    return levels


def _sound_alike(levels: Levels, one: Keys, other: Keys) -> None:
    levels[one == other] = HOMOPHONE


def _near(levels: Levels, one: Keys, other: Keys, rows: Rows) -> None:
    # Among pairs that share the surname or the given name: one character replaced, left out, or two in turn.
    x, y = one[rows], other[rows]
    surname = levels[rows] == SURNAME
    differing = _lanes(x ^ y)
    alone = np.bitwise_count(differing) == 1
    length_x, length_y = (np.bitwise_count(_lanes(names)) for names in (x, y))
    longer = np.maximum(length_x, length_y) >= 3
    slip = (alone & (length_x == length_y)) | _left_out(x, y) | _left_out(y, x) | _in_turn(x, y)
    levels[rows[surname & longer & slip]] = ONE_CHARACTER
    single = np.flatnonzero(alone & (length_x == length_y))
    levels[rows[single[_similar(x[single], y[single])]]] = SHAPE


def _lanes(value: Keys) -> npt.NDArray[np.uint8]:
    # One bit for every character that is not 0; the first character has the highest bit.
    found = np.zeros(len(value), np.uint8)
    for place in range(LANES):
        found |= ((value >> (_WIDTH * np.uint64(place))) & _LANE > 0).astype(np.uint8) << place
    return found


def _left_out(longer: Keys, shorter: Keys) -> Flags:
    # The shorter name is the longer one without one character after the surname.
    found = np.zeros(len(longer), bool)
    for kept in range(1, LANES):
        tail_bits = _WIDTH * np.uint64(LANES - kept)
        head = longer >> tail_bits << tail_bits
        gone = (longer >> (tail_bits - _WIDTH)) & _LANE > 0
        found |= gone & ((head | ((longer << _WIDTH) & ~(np.uint64(2**64 - 1) >> tail_bits << tail_bits))) == shorter)
    return found


def _in_turn(one: Keys, other: Keys) -> Flags:
    # Two neighbours have changed places.
    found = np.zeros(len(one), bool)
    for place in range(LANES - 1):
        low, high = _WIDTH * np.uint64(place), _WIDTH * np.uint64(place + 1)
        p, q = (one >> low) & _LANE, (one >> high) & _LANE
        turned = one & ~(_LANE << low) & ~(_LANE << high) | q << low | p << high
        found |= (turned == other) & (p > 0)
    return found


def _similar(one: Keys, other: Keys) -> Flags:
    # Each pair differs in one character: is that one easily taken for the other?
    differing = one ^ other
    p, q = np.zeros_like(one), np.zeros_like(one)
    for place in range(LANES):
        bits = _WIDTH * np.uint64(place)
        here = (differing >> bits) & _LANE > 0
        p[here], q[here] = (one[here] >> bits) & _LANE, (other[here] >> bits) & _LANE
    distinct, place_of = np.unique(p << np.uint64(32) | q, return_inverse=True)
    known = np.array([similar_shape(pair >> 32, pair & 0xFFFFFFFF) for pair in distinct.tolist()], bool)
    return known[place_of] if len(distinct) else np.zeros(0, bool)


def _wide(levels: Levels, left: Names, a: Rows, right: Names, b: Rows, rows: Rows) -> None:
    # Long names, and characters outside the basic plane: the texts themselves, simplified like all others.
    if len(rows):
        levels[rows] = _text_levels(_texts(left.values, a[rows]), _texts(right.values, b[rows]))


def _texts(values: Texts, rows: Rows) -> list[str]:
    joined = _BETWEEN.join(text or "" for text in texts_at(values, rows))
    points = simplified(np.frombuffer(joined.encode("utf-32-le"), np.uint32))
    return points.astype(np.uint32).tobytes().decode("utf-32-le").split(_BETWEEN)


def _text_levels(one: list[str], other: list[str]) -> Levels:
    distance = cpdist(one, other, scorer=OSA.distance, score_cutoff=1, dtype=np.int32)
    surname = np.array([x[:1] == y[:1] for x, y in zip(one, other, strict=True)], bool)
    return np.where(distance <= 1, ONE_CHARACTER, np.where(surname, SURNAME, DIFFERENT)).astype(np.int8)


@cache
def _shapes() -> dict[int, tuple[str, int, int]]:
    page = files("transforms.linkage").joinpath("shapes.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in page.splitlines() if not line.startswith("#"))
    return {ord(char): (corners[:4], int(strokes), int(rest)) for char, corners, strokes, rest in rows}


@cache
def similar_shape(left: int, right: int) -> bool:
    """Whether two characters (code points) are easily taken for each other.

    Three of the four corners the same and nearly as many strokes; or the same right half beside another
    radical (伟 and 炜).
    """
    a, b = _shapes().get(left), _shapes().get(right)
    if a is None or b is None:
        return False
    corners = [p == q for p, q in zip(a[0], b[0], strict=True)]
    near = sum(corners) >= 3 and abs(a[1] - b[1]) <= 2
    return near or (corners[1] and corners[3] and a[2] == b[2])
