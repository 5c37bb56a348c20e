"""What `nuanxin link` writes: the pairs, and the result for programs."""

import json
from pathlib import Path

import pytest

from tests.flows.desk import Desk

pytestmark = pytest.mark.xdist_group("nights")


def test_a_pair_has_its_ids_weight_decision_and_levels(desk: Desk) -> None:
    assert desk.link().status == 0
    (pair,) = desk.pairs()
    assert (pair["left_id"], pair["right_id"], pair["name"], pair["born"], pair["phone"]) == (1, 1, *["same"] * 3)
    assert list(pair)[:5] == ["left_id", "right_id", "match_weight", "match_probability", "decision"]
    assert 0.5 < pair["match_probability"] < 1


def test_out_may_be_parquet(desk: Desk) -> None:
    assert desk.link(out="pairs.parquet").status == 0
    assert desk.pairs("pairs.parquet")[0]["left_id"] == "1"


def test_the_same_command_gives_the_same_file(desk: Desk) -> None:
    assert desk.link(out="one.csv").status == 0
    assert desk.link("--threads", "1", out="two.csv").status == 0
    assert Path(desk.at("one.csv")).read_bytes() == Path(desk.at("two.csv")).read_bytes()


def test_the_result_for_programs(desk: Desk) -> None:
    page = json.loads(desk.link("--json").out)
    assert (page["left_rows"], page["right_rows"], page["pairs_compared"]) == (1, 1, 1)
