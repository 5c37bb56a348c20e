"""docs/linkage-models.md: its tables are those of the code, and its commands run."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.commands import ROOT, CommandLine
from tests.flows.english import drawn
from transforms.linkage import load_model
from transforms.linkage.expressions import EXPRESSIONS
from transforms.linkage.model import LinkageModel
from transforms.linkage.recipes import THRESHOLDS, kinds

pytestmark = pytest.mark.xdist_group("nights")
PAGE = (ROOT / "docs" / "linkage-models.md").read_text("utf-8")
EXAMPLES = ROOT / "docs" / "examples"
COLUMNS = {
    "name": "name, former name", "date": "date", "year": "year, date", "id_no": "number, number as delivered",
    "sex": "sex", "address": "address, township, division", "exact": "value", "relative": "name, number",
    "child": "name, number, date of birth", "named_relative": "name", "text": "text", "amount": "amount",
}  # fmt: skip


def between(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", PAGE, re.S)
    assert found, f"the page has no part {name}"
    return found[1]


def level_in_words(named: tuple[str, dict[str, Any]]) -> str:
    name, level = named
    return f"`{name}`{' ◆' if level.get('by_frequency') else ''} {level['en']}"


def table_of_kinds() -> str:
    """The table as it must stand in the page."""
    rows = [
        f"| `{kind}` | {COLUMNS[kind]} | {', '.join(map(level_in_words, page['levels'].items()))} |"
        for kind, page in kinds().items()
    ]
    return "\n".join(["| kind | columns | levels |", "|---|---|---|", *rows, ""])


def test_every_kind_stands_there_with_its_levels() -> None:
    assert between("kinds") == table_of_kinds()


def test_the_example_stands_there_as_it_is() -> None:
    assert between("example") == f"```yaml\n{(EXAMPLES / 'people_en.yaml').read_text('utf-8')}```\n"


def test_every_threshold_stands_there_with_its_default() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| ([\d.e-]+) \|", PAGE, re.M))
    assert {name: float(value) for name, value in told.items()} == THRESHOLDS


def test_every_key_of_a_model_is_told() -> None:
    assert not [name for name in LinkageModel.model_fields if f"`{name}`" not in PAGE]


def test_every_expression_is_told() -> None:
    assert not [verb for verb in re.findall(r"(\w+)\(", EXPRESSIONS) if f"`{verb}(" not in PAGE]


def test_the_yaml_of_the_page_can_be_read() -> None:
    (blocking,) = [block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.S) if block.startswith("blocking:")]
    assert len(load_model(f"comparisons: [{{name: surname, kind: text}}]\n{blocking}").blocking.rules) == 2


def test_every_option_is_told(nuanxin: CommandLine) -> None:
    options = set(re.findall(r"--[a-z-]+", nuanxin.run("link", "--help").out)) - {"--help"}
    assert not [option for option in options if option not in PAGE]


def test_the_commands_run_one_after_the_other(nuanxin: CommandLine, tmp_path: Path) -> None:
    drawn(tmp_path, seed=2)
    commands = [line.removeprefix("$ nuanxin ") for line in PAGE.splitlines() if line.startswith("$ nuanxin link")]
    assert len(commands) == 3
    for command in commands:
        files = r"(?<![\w/])(\w+\.(?:csv|yaml|parquet|html))"
        said = nuanxin.run(*shlex.split(re.sub(files, rf"{tmp_path}/\1", command)), "--json")
        assert said.status == 0, said.err
    assert json.loads(said.out)["quality"]["review"]["f1"] > 0.98
    assert {path.name for path in tmp_path.iterdir()} >= {
        "people.yaml",
        "pairs.csv",
        "pairs.parquet",
        "model.html",
        "viewer.html",
    }


def test_the_example_finds_who_is_who_and_not_a_housemate(nuanxin: CommandLine, tmp_path: Path) -> None:
    left, right, model = (str(EXAMPLES / name) for name in ("people_left.csv", "people_right.csv", "people_en.yaml"))
    said = nuanxin.run("link", "--left", left, "--right", right, "--model", model, "--out", str(tmp_path / "pairs.csv"))
    assert said.status == 0, said.err
    rows = (tmp_path / "pairs.csv").read_text("utf-8").splitlines()[1:]
    pairs = {tuple(row.replace('"', "").split(",")[:2]) for row in rows}
    assert pairs == {("L1", "R1"), ("L2", "R2"), ("L3", "R3"), ("L4", "R4"), ("L5", "R5")}
