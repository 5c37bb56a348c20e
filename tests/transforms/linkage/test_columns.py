"""Tables as somebody keeps them, and what a model reads in them."""

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.linkage import load_model
from transforms.linkage.columns import Ready, Unread, columns_of_model, made_ready

MODEL = load_model("""
comparisons:
- {name: born, kind: date}
- {name: year, kind: year, columns: [year, born]}
- {name: number, kind: exact}
- {name: income, kind: amount}
blocking: {rules: [{name: all, agree: [number, "left(place, 2)"]}]}
""")


def ready(name: str, values: list[Any], kind: pa.DataType | None = None) -> Ready:
    table = pa.table({"id": pa.array(range(len(values))), name: pa.array(values, kind), "other": ["x"] * len(values)})
    return made_ready(table, MODEL, "id")


def read(name: str, *values: Any, kind: pa.DataType | None = None) -> list[Any]:
    found: list[Any] = ready(name, list(values), kind).table[name].to_pylist()
    return found


def test_what_each_column_must_hold() -> None:
    assert columns_of_model(MODEL) == {
        "born": "date", "year": "year", "number": "text", "income": "amount", "place": "text"
    }  # fmt: skip


def test_columns_that_the_model_does_not_read_are_left_out() -> None:
    assert ready("number", ["1"]).table.column_names == ["id", "number"]


@pytest.mark.parametrize(
    "text", ["1986-02-08", "1986/2/8", "1986.02.08", "19860208", " 1986-2-8 ", "1986-02-08 00:00:00"]
)
def test_a_date_is_read_year_first(text: str) -> None:
    assert read("born", text) == [date(1986, 2, 8)]


@pytest.mark.parametrize(
    "text", ["1986-02-30", "1986-13-01", "0000-01-01", "8/2/1986", "1986", "19861", "soon", "1986-02"]
)
def test_what_is_no_date_is_set_aside_and_counted(text: str) -> None:
    found = ready("born", [text, "1986-02-08", None, ""])
    assert found.table["born"].to_pylist() == [None, date(1986, 2, 8), None, None]
    assert found.unread == {"born": Unread("date", 1, 2)}


@settings(deadline=None)
@given(st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32))
def test_there_is_a_day_or_there_is_none(year: int, month: int, day: int) -> None:
    try:
        expected = date(year, month, day)
    except ValueError:
        expected = None
    assert read("born", f"{year:04}-{month}-{day}") == [expected]


@pytest.mark.parametrize(
    ("values", "kind"),
    [([datetime(1986, 2, 8, 13, 5)], None), ([date(1986, 2, 8)], pa.date64()), ([19860208], pa.int64())],
)
def test_dates_of_other_types(values: list[Any], kind: pa.DataType | None) -> None:
    assert read("born", *values, kind=kind) == [date(1986, 2, 8)]


def test_years() -> None:
    assert read("year", "1986", " 1990 ", "86", "x", None) == [1986, 1990, None, None, None]
    assert read("year", 1986, 86, None) == [1986, None, None]
    assert read("year", 1986.0, None) == [1986, None]
    assert read("year", date(1986, 2, 8)) == [1986]


def test_amounts() -> None:
    assert read("income", "12.50", "-3", "1,000", "") == [12.5, -3.0, None, None]
    assert read("income", 7, None) == [7.0, None]


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["007", "", None], None, ["007", None, None]),
        ([7, None], pa.int64(), ["7", None]),
        ([13800000000.0, None, float("nan")], None, ["13800000000", None, None]),
        ([370303198402281235], pa.int64(), ["370303198402281235"]),
        (["a", "b"], pa.large_string(), ["a", "b"]),
        ([True], None, ["true"]),
        ([date(1986, 2, 8)], None, ["1986-02-08"]),
        ([None, None], pa.null(), [None, None]),
    ],
)
def test_everything_else_is_text(values: list[Any], kind: pa.DataType | None, expected: list[Any]) -> None:
    assert read("number", *values, kind=kind) == expected


def test_categories_are_their_values() -> None:
    column = pa.array(["a", "", "a"]).dictionary_encode()
    table = pa.table({"id": [1, 2, 3], "number": column})
    assert made_ready(table, MODEL, "id").table["number"].to_pylist() == ["a", None, "a"]


@pytest.mark.parametrize("values", [[370303198402281235.0], [[1, 2]], [{"a": 1}], [b"\xff\xfe"]])
def test_what_cannot_be_compared_is_named_with_its_type(values: list[Any]) -> None:
    found = ready("number", values)
    assert list(found.unusable) == ["number"]
    assert "number" not in found.table.column_names


def test_a_column_in_pieces_and_a_slice() -> None:
    column = pa.chunked_array([pa.array(["1986-02-08", "x"]), pa.array(["19900101"])]).slice(1)
    table = pa.table({"id": np.arange(2), "born": column})
    assert made_ready(table, MODEL, "id").table["born"].to_pylist() == [None, date(1990, 1, 1)]


def test_no_rows() -> None:
    assert read("born", kind=pa.string()) == []
