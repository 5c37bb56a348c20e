"""What `nuanxin link` refuses: everything wrong with options and tables at once, before any work, and no row quoted."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from tests.flows.desk import MODEL, ROW, Desk, refused

pytestmark = pytest.mark.xdist_group("nights")


def test_all_faults_are_told_at_once(desk: Desk) -> None:
    desk.lay([{"name": "x"}], [], MODEL.replace("exact", "exactly"))
    said = desk.link("--save", desk.at("trained.yaml"), "--evaluate", desk.at("no.csv"), out="pairs.xlsx")
    refused(said, "--out pairs.xlsx", "--save", "--model model.yaml: comparisons[3].kind", "--evaluate", "--left-id id")
    assert desk.left_behind() == set()


def test_a_fault_speaks_chinese_too(desk: Desk) -> None:
    refused(desk.link(left="nobody.csv", lang="zh"), "--left", "不存在")


def test_too_many_pairs_are_told_before_any_is_compared(desk: Desk) -> None:
    rows = [{**ROW, "id": str(place), "phone": f"0{place % 2}"} for place in range(60)]
    model = MODEL.replace("blocking: {", "blocking: {max_pairs: 1000, ")
    said = desk.lay(rows, rows, model).link()
    refused(said, "5,400 pairs", "allows 1,000", "rule name: 3,600 pairs", "row 1 of the left table", "max_pairs")
    assert ROW["name"] not in said.err
    assert desk.left_behind() == set()


def test_a_side_without_rows(desk: Desk) -> None:
    for name in ("left.csv", "right.csv"):
        Path(desk.at(name)).write_text("id,name,born,phone\n")
    refused(desk.link(), "--left left.csv has no rows", "--right right.csv has no rows")


def test_an_empty_file(desk: Desk) -> None:
    Path(desk.at("left.csv")).write_text("")
    refused(desk.link(), "--left left.csv is empty")


def test_another_encoding(desk: Desk) -> None:
    for name in ("left.csv", "right.csv"):
        Path(desk.at(name)).write_bytes("id,name,born,phone\n1,张三,1986-02-28,1\n".encode("gb18030"))
    said = desk.link()
    refused(said, "--left left.csv is not UTF-8", "--right right.csv is not UTF-8", "iconv")


def test_a_row_of_another_length_is_not_quoted(desk: Desk) -> None:
    Path(desk.at("left.csv")).write_text("id,name,born,phone\n1,Ivy Oakwood\n")
    said = desk.link()
    refused(said, "--left left.csv cannot be read")
    assert "Oakwood" not in said.err


def test_a_parquet_file_that_is_none(desk: Desk) -> None:
    Path(desk.at("left.parquet")).write_text("id,name\n")
    refused(desk.link(left="left.parquet"), "--left left.parquet cannot be read")


def test_a_suffix_nobody_knows(desk: Desk) -> None:
    Path(desk.at("left.xlsx")).write_text("")
    refused(desk.link(left="left.xlsx", out="pairs.json"), "--left left.xlsx", "--out pairs.json", ".parquet")


def test_columns_of_one_name(desk: Desk) -> None:
    Path(desk.at("left.csv")).write_text("id,name,name,born,phone\n1,a,b,,\n")
    refused(desk.link(), "columns of one name: name")


def test_ids_that_do_not_tell_rows_apart(desk: Desk) -> None:
    desk.lay([ROW, ROW, {**ROW, "id": ""}], [ROW])
    refused(desk.link("--right-id", "no"), "1 are empty, 1 are repeated", "--right-id no", "there are: id, name")


def test_numbers_that_are_floats_have_lost_digits(desk: Desk) -> None:
    table = pa.table({"id": [1], "name": ["x"], "born": [date(1986, 2, 28)], "phone": [370303198602281234.0]})
    pq.write_table(table, desk.at("left.parquet"))
    refused(desk.link(left="left.parquet"), "Column phone of --left", "double")


def test_a_column_of_which_no_date_can_be_read(desk: Desk) -> None:
    desk.lay([{**ROW, "born": "28 Feb 1986"}], [ROW])
    said = desk.link()
    refused(said, "column born of --left", "2025-06-02")
    assert "28 Feb" not in said.err


def test_truth_needs_its_columns(desk: Desk) -> None:
    csv.write_csv(pa.table({"a": ["1"]}), desk.at("truth.csv"))
    refused(desk.link("--evaluate", desk.at("truth.csv")), "left_id and right_id", "there are: a")


def test_a_place_that_cannot_be_written(desk: Desk) -> None:
    Path(desk.at("folder.csv")).mkdir()
    refused(desk.link(out="folder.csv"), "--out", "it is a folder")
    refused(desk.link(out="left.csv/pairs.csv"), "--out", "is no folder")


def test_one_file_for_two_things(desk: Desk) -> None:
    refused(desk.link("--train", "--save", desk.at("pairs.csv")), "--save and --out are the same file")
    refused(desk.link(out="left.csv"), "--out and --left are the same file")


def test_too_little_to_train_writes_nothing(desk: Desk) -> None:
    rows = [{**ROW, "id": str(place), "name": f"x{place}", "phone": str(place)} for place in range(50)]
    refused(desk.lay(rows, rows).link("--train", "--save", desk.at("m.yaml")), "too little to train", "500 are needed")
    said = desk.link("--train", lang="zh")
    refused(said, "无法训练：约找到 50 对同一人的记录，至少需要 500 对。请给出更大的表")
    assert desk.left_behind() == set()


def test_no_pairs_at_all_to_train_on(desk: Desk) -> None:
    desk.lay([ROW], [{**ROW, "name": "z", "phone": "9"}])
    refused(desk.link("--train"), "too little to train on: the blocking rules made no pairs.")
    refused(desk.link("--train", lang="zh"), "无法训练：取对规则没有取出任何一对。")
