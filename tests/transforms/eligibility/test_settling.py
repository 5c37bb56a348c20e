"""What would settle an unknown and what would change a no: of every reason, in both languages."""

import re
from datetime import date
from itertools import product

import pytest

from tests.families import POLICIES, aid, child_of_both, death, family, zhangdian
from transforms.eligibility.conditions import TO_BE_ASKED, asked_by
from transforms.eligibility.explain import load_words
from transforms.eligibility.policy import Policy, load_policy
from transforms.eligibility.settling import FEEDS_BEHIND, moves, still_unknown
from transforms.eligibility.situations import judge
from transforms.eligibility.vocabulary import words_of
from transforms.feeds import FEEDS

DAY = date(2025, 6, 5)
LANGS = ("zh", "en")
STATES_OF_A_FEED = {"blocked", "failed", "missing", "stale"}  # in the SQL of a coverage word
CHINESE = re.compile(r"[一-鿿]")


def policies() -> list[Policy]:
    pages = sorted(POLICIES.glob("*/policy.yaml"))
    return [load_policy(page.read_text("utf-8"), page.parent.name) for page in pages]


CLAUSES = [(policy, clause) for policy in policies() for clause in policy.clauses]


def codes(sql: str) -> set[str]:
    return set(re.findall(r"'([a-z_]+)'", sql)) - STATES_OF_A_FEED


def reasons_of_words() -> set[str]:
    """Every code for which a word of the vocabulary may be unknown, under any clause there is."""
    return {code for policy, clause in CLAUSES for word in words_of(clause, policy).values()
            for code in codes(word.unknown)}  # fmt: skip


def reasons_of_conditions() -> set[str]:
    """Every code that a condition of any clause gives as unknown besides those of its words; open questions aside."""
    found = set()
    for policy, clause in CLAUSES:
        for _, computed in asked_by(clause, policy):
            found |= set(re.findall(r"'unknown:(\w+)'", computed.outcome))
            found |= set(re.findall(r"coalesce\(.*, '(\w+)'\)\s+END$", computed.outcome, re.DOTALL))
        found -= {question.id for question in policy.open_questions}
    return found


def test_every_reason_says_what_would_settle_it() -> None:
    found = reasons_of_words() | reasons_of_conditions() | {TO_BE_ASKED, "amount_unsure", "no_policy_in_force"}
    assert len(found) >= 28, "the walk has lost its way"
    assert {"coverage_births", "document_undated", "transitional", "sources_differ", "wife_unknown"} <= found
    assert sorted(found - set(load_words()["settles"])) == []


def test_every_doubt_about_identity_says_what_would_settle_it() -> None:
    from transforms.eligibility.verdicts import _DOUBT_REASONS

    assert sorted(set(_DOUBT_REASONS) - set(load_words()["settles"])) == []


@pytest.mark.parametrize(("kind", "lang"), [*product(("settles", "changes", "terms", "units"), LANGS)])
def test_no_word_is_missing_and_english_has_no_chinese(kind: str, lang: str) -> None:
    told = {name: each[lang] for name, each in load_words()[kind].items()}
    assert all(told.values())
    assert lang == "zh" or not [name for name, text in told.items() if CHINESE.search(text)]


def test_both_languages_say_the_same_of_what_is_filled_in() -> None:
    def holes(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    for kind in ("settles", "changes", "terms", "units"):
        for name, each in load_words()[kind].items():
            allowed = {"feed"} if kind == "settles" else set()
            assert holes(each["zh"]) ^ holes(each["en"]) <= allowed, (kind, name)


def test_every_word_has_the_feeds_behind_it() -> None:
    known = {word for policy, clause in CLAUSES for word in words_of(clause, policy)}
    by_rule = {word for word in known if word.split(".")[0] in ("event", "asked", "coverage", "document")}
    assert sorted(known - by_rule - set(FEEDS_BEHIND)) == []
    assert {feed for feeds in FEEDS_BEHIND.values() for feed in feeds} <= set(FEEDS)


def test_a_feed_that_has_not_come_is_its_agencys_move() -> None:
    row = aid(family(coverage={"births": "none", "adoptions": "fresh"}, death_certificates=[death(DAY)]))
    (move,) = moves(row, zhangdian())
    assert (move.reason_code, move.agencies) == ("coverage_births", ("health_commission",))
    assert "卫生健康委" in move.sentence and "出生数据" in move.sentence
    (english,) = moves(row, zhangdian(), "en")
    assert "births feed" in english.sentence and not CHINESE.search(english.sentence)


def test_an_undated_document_waits_for_an_officer() -> None:
    policy = next(each for each in policies() if each.id == "gansu-measures")
    found = judge(family(death_certificates=[death(DAY)]), policy)
    row = next(each for each in found if each["clause_id"] == "aid-after-a-death")
    first = moves(row, policy)[0]
    assert (first.reason_code, first.question_id) == ("document_undated", "in_force")
    assert "政策干部" in first.sentence


def test_what_has_to_be_asked_is_asked_in_the_clauses_own_words() -> None:
    text = (POLICIES / "zhangdian-2020-134" / "policy.yaml").read_text("utf-8")
    ask = "{id: lives_alone, says: {zh: 独居, en: lives alone}, ask: {zh: 问村居：是否独居, en: ask the village}}"
    policy = load_policy(text.replace("      - child_died\n", f"      - child_died\n      - {ask}\n", 1), "policy.yaml")
    found = judge(family(death_certificates=[death(DAY)]), policy)
    row = next(each for each in found if each["clause_id"] == "special-aid-bereaved")
    assert row["verdict"] == "unknown"
    (move,) = moves(row, policy)
    assert (move.reason_code, move.sentence) == (TO_BE_ASKED, "问清楚：问村居：是否独居")


def test_an_open_question_is_named_with_its_id() -> None:
    policy = zhangdian()
    row = aid(family(death_certificates=[death(DAY)]))
    part = '{"condition_id":"wife_past_child_bearing","outcome":"unknown","reason":"age_reached_within_year"}'
    waiting = row | {"verdict": "unknown", "clause_id": "special-aid-disabled", "conditions": f"[{part}]"}
    (move,) = moves(waiting, policy, "en")
    assert move.question_id == "age_reached_within_year"
    assert "age_reached_within_year" in move.sentence
    assert policy.question("age_reached_within_year").question.en in move.sentence


def test_a_later_birth_is_changed_by_the_agency_that_owns_the_births() -> None:
    row = aid(family(births=[child_of_both("B2", date(2020, 1, 1))], death_certificates=[death(DAY)]))
    (move,) = moves(row, zhangdian())
    assert (move.condition_id, move.agencies) == ("no_other_child", ("health_commission",))
    assert "出生医学证明" in move.sentence
    assert still_unknown(row, zhangdian()) == ()


def test_of_a_no_it_is_told_what_would_remain_unknown() -> None:
    births = [child_of_both("B1", date(1998, 9, 9), "child"), child_of_both("B2", date(2020, 1, 1))]
    row = aid(family(only_child_certificates=[], births=births, death_certificates=[death(DAY)]), in_full=True)
    assert row["verdict"] == "no"
    assert [move.condition_id for move in moves(row, zhangdian())] == ["no_other_child"]
    assert still_unknown(row, zhangdian(), "en") == ("only-child certificate in force at the event",)


def test_a_visit_never_settles_what_the_law_leaves_open() -> None:
    row = aid(family(death_certificates=[death(DAY)]))
    part = '{"condition_id":"certificate_in_force","outcome":"unknown","reason":"%s"}'
    seen, asked = (
        moves(row | {"verdict": "unknown", "conditions": f"[{part % reason}]"}, zhangdian(), "en")[0].sentence
        for reason in ("no_certificate", "certificate_as_proof")
    )
    assert "a visit" in seen
    assert "a visit" not in asked


def test_a_certain_yes_waits_for_nothing() -> None:
    assert moves(aid(family(death_certificates=[death(DAY)])), zhangdian()) == ()


def test_a_condition_that_the_file_no_longer_has_is_told_by_its_id() -> None:
    row = aid(family(death_certificates=[death(DAY)]))
    part = '{"condition_id":"gone_since","outcome":"unknown","reason":"reason_gone_too"}'
    (move,) = moves(row | {"verdict": "unknown", "conditions": f"[{part}]"}, zhangdian())
    assert move.title == "gone_since"
    assert "有关单位" in move.sentence
