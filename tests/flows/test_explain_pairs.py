"""Who is who in an alert: bits for programs, a picture for people, and why the second candidate lost."""

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pytest

from flows.evidence import State
from flows.explaining_pairs import explained_pairs, pair_lines, pair_page, pairs_svg, stacked
from tests.commands import CommandLine
from tests.site_views import rows
from tests.transforms.linkage.drawn import crowd, mention, table
from transforms.linkage import freeze_frequencies

pytestmark = pytest.mark.xdist_group("nights")


@pytest.fixture(scope="module")
def alerts(first_night: Path) -> list[str]:
    found = rows(first_night, "select alert_id from v_alerts order by alert_id")
    assert found
    return [row["alert_id"] for row in found]


@pytest.fixture(scope="module")
def pages(first_night: Path, nuanxin: CommandLine, alerts: list[str]) -> list[dict[str, Any]]:
    said = [nuanxin.run("explain", "--site", str(first_night), alert, "--json") for alert in alerts]
    assert {each.status for each in said} == {0}
    return [json.loads(each.out) for each in said]


def test_net_bits_add_up_to_the_total(pages: list[dict[str, Any]]) -> None:
    pairs = [pair for page in pages for pair in page["evidence"]]
    assert pairs
    for pair in pairs:
        weighed = sum(part["weight_bits"] for part in pair["comparisons"])
        rest = pair["prior_bits"] + pair["relatives_bits"] + pair["rule_bits"]
        assert weighed + rest == pytest.approx(pair["total_bits"], abs=0.02)
        net = sum(part["net_bits"] for part in pair["comparisons"])
        assert net <= weighed + 0.02  # relatives can only take


def test_a_runner_up_is_behind(pages: list[dict[str, Any]]) -> None:
    first = [page["evidence"][0] for page in pages if page["evidence"]]
    rivals = [pair for pair in first if pair["runner_up"]]
    for pair in rivals:
        assert {part["name"] for part in pair["runner_up"]["comparisons"]} == {p["name"] for p in pair["comparisons"]}
    assert all(pair["runner_up"] is None for page in pages for pair in page["evidence"][1:])


def test_the_picture_holds_every_pair(
    first_night: Path, nuanxin: CommandLine, alerts: list[str], tmp_path: Path
) -> None:
    svg = tmp_path / "why.svg"
    said = nuanxin.run("explain", "--site", str(first_night), alerts[0], "--svg", str(svg), "--lang", "en")
    assert said.status == 0, said.err
    drawn = ElementTree.fromstring(svg.read_text("utf-8"))
    page = json.loads(nuanxin.run("explain", "--site", str(first_night), alerts[0], "--json").out)
    pictures = len(page["evidence"]) + sum(pair["runner_up"] is not None for pair in page["evidence"])
    assert len(drawn) == pictures
    assert [path.name for path in tmp_path.iterdir()] == ["why.svg"]


def test_a_picture_that_cannot_be_written(
    first_night: Path, nuanxin: CommandLine, alerts: list[str], tmp_path: Path
) -> None:
    said = nuanxin.run("explain", "--site", str(first_night), alerts[0], "--svg", str(tmp_path), "--lang", "en")
    assert said.status == 2
    assert "--svg" in said.err and "it is a folder" in said.err


@dataclass
class Shelf:
    """A lake of tables in memory."""

    tables: dict[str, pa.Table]

    def read_table(self, path: str) -> pa.Table:
        return self.tables[path]


TOLD = {"name": "方子豪", "birth_date": "1999-03-10", "sex": "1", "father_name": "方建国"}
DEAD = mention("death_certificates", "D1", **TOLD)
CHILD = mention("only_child_certificates", "C1", "child", **TOLD)
RIVAL = mention("household_register", "H2", **{**TOLD, "birth_date": "1999-03-11", "father_name": "方建军"})
STRANGER = mention("household_register", "H3", **{**TOLD, "birth_date": "1999-04-11", "father_name": None})


def state(*pairs: tuple[dict[str, Any], dict[str, Any], float]) -> State:
    """What a night has left: these mentions, the first two one person, and these pairs with their weights."""
    persons = {"P1": (DEAD, CHILD), "P2": (RIVAL,), "P3": (STRANGER,)}
    links = [{"mention_id": m["mention_id"], "person_id": p} for p, mentions in persons.items() for m in mentions]
    kept = [(*sorted((a["mention_id"], b["mention_id"])), weight) for a, b, weight in pairs]
    tables = {
        "mentions": table(DEAD, CHILD, RIVAL, STRANGER),
        "links": pa.Table.from_pylist(links),
        "pairs": pa.table(list(map(list, zip(*kept, strict=True))), ["mention_a", "mention_b", "match_weight"]),
        "frequencies": freeze_frequencies(table(*crowd(500))),
    }
    return State(None, Shelf(tables), SimpleNamespace(paths={name: name for name in tables}))  # type: ignore[arg-type]


def explained(found: State) -> list[dict[str, Any]]:
    return explained_pairs(found, ("death_certificates", "D1"), ("only_child_certificates", "C1"), "P1")


def test_the_runner_up_is_the_nearest_of_another_person() -> None:
    (pair,) = explained(state((DEAD, CHILD, 20.0), (DEAD, STRANGER, 1.0), (DEAD, RIVAL, 4.0)))
    told = "\n".join(pair_lines(pair, "en", reveal=False))
    assert "Why the second candidate lost" in told
    assert "father" in told.split("Why the second candidate lost")[1]
    levels = {part["name"]: part["level"] for part in pair_page(pair)["runner_up"]["comparisons"]}
    assert levels["birth_date"] == "one_digit"
    assert len(ElementTree.fromstring(pairs_svg([pair], lang="zh", reveal=False))) == 2


def test_nobody_else_came_near() -> None:
    (pair,) = explained(state((DEAD, CHILD, 20.0)))
    assert pair["runner_up"] is None
    assert "second candidate" not in "\n".join(pair_lines(pair, "en", reveal=False))
    assert len(ElementTree.fromstring(pairs_svg([pair], lang="zh", reveal=False))) == 1


def test_pictures_stand_one_below_another() -> None:
    def picture(height: int) -> str:
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 {height}" width="100" height="{height}"/>'

    drawn = ElementTree.fromstring(stacked([picture(40), picture(60), picture(10)]))
    assert [part.get("y") for part in drawn] == ["0", "40", "100"]
    assert drawn.get("viewBox") == "0 0 100 110"
