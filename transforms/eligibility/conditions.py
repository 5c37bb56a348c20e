"""What each condition of a clause computes, as SQL over the evidence of all cases.

A condition is `true`, `false:<reason>` or `unknown:<reason>`, and the facts it used: opaque ids and dates, never a
name or a record's key.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from transforms.eligibility.entries import UNDATED, Clause, Condition, Policy, Words
from transforms.eligibility.expressions import Compiled, Constant, Word, compile_condition
from transforms.eligibility.vocabulary import bounds, words_of

IN_FORCE: Final = Condition(
    id="policy_in_force", says=Words(zh="文件在适用日有效", en="document in force on the ruling date"), when="true"
)
"""The condition that every clause has first; `when` is not read, the dates of the document are."""


VISIT: Final = Condition(
    id="visit",
    says=Words(zh="入户核实没有否定", en="no visit found otherwise"),
    when="true",
)
"""The condition that every clause has second: what a case worker has found on the spot."""


@dataclass(frozen=True)
class Computed:
    """SQL of the outcome, and of each fact by its name."""

    outcome: str
    facts: dict[str, str]


Asked = tuple[Condition, Computed]
TO_BE_ASKED: Final = "to_be_asked"  # the reason where only somebody's answer is missing
_PEOPLE: Final = frozenset({"child", "mother", "father", "person", "wife_or_lone_parent"})


def asked_by(clause: Clause, policy: Policy, *, is_followed: bool = False) -> list[Asked]:
    """The conditions of a clause: the dates in force, the visit, its own in their order, last what has to be asked.

    `is_followed`: another document of the site replaces this one, and decides after its last day.
    """
    words, constants = words_of(clause, policy), policy.constants(clause)
    ordered = sorted(policy.conditions(clause), key=lambda each: each.ask is not None)
    own = [(each, _computed(each, policy, words, constants)) for each in ordered]
    is_open = policy.in_force.from_ is None  # the document bears no date: policy.py has seen to the question
    first = IN_FORCE.model_copy(update={"question": UNDATED}) if is_open else IN_FORCE
    return [(first, _in_force(clause, policy, is_followed)), (VISIT, _VISITED), *own]


_VISITED = Computed(
    "CASE WHEN visit_outcome = 'refuted' THEN 'false:refuted_by_visit' ELSE 'true' END",
    {"visited_on": "visited_on"},
)


def _in_force(clause: Clause, policy: Policy, is_followed: bool) -> Computed:
    if policy.in_force.from_ is None:
        return Computed("'unknown:document_undated'", {})
    begins, ends = bounds(policy)
    after = "false:followed" if is_followed else "unknown:no_policy_in_force"
    known = f"WHEN known_on > {ends} THEN 'unknown:transitional'" if clause.rules_on == "event_date" else ""
    outcome = f"""CASE WHEN ruling_on IS NULL THEN 'unknown:event_undated'
        WHEN ruling_on < {begins} AND later_on BETWEEN {begins} AND {ends} THEN 'unknown:assessed_again'
        WHEN ruling_on < {begins} THEN 'false:not_yet_in_force'
        WHEN ruling_on > {ends} THEN '{after}' {known} ELSE 'true' END"""
    # a date that is every night another would make every night a new version of the same verdict
    ruling_on = "ruling_on" if clause.rules_on == "event_date" else "NULL"
    return Computed(
        outcome,
        {
            "ruling_on": ruling_on,
            "known_on": "known_on",
            "in_force_from": begins,
            "lapsed_after": ends if policy.in_force.until else "NULL",
        },
    )


def _computed(condition: Condition, policy: Policy, words: dict[str, Word], constants: dict[str, Constant]) -> Computed:
    if condition.when is None:
        return Computed(f"'unknown:{TO_BE_ASKED}'", {})
    asked = compile_condition(condition.when, words, constants)
    open_ = [(each, compile_condition(each.matters, words, constants).outcome)
             for each in condition.open if not policy.is_answered(each.question)]  # fmt: skip
    waiting = [f"WHEN {sql} THEN 'unknown:{each.question}'" for each, sql in open_ if each.makes == "unknown"]
    notes = [f"WHEN {sql} THEN '{each.question}'" for each, sql in open_ if each.makes == "note"]
    why = ", ".join([*(words[name].unknown for name in asked.words), "'sources_differ'"])
    # what a case worker has seen need not be known from records; an age is not seen
    is_seen = all(words[name].is_seen for name in asked.words)
    seen = "WHEN visit_outcome = 'confirmed' THEN 'true:confirmed_by_visit'" if is_seen else ""
    outcome = f"""CASE {" ".join(waiting)} WHEN {asked.outcome} THEN 'true' {_overruled(asked, words)}
        WHEN NOT {asked.outcome} THEN 'false:{condition.otherwise or condition.id}' {seen}
        ELSE 'unknown:' || coalesce({why}) END"""
    facts = _facts(asked, words)
    facts |= {"question": f"CASE {' '.join(notes)} END"} if notes else {}
    return Computed(outcome, facts)


def _overruled(asked: Compiled, words: Mapping[str, Word]) -> str:
    """A visit that confirms the family, made when the records said no already, stands above them."""
    known = [words[name].known_on for name in asked.words]
    if not known or not all(known):
        return ""
    since = " AND ".join(f"visited_on >= {day}" for day in known)
    return f"WHEN NOT {asked.outcome} AND visit_outcome = 'confirmed' AND {since} THEN 'true:overruled_by_visit'"


def _facts(asked: Compiled, words: dict[str, Word]) -> dict[str, str]:
    """The facts that an expression rests on, by name: age; of two people age_of_mother; on a second day age_2."""
    told = [(name, word.partition(".")[0], sql) for word in asked.words for name, sql in words[word].facts.items()]
    told += [("age", whose, _living(whose, sql, asked, words)) for whose, sql in asked.ages]
    people: defaultdict[str, set[str]] = defaultdict(set)
    by_name: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for name, whose, _ in told:
        people[name].add(whose)
    for name, whose, sql in told:
        is_of_many = len(people[name]) > 1 and people[name] <= _PEOPLE
        by_name[f"{name}_of_{whose}" if is_of_many else name][sql] = None
    numbered = ((name, at, sql) for name, found in by_name.items() for at, sql in enumerate(found, 1))
    return {f"{name}_{at}" if at > 1 else name: sql for name, at, sql in numbered}


def _living(whose: str, age: str, asked: Compiled, words: dict[str, Word]) -> str:
    """An age; none of somebody dead, where the expression asks that too."""
    is_alive = f"{whose}.is_alive"
    return f"CASE WHEN {words[is_alive].bounds[0]} THEN {age} END" if is_alive in asked.words else age


def fact_of(name: str) -> tuple[str, str]:
    """What a fact is called, and of whom it is told: age_of_mother is (age, mother), age_2 is (age, "")."""
    called, _, whose = re.sub(r"_\d+$", "", name).partition("_of_")
    return called, whose
