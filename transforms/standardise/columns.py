"""One column read by its distinct values: text in, typed values and reasons for the unreadable out."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.standardise.points import Flags

Cell = tuple[Any, str | None]  # the value, or null and the reason code why a filled cell gave none


class Read(NamedTuple):
    """Typed values and, in the same order, reason codes (null where nothing is wrong)."""

    values: pa.Array
    reasons: pa.Array


_BATCH = 1 << 17  # distinct texts that are worked on at once: tables of their characters stay small

Texts: TypeAlias = pa.Array | list[str]  # distinct texts, none of them null
Reader = Callable[[Texts], Read]


def as_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column in one piece."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def as_strings(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column in one piece, as strings of the usual kind (a column without any value may have no type)."""
    whole = as_array(column)
    return whole if whole.type == pa.string() else whole.cast(pa.string())


def as_texts(texts: Texts) -> pa.Array:
    """Distinct texts as a string array."""
    return pa.array(texts, pa.string()) if isinstance(texts, list) else texts


def cellwise(read: Callable[[str], Cell], type_: pa.DataType) -> Reader:
    """A reader of distinct values made from a reader of one."""

    def read_all(texts: Texts) -> Read:
        cells = [read(text) for text in (texts if isinstance(texts, list) else texts.to_pylist())]
        values = pa.array([value for value, _ in cells], type_)
        return Read(values, pa.array([reason for _, reason in cells], pa.string()))

    return read_all


def mostly(easy: Callable[[pa.Array], tuple[pa.Array, Flags]], rest: Reader) -> Reader:
    """A reader that has an easy way for most texts.

    `easy` gives for all texts at once a value and whether it holds; `rest` reads those for which it does not.
    Both must give one value for a text that both can read.
    """

    def read_all(texts: Texts) -> Read:
        whole = as_texts(texts)
        values, holds = easy(whole)
        is_rest = pa.array(~holds)
        read = rest(whole.filter(is_rest))
        none = pa.nulls(len(whole), pa.string())
        if not len(read.values):
            return Read(values, none)
        return Read(
            pc.replace_with_mask(values, is_rest, read.values), pc.replace_with_mask(none, is_rest, read.reasons)
        )

    return read_all


def read_column(column: pa.Array | pa.ChunkedArray, reader: Reader) -> Read:
    """Every cell of the column read; null stays null and is no defect."""
    encoded = as_strings(column).dictionary_encode()
    read = reader(encoded.dictionary)
    if len(encoded.dictionary) == len(encoded):  # no two alike: they stand in their order
        return read
    return Read(read.values.take(encoded.indices), read.reasons.take(encoded.indices))


def map_distinct(column: pa.Array | pa.ChunkedArray, convert: Callable[[str], Any], type_: pa.DataType) -> pa.Array:
    """`convert` applied to every distinct value of the column; null stays null."""
    return over_distinct(column, lambda texts: pa.array([convert(text) for text in texts.to_pylist()], type_))


def over_distinct(column: pa.Array | pa.ChunkedArray, convert: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """`convert` applied to the distinct values of the column, many at once; null stays null."""
    encoded = as_strings(column).dictionary_encode()
    distinct = encoded.dictionary
    parts = [convert(distinct.slice(start, _BATCH)) for start in range(0, len(distinct), _BATCH)]
    return (pa.concat_arrays(parts) if parts else convert(distinct)).take(encoded.indices)


def put(values: pa.Array, where: Flags, new: list[Any]) -> pa.Array:
    """The values with new ones at the flagged places."""
    if not np.any(where):
        return values
    return pc.replace_with_mask(values, pa.array(where), pa.array(new, values.type))
