"""Nights one after another, each judging anew only whom it touches, say what one night says that judges everybody."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.families import SINCE
from tests.law import CERTIFICATE
from tests.law import LAW as SMALL
from tests.law import VISITS as OWED
from tests.transforms.eligibility.test_ledger import DAYS, LAST, death, histories
from transforms.eligibility.drawing import draw_family, side_by_side
from transforms.eligibility.entitlements import Said, dated_verdicts
from transforms.eligibility.facts import Facts, concerned
from transforms.eligibility.incremental import Before, judge_again, rules_of
from transforms.eligibility.policy import load_policy
from transforms.eligibility.verdicts import determine
from transforms.households import households
from transforms.life_events import life_events

# A document that ends within the nights, and the next version of it; both ask where the parents are registered.
ASKED = "{id: here, says: {zh: 户籍, en: here}, when: household.has_hukou_here, otherwise: elsewhere}"
HERE = (SMALL.rstrip() + OWED).replace("definitions:", f"definitions:\n  - {ASKED}")
HERE = HERE.replace("conditions: [stands,", "conditions: [here, stands,").replace(
    "- stands\n", "- here\n      - stands\n"
)
ENDING = HERE.replace("2027-12-31", "2025-06-30")
NEXT = (
    HERE.replace("id: small-law", "id: next-law")
    .replace("issuer: 试}", "issuer: 试, replaces: small-law}")
    .replace("{from: 2020-01-01, until: 2027", "{from: 2025-07-01, until: 2027")
)
LAW = [load_policy(ENDING, "ending.yaml"), load_policy(NEXT, "next.yaml")]


def known(families, as_of, births="fresh", visits=()):
    """What is known on that date of some families, each with its own history, and which of them was visited when."""
    drawn = []
    for number, history in enumerate(families):
        situation = {"as_of": as_of, "alerts_since": SINCE, "coverage": {"births": births, "adoptions": "fresh"}}
        rows: dict = {"only_child_certificates": [CERTIFICATE]}
        rows["visits"] = [each for family, each in visits if family == number and each["visited_on"] <= as_of]
        for feed, record in history:
            if record["known_on"] <= as_of:
                rows.setdefault(feed, []).append(record)
        drawn.append(draw_family(situation | rows, f"f{number}"))
    family = side_by_side(drawn)
    events = life_events(family.records, family.links)
    homes = households(family.records, family.links, events, as_of=as_of)
    parents = {
        tuple(row[key] for key in ("father_person_id", "mother_person_id") if row[key]): row["household_id"]
        for row in homes.households.to_pylist()
    }
    seen = family.visits_to(parents)
    return concerned(Facts(family.records, family.links, family.review, events, homes, family.coverage, seen))


def night(families, as_of, before, visits=(), dated=None):
    """Verdicts, what the next night has to know, and the verdicts of each month."""
    facts = known(families, as_of, visits=visits)
    judged = judge_again(LAW, facts, before, as_of=as_of, alerts_since=SINCE)
    said = before and judged.anew is not None and Said(dated, before.as_of, judged.anew)
    dated = dated_verdicts(LAW, facts, as_of, said or None)
    rules = rules_of(LAW, facts, as_of, SINCE)
    return judged, Before(facts, judged.determinations, as_of, rules), dated


def in_order(table):
    return table.sort_by("determination_id").to_pylist()


FOUND = st.fixed_dictionaries({"visited_on": DAYS, "outcome": st.sampled_from(["confirmed", "confirmed", "refuted"])})
MADE = st.fixed_dictionaries({"visited_on": DAYS, "outcome": st.just("made"), "benefit": st.just("festival")})
VISITS = st.lists(st.tuples(st.integers(0, 2), st.one_of(FOUND, FOUND, MADE)), max_size=5)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(histories(), min_size=1, max_size=3), st.lists(DAYS, min_size=1, max_size=4), VISITS)
def test_night_after_night_equals_everybody_at_once(families, days, visits):
    before = dated = None
    for as_of in [*sorted(set(days)), LAST]:
        judged, before, dated = night(families, as_of, before, visits, dated)
        facts = known(families, as_of, visits=visits)
        everybody = determine(LAW, facts, as_of=as_of, alerts_since=SINCE)
        assert in_order(judged.determinations) == in_order(everybody)
        assert len(set(everybody["determination_id"].to_pylist())) == everybody.num_rows
        assert month_by_month(dated) == month_by_month(dated_verdicts(LAW, facts, as_of))


def month_by_month(dated):
    return dated.sort_by([("determination_id", "ascending"), ("asked_on", "ascending")]).to_pylist()


DIED = [("death_certificates", death())]
FIRST, SECOND = date(2025, 6, 1), date(2025, 6, 2)


def touched(before_families, after_families, first=FIRST, second=SECOND):
    _, before, dated = night(before_families, first, None)
    judged, *_ = night(after_families, second, before, dated=dated)
    return None if judged.anew is None else sorted(judged.anew["child"].to_pylist())


def test_a_night_without_news_judges_nobody():
    assert touched([DIED, DIED], [DIED, DIED]) == []


def test_a_birth_in_one_family_leaves_the_others_alone():
    born = [*DIED, ("births", {"birth_certificate_no": "B1", "birth_date": date(2025, 5, 20), "mother": "mother",
                               "father": "father", "child": "second", "known_on": SECOND})]  # fmt: skip
    assert "f1/child" in touched([DIED, DIED], [DIED, born])
    assert "f0/child" not in touched([DIED, DIED], [DIED, born])


def test_of_months_only_the_new_ones_and_the_families_with_news_are_asked():
    visits = [(number, {"visited_on": date(2025, 4, 2), "outcome": "confirmed"}) for number in (0, 1)]
    _, before, dated = night([DIED, DIED], date(2025, 5, 3), None, visits)
    marked = dated.set_column(dated.column_names.index("reason_code"), "reason_code", [["as said"] * dated.num_rows])
    born = [*DIED, ("births", {"birth_certificate_no": "B1", "birth_date": date(2025, 5, 20), "mother": "mother",
                               "father": "father", "child": "second", "known_on": date(2025, 6, 2)})]  # fmt: skip
    _, _, after = night([DIED, born], date(2025, 6, 3), before, visits, marked)
    stands = {(row["person_id"], row["asked_on"].month) for row in after.to_pylist() if row["reason_code"] == "as said"}
    assert stands == {("f0/child", month) for month in (4, 5)}


def test_a_birthday_is_news():
    # the mother of every family was born on 1 May 1972
    assert touched([DIED], [DIED], date(2025, 4, 30), date(2025, 5, 1)) == ["f0/child"]
    assert touched([DIED], [DIED], date(2025, 5, 1), date(2025, 5, 2)) == []


MOVED = {
    "household_no": "H1", "id_no": "H1", "division_code": "370303001001", "moved_in_on": date(1999, 1, 1),
    "moved_out_on": date(2025, 6, 2), "subject": "mother", "known_on": date(2025, 5, 1),
}  # fmt: skip


def test_a_move_that_was_told_before_is_news_on_its_day():
    moving = [*DIED, ("household_register", MOVED)]
    assert touched([DIED, moving], [DIED, moving], date(2025, 6, 1), date(2025, 6, 2)) == ["f1/child"]
    assert touched([DIED, moving], [DIED, moving], date(2025, 6, 2), date(2025, 6, 3)) == []


def test_the_end_of_a_document_and_the_beginning_of_the_next_are_news_for_all():
    assert touched([DIED, DIED], [DIED, DIED], date(2025, 6, 29), date(2025, 6, 30)) == []
    assert touched([DIED, DIED], [DIED, DIED], date(2025, 6, 30), date(2025, 7, 1)) == ["f0/child", "f1/child"]


def test_another_year_another_law_or_another_coverage_judges_everybody():
    assert touched([DIED], [DIED], date(2025, 12, 31), date(2026, 1, 1)) is None
    facts = known([DIED], FIRST)
    rules = rules_of(LAW, facts, FIRST, SINCE)
    assert rules != rules_of([], facts, FIRST, SINCE)
    assert rules != rules_of(LAW, known([DIED], FIRST, births=date(2025, 5, 1)), FIRST, SINCE)
    assert rules == rules_of(LAW, known([DIED], SECOND), SECOND, SINCE)
