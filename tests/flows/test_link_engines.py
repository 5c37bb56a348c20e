"""`nuanxin link --engine`."""

import json
from pathlib import Path

import pytest
from pyarrow import csv

from tests.commands import ROOT, CommandLine
from tests.flows.desk import MODEL, ROW, Desk, refused
from tests.flows.english import drawn
from transforms.linkage import load_model

pytestmark = pytest.mark.xdist_group("nights")


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


def test_keys_that_are_given_up_have_no_row_on_a_cluster(desk: Desk) -> None:
    rows = [{**ROW, "id": f"{place}", "phone": f"{place}"} for place in range(3)]
    desk.lay(rows, rows, MODEL.replace("blocking: {rules", "blocking: {max_block: 2, rules"))
    said = desk.link("--engine", "spark", "--json")
    assert said.status == 0, said.err
    assert json.loads(said.out)["given_up"] == [
        {"rule": "name", "keys": 1, "left_rows": 3, "right_rows": 3, "heaviest": [{"right_rows": 3}]}
    ]
    assert "Heaviest: 3 rows." in said.err


def test_spark_learns_and_calibrates_as_one_machine_does(nuanxin: CommandLine, tmp_path: Path) -> None:
    lists = drawn(tmp_path, persons=3000)
    for path in (lists.left, lists.right):  # on a cluster rows stand in the order of their ids
        csv.write_csv(csv.read_csv(path).sort_by("id"), path)
    page = (ROOT / "docs" / "examples" / "people_en.yaml").read_text("utf-8")
    deep = "{review_bits: -40, false_link_bound: 0.001}"  # down to false pairs to learn from
    (tmp_path / "page.yaml").write_text(page.replace("{link_bits: 7}", deep), "utf-8")
    told = {}
    for engine in ("local", "spark"):
        files = {"left": lists.left, "right": lists.right, "model": tmp_path / "page.yaml", "evaluate": lists.truth,
                 "save": tmp_path / engine / "people.yaml", "out": tmp_path / engine / "pairs.csv"}  # fmt: skip
        given = [part for option, path in files.items() for part in (f"--{option}", str(path))]
        said = nuanxin.run("link", *given, "--train", "--engine", engine, "--json", "--lang", "en")
        assert said.status == 0, said.err
        told[engine] = json.loads(said.out)
    here, there = told["local"], told["spark"]
    assert here["calibration"]["slope"] != 1.0
    assert there["calibration"] == pytest.approx(here["calibration"], rel=1e-6, abs=1e-6)
    for name in ("training", "quality", "links", "review", "given_up"):
        assert there[name] == here[name], name
    saved = [load_model(tmp_path / engine / "people.yaml") for engine in ("local", "spark")]
    assert saved[0].thresholds == saved[1].thresholds
    assert saved[1].calibration is not None


def test_an_unknown_engine(desk: Desk) -> None:
    assert desk.link("--engine", "abacus").status == 2
