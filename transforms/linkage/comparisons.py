"""The one comparison: a batch of left mentions and a batch of right mentions in, a level per comparison out.

It is the same function under every engine: locally tables are packed once and pairs are looked at by row numbers,
on a cluster each batch of `mapInArrow` is packed as it comes (`compare`).
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rapidfuzz.distance import Indel, JaroWinkler
from rapidfuzz.process import cpdist

from transforms.linkage import dates, encoding, names, numbers
from transforms.linkage.encoding import Flags, Keys, Rows
from transforms.linkage.model import LEVEL_CODES, MISSING, Comparison, LinkageModel
from transforms.linkage.packing import Marks, Packed, Table

Levels = npt.NDArray[np.int8]
ABSENT = -1  # the level of a pair that lacks the values

SIMILAR_ADDRESS = 0.88
TEXT_CUTOFFS = (0.92, 0.85, 0.7)  # Jaro–Winkler, as `very_similar`, `similar`, `somewhat_similar`


class Pairs:
    """Rows `a` of the left table against rows `b` of the right one. Names are compared once a batch and columns."""

    def __init__(self, left: Packed, a: Rows, right: Packed, b: Rows, model: LinkageModel) -> None:
        self.left, self.a, self.right, self.b, self.model = left, a, right, b, model
        self._names: dict[tuple[str, str], Levels] = {}

    def both(self, packing: str, column: str) -> tuple[Any, Any]:
        """The column of both sides, packed that way."""
        return getattr(self.left, packing)(column)[self.a], getattr(self.right, packing)(column)[self.b]

    def names(self, column: str, other: str | None = None) -> Levels:
        """Levels of transforms.linkage.names for a column of the left, and the same or another one of the right."""
        key = (column, other or column)
        if key not in self._names:
            self._names[key] = names.name_levels(self.left.names(key[0]), self.a, self.right.names(key[1]), self.b)
        return self._names[key]

    def same_names(self, column: str, other: str) -> Flags:
        """Whether a name of the left is another name of the right."""
        if not (self.left.has(column) and self.right.has(other)):
            return np.zeros(len(self.a), bool)
        one = self.left.names(column).chars[self.a]
        found: Flags = (one == self.right.names(other).chars[self.b]) & (one != 0)
        return found

    def same_numbers(self, column: str, other: str | None = None) -> Flags:
        """Whether a number of the left is that number of the right."""
        other = other or column
        if not (self.left.has(column) and self.right.has(other)):
            return np.zeros(len(self.a), bool)
        return numbers.equal_numbers(self.left.numbers(column), self.a, self.right.numbers(other), self.b)

    def present(self, packing: str, column: str) -> Flags:
        """Whether the column has a value on both sides."""
        one, other = self.both(packing, column)
        found: Flags = (one != 0) & (other != 0)
        return found

    def numbered(self, column: str) -> tuple[Flags, Flags]:
        """Whether the left, and the right, has a number in the column."""
        return self.left.numbers(column).head[self.a] != 0, self.right.numbers(column).head[self.b] != 0

    def at(self, rows: Rows) -> "Pairs":
        """Some of the pairs."""
        return Pairs(self.left, self.a[rows], self.right, self.b[rows], self.model)

    def have(self, left: tuple[str, ...], right: tuple[str, ...]) -> Flags:
        """Which pairs have a value in any of the columns of the left, and in any of those of the right."""
        one, other = self._marks
        found: Flags = ((one & self._bits(left)) != 0) & ((other & self._bits(right)) != 0)
        return found

    @cached_property
    def _marks(self) -> tuple[Marks, Marks]:
        return self.left.marks(self._columns)[self.a], self.right.marks(self._columns)[self.b]

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        kinds = ("id_no", "relative", "child", "named_relative")
        return tuple(dict.fromkeys(name for c in self.model.comparisons if c.kind in kinds for name in c.columns))

    def _bits(self, columns: tuple[str, ...]) -> np.uint32:
        return np.uint32(sum(1 << self._columns.index(column) for column in columns))

    @cached_property
    def relatives_numbers(self) -> tuple[str, ...]:
        """The columns with the numbers of relatives, from the model's comparisons of relatives."""
        return tuple(c.columns[1] for c in self.model.comparisons if c.kind in ("relative", "child"))

    @cached_property
    def relatives_names(self) -> tuple[str, ...]:
        """The columns with the names of relatives."""
        return tuple(c.columns[0] for c in self.model.comparisons if c.kind in ("relative", "child"))


def _name(pairs: Pairs, comparison: Comparison) -> Levels:
    column, former = comparison.columns
    plain = pairs.names(column)
    levels = np.where(plain > names.SAME, plain + 1, plain).astype(np.int8)
    renamed = pairs.same_names(column, former) | pairs.same_names(former, column)
    levels[renamed & (levels != names.SAME)] = 1
    return levels


def _date(pairs: Pairs, comparison: Comparison) -> Levels:
    return dates.birth_levels(*pairs.both("days", comparison.columns[0]))


def _year(pairs: Pairs, comparison: Comparison) -> Levels:
    year, date = comparison.columns
    return dates.year_levels(*pairs.both("years", year), pairs.present("days", date))


def _id_no(pairs: Pairs, comparison: Comparison) -> Levels:
    sound, text = comparison.columns
    left, right = (side.coalesced_numbers(sound, text) for side in (pairs.left, pairs.right))
    levels = numbers.number_levels(left, pairs.a, right, pairs.b)
    crossed = np.zeros(len(levels), bool)
    for relative in pairs.relatives_numbers:
        if pairs.right.has(relative):
            rows = np.flatnonzero(pairs.have((sound, text), (relative,)))
            crossed[rows] |= numbers.equal_numbers(pairs.right.numbers(relative), pairs.b[rows], left, pairs.a[rows])
        if pairs.left.has(relative):
            rows = np.flatnonzero(pairs.have((relative,), (sound, text)))
            crossed[rows] |= numbers.equal_numbers(pairs.left.numbers(relative), pairs.a[rows], right, pairs.b[rows])
    mine, theirs = (side.borrows(sound, text, pairs.relatives_numbers) for side in (pairs.left, pairs.right))
    borrowed = mine[pairs.a] | theirs[pairs.b]
    one, other = pairs.numbered(sound)
    return numbers.with_relatives(levels, one & other, borrowed, crossed)


def _exact(pairs: Pairs, comparison: Comparison) -> Levels:
    one, other = pairs.both("keys", comparison.columns[0])
    levels = np.where(one == other, 0, 1).astype(np.int8)
    levels[(one == 0) | (other == 0)] = ABSENT
    return levels


def _address(pairs: Pairs, comparison: Comparison) -> Levels:
    address, township, division = comparison.columns
    levels = np.full(len(pairs.a), ABSENT, np.int8)
    for column, level in ((division, 3), (township, 2), (address, 0)):
        one, other = pairs.both("keys", column)
        present = (one != 0) & (other != 0)
        levels[present & (levels == ABSENT)] = 4
        levels[present & (one == other)] = level
    rows = np.flatnonzero(pairs.present("keys", address) & (levels > 0))
    levels[rows[_similarity(pairs, address, rows, Indel.normalized_similarity, SIMILAR_ADDRESS) > 0]] = 1
    return levels


def _similarity(pairs: Pairs, column: str, rows: Rows, scorer: Any, cutoff: float) -> npt.NDArray[np.float32]:
    # Each distinct pair of texts once: a street is compared with a street, not a million times.
    one, other = pairs.both("keys", column)
    _, first, place = np.unique(
        encoding.mix(one[rows]) - encoding.mix(~other[rows]), return_index=True, return_inverse=True
    )
    left = encoding.texts_at(pairs.left.texts(column), pairs.a[rows[first]])
    right = encoding.texts_at(pairs.right.texts(column), pairs.b[rows[first]])
    score: npt.NDArray[np.float32] = cpdist(left, right, scorer=scorer, score_cutoff=cutoff, dtype=np.float32)
    return score[place] if len(rows) else np.zeros(0, np.float32)


def _text(pairs: Pairs, comparison: Comparison) -> Levels:
    levels = _exact(pairs, comparison)
    rows = np.flatnonzero(levels == 1)
    score = _similarity(pairs, comparison.columns[0], rows, JaroWinkler.similarity, TEXT_CUTOFFS[-1])
    levels[rows] = 1 + sum((score < cutoff).astype(np.int8) for cutoff in TEXT_CUTOFFS)
    return levels


def _amount(pairs: Pairs, comparison: Comparison) -> Levels:
    one, other = pairs.both("amounts", comparison.columns[0])
    apart = np.abs(one - other) / np.maximum(np.maximum(np.abs(one), np.abs(other)), 1e-12)
    levels = np.select([one == other, apart <= 0.01, apart <= 0.1], [0, 1, 2], 3).astype(np.int8)
    levels[np.isnan(one) | np.isnan(other)] = ABSENT
    return levels


def _relative(pairs: Pairs, comparison: Comparison) -> Levels:
    # Few mentions tell of a father: the others are left alone.
    levels = np.full(len(pairs.a), ABSENT, np.int8)
    rows = np.flatnonzero(_any_of(pairs, comparison.columns))
    levels[rows] = _known_relative(pairs.at(rows), *comparison.columns)
    return levels


def _any_of(pairs: Pairs, columns: tuple[str, ...]) -> Flags:
    # Pairs of which both sides have one of the columns.
    found: Flags = np.logical_or.reduce([pairs.have((column,), (column,)) for column in columns])
    return found


def _known_relative(pairs: Pairs, name: str, number: str) -> Levels:
    plain = pairs.names(name)
    levels = np.select([plain == ABSENT, plain == names.SAME, plain <= names.ONE_CHARACTER], [ABSENT, 1, 3], 4).astype(
        np.int8
    )
    one, other = pairs.numbered(number)
    same = pairs.same_numbers(number)
    levels[(levels == 1) & one & other & ~same] = 2
    levels[same] = 0
    return levels


def _child(pairs: Pairs, comparison: Comparison) -> Levels:
    levels = np.full(len(pairs.a), ABSENT, np.int8)
    rows = np.flatnonzero(_any_of(pairs, comparison.columns))
    levels[rows] = _known_child(pairs.at(rows), *comparison.columns)
    return levels


def _known_child(pairs: Pairs, name: str, number: str, birth: str) -> Levels:
    plain = pairs.names(name)
    day, other_day = pairs.both("days", birth)
    both = (day != 0) & (other_day != 0)
    born = both & (day == other_day)
    near = (plain != ABSENT) & (plain <= names.ONE_CHARACTER)
    levels = np.full(len(pairs.a), 5, np.int8)
    levels[(plain == ABSENT) & ~both] = ABSENT
    levels[born] = 4
    levels[near & ~both] = 3
    levels[(plain == names.SAME) & ~both] = 2
    levels[born & near] = 1
    levels[pairs.same_numbers(number)] = 0
    return levels


def _named_relative(pairs: Pairs, comparison: Comparison) -> Levels:
    column = comparison.columns[0]
    anybody = (*pairs.relatives_names, column)
    levels = np.full(len(pairs.a), ABSENT, np.int8)
    rows = np.flatnonzero(pairs.have((column,), anybody) | pairs.have(anybody, (column,)))
    near = pairs.at(rows)
    named = np.zeros(len(rows), bool)
    for relative in anybody:
        named |= near.same_names(column, relative) | near.same_names(relative, column)
    levels[rows] = np.where(named, 0, 1)
    return levels


_COMPARE: dict[str, Callable[[Pairs, Comparison], Levels]] = {
    "name": _name, "date": _date, "year": _year, "id_no": _id_no, "sex": _exact, "address": _address, "exact": _exact,
    "relative": _relative, "child": _child, "named_relative": _named_relative, "text": _text, "amount": _amount,
}  # fmt: skip


_COSTLY = ("address", "text")  # kinds that hold texts against each other, character by character
Keep = Callable[[dict[str, Levels], tuple[Comparison, ...]], Rows]


def levels_of(
    left: Packed, a: Rows, right: Packed, b: Rows, model: LinkageModel, keep: Keep | None = None
) -> tuple[Rows, dict[str, Levels]]:
    """For pairs (row a[i] of the left, row b[i] of the right) the level of every comparison, ABSENT where missing.

    Out: which of the pairs, and their levels in the model's order. `keep` says, from the cheap comparisons, which
    pairs are worth the costly ones (given as its second argument); without it all are.
    """
    costly = tuple(comparison for comparison in model.comparisons if comparison.kind in _COSTLY)
    cheap = tuple(comparison for comparison in model.comparisons if comparison.kind not in _COSTLY)
    pairs = Pairs(left, a, right, b, model)
    found = {comparison.name: _COMPARE[comparison.kind](pairs, comparison) for comparison in cheap}
    rows = np.arange(len(a)) if keep is None else keep(found, costly)
    near = Pairs(left, a[rows], right, b[rows], model)
    levels = {name: level[rows] for name, level in found.items()}
    levels |= {comparison.name: _COMPARE[comparison.kind](near, comparison) for comparison in costly}
    return rows, {comparison.name: levels[comparison.name] for comparison in model.comparisons}


def level_of(left: Packed, a: Rows, right: Packed, b: Rows, model: LinkageModel, comparison: Comparison) -> Levels:
    """For pairs of rows the level of one comparison of the model."""
    return _COMPARE[comparison.kind](Pairs(left, a, right, b, model), comparison)


# How the values are packed whose agreement is a comparison's level `same`.
_SAME = {"name": "names", "date": "days", "sex": "keys", "exact": "keys", "text": "keys", "address": "keys",
         "relative": "names"}  # fmt: skip


def agreements(left: Packed, right: Packed, comparison: Comparison) -> dict[str, float]:
    """P(level) for those levels of a comparison that mean equal values, over all pairs that have values.

    In closed form: the sum over values of how common each is on the left times how common on the right.
    """
    packing, column = _SAME.get(comparison.kind), comparison.columns[0]
    if packing is None:
        return {}
    one, other = (_values(packed, packing, column) for packed in (left, right))
    same = _agreement(one, other)
    if comparison.kind != "relative":
        return {"same": same}
    number = comparison.columns[1]
    both = float(np.prod([np.mean(packed.there(number)[packed.there(column)]) for packed in (left, right)]))
    return {"name": same * (1 - both), "name_other_number": same * both}


def _values(packed: Packed, packing: str, column: str) -> Keys:
    found = getattr(packed, packing)(column)
    keys = found.chars if packing == "names" else found
    present: Keys = keys[keys != 0]
    return present


def _agreement(one: Keys, other: Keys) -> float:
    left, many = np.unique(one, return_counts=True)
    right, more = np.unique(other, return_counts=True)
    _, at, among = np.intersect1d(left, right, assume_unique=True, return_indices=True)
    return float((many[at].astype(float) @ more[among]) / max(len(one) * len(other), 1))


def compare(left: Table, right: Table, model: LinkageModel) -> pa.RecordBatch:
    """For each pair (row i of `left` with row i of `right`) the level of every comparison of the model.

    Both sides have the columns that the model names (a missing column counts as all null). Out: one int8
    column per comparison, the place of the level in the model's list, -1 where a value is missing.
    """
    rows = np.arange(left.num_rows)
    _, levels = levels_of(Packed(left), rows, Packed(right), rows, model)
    return pa.RecordBatch.from_pydict({name: pa.array(column) for name, column in levels.items()})


def patterns(levels: dict[str, Levels]) -> pa.Array:
    """The levels of each pair as one text: a letter or digit a comparison, `-` for missing."""
    letters = np.frombuffer((LEVEL_CODES + MISSING).encode(), dtype=np.uint8)
    matrix = np.ascontiguousarray(np.column_stack([letters[column] for column in levels.values()]))
    return pa.array(matrix.view(f"S{matrix.shape[1]}").reshape(-1).astype(f"U{matrix.shape[1]}"), pa.string())
