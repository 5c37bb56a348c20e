import json
import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from tests.families import CERTIFICATE, POLICIES, aid, child_of_both, death, family, zhangdian
from transforms.eligibility.explain import explain_determination, load_words
from transforms.eligibility.policy import load_policy
from transforms.eligibility.situations import judge
from transforms.eligibility.vocabulary import words_of

DAY = date(2025, 6, 5)


def told(lang="zh", **records):
    return explain_determination(aid(family(**records)), zhangdian(), lang)


def test_a_yes_names_amount_place_and_gist():
    explanation = told(death_certificates=[death(DAY)])
    assert "10,000" in explanation.verdict
    assert explanation.place == "三（二）"
    assert explanation.gist == zhangdian().clauses[1].gist.zh


def test_an_unknown_says_what_is_missing():
    explanation = told(coverage={"births": "none", "adoptions": "fresh"}, death_certificates=[death(DAY)])
    assert "出生数据没有到达" in explanation.verdict


def test_a_lapsed_policy_says_so_with_the_date():
    row = aid(family(date(2026, 11, 21), death_certificates=[death(date(2026, 11, 20))]))
    text = "\n".join(explain_determination(row, zhangdian()).lines())
    assert "没有有效的文件" in text
    assert "2026-01-07" in text


def test_english_has_no_chinese_but_the_documents_own_number():
    explanation = told("en", death_certificates=[death(DAY)])
    assert not re.search(r"[一-鿿]", explanation.verdict + "".join(c.sentence for c in explanation.conditions))


def test_an_open_question_is_shown_with_the_condition_that_waits_for_it():
    birth = child_of_both("B1", date(2018, 1, 1), "child")
    explanation = told(only_child_certificates=[], death_certificates=[death(DAY)], births=[birth])
    waiting = [part.question for part in explanation.conditions if part.condition_id == "certificate_in_force"]
    assert waiting == [zhangdian().question("certificate_as_proof").question.zh]


def test_doubts_about_identity_are_said():
    doubt = {"feed": "death_certificates", "record_key": "S1|1", "role": "subject", "maybe": "child"}
    explanation = told(death_certificates=[death(DAY, subject="somebody")], doubts=[doubt])
    assert "待人工核对" in explanation.verdict
    assert any("尚未核对" in part.sentence for part in explanation.conditions)


@pytest.mark.parametrize("condition", ["identity_is_certain", "divorced_two_households"])
def test_a_condition_that_no_file_writes_has_words(condition):
    assert set(load_words()["conditions"][condition]) == {"zh", "en"}


def test_every_reason_and_doubt_has_words():
    folder = Path(str(files("transforms.eligibility")))
    reasons = set(re.findall(r"'(?:false|unknown):(\w+)'", (folder / "conditions.py").read_text("utf-8")))
    doubts = re.findall(r'^    "(\w+)": "', (folder / "verdicts.py").read_text("utf-8"), re.MULTILINE)
    clause = zhangdian().clauses[2]
    unknown = {code for word in words_of(clause, zhangdian()).values() for code in re.findall(r"'(\w+)'", word.unknown)}
    unknown -= {"blocked", "failed", "missing", "stale"}  # the state of a feed, in the SQL
    told = {c.otherwise for each in zhangdian().clauses for c in zhangdian().conditions(each) if c.otherwise}
    assert (len(reasons), len(unknown), len(told), len(doubts)) == (7, 25, 19, 8)
    assert sorted((reasons | unknown | told | set(doubts)) - set(load_words()["reasons"])) == []


@pytest.mark.parametrize("page", sorted(POLICIES.glob("*/policy.yaml")), ids=lambda page: page.parent.name)
def test_what_a_file_says_of_a_refusal_has_words(page):
    policy = load_policy(page.read_text("utf-8"), page.parent.name)
    written = [condition for clause in policy.clauses for condition in policy.conditions(clause)]
    told = {condition.otherwise for condition in written if condition.otherwise}
    told |= {each.question for condition in written for each in condition.open if each.makes == "unknown"}
    assert sorted(told - set(load_words()["reasons"])) == []


def test_a_widowed_parents_yes_carries_the_question_whose_age_counts():
    text = (POLICIES / "xuchang-warm-heart" / "policy.yaml").read_text("utf-8")
    dated = load_policy(text.replace("in_force: {}", "in_force: {from: 2020-01-01}"), "policy.yaml")
    xuchang = CERTIFICATE | {"father_hukou_code": "411002"}
    widowed = [death(DAY), death(date(2020, 1, 1), no="S2", subject="mother")]
    drawn = family(death_certificates=widowed, only_child_certificates=[xuchang])
    assisted = [row for row in judge(drawn, dated) if row["clause_id"] == "special-assistance"]
    (yes,) = (row for row in assisted if row["verdict"] == "yes")
    told = {part.condition_id: part.question for part in explain_determination(yes, dated).conditions}
    assert told["wife_is_49"] == dated.question("widowed_or_divorced_by_own_age").question.zh


def test_a_status_is_told_without_an_amount():
    row = aid(family(death_certificates=[death(DAY)]), "special-family-status")
    assert explain_determination(row, zhangdian()).verdict == "符合：计划生育特殊家庭（待入户核实）"


def test_an_explanation_shows_facts_but_no_record_key():
    row = aid(family(death_certificates=[death(DAY)]))
    text = "\n".join(explain_determination(row, zhangdian()).lines())
    assert "1999-01-01" in text
    assert row["trigger_record_key"] not in text
    assert json.loads(row["conditions"])


def test_a_floor_is_told_as_one_and_an_answered_date_decides():
    text = (POLICIES / "gansu-measures" / "policy.yaml").read_text("utf-8")
    dated = load_policy(text.replace("in_force: {}", "in_force: {from: 2020-01-01}"), "policy.yaml")
    undated = load_policy(text, "policy.yaml")
    lanzhou = CERTIFICATE | {"mother_hukou_code": "620102"}
    drawn = family(death_certificates=[death(DAY)], only_child_certificates=[lanzhou])
    yes, unknown = (
        next(row for row in judge(drawn, policy) if row["clause_id"] == "aid-after-a-death")
        for policy in (dated, undated)
    )
    assert "不低于 4,000 元" in explain_determination(yes, dated).verdict
    assert "at least 4,000 yuan" in explain_determination(yes, dated, "en").verdict
    (waiting, *_) = explain_determination(unknown, undated).conditions
    assert (waiting.outcome, waiting.question) == ("unknown", undated.question("in_force").question.zh)
