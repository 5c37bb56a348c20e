from functools import cache

import pytest
import yaml

from tests.families import POLICIES, ZHANGDIAN, zhangdian
from transforms.eligibility.situations import SituationResult, check_situations

FOLDERS = sorted(path.parent for path in POLICIES.glob("*/situations.yaml"))
DRAWN = [
    (folder, situation["id"])
    for folder in FOLDERS
    for situation in yaml.safe_load((folder / "situations.yaml").read_text("utf-8"))["situations"]
]


@cache
def results(folder) -> dict[str, SituationResult]:
    return {result.situation_id: result for result in check_situations(folder)}


@pytest.mark.parametrize(("folder", "situation"), DRAWN, ids=lambda value: getattr(value, "name", value))
def test_the_family_gets_what_its_situation_expects(folder, situation):
    assert results(folder)[situation].differences == ()


def test_every_clause_has_a_yes_and_a_no():
    page = yaml.safe_load((ZHANGDIAN / "situations.yaml").read_text("utf-8"))
    told = {(e["benefit"], e["verdict"]) for s in page["situations"] for e in s["expect"]}
    asked = {(e["benefit"], True) for s in page["situations"] for e in s["expect"] if e.get("reason") == "to_be_asked"}
    for clause in zhangdian().clauses:
        # where somebody has to be asked, records alone never say yes
        has_ask = any(condition.ask for condition in zhangdian().conditions(clause))
        assert {(clause.benefit.id, True), (clause.benefit.id, False)} <= told | (asked if has_ask else set())


def test_a_wrong_expectation_is_told(tmp_path):
    page = yaml.safe_load((ZHANGDIAN / "situations.yaml").read_text("utf-8"))
    first = page["situations"][0]
    first["expect"][0]["amount_yuan"] = 3000
    (tmp_path / "policy.yaml").write_text((ZHANGDIAN / "policy.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "situations.yaml").write_text(yaml.safe_dump(page | {"situations": [first]}), "utf-8")
    (result,) = check_situations(tmp_path)
    assert result.differences == ("special-aid-bereaved father+mother: amount_yuan expected 300000, found 1000000",)


def test_a_mistake_in_a_situation_is_told_and_the_others_are_judged(tmp_path):
    page = yaml.safe_load((ZHANGDIAN / "situations.yaml").read_text("utf-8"))
    first, second = page["situations"][:2]
    second |= {"death_certificate": [], "births": [{"born_on": "2005-01-01", "child": "second"}]}
    (tmp_path / "policy.yaml").write_text((ZHANGDIAN / "policy.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "situations.yaml").write_text(yaml.safe_dump(page | {"situations": [first, second]}), "utf-8")
    right, wrong = check_situations(tmp_path)
    assert right.differences == ()
    assert [text.rpartition(" ")[2] for text in wrong.differences] == ["death_certificate", "births.born_on"]
