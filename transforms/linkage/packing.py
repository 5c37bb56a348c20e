"""A table's columns as integers, packed once, whoever asks."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transforms.linkage import encoding, numbers
from transforms.linkage.encoding import Flags, Keys, Names, Numbers, Rows

Marks = npt.NDArray[np.uint32]
Table: TypeAlias = Any  # a pa.Table or pa.RecordBatch


class Packed:
    """A table's columns as integers, each packed when it is first asked for; a missing column is all null.

    `known`: what is packed already, by column and packing.
    """

    def __init__(self, table: Table, known: dict[tuple[str, ...], Any] | None = None) -> None:
        self.table, self.rows = table, table.num_rows
        self.known: dict[tuple[str, ...], Any] = known or {}

    def at(self, rows: Rows) -> "Packed":
        """Some of the rows, in ascending order, with all that is packed of them."""
        flags = np.zeros(self.rows, bool)
        flags[rows] = True
        table = self.table.filter(pa.array(flags))
        return Packed(table, {key: _at(found, rows, table, key) for key, found in self.known.items()})

    def _column(self, name: str, packing: str, pack: Callable[[Any], Any]) -> Any:
        def packed() -> Any:
            present = name in self.table.schema.names
            return pack(self.table[name] if present else pa.nulls(self.rows, pa.string()))

        return self.kept((name, packing), packed)

    def kept(self, what: tuple[str, ...], make: Callable[[], Any]) -> Any:
        """Something made of this table, made once."""
        if what not in self.known:
            self.known[what] = make()
        return self.known[what]

    def names(self, column: str) -> Names:
        """The column as names."""
        found: Names = self._column(column, "names", encoding.names_of)
        return found

    def numbers(self, column: str) -> Numbers:
        """The column as identity numbers."""
        found: Numbers = self._column(column, "numbers", encoding.numbers_of)
        return found

    def coalesced_numbers(self, sound: str, text: str) -> Numbers:
        """The sound number, or where there is none the number as it was delivered."""
        if not self.has(text):
            return self.numbers(sound)
        found: Numbers = self.kept((sound, "numbers", text), lambda: self._coalesced(sound, text))
        return found

    def _coalesced(self, sound: str, text: str) -> Numbers:
        # Only what stands alone is packed once more: nearly every number is sound.
        if not self.has(sound):
            return self.numbers(text)
        one, given = self.numbers(sound), self.table[text]
        other = encoding.numbers_of(pc.if_else(pc.is_valid(self.table[sound]), None, given))
        alone = one.head == 0
        head, tail = np.where(alone, other.head, one.head), np.where(alone, other.tail, one.tail)
        return Numbers(head, tail, _texts(self.table, sound, text))

    def days(self, column: str) -> npt.NDArray[np.uint32]:
        """The column as dates."""
        found: npt.NDArray[np.uint32] = self._column(column, "days", encoding.days_of)
        return found

    def years(self, column: str) -> npt.NDArray[np.int16]:
        """The column as years."""
        found: npt.NDArray[np.int16] = self._column(column, "years", encoding.years_of)
        return found

    def keys(self, column: str) -> Keys:
        """The column as fingerprints of its values."""
        found: Keys = self._column(column, "keys", encoding.keys_of)
        return found

    def amounts(self, column: str) -> npt.NDArray[np.float64]:
        """The column as numbers, NaN where missing."""
        found: npt.NDArray[np.float64] = self._column(column, "amounts", encoding.amounts_of)
        return found

    def texts(self, column: str) -> encoding.Texts:
        """The column as it is."""
        found: encoding.Texts = self._column(column, "texts", encoding.texts_of)
        return found

    def there(self, column: str) -> Flags:
        """Which rows have a value in the column."""
        if not self.has(column):
            return np.zeros(self.rows, bool)
        found: Flags = np.asarray(self.table[column].is_valid()).astype(bool)
        return found

    def marks(self, columns: tuple[str, ...]) -> Marks:
        """Which of the columns have a value, row by row: a bit for each, the first column lowest."""
        found: Marks = self.kept(("marks", *columns), lambda: self._marked(columns))
        return found

    def _marked(self, columns: tuple[str, ...]) -> Marks:
        found = np.zeros(self.rows, np.uint32)
        for place, column in enumerate(columns):
            found |= self.there(column).astype(np.uint32) << np.uint32(place)
        return found

    def borrows(self, sound: str, text: str, relatives: tuple[str, ...]) -> Flags:
        """Whose number is also that of one of the own relatives."""
        found: Flags = self.kept(("borrows", sound, text, *relatives), lambda: self._borrowed(sound, text, relatives))
        return found

    def _borrowed(self, sound: str, text: str, relatives: tuple[str, ...]) -> Flags:
        found, rows = np.zeros(self.rows, bool), np.arange(self.rows)
        for relative in filter(self.has, relatives):
            found |= numbers.equal_numbers(self.numbers(relative), rows, self.coalesced_numbers(sound, text), rows)
        return found

    def has(self, column: str) -> bool:
        """Whether there is such a column with any value in it."""
        return column in self.table.schema.names and self.table[column].null_count < self.rows


def _at(found: Any, rows: Rows, table: Table, key: tuple[str, ...]) -> Any:
    # Names and numbers of odd shapes are read from their texts, which are the table's own.
    if isinstance(found, Names):
        return Names(found.chars[rows], found.sounds[rows], _texts(table, key[0]))
    if isinstance(found, Numbers):
        return Numbers(found.head[rows], found.tail[rows], _texts(table, key[0], *key[2:]))
    return found[rows] if isinstance(found, np.ndarray) else found.take(pa.array(rows))


def _texts(table: Table, *columns: str) -> encoding.Texts:
    known = [table[column] for column in columns if column in table.schema.names]
    if not known:
        return pa.nulls(table.num_rows, pa.string())
    return encoding.texts_of(known[0] if len(known) == 1 else pc.coalesce(*known))
