"""`nuanxin link` as an engineer meets it: two files and a model go in, pairs or sentences come out."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from tests.commands import ROOT, CommandLine, Said
from tests.flows.english import Lists, drawn

pytestmark = pytest.mark.xdist_group("nights")
EXAMPLES = ROOT / "docs" / "examples"

MODEL = """
comparisons:
- {name: name, kind: text}
- {name: born, kind: date}
- {name: phone, kind: exact}
blocking: {rules: [{name: name, agree: [name]}, {name: phone, agree: [phone]}]}
"""
ROW = {"id": "1", "name": "Ivy Oakwood", "born": "1986-02-28", "phone": "0099900011122233344"}


@dataclass(frozen=True)
class Desk:
    """A folder with two tables and a model, and the command run in it."""

    folder: Path
    nuanxin: CommandLine

    def lay(self, left: list[dict[str, Any]], right: list[dict[str, Any]], model: str = MODEL) -> "Desk":
        for name, rows in (("left", left), ("right", right)):
            csv.write_csv(pa.Table.from_pylist(rows), self.folder / f"{name}.csv")
        (self.folder / "model.yaml").write_text(model, "utf-8")
        return self

    def at(self, name: str) -> str:
        return str(self.folder / name)

    def link(self, *more: str, out: str = "pairs.csv", lang: str = "en", **files: str) -> Said:
        named = {"left": "left.csv", "right": "right.csv", "model": "model.yaml"} | files
        given = [part for option, name in named.items() for part in (f"--{option}", self.at(name))]
        return self.nuanxin.run("link", *given, "--out", self.at(out), "--lang", lang, *more)

    def pairs(self, out: str = "pairs.csv") -> list[dict[str, Any]]:
        table = csv.read_csv(self.at(out)) if out.endswith("csv") else pq.read_table(self.at(out))
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows

    def left_behind(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()} - {"left.csv", "right.csv", "model.yaml"}


@pytest.fixture
def desk(tmp_path: Path, nuanxin: CommandLine) -> Desk:
    return Desk(tmp_path, nuanxin).lay([ROW], [ROW])


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    return drawn(tmp_path_factory.mktemp("lists"))


def refused(said: Said, *words: str) -> None:
    assert said.status == 2, said
    assert "Traceback" not in said.err
    assert said.out == ""
    for each in words:
        assert each in said.err, said.err


# -- what comes out -----------------------------------------------------------------------------------------------


def test_a_pair_has_its_ids_weight_decision_and_levels(desk: Desk) -> None:
    assert desk.link().status == 0
    (pair,) = desk.pairs()
    assert (pair["left_id"], pair["right_id"], pair["name"], pair["born"], pair["phone"]) == (1, 1, *["same"] * 3)
    assert list(pair)[:5] == ["left_id", "right_id", "match_weight", "match_probability", "decision"]
    assert 0.5 < pair["match_probability"] < 1


def test_out_may_be_parquet(desk: Desk) -> None:
    assert desk.link(out="pairs.parquet").status == 0
    assert desk.pairs("pairs.parquet")[0]["left_id"] == "1"


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


def test_the_same_command_gives_the_same_file(desk: Desk) -> None:
    assert desk.link(out="one.csv").status == 0
    assert desk.link("--threads", "1", out="two.csv").status == 0
    assert Path(desk.at("one.csv")).read_bytes() == Path(desk.at("two.csv")).read_bytes()


def test_the_result_for_programs(desk: Desk) -> None:
    page = json.loads(desk.link("--json").out)
    assert (page["left_rows"], page["right_rows"], page["pairs_compared"]) == (1, 1, 1)


# -- what works, with a word about it -----------------------------------------------------------------------------


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


# -- what is refused ----------------------------------------------------------------------------------------------


def test_all_faults_are_told_at_once(desk: Desk) -> None:
    desk.lay([{"name": "x"}], [], MODEL.replace("exact", "exactly"))
    said = desk.link("--save", desk.at("trained.yaml"), "--evaluate", desk.at("no.csv"), out="pairs.xlsx")
    refused(said, "--out pairs.xlsx", "--save", "--model model.yaml: comparisons.2.kind", "--evaluate", "--left-id id")
    assert desk.left_behind() == set()


def test_a_fault_speaks_chinese_too(desk: Desk) -> None:
    refused(desk.link(left="nobody.csv", lang="zh"), "--left", "不存在")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("{name: phone, kind: exact}", "{name: mobile, kind: exact}", ("--left lacks", "--right lacks", "mobile")),
        ("agree: [phone]", "agree: [fax]", ("fax", "neither table")),
        ("kind: exact", "kind: exact, levels: {equal: {zh: 同, en: same, p: {match: 0.9, stranger: 0.1}}}",
         ("levels of a exact are", "same", "different")),
        ("agree: [phone]", "agree: ['middle(phone, 2)']", ("middle(phone, 2)", "left(column, n)")),
        ("agree: [phone]", "agree: [rare(phone)]", ("rare(phone)", "name")),
        ("name: phone, kind", "name: decision, columns: [phone], kind", ("decision", "rename")),
        ("name: phone, kind", "name: born, columns: [phone], kind", ("born", "rename")),
        ("comparisons:", "comparisons: 7\nothers:", ("comparisons",)),
        ("blocking: {", "blocking: {max_pairs: many, ", ("blocking.max_pairs",)),
        ("comparisons:", "comparisons: [", ("model.yaml",)),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be(desk: Desk, before: str, after: str, words: tuple[str, ...]) -> None:
    assert before in MODEL
    refused(desk.lay([ROW], [ROW], MODEL.replace(before, after)).link(), *words)


def test_a_model_without_rules_or_comparisons(desk: Desk) -> None:
    refused(
        desk.lay([ROW], [ROW], "{comparisons: [], blocking: {rules: []}}").link(), "`comparisons`", "blocking.rules"
    )


def test_a_model_that_is_no_mapping(desk: Desk) -> None:
    refused(desk.lay([ROW], [ROW], "just words").link(), "mapping")


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
    assert desk.left_behind() == set()


def test_no_pairs_at_all_to_train_on(desk: Desk) -> None:
    refused(desk.lay([ROW], [{**ROW, "name": "z", "phone": "9"}]).link("--train"), "too little to train")


# -- the index of a register --------------------------------------------------------------------------------------


def test_an_index_finds_what_the_register_finds(desk: Desk) -> None:
    desk.lay([ROW], [ROW, {**ROW, "id": "2", "name": "Ann Elm", "phone": "1"}])
    said = desk.link("--save-index", desk.at("right.index"), "--json")
    assert said.status == 0
    assert json.loads(said.out)["save_index"] == desk.at("right.index")
    before = desk.pairs()
    said = desk.link("--json", right="right.index")
    assert said.status == 0, said
    assert desk.pairs() == before
    assert {"read", "pairs", "compare", "write"} == set(json.loads(said.out)["seconds"])


def test_an_index_for_another_model_is_refused(desk: Desk) -> None:
    assert desk.link("--save-index", desk.at("right.index")).status == 0
    desk.lay([ROW], [ROW], MODEL.replace("agree: [name]", "agree: [name, born]"))
    refused(desk.link(right="right.index"), "--right", "right.index", "--save-index")
    refused(desk.link(right="right.index", lang="zh"), "重新生成")


def test_an_index_with_other_ids_is_refused(desk: Desk) -> None:
    assert desk.link("--save-index", desk.at("right.index")).status == 0
    refused(desk.link("--right-id", "phone", right="right.index"), "by id, not by phone")


def test_a_file_that_is_no_index(desk: Desk) -> None:
    (desk.folder / "right.index").write_bytes(b"nothing")
    refused(desk.link(right="right.index"), "no index")
    refused(desk.link(right="gone.index"), "gone.index is not there")


def test_an_index_has_its_suffix(desk: Desk) -> None:
    refused(desk.link("--save-index", desk.at("right.arrow")), "right.arrow must end in .index")
    assert desk.left_behind() == set()


def test_spark_needs_java(desk: Desk) -> None:
    args = ("--left", desk.at("left.csv"), "--right", desk.at("right.csv"), "--model", desk.at("model.yaml"))
    said = desk.nuanxin.run(
        "link", *args, "--out", desk.at("p.csv"), "--engine", "spark", "--lang", "en", PATH="", JAVA_HOME=""
    )
    refused(said, "--engine spark needs pyspark and Java 17")


def test_spark_finds_the_same_pairs(desk: Desk) -> None:
    rows = [
        {**ROW, "id": f"{place}", "name": f"Ivy {'abcdefgh'[place % 8]}{place // 2}", "phone": f"{place // 3}"}
        for place in range(60)
    ]
    desk.lay(rows[:40], rows[10:])
    assert desk.link(out="local.csv").status == 0
    said = desk.link("--engine", "spark", out="spark.csv")
    assert said.status == 0, said.err
    for one, other in zip(desk.pairs("local.csv"), desk.pairs("spark.csv"), strict=True):
        assert one | {"match_weight": 0, "match_probability": 0} == other | {"match_weight": 0, "match_probability": 0}
        assert one["match_weight"] == pytest.approx(other["match_weight"])


def test_an_unknown_engine(desk: Desk) -> None:
    assert desk.link("--engine", "abacus").status == 2


# -- trained ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(lists: Lists, nuanxin: CommandLine) -> tuple[Path, Said]:
    folder = lists.left.parent
    said = nuanxin.run(
        "link", "--left", str(lists.left), "--right", str(lists.right), "--model", str(EXAMPLES / "people_en.yaml"),
        "--train", "--save", str(folder / "model.yaml"), "--out", str(folder / "pairs.csv"),
        "--evaluate", str(lists.truth), "--report", str(folder / "model.html"), "--viewer", str(folder / "viewer.html"),
        "--json",
    )  # fmt: skip
    assert said.status == 0, said.err
    return folder, said


def test_a_trained_model_finds_nearly_all(trained: tuple[Path, Said]) -> None:
    quality = json.loads(trained[1].out)["quality"]
    assert quality["link"]["precision"] > 0.995
    assert quality["link"]["f1"] > 0.96
    assert quality["best"]["f1"] >= quality["review"]["f1"] > 0.98
    for each in quality.values():
        for share in ("precision", "recall", "f1"):
            low, high = each[f"{share}_interval"]
            assert 0 <= low <= each[share] <= high <= 1


def test_a_saved_model_links_alike_without_training(
    trained: tuple[Path, Said], lists: Lists, nuanxin: CommandLine
) -> None:
    folder, _ = trained
    said = nuanxin.run(
        "link", "--left", str(lists.left), "--right", str(lists.right), "--model", str(folder / "model.yaml"),
        "--out", str(folder / "again.csv"),
    )  # fmt: skip
    assert (said.status, said.err) == (0, "")
    assert (folder / "again.csv").read_bytes() == (folder / "pairs.csv").read_bytes()


def test_the_report_tells_training_and_calibration(trained: tuple[Path, Said]) -> None:
    page = (trained[0] / "model.html").read_text("utf-8")
    assert 'id="learnt"' in page and 'id="calibration"' in page
    assert "<script" not in page and "http://www.w3.org/2000/svg" not in page.split("<body")[0]


def test_the_viewer_shows_masked_examples(trained: tuple[Path, Said], lists: Lists) -> None:
    page = (trained[0] / "viewer.html").read_text("utf-8")
    emails = csv.read_csv(lists.right)["email"].to_pylist()
    assert page.count('id="p') > 10
    assert not [email for email in emails if email in page]


def test_one_left_row_has_one_link_at_the_most(trained: tuple[Path, Said]) -> None:
    pairs = csv.read_csv(trained[0] / "pairs.csv").to_pylist()
    linked = [pair["left_id"] for pair in pairs if pair["decision"] == "link"]
    assert len(linked) == len(set(linked)) > 2000


def test_intervals_are_spoken(desk: Desk) -> None:
    csv.write_csv(pa.table({"left_id": ["1"], "right_id": ["1"]}), desk.at("truth.csv"))
    for lang, word in (("en", "best threshold"), ("zh", "最佳阈值")):
        said = desk.link("--evaluate", desk.at("truth.csv"), lang=lang)
        assert said.status == 0
        assert word in said.out and "recall 1.0000 (0.2" in said.out.replace("召回率", "recall")
