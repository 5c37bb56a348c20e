"""The words of a blocking rule, and that DuckDB reads what they become."""

import duckdb
import pyarrow as pa
import pytest

from transforms.linkage.expressions import columns_of, is_expression, rare_columns, to_sql

ROWS = pa.table({
    "name": ["欧阳修", "王", None], "order": ["x", None, "z"], "Home phone": [None, "77", "88"],
    "born": pa.array([0, 400, None], pa.date32()), "rare__name": ["欧阳修", None, None],
})  # fmt: skip


def values(text: str) -> list[object]:
    with duckdb.connect() as base:
        base.register("given", ROWS)
        return [row[0] for row in base.sql(f"select {to_sql(text)} from given").fetchall()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name", ["欧阳修", "王", None]),
        ("order", ["x", None, "z"]),  # a word of SQL
        ("Home phone", [None, "77", "88"]),
        ("left(name, 2)", ["欧阳", "王", None]),
        ("from(name, 2)", ["阳修", None, None]),  # nothing left is nothing to agree on
        ("left(born, 4)", ["1970", "1971", None]),
        ("coalesce(Home phone, order)", ["x", "77", "88"]),
        ("coalesce(born, name)", ["1970-01-01", "1971-02-05", None]),
        ("rare(name)", ["欧阳修", None, None]),
        ("left(coalesce(order, from(name, 1)), 1)", ["x", "王", "z"]),
    ],
)
def test_what_an_expression_is_worth(text: str, expected: list[object]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "left(name)", "left(name, 0)", "left(name, 100)", "left(name, x)", "middle(name, 2)", "rare(left(name, 1))",
     "coalesce(name)", 'name" or 1=1 --', "name; drop table given",  "hash(name)", "left(name, 2"],
)  # fmt: skip
def test_what_cannot_be_read(text: str) -> None:
    assert not is_expression(text)
    with pytest.raises(ValueError):
        to_sql(text)


def test_signs_in_a_name_of_a_column_stay_inside_its_quotes() -> None:
    assert to_sql("name -- x") == '"name -- x"'


def test_another_engine_quotes_in_another_way() -> None:
    assert to_sql("coalesce(a, left(b, 2))", quote="`") == (
        "coalesce(cast(`a` as string), cast(nullif(substring(cast(`b` as string), 1, 2), '') as string))"
    )


def test_the_columns_of_an_expression() -> None:
    text = "left(coalesce(rare(name), Home phone, from(order, 2)), 3)"
    assert columns_of(text) == {"name", "Home phone", "order"}
    assert rare_columns(text) == {"name"}
