"""The receipt of a determination, as SQL: what was asked, what came out, the facts it rests on, and a hash of them."""

import hashlib
from dataclasses import dataclass
from datetime import date

from transforms.eligibility.conditions import Asked, fact_of

_WHOLE_NUMBERS = {"grade", "age", "alive", "hospital_days", "days_claimed"}
_YES = {"carried_by_certificate"}
TOLD = """concat('{"condition_id":"', condition_id, '","outcome":"', status, '"', ',"reason":"' || reason || '"',
    CASE WHEN status = 'unknown' THEN ',"question":' || to_json(question) END, ',"facts":{', facts, '}}')"""
"""SQL of one condition as a JSON object. Asked of rows with condition_id, question, status, reason and facts."""
# Whether anybody doubts who is who, a couple that was divorced on the ruling date, an amount that nobody has said.
_IDENTITY = """CASE WHEN len(doubts_found) > 0
         THEN '{"condition_id":"identity_is_certain","outcome":"unknown","facts":{"doubts":' || to_json(doubts_found)
              || '}}'
         WHEN $in_full OR own_verdict = 'yes'
         THEN '{"condition_id":"identity_is_certain","outcome":"true","facts":{}}' END"""
_DIVORCED = """'{"condition_id":"divorced_two_households","outcome":"true","question":"divorced_two_households",'
    || '"facts":{"divorced_on":"' || divorced_on || '"}}'"""
_AMOUNT = """CASE WHEN verdict = 'yes' THEN '{"condition_id":"amount_is_known","outcome":"unknown","reason":"'
    || amount_question || '","question":"' || amount_question || '","facts":{}}' END"""
CONDITIONS = f"'[' || concat_ws(',', told, {_IDENTITY}, {_DIVORCED}, {_AMOUNT}) || ']'"
"""SQL of the column `conditions`: a JSON list of {condition_id, outcome, reason, question, facts}, null ones left out.

Asked of rows with `told` (TOLD of each condition, comma between), doubts_found, divorced_on, amount_question,
own_verdict and verdict; $in_full is TRUE where conditions are told that did not decide.
"""
FACTS_HASH = "substr(sha256(concat_ws('|', event_id, trigger_on, conditions)), 1, 16)"
"""SQL of the hash over the event, its day and the conditions with their facts, 16 hex digits."""


def facts_hash(event_id: str | None, trigger_on: date | None, conditions: str) -> str:
    """The same hash of a determination that was kept: of the event, its day if it has one, and its `conditions`."""
    parts = (str(part) for part in (event_id, trigger_on, conditions) if part is not None)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Piece:
    """A condition as it is worked out: what it is called, and SQL of its outcome and of its facts as JSON members.

    Two clauses with the same piece ask the same of the same cases.
    """

    condition_id: str
    question: str | None
    outcome: str
    facts: str


def piece_of(asked: Asked) -> Piece:
    """A condition of a clause as a piece."""
    condition, part = asked
    members = ", ".join(_member(name, sql) for name, sql in part.facts.items())
    facts = f"concat_ws(',', {members})" if members else "''"
    return Piece(condition.id, condition.question, part.outcome, facts)


def _member(name: str, sql: str) -> str:
    """A fact as a member of a JSON object, null where it is not known."""
    called, _ = fact_of(name)
    if called in _YES:
        return f"CASE WHEN ({sql}) IS NOT NULL THEN '\"{name}\":true' END"
    shown = f"CAST({sql} AS VARCHAR)"
    return f"'\"{name}\":' || {shown if called in _WHOLE_NUMBERS else f'to_json({shown})'}"
