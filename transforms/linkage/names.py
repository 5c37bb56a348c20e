"""Chinese names held against each other: same, same sound, similar shape, one character, surname, given name."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pypinyin import lazy_pinyin
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from transforms.linkage.codes import Codes
from transforms.standardise.names import simplifier

SAME, HOMOPHONE, SHAPE, ONE_CHARACTER, GIVEN, SURNAME, DIFFERENT = range(7)
WIDTH = 8  # characters of a name that are looked at one by one; longer names are only compared as a whole

Levels = npt.NDArray[np.int8]
Characters = npt.NDArray[np.uint32]  # one row a name, one code point a column, 0 after its end


@cache
def _simplify() -> Callable[[list[str]], list[str]]:
    return simplifier()


@cache
def _sound(character: str) -> int:
    syllable = lazy_pinyin(character)[0]
    return _syllables().setdefault(syllable, len(_syllables()) + 1)


@cache
def _syllables() -> dict[str, int]:
    return {}


@cache
def _shapes() -> dict[int, tuple[str, int, int]]:
    page = files("transforms.linkage").joinpath("shapes.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in page.splitlines() if not line.startswith("#"))
    return {ord(char): (corners[:4], int(strokes), int(rest)) for char, corners, strokes, rest in rows}


@cache
def similar_shape(left: int, right: int) -> bool:
    """Whether two characters (code points) are easily taken for each other.

    Three of the four corners the same and nearly as many strokes; or the same right half beside another
    radical (伟 and 炜).
    """
    a, b = _shapes().get(left), _shapes().get(right)
    if a is None or b is None:
        return False
    corners = [p == q for p, q in zip(a[0], b[0], strict=True)]
    near = sum(corners) >= 3 and abs(a[1] - b[1]) <= 2
    return near or (corners[1] and corners[3] and a[2] == b[2])


def name_levels(names: pa.Array, left: Codes, right: Codes) -> Levels:
    """The level of each pair of names, given as codes into `names`; all codes are present (≥ 0).

    Meant for distinct pairs: the cost is per pair.
    """
    used, place = np.unique(np.concatenate([left, right]), return_inverse=True)
    texts = _simplify()(names.take(pa.array(used)).to_pylist())
    whole = np.array(texts, dtype=object)
    characters = _characters(texts)
    a, b = place[: len(left)], place[len(left) :]
    levels = np.full(len(left), DIFFERENT, np.int8)
    same_given = _same_given(characters, a, b)
    surname = characters[a, 0] == characters[b, 0]
    levels[surname] = SURNAME
    levels[same_given & ~surname] = GIVEN
    _one_character(levels, whole, a, b, np.flatnonzero(surname))
    _single_substitution(levels, characters, a, b)
    sounds = _sounds(characters)
    levels[(sounds[a] == sounds[b]).all(axis=1)] = HOMOPHONE
    levels[whole[a] == whole[b]] = SAME
    return levels


def _characters(texts: list[str]) -> Characters:
    cut = np.array(texts, dtype=f"U{WIDTH}") if texts else np.array([], dtype=f"U{WIDTH}")
    return cut.view(np.uint32).reshape(len(texts), WIDTH)


def _sounds(characters: Characters) -> Codes:
    # A name longer than the width has no sound: its end was not looked at.
    distinct, place = np.unique(characters, return_inverse=True)
    table = np.array([_sound(chr(point)) if point else 0 for point in distinct], dtype=np.int32)
    sounds = table[place].reshape(characters.shape)
    long = characters[:, -1] != 0
    sounds[long] = -1 - np.arange(long.sum(), dtype=np.int32)[:, None]
    return sounds


def _same_given(characters: Characters, a: npt.NDArray[np.intp], b: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    two = characters[:, 2] != 0  # at least two characters after the surname
    same: npt.NDArray[np.bool_] = (characters[a, 1:] == characters[b, 1:]).all(axis=1) & two[a]
    return same


def _one_character(levels: Levels, whole: npt.NDArray[np.object_], a: npt.NDArray[np.intp],
                   b: npt.NDArray[np.intp], rows: npt.NDArray[np.intp]) -> None:  # fmt: skip
    # In a name of two characters the one that differs is the whole given name: that is no near miss.
    distance = cpdist(whole[a[rows]], whole[b[rows]], scorer=OSA.distance, score_cutoff=1, dtype=np.int32)
    length = np.fromiter(map(len, whole), np.int32, len(whole))
    shorter, longer = np.minimum(length[a[rows]], length[b[rows]]), np.maximum(length[a[rows]], length[b[rows]])
    levels[rows[(distance == 1) & (longer >= 3) & (shorter >= 2)]] = ONE_CHARACTER


def _single_substitution(
    levels: Levels, characters: Characters, a: npt.NDArray[np.intp], b: npt.NDArray[np.intp]
) -> None:
    differs = characters[a] != characters[b]
    rows = np.flatnonzero((differs.sum(axis=1) == 1) & ((characters[a] == 0) == (characters[b] == 0)).all(axis=1))
    column = differs[rows].argmax(axis=1)
    one, other = characters[a[rows], column], characters[b[rows], column]
    packed, place = np.unique((one.astype(np.int64) << 32) | other, return_inverse=True)
    similar = np.array([similar_shape(int(p >> 32), int(p & 0xFFFFFFFF)) for p in packed], dtype=bool)
    levels[rows[similar[place]]] = SHAPE
