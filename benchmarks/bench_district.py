"""The first night of a district of a million persons: mentions standardised, linked and clustered. Seconds and memory.

python -m benchmarks district
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.commands import ROOT
from benchmarks.measuring import part, run

if TYPE_CHECKING:
    from flows.snapshot import Snapshot

FOLDER = ROOT / "build" / "district"
NIGHT = date(2025, 6, 2)
STAGES = ("standardise", "link", "cluster")


def prepare(folder: Path, persons: int) -> None:
    """Simulate the district and take its first deliveries as a night would; keep the record state of every feed."""
    from connectors.simulator import simulate

    made = simulate(folder / "site", persons=persons, first=NIGHT, last=NIGHT, seed=51)
    keep_records(made.site, NIGHT, folder / "records")
    shutil.rmtree(folder / "site")


def keep_records(site: Path, on: date, folder: Path, previous: "Snapshot | None" = None) -> "Snapshot":
    """Take what has arrived by that night in one night of the site; the record state of every feed into `folder`.

    Beside the folder: coverage, and the keys of the records that changed. Returns what the taking leaves to a night
    after it; that is given as `previous` then.
    """
    from flows import edge

    edge.prepare_libraries()
    from expectations import warm_up
    from flows import stages, wiring
    from flows.snapshot import Snapshot
    from warehouse.runs import close_run

    warm_up()
    with wiring.night(site, on) as night:
        night.previous = previous or night.previous
        landed = stages.land.fn(night)
        taken = stages.take.fn(night, stages.check.fn(night, landed))
        folder.mkdir(parents=True)
        for feed, table in stages.record_states(night, taken).items():
            pq.write_table(table, folder / f"{feed}.parquet")
        for name in ("coverage", "changed"):
            pq.write_table(night.table(taken, name), folder.parent / f"{name}.parquet")
        close_run(night.warehouse, night.run, now=edge.now(), reason_code="taken_only")  # the site is free again
        return Snapshot(first_night=night.previous.first_night or on, paths=taken.paths)


def measure(folder: Path) -> dict[str, float]:
    """The three stages in this process: seconds of each with its reading and writing, and how much came out."""
    from flows import edge

    edge.prepare_libraries()
    from transforms.linkage import RESOLVED_BY, default_model, freeze_frequencies, link, linked_by, resolve
    from transforms.mentions import build_mentions

    told: dict[str, float] = {}
    model, kept = default_model(), folder / "mentions.parquet"
    with part(told, "standardise"):
        mentions = build_mentions(Records(folder / "records"))
        frequencies = freeze_frequencies(mentions)
        pq.write_table(mentions, kept)
        everything = mentions["mention_id"].combine_chunks()
        del mentions
    with part(told, "link"):
        pairs = link(read(kept, linked_by(model)), everything, None, model, frequencies)
    with part(told, "cluster"):
        found = resolve(read(kept, RESOLVED_BY), pairs, None, model, known_on=NIGHT)
    return told | {"mentions": len(everything), "pairs": pairs.num_rows, "links": found.links.num_rows}


def read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """A table, or some of its columns, as the lake reads it."""
    with pq.ParquetFile(path) as file:
        return file.read(None if columns is None else list(columns))


class Records(Mapping[str, pa.Table]):
    """The record states that `keep_records` left, each read when it is asked for, as a night reads them.

    `chosen` names the columns of a feed; without it all are read.
    """

    def __init__(self, folder: Path, chosen: Callable[[str], Sequence[str]] | None = None) -> None:
        self._paths = {path.stem: path for path in sorted(folder.iterdir())}
        self._chosen = chosen

    def __getitem__(self, feed: str) -> pa.Table:
        return read(self._paths[feed], None if self._chosen is None else self._chosen(feed))

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def prepare_once(folder: Path, made: Path, command: Sequence[str]) -> None:
    """Run the command with `prepare` behind it, into a new folder, unless what it makes is there."""
    if not made.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        subprocess.run([*command, "prepare"], check=True)


def main(persons: int = 1_000_000) -> pd.DataFrame:
    """One row a stage, measured in a process of its own; the district is made first if it is not there."""
    folder = FOLDER / str(persons)
    command = [sys.executable, "-m", "benchmarks.bench_district", str(persons)]
    prepare_once(folder, folder / "records", command)
    finished = run([*command, "measure"])
    told = json.loads(finished.out.splitlines()[-1])
    rows = [{"stage": name, "seconds": told[name], "peak_mb": told[f"{name} peak"]} for name in STAGES]
    together = {"stage": f"together: {told['mentions']:,} mentions, {told['pairs']:,} pairs to look at or link",
                "seconds": sum(row["seconds"] for row in rows), "peak_mb": max(row["peak_mb"] for row in rows),
                "claim": "120 s, 3,000 MB"}  # fmt: skip
    return pd.DataFrame([*rows, together]).round({"seconds": 1, "peak_mb": 0})


if __name__ == "__main__":
    if len(sys.argv) == 3:
        where = FOLDER / sys.argv[1]
        print(prepare(where, int(sys.argv[1])) if sys.argv[2] == "prepare" else json.dumps(measure(where)))
    else:
        print(main(*map(int, sys.argv[1:])).to_string(index=False))
