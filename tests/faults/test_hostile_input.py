"""Hostile and broken input: a clear error, and nothing lost. Each test is named by what comes in at the door."""

import ast
import csv
import io
import pickle
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from flows.list_files import write_list
from tests.faults.doorway import CONTRACT, HEADERS, accepted, as_csv, as_xlsx, cells, refusal, through, told
from transforms.pages import read_page
from warehouse.lake import Lake

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("flows", "connectors", "expectations", "transforms", "warehouse", "benchmarks", "console")

# -- columns ------------------------------------------------------------------------------------------------------


def _header_of(name: str) -> str:
    return CONTRACT.column(name).header


@pytest.mark.parametrize(
    ("headers", "row", "words"),
    [
        ([*HEADERS, "备注"], [*cells(), "x"], ["备注"]),
        ([each.replace("火化日期", "火化时间") for each in HEADERS], cells(), ["cremated_on", "火化日期", "火化时间"]),
        (HEADERS[:1] + HEADERS[2:], cells()[:1] + cells()[2:], ["name", "死者姓名"]),
    ],
    ids=["added", "renamed", "missing"],
)  # fmt: skip
def test_a_column_added_renamed_or_missing_blocks_with_its_name(
    headers: list[str], row: list[Any], words: list[str]
) -> None:
    said = told(through(as_csv(row, headers=headers)))
    assert all(word in said for word in words), said


def test_a_column_of_another_type_blocks_with_its_name() -> None:
    rows = [cells(record_no=str(at), cremated_on="已火化") for at in range(60)]
    said = told(through(as_csv(*rows)))
    assert "cremated_on" in said or _header_of("cremated_on") in said, said


# -- numbers that are text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_digits_and_leading_zeros_stay_text(form: str) -> None:
    row = cells(record_no="000123", id_no="370303199001011239", handler_phone="05331234567")
    found = through({"csv": as_csv, "xlsx": as_xlsx}[form](row), form)
    assert accepted(found, "record_no") == ["000123"]
    assert accepted(found, "handler_phone") == ["05331234567"]


@pytest.mark.parametrize("ruined", ["3.70E+17", "3.70303199001011E+17"])
def test_a_key_that_a_spreadsheet_ruined_is_quarantined_with_its_reason(ruined: str) -> None:
    found = through(as_csv(cells(record_no=ruined), cells(record_no="2")))
    assert found.quarantined["reason_code"].to_pylist() == ["digits_lost"]
    assert ruined in found.quarantined["delivered_json"][0].as_py()
    assert accepted(found, "record_no") == ["2"]


def test_an_identity_number_that_a_spreadsheet_ruined_is_set_aside_and_nobodys() -> None:
    found = through(as_xlsx(cells(id_no=370303199001011234)), "xlsx")
    assert accepted(found, "id_no") == [None]


# -- characters ---------------------------------------------------------------------------------------------------


def test_bytes_that_gb18030_lacks_are_quarantined_with_their_offset() -> None:
    content = as_csv(cells(name="王小明"), cells(record_no="2")).decode().encode("gb18030")
    at = content.index("王".encode("gb18030"))
    found = through(content[:at] + b"\xff" + content[at + 1 :], encoding="gb18030")
    (row,) = found.quarantined.to_pylist()
    assert (row["_row_number"], row["reason_code"]) == (2, "undecodable")
    assert f"byte_offset={at}" in row["delivered_json"]
    assert "\ufffd" not in row["delivered_json"] and accepted(found, "record_no") == ["2"]


NAMES = {"𠮷𬎆㛃": "𠮷𬎆㛃", "买买提•艾力": "买买提·艾力", "买买提・艾力": "买买提·艾力", "买买提．艾力": "买买提·艾力",
         "买买提.艾力": "买买提·艾力", "阿" * 50: "阿" * 50}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_rare_characters_dots_and_long_names_come_back_from_everywhere(encoding: str, tmp_path: Path) -> None:
    content = as_csv(*(cells(record_no=str(at), name=name) for at, name in enumerate(NAMES)))
    found = through(content.decode().encode(encoding), encoding=encoding)
    assert accepted(found, "name") == list(NAMES.values())
    lake = Lake(tmp_path / "lake", bytes(32))
    lake.write_table("a.parquet", found.accepted)
    names = lake.read_table("a.parquet").select(["name"])
    for form in ("csv", "xlsx"):
        write_list(names, tmp_path / f"list.{form}", "zh")
        assert [row[0] for row in _cells_of(tmp_path / f"list.{form}")[1:]] == list(NAMES.values())


def _cells_of(path: Path) -> list[list[Any]]:
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    return [list(row) for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]


# -- things that would run --------------------------------------------------------------------------------------------


class _Opens:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path("/tmp/nuanxin-was-loaded").touch, ())


@pytest.mark.parametrize("form", ["csv", "tsv", "parquet", "xlsx", "csv.gz", "csv.zip"])
def test_a_pickle_is_never_loaded(form: str) -> None:
    assert refusal(pickle.dumps(_Opens()), form)[0] in ("wrong_format", "wrong_header", "wrong_encoding", "half_file")
    assert not Path("/tmp/nuanxin-was-loaded").exists()


def test_a_pickled_schema_in_a_parquet_is_never_loaded() -> None:
    table = pa.table({header: pa.array([str(at)]) for at, header in enumerate(HEADERS)})
    table = table.replace_schema_metadata({"pandas": pickle.dumps(_Opens())})
    content = io.BytesIO()
    pq.write_table(table, content)
    through(content.getvalue(), "parquet")
    assert not Path("/tmp/nuanxin-was-loaded").exists()


@pytest.mark.parametrize(
    "page", ["!!python/object/apply:os.system ['true']", "!!python/name:os.system", "a: !!python/tuple [1]"]
)
def test_a_yaml_tag_is_never_loaded(page: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read_page(page)


def _calls_and_imports() -> list[tuple[str, str]]:
    found = []
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                found += [(str(path), name.split(".")[0]) for name in names]
            elif isinstance(node, ast.Call):
                found.append((str(path), ast.unparse(node.func)))
                found += [(str(path), f"{word.arg}={ast.unparse(word.value)}") for word in node.keywords]
    return found


def test_nothing_in_the_code_loads_objects() -> None:
    found = _calls_and_imports()
    assert len(found) > 5_000
    loaders = {
        "pickle",
        "cPickle",
        "marshal",
        "shelve",
        "dill",
        "cloudpickle",
        "joblib",
        "allow_pickle=True",
        "eval",
        "exec",
    }
    calls = {
        "pd.read_pickle",
        "pandas.read_pickle",
        "yaml.unsafe_load",
        "yaml.full_load",
        "yaml.load_all",
        "os.system",
        "shell=True",
    }
    assert not [each for each in found if each[1] in loaders | calls]
    assert {Path(path).name for path, call in found if call == "yaml.load"} == {
        "pages.py"
    }  # whose loader is a safe one


# -- names that attack ------------------------------------------------------------------------------------------------

ATTACKS = ["=cmd()", "+cmd()", "-cmd()", "@SUM(A1)", "＝cmd()", "\t=cmd()", "\n=cmd()", "<script>alert(1)</script>",
           "'; drop table persons; --", "王\n小明"]  # fmt: skip


def test_an_attack_in_a_name_is_accepted_as_the_text_it_is_or_quarantined() -> None:
    found = through(as_csv(*(cells(record_no=str(at), name=name) for at, name in enumerate(ATTACKS))))
    assert found.rows_read == len(ATTACKS) == found.accepted.num_rows + found.rows_quarantined
    assert all("\n" not in (name or "") for name in accepted(found, "name"))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_of_a_list_runs_in_a_spreadsheet(form: str, tmp_path: Path) -> None:
    out = tmp_path / f"list.{form}"
    table = pa.table({"=name": ATTACKS, "amount_yuan": pa.array([Decimal("-1.00")] * len(ATTACKS))})
    write_list(table, out, "en")
    headers, *rows = _cells_of(out)
    assert not [
        cell for cell in [headers[0], *(row[0] for row in rows)] if cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    ]
    assert [row[0].removeprefix("'") for row in rows] == [
        name if not name.startswith("'") else name.removeprefix("'") for name in ATTACKS
    ]
    if form == "xlsx":
        assert {cell.data_type for row in openpyxl.load_workbook(out).active.iter_rows() for cell in row} <= {"s", "n"}
