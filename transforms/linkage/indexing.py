"""A register made ready once for many nights: its columns packed, the blocks of its rows, how common its values are."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transforms.linkage.comparisons import levels_of
from transforms.linkage.encoding import Keys, Names, Numbers
from transforms.linkage.frequencies import SHARES, Frequencies, Shares, count_frequencies
from transforms.linkage.keying import block_keys
from transforms.linkage.model import LinkageModel
from transforms.linkage.packing import Packed

_ABOUT: Final = b"nuanxin.index"
_SHARES: Final = b"nuanxin.index.shares"
_OWN, _KEYS, _PARTS = "own:", "block:", "packed:"  # in front of the columns of the file

Array = npt.NDArray[Any]
Part = tuple[str, ...]  # the column and how it is packed, see Packed.known


class NoIndex(ValueError):
    """The file is not an index (`damaged`), or one made for other blocking rules or by another engine (`stale`)."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Index:
    """A table with everything that linking asks of it before a pair is compared. `keys`: see block_keys."""

    packed: Packed
    keys: dict[str, Keys]
    frequencies: Frequencies

    @classmethod
    def of(cls, table: pa.Table, model: LinkageModel) -> "Index":
        """The index of a table for a model."""
        packed = Packed(table)
        frequencies = count_frequencies(packed, model)
        return cls(packed, block_keys(packed, model, frequencies), frequencies)


def write_index(index: Index, model: LinkageModel, key: str, path: Path) -> None:
    """Write it as one Arrow file, to be mapped into memory by whoever reads it. `key`: the column of ids.

    It holds what the table holds, persons included: keep it where the table is kept.
    """
    nothing = np.zeros(0, np.int64)
    levels_of(index.packed, nothing, index.packed, nothing, model)  # packs every column
    parts = {
        part: found
        for part, found in index.packed.known.items()
        if part[0] != SHARES and not isinstance(found, pa.Array | pa.ChunkedArray)
    }
    table = index.packed.table
    columns = {f"{_OWN}{name}": table[name] for name in table.column_names}
    columns |= {f"{_KEYS}{name}": pa.array(keys) for name, keys in index.keys.items()}
    for place, found in enumerate(parts.values()):
        columns |= {f"{_PARTS}{place}.{half}": pa.array(half_of) for half, half_of in _halves(found).items()}
    shares = {kind: [len(each.keys), each.unseen] for kind, each in index.frequencies.kinds.items()}
    about = {**_made_for(model), "id": key, "count": index.frequencies.count, "shares": shares, "parts": list(parts)}
    metadata = {_ABOUT: json.dumps(about).encode(), _SHARES: _shares(index.frequencies)}
    whole = pa.table(columns).combine_chunks().replace_schema_metadata(metadata)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, whole.schema) as writer:
        writer.write_table(whole)


def read_index(path: Path, model: LinkageModel, key: str) -> Index:
    """Map an index into memory. NoIndex where it is none, or does not fit the model; KeyError for another id column."""
    try:
        whole = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        about = json.loads(whole.schema.metadata[_ABOUT])
        shares = pa.ipc.open_stream(whole.schema.metadata[_SHARES]).read_all()
    except (ValueError, KeyError, TypeError):  # not Arrow, or Arrow of something else
        raise NoIndex("damaged") from None
    if any(about[name] != value for name, value in _made_for(model).items()):
        raise NoIndex("stale")
    if about["id"] != key:
        raise KeyError(about["id"])
    table, parts = _under(_OWN, whole), _under(_PARTS, whole)
    blocks = _under(_KEYS, whole)
    keys = {name: _numpy(blocks[name]) for name in blocks.column_names}
    known = {tuple(part): _whole(parts, place) for place, part in enumerate(about["parts"])}
    return Index(Packed(table, known), keys, Frequencies(about["count"], _unpacked(shares, about["shares"])))


def _made_for(model: LinkageModel) -> dict[str, Any]:
    # What the keys and the shares depend on: a model trained anew may use the same index.
    blocking = model.blocking
    return {
        "rules": [[list(rule.agree), list(rule.with_ or ()), rule.lacking] for rule in blocking.rules],
        "rare": blocking.rare,
        "columns": sorted({column for comparison in model.comparisons for column in comparison.columns}),
        "by_frequency": sorted(c.name for c in model.comparisons if any(v.by_frequency for v in c.levels.values())),
        "hashed_by": f"duckdb {duckdb.__version__}, one pass",  # its hash is not promised to stay the same
    }


# -- what is packed -----------------------------------------------------------------------------------------------


def _halves(found: Any) -> dict[str, Array]:
    if isinstance(found, Names):
        return {"chars": found.chars, "sounds": found.sounds}
    return {"head": found.head, "tail": found.tail} if isinstance(found, Numbers) else {"values": found}


def _whole(parts: pa.Table, place: int) -> Any:
    # Texts are taken from the table when rows are (Packed.at); nobody asks for them before.
    halves = {name: _numpy(parts[f"{place}.{name}"]) for name in ("chars", "sounds", "head", "tail", "values")
              if f"{place}.{name}" in parts.column_names}  # fmt: skip
    nobody = pa.nulls(0, pa.string())
    if "chars" in halves:
        return Names(halves["chars"], halves["sounds"], nobody)
    return Numbers(halves["head"], halves["tail"], nobody) if "head" in halves else halves["values"]


def _under(prefix: str, table: pa.Table) -> pa.Table:
    return pa.table({name.removeprefix(prefix): table[name] for name in table.column_names if name.startswith(prefix)})


def _numpy(column: pa.ChunkedArray) -> Array:
    # Of a mapped file without a copy: it was written as one piece.
    whole = (
        column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])
    )
    found: Array = whole.to_numpy(zero_copy_only=False)  # flags are bits there
    return found


# -- how common values are ----------------------------------------------------------------------------------------


def _shares(frequencies: Frequencies) -> bytes:
    shares = list(frequencies.kinds.values())
    keys = np.concatenate([np.zeros(0, np.uint64), *(each.keys for each in shares)])
    bits = np.concatenate([np.zeros(0), *(each.bits for each in shares)])
    table = pa.table({"key": keys, "bits": bits})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _unpacked(table: pa.Table, kinds: dict[str, tuple[int, float]]) -> dict[str, Shares]:
    found, begin = {}, 0
    for kind, (count, unseen) in kinds.items():
        rows = table.slice(begin, count)
        found[kind] = Shares(_numpy(rows["key"]), _numpy(rows["bits"]), unseen)
        begin += count
    return found
