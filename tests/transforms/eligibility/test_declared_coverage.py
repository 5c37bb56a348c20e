"""What an agency declares that its feed covers: unknown where it does not, the old verdict where it does."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.families import CERTIFICATE, aid, child_of_both, death, decided, family, zhangdian
from transforms.eligibility.explain import explain_determination
from transforms.eligibility.facts import Facts
from transforms.eligibility.incremental import rules_of
from transforms.eligibility.settling import moves
from transforms.schemas import COVERAGE, LIFE_EVENTS, empty

DAY = date(2025, 6, 5)
HERE = {"places": ["370303"], "from": date(2003, 1, 1)}
UNCERTIFIED = CERTIFICATE | {"voided_on": date(2001, 1, 1)}


def judged(covered: Any, *, adopted: Any = "fresh", **more: Any) -> dict[str, Any]:
    drawn = family(coverage={"births": covered, "adoptions": adopted}, death_certificates=[death(DAY)], **more)
    return aid(drawn, in_full=True)


def outcome(row: dict[str, Any]) -> tuple[str, str]:
    return row["verdict"], row["reason_code"]


def test_a_family_in_the_declared_place_and_time_is_judged_as_ever() -> None:
    assert outcome(judged(HERE)) == outcome(judged("fresh")) == ("yes", "all_conditions_met")


def test_what_is_declared_and_holds_changes_no_receipt() -> None:
    assert judged(HERE)["facts_hash"] == judged("fresh")["facts_hash"]


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ({"places": ["370304"]}, "coverage_other_places"),
        ({"places": ["37030300"]}, "yes"),
        ({"places": ["370304", "3703"]}, "yes"),
        ({"until": date(2025, 6, 4)}, "coverage_other_times"),
        ({"until": DAY}, "yes"),
        ({"holes": ["2014-03"]}, "coverage_holes"),
        ({"holes": ["1998-12"]}, "yes"),  # the certificate of 1999 vouches for the time before its issue
        ({"holes": ["2025-07"]}, "yes"),  # after the death
        ({"from": date(2015, 1, 1), "holes": ["2014-03"]}, "yes"),  # before the feed begins, which it says
    ],
)
def test_a_later_birth_is_denied_only_where_births_cover_place_and_time(declared: dict[str, Any], reason: str) -> None:
    expected = ("yes", "all_conditions_met") if reason == "yes" else ("unknown", reason)
    assert outcome(judged(declared)) == expected


def test_a_child_that_a_record_shows_makes_no_though_the_feed_does_not_cover_the_place() -> None:
    row = judged({"places": ["370304"]}, births=[child_of_both("B2", date(2005, 3, 3))])
    assert outcome(row) == ("no", "other_child")


def test_adoptions_are_asked_as_births_are() -> None:
    assert outcome(judged("fresh", adopted={"until": date(2020, 1, 1)})) == ("unknown", "coverage_other_times")


def test_a_family_that_is_nowhere_is_in_no_declared_place() -> None:
    nowhere = [CERTIFICATE | {"village_code": None}]
    assert outcome(judged(HERE, only_child_certificates=nowhere)) == ("unknown", "coverage_other_places")
    assert outcome(judged("fresh", only_child_certificates=nowhere))[0] == "yes"


def test_without_a_township_the_parents_hukou_is_their_place() -> None:
    hukou = {"father_hukou_code": "370303001001", "mother_hukou_code": "370304001001", "village_code": None}
    assert outcome(judged(HERE, only_child_certificates=[CERTIFICATE | hukou]))[0] == "unknown"
    both = hukou | {"mother_hukou_code": "370303001001"}
    assert outcome(judged(HERE, only_child_certificates=[CERTIFICATE | both]))[0] == "yes"


def test_before_the_declared_beginning_only_a_certificate_in_force_vouches() -> None:
    def births(declared: Any) -> str:
        row = judged(declared, only_child_certificates=[UNCERTIFIED])
        told = {part["condition_id"]: part.get("reason") or part["outcome"] for part in json.loads(row["conditions"])}
        return str(told["births_covered"])

    assert births({"from": date(2003, 1, 1)}) == "coverage_other_times"
    assert births({"from": date(1998, 1, 1)}) == "true"


@pytest.mark.parametrize(
    ("lang", "said", "move"),
    [("zh", "没有记录的月份 2014-03", "补报没有记录的月份"), ("en", "months without a record 2014-03", "empty months")],
)
def test_it_is_told_which_month_is_empty_and_whose_move_it_is(lang: str, said: str, move: str) -> None:
    row = judged({"holes": ["2014-03"]})
    told = "\n".join(explain_determination(row, zhangdian(), lang).lines())
    assert said in told
    (first, *_) = moves(row, zhangdian(), lang)
    assert move in first.sentence and first.agencies == ("health_commission",)


@pytest.mark.parametrize(("lang", "said"), [("zh", "申明的地区 370304"), ("en", "declared places 370304")])
def test_it_is_told_which_places_are_declared(lang: str, said: str) -> None:
    told = explain_determination(judged({"places": ["370304"]}), zhangdian(), lang).lines()
    assert said in "\n".join(told)


def test_a_declaration_and_its_end_judge_everybody_anew() -> None:
    def rules(births: Any, as_of: date) -> str:
        drawn = family(as_of, coverage={"births": births})
        facts = Facts(drawn.records, drawn.links, None, empty(LIFE_EVENTS), decided(drawn)[1], drawn.coverage)
        return rules_of([zhangdian()], facts, as_of, date(2024, 1, 1))

    ends = {"until": date(2025, 6, 6)}
    assert rules("fresh", DAY) == rules("fresh", date(2025, 6, 6)) != rules(ends, DAY)
    assert rules(ends, DAY) == rules(ends, date(2025, 6, 6)) != rules(ends, date(2025, 6, 7))


def test_coverage_as_an_earlier_version_has_kept_it_is_still_read() -> None:
    drawn = family(death_certificates=[death(DAY)])
    older = drawn.coverage.select(COVERAGE.names[:8])
    assert outcome(aid(replace(drawn, coverage=older)))[0] == "yes"
