"""Names of persons: as a record keeps them, and as linkage compares them."""

import re
from collections.abc import Callable

import pyarrow as pa
from opencc import OpenCC

from transforms.standardise.characters import is_placeholder, plain
from transforms.standardise.columns import Cell, cellwise

_PLAIN_HAN = re.compile("[\u4e00-\u9fff]{2,12}")
_DOT = re.compile(r"(?<=\w)\s*[·•・‧∙⋅●。.]\s*(?=\w)")
_SPACE = re.compile(r"(?<![A-Za-z]) | (?![A-Za-z])")
_NOBODY = frozenset(
    ["无名", "无名氏", "无姓名", "姓名不详", "名字不详", "未取名", "未命名", "未起名", "无名尸", "佚名",
     "某某", "XXX", "XX"]
)  # fmt: skip
_MOST = 50
# "张三之子": the record knows the person only by a parent
_CHILD_OF = re.compile(r"(.{2,}?)之(子|女|儿|男婴|女婴|婴|长子|次子|长女|次女)")
_SEX_OF_CHILD = {
    **dict.fromkeys(["子", "男婴", "长子", "次子"], "1"),
    **dict.fromkeys(["女", "女婴", "长女", "次女"], "2"),
}
# true variants of one character that OpenCC leaves as they are; similar characters are linkage's affair
_VARIANTS = str.maketrans(
    "锺髙淸靑吿曁勲徳増曽恵広沢桜姸戸郞衞堦喦嵒徧翶犂", "钟高清青告暨勋德增曾惠广泽樱妍户郎卫阶岩岩遍翱犁"
)


def read_name(text: str) -> Cell:
    """One form of dot, no spaces around Han characters, no invisible ones; traditional characters stay.

    A placeholder is null and no defect; more than 50 characters or no letter at all is a defect.
    """
    if _PLAIN_HAN.fullmatch(text) and text not in _NOBODY and not is_placeholder(text):
        return text, None
    spaced = " ".join(plain(text).split())
    tidy = plain(_SPACE.sub("", _DOT.sub("·", spaced)))  # again: what has moved together may compose
    if is_placeholder(tidy) or tidy.upper() in _NOBODY:
        return None, None
    if len(tidy) > _MOST:
        return None, "too_long"
    return (tidy, None) if any(character.isalpha() for character in tidy) else (None, "bad_shape")


names = cellwise(read_name, pa.string())


def simplifier() -> Callable[[list[str]], list[str]]:
    """A function from names to the same names in simplified standard characters, all at once."""
    converter = OpenCC("t2s")

    def simplify(texts: list[str]) -> list[str]:
        simple: str = converter.convert("\n".join(texts)).translate(_VARIANTS)
        return simple.split("\n") if texts else []

    return simplify


def parent_in(name: str) -> str | None:
    """The parent's name where a person is written only as a parent's child ("张三之子"); else None."""
    found = _CHILD_OF.fullmatch(name)
    return found[1] if found else None


def sex_in(name: str) -> str | None:
    """The sex that such a name tells; None for every other name."""
    found = _CHILD_OF.fullmatch(name)
    return _SEX_OF_CHILD.get(found[2]) if found else None
