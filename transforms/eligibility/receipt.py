"""The receipt of a determination: what was asked, what came out, the facts it rests on, and a hash of them."""

import hashlib
import json
from typing import Any

import pyarrow as pa

from transforms.eligibility.conditions import Asked
from transforms.eligibility.entries import Condition

_WHOLE_NUMBERS = {"grade", "age", "alive", "hospital_days", "days_claimed"}
_YES = {"carried_by_certificate"}


def receipts(found: pa.Table, asked: list[list[Asked]]) -> dict[str, pa.Array]:
    """Columns of DETERMINATIONS: `conditions`, and `facts_hash` over them with the event and the day that ruled.

    `conditions` is one JSON list per determination: {condition_id, outcome, reason, question, facts}, without what is
    null. `found` has the columns clause_no, outcomes, facts (text, in the order of the clause's conditions),
    doubts_found, divorced_on, amount_question; `asked` the conditions of each clause. Only triggers come here, never a
    whole population.
    """
    columns = ("clause_no", "outcomes", "facts", "doubts_found", "divorced_on", "amount_question")
    rows = zip(*(found[name].to_pylist() for name in columns), strict=True)
    told = [_told(asked[number], *rest) for number, *rest in rows]
    events = zip(found["trigger_event_id"].to_pylist(), found["trigger_on"].to_pylist(), strict=True)
    hashes = [_digest(f"{event}|{day}|{text}") for (event, day), text in zip(events, told, strict=True)]
    return {"conditions": pa.array(told, pa.string()), "facts_hash": pa.array(hashes, pa.string())}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _told(
    uses: list[Asked],
    outcomes: list[str],
    facts: list[str | None],
    doubts: list[str],
    divorced_on: Any,
    amount_question: str | None,
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
    if amount_question is not None:
        parts.append(_part("amount_is_known", "unknown", reason=amount_question, question=amount_question, facts={}))
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
