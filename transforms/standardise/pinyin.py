"""Names as toneless syllables. Surnames have readings of their own, compound surnames too."""

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pypinyin import Style, lazy_pinyin

from transforms.pages import read_page
from transforms.standardise.columns import put
from transforms.standardise.points import Flags, Flat, Places, any_of, flags, flat, occurring

Ids = npt.NDArray[np.int32]
Coded = dict[int, tuple[str, ...]]  # code point, or two of them in one number → syllables


@cache
def _readings() -> dict[str, dict[str, str]]:
    page: dict[str, dict[str, str]] = read_page(
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


def pinyins(names: pa.Array) -> pa.Array:
    """`name_pinyin` of every name, all at once; null stays null. Meant for distinct names."""
    found = flat(names)
    slow = any_of(found, _between()[found.points]) | (found.lengths == 0)
    words, ids = _read(found)
    _read_surnames(found, words, ids)
    lists = pa.ListArray.from_arrays(pa.array(found.starts.astype(np.int32)), pa.array(words, pa.string()).take(ids))
    joined = pc.binary_join(lists, " ")
    slow &= names.is_valid().to_numpy(zero_copy_only=False)
    spelled = put(joined, slow, [name_pinyin(name) for name in names.filter(pa.array(slow)).to_pylist()])
    return pc.if_else(names.is_valid(), spelled, pa.scalar(None, pa.string())) if names.null_count else spelled


@cache
def _between() -> Flags:
    return flags("· ")


def _read(found: Flat) -> tuple[list[str], Ids]:
    """The syllables that occur, and for each character the place of its syllable among them."""
    seen = occurring(found.points)
    words = [_syllable(chr(point)).lower() for point in seen.tolist()]
    table = np.zeros(int(seen[-1]) + 1 if len(seen) else 1, np.int32)
    table[seen] = np.arange(len(seen))
    return words, table[found.points]


def _read_surnames(found: Flat, words: list[str], ids: Ids) -> None:
    """Put the readings of surnames in their places; new ones are added to `words`."""
    first = found.starts[:-1][found.lengths > 0]
    single: Coded = {ord(surname): (reading,) for surname, reading in _readings()["single"].items()}
    _put(found.points[first].astype(np.int64), first, single, words, ids)
    first = found.starts[:-1][found.lengths > 2]
    pairs = found.points[first].astype(np.int64) << 32 | found.points[first + 1]
    double: Coded = {
        ord(surname[0]) << 32 | ord(surname[1]): tuple(reading.split())
        for surname, reading in _readings()["compound"].items()
    }
    _put(pairs, first, double, words, ids)


def _put(keys: Places, first: Places, readings: Coded, words: list[str], ids: Ids) -> None:
    known: Any = np.array(sorted(readings), np.int64)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    hit = np.flatnonzero(known[place] == keys)
    for offset in range(len(next(iter(readings.values())))):
        start = len(words)
        words += [readings[key][offset] for key in known.tolist()]
        ids[first[hit] + offset] = start + place[hit]
