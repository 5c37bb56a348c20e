"""A determination in words: the clause, each condition and what it rests on. Chinese by default."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from transforms.eligibility.conditions import IN_FORCE, VISIT, fact_of
from transforms.eligibility.policy import Clause, Policy
from transforms.pages import read_page

_MARKS = {"true": "✓", "false": "✗", "unknown": "?"}


@dataclass(frozen=True)
class ConditionWords:
    """One condition in words. `question` is the open question it waits for, in words, or None."""

    condition_id: str
    outcome: str
    sentence: str
    question: str | None


@dataclass(frozen=True)
class Explanation:
    """A determination for people: verdict, place and gist of the clause, and every condition."""

    verdict: str
    document: str
    place: str
    gist: str
    conditions: tuple[ConditionWords, ...]

    def lines(self) -> list[str]:
        """The explanation as lines of plain text."""
        told = [self.verdict, f"{self.document} {self.place}: {self.gist}"]
        for part in self.conditions:
            told.append(f"  {_MARKS[part.outcome]} {part.sentence}")
            if part.question:
                told.append(f"      → {part.question}")
        return told


@cache
def load_words() -> dict[str, Any]:
    """The sentences of words.yaml, each with zh and en: `reasons` and `facts` by code, `settles`, `terms` and more."""
    text = files("transforms.eligibility").joinpath("words.yaml").read_text("utf-8")
    words: dict[str, Any] = read_page(text)
    return words


def explain_determination(determination: Mapping[str, Any], policy: Policy, lang: str = "zh") -> Explanation:
    """The words of one row of DETERMINATIONS (as a dict) under its policy. `lang` is zh or en.

    Holds opaque ids and dates only. Raises KeyError if the policy is not the determination's.
    """
    clause = policy.clause(determination["clause_id"])
    words = load_words()
    title = getattr(clause.benefit.title, lang)
    has_amount = determination["verdict"] != "yes" or determination.get("amount_fen") is not None
    told = determination["verdict"] if has_amount else "yes_without_amount"
    verdict = words["verdicts"][told][lang].format(
        benefit=title,
        amount=_amount(determination.get("amount_fen"), clause, lang),
        reason=_reason(determination["reason_code"], lang),
    )
    if determination.get("needs_review"):
        verdict += words["verdicts"]["needs_review"][lang]
    titles = condition_titles(clause, policy, lang)
    conditions = tuple(_told(part, policy, titles, lang) for part in json.loads(determination["conditions"]))
    return Explanation(verdict, policy.document.number, clause.place, getattr(clause.gist, lang), conditions)


def condition_titles(clause: Clause, policy: Policy, lang: str) -> dict[str, str]:
    """What people call the conditions of a clause, by id; with those that no policy file writes."""
    unwritten = {name: told[lang] for name, told in load_words()["conditions"].items()}
    written = (IN_FORCE, VISIT, *policy.conditions(clause))
    return unwritten | {each.id: str(getattr(each.says, lang)) for each in written}


def yuan(fen: int) -> str:
    """An amount in yuan: 10,000 or 12.50."""
    return f"{fen / 100:,.2f}".removesuffix(".00")


def _amount(fen: int | None, clause: Clause, lang: str) -> str:
    if fen is None:
        return ""
    return f"{load_words()['verdicts']['floor'][lang]}{yuan(fen)}" if clause.benefit.is_floor else yuan(fen)


def _reason(code: str, lang: str) -> str:
    """A reason in words; a code without words is shown as it is rather than dropped."""
    return str(load_words()["reasons"].get(code, {}).get(lang, code))


def _told(part: dict[str, Any], policy: Policy, titles: dict[str, str], lang: str) -> ConditionWords:
    title = titles.get(part["condition_id"], part["condition_id"])  # its id where the clause no longer has it
    outcome = load_words()["outcomes"][part["outcome"]][lang]
    reason = f"{_reason(part['reason'], lang)}" if part.get("reason") else ""
    facts = _facts(part.get("facts", {}), lang)
    told = [text for text in (reason, facts) if text]
    colon, between = ("：", "；") if lang == "zh" else (": ", "; ")
    sentence = f"{title}{colon}{outcome}" + (f" ({between.join(told)})" if told else "")
    return ConditionWords(part["condition_id"], part["outcome"], sentence, _question(part, policy, lang))


def _facts(facts: dict[str, Any], lang: str) -> str:
    """Facts as "name value" pairs; what has no name in words.yaml is not for people."""
    told = [f"{_fact(*fact_of(name), lang)} {_value(value, lang)}".strip() for name, value in facts.items()
            if fact_of(name)[0] in load_words()["facts"] and value]  # fmt: skip
    return ("，" if lang == "zh" else ", ").join(told)


def _fact(called: str, whose: str, lang: str) -> str:
    name, of_whom = load_words()["facts"][called][lang], load_words()["people"].get(whose)
    if of_whom is None:
        return str(name)
    return f"{name}（{of_whom[lang]}）" if lang == "zh" else f"{name} ({of_whom[lang]})"


def _value(value: Any, lang: str) -> str:
    if isinstance(value, list):
        return ("、" if lang == "zh" else ", ").join(_reason(str(item), lang) for item in value)
    return "" if value is True else _reason(str(value), lang)


def _question(part: dict[str, Any], policy: Policy, lang: str) -> str | None:
    asked = part.get("question") or part.get("facts", {}).get("question")
    known = {question.id: question for question in policy.open_questions}
    if part.get("reason") in known:
        asked = part["reason"]
    return getattr(known[asked].question, lang) if asked in known else None
