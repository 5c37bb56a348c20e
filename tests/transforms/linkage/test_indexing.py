"""The index of a register: what is found through it is what is found without it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.transforms.linkage.test_matching import MODEL, people
from transforms.linkage import load_model
from transforms.linkage.indexing import Index, NoIndex, read_index, write_index
from transforms.linkage.matching import Sides, match, matches_table
from transforms.linkage.model import LinkageModel, dump_model

WITH_NAMES = load_model("""
comparisons:
- {name: name, kind: name, columns: [name, former]}
- {name: born, kind: date}
- {name: number, kind: id_no, columns: [number, number_text]}
- {name: phone, kind: exact}
- {name: father, kind: relative, columns: [father, father_number]}
- {name: street, kind: address, columns: [street, township, county]}
blocking:
  rare: 3
  rules:
  - {name: rare, agree: [rare(name)]}
  - {name: phone, agree: [phone], with: [other_phone]}
  - {name: no_phone, agree: [born], lacking: phone}
""")


def register(count: int) -> pa.Table:
    rows = np.arange(count)
    table = people(count, name=[f"{'赵钱孙李周'[row % 5]}{'一二三四五六七八九十'[row % 10]}" for row in rows])
    turned = table["phone"].take(pa.array(rows[::-1]))
    former = pa.nulls(count, pa.string())
    gaps = pa.array([None if row % 4 == 0 else f"{10**9 + row * 7919}" for row in rows])
    numbers = pa.array([None if row % 7 == 0 else f"37030319900101{row:03d}X" for row in rows])
    told = {"former": former, "number": numbers, "number_text": numbers, "father": table["name"],
            "father_number": numbers.take(pa.array(rows[::-1])), "street": table["name"], "township": table["name"],
            "county": pa.array(["370303"] * count)}  # fmt: skip
    for name, column in told.items():
        table = table.append_column(name, column)
    return table.append_column("other_phone", turned).set_column(3, "phone", gaps)


def pairs(left: pa.Table, right: pa.Table | Index, model: LinkageModel) -> pa.Table:
    sides = Sides.of(left, right, model)
    return matches_table(match(sides, model), sides, ("id", "id"), model)


@pytest.mark.parametrize(("model", "table"), [(MODEL, people(500)), (WITH_NAMES, register(500))])
def test_the_same_pairs_with_and_without(tmp_path: Path, model: LinkageModel, table: pa.Table) -> None:
    write_index(Index.of(table, model), model, "id", tmp_path / "r.index")
    found = pairs(table.slice(3, 90), read_index(tmp_path / "r.index", model, "id"), model)
    assert found.num_rows > 20
    assert found.equals(pairs(table.slice(3, 90), table, model))


def test_a_register_of_one_row(tmp_path: Path) -> None:
    write_index(Index.of(people(1), MODEL), MODEL, "id", tmp_path / "r.index")
    assert pairs(people(1), read_index(tmp_path / "r.index", MODEL, "id"), MODEL).num_rows == 1


def test_a_model_trained_anew_may_use_it(tmp_path: Path) -> None:
    write_index(Index.of(people(9), MODEL), MODEL, "id", tmp_path / "r.index")
    other = load_model(dump_model(MODEL).replace("version:", "title: trained\nversion:", 1).replace("title: ''\n", ""))
    assert read_index(tmp_path / "r.index", other, "id").packed.rows == 9


@pytest.mark.parametrize(
    ("before", "after"),
    [("agree: [name]", "agree: [name, phone]"), ("name: phone, kind: exact", "name: mail, kind: exact")],
)
def test_other_rules_or_columns_need_another_index(tmp_path: Path, before: str, after: str) -> None:
    page = """
comparisons: [{name: name, kind: text}, {name: born, kind: date}, {name: phone, kind: exact}]
blocking: {rules: [{name: name, agree: [name]}, {name: phone, agree: [phone]}]}
"""
    write_index(Index.of(people(9), MODEL), MODEL, "id", tmp_path / "r.index")
    with pytest.raises(NoIndex, match="stale"):
        read_index(tmp_path / "r.index", load_model(page.replace(before, after)), "id")


def test_another_column_of_ids(tmp_path: Path) -> None:
    write_index(Index.of(people(9), MODEL), MODEL, "id", tmp_path / "r.index")
    with pytest.raises(KeyError, match="id"):
        read_index(tmp_path / "r.index", MODEL, "phone")


@pytest.mark.parametrize("kept", [0, 7, 400, -9])
def test_half_a_file_is_damaged(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "r.index"
    write_index(Index.of(people(9), MODEL), MODEL, "id", path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises((NoIndex, OSError)):
        read_index(path, MODEL, "id")


def test_another_arrow_file_is_none(tmp_path: Path) -> None:
    with pa.OSFile(str(tmp_path / "r.index"), "wb") as file, pa.ipc.new_file(file, people(2).schema) as writer:
        writer.write_table(people(2))
    with pytest.raises(NoIndex, match="damaged"):
        read_index(tmp_path / "r.index", MODEL, "id")
