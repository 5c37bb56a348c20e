"""What would settle an unknown, and what it would take to change a no: whose move it is, in words.

A code has its sentence in words.yaml, under `settles` and `changes`. Whose records a condition rests on follows from
the words of its expression: each has the feeds behind it, and each feed an agency.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transforms.eligibility.conditions import TO_BE_ASKED
from transforms.eligibility.entries import UNDATED, Clause, Condition, Policy
from transforms.eligibility.explain import condition_titles, load_words
from transforms.eligibility.expressions import compile_condition
from transforms.eligibility.vocabulary import words_of
from transforms.feeds import load_contract

_DEATHS = ("death_certificates", "cremations", "household_register")
_BIRTH_DATES = ("household_register", "only_child_certificates")
FEEDS_BEHIND: Mapping[str, tuple[str, ...]] = {
    "child.is_alive": _DEATHS,
    "child.was_adopted": ("adoptions",),
    "child.born_on": _BIRTH_DATES,
    "child.is_disabled": ("disability_certificates",),
    "child.grade": ("disability_certificates",),
    "wife_or_lone_parent.born_on": _BIRTH_DATES,
    "wife_or_lone_parent.is_wife": ("only_child_certificates", "marriages"),
    **{f"{who}.is_alive": _DEATHS for who in ("mother", "father", "person")},
    **{f"{who}.born_on": _BIRTH_DATES for who in ("mother", "father", "person")},
    "person.is_mother": ("only_child_certificates", "births"),
    "household.has_living_parent": _DEATHS,
    "household.living_parents": _DEATHS,
    "household.has_other_child": ("births", "adoptions", "household_register"),
    "household.has_later_birth": ("births",),
    "household.later_birth_on": ("births",),
    "household.has_later_adoption": ("adoptions",),
    "household.certificate_is_in_force": ("only_child_certificates",),
    "household.is_divorced": ("marriages",),
    "household.is_low_income": ("low_income",),
    "household.income_last_year": ("low_income",),
    "household.is_urban": (),
    "household.has_hukou_here": ("household_register",),
    "person.hospital_days": ("medical_settlements",),
    "person.days_claimed": ("care_insurance_claims",),
    "person.paid_yuan": ("medical_settlements", "care_insurance_claims"),
}
FOUND_IN = {  # the fact `by`: the one source that decided
    "birth": "births",
    "adoption": "adoptions",
    "register": "household_register",
    "certificate": "only_child_certificates",
}


@dataclass(frozen=True)
class Move:
    """One condition that stands in the way, and the move that would settle or change it.

    `agencies` are the ids of those who own the records behind it; `question_id` the open question that bears on it.
    """

    condition_id: str
    title: str
    reason_code: str
    question_id: str | None
    agencies: tuple[str, ...]
    sentence: str


def moves(determination: Mapping[str, Any], policy: Policy, lang: str = "zh") -> tuple[Move, ...]:
    """What would settle each unknown condition, or of a no what would change each false one, the deciding one first.

    `determination` is a row of DETERMINATIONS under its policy. KeyError if the policy is not the determination's.
    """
    clause = policy.clause(determination["clause_id"])
    parts = json.loads(determination["conditions"])
    if determination["verdict"] != "no":
        return tuple(_move(part, determination, clause, policy, lang) for part in _with(parts, "unknown"))
    if determination["reason_code"] == "excluded":
        sentence = load_words()["changes"]["excluded"][lang]
        return (Move("exclusions", load_words()["reasons"]["excluded"][lang], "excluded", None, (), sentence),)
    return tuple(_move(part, determination, clause, policy, lang) for part in _with(parts, "false"))


def still_unknown(determination: Mapping[str, Any], policy: Policy, lang: str = "zh") -> tuple[str, ...]:
    """Of a no: what would remain unknown after its false conditions had changed, as people call it."""
    titles = condition_titles(policy.clause(determination["clause_id"]), policy, lang)
    parts = _with(json.loads(determination["conditions"]), "unknown")
    is_no = determination["verdict"] == "no"
    return tuple(titles.get(part["condition_id"], part["condition_id"]) for part in parts if is_no)


def _with(parts: list[dict[str, Any]], outcome: str) -> Iterator[dict[str, Any]]:
    return (part for part in parts if part["outcome"] == outcome)


def _move(part: dict[str, Any], determination: Mapping[str, Any], clause: Clause, policy: Policy, lang: str) -> Move:
    about = part["condition_id"]
    condition = next((each for each in policy.conditions(clause) if each.id == about), None)
    used = _words_used(condition, clause, policy)
    feeds = _feeds(used, part, determination["trigger_feed"], clause)
    asked = part.get("question") if part["outcome"] == "unknown" else None
    told = {
        "feed": _listed((_label(load_contract(feed).title, lang) for feed in feeds), "something", lang),
        "agency": _listed((_label(load_contract(feed).agency, lang) for feed in feeds), "somebody", lang),
        "ask": _label(condition.ask, lang) if condition and condition.ask else "",
    }
    if part["outcome"] == "false":
        sentence = _of(part, clause)[lang].format(**told)
        is_overruled = bool(used) and all(words_of(clause, policy)[word].known_on for word in used)
        sentence += load_words()["changes"]["or_seen"][lang] if is_overruled else ""
    else:
        sentence = _settled(part, policy, told, lang)
        # a visit settles what a visitor sees, never what the law leaves open
        is_seen = bool(used) and all(words_of(clause, policy)[word].is_seen for word in used)
        is_asked = _is_question(part.get("reason"), policy)
        sentence += load_words()["settles"]["or_seen"][lang] if is_seen and not is_asked else ""
    return Move(
        about,
        condition_titles(clause, policy, lang).get(about, about),
        part.get("reason", ""),
        part["reason"] if _is_question(part.get("reason"), policy) else asked,
        tuple(dict.fromkeys(load_contract(feed).agency.id for feed in feeds)),
        sentence,
    )


def _words_used(condition: Condition | None, clause: Clause, policy: Policy) -> tuple[str, ...]:
    if condition is None or condition.when is None:
        return ()
    return compile_condition(condition.when, words_of(clause, policy), policy.constants(clause)).words


def _feeds(used: Iterable[str], part: dict[str, Any], trigger: str, clause: Clause) -> tuple[str, ...]:
    """The feeds behind the words; where the facts name the one source that decided, that one."""
    decided_by = FOUND_IN.get(part.get("facts", {}).get("by", ""))
    if decided_by:
        return (decided_by,)
    if part["condition_id"] == "policy_in_force":  # it rests on the event's date
        return (trigger,)
    return tuple(dict.fromkeys(feed for word in used for feed in _behind(word, trigger, clause)))


def _behind(word: str, trigger: str, clause: Clause) -> tuple[str, ...]:
    kind, _, name = word.partition(".")
    if kind == "coverage":
        return (name,)
    if kind == "asked":  # the day that rules: tonight rests on nobody's record
        return (trigger,) if clause.rules_on == "event_date" else ()
    return (trigger,) if kind == "event" else FEEDS_BEHIND.get(word, ())


def _of(part: dict[str, Any], clause: Clause) -> dict[str, str]:
    """The sentence that changes a false condition: of its reason under this kind of clause, of the reason, or any."""
    changes, reason = load_words()["changes"], part.get("reason", "")
    found: dict[str, str] = changes.get(f"{reason}_{clause.rules_on}") or changes.get(reason) or changes["correction"]
    return found


def _settled(part: dict[str, Any], policy: Policy, told: dict[str, str], lang: str) -> str:
    settles, reason = load_words()["settles"], part.get("reason")
    if _is_question(reason, policy):
        text = _label(policy.question(reason or "").question, lang)
        return str(settles["open_question"][lang].format(question=reason, text=text))
    if doubts := part.get("facts", {}).get("doubts"):
        return ("；" if lang == "zh" else "; ").join(settles.get(each, settles["other"])[lang] for each in doubts)
    name = reason if reason in settles and (reason != TO_BE_ASKED or told["ask"]) else "other"
    sentence: str = settles[name][lang].format(**told)
    asked = part.get("question")
    return sentence + (settles["asked_too"][lang].format(question=asked) if asked and asked != UNDATED else "")


def _is_question(reason: str | None, policy: Policy) -> bool:
    return reason in {question.id for question in policy.open_questions}


def _label(label: Any, lang: str) -> str:
    return str(label.zh if lang == "zh" else label.en)


def _listed(names: Iterable[str], nobody: str, lang: str) -> str:
    """Names once each; the words for nobody in particular where there are none."""
    found = dict.fromkeys(names)
    return ("、" if lang == "zh" else ", ").join(found) if found else str(load_words()["changes"][nobody][lang])
