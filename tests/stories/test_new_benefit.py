"""Somebody who has never seen the project adds a benefit as policies/README.md says."""

import re
from pathlib import Path

from tests.families import POLICIES, ZHANGDIAN
from transforms.eligibility.policy import load_policy
from transforms.eligibility.situations import check_situations, situations_of
from transforms.pages import read_page

CLAUSE, SITUATION = re.findall(r"```yaml\n(.*?)```", (POLICIES / "README.md").read_text("utf-8"), re.DOTALL)


def with_benefit(folder: Path) -> Path:
    """Zhangdian's document with the README's lines put where it says."""
    rules, situations = ((ZHANGDIAN / name).read_text("utf-8") for name in ("policy.yaml", "situations.yaml"))
    before, rest = rules.split("\nclauses:\n")
    (folder / "policy.yaml").write_text(f"{before}\nclauses:\n{CLAUSE}{rest}", "utf-8")
    (folder / "situations.yaml").write_text(f"{situations.rstrip()}\n\n{SITUATION}", "utf-8")
    return folder


def test_it_takes_ten_lines() -> None:
    assert len(CLAUSE.splitlines()) <= 10


def test_the_benefit_is_decided_and_nothing_else_changes(tmp_path: Path) -> None:
    outcomes = {each.situation_id: each.differences for each in check_situations(with_benefit(tmp_path))}
    assert {name: told for name, told in outcomes.items() if told} == {}
    assert "legal-aid-after-a-death" in outcomes


def test_without_its_situation_it_would_be_noticed(tmp_path: Path) -> None:
    policy = load_policy((with_benefit(tmp_path) / "policy.yaml").read_text("utf-8"), "policy.yaml")
    page = read_page((ZHANGDIAN / "situations.yaml").read_text("utf-8"))
    assert [clause.id for clause in policy.clauses if not situations_of(clause, page)] == ["free-legal-aid"]
