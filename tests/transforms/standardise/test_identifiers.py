"""Identity numbers by column: check character, fifteen digits, what is inside, what means nothing."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.drawn import identity_number
from transforms.standardise.identifiers import (
    as_18,
    births,
    check_character,
    damaged,
    disability_nos,
    id_nos,
    inner_id_no,
    sexes_inside,
    valid_18,
)

PEOPLE = st.builds(
    identity_number,
    st.dates(date(1900, 1, 1), date(2025, 1, 1)).map(lambda day: day.strftime("%Y%m%d")),
    sex=st.sampled_from([1, 2]),
    serial=st.integers(0, 99),
)


def column(*texts):
    return pa.array(texts, pa.string())


def read(text):
    answer = id_nos([text])
    return answer.values[0].as_py(), answer.reasons[0].as_py()


@given(PEOPLE)
def test_a_number_with_its_computed_check_character_is_valid(number):
    assert valid_18(column(number)).to_pylist() == [number]
    assert check_character(number[:17]) == number[17]


@given(PEOPLE, st.integers(0, 16), st.integers(1, 9))
def test_any_one_changed_digit_makes_it_invalid(number, place, shift):
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert valid_18(column(wrong)).to_pylist() == [None]


@given(PEOPLE, st.integers(0, 16))
def test_two_neighbouring_digits_exchanged_make_it_invalid(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert valid_18(column(swapped)).to_pylist() == [None]


@given(PEOPLE)
def test_what_is_inside_is_what_was_put_in(number):
    birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    assert births(column(number)).to_pylist() == [birth]
    assert sexes_inside(column(number)).to_pylist() == ["1" if int(number[16]) % 2 else "2"]


def test_fifteen_digits_become_the_number_that_the_person_has_today():
    number = identity_number("19620417", sex=2)
    assert as_18(column(number[:6] + number[8:17], None, "x")).to_pylist() == [number, None, "x"]


def test_an_impossible_date_inside_is_wrong_though_the_check_character_fits():
    number = identity_number("19620230", sex=1)
    assert read(number) == (number, "bad_check")


def test_lower_case_and_full_width_are_mended():
    number = next(n for n in (identity_number("19850101", sex=1, serial=s) for s in range(99)) if n[-1] == "X")
    full_width = "".join(chr(ord(character) + 0xFEE0) for character in number.lower())
    assert read(number.lower()) == (number, None)
    assert read(f" {full_width[:6]} {full_width[6:]}") == (number, None)


def test_a_wrong_check_character_is_a_defect_and_the_number_is_kept():
    number = identity_number("19850101", sex=1)
    wrong = number[:17] + ("1" if number[17] != "1" else "2")
    assert read(wrong) == (wrong, "bad_check")


@pytest.mark.parametrize("text", ["无", "不详", "000000000000000000", "1", "-", "", "  ", "0", "111111111111111"])
def test_a_placeholder_is_missing_and_no_defect(text):
    assert read(text) == (None, None)


@pytest.mark.parametrize("text", ["3.70303E+17", "37030319850101", "H12345678", "370303198501010"[:14] + "X"])
def test_another_shape_is_lost_and_told(text):
    assert read(text) == (None, "bad_shape")


def test_what_is_left_of_a_number_can_still_be_compared():
    assert damaged(" 3703031985010112x ") == "3703031985010112X"
    assert damaged("H12345678") is None


@pytest.mark.parametrize("place", ["810000", "820000", "830000", "911156"])
def test_permits_of_residents_and_foreigners_have_the_same_check(place):
    number = identity_number("19850101", sex=1, place=place)
    assert read(number) == (number, None)


@pytest.mark.parametrize("tail", ["42", "42B1", "11B12"])
def test_a_disability_number_holds_an_identity_number(tail):
    number = identity_number("19850101", sex=1)
    assert inner_id_no(column(number + tail)).to_pylist() == [number]
    assert disability_nos([number + tail]).values.to_pylist() == [number + tail]


@pytest.mark.parametrize("tail", ["", "4", "82", "45", "42C1"])
def test_a_disability_number_of_another_shape_is_lost_and_told(tail):
    assert disability_nos([identity_number("19850101", sex=1) + tail]).reasons.to_pylist() == ["bad_shape"]


def test_an_empty_column_stays_empty():
    empty = pa.array([], pa.string())
    assert valid_18(empty).to_pylist() == births(empty).to_pylist() == sexes_inside(empty).to_pylist() == []
