"""The conditions of a determination as JSON: what was asked, what came out, and the facts it rests on."""

import json
from typing import Any

import pyarrow as pa

from transforms.eligibility.conditions import Asked
from transforms.eligibility.entries import Condition

_WHOLE_NUMBERS = {"grade", "age", "alive"}
_YES = {"carried_by_certificate"}


def conditions_json(found: pa.Table, asked: list[list[Asked]]) -> pa.Array:
    """One JSON list per determination: {condition_id, outcome, reason, question, facts}, without what is null.

    `found` has the columns clause_no, outcomes, facts (text, in the order of the clause's conditions), doubts_found
    and divorced_on; `asked` the conditions of each clause. Only triggers come here, never a whole population.
    """
    columns = ("clause_no", "outcomes", "facts", "doubts_found", "divorced_on")
    rows = zip(*(found[name].to_pylist() for name in columns), strict=True)
    return pa.array([_told(asked[number], *rest) for number, *rest in rows], pa.string())


def _told(
    uses: list[Asked],
    outcomes: list[str],
    facts: list[str | None],
    doubts: list[str],
    divorced_on: Any,
) -> str:
    values = iter(facts)
    parts = [
        _condition(use, outcome, {name: next(values) for name in part.facts})
        for (use, part), outcome in zip(uses, outcomes, strict=True)
    ]
    certain = "unknown" if doubts else "true"
    parts.append(_part("identity_is_certain", certain, facts={"doubts": doubts} if doubts else {}))
    if divorced_on is not None:
        question = "divorced_two_households"
        parts.append(_part(question, "true", question=question, facts={"divorced_on": divorced_on.isoformat()}))
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _condition(use: Condition, judged: str, facts: dict[str, str | None]) -> dict[str, Any]:
    outcome, _, reason = judged.partition(":")
    question = use.question if outcome == "unknown" else None
    known = {name: _fact(name, value) for name, value in facts.items() if value is not None}
    return _part(use.id, outcome, reason=reason or None, question=question, facts=known)


def _part(
    condition_id: str, outcome: str, *, facts: dict[str, Any], reason: str | None = None, question: str | None = None
) -> dict[str, Any]:
    told = {"condition_id": condition_id, "outcome": outcome, "reason": reason, "question": question, "facts": facts}
    return {name: value for name, value in told.items() if value is not None}


def _fact(name: str, value: str) -> str | int | bool:
    if name in _WHOLE_NUMBERS:
        return int(value)
    return True if name in _YES else value
