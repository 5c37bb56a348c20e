"""Columns as numbers made for comparing: names, identity numbers, dates and codes packed into integers.

Packing happens once a table; a pair is then compared by a few operations on 64-bit integers. Every packing is
canonical: equal values give equal integers in any table, in any process. 0 stands for a missing value.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.characters import simplified, syllables

Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Digits = npt.NDArray[np.uint8]
Texts: TypeAlias = pa.Array | pa.ChunkedArray
_Packed = npt.NDArray[Any]
Points = npt.NDArray[Any]  # code points: uint32, or uint8 where all are letters and digits

SLICE = 100_000  # rows that are packed at a time
LANES = 4  # characters of a packed name, 16 bits each, the first character highest
WIDE = np.uint64(0xFFFF) << np.uint64(48)  # marks a value that does not fit and stands as a fingerprint
ODD = np.uint64(0xF) << np.uint64(60)  # the same for a number that is not of 18 characters


@dataclass(frozen=True)
class Names:
    """`chars`: up to four simplified characters, or WIDE and a fingerprint; `sounds`: their syllables alike."""

    chars: Keys
    sounds: Keys
    values: Texts


@dataclass(frozen=True)
class Numbers:
    """`head`: the first 14 digits, four bits each, or ODD and a fingerprint for another shape; `tail`: the rest."""

    head: Keys
    tail: npt.NDArray[np.uint16]
    values: Texts


def names_of(column: pa.Array | pa.ChunkedArray) -> Names:
    """A column of names, simplified character by character."""
    values = texts_of(column)
    chars, sounds = _in_slices(values, _names)
    return Names(chars, sounds, values)


def _in_slices(values: Texts, pack: Callable[[pa.Array], tuple[_Packed, ...]]) -> list[_Packed]:
    # What a slice needs besides fits the caches and is used again for the next one.
    chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
    slices = (chunk.slice(begin, SLICE) for chunk in chunks for begin in range(0, len(chunk), SLICE))
    parts = [pack(each) for each in slices] or [pack(pa.array([], pa.string()))]
    return [np.concatenate(columns) for columns in zip(*parts, strict=True)]


def _names(values: pa.Array) -> tuple[Keys, Keys]:
    points, start, length = _code_points(values)
    simple = simplified(points)
    wide = (length > LANES) | _any_in_row(points > 0xFFFF, start, length)
    lanes = _matrix(simple, start, np.where(wide, 0, length), LANES).astype(np.uint16)
    sounds = _packed(syllables(lanes))
    chars = _packed(lanes)
    rows = np.flatnonzero(wide)
    chars[rows] = WIDE | (_fingerprints(simple, start[rows], length[rows]) >> np.uint64(16))
    sounds[rows] = chars[rows]
    return chars, sounds


def numbers_of(column: pa.Array | pa.ChunkedArray) -> Numbers:
    """A column of identity numbers. 15 digits are read as the 18 they stand for; 14 zeros in front are no number."""
    values = texts_of(column)
    head, tail = _in_slices(values, _numbers)
    return Numbers(head, tail, values)


def _numbers(values: pa.Array) -> tuple[Keys, npt.NDArray[np.uint16]]:
    points, start, length = _code_points(values)
    head, tail = np.zeros(len(values), np.uint64), np.zeros(len(values), np.uint16)
    odd = length > 0
    for width, lengthened in ((18, _as_it_is), (15, _eighteen)):
        rows = np.flatnonzero(length == width)
        digits = lengthened([_digit(points[start[rows] + place]) for place in range(width)])
        sound = np.all([digit < 10 for digit in digits[:17]], axis=0) & (digits[17] < 11)
        head[rows[sound]] = _nibbles(digits[:14])[sound]
        tail[rows[sound]] = _nibbles(digits[14:])[sound]
        odd[rows[sound]] = False
    rows = np.flatnonzero(odd)
    head[rows] = ODD | (_fingerprints(points, start[rows], length[rows]) >> np.uint64(4))
    return head, tail


def days_of(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.uint32]:
    """A column of dates as eight decimal digits, four bits each: 0x19860229."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    days = pc.cast(whole, pa.date32())
    parts = (pc.fill_null(part(days), 0).to_numpy(zero_copy_only=False) for part in (pc.year, pc.month, pc.day))
    year, month, day = (part.astype(np.uint32) for part in parts)
    return _decimal(year, 4) << np.uint32(16) | _decimal(month, 2) << np.uint32(8) | _decimal(day, 2)


def keys_of(column: pa.Array | pa.ChunkedArray) -> Keys:
    """A column of any type as 64-bit fingerprints."""
    with database() as base:
        base.register("given", pa.table({"value": column}))
        found = base.sql("select case when value is null then 0 else hash(value) | 1 end as key from given")
        keys: Keys = found.to_arrow_table()["key"].to_numpy().astype(np.uint64, copy=False)
    return keys


def database() -> duckdb.DuckDBPyConnection:
    """A connection of its own to the one database in memory that linkage works with; to be closed."""
    return _base().cursor()


@cache
def _base() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def years_of(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int16]:
    """A column of years, 0 where missing."""
    return np.asarray(pc.fill_null(pc.cast(column, pa.int16()), 0)).astype(np.int16)


def texts_of(column: Texts) -> Texts:
    """A column as text, in the pieces that it has."""
    return column if column.type == pa.string() else column.cast(pa.string())


def texts_at(texts: Texts, rows: Rows) -> list[Any]:
    """The texts of those rows, None where there is none."""
    if isinstance(texts, pa.Array):
        return list(texts.take(pa.array(rows)).to_pylist())
    # Piece by piece: taken from all pieces at once, they would be put together first.
    begin = np.cumsum([0, *(len(chunk) for chunk in texts.chunks)])
    piece, found = np.searchsorted(begin, rows, "right") - 1, np.empty(len(rows), object)
    for place in np.unique(piece).tolist():
        here = np.flatnonzero(piece == place)
        found[here] = texts.chunk(place).take(pa.array(rows[here] - begin[place])).to_pylist()
    return list(found)


def amounts_of(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.float64]:
    """A column of numbers, NaN where missing or not a number."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_string(whole.type):
        whole = pc.if_else(pc.match_substring_regex(whole, _NUMERAL), whole, None)
    return np.asarray(pc.cast(whole, pa.float64()).to_numpy(zero_copy_only=False))


_NUMERAL = r"^[+-]?\d+(\.\d+)?$"


def _code_points(values: pa.Array) -> tuple[Points, Rows, Rows]:
    # All characters one after the other, and where each row's begin and how many they are.
    offsets = np.frombuffer(values.buffers()[1] or b"\0" * 4, np.int32, len(values) + 1, values.offset * 4)
    data = memoryview(values.buffers()[2] or b"")[offsets[0] : offsets[-1]]
    single = np.frombuffer(data, np.uint8)
    place = (offsets - offsets[0]).astype(np.int64)
    there = np.asarray(values.is_valid()) if values.null_count else True  # a null may hide a text
    if single.max(initial=0) < 0x80:  # letters and digits only: a byte is a character
        return single, place[:-1], np.diff(place) * there
    points = np.frombuffer(bytes(data).decode("utf-8").encode("utf-32-le"), np.uint32)
    place = np.concatenate([[0], np.cumsum((single & 0xC0) != 0x80)])[place]
    return points, place[:-1], np.diff(place) * there


def _matrix(points: Points, start: Rows, length: Rows, width: int) -> npt.NDArray[np.uint32]:
    # The first `width` characters of every row, 0 after its end.
    found = np.zeros((len(start), width), np.uint32)
    for place in range(width):
        rows = np.flatnonzero(length > place)
        found[rows, place] = points[start[rows] + place]
    return found


def _any_in_row(flags: Flags, start: Rows, length: Rows) -> Flags:
    before = np.concatenate([[0], np.cumsum(flags)])
    found: Flags = before[start + length] > before[start]
    return found


def _packed(lanes: npt.NDArray[np.uint16]) -> Keys:
    packed = np.zeros(len(lanes), np.uint64)
    for place in range(LANES):
        packed = packed << np.uint64(16) | lanes[:, place]
    return packed


def _digit(points: Points) -> Digits:
    # 0–9, 10 for X, 15 for anything else.
    return _DIGIT[np.minimum(points, 0xFF)]


_DIGIT = np.full(256, 15, np.uint8)
_DIGIT[48:58] = np.arange(10)
_DIGIT[[ord("X"), ord("x")]] = 10
_FACTORS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, MOD 11-2


def _as_it_is(digits: list[Digits]) -> list[Digits]:
    return digits


def _eighteen(digits: list[Digits]) -> list[Digits]:
    century = [np.full_like(digits[0], digit) for digit in (1, 9)]
    body = [*digits[:6], *century, *digits[6:]]
    total = np.sum([digit.astype(np.int32) * factor for digit, factor in zip(body, _FACTORS, strict=True)], axis=0)
    return [*body, ((12 - total % 11) % 11).astype(np.uint8)]


def _nibbles(digits: list[Digits]) -> Keys:
    packed = np.zeros(len(digits[0]), np.uint64)
    for digit in digits:
        packed = packed << np.uint64(4) | digit
    return packed


def _decimal(value: npt.NDArray[np.uint32], width: int) -> npt.NDArray[np.uint32]:
    packed = np.zeros(len(value), np.uint32)
    for place in range(width):
        packed |= (value // np.uint32(10**place) % np.uint32(10)) << np.uint32(4 * place)
    return packed


def _fingerprints(points: Points, start: Rows, length: Rows) -> Keys:
    # A sum of well-mixed (place, character): rows of any length at once.
    row = np.repeat(np.arange(len(start)), length)
    place = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    mixed = mix(points[start[row] + place].astype(np.uint64) << np.uint64(20) | (place + 1).astype(np.uint64))
    total = np.zeros(len(start), np.uint64)
    np.add.at(total, row, mixed)
    return mix(total)


def mix(value: Keys) -> Keys:
    """Bits spread evenly (the finaliser of SplitMix64)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
