"""The words a policy file may use: conditions with their parameters, and what each asks.

A condition is true, false or unknown of a case (a household and the event that befell its child). What it
computes stands in conditions.py under the same id; how it is told, in words.yaml.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

ParameterType = Literal["grades", "age", "feed", "lone_father"]


@dataclass(frozen=True)
class ConditionWord:
    """One condition: what it asks in Chinese and English, and the parameters it must be given."""

    zh: str
    en: str
    parameters: dict[str, ParameterType] = field(default_factory=dict)


CONDITIONS: dict[str, ConditionWord] = {
    "policy_in_force": ConditionWord("文件在适用日有效", "the document is in force on the ruling date"),
    "child_died": ConditionWord("子女死亡", "the child died"),
    "child_living": ConditionWord("子女当时在世", "the child was alive at the event"),
    "child_disabled": ConditionWord(
        "子女经评定达到所列残疾等级", "the child was assessed at one of these grades", {"grades": "grades"}
    ),
    "child_died_or_disabled": ConditionWord(
        "子女死亡或达到所列残疾等级", "the child died, or was assessed at one of these grades", {"grades": "grades"}
    ),
    "certificate_in_force": ConditionWord(
        "事件发生时独生子女证有效", "an only-child certificate was in force at the event"
    ),
    "no_other_child": ConditionWord("没有再生育或收养", "no other child was born or adopted"),
    "not_adopted_away": ConditionWord("子女未被他人收养", "the child had not been adopted by others"),
    "feed_covers": ConditionWord("该类数据已到达且未过期", "the feed was delivered and is fresh", {"feed": "feed"}),
    "parent_alive": ConditionWord("父母至少一方在世", "at least one parent was alive"),
    "wife_reached_age": ConditionWord(
        "女方达到所列年龄", "the wife had reached the age", {"age": "age", "lone_father": "lone_father"}
    ),
}
LONE_FATHER = ("own_age", "unknown")  # whose age counts for a widowed or divorced father
FEED_CONDITION_FEEDS = ("births", "adoptions", "household_register", "only_child_certificates")


def parameter_fault(kind: ParameterType, value: Any) -> str | None:
    """What would be valid, or None where the value is."""
    if kind == "grades":
        valid = isinstance(value, list) and value and all(isinstance(g, int) and 1 <= g <= 4 for g in value)
        return None if valid else "[1, 2, 3]（1 最重 / 1 is the gravest）"
    if kind == "age":
        return None if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 120 else "1–119"
    if kind == "lone_father":
        return None if value in LONE_FATHER else ", ".join(LONE_FATHER)
    return None if value in FEED_CONDITION_FEEDS else ", ".join(FEED_CONDITION_FEEDS)
