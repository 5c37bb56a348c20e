"""Identity numbers held against each other, together with the numbers of the relatives on either side."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from transforms.linkage.codes import Codes, Flags, distinct_pairs, equal

SAME, NEAR, FIRST_14, DOUBTFUL, DIFFERENT, RELATIVES_OWN, RELATIVES = range(7)
MISSING = -1

Levels = npt.NDArray[np.int8]


def id_levels(
    numbers: pa.Array, left: Codes, right: Codes, valid: Flags, relatives: tuple[list[Codes], list[Codes]]
) -> Levels:
    """The level of each pair of numbers, as codes into `numbers`.

    `valid`: both numbers are sound. `relatives`: the numbers of the relatives that each side names. A number
    that a side shares with its own relative (RELATIVES_OWN when the two numbers agree) says little; one
    side's number under the other side's relative (RELATIVES) says that the two are relatives, or that a
    relative's number stands in the wrong field.
    """
    levels = np.full(len(left), MISSING, np.int8)
    rows = np.flatnonzero((left >= 0) & (right >= 0))
    one, other, place = distinct_pairs(left[rows], right[rows])
    levels[rows] = _text_levels(numbers, one, other)[place]
    levels[(levels == DIFFERENT) & ~valid] = DOUBTFUL
    borrowed = _any_equal(left, relatives[0]) | _any_equal(right, relatives[1])
    crossed = _any_equal(left, relatives[1]) | _any_equal(right, relatives[0])
    levels[(levels != SAME) & crossed] = RELATIVES
    levels[(levels == SAME) & (borrowed | crossed)] = RELATIVES_OWN
    return levels


def _any_equal(number: Codes, others: list[Codes]) -> Flags:
    found = np.zeros(len(number), bool)
    for other in others:
        found |= equal(number, other)
    return found


def _text_levels(numbers: pa.Array, one: Codes, other: Codes) -> Levels:
    a, b = numbers.take(pa.array(one)), numbers.take(pa.array(other))
    levels = np.full(len(one), DIFFERENT, np.int8)
    levels[_flags(pc.equal(pc.utf8_slice_codeunits(a, 0, 14), pc.utf8_slice_codeunits(b, 0, 14)))] = FIRST_14
    distance = cpdist(a.to_pylist(), b.to_pylist(), scorer=OSA.distance, score_cutoff=1, dtype=np.int32)
    levels[distance == 1] = NEAR
    levels[_flags(_first_generation(a, b))] = SAME
    levels[one == other] = SAME
    return levels


def _first_generation(a: pa.Array, b: pa.Array) -> pa.Array:
    # 15 digits are the 18 without century and check character.
    return pc.and_(pc.not_equal(pc.utf8_length(a), pc.utf8_length(b)), pc.equal(_fifteen(a), _fifteen(b)))


def _fifteen(numbers: pa.Array) -> pa.Array:
    short = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(numbers, 0, 6), pc.utf8_slice_codeunits(numbers, 8, 17), ""
    )
    return pc.if_else(pc.equal(pc.utf8_length(numbers), 18), short, numbers)


def _flags(values: pa.Array) -> Flags:
    flags: Flags = pc.fill_null(values, False).to_numpy(zero_copy_only=False).astype(bool)
    return flags
