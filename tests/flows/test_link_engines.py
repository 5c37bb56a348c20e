"""`nuanxin link --engine`."""

import pytest

from tests.flows.desk import ROW, Desk, refused

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


def test_an_unknown_engine(desk: Desk) -> None:
    assert desk.link("--engine", "abacus").status == 2
