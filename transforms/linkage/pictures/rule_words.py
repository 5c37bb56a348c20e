"""Blocking rules in words: which mentions are held against each other at all."""

import re

from transforms.linkage.model import Rule
from transforms.linkage.pictures.words import Words

_CALL = re.compile(r"(left|from|coalesce|rare)\((.+)\)")
_COMMA_OUTSIDE = re.compile(r",\s*(?![^(]*\))")


def rule_in_words(rule: Rule, *, lang: str) -> str:
    """What two mentions must have in common for this rule to make a pair of them."""
    words = Words(lang)
    if rule.with_ is None:
        said = words.say("rule.same", what=words.joined([_in_words(text, words) for text in rule.agree]))
    else:
        pairs = zip(rule.agree, rule.with_, strict=True)
        said = words["semicolon"].join(_across(one, other, words) for one, other in pairs)
    if rule.lacking:
        said += words.say("rule.lacking", what=_in_words(rule.lacking, words))
    return said


def _across(one: str, other: str, words: Words) -> str:
    if one == other:
        return words.say("rule.same", what=_in_words(one, words))
    return words.say("rule.across", one=_in_words(one, words), other=_in_words(other, words))


def _in_words(expression: str, words: Words) -> str:
    found = _CALL.fullmatch(expression.strip())
    if not found:
        return words.name("column", expression.strip())
    verb, parts = found[1], _COMMA_OUTSIDE.split(found[2])
    if verb in ("left", "from"):
        return words.say(f"rule.{verb}", what=_in_words(parts[0], words), n=parts[-1].strip())
    told = [_in_words(part, words) for part in parts]
    return words["rule.or"].join(told) if verb == "coalesce" else words.say("rule.rare", what=told[0])
