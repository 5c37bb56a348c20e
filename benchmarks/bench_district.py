"""The first night of a district of a million persons: mentions standardised, linked and clustered. Seconds and memory.

python -m benchmarks district
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.commands import ROOT
from benchmarks.measuring import run

FOLDER = ROOT / "build" / "district"
NIGHT = date(2025, 6, 2)
STAGES = ("standardise", "link", "cluster")


def prepare(folder: Path, persons: int) -> None:
    """Simulate the district and take its first deliveries as a night would; keep the record state of every feed."""
    from connectors.simulator import simulate

    made = simulate(folder / "site", persons=persons, first=NIGHT, last=NIGHT, seed=51)
    keep_records(made.site, NIGHT, folder / "records")
    shutil.rmtree(folder / "site")


def keep_records(site: Path, on: date, folder: Path) -> None:
    """Take what has arrived by that night in one night of the site; the record state of every feed into `folder`."""
    from flows import edge

    edge.prepare_libraries()
    from expectations import warm_up
    from flows import stages, wiring

    warm_up()
    with wiring.night(site, on) as night:
        landed = stages.land.fn(night)
        taken = stages.take.fn(night, stages.check.fn(night, landed))
        folder.mkdir(parents=True)
        for feed, table in stages.record_states(night, taken).items():
            pq.write_table(table, folder / f"{feed}.parquet")


def measure(folder: Path) -> dict[str, float]:
    """The three stages in this process: seconds of each with its reading and writing, and how much came out."""
    from flows import edge

    edge.prepare_libraries()
    from transforms.linkage import RESOLVED_BY, default_model, freeze_frequencies, link, linked_by, resolve
    from transforms.mentions import build_mentions

    told: dict[str, float] = {}
    model, kept = default_model(), folder / "mentions.parquet"

    @contextmanager
    def stage(name: str) -> Iterator[None]:
        Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
        began = time.perf_counter()
        yield
        told[name] = time.perf_counter() - began
        told[f"{name} peak"] = _high_water()
        pa.default_memory_pool().release_unused()

    with stage("standardise"):
        mentions = build_mentions(Records(folder / "records"))
        frequencies = freeze_frequencies(mentions)
        pq.write_table(mentions, kept)
        everything = mentions["mention_id"].combine_chunks()
        del mentions
    with stage("link"):
        pairs = link(_read(kept, linked_by(model)), everything, None, model, frequencies)
    with stage("cluster"):
        found = resolve(_read(kept, RESOLVED_BY), pairs, None, model, known_on=NIGHT)
    return told | {"mentions": len(everything), "pairs": pairs.num_rows, "links": found.links.num_rows}


def _read(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    # As the lake reads.
    with pq.ParquetFile(path) as file:
        return file.read(None if columns is None else list(columns))


def _high_water() -> float:
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in status if line.startswith("VmHWM"))


class Records(Mapping[str, pa.Table]):
    """The record states that `keep_records` left, each read when it is asked for, as a night reads them."""

    def __init__(self, folder: Path) -> None:
        self._paths = {path.stem: path for path in sorted(folder.iterdir())}

    def __getitem__(self, feed: str) -> pa.Table:
        return _read(self._paths[feed])

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def main(persons: int = 1_000_000) -> pd.DataFrame:
    """One row a stage, measured in a process of its own; the district is made first if it is not there."""
    folder = FOLDER / str(persons)
    command = [sys.executable, "-m", "benchmarks.bench_district", str(persons)]
    if not (folder / "records").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        subprocess.run([*command, "prepare"], check=True)
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
