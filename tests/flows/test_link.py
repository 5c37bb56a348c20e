"""`nuanxin link` as an engineer meets it: train on two lists, link again with what was learnt, look at it."""

import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv

from tests.commands import ROOT, CommandLine, Said
from tests.flows.desk import Desk
from tests.flows.english import Lists, drawn

pytestmark = pytest.mark.xdist_group("nights")
EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    return drawn(tmp_path_factory.mktemp("lists"))


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
