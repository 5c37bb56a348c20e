"""Columns as integers: equal values have equal keys, different ones differ, however the column lies in memory."""

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms.linkage import encoding
from transforms.standardise.names import simplifier

# Names of every length, with characters of the supplementary planes (𬎆 㛃 𠮷), traditional forms and dots.
CHARACTERS = st.sampled_from("张伟偉张張明曾欧陽阳·买提a B0𬎆㛃𠮷𪚥锺鍾")
NAMES = st.none() | st.text(CHARACTERS | st.characters(exclude_categories=("Cs", "Cc")), max_size=7)
NUMBERS = st.none() | st.text("0123456789Xx", min_size=1, max_size=20) | st.from_regex(r"\A[1-9][0-9]{16}[0-9X]\Z")
DAYS = st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31))


def simple(text: str | None) -> str:
    return simplifier()([text])[0] if text else ""


def name_keys(column: pa.Array | pa.ChunkedArray) -> list[tuple[int, ...]]:
    found = encoding.names_of(column)
    return list(zip(found.chars.tolist(), found.sounds.tolist(), strict=True))


def number_keys(column: pa.Array | pa.ChunkedArray) -> list[tuple[int, ...]]:
    found = encoding.numbers_of(column)
    return list(zip(found.head.tolist(), found.tail.tolist(), strict=True))


def plain(pack: Callable[[Any], Any]) -> Callable[[Any], list[int]]:
    return lambda column: pack(column).tolist()


@settings(deadline=None)
@given(st.lists(NAMES, max_size=12))
@example(["张偉", "张伟"])
@example(["𬎆", "张", "𬎆𬎆𬎆𬎆", "欧阳建国华", "欧陽建國華"])
def test_names_are_equal_where_their_simplified_characters_are(names: list[str | None]) -> None:
    keys = encoding.names_of(pa.array(names, pa.string())).chars.tolist()
    for one, key in zip(names, keys, strict=True):
        assert (key == 0) == (not one)
        for other, other_key in zip(names, keys, strict=True):
            # what becomes several characters when simplified stays as it is, on both sides
            if len(simple(one)) == len(one or "") and len(simple(other)) == len(other or ""):
                assert (key == other_key) == (simple(one) == simple(other)), (one, other)


def lengthened(text: str | None) -> str | None:
    """15 digits as the 18 they stand for, by GB 11643-1999."""
    if text is None or len(text) != 15 or not text.isdecimal():
        return text.upper() if text and len(text) == 18 else text
    body = f"{text[:6]}19{text[6:]}"
    total = sum(int(digit) * (2**power % 11) for digit, power in zip(body, range(17, 0, -1), strict=True))
    return body + "10X98765432"[total % 11]


@settings(deadline=None)
@given(st.lists(NUMBERS, max_size=12))
@example(["370303840228123", "370303198402281235", "37030319840228123X", "37030319840228123x", "3703031984022812"])
def test_numbers_are_equal_where_they_stand_for_the_same(numbers: list[str | None]) -> None:
    whole = [lengthened(number) for number in numbers]
    there = [number for number in whole if number and not (len(number) == 18 and number.startswith("0" * 14))]
    keys = number_keys(pa.array(numbers, pa.string()))
    found = {number: key for number, key in zip(whole, keys, strict=True) if number in there}
    assert len(set(found.values())) == len(found)
    assert all(key[0] != 0 for key in found.values())
    for number, key in zip(whole, keys, strict=True):
        assert key == found.get(number, (0, 0)) or number not in there


@settings(deadline=None)
@given(st.lists(DAYS, max_size=12))
def test_dates_are_their_digits(days: list[date | None]) -> None:
    keys = encoding.days_of(pa.array(days, pa.date32())).tolist()
    assert [f"{key:08x}" for key in keys] == [f"{day:%Y%m%d}".zfill(8) if day else "0" * 8 for day in days]


@settings(deadline=None)
@given(st.lists(st.none() | st.text(max_size=5), max_size=12))
def test_fingerprints_tell_values_apart(values: list[str | None]) -> None:
    keys = encoding.keys_of(pa.array(values, pa.string())).tolist()
    assert len(set(keys)) == len(set(values))
    assert [key == 0 for key in keys] == [value is None for value in values]


PACKINGS = [
    (name_keys, ["张伟", None, "欧阳建国华", "𬎆明", "", "ab"], pa.string()),
    (number_keys, ["37030319840228123X", None, "370303840228123", "12", "", "x"], pa.string()),
    (plain(encoding.days_of), [date(1986, 2, 28), None, date(2000, 1, 1), date(1, 1, 1), None, None], pa.date32()),
    (plain(encoding.keys_of), ["a", None, "b", "", "a", "张"], pa.string()),
    (plain(encoding.years_of), [1986, None, 2025, 1, 0, 9999], pa.int16()),
]  # fmt: skip


@pytest.mark.parametrize(("pack", "values", "kind"), PACKINGS)
@settings(deadline=None)
@given(cuts=st.lists(st.integers(0, 6), max_size=4), first=st.integers(0, 6), last=st.integers(0, 6))
def test_packing_does_not_depend_on_slices_and_chunks(
    pack: Callable[[Any], list[Any]], values: list[Any], kind: pa.DataType, cuts: list[int], first: int, last: int
) -> None:
    whole = pa.array(values, kind)
    expected = pack(whole)
    assert pack(whole.slice(first, max(last - first, 0))) == expected[first : max(last, first)]
    places = [0, *sorted(cuts), len(values)]
    chunks = [whole.slice(a, b - a) for a, b in pairwise(places)]
    assert pack(pa.chunked_array(chunks, kind)) == expected
    assert pack(pa.chunked_array([], kind)) == []


@pytest.mark.parametrize("pack", [name_keys, number_keys])
def test_a_dictionary_is_packed_like_its_values(pack: Callable[[Any], list[Any]]) -> None:
    column = pa.array(["张伟", None, "12", "张伟"])
    assert pack(column.dictionary_encode()) == pack(column)


@pytest.mark.parametrize("pack", [name_keys, number_keys])
def test_a_text_that_lies_under_a_null_is_no_value(pack: Callable[[Any], list[Any]]) -> None:
    texts = pa.array(["张伟", "李雷"])
    hidden = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x01"), *texts.buffers()[1:]])
    assert hidden.to_pylist() == ["张伟", None]
    assert pack(hidden)[1] == (0, 0)
    assert pack(hidden)[0] == pack(texts)[0]


def test_amounts_that_are_no_numbers_are_missing() -> None:
    found = encoding.amounts_of(pa.array(["12", "-3.5", "1,000", "x", None]))
    assert np.array_equal(found, [12, -3.5, np.nan, np.nan, np.nan], equal_nan=True)
