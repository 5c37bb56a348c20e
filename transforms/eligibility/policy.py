"""Reading a policy file: every mistake of an officer told with file and line, all of them together."""

import json
from collections.abc import Iterator
from typing import Any

import yaml
from pydantic import ValidationError

from transforms.eligibility.amounts import Told, amount_faults, expression_fault
from transforms.eligibility.entries import (
    BY_NAME,
    IN_PLACE,
    OF_PARENTS,
    UNDATED,
    Clause,
    Condition,
    Duty,
    Policy,
)
from transforms.eligibility.faults import PolicyFault, PolicyFaults
from transforms.eligibility.nodes import Page, read_page
from transforms.eligibility.vocabulary import words_of
from transforms.pages import Place, keys_at

__all__ = ["Clause", "Policy", "load_policy", "policy_schema"]


def load_policy(text: str, source: str) -> Policy:
    """The policy that a file says. `source` is the file's name, for the messages.

    Raises PolicyFaults with every mistake: YAML, missing and unknown entries, values that are not valid, unknown
    conditions and questions, crossed dates, amounts that the clause's figures do not carry.
    """
    try:
        page = read_page(text)
    except yaml.YAMLError as error:
        raise PolicyFaults([_not_yaml(error, source)]) from None
    faults = [PolicyFault(source, line, place, "twice", place, "") for place, line in page.repeated]
    try:
        policy = Policy.model_validate(page.data)
    except ValidationError as error:
        raise PolicyFaults(faults + [_told(fault, page, source) for fault in error.errors()]) from None
    faults += _contradictions(policy, page, source)
    if faults:
        raise PolicyFaults(faults)
    return policy


def policy_schema() -> str:
    """The JSON Schema of policy files, as text."""
    return json.dumps(Policy.model_json_schema(), ensure_ascii=False, indent=1) + "\n"


def _not_yaml(error: yaml.YAMLError, source: str) -> PolicyFault:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else 1
    return PolicyFault(source, line, "YAML", "not_yaml", str(getattr(error, "problem", "") or ""), "")


def _told(error: Any, page: Page, source: str) -> PolicyFault:
    """Pydantic's error as a fault with its line."""
    loc = (part for part in error["loc"] if part not in (BY_NAME, IN_PLACE))
    place = tuple("from" if part == "from_" else part for part in loc)
    line, name = page.line(place), page.name(place)
    if error["type"] == "missing":
        return PolicyFault(source, line, name, "missing", "", str(place[-1]))
    if error["type"] == "extra_forbidden":
        return PolicyFault(source, line, name, "unknown_entry", str(place[-1]), ", ".join(keys_at(Policy, place[:-1])))
    valid = error["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return PolicyFault(source, line, name, "wrong_value", str(error["input"])[:60], valid)


def _contradictions(policy: Policy, page: Page, source: str) -> list[PolicyFault]:
    """Mistakes that show only when entries are held against each other."""

    def fault(place: tuple[str | int, ...], code: str, found: object, valid: str) -> PolicyFault:
        return PolicyFault(source, page.line(place), page.name(place), code, str(found), valid)

    faults = []
    dates = policy.in_force
    if dates.from_ is None and UNDATED not in [question.id for question in policy.open_questions]:
        faults.append(fault(("in_force",), "missing", "", f"from, open_questions: {UNDATED}"))
    if dates.until is not None and dates.from_ is not None and dates.until < dates.from_:
        faults.append(fault(("in_force", "until"), "dates_crossed", dates.until, dates.from_.isoformat()))
    known = [question.id for question in policy.open_questions]
    lists = (("clauses", policy.clauses), ("duties", policy.duties), ("definitions", policy.definitions),
             ("parameters", policy.parameters), ("open_questions", policy.open_questions))  # fmt: skip
    for name, entries in lists:
        ids = [entry.id for entry in entries]
        faults += [fault((name, at, "id"), "twice", each, "") for at, each in enumerate(ids) if each in ids[:at]]
    asked = [*_questions_asked(policy)]
    faults += [fault(place, "unknown_question", question, ", ".join(known))
               for place, question in asked if question not in known]  # fmt: skip
    for number, clause in enumerate(policy.clauses):
        faults += [fault(("clauses", number, *rest), *told) for rest, told in _clause_faults(clause, policy)]
    faults += [fault(place, *told) for place, told in _duty_faults(policy)]
    if policy.payers and sum(payer.percent for payer in policy.payers) != 100:
        faults.append(fault(("payers",), "not_whole", sum(payer.percent for payer in policy.payers), "100"))
    faults += [fault(place, *told) for place, told in amount_faults(policy)]
    for number, condition in enumerate(policy.definitions if policy.clauses else ()):
        told = _expression_faults(condition, policy.clauses[0], policy)
        faults += [fault(("definitions", number, *rest), *what) for rest, what in told]
    return faults


def _questions_asked(policy: Policy) -> Iterator[tuple[Place, str]]:
    """Every reference to an open question, with its place."""
    for at, parameter in enumerate(policy.parameters):
        if parameter.question:
            yield ("parameters", at, "question"), parameter.question
    asking: tuple[tuple[str, tuple[Clause | Duty, ...]], ...] = (("clauses", policy.clauses), ("duties", policy.duties))
    for name, entries in asking:
        for at, entry in enumerate(entries):
            yield from (((name, at, "questions", which), question) for which, question in enumerate(entry.questions))
    for number, clause in enumerate(policy.clauses):
        amounts = enumerate(clause.benefit.amounts)
        yield from ((("clauses", number, "benefit", "amounts", at, "question"), each.question)
                    for at, each in amounts if each.question)  # fmt: skip
    for place, condition in _written(policy):
        if condition.question:
            yield (*place, "question"), condition.question
        yield from (((*place, "open", at, "question"), each.question) for at, each in enumerate(condition.open))


def _written(policy: Policy) -> Iterator[tuple[Place, Condition]]:
    """Every condition, where it is written."""
    yield from ((("definitions", at), condition) for at, condition in enumerate(policy.definitions))
    for number, clause in enumerate(policy.clauses):
        places = ((("clauses", number, "conditions", at), use) for at, use in enumerate(clause.conditions))
        yield from ((place, use) for place, use in places if not isinstance(use, str))


def _duty_faults(policy: Policy) -> Iterator[Told]:
    """Duties that do not say what their machine needs, or say what it cannot use."""
    for number, duty in enumerate(policy.duties):
        for machine, detail in (("record", duty.record), ("clock", duty.clock)):
            if duty.machine == machine and not detail:
                yield ("duties", number), ("missing", "", machine)
            if duty.machine != machine and detail:
                yield ("duties", number, machine), ("unknown_entry", machine, duty.machine)


def _clause_faults(clause: Clause, policy: Policy) -> list[Told]:
    """What is wrong inside one clause: (place, (code, found, valid))."""
    found: list[Told] = []
    defined = [condition.id for condition in policy.definitions]
    for number, use in enumerate(clause.conditions):
        if isinstance(use, str):
            if use not in defined:
                found.append((("conditions", number), ("unknown_condition", use, ", ".join(defined))))
            continue
        told = _expression_faults(use, clause, policy)
        found += [(("conditions", number, *rest), what) for rest, what in told]
    of_parents = [trigger in OF_PARENTS for trigger in clause.triggers]
    if any(of_parents) and not all(of_parents):
        found.append((("triggers",), ("mixed_triggers", ", ".join(clause.triggers), ", ".join(sorted(OF_PARENTS)))))
    return found


def _expression_faults(condition: Condition, clause: Clause, policy: Policy) -> list[Told]:
    words, constants = words_of(clause, policy), policy.constants(clause)
    if (condition.when is None) == (condition.ask is None):
        return [(("when",), ("missing", "", "when / ask"))]
    texts: list[tuple[Place, str]] = [] if condition.when is None else [(("when",), condition.when)]
    texts += [(("open", at, "matters"), each.matters) for at, each in enumerate(condition.open)]
    return [told for place, text in texts for told in expression_fault(place, text, words, constants)]
