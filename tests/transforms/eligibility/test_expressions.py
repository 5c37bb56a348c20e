"""Conditions as expressions: three values, ranges, ages, and faults that say what may stand there."""

from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.eligibility.expressions import ExpressionFault, Word, compile_condition

WORDS = {
    "event.on": Word("date", "", "", "on_"),
    "event.kind": Word("text", "", "", "kind"),
    "event.stands": Word("yes_no", "", "", "stands"),
    "event.seen": Word("yes_no", "", "", "seen"),
    "wife.born_on": Word("date", "", "", "born_from", "born_to"),
    "event.grade": Word("number", "", "", "grade_from", "grade_to"),
}
CONSTANTS = {"parameter.age": 49, "clause.grades": (1, 2, 3), "clause.none": ()}
DAYS = st.dates(date(1930, 1, 1), date(2030, 12, 31))
GRADES = st.integers(1, 4)


def judged(text: str, **evidence: object) -> bool | None:
    """The condition's value, for one case with that evidence."""
    sql = compile_condition(text, WORDS, CONSTANTS).outcome
    types = {"on_": "DATE", "born_from": "DATE", "born_to": "DATE", "kind": "VARCHAR", "stands": "BOOLEAN",
             "seen": "BOOLEAN", "grade_from": "INT", "grade_to": "INT"}  # fmt: skip
    columns = ", ".join(f"CAST(${name} AS {kind}) AS {name}" for name, kind in types.items())
    values = dict.fromkeys(types) | evidence
    (found,) = duckdb.execute(f"SELECT {sql} FROM (SELECT {columns})", values).fetchone() or ()
    return found


def birthday(born: date, years: int) -> date:
    try:
        return born.replace(year=born.year + years)
    except ValueError:  # 29 February
        return date(born.year + years, 2, 28)


NEAR = st.integers(-500, 500)  # days from the 49th birthday


@settings(deadline=None)
@given(DAYS, NEAR)
def test_an_age_turns_on_the_birthday(born: date, away: int) -> None:
    on = birthday(born, 49) + timedelta(days=away)
    is_old_enough = birthday(born, 49) <= on
    assert judged("wife.born_on.age_on(event.on) >= 49", born_from=born, born_to=born, on_=on) == is_old_enough


@pytest.mark.parametrize(
    ("on", "years"),
    [(date(2025, 2, 27), 48), (date(2025, 2, 28), 49), (date(2028, 2, 28), 51), (date(2028, 2, 29), 52)],
)
def test_who_was_born_on_29_february_is_older_on_the_last_of_february(on: date, years: int) -> None:
    born = date(1976, 2, 29)
    assert judged(f"wife.born_on.age_on(event.on) == {years}", born_from=born, born_to=born, on_=on)


COMPARISONS = ["<", "<=", ">", ">=", "==", "!="]


@settings(deadline=None)
@given(st.sampled_from(COMPARISONS), GRADES, GRADES, st.integers(0, 5))
def test_a_range_is_decided_exactly_where_all_of_its_values_agree(sign: str, one: int, other: int, than: int) -> None:
    low, high = sorted((one, other))
    each = {judged(f"event.grade {sign} {than}", grade_from=grade, grade_to=grade) for grade in range(low, high + 1)}
    found = judged(f"event.grade {sign} {than}", grade_from=low, grade_to=high)
    assert found == (each.pop() if len(each) == 1 else None)


@settings(deadline=None)
@given(DAYS, st.integers(0, 400), NEAR)
def test_an_age_from_two_birth_dates_is_known_where_both_lead_to_the_same(born: date, apart: int, away: int) -> None:
    later, on = born + timedelta(days=apart), birthday(born, 49) + timedelta(days=away)
    text = "wife.born_on.age_on(event.on) >= parameter.age"
    ends = {judged(text, born_from=day, born_to=day, on_=on) for day in (born, later)}
    assert judged(text, born_from=born, born_to=later, on_=on) == (ends.pop() if len(ends) == 1 else None)


THREE = st.sampled_from([True, False, None])


@settings(deadline=None)
@given(THREE, THREE)
def test_what_is_unknown_stays_so_unless_it_does_not_matter(one: bool | None, other: bool | None) -> None:
    both = judged("event.stands && event.seen", stands=one, seen=other)
    either = judged("event.stands || event.seen", stands=one, seen=other)
    assert both == (False if False in (one, other) else None if None in (one, other) else True)
    assert either == (True if True in (one, other) else None if None in (one, other) else False)
    assert judged("!event.stands", stands=one) == (None if one is None else not one)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("event.grade in clause.grades", True),
        ("event.grade in [4]", False),
        ("event.grade in clause.none", False),
        ("event.kind in ['death', 'x']", True),
        ('event.kind == "it\'s"', False),
        ("event.on + years(1) - days(365) == event.on", True),
        ("year(event.on) == 2025 && event.on < end_of_year(event.on)", True),
        ("event.grade - -1 == 3", True),
        ("true && !(false)", True),
    ],
)
def test_what_may_be_written(text: str, value: bool) -> None:
    assert judged(text, grade_from=2, grade_to=2, kind="death", on_=date(2025, 3, 1)) is value


@pytest.mark.parametrize(
    ("text", "kind", "valid"),
    [
        ("event.ons", "unknown_word", "event.on, event.kind"),
        ("husband.age > 3", "unknown_word", "clause, event, parameter, wife"),
        ("event.stands &&", "not_readable", ""),
        ("", "not_readable", ""),
        ("event.on", "no_condition", "yes_no"),
        ("event.on == 3", "types_differ", "date"),
        ("event.kind < 'x'", "no_order", "number, date"),
        ("event.stands > true", "no_order", "number, date"),
        ("event.on + 3 > event.on", "types_differ", "date + years"),
        ("event.grade in 3", "no_list", "list"),
        ("event.grade in ['a']", "types_differ", "number"),
        ("event.grade in []", "empty_list", ""),
        ("today() > event.on", "unknown_function", "age_on, years"),
        ("age_on(event.on) > 3", "arguments", "date, date"),
        ("age_on(event.on, 3) > 3", "types_differ", "date"),
        ("event.stands ? true : false", "not_allowed", ""),
        ("event.grade * 2 > 3", "not_allowed", ""),
        ("event.grade > 1.5", "not_allowed", ""),
        ("event.kind == 'a\\n'", "not_allowed", ""),
        ("[1][0] == 1", "not_allowed", ""),
        ("{'a': 1} == 1", "not_allowed", ""),
        ("event.kind == b'x'", "not_allowed", ""),
        ("event.on == null", "not_allowed", ""),
    ],
)
def test_a_fault_says_what_is_valid(text: str, kind: str, valid: str) -> None:
    with pytest.raises(ExpressionFault) as told:
        compile_condition(text, WORDS, CONSTANTS)
    assert told.value.kind == kind
    assert valid in told.value.valid


def test_a_fault_has_its_column() -> None:
    with pytest.raises(ExpressionFault) as told:
        compile_condition("event.stands && wife.age > 3", WORDS, CONSTANTS)
    assert (told.value.column, told.value.found) == (17, "wife.age")


def test_the_words_that_a_condition_uses_are_told_in_their_order() -> None:
    found = compile_condition("event.stands || event.grade > 1 || event.stands", WORDS, CONSTANTS)
    assert found.words == ("event.stands", "event.grade")
