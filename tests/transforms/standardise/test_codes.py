"""Sex, code lists, divisions, phones, diagnoses and agencies' own numbers."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.standardise import codes
from transforms.standardise.codes import (
    code_reader,
    read_division,
    read_icd10,
    read_key,
    read_phone,
    read_sex,
)
from transforms.standardise.divisions import division_today, replaced_codes, township_today


@pytest.mark.parametrize(
    ("text", "sex"),
    [("1", "1"), ("男", "1"), ("2", "2"), ("女", "2"), ("0", None), ("9", None), ("未知", None), ("１", "1")],
)
def test_sex_by_code_or_word(text, sex):
    assert read_sex(text) == (sex, None)


def test_a_sex_outside_the_list_is_told():
    assert read_sex("3") == (None, "unknown_code")


def test_codes_are_read_by_the_columns_list():
    read = code_reader({"有效": "valid", "IA": "marriage"})(["有效", "ｉａ", "valid", "失效", "-"])
    assert read.values.to_pylist() == ["valid", "marriage", "valid", None, None]
    assert read.reasons.to_pylist() == [None, None, None, "unknown_code", None]


@pytest.mark.parametrize("code", ["370303", "370303003", "370303003290", "371202"])
def test_a_division_is_kept_as_delivered(code):
    assert read_division(code) == (code, None)


@pytest.mark.parametrize("code", ["37", "3703031", "张店区", "070303"])
def test_a_division_of_another_shape_is_told(code):
    assert read_division(code) == (None, "bad_division")


def test_a_division_means_the_place_of_today():
    codes = pa.array(["371202", "371203001002", "370303003290", None])
    assert division_today(codes).to_pylist() == ["370116", "370117", "370303", None]


@pytest.mark.parametrize(
    ("old", "today"),
    [("370122", "370114"), ("370223", "370211"), ("372330", "371681"), ("320684", "320614"), ("370303", "370303")],
)
def test_a_code_is_followed_through_all_its_changes(old, today):
    assert division_today(pa.array([old])).to_pylist() == [today]


def test_no_code_leads_in_a_circle_or_to_a_code_that_was_replaced():
    today = replaced_codes()
    assert not [code for code, last in today.items() if last in today or last == code]


def test_a_township_is_the_first_nine_digits():
    codes = pa.array(["370303003290", "371202001", "370303", "370303000000", None])
    assert township_today(codes).to_pylist() == ["370303003", "370116001", None, None, None]


@pytest.mark.parametrize("text", ["138 0000 0001", "138-0000-0001", "+8613800000001", "13800000001/13800000002"])
def test_a_phone_is_its_digits(text):
    assert read_phone(text) == ("13800000001", None)


def test_a_phone_of_letters_is_told():
    assert read_phone("村委会") == (None, "bad_shape")


def test_a_diagnosis_is_upper_case():
    assert read_icd10("i21.9") == ("I21.9", None)
    assert read_icd10("心梗") == (None, "bad_shape")


def test_an_agencys_number_keeps_its_letters_and_an_identity_number_its_x():
    assert read_key(" ab-１ ") == ("ab-1", None)
    assert read_key("37030319850101123x") == ("37030319850101123X", None)


def test_a_number_that_a_spreadsheet_rounded_is_lost():
    assert read_key("3.70303E+17") == (None, "bad_shape")


TYPED = st.text(st.sampled_from("0123456789ABEXx-. +王无１"), max_size=20)


@given(st.lists(TYPED, unique=True))
@pytest.mark.parametrize(("reader", "read"), [(codes.keys, read_key), (codes.phones, read_phone)])
def test_reading_many_is_reading_each(reader, read, texts):
    many = reader(texts)
    assert list(zip(many.values.to_pylist(), many.reasons.to_pylist(), strict=True)) == [*map(read, texts)]


@pytest.mark.parametrize("text", ["柳泉路91号", "a/b", "无", "N/A", "-", " 两  端 ", "Ｘ１", "王" * 501])
def test_a_text_is_the_same_alone_and_among_many(text):
    alone, among = codes.texts([text]), codes.texts(["一", text, "1 2"])
    assert (alone.values[0], alone.reasons[0]) == (among.values[1], among.reasons[1])


def test_a_placeholder_among_keys_is_missing():
    assert codes.keys(["NA", "NIL", "---", "SW202500001"]).values.to_pylist() == [None, None, None, "SW202500001"]
