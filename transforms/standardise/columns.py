"""One column read by its distinct values: text in, typed values and reasons for the unreadable out."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pyarrow as pa

Cell = tuple[Any, str | None]  # the value, or null and the reason code why a filled cell gave none


class Read(NamedTuple):
    """Typed values and, in the same order, reason codes (null where nothing is wrong)."""

    values: pa.Array
    reasons: pa.Array


Reader = Callable[[list[str]], Read]


def as_array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column in one piece."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole


def cellwise(read: Callable[[str], Cell], type_: pa.DataType) -> Reader:
    """A reader of distinct values made from a reader of one."""

    def read_all(texts: list[str]) -> Read:
        cells = [read(text) for text in texts]
        values = pa.array([value for value, _ in cells], type_)
        return Read(values, pa.array([reason for _, reason in cells], pa.string()))

    return read_all


def read_column(column: pa.Array | pa.ChunkedArray, reader: Reader) -> Read:
    """Every cell of the column read; null stays null and is no defect."""
    encoded = as_array(column).dictionary_encode()
    read = reader(encoded.dictionary.to_pylist())
    return Read(read.values.take(encoded.indices), read.reasons.take(encoded.indices))


def map_distinct(column: pa.Array | pa.ChunkedArray, convert: Callable[[str], Any], type_: pa.DataType) -> pa.Array:
    """`convert` applied to every distinct value of the column; null stays null."""
    encoded = as_array(column).dictionary_encode()
    converted = pa.array([convert(text) for text in encoded.dictionary.to_pylist()], type_)
    return converted.take(encoded.indices)
