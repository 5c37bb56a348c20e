"""Standardising a million rows, column by column, beside the least that any engine must do with the column.

python -m benchmarks.bench_standardise [ROWS]

CPU seconds. The lower bound reads the column from Parquet in memory and dictionary-encodes it.
"""

import io
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.simulator.words import words
from transforms.feeds.contract import Column
from transforms.standardise.addresses import address_keys
from transforms.standardise.columns import read_column
from transforms.standardise.feed import reader_of
from transforms.standardise.identifiers import valid_18
from transforms.standardise.names import standard_names

DELIVERED_ON = date(2025, 6, 2)


def drawn(rows: int, seed: int = 1) -> dict[str, pa.Array]:
    """Invented columns whose values are nearly all distinct, with the known oddities in one row of fifty."""
    rng = np.random.default_rng(seed)
    odd = rng.random(rows) < 0.02
    return {
        "name": _names(rng, odd),
        "id_no": _numbers(rng, odd),
        "date": _days(rng, odd),
        "datetime": _moments(rng, odd),
        "address": _addresses(rng, odd),
        "phone": pa.array(np.char.add("1", rng.integers(3_000_000_000, 9_999_999_999, rows).astype(str))),
        "key": pa.array(np.char.add("SW2025", np.char.zfill(np.arange(rows).astype(str), 8))),
        "money": pa.array(np.char.mod("%.2f", rng.integers(0, 9_999_999, rows) / 100)),
    }


def _names(rng: np.random.Generator, odd: Any) -> pa.Array:
    tables = words()
    han = np.array([token for token in tables.tokens if len(token) == 1], dtype="U1")
    first, second, third = (han[rng.integers(0, len(han), len(odd))] for _ in range(3))
    third[rng.random(len(odd)) < 0.12] = ""
    gap = np.where(odd, np.array([" ", "\u200b", "·", "．"])[rng.integers(0, 4, len(odd))], "")
    return pa.array(np.char.add(np.char.add(first, gap), np.char.add(second, third)))


def _numbers(rng: np.random.Generator, odd: Any) -> pa.Array:
    start = np.tile(np.array([3, 7, 0, 3, 0, 3, 1, 9]), (len(odd), 1))
    month, day = rng.integers(1, 10, len(odd)), rng.integers(1, 29, len(odd))
    inside = np.stack([rng.integers(0, 10, len(odd)), rng.integers(0, 10, len(odd)), month * 0, month], axis=1)
    digits = np.concatenate(
        [start, inside, np.stack([day // 10, day % 10], axis=1), rng.integers(0, 10, (len(odd), 3))], axis=1
    )
    weights = np.array([2 ** (17 - place) % 11 for place in range(17)])
    check = np.frombuffer(b"10X98765432", np.uint8)[digits @ weights % 11]
    codes = np.concatenate([digits.astype(np.uint8) + 48, check[:, None]], axis=1)
    texts = np.ascontiguousarray(codes).view("S18").ravel().astype("U18")
    return pa.array(np.where(odd, np.char.add(np.char.lower(texts), " "), texts))


def _days(rng: np.random.Generator, odd: Any) -> pa.Array:
    days = np.datetime64("1930-01-01") + rng.integers(0, 34_000, len(odd))
    iso = days.astype(str)
    return pa.array(np.where(odd, np.char.replace(iso, "-", "/"), iso))


def _moments(rng: np.random.Generator, odd: Any) -> pa.Array:
    moments = np.datetime64("2024-01-01T00:00") + rng.integers(0, 500_000, len(odd))
    iso = np.char.replace(moments.astype(str), "T", " ")
    return pa.array(np.where(odd, np.char.replace(iso, "-", "/"), iso))


def _addresses(rng: np.random.Generator, odd: Any) -> pa.Array:
    places = words().places
    starts = np.array([f"{prefix}{township}{street}" for prefix in ("山东省淄博市张店区", "张店区", "")
                       for township in places["townships"] for street in places["streets"]])  # fmt: skip
    parts = [starts[rng.integers(0, len(starts), len(odd))]]
    for most, word in ((400, "号"), (40, "号楼"), (9, "单元"), (1800, "室")):
        parts += [rng.integers(1, most, len(odd)).astype(str), np.where(odd & (word == "号楼"), "幢 ", word)]
    text = parts[0]
    for part in parts[1:]:
        text = np.char.add(text, part)
    return pa.array(text)


def steps(columns: dict[str, pa.Array]) -> dict[str, tuple[str, Callable[[], object]]]:
    """What is measured → the column it works on, and the work."""
    found = {f"{kind} as delivered → typed": (kind, _reading(kind, column)) for kind, column in columns.items()}
    names, numbers, addresses = (columns[kind] for kind in ("name", "id_no", "address"))
    found["name → simplified, parent, pinyin"] = ("name", lambda: standard_names(names))
    found["id_no → 18 characters, checked"] = ("id_no", lambda: valid_18(numbers))
    found["address → key"] = ("address", lambda: address_keys(addresses))
    return found


def _reading(kind: str, column: pa.Array) -> Callable[[], object]:
    reader = reader_of(_column(kind), DELIVERED_ON)
    return lambda: read_column(column, reader)


def _column(kind: str) -> Column:
    return Column.model_construct(name=kind, type=kind, codes=None)


def least(column: pa.Array) -> Callable[[], object]:
    """Read the column from Parquet in memory and find its distinct values."""
    page = io.BytesIO()
    pq.write_table(pa.table({"column": column}), page)
    return lambda: pq.read_table(io.BytesIO(page.getvalue()))["column"].combine_chunks().dictionary_encode()


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of one call, of all its threads."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main(rows: int = 1_000_000) -> pd.DataFrame:
    """One row a step: its CPU seconds, the lower bound's, and how many distinct values there are."""
    columns = drawn(rows)
    distinct = {kind: len(column.unique()) for kind, column in columns.items()}
    bounds = {kind: seconds(least(column)) for kind, column in columns.items()}
    found = [
        {"step": step, "distinct": distinct[kind], "cpu_s": seconds(work), "least_s": bounds[kind]}
        for step, (kind, work) in steps(columns).items()
    ]
    return pd.DataFrame(found).round(2)


if __name__ == "__main__":
    print(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000).to_string(index=False))
