"""What `nuanxin link` works with and says a word about."""

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv

from tests.flows.desk import MODEL, ROW, Desk

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


SMALL = MODEL.replace("blocking: {rules", "blocking: {max_block: 2, rules")
NAMED = [{**ROW, "id": f"{place}", "name": name, "phone": f"{place}"}
         for place, name in enumerate(["Bea Hill", *["Ivy Oak"] * 3, *["Leo Ash"] * 4, *["Mia Elm"] * 2])]  # fmt: skip


TOLD = {
    "zh": ("规则 name 放弃了 2 个取值", "合计右表 7 行，左表有 7 行在找", "右表 4 行（如左表第 5 行在找）；右表 3 行"),
    "en": (
        "rule name gave up 2 values",
        "7 rows together, and 7 rows",
        "4 rows (row 5 of the left table looks for it); 3",
    ),
}


@pytest.mark.parametrize("lang", TOLD)
def test_keys_that_a_rule_gives_up_are_told_without_what_they_are(desk: Desk, lang: str) -> None:
    said = desk.lay(NAMED, NAMED, SMALL).link("--report", desk.at("model.html"), "--json", lang=lang)
    assert said.status == 0
    assert [each for each in TOLD[lang] if each not in said.err] == []
    assert json.loads(said.out)["given_up"] == [
        {"rule": "name", "keys": 2, "left_rows": 7, "right_rows": 7,
         "heaviest": [{"right_rows": 4, "left_row": 5}, {"right_rows": 3, "left_row": 2}]}
    ]  # fmt: skip
    page = Path(desk.at("model.html")).read_text("utf-8").partition('id="given-up"')[2]
    counts = re.findall(r'<td class="num">(.*?)</td>', page.partition("</table>")[0])
    assert counts == ["2", "7", "7", "4、3" if lang == "zh" else "4, 3"]
    assert not re.search("Ivy|Leo|Oak|Ash", said.err + said.out + page)


def test_where_nothing_is_given_up_nothing_is_noted(desk: Desk) -> None:
    alone = [{**ROW, "name": "Leo Ash", "phone": "9"}]  # nobody looks for the values that are too common
    said = desk.lay(alone, NAMED[:4], SMALL).link("--report", desk.at("model.html"), "--json")
    assert json.loads(said.out)["given_up"] == []
    assert "gave up" not in said.err
    assert "Nothing: every value that the left table looks for" in Path(desk.at("model.html")).read_text("utf-8")


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
