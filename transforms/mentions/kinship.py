"""Words and codes for what one person is to another."""

import re

import pyarrow as pa

from transforms.standardise.characters import compact
from transforms.standardise.columns import map_distinct

FATHER, MOTHER, SPOUSE, CHILD, SELF = "father", "mother", "spouse", "child", "self"

# word → (what the person is, the sex that the word tells)
_WORDS: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(["father", "父亲", "父", "爸爸", "生父", "养父"], (FATHER, "1")),
    **dict.fromkeys(["mother", "母亲", "母", "妈妈", "生母", "养母"], (MOTHER, "2")),
    **dict.fromkeys(["spouse", "配偶", "夫妻", "爱人"], (SPOUSE, None)),
    **dict.fromkeys(["husband", "丈夫", "夫", "老公"], (SPOUSE, "1")),
    **dict.fromkeys(["wife", "妻子", "妻", "老婆"], (SPOUSE, "2")),
    **dict.fromkeys(["child", "子女", "孩子"], (CHILD, None)),
    **dict.fromkeys(["son", "儿子", "儿", "子", "长子", "次子", "三子", "独生子", "独子", "养子"], (CHILD, "1")),
    **dict.fromkeys(["daughter", "女儿", "女", "长女", "次女", "三女", "独生女", "独女", "养女"], (CHILD, "2")),
    **dict.fromkeys(["self", "本人", "户主"], (SELF, None)),
}
_BRACKETED = re.compile(r"[(（].*?[)）]|之$")
_CODES = {
    **dict.fromkeys(["01", "02"], SELF),
    **dict.fromkeys(["10", "11", "12"], SPOUSE),
    # GB/T 4761-2008 has the sons- and daughters-in-law at 28 and 38
    **dict.fromkeys([str(code) for code in range(20, 40) if code not in (28, 38)], CHILD),
    **dict.fromkeys(["50", "51", "52"], "parent"),
    **dict.fromkeys(["53", "54", "55", "56"], "parent_in_law"),
}


def relations_told(texts: pa.Array) -> pa.Array:
    """father, mother, spouse, child, self, or null for any other word."""
    return map_distinct(texts, lambda text: _told(text)[0], pa.string())


def sexes_told(texts: pa.Array) -> pa.Array:
    """The sex that the word for the relation tells, or null."""
    return map_distinct(texts, lambda text: _told(text)[1], pa.string())


def register_relations(codes: pa.Array) -> pa.Array:
    """Relation to the head of household, by GB/T 4761-2008 or by word.

    The answer is self, spouse, child, parent, parent_in_law or null. A single digit is not read: it is either
    the short code or one that lost its zero.
    """
    return map_distinct(codes, _registered, pa.string())


def _registered(code: str) -> str | None:
    tidy = compact(code)
    told = _told(tidy)[0]
    return _CODES.get(tidy, "parent" if told in (FATHER, MOTHER) else told)


def _told(text: str) -> tuple[str | None, str | None]:
    return _WORDS.get(_BRACKETED.sub("", compact(text)).lower(), (None, None))
