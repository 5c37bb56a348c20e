"""Whole numbers and money."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.standardise.quantities import money, read_integer, read_money


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12", 1200),
        ("12.3", 1230),
        ("0.07", 7),
        ("-45.60", -4560),
        ("1,234,567.89", 123456789),
        ("１２．５０", 1250),
        ("¥12.50", 1250),
        ("12.50元", 1250),
        ("(12.50)", -1250),
        ("12.5000", 1250),
        ("1.2E+3", 120000),
        ("0.29", 29),
    ],
)
def test_yuan_become_fen_exactly(text, fen):
    assert read_money(text) == (fen, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("十二", "not_a_number"), ("12.345", "part_of_a_fen"), ("1e20", "too_large"), ("(-5)", "not_a_number")],
)
def test_an_amount_that_cannot_be_read_is_told(text, reason):
    assert read_money(text) == (None, reason)


@given(st.integers(-(10**14), 10**14))
def test_every_amount_of_fen_comes_back(fen):
    assert read_money(f"{Decimal(fen) / 100:,.2f}") == (fen, None)


@pytest.mark.parametrize(("text", "number"), [("38", 38), ("38岁", 38), ("38.0", 38), ("-1", -1), ("３", 3)])
def test_a_whole_number_is_read(text, number):
    assert read_integer(text) == (number, None)


@pytest.mark.parametrize("text", ["3.5", "abc", "1-2"])
def test_what_is_no_whole_number_is_told(text):
    assert read_integer(text) == (None, "not_a_number")


@given(st.lists(st.text(st.sampled_from("0123456789.,-元 "), max_size=16), unique=True))
def test_reading_many_is_reading_each(texts):
    many = money(texts)
    assert list(zip(many.values.to_pylist(), many.reasons.to_pylist(), strict=True)) == [*map(read_money, texts)]
