"""Reading a policy file: every mistake of an officer told with file and line, all of them together."""

from typing import Any

import yaml
from pydantic import ValidationError

from transforms.eligibility.entries import Clause, ConditionUse, Policy
from transforms.eligibility.faults import PolicyFault, PolicyFaults
from transforms.eligibility.nodes import Page, read_page
from transforms.eligibility.vocabulary import CONDITIONS, parameter_fault
from transforms.pages import keys_at

__all__ = ["Clause", "Policy", "load_policy"]


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


def _not_yaml(error: yaml.YAMLError, source: str) -> PolicyFault:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark is not None else 1
    return PolicyFault(source, line, "YAML", "not_yaml", str(getattr(error, "problem", "") or ""), "")


def _told(error: Any, page: Page, source: str) -> PolicyFault:
    """Pydantic's error as a fault with its line."""
    place = tuple("from" if part == "from_" else part for part in error["loc"])
    line, name = page.line(place), page.name(place)
    if error["type"] == "missing":
        return PolicyFault(source, line, name, "missing", "", str(place[-1]))
    if error["type"] == "extra_forbidden":
        return PolicyFault(source, line, name, "unknown_entry", str(place[-1]), ", ".join(keys_at(Policy, place[:-1])))
    valid = error["msg"].removeprefix("Input should be ")
    return PolicyFault(source, line, name, "wrong_value", str(error["input"])[:60], valid)


def _contradictions(policy: Policy, page: Page, source: str) -> list[PolicyFault]:
    """Mistakes that show only when entries are held against each other."""

    def fault(place: tuple[str | int, ...], code: str, found: object, valid: str) -> PolicyFault:
        return PolicyFault(source, page.line(place), page.name(place), code, str(found), valid)

    faults = []
    dates = policy.in_force
    if dates.until is not None and dates.until < dates.from_:
        faults.append(fault(("in_force", "until"), "dates_crossed", dates.until, dates.from_.isoformat()))
    known = [question.id for question in policy.open_questions]
    seen: set[str] = set()
    for number, clause in enumerate(policy.clauses):
        place = ("clauses", number)
        if clause.id in seen:
            faults.append(fault((*place, "id"), "twice", clause.id, ""))
        seen.add(clause.id)
        for which, question in enumerate(clause.questions):
            if question not in known:
                faults.append(fault((*place, "questions", which), "unknown_question", question, ", ".join(known)))
        faults += [fault((*place, *rest), *told) for rest, told in _clause_faults(clause, known)]
    return faults


_Told = tuple[tuple[str | int, ...], tuple[str, object, str]]


def _clause_faults(clause: Clause, questions: list[str]) -> list[_Told]:
    """What is wrong inside one clause: (place, (code, found, valid))."""
    found: list[_Told] = []
    for number, use in enumerate(clause.conditions):
        place = ("conditions", number)
        word = CONDITIONS.get(use.id)
        if word is None:
            found.append((place, ("unknown_condition", use.id, ", ".join(CONDITIONS))))
            continue
        if use.question is not None and use.question not in questions:
            found.append((place, ("unknown_question", use.question, ", ".join(questions))))
        found += [(place, told) for told in _parameter_faults(use)]
    figures = [figure.value for figure in clause.figures if figure.unit == "yuan"]
    amount = clause.benefit.amount_fen
    if amount is not None and amount / 100 not in figures:
        stated = ", ".join(f"{figure} yuan" for figure in figures)
        found.append((("benefit", "amount_fen"), ("figure_not_stated", f"{amount} fen", stated)))
    return found


def _parameter_faults(use: ConditionUse) -> list[tuple[str, object, str]]:
    expected = CONDITIONS[use.id].parameters
    faults: list[tuple[str, object, str]] = [
        ("unknown_entry", name, ", ".join(expected) or "–") for name in use.parameters if name not in expected
    ]
    for name, kind in expected.items():
        if name not in use.parameters:
            faults.append(("missing", "", name))
        elif (valid := parameter_fault(kind, use.parameters[name])) is not None:
            faults.append(("wrong_value", use.parameters[name], valid))
    return faults
