"""A register made ready once for many nights: its columns, the blocks of its rows, and how common its values are."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from transforms.linkage.blocking import block_keys
from transforms.linkage.comparisons import Packed
from transforms.linkage.frequencies import Frequencies, Shares, count_frequencies
from transforms.linkage.model import LinkageModel

_ABOUT: Final = b"nuanxin.index"
_SHARES: Final = b"nuanxin.index.shares"
_KEYS: Final = "block:"  # in front of the columns of block_keys


class NoIndex(ValueError):
    """The file is not an index (`damaged`), or one made for other blocking rules or by another engine (`stale`)."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Index:
    """A table with everything that linking asks of it before a pair is compared. `keys`: see block_keys."""

    table: pa.Table
    keys: pa.Table
    frequencies: Frequencies

    @classmethod
    def of(cls, table: pa.Table, model: LinkageModel) -> "Index":
        """The index of a table for a model."""
        packed = Packed(table)
        frequencies = count_frequencies(packed, model)
        return cls(table, block_keys(packed, model, frequencies), frequencies)


def write_index(index: Index, model: LinkageModel, key: str, path: Path) -> None:
    """Write it as one Arrow file, to be mapped into memory by whoever reads it. `key`: the column of ids.

    It holds what the table holds, persons included: keep it where the table is kept.
    """
    columns = {name: index.table[name] for name in index.table.column_names}
    columns |= {f"{_KEYS}{name}": index.keys[name] for name in index.keys.column_names}
    shares = {kind: [len(each.keys), each.unseen] for kind, each in index.frequencies.kinds.items()}
    about = {**_made_for(model), "id": key, "count": index.frequencies.count, "shares": shares}
    metadata = {_ABOUT: json.dumps(about).encode(), _SHARES: _packed(index.frequencies)}
    table = pa.table(columns).combine_chunks().replace_schema_metadata(metadata)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def read_index(path: Path, model: LinkageModel, key: str) -> Index:
    """Map an index into memory. NoIndex where it is none, or does not fit the model; KeyError for another id column."""
    try:
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        about = json.loads(table.schema.metadata[_ABOUT])
        shares = pa.ipc.open_stream(table.schema.metadata[_SHARES]).read_all()
    except (ValueError, KeyError, TypeError):  # not Arrow, or Arrow of something else
        raise NoIndex("damaged") from None
    if any(about[name] != value for name, value in _made_for(model).items()):
        raise NoIndex("stale")
    if about["id"] != key:
        raise KeyError(about["id"])
    mine = [name for name in table.column_names if not name.startswith(_KEYS)]
    keys = {name.removeprefix(_KEYS): table[name] for name in table.column_names if name.startswith(_KEYS)}
    frequencies = Frequencies(about["count"], _unpacked(shares, about["shares"]))
    return Index(table.select(mine).replace_schema_metadata(None), pa.table(keys), frequencies)


def _made_for(model: LinkageModel) -> dict[str, Any]:
    # What the keys and the shares depend on: a model trained anew may use the same index.
    blocking = model.blocking
    return {
        "rules": [[list(rule.agree), list(rule.with_ or ()), rule.lacking] for rule in blocking.rules],
        "rare": blocking.rare,
        "columns": sorted({column for comparison in model.comparisons for column in comparison.columns}),
        "by_frequency": sorted(c.name for c in model.comparisons if any(v.by_frequency for v in c.levels.values())),
        "hashed_by": f"duckdb {duckdb.__version__}",  # its hash is not promised to stay the same
    }


def _packed(frequencies: Frequencies) -> bytes:
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
        found[kind] = Shares(rows["key"].to_numpy(), rows["bits"].to_numpy(), unseen)
        begin += count
    return found
