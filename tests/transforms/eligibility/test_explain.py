import json
import re
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path

import pyarrow as pa
import pytest

from tests.families import CERTIFICATE, POLICIES, aid, child_of_both, death, family, zhangdian
from transforms.eligibility.conditions import asked_by, fact_of
from transforms.eligibility.entries import Condition
from transforms.eligibility.explain import explain_determination, load_words
from transforms.eligibility.policy import load_policy
from transforms.eligibility.situations import judge, judge_together
from transforms.eligibility.vocabulary import COVERED_FEEDS, words_of
from transforms.pages import read_page

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
    reasons = set(re.findall(r"['\"](?:false|unknown):(\w+)['\"]", (folder / "conditions.py").read_text("utf-8")))
    doubts = re.findall(r'^    "(\w+)": "', (folder / "verdicts.py").read_text("utf-8"), re.MULTILINE)
    clause = zhangdian().clauses[2]
    unknown = {code for word in words_of(clause, zhangdian()).values() for code in re.findall(r"'(\w+)'", word.unknown)}
    unknown -= {"blocked", "failed", "missing", "stale"}  # the state of a feed, in the SQL
    told = {c.otherwise for each in zhangdian().clauses for c in zhangdian().conditions(each) if c.otherwise}
    assert (len(reasons), len(unknown), len(told), len(doubts)) == (8, 28, 19, 8)
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


def of_situation(policy_id, situation_id, benefit, condition, lang="zh"):
    """What is said of a condition to each who is asked, with the facts it names."""
    policy = load_policy((POLICIES / policy_id / "policy.yaml").read_text("utf-8"), policy_id)
    page = read_page((POLICIES / policy_id / "situations.yaml").read_text("utf-8"))
    (drawn,) = (page["usual"] | each for each in page["situations"] if each["id"] == situation_id)
    rows = [row for row in judge_together([drawn], policy)[situation_id] if row["benefit_id"] == benefit]
    parts = [part for row in rows for part in json.loads(row["conditions"])]
    facts = [part["facts"] for part in parts if part["condition_id"] == condition]
    told = [explain_determination(row, policy, lang).conditions for row in rows]
    said = [part.sentence for each in told for part in each if part.condition_id == condition]
    return {row["subject_id"]: each for row, *each in zip(rows, said, facts, strict=True)}


@pytest.mark.parametrize(
    ("situation", "zh", "en", "facts"),
    [
        ("both-parents-60", "年龄（母亲） 60，年龄（父亲） 65", "age (mother) 60, age (father) 65",
         {"age_of_mother": 60, "age_of_father": 65}),
        ("no-parent-60", "年龄（母亲） 53，年龄（父亲） 59", "age (mother) 53, age (father) 59",
         {"age_of_mother": 53, "age_of_father": 59}),
        ("lone-parent-60", "死亡日期（母亲） 2020-03-01，年龄（父亲） 60",  # the dead have no age
         "died on (mother) 2020-03-01, age (father) 60", {"died_on_of_mother": "2020-03-01", "age_of_father": 60}),
    ],
)  # fmt: skip
def test_a_condition_on_the_ages_of_two_tells_both_and_whose_they_are(situation, zh, en, facts):
    asked = ("zhangdian-2020-134", situation, "double-ninth-visit", "a_parent_is_60")
    ((sentence, found),) = of_situation(*asked).values()
    assert (sentence.endswith(f"{zh})"), found) == (True, facts)
    ((sentence, _),) = of_situation(*asked, "en").values()
    assert sentence.endswith(f"{en})")


def test_the_age_of_who_is_asked_stands_beside_the_wifes():
    asked = ("liaoning-2020-44", "husband-60-today-wife-45", "liaoning-care-insurance", "of_insured_age")
    assert of_situation(*asked)["father"][0].endswith("年龄（本人） 60，年龄（女方或丧偶、离异的本人） 45)")
    said, facts = of_situation(*asked, "en")["father"]
    assert said.endswith("age (the parent asked about) 60, age (the wife, or the widowed or divorced parent) 45)")
    assert facts == {"by": "wife", "age_of_person": 60, "age_of_wife_or_lone_parent": 45}


def test_one_age_is_called_age_and_the_same_persons_on_another_day_has_a_number():
    clause = next(each for each in zhangdian().clauses if each.id == "check-up-65")

    def facts(when):
        condition = {"id": "aged", "says": {"zh": "z", "en": "e"}, "when": when}
        policy = zhangdian().model_copy(update={"definitions": (Condition.model_validate(condition),)})
        (_, _, (_, computed)) = asked_by(clause.model_copy(update={"conditions": ("aged",)}), policy)
        return list(computed.facts)

    assert facts("person.born_on.age_on(asked.on) >= 65 || person.born_on.age_on(asked.on) == 3") == ["age"]
    assert facts("person.born_on.age_on(event.on) > 5 && person.born_on.age_on(asked.on) >= 65") == [
        "event_on", "age", "age_2",
    ]  # fmt: skip
    assert [fact_of(name) for name in ("age", "age_2", "age_of_wife_or_lone_parent")] == [
        ("age", ""), ("age", ""), ("age", "wife_or_lone_parent"),
    ]  # fmt: skip


def test_everybody_with_a_birth_date_has_words():
    clause = next(each for each in zhangdian().clauses if each.who == "parent_of_only_child")
    people = {word.partition(".")[0] for word in words_of(clause, zhangdian()) if word.endswith(".born_on")}
    assert people == set(load_words()["people"])


STAY = {"setl_id": "Y1", "admitted_on": date(2025, 2, 1), "discharged_on": date(2025, 3, 1),
        "setl_time": date(2025, 3, 1), "medfee_sumamt": 9_000_000, "psn_part_amt": 2_900_000,
        "subject": "mother"}  # fmt: skip


def illness(lang, covers_from):
    """What is said of settlements and claims that begin on a day and have not come lately."""
    stated = {"births": "fresh", "adoptions": "fresh"}
    stated |= dict.fromkeys(("medical_settlements", "care_insurance_claims"), date(2025, 5, 1))
    drawn = family(coverage=stated, death_certificates=[death(date(2023, 3, 3))], medical_settlements=[STAY])
    rows = [row | {"covers_from": covers_from} for row in drawn.coverage.to_pylist()]
    begun = replace(drawn, coverage=pa.Table.from_pylist(rows, drawn.coverage.schema))
    (row,) = (row for row in judge(begun, zhangdian()) if row["clause_id"] == "illness-cost-aid")
    parts = explain_determination(row, zhangdian(), lang).conditions
    return [part.sentence for part in parts if part.condition_id in ("paid_above_income", "claims_covered")]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ["要另问更早的 医保结算", "要另问更早的 住院护理险理赔"]),
        ("en", ["to be asked for earlier times: medical settlements",
                "to be asked for earlier times: claims of care insurance"]),
    ],
)  # fmt: skip
def test_settlements_and_claims_rest_on_their_own_feeds_and_on_no_certificate(lang, said):
    told = illness(lang, date(2025, 2, 15))
    assert [part in sentence for part, sentence in zip(said, told, strict=True)] == [True, True]
    carried = load_words()["facts"]["carried_by_certificate"][lang]
    assert [sentence for sentence in told if carried in sentence] == []


def test_a_feed_that_has_the_whole_year_leaves_nothing_to_ask():
    told = illness("zh", date(2025, 1, 1))
    assert [sentence for sentence in told if "要另问更早的" in sentence] == []
    assert "数据 住院护理险理赔" in told[1] and "覆盖自 2025-01-01" in told[1]


def test_every_feed_that_may_be_asked_for_has_a_name():
    assert sorted(set(COVERED_FEEDS) - set(load_words()["reasons"])) == []


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
