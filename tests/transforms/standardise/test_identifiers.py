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
    id_kinds,
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


@pytest.mark.parametrize("typed", ["х", "Х", "Χ", "×", "Ⅹ", "ｘ", "*", " X", "-X"])
def test_whatever_stands_for_the_x_is_an_x(typed):
    number = next(n for n in (identity_number("19850101", sex=1, serial=s) for s in range(99)) if n[-1] == "X")
    assert read(number[:17] + typed) == (number, None)


@pytest.mark.parametrize("between", ["-", " ", "—", "–", "\u3000", "\u00a0", "'"])
def test_what_is_typed_between_the_groups_goes(between):
    number = identity_number("19850101", sex=1)
    assert read(between.join([number[:6], number[6:14], number[14:]])) == (number, None)
    assert damaged(between.join([number[:6], number[6:14], number[14:17]])) == number[:17]


@pytest.mark.parametrize(
    ("last", "born"), [("995", date(1901, 2, 3)), ("996", date(1801, 2, 3)), ("999", date(1801, 2, 3))]
)
def test_the_last_numbers_of_fifteen_digits_were_kept_for_centenarians(last, born):
    number = valid_18(column("370303010203" + last))
    assert births(number).to_pylist() == [born]
    assert sexes_inside(number).to_pylist() == ["1" if int(last) % 2 else "2"]


def test_somebody_born_before_1900_has_a_number_of_eighteen_characters():
    number = identity_number("18991231", sex=2)
    assert births(valid_18(column(number))).to_pylist() == [date(1899, 12, 31)]


@pytest.mark.parametrize("place", ["000000", "170303", "990303", "970303"])
def test_a_number_of_no_province_is_wrong_though_the_check_character_fits(place):
    assert valid_18(column(identity_number("19850101", sex=1, place=place))).to_pylist() == [None]


def test_a_county_that_was_younger_than_the_holder_does_not_matter():
    number = identity_number("19620417", sex=1, place="370116")
    assert valid_18(column(number)).to_pylist() == [number]


@pytest.mark.parametrize(
    ("place", "kind"),
    [("370303", "resident"), ("710000", "resident"), ("810000", "hong_kong"), ("820000", "macao"), ("830000", "taiwan"),
     ("911156", "foreigner")],
)  # fmt: skip
def test_the_first_digits_tell_the_document(place, kind):
    assert id_kinds(column(identity_number("19850101", sex=1, place=place))).to_pylist() == [kind]


def test_the_old_form_of_a_foreigners_card_is_kept_as_text():
    assert read("fra310061040201") == ("FRA310061040201", None)
    assert id_kinds(column("FRA310061040201", None, "x", "370303620417001")).to_pylist() == [
        "foreigner", None, None, "resident",
    ]  # fmt: skip
    assert valid_18(column("FRA310061040201")).to_pylist() == [None]


def test_a_disability_number_in_an_identity_column_is_the_number_inside():
    number = identity_number("19850101", sex=1)
    wrong = number[:17] + ("1" if number[17] != "1" else "2")
    assert read(number + "42") == (number, None)
    assert read(wrong + "42") == (None, "bad_shape")


@given(st.lists(st.text(st.sampled_from("0123456789Xx 　-王Ｘ"), min_size=13, max_size=20) | PEOPLE, unique=True))
def test_reading_many_is_reading_each(texts):
    many = id_nos(texts)
    assert list(zip(many.values.to_pylist(), many.reasons.to_pylist(), strict=True)) == [*map(read, texts)]


def test_an_empty_column_stays_empty():
    empty = pa.array([], pa.string())
    assert valid_18(empty).to_pylist() == births(empty).to_pylist() == sexes_inside(empty).to_pylist() == []
