"""Identity numbers held against each other, together with the numbers of the relatives on either side."""

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from transforms.linkage.encoding import ODD, Flags, Keys, Numbers, Rows, texts_at

SAME, NEAR, FIRST_14, DOUBTFUL, DIFFERENT, RELATIVES_OWN, RELATIVES = range(7)
ABSENT = -1

Levels = npt.NDArray[np.int8]
Tails = npt.NDArray[np.uint16]

_ONES = np.uint64(0x1111_1111_1111_1111)


def number_levels(left: Numbers, a: Rows, right: Numbers, b: Rows) -> Levels:
    """The level of each pair of numbers, rows `a` on the left and `b` on the right; ABSENT where one is missing.

    SAME, NEAR (one digit, or two neighbours in turn), FIRST_14 (area and date of birth) or DIFFERENT.
    """
    one, other = left.head[a], right.head[b]
    levels = np.where((one == 0) | (other == 0), ABSENT, SAME).astype(np.int8)
    rows = np.flatnonzero((levels == SAME) & ((one != other) | (left.tail[a] != right.tail[b])))
    levels[rows] = _unlike(left, a[rows], right, b[rows])
    return levels


def _unlike(left: Numbers, a: Rows, right: Numbers, b: Rows) -> Levels:
    # Both numbers are there, and they differ. A slip changes two digits at the most, so eight bits.
    one, other, end, other_end = left.head[a], right.head[b], left.tail[a], right.tail[b]
    levels = np.where(one == other, FIRST_14, DIFFERENT).astype(np.int8)
    rows = np.flatnonzero(np.bitwise_count(one ^ other) + np.bitwise_count(end ^ other_end) <= 8)
    levels[rows[_slip(one[rows], other[rows], end[rows], other_end[rows])]] = NEAR
    _odd(levels, left, a, right, b, np.flatnonzero(((one & ODD) == ODD) | ((other & ODD) == ODD)))
    return levels


def equal_numbers(left: Numbers, a: Rows, right: Numbers, b: Rows) -> Flags:
    """Whether both numbers are there and the same."""
    found = np.zeros(len(a), bool)
    rows = np.flatnonzero(left.head[a])
    one, other = a[rows], b[rows]
    found[rows] = (left.head[one] == right.head[other]) & (left.tail[one] == right.tail[other])
    return found


def with_relatives(levels: Levels, valid: Flags, borrowed: Flags, crossed: Flags) -> Levels:
    """The levels with what is known of the relatives' numbers, and DOUBTFUL where one of two numbers is not sound.

    `borrowed`: a side shares the number with its own relative; then agreement (RELATIVES_OWN) says little.
    `crossed`: one side's number stands under the other side's relative (RELATIVES): the two are relatives, or a
    relative's number stands in the wrong field.
    """
    levels = levels.copy()
    levels[(levels == DIFFERENT) & ~valid] = DOUBTFUL
    present = levels != ABSENT
    levels[present & (levels != SAME) & crossed] = RELATIVES
    levels[(levels == SAME) & (borrowed | crossed)] = RELATIVES_OWN
    return levels


def _slip(one: Keys, other: Keys, end: Tails, other_end: Tails) -> Flags:
    changed, changed_end = _nibbles(one ^ other), _nibbles((end ^ other_end).astype(np.uint64))
    count = np.bitwise_count(changed) + np.bitwise_count(changed_end)
    found: Flags = (count == 1) | ((count == 2) & _in_turn(one, other, end, other_end))
    return found


def _nibbles(value: Keys) -> Keys:
    # The lowest bit of every digit that is not 0.
    found: Keys = (value | value >> np.uint64(1) | value >> np.uint64(2) | value >> np.uint64(3)) & _ONES
    return found


def _in_turn(one: Keys, other: Keys, end: Tails, other_end: Tails) -> Flags:
    # Exactly two digits differ: are they neighbours that have changed places? The seam is looked at by the last
    # twelve digits, which hold two digits of the head.
    found = np.zeros(len(one), bool)
    for x, y, width in ((one, other, 14), (one << np.uint64(16) | end, other << np.uint64(16) | other_end, 5)):
        for place in range(width - 1):
            low, high = np.uint64(4 * place), np.uint64(4 * place + 4)
            p, q = (x >> low) & np.uint64(15), (x >> high) & np.uint64(15)
            cleared = x & ~(np.uint64(255) << low)
            found |= (p != q) & ((cleared | p << high | q << low) == y)
    return found


def _odd(levels: Levels, left: Numbers, a: Rows, right: Numbers, b: Rows, rows: Rows) -> None:
    # Other shapes than 18 characters: a digit left out, a number cut short.
    if not len(rows):
        return
    one, other = texts_at(left.values, a[rows]), texts_at(right.values, b[rows])
    distance = cpdist(one, other, scorer=OSA.distance, score_cutoff=1, dtype=np.int32)
    first = np.array([x[:14] == y[:14] for x, y in zip(one, other, strict=True)], bool)
    levels[rows] = np.where(distance <= 1, NEAR, np.where(first, FIRST_14, DIFFERENT))
