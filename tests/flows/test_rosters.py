"""Rosters by benefit and township, and beside them who is unknown: how many families, and why."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from flows.rosters import show_list
from flows.status import WrongUse
from tests.commands import CommandLine
from tests.flows.ledger import lay_site, publish_ledger

POLICY = {"policy_id": "zhangdian-2020-134", "needs_review": False, "amount_fen": None, "engine": "2"}
BIRTHS = [{"condition_id": "births_covered", "outcome": "unknown", "reason": "coverage_births", "facts": {}}]


def verdict(number: int, home: str, **more: Any) -> dict[str, Any]:
    """A determination of the check-up of one parent, unknown for want of births."""
    told = {
        "determination_id": f"V{number}", "household_id": home, "clause_id": "check-up-50-to-64",
        "benefit_id": "check-up-50-to-64", "subject_id": f"P{number}", "verdict": "unknown",
        "reason_code": "coverage_births", "listed_for": "nobody", "conditions": json.dumps(BIRTHS),
    }  # fmt: skip
    return POLICY | told | more


YES = {
    "verdict": "yes", "reason_code": "all_conditions_met", "listed_for": "roster", "amount_fen": 30_000,
    "conditions": "[]",
}  # fmt: skip
VERDICTS = [
    verdict(1, "Ha1", **YES),
    verdict(2, "Ha1"),  # the other parent
    verdict(3, "Hb2"),
    verdict(4, "Hb2", reason_code="no_certificate"),  # both parents of one family
    verdict(5, "Hb2", reason_code="no_certificate", subject_id="P4"),  # the same one, because of another event
    verdict(6, "Hc3", **YES),
    verdict(7, "Hc3", subject_id="P6"),  # listed because of another event
    verdict(8, "Hc3", verdict="no", reason_code="below_age"),
    verdict(9, "Hb2", clause_id="scenic-spots-free", benefit_id="scenic-spots-free"),
    verdict(10, "Hb2", clause_id="illness-cost-aid", benefit_id="illness-cost-aid", listed_for="prompt"),
    verdict(11, "Hb2", clause_id="status", benefit_id="special-family-status"),  # decided, on nobody's list
]  # fmt: skip


@pytest.fixture
def site(tmp_path: Path, new_database) -> Path:
    url = new_database("sqlite", True)
    publish_ledger(url, determinations=VERDICTS)
    return lay_site(tmp_path / "site", url)


def shown(site: Path, listed_for: str = "roster", **more: Any) -> Any:
    asked = {"benefit": None, "township": None, "as_of": None, "out": None, "lang": "zh"} | more
    return show_list(site, listed_for, **asked)


def test_families_that_are_unknown_are_counted_by_benefit_township_and_reason(site: Path) -> None:
    page = shown(site).page
    assert [(each["benefit_id"], each["township_code"], each["count"]) for each in page["counts"]] == [
        ("check-up-50-to-64", "", 1), ("check-up-50-to-64", "370303001", 1),
    ]  # fmt: skip
    both = {"coverage_births": 1, "no_certificate": 1}  # one family, two reasons
    assert page["unknown"] == [
        {"benefit_id": "check-up-50-to-64", "township_code": "370303001", "families": 1,
         "reasons": {"coverage_births": 1}},
        {"benefit_id": "check-up-50-to-64", "township_code": "370303002", "families": 1, "reasons": both},
        {"benefit_id": "scenic-spots-free", "township_code": "370303002", "families": 1,
         "reasons": {"coverage_births": 1}},
    ]  # fmt: skip


def test_they_are_told_in_words_and_never_by_person(site: Path) -> None:
    told = {lang: shown(site).to_text(lang) for lang in ("zh", "en")}
    assert "出生数据没有到达或已过期 1；没有与这对父母和子女对得上的独生子女证 1" in told["zh"]
    assert "births were not delivered or are stale 1; no only-child certificate" in told["en"]
    assert [home for home in ("Ha1", "Hb2", "P2", "V2") if home in "".join(told.values())] == []


def test_a_benefit_or_a_township_narrows_them_too(site: Path) -> None:
    named = shown(site, benefit="scenic-spots-free").page
    assert (named["rows"], [each["benefit_id"] for each in named["unknown"]]) == (0, ["scenic-spots-free"])
    assert "名单是空的" in shown(site, benefit="scenic-spots-free").to_text("zh")
    assert "出生数据没有到达" in shown(site, benefit="scenic-spots-free").to_text("zh")
    placed = shown(site, township="370303001").page
    assert [each["township_code"] for each in placed["unknown"]] == ["370303001"]


def test_the_unknown_are_listed_as_a_roster_is(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "unknown.csv"
    told = shown(site, unknown=True, out=out)
    assert (told.page["list"], told.page["rows"]) == ("unknown", 5)
    assert told.page["missing"][0] == {
        "benefit_id": "check-up-50-to-64", "condition_id": "births_covered", "count": 4,
        "says": {"zh": "出生数据到达且未过期", "en": "births delivered and fresh"},
    }  # fmt: skip
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted((row["determination_id"], row["reason_code"]) for row in rows) == [
        ("V2", "coverage_births"), ("V3", "coverage_births"), ("V4", "no_certificate"), ("V5", "no_certificate"),
        ("V9", "coverage_births"),
    ]  # fmt: skip


def test_prompts_list_their_unknown_themselves(site: Path) -> None:
    page = shown(site, "prompt").page
    assert (page["rows"], "unknown" in page) == (1, False)


def test_a_benefit_of_no_roster_is_told(site: Path) -> None:
    with pytest.raises(WrongUse, match="illness-cost-aid"):
        shown(site, benefit="illness-cost-aid", unknown=True)


def test_the_command_has_the_option(site: Path, nuanxin: CommandLine) -> None:
    said = nuanxin.run("policies", "roster", "--site", str(site), "--unknown", "--json")
    assert (said.status, json.loads(said.out)["list"]) == (0, "unknown"), said.err
    listed = nuanxin.run("policies", "roster", "--site", str(site), "--lang", "en")
    assert (listed.status, "families" in listed.out) == (0, True), listed.err
