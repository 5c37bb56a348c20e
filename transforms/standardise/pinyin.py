"""Names as toneless syllables. Surnames have readings of their own, compound surnames too."""

from functools import cache
from importlib.resources import files

import yaml
from pypinyin import Style, lazy_pinyin


@cache
def _readings() -> dict[str, dict[str, str]]:
    page: dict[str, dict[str, str]] = yaml.safe_load(
        files("transforms.standardise").joinpath("readings.yaml").read_text("utf-8")
    )
    return page


def surname_of(name: str) -> str:
    """The surname: of a dotted name its first part, else a compound surname or one character."""
    if "·" in name:
        return name.split("·", maxsplit=1)[0]
    return name[:2] if len(name) > 2 and name[:2] in _readings()["compound"] else name[:1]


def name_pinyin(name: str) -> str:
    """The name's syllables in lower case, joined by a space; what has no reading stays as it is."""
    surname = surname_of(name)
    known = _readings()["compound"].get(surname) or _readings()["single"].get(surname)
    first = [known] if known else _syllables(surname)
    return " ".join([*first, *_syllables(name[len(surname) :])]).lower()


def _syllables(text: str) -> list[str]:
    # one by one: a dictionary of phrases would read a character differently in two spellings of a name
    return [_syllable(character) for character in text if character not in "· "]


@cache
def _syllable(character: str) -> str:
    return lazy_pinyin(character, style=Style.NORMAL)[0]
