"""What `nuanxin link` works with and says a word about."""

import json

import pyarrow as pa
import pytest
from pyarrow import csv

from tests.flows.desk import ROW, Desk

pytestmark = pytest.mark.xdist_group("nights")


def test_an_untrained_model_says_so(desk: Desk) -> None:
    said = desk.link()
    assert said.status == 0
    assert "--train" in said.err


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_empty_column_says_nothing_and_that_is_said(desk: Desk, side: str) -> None:
    empty = {**ROW, "born": ""}
    desk.lay([empty if side == "left" else ROW], [empty if side == "right" else ROW])
    said = desk.link()
    assert said.status == 0
    assert f"column born of --{side} is empty" in said.err
    assert desk.pairs()[0]["born"] is None


def test_one_value_everywhere_makes_no_pairs_beyond_its_block(desk: Desk) -> None:
    rows = [{**ROW, "id": str(place)} for place in range(5000)]
    said = desk.lay(rows, rows).link("--json")
    assert said.status == 0
    assert json.loads(said.out)["pairs_compared"] == 0
    assert "column name of --right holds one value everywhere" in said.err


def test_dates_that_cannot_be_read_count_as_missing(desk: Desk) -> None:
    left = [{**ROW, "id": str(place), "born": born} for place, born in
            enumerate(["1986-02-28", "1986/2/28", "19860228", "1986-02-30", "about 1986"])]  # fmt: skip
    said = desk.lay(left, [ROW]).link()
    assert said.status == 0
    assert "2 of 5 values in column born of --left" in said.err
    assert "about 1986" not in said.err
    levels = {pair["left_id"]: pair["born"] for pair in desk.pairs()}
    assert [levels[place] for place in range(5)] == ["same", "same", "same", "", ""]


def test_truth_about_rows_that_are_not_there(desk: Desk) -> None:
    csv.write_csv(pa.table({"left_id": ["1", "77"], "right_id": ["1", "1"]}), desk.at("truth.csv"))
    said = desk.link("--evaluate", desk.at("truth.csv"))
    assert said.status == 0
    assert "1 of the 2 true pairs" in said.err
