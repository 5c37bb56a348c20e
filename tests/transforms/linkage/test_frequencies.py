"""How common a value is: shares of names among persons, and of any column that a model weighs by."""

import numpy as np
import pyarrow as pa
import pytest

from tests.transforms.linkage.drawn import mention, table
from transforms.linkage import freeze_frequencies, load_model
from transforms.linkage.frequencies import NAME, Frequencies, count_frequencies
from transforms.linkage.packing import Packed

MODEL = load_model("""
comparisons: [{name: who, kind: name, columns: [name]}, {name: street, kind: text}, {name: phone, kind: exact}]
blocking: {rules: [{name: all, agree: [name]}]}
""")


def shares(column: str, *values: str | None, asked: str, model_name: str = "street") -> float:
    rows = Packed(pa.table({column: pa.array(values, pa.string())}))
    known = count_frequencies(rows, MODEL)
    other = Packed(pa.table({column: pa.array([asked])}))
    return float(np.exp2(known.bits(MODEL.comparison(model_name), other)[0]))


def test_a_value_is_as_common_as_it_is_among_those_that_have_one() -> None:
    assert shares("street", "High Street", "High Street", "Mill Lane", None, "High Street", asked="High Street") == 0.75


def test_a_value_never_seen_counts_as_half_a_row() -> None:
    assert shares("street", "a", "b", "c", "d", asked="z") == pytest.approx(1 / 8)


def test_spellings_of_one_name_are_one_value() -> None:
    assert shares("name", "张伟", "張偉", "李雷", "王芳", asked="张伟", model_name="who") == 0.5


def test_columns_that_do_not_weigh_by_value_are_not_counted() -> None:
    rows = Packed(pa.table({"name": ["a"], "street": ["b"], "phone": ["c"]}))
    assert set(count_frequencies(rows, MODEL).kinds) == {NAME, "street"}


def test_an_empty_column_has_a_share_all_the_same() -> None:
    assert 0 < shares("street", None, None, asked="High Street") < 0.01


def test_no_rows() -> None:
    known = count_frequencies(Packed(pa.table({"name": pa.array([], pa.string())})), MODEL)
    assert known.count == 2.0


def test_a_person_who_is_mentioned_often_counts_once() -> None:
    often = [mention("hospital", f"A{n}", name="张伟", birth_date="1986-02-28") for n in range(9)]
    frozen = freeze_frequencies(table(*often, mention("hospital", "B", name="李雷", birth_date="1990-01-01")))
    found = {row["value"]: row["frequency"] for row in frozen.to_pylist() if row["kind"] == NAME}
    assert found == {"张伟": 0.5, "李雷": 0.5}
    assert Frequencies.of(frozen).count == 10
