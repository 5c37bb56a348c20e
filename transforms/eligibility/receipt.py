"""The receipt of a determination, as SQL: what was asked, what came out, the facts it rests on, and a hash of them."""

import hashlib
import json
from datetime import date

from transforms.eligibility.conditions import Asked

_WHOLE_NUMBERS = {"grade", "age", "alive", "hospital_days", "days_claimed"}
_YES = {"carried_by_certificate"}
# Whether anybody doubts who is who, a couple that was divorced on the ruling date, an amount that nobody has said.
_IDENTITY = """'{"condition_id":"identity_is_certain","outcome":"' || CASE WHEN len(doubts_found) = 0
    THEN 'true","facts":{}}' ELSE 'unknown","facts":{"doubts":' || to_json(doubts_found) || '}}' END"""
_DIVORCED = """'{"condition_id":"divorced_two_households","outcome":"true","question":"divorced_two_households",'
    || '"facts":{"divorced_on":"' || divorced_on || '"}}'"""
_AMOUNT = """CASE WHEN verdict = 'yes' THEN '{"condition_id":"amount_is_known","outcome":"unknown","reason":"'
    || amount_question || '","question":"' || amount_question || '","facts":{}}' END"""

DECIDING = """array_to_string(CASE WHEN own_verdict = 'no' AND NOT $in_full
    THEN list_filter(told, lambda each: NOT contains(each, '"outcome":"true"')) ELSE told END, ',')"""
"""SQL of what is kept of `told` (by told_by): of a no what is not true, unless $in_full; they are many."""
CONDITIONS = f"'[' || concat_ws(',', deciding, {_IDENTITY}, {_DIVORCED}, {_AMOUNT}) || ']'"
"""SQL of the column `conditions`: a JSON list of {condition_id, outcome, reason, question, facts}, null ones left out.

Asked of rows with `deciding`, doubts_found, divorced_on, amount_question and verdict.
"""
FACTS_HASH = "substr(sha256(concat_ws('|', event_id, trigger_on, conditions)), 1, 16)"
"""SQL of the hash over the event, its day and the conditions with their facts, 16 hex digits."""


def facts_hash(event_id: str | None, trigger_on: date | None, conditions: str) -> str:
    """The same hash of a determination that was kept: of the event, its day if it has one, and its `conditions`."""
    parts = (str(part) for part in (event_id, trigger_on, conditions) if part is not None)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def told_by(asked: list[Asked]) -> str:
    """SQL of the conditions of a clause as a list of JSON objects.

    The row has `outcomes` and `facts`, lists of text in the order of the conditions.
    """
    told, known = [], 0
    for place, each in enumerate(asked, start=1):
        told.append(_told(each, f"outcomes[{place}]", known))
        known += len(each[1].facts)
    return f"[{', '.join(told)}]"


def _told(asked: Asked, outcome: str, before: int) -> str:
    use, part = asked
    members = [_fact(name, f"facts[{before + count}]") for count, name in enumerate(part.facts, start=1)]
    known = f"concat_ws(',', {', '.join(members)})" if members else "''"
    question = _text(f',"question":{json.dumps(use.question, ensure_ascii=False)}') if use.question else "''"
    reason = f"nullif(substr({outcome}, strpos({outcome}, ':') + 1), {outcome})"
    begin = _text(f'{{"condition_id":{json.dumps(use.id, ensure_ascii=False)},"outcome":"')
    return f"""concat({begin}, split_part({outcome}, ':', 1), '"', ',"reason":' || to_json(nullif({reason}, '')),
        CASE WHEN starts_with({outcome}, 'unknown') THEN {question} END, ',"facts":{{', {known}, '}}}}')"""


def _fact(name: str, value: str) -> str:
    """A fact as a member of a JSON object, null where it is not known."""
    shown = value if name in _WHOLE_NUMBERS else f"to_json({value})"
    return f"CASE WHEN {value} IS NOT NULL THEN '\"{name}\":true' END" if name in _YES else f"'\"{name}\":' || {shown}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
