"""How common a value is where this site is, frozen on its first night so that scores never drift."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage.encoding import Keys, keys_of, names_of
from transforms.linkage.model import Comparison, LinkageModel
from transforms.linkage.packing import Packed

FREQUENCIES = pa.schema([("kind", pa.string()), ("value", pa.string()), ("frequency", pa.float64())])
# name: share of persons with this name; mentions: the number of mentions of that night, as the table's size;
# any other kind is a column of the model whose values have frequencies
NAME, MENTION_COUNT = "name", "mentions"
SHARES = "shares"  # what a packed table keeps of them
NAMED = ("name", "relative", "child")  # kinds of comparison whose first column is a name

Bits = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shares:
    """log2 of the share of each value, by its key in ascending order; `unseen` for a value that was never seen."""

    keys: Keys
    bits: Bits
    unseen: float

    def of(self, keys: Keys) -> Bits:
        """log2 of the shares of these values; that of a missing one is never asked for."""
        found: Bits = np.full(len(keys), self.unseen)
        rows = np.flatnonzero(keys) if len(self.keys) else np.zeros(0, np.int64)
        sought = keys[rows]
        place = np.minimum(np.searchsorted(self.keys, sought), max(len(self.keys) - 1, 0))
        known = np.flatnonzero(self.keys[place] == sought) if len(rows) else rows
        found[rows[known]] = self.bits[place[known]]
        return found


_UNKNOWN: Final = Shares(np.zeros(0, np.uint64), np.zeros(0), float(np.log2(1e-5)))  # nobody has counted


@dataclass(frozen=True)
class Frequencies:
    """The frozen table, ready to be looked up; `count` is the number of mentions, at least 2."""

    count: float
    kinds: dict[str, Shares]

    @classmethod
    def of(cls, table: "pa.Table | Frequencies") -> "Frequencies":
        """From a table (schema FREQUENCIES)."""
        if isinstance(table, Frequencies):
            return table
        kinds = [kind for kind in pc.unique(table["kind"]).to_pylist() if kind != MENTION_COUNT]
        return cls(mention_count(table), {kind: _shares(table, kind) for kind in kinds})

    def shares(self, comparison: Comparison) -> Shares:
        """The shares of the values by which the comparison agrees."""
        return self.kinds.get(frequency_kind(comparison), _UNKNOWN)

    def bits(self, comparison: Comparison, table: Packed) -> Bits:
        """log2 of the share of every row's value."""
        return self.bits_of(frequency_kind(comparison), comparison.columns[0], table)

    def bits_of(self, kind: str, column: str, table: Packed) -> Bits:
        """log2 of the share of every row's value in a column that is counted with that kind."""
        shares = self.kinds.get(kind, _UNKNOWN)
        found: Bits = table.kept(self._kept_as(kind, column), lambda: shares.of(_weighed(kind, column, table)))
        return found

    def keep(self, kind: str, column: str, table: Packed, bits: Bits) -> None:
        """Let the table remember what `bits_of` would look up."""
        table.kept(self._kept_as(kind, column), lambda: bits)

    def _kept_as(self, kind: str, column: str) -> tuple[str, ...]:
        return (SHARES, kind, column, str(id(self)))


def frequency_kind(comparison: Comparison) -> str:
    """Names have one table, whoever carries them; other columns have one each."""
    return NAME if comparison.kind in NAMED else comparison.columns[0]


def weighed_keys(comparison: Comparison, table: Packed) -> Keys:
    """The values by which the comparison agrees, as keys."""
    return _weighed(frequency_kind(comparison), comparison.columns[0], table)


def _weighed(kind: str, column: str, table: Packed) -> Keys:
    return table.names(column).chars if kind == NAME else table.keys(column)


def freeze_frequencies(mentions: pa.Table) -> pa.Table:
    """Shares of names among the persons mentioned, and how many mentions there are (schema FREQUENCIES).

    A person who is mentioned often counts once: by number, else by date of birth. Lake only, as it holds names.
    """
    whose = pc.coalesce(mentions["id_no"], mentions["id_no_text"], pc.cast(mentions["birth_date"], pa.string()), "")
    persons = pa.table({"value": mentions["name"], "whose": whose}).filter(pc.is_valid(mentions["name"]))
    distinct = persons.group_by(["value", "whose"]).aggregate([])
    return pa.concat_tables([_counted(NAME, distinct["value"]), _size(mentions.num_rows)]).combine_chunks()


def count_frequencies(table: Packed, model: LinkageModel) -> Frequencies:
    """Shares of values among the rows of any table, for the comparisons of a model that weigh by them.

    The table remembers those of its own rows.
    """
    kinds: dict[str, Shares] = {}
    kept: dict[tuple[str, str], Bits] = {}
    for comparison in model.comparisons:
        kind, column = frequency_kind(comparison), comparison.columns[0]
        weighs = any(level.by_frequency for level in comparison.levels.values())
        if weighs and kind not in kinds and table.has(column):
            kinds[kind], kept[kind, column] = _of_rows(_weighed(kind, column, table))
    found = Frequencies(max(float(table.rows), 2.0), kinds)
    for (kind, column), bits in kept.items():
        found.keep(kind, column, table, bits)
    return found


def _of_rows(keys: Keys) -> tuple[Shares, Bits]:
    # The shares of the values, and those of the rows: in order, equal values stand together.
    rows, order = len(keys), np.argsort(keys)
    order = order[np.searchsorted(keys, np.uint64(1), sorter=order) :]
    keys = keys[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    counts = np.diff(np.append(first, len(keys)))
    shares = Shares(keys[first], np.log2(counts / max(len(keys), 1)), float(np.log2(0.5 / max(len(keys), 1))))
    bits = np.full(rows, shares.unseen)
    bits[order] = np.repeat(shares.bits, counts)
    return shares, bits


def _counted(kind: str, values: pa.ChunkedArray) -> pa.Table:
    counts = pa.table({"value": values}).group_by("value").aggregate([([], "count_all")]).sort_by("value")
    shares = pc.divide(pc.cast(counts["count_all"], pa.float64()), float(max(len(values), 1)))
    kinds = pa.array([kind] * counts.num_rows, pa.string())
    return pa.table({"kind": kinds, "value": counts["value"], "frequency": shares}).cast(FREQUENCIES)


def _size(rows: int) -> pa.Table:
    return pa.table({"kind": [MENTION_COUNT], "value": [""], "frequency": [float(rows)]}).cast(FREQUENCIES)


def mention_count(frequencies: pa.Table) -> float:
    """The number of mentions on the night the table was frozen, at least 2."""
    rows = frequencies.filter(pc.equal(frequencies["kind"], MENTION_COUNT))
    return max(float(rows["frequency"][0].as_py()) if rows.num_rows else 2.0, 2.0)


def _shares(table: pa.Table, kind: str) -> Shares:
    # A value never seen counts as half a person. Two spellings that simplify to one name are one value.
    rows = table.filter(pc.equal(table["kind"], kind))
    keys = names_of(rows["value"]).chars if kind == NAME else keys_of(rows["value"])
    share = rows["frequency"].to_numpy()
    distinct, place = np.unique(keys, return_inverse=True)
    bits = np.log2(np.maximum(np.bincount(place, share), np.finfo(float).tiny))
    return Shares(distinct, bits, float(np.log2(share.min(initial=1.0) / 2)))


def share_of_values(frequencies: pa.Table, values: pa.Array) -> npt.NDArray[np.float64]:
    """The share of each name."""
    found: npt.NDArray[np.float64] = np.exp2(Frequencies.of(frequencies).kinds[NAME].of(names_of(values).chars))
    return found
