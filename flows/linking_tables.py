"""The tables that `nuanxin link` is given: csv, parquet, or the index of a register. Only what the model reads."""

import csv as plain_csv
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from flows.linking_faults import Faults
from transforms.linkage.encoding import keys_of
from transforms.linkage.indexing import Index, NoIndex, read_index
from transforms.linkage.model import LinkageModel

INDEX = ".index"


@dataclass(frozen=True)
class Side:
    """A table as far as it is needed, the names of all its columns, and its index where one was given."""

    table: pa.Table
    names: tuple[str, ...]
    index: Index | None = None


Read = Callable[[Path, Collection[str] | None], Side]


def read_side(option: str, path: Path, wanted: Collection[str] | None, told: Faults) -> Side | None:
    """A table's `wanted` columns (None: all), or None and a fault."""
    if not path.is_file():
        told.fault("no_table", option=option, path=path)
        return None
    read = READERS.get(path.suffix.lower())
    if read is None:
        told.fault("suffix", option=option, name=path.name)
        return None
    try:
        side = read(path, wanted)
    except UnicodeDecodeError:
        told.fault("not_utf8", option=option, name=path.name)
    except StopIteration:
        told.fault("no_header", option=option, name=path.name)
    except (pa.ArrowInvalid, plain_csv.Error) as fault:  # what a library says may quote a row: it is not passed on
        told.fault("not_utf8" if "UTF8" in str(fault) else "damaged", option=option, name=path.name)
    except OSError as fault:
        told.fault("unreadable", option=option, name=path.name, reason=fault.strerror or type(fault).__name__)
    else:
        twice = sorted({name for name in side.names if side.names.count(name) > 1})
        if not twice:
            return side
        told.fault("column_twice", option=option, name=path.name, columns=", ".join(twice))
    return None


def read_indexed(path: Path, key: str, model: LinkageModel, told: Faults) -> Side | None:
    """The index of a register, or None and a fault."""
    facts = {"option": "--right", "name": path.name}
    try:
        index = read_index(path, model, key)
    except FileNotFoundError:
        told.fault("no_table", option="--right", path=path)
    except OSError as fault:
        told.fault("unreadable", **facts, reason=fault.strerror or type(fault).__name__)
    except NoIndex as fault:
        told.fault(f"index_{fault.kind}", **facts)
    except KeyError as fault:
        told.fault("index_id", **facts, key=key, made=fault.args[0])
    else:
        return Side(index.packed.table, tuple(index.packed.table.column_names), index)
    return None


def with_ids(option: str, path: Path, key: str, side: Side | None, told: Faults) -> Side | None:
    """The side where its id column tells every row apart, else None and a fault."""
    if side is None or side.index is not None:  # an index was checked when it was made
        return side
    facts = {"option": option, "name": path.name, "key": key}
    if key not in side.names:
        told.fault("no_id", **facts, columns=", ".join(side.names))
        return None
    if not side.table.num_rows:
        told.fault("no_rows", **facts)
        return None
    ids = side.table[key]
    if _is_id(ids):
        return side
    distinct = pc.count_distinct(ids).as_py()
    told.fault("ids", **facts, empty=ids.null_count, repeated=len(ids) - ids.null_count - distinct)
    return None


def _is_id(ids: pa.ChunkedArray) -> bool:
    # By fingerprints, which are quicker than the texts; two alike are looked at again.
    if ids.null_count:
        return False
    keys = np.sort(keys_of(ids))
    return not np.any(keys[1:] == keys[:-1]) or pc.count_distinct(ids).as_py() == len(ids)


def _read_csv(path: Path, wanted: Collection[str] | None) -> Side:
    # Every column as text: a number of 18 digits must not become a float, nor lose its leading zeros. Only an empty
    # cell is missing: Na and Null are names.
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = next(plain_csv.reader(file))
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""],
        include_columns=_kept(names, wanted),
    )  # fmt: skip
    table = csv.read_csv(path, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=options)
    return Side(table, tuple(names))


def _read_parquet(path: Path, wanted: Collection[str] | None) -> Side:
    # One file, whatever its folder is called. Mapped, a column costs no copy before it is decoded.
    with pq.ParquetFile(path, memory_map=True, pre_buffer=False) as file:
        names = file.schema_arrow.names
        return Side(file.read(columns=_kept(names, wanted)), tuple(names))


def _kept(names: list[str], wanted: Collection[str] | None) -> list[str]:
    return names if wanted is None or len({*names}) < len(names) else [name for name in names if name in wanted]


READERS: dict[str, Read] = {".csv": _read_csv, ".parquet": _read_parquet}
