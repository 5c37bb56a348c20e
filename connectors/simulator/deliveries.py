"""Which rows lie in which file: everything on the first night, afterwards what is new or changed."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from connectors.simulator.days import NEVER, Array, calendar
from connectors.simulator.formats import FORMATS, to_csv, to_parquet, to_xlsx
from connectors.simulator.rates import Rates
from connectors.simulator.records import Records
from connectors.simulator.world import Nights, stream
from transforms.feeds import load_contract

_QUOTED: Final = frozenset({"household_register", "marriages"})  # whose system puts every cell in quotes


@dataclass(frozen=True)
class Schedule:
    """For every row of a feed the night it is delivered (NEVER: not), and the nights that go out of the ordinary."""

    night: Array
    late: frozenset[int]  # deltas that arrive a night late, beside the next one
    twice: frozenset[int]  # deltas delivered twice


def schedule(records: Records, nights: Nights, rates: Rates, seed: int) -> Schedule:
    """When each row is delivered: of several rows of one key and night only the last."""
    rng = stream(seed, f"schedule {records.feed}")
    span = np.arange(nights.first + 1, nights.last + 1)
    late, twice = (
        _late_nights(rng, span, rates["deliveries.late"]),
        span[rng.random(len(span)) < rates["deliveries.twice"]],
    )
    written = np.where(records.known <= nights.last, np.maximum(records.known, nights.first), NEVER)
    written[_overtaken(records, written)] = NEVER
    delivered = np.where(np.isin(written, late), written + 1, written)
    delivered = np.where(delivered <= nights.last, delivered, NEVER)
    return Schedule(delivered, frozenset(late.tolist()), frozenset(set(twice.tolist()) - {*late, *(late + 1)}))


def _late_nights(rng: np.random.Generator, span: Array, share: float) -> Array:
    late = rng.random(len(span)) < share
    late[1:] &= ~late[:-1]
    found: Array = span[late]
    return found


def _overtaken(records: Records, written: Array) -> Array:
    """Rows that a later row of the same key replaces before they are delivered."""
    place = np.arange(len(records))
    frame = pd.DataFrame({"key": records.key.to_pandas(), "night": written, "known": records.known, "place": place})
    ordered = frame.sort_values(["known", "place"], kind="stable")
    found: Array = ordered.loc[ordered.duplicated(["key", "night"], keep="last"), "place"].to_numpy()
    return found


def write_feed(inbox: Path, records: Records, plan: Schedule, nights: Nights, rates: Rates, seed: int) -> int:
    """All files of a feed; returns how many rows were written."""
    rng = stream(seed, f"files {records.feed}")
    folder = inbox / records.feed
    folder.mkdir(parents=True, exist_ok=True)
    order = np.argsort(plan.night, kind="stable")
    edges = np.searchsorted(plan.night[order], np.arange(nights.first, nights.last + 2))
    single = _single_keys(records)
    rows_written = 0
    for place, night in enumerate(range(nights.first, nights.last + 1)):
        rows = np.sort(order[edges[place] : edges[place + 1]])
        for name, part in _files(records, plan, night, rows, nights):
            repeated = _repeats(rng, part, order[: edges[place]], single, rates["reports.repeated_row"])
            content = _bytes(records, np.concatenate([part, repeated]))
            rows_written += len(part) + len(repeated)
            _put(rng, folder, name, content, len(part) + len(repeated), rates["deliveries.sentinel"])
            if night in plan.twice and night > nights.first:
                (folder / name.replace("_delta.", "_delta_02.")).write_bytes(content)
    return rows_written


def _files(records: Records, plan: Schedule, night: int, rows: Array, nights: Nights) -> list[tuple[str, Array]]:
    """Name and rows of the files of a night: none where the delta is late, two after it."""
    suffix, _ = FORMATS[records.feed]
    stem = f"{records.feed}_{calendar(night):%Y%m%d}"
    if night == nights.first:
        return [(f"{stem}_full.{suffix}", rows)]
    if night in plan.late:
        return []
    if night - 1 in plan.late:
        before = records.known[rows] < night
        return [(f"{stem}_delta.{suffix}", rows[before]), (f"{stem}_delta_02.{suffix}", rows[~before])]
    return [(f"{stem}_delta.{suffix}", rows)]


def _single_keys(records: Records) -> Array:
    """Rows whose key never changes: they can come again without bringing back an older version."""
    found: Array = ~pd.Series(records.key.to_pandas()).duplicated(keep=False).to_numpy()
    return found & records.usable


def _repeats(rng: np.random.Generator, part: Array, before: Array, single: Array, share: float) -> Array:
    """A few rows that stand twice in the file, and a few that were delivered before."""
    again = part[single[part] & (rng.random(len(part)) < share)]
    drawn = rng.random(int(rng.poisson(share * 40))) if len(before) else np.zeros(0)
    earlier = before[(drawn * len(before)).astype(np.int64)]
    return np.unique(np.concatenate([again, earlier[single[earlier]]])).astype(np.int64)


def _bytes(records: Records, rows: Array) -> bytes:
    suffix, encoding = FORMATS[records.feed]
    contract, place = load_contract(records.feed), pa.array(rows, pa.int64())
    table = pa.table({contract.column(name).header: column.take(place) for name, column in records.columns.items()})
    if suffix == "csv":
        return to_csv(table, encoding, quoted=records.feed in _QUOTED)
    return to_xlsx(table) if suffix == "xlsx" else to_parquet(table)


def _put(rng: np.random.Generator, folder: Path, name: str, content: bytes, rows: int, sentinel: float) -> None:
    (folder / name).write_bytes(content)
    if rng.random() < sentinel:
        said = {"rows": rows, "sha256": hashlib.sha256(content).hexdigest()}
        (folder / f"{name}.ok").write_text(json.dumps(said) + "\n", "utf-8")
