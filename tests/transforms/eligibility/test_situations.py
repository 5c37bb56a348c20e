from datetime import date
from functools import cache

import pytest
import yaml

from tests.families import POLICIES, ZHANGDIAN, zhangdian
from transforms.eligibility.situations import SituationResult, check_situations

GANSU = POLICIES / "gansu-measures"
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


def undated(folder, **situation):
    """A situation of a document without dates alone: what came of it."""
    page = yaml.safe_load((GANSU / "situations.yaml").read_text("utf-8"))
    drawn = next(each for each in page["situations"] if each["id"] == "only-child-died") | situation
    (folder / "situations.yaml").write_text(yaml.safe_dump(page | {"situations": [drawn]}), "utf-8")
    (result,) = check_situations(folder)
    return result.differences


def test_an_undated_document_is_judged_as_if_it_held_from_a_day(tmp_path):
    (tmp_path / "policy.yaml").write_text((GANSU / "policy.yaml").read_text("utf-8"), "utf-8")
    expect = {"benefit": "gansu-aid-after-a-death"}
    assert undated(tmp_path, as_if_from=date(2025, 6, 9), expect=[expect | {"verdict": True}]) == ()
    too_old = [expect | {"verdict": False, "reason": "not_yet_in_force"}]
    assert undated(tmp_path, as_if_from=date(2025, 6, 10), expect=too_old) == ()
    assert undated(tmp_path, as_if_from=None, expect=[expect | {"verdict": "unknown"}]) == ()
    assert len(undated(tmp_path, as_if_from="spring")) == 1


def test_the_true_day_stands_above_a_day_as_if(tmp_path):
    text = (GANSU / "policy.yaml").read_text("utf-8").replace("in_force: {}", "in_force: {from: 2025-06-10}")
    (tmp_path / "policy.yaml").write_text(text, "utf-8")
    expect = [{"benefit": "gansu-aid-after-a-death", "verdict": False, "reason": "not_yet_in_force"}]
    assert undated(tmp_path, as_if_from=date(2020, 1, 1), expect=expect) == ()


def test_two_deaths_in_a_family_are_told_apart_by_their_records(tmp_path):
    page = yaml.safe_load((GANSU / "situations.yaml").read_text("utf-8"))
    drawn = next(each for each in page["situations"] if each["id"] == "both-parents-died-on-one-day")
    wrong = [each | {"record": "S3|1"} for each in drawn["expect"] if each["verdict"] is True]
    (tmp_path / "policy.yaml").write_text((GANSU / "policy.yaml").read_text("utf-8"), "utf-8")
    page |= {"situations": [drawn | {"expect": wrong}]}
    (tmp_path / "situations.yaml").write_text(yaml.safe_dump(page), "utf-8")
    (result,) = check_situations(tmp_path)
    assert result.differences[0].endswith("verdict expected yes, found no")


def test_a_mistake_in_a_situation_is_told_and_the_others_are_judged(tmp_path):
    page = yaml.safe_load((ZHANGDIAN / "situations.yaml").read_text("utf-8"))
    first, second = page["situations"][:2]
    second |= {"death_certificate": [], "births": [{"born_on": "2005-01-01", "child": "second"}]}
    (tmp_path / "policy.yaml").write_text((ZHANGDIAN / "policy.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "situations.yaml").write_text(yaml.safe_dump(page | {"situations": [first, second]}), "utf-8")
    right, wrong = check_situations(tmp_path)
    assert right.differences == ()
    assert [text.rpartition(" ")[2] for text in wrong.differences] == ["death_certificate", "births.born_on"]
