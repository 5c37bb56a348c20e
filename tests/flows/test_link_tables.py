"""The two tables of `nuanxin link` as they come: csv and parquet, any script, any name of a column."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.flows.desk import MODEL, ROW, Desk

pytestmark = pytest.mark.xdist_group("nights")


def test_parquet_is_read_with_the_types_it_has(desk: Desk) -> None:
    row = {"id": 1, "name": "Ivy Oakwood", "born": date(1986, 2, 28), "phone": 7700900101}
    pq.write_table(pa.Table.from_pylist([row]), desk.at("left.parquet"))
    desk.lay([], [{**row, "phone": "7700900101"}])
    assert desk.link(left="left.parquet").status == 0
    assert desk.pairs()[0]["phone"] == "same"


def test_numbers_of_a_csv_stay_text(desk: Desk) -> None:
    desk.lay([ROW], [ROW, {**ROW, "id": "2", "phone": ROW["phone"][:-1] + "5"}])
    assert desk.link().status == 0
    assert {pair["right_id"]: pair["phone"] for pair in desk.pairs()}[1] == "same"
    assert {pair["right_id"]: pair["phone"] for pair in desk.pairs()}.get(2, "different") == "different"


def test_a_csv_with_a_mark_quotes_and_line_breaks_is_read(desk: Desk) -> None:
    text = '\ufeff"id","name","born","phone"\r\n"1","Ivy ""Oak""\r\nwood, née Elm","1986-02-28",""\r\n'
    for name in ("left.csv", "right.csv"):
        Path(desk.at(name)).write_bytes(text.encode())
    assert desk.link().status == 0
    assert (desk.pairs()[0]["name"], desk.pairs()[0]["phone"]) == ("same", None)


def test_na_and_null_are_names(desk: Desk) -> None:
    desk.lay([{**ROW, "name": "Null"}], [{**ROW, "name": "Null"}])
    assert desk.link().status == 0
    assert desk.pairs()[0]["name"] == "same"


def test_a_name_of_fifty_characters_is_compared(desk: Desk) -> None:
    desk.lay([{**ROW, "name": "巴" * 50}], [{**ROW, "name": "巴" * 49 + "图"}])
    assert desk.link().status == 0
    assert desk.pairs()[0]["name"] == "very_similar"


def test_a_column_may_be_called_anything(desk: Desk) -> None:
    row = {"id": "1", "order": "Ivy Oakwood", "出生日期": "1986-02-28", "Home phone": "77009"}
    model = MODEL.replace("kind: text", "kind: text, columns: [order]").replace(
        "kind: date", "kind: date, columns: [出生日期]"
    )
    model = model.replace("kind: exact", "kind: exact, columns: [Home phone]")
    model = model.replace("agree: [name]", "agree: [order, 'left(出生日期, 4)']").replace("[phone]}]", "[Home phone]}]")
    assert desk.lay([row], [row], model).link().status == 0
    assert len(desk.pairs()) == 1
