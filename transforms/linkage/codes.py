"""Columns as integers: values of one domain share one dictionary, so that equality is a comparison of codes."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

NAMES = ("name", "former_name", "father_name", "mother_name", "spouse_name", "child_name", "relative_name")
NUMBERS = ("id_no", "id_no_text", "father_id_no", "mother_id_no", "spouse_id_no", "child_id_no")
DOMAINS = (NAMES, NUMBERS)


def shared_codes(columns: Sequence[pa.Array | pa.ChunkedArray]) -> tuple[pa.Array, list[Codes]]:
    """One dictionary over all columns, and each column as codes into it; -1 is null."""
    encoded = [_encode(column) for column in columns]
    if len({_place(column.dictionary) for column in encoded}) == 1:
        return encoded[0].dictionary, [_indices(column) for column in encoded]
    unified = pa.chunked_array(encoded).unify_dictionaries()
    dictionary = unified.chunk(0).dictionary
    return dictionary, [_indices(chunk) for chunk in unified.chunks]


def _place(dictionary: pa.Array) -> tuple[int, int, int]:
    # Where in memory it lies: columns taken from one encoded table share their dictionary, with nothing to unify.
    return dictionary.buffers()[-1].address if dictionary.buffers()[-1] else 0, dictionary.offset, len(dictionary)


def _encode(column: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], whole.type)
    wanted = pa.dictionary(pa.int32(), pa.string())
    encoded = whole if isinstance(whole, pa.DictionaryArray) else whole.dictionary_encode()
    return encoded if encoded.type == wanted else encoded.cast(wanted)


def _indices(chunk: pa.DictionaryArray) -> Codes:
    codes: Codes = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return codes


def encode_domains(table: pa.Table) -> pa.Table:
    """The table with the columns of each domain dictionary-encoded over one shared dictionary.

    Rows taken from it carry integers instead of texts, which makes batches of pairs cheap.
    """
    for domain in DOMAINS:
        present = [name for name in domain if name in table.column_names]
        dictionary, codes = shared_codes([table[name] for name in present])
        for name, code in zip(present, codes, strict=True):
            column = pa.DictionaryArray.from_arrays(pa.array(code, mask=code < 0), dictionary)
            table = table.set_column(table.column_names.index(name), name, column)
    return table


def equal(left: Codes, right: Codes) -> Flags:
    """Both present and the same."""
    same: Flags = (left == right) & (left >= 0)
    return same


def distinct_pairs(left: Codes, right: Codes) -> tuple[Codes, Codes, npt.NDArray[np.intp]]:
    """The distinct (left, right) code pairs, and for each row the place of its pair among them."""
    packed = (left.astype(np.int64) << 32) | right.astype(np.int64)
    distinct, place = np.unique(packed, return_inverse=True)
    return (distinct >> 32).astype(np.int32), (distinct & 0xFFFFFFFF).astype(np.int32), place
