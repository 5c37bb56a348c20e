"""`nuanxin link --train --evaluate`: probabilities that are calibrated to the truth."""

import json
from pathlib import Path

import numpy as np
import pytest
from pyarrow import csv

from tests.commands import ROOT, CommandLine, Said
from tests.flows.english import Lists, drawn
from transforms.linkage import load_model

pytestmark = pytest.mark.xdist_group("nights")
EXAMPLE = (ROOT / "docs" / "examples" / "people_en.yaml").read_text("utf-8")
# Down to pairs that are hardly one person, so that there are false ones to learn from.
DEEP = EXAMPLE.replace("{link_bits: 7}", "{review_bits: -40, false_link_bound: 0.001}")


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> Lists:
    found = drawn(tmp_path_factory.mktemp("calibrated"))
    (found.left.parent / "deep.yaml").write_text(DEEP, "utf-8")
    return found


def linked(nuanxin: CommandLine, lists: Lists, name: str, *more: str, model: str = "deep.yaml") -> Said:
    folder = lists.left.parent
    out = ("--out", str(folder / f"{name}.csv"))
    given = ("--left", str(lists.left), "--right", str(lists.right), "--model", str(folder / model))
    said = nuanxin.run("link", *given, *out, *more)
    assert said.status == 0, said.err
    return said


@pytest.fixture(scope="module")
def trained(lists: Lists, nuanxin: CommandLine) -> tuple[Path, Said]:
    folder = lists.left.parent
    more = ("--train", "--save", str(folder / "model.yaml"), "--evaluate", str(lists.truth))
    said = linked(nuanxin, lists, "pairs", *more, "--report", str(folder / "model.html"), "--json", "--lang", "en")
    return folder, said


def probabilities(path: Path) -> tuple[np.ndarray, np.ndarray]:
    pairs = csv.read_csv(path)
    return pairs["match_weight"].to_numpy(), pairs["match_probability"].to_numpy()


def test_slope_shift_and_errors_are_told_and_saved(trained: tuple[Path, Said]) -> None:
    told = json.loads(trained[1].out)["calibration"]
    saved = load_model(trained[0] / "model.yaml").calibration
    assert saved is not None
    assert (told["slope"], told["shift"], told["pairs"]) == (saved.slope, saved.shift, saved.pairs)
    assert told["pairs"] + told["held_pairs"] == csv.read_csv(trained[0] / "pairs.csv").num_rows
    assert 0 <= told["error_after"] < 0.02
    assert told["error_after"] <= told["error_before"] + 0.001
    assert saved.described == "left.csv × right.csv, truth.csv: half of the left rows"


def test_the_probabilities_of_that_run_are_calibrated(trained: tuple[Path, Said]) -> None:
    scale = load_model(trained[0] / "model.yaml").calibration
    assert scale is not None and (scale.slope, scale.shift) != (1.0, 0.0)
    weight, told = probabilities(trained[0] / "pairs.csv")
    assert told == pytest.approx(1 / (1 + 2.0 ** -(scale.slope * weight + scale.shift)), rel=1e-9)


def test_the_saved_model_tells_the_same_probabilities(
    trained: tuple[Path, Said], lists: Lists, nuanxin: CommandLine
) -> None:
    linked(nuanxin, lists, "again", model="model.yaml")
    assert (trained[0] / "again.csv").read_bytes() == (trained[0] / "pairs.csv").read_bytes()


def test_links_stay_within_the_bound_on_the_truth(trained: tuple[Path, Said]) -> None:
    quality = json.loads(trained[1].out)["quality"]["link"]
    assert quality["told"] > 2_000
    assert quality["false"] / quality["told"] <= 0.001


def test_the_report_has_both_curves(trained: tuple[Path, Said]) -> None:
    page = (trained[0] / "model.html").read_text("utf-8")
    assert "before calibration" in page and "as calibrated" in page
    held = json.loads(trained[1].out)["calibration"]["held_pairs"]
    assert page.count(f"{held:,} pairs;") == 2 * 2  # the headline and the title of either curve


def test_without_truth_nothing_is_calibrated(lists: Lists, nuanxin: CommandLine) -> None:
    said = linked(nuanxin, lists, "plain", "--train", "--json")
    assert "calibration" not in json.loads(said.out)
    weight, told = probabilities(lists.left.parent / "plain.csv")
    assert told == pytest.approx(1 / (1 + 2.0**-weight), rel=1e-9)


@pytest.mark.parametrize(("lang", "words"), [("zh", "概率未校准"), ("en", "the probabilities are not calibrated")])
def test_too_few_false_pairs_are_a_note(lists: Lists, nuanxin: CommandLine, lang: str, words: str) -> None:
    (lists.left.parent / "shallow.yaml").write_text(EXAMPLE, "utf-8")
    more = ("--train", "--evaluate", str(lists.truth), "--lang", lang)
    said = linked(nuanxin, lists, "few", *more, model="shallow.yaml")
    assert words in said.err and "50" in said.err


@pytest.mark.parametrize(("lang", "words"), [("zh", "认定起点已提高到"), ("en", "links begin at")])
def test_a_truth_that_forbids_links_says_so(lists: Lists, nuanxin: CommandLine, lang: str, words: str) -> None:
    folder = lists.left.parent
    truth = csv.read_csv(lists.truth)
    csv.write_csv(truth.slice(6), folder / "gaps.csv")  # six of some two thousand links are false by this truth
    (folder / "bounded.yaml").write_text(EXAMPLE.replace("{link_bits: 7}", "{false_link_bound: 0.001}"), "utf-8")
    more = ("--train", "--evaluate", str(folder / "gaps.csv"), "--lang", lang)
    assert words in linked(nuanxin, lists, "gaps-out", *more, model="bounded.yaml").err
