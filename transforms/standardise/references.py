"""Texts in a name's place that only tell whose relative somebody is, or a surname and no more."""

import re
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from transforms.pages import read_page

CHILD, SPOUSE, PARENT, OTHER, NOBODY = "child", "spouse", "parent", "other", "nobody"

# word → what the person is to the one who is named, and the sex that the word tells
_WORDS: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(["子", "儿", "儿子", "男", "男婴", "男孩", "男童"], (CHILD, "1")),
    **dict.fromkeys(["女", "女儿", "女婴", "女孩", "女童"], (CHILD, "2")),
    **dict.fromkeys(["婴", "婴儿", "新生儿", "孩", "孩子", "小孩", "子女", "胎儿"], (CHILD, None)),
    **dict.fromkeys(["妻", "妻子", "老婆", "媳妇", "遗孀"], (SPOUSE, "2")),
    **dict.fromkeys(["夫", "丈夫", "老公"], (SPOUSE, "1")),
    **dict.fromkeys(["配偶", "爱人"], (SPOUSE, None)),
    **dict.fromkeys(["父", "父亲", "爸爸", "爸"], (PARENT, "1")),
    **dict.fromkeys(["母", "母亲", "妈妈", "妈"], (PARENT, "2")),
    **dict.fromkeys(["兄", "弟", "哥哥", "弟弟", "孙", "孙子", "外孙", "侄", "侄子", "女婿", "岳父"], (OTHER, "1")),
    **dict.fromkeys(["姐", "妹", "姐姐", "妹妹", "孙女", "外孙女", "侄女", "儿媳", "岳母", "婆婆"], (OTHER, "2")),
    **dict.fromkeys(["家属", "亲属", "遗属"], (OTHER, None)),
}
# told without a word between: only what no given name ends in
_SOLID = "男婴|女婴|婴儿|新生儿|儿子|女儿|妻子|丈夫|配偶|父亲|母亲|长子|次子|长女|次女"
_BORN = "(?P<rank>双胞胎|双生|大|小|长|次|二|三|四|五|六|幼|独生|独|养|继)*"
_OF = re.compile(
    f"(?P<of>.{{2,}}?)(?:[之的]{_BORN}(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))})|(?P<solid>{_SOLID}))"
    r"[(\[]?(?:[0-9A-Z甲乙丙一二三大小长次]|之[一二三大小])?[)\]]?"
)
_INFANT = re.compile("(?:无名|未名|弃|.{1,2})?(?P<word>男婴|女婴|婴儿|新生儿|弃婴|死婴|死胎)[0-9A-Z一二三甲乙]?")
_SOMEBODY = re.compile("(?P<surname>.{0,3}?)某(?:[某甲乙丙丁]|[0-9一二三])*(?P<sex>[男女])?[婴子]?")
_MASK = re.compile(r"[×✕✖╳＊*?？�_■□◯○●#]|〇(?=〇)|(?<=〇)〇|(?<=[\u3400-\u9fff])[XХΧ]+")


class Reference(NamedTuple):
    """Who is meant: `is_` (child, spouse, parent, other, nobody) of the person named `of`, if one is named.

    `sex` is "1" or "2" where the words tell it.
    """

    of: str | None
    is_: str
    sex: str | None


def reference_in(name: str) -> Reference | None:
    """What a text in simplified characters tells that is no name of its own; None for a name.

    "张三之子" and "王伟妻子" name another person; "王女婴", "李某某" and "李××" nobody in full.
    """
    found = _OF.fullmatch(name)
    if found:
        is_, sex = _told(found["word"], found["solid"])
        return Reference(_full(found["of"]), is_, sex)
    born = _INFANT.fullmatch(name)
    if born:
        return Reference(None, CHILD, {"男": "1", "女": "2"}.get(born["word"][0]))
    somebody = _SOMEBODY.fullmatch(name)
    if somebody:
        return Reference(None, NOBODY, {"男": "1", "女": "2"}.get(somebody["sex"] or ""))
    return Reference(None, NOBODY, None) if _is_masked(name) else None


def parent_in(name: str) -> str | None:
    """The parent's name where a person is written only as a parent's child ("张三之子"); else None."""
    found = reference_in(name)
    return found.of if found and found.is_ == CHILD else None


def sex_in(name: str) -> str | None:
    """The sex that such a name tells; None for every other name."""
    found = reference_in(name)
    return found.sex if found else None


def _told(word: str | None, solid: str | None) -> tuple[str, str | None]:
    # "长子" stands among the solid words with its rank
    return _WORDS.get(word or solid or "") or _WORDS[(solid or "")[-1]]


def _full(name: str) -> str | None:
    """The name, unless it is itself no more than a surname or a mask."""
    return None if name in compound_surnames() or "某" in name or _is_masked(name) else name


def _is_masked(name: str) -> bool:
    bare = _MASK.sub("", name.upper())
    return bare != name.upper() and (len(bare) < 2 or bare in compound_surnames())


@cache
def compound_surnames() -> dict[str, str]:
    """Surnames of two characters and more → their syllables."""
    page = files("transforms.standardise").joinpath("readings.yaml").read_text("utf-8")
    found: dict[str, str] = read_page(page)["compound"]
    return found
