"""The one comparison: a batch of left mentions and a batch of right mentions in, a level per comparison out.

It is the same function under every engine: locally it runs in threads over pairs that DuckDB made, on a
cluster inside `mapInArrow`. Texts are held against each other once per distinct pair of values.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from transforms.linkage import dates, names, numbers
from transforms.linkage.codes import DOMAINS, NUMBERS, Codes, Flags, distinct_pairs, equal, shared_codes
from transforms.linkage.model import LEVEL_CODES, MISSING, Comparison, LinkageModel

Levels = npt.NDArray[np.int8]
Table: TypeAlias = Any  # a pa.Table or pa.RecordBatch with the columns of MENTIONS
ABSENT = -1  # the level of a pair that lacks the values

RELATIVES = ("father", "mother", "spouse", "child")
SIMILAR_ADDRESS = 0.88


class Sides:
    """Both sides of a batch of pairs, with the columns of a domain as codes into one dictionary."""

    def __init__(self, left: Table, right: Table) -> None:
        self.left, self.right, self.rows = left, right, left.num_rows
        self._codes: dict[str, tuple[Codes, Codes]] = {}
        self.dictionaries: dict[str, pa.Array] = {}
        for domain in DOMAINS:
            self._share([name for name in domain if name in left.schema.names])
        self._names = _NameLevels(self)

    def _share(self, columns: list[str]) -> None:
        dictionary, codes = shared_codes([side[name] for side in (self.left, self.right) for name in columns])
        for place, name in enumerate(columns):
            self._codes[name] = (codes[place], codes[place + len(columns)])
            self.dictionaries[name] = dictionary

    def codes(self, column: str) -> tuple[Codes, Codes]:
        """The column's values on both sides as codes of one dictionary; -1 is null or no such column."""
        if column not in self._codes:
            if column not in self.left.schema.names:
                nothing = np.full(self.rows, ABSENT, np.int32)
                return nothing, nothing
            self._share([column])
        return self._codes[column]

    def name_levels(self, left: Codes, right: Codes) -> Levels:
        """Levels of transforms.linkage.names for pairs of name codes, ABSENT where one is null."""
        return self._names.of(left, right)


class _NameLevels:
    """Levels of name pairs, each distinct pair looked at once for all comparisons of a batch."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides

    def of(self, left: Codes, right: Codes) -> Levels:
        levels = np.full(len(left), ABSENT, np.int8)
        levels[equal(left, right)] = names.SAME
        rows = np.flatnonzero((left >= 0) & (right >= 0) & (left != right))
        if len(rows):
            one, other, place = distinct_pairs(left[rows], right[rows])
            levels[rows] = names.name_levels(self._sides.dictionaries["name"], one, other)[place]
        return levels


def _name(sides: Sides, comparison: Comparison) -> Levels:
    column, former = comparison.columns
    left, right = sides.codes(column)
    plain = sides.name_levels(left, right)
    levels = np.where(plain > names.SAME, plain + 1, plain).astype(np.int8)
    left_former, right_former = sides.codes(former)
    renamed = equal(left, right_former) | equal(left_former, right)
    levels[renamed & (levels != names.SAME)] = 1
    return levels


def _date(sides: Sides, comparison: Comparison) -> Levels:
    (left, left_known), (right, right_known) = (
        _days(side[comparison.columns[0]]) for side in (sides.left, sides.right)
    )
    return dates.birth_levels(left, right, left_known & right_known)


def _year(sides: Sides, comparison: Comparison) -> Levels:
    year, date = comparison.columns
    left, right = (_years(side[year]) for side in (sides.left, sides.right))
    dated = _days(sides.left[date])[1] & _days(sides.right[date])[1]
    return dates.year_levels(left, right, dated)


def _id_no(sides: Sides, comparison: Comparison) -> Levels:
    sound, text = comparison.columns
    (left, right), (left_text, right_text) = sides.codes(sound), sides.codes(text)
    of_relatives = [sides.codes(name) for name in NUMBERS if name not in comparison.columns]
    return numbers.id_levels(
        sides.dictionaries[sound],
        np.where(left >= 0, left, left_text),
        np.where(right >= 0, right, right_text),
        (left >= 0) & (right >= 0),
        ([codes[0] for codes in of_relatives], [codes[1] for codes in of_relatives]),
    )


def _exact(sides: Sides, comparison: Comparison) -> Levels:
    left, right = sides.codes(comparison.columns[0])
    levels = np.where(left == right, 0, 1).astype(np.int8)
    levels[(left < 0) | (right < 0)] = ABSENT
    return levels


def _address(sides: Sides, comparison: Comparison) -> Levels:
    address, township, division = comparison.columns
    levels = np.full(sides.rows, ABSENT, np.int8)
    for column, level in ((division, 3), (township, 2)):
        left, right = sides.codes(column)
        levels[(left >= 0) & (right >= 0) & (levels == ABSENT)] = 4
        levels[equal(left, right)] = level
    left, right = sides.codes(address)
    both = (left >= 0) & (right >= 0)
    levels[both & (levels == ABSENT)] = 4
    levels[both & _alike(sides.dictionaries.get(address), left, right)] = 1
    levels[equal(left, right)] = 0
    return levels


def _alike(addresses: pa.Array | None, left: Codes, right: Codes) -> Flags:
    alike = np.zeros(len(left), bool)
    rows = np.flatnonzero((left >= 0) & (right >= 0) & (left != right))
    if addresses is None or not len(rows):
        return alike
    one, other, place = distinct_pairs(left[rows], right[rows])
    texts = [addresses.take(pa.array(codes)).to_pylist() for codes in (one, other)]
    score = cpdist(*texts, scorer=Indel.normalized_similarity, score_cutoff=SIMILAR_ADDRESS, dtype=np.float32)
    alike[rows] = (score > 0)[place]
    return alike


def _relative(sides: Sides, comparison: Comparison) -> Levels:
    name, number = comparison.columns
    (left, right), (left_no, right_no) = sides.codes(name), sides.codes(number)
    plain = sides.name_levels(left, right)
    levels = np.select([plain == ABSENT, plain == names.SAME, plain <= names.ONE_CHARACTER], [ABSENT, 1, 3], 4).astype(
        np.int8
    )
    other_number = (left_no >= 0) & (right_no >= 0) & (left_no != right_no)
    levels[(levels == 1) & other_number] = 2
    levels[equal(left_no, right_no)] = 0
    return levels


def _child(sides: Sides, comparison: Comparison) -> Levels:
    name, number, birth = comparison.columns
    (left, right), (left_no, right_no) = sides.codes(name), sides.codes(number)
    plain = sides.name_levels(left, right)
    (day, known), (other_day, other_known) = (_days(side[birth]) for side in (sides.left, sides.right))
    both = known & other_known
    born = both & (day == other_day)
    near = (plain != ABSENT) & (plain <= names.ONE_CHARACTER)
    levels = np.full(sides.rows, 5, np.int8)
    levels[(plain == ABSENT) & ~both] = ABSENT
    levels[born] = 4
    levels[near & ~both] = 3
    levels[(plain == names.SAME) & ~both] = 2
    levels[born & near] = 1
    levels[equal(left_no, right_no)] = 0
    return levels


def _named_relative(sides: Sides, comparison: Comparison) -> Levels:
    left, right = sides.codes(comparison.columns[0])
    levels = np.full(sides.rows, ABSENT, np.int8)
    for relative in (*[f"{name}_name" for name in RELATIVES], comparison.columns[0]):
        left_kin, right_kin = sides.codes(relative)
        for named, kin in ((left, right_kin), (right, left_kin)):
            levels[(named >= 0) & (kin >= 0) & (levels == ABSENT)] = 1
            levels[equal(named, kin)] = 0
    return levels


def _days(column: pa.Array | pa.ChunkedArray) -> tuple[npt.NDArray[np.int32], Flags]:
    days = pc.cast(pc.cast(column, pa.date32()), pa.int32())
    known = np.asarray(days.is_valid()).astype(bool)
    return np.asarray(pc.fill_null(days, 0)).astype(np.int32), known


def _years(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int32]:
    return np.asarray(pc.fill_null(pc.cast(column, pa.int32()), dates.NO_YEAR)).astype(np.int32)


_COMPARE: dict[str, Callable[[Sides, Comparison], Levels]] = {
    "name": _name, "date": _date, "year": _year, "id_no": _id_no, "sex": _exact, "address": _address, "exact": _exact,
    "relative": _relative, "child": _child, "named_relative": _named_relative,
}  # fmt: skip


def compare(left: Table, right: Table, model: LinkageModel) -> pa.RecordBatch:
    """For each pair (row i of `left` with row i of `right`) the level of every comparison of the model.

    Both sides have the columns that the model names (a missing column counts as all null). Out: one int8
    column per comparison, the place of the level in the model's list, -1 where a value is missing.
    """
    sides = Sides(left, right)
    levels = {comparison.name: _COMPARE[comparison.kind](sides, comparison) for comparison in model.comparisons}
    return pa.RecordBatch.from_pydict({name: pa.array(column) for name, column in levels.items()})


def patterns(levels: pa.RecordBatch | pa.Table) -> pa.Array:
    """The levels of each pair as one text: a letter or digit a comparison, `-` for missing."""
    letters = np.frombuffer((LEVEL_CODES + MISSING).encode(), dtype=np.uint8)
    columns = [letters[np.asarray(column).astype(np.int64)] for column in levels.columns]
    matrix = np.ascontiguousarray(np.column_stack(columns)) if columns else np.zeros((0, 0), np.uint8)
    width = max(matrix.shape[1], 1)
    return pa.array(matrix.view(f"S{width}").reshape(-1).astype(f"U{width}"), pa.string())
