"""The first night of a district of a million persons: mentions standardised, linked and clustered. Seconds and memory.

python -m benchmarks.bench_district [--persons 1000000]
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.commands import ROOT
from benchmarks.measuring import run

FOLDER = ROOT / "build" / "district"
NIGHT = date(2025, 6, 2)


def prepare(folder: Path, persons: int) -> None:
    """Simulate the district and take its first deliveries as a night would; keep the record state of every feed."""
    from connectors.simulator import simulate
    from flows import edge

    edge.prepare_libraries()
    from expectations import warm_up
    from flows import stages, wiring

    made = simulate(folder / "site", persons=persons, first=NIGHT, last=NIGHT, seed=51)
    warm_up()
    with wiring.night(made.site, NIGHT) as night:
        landed = stages.land.fn(night)
        taken = stages.take.fn(night, stages.check.fn(night, landed))
        (folder / "records").mkdir()
        for feed, table in stages.record_states(night, taken).items():
            pq.write_table(table, folder / "records" / f"{feed}.parquet")
    shutil.rmtree(folder / "site")


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
        began = time.perf_counter()
        yield
        told[name] = time.perf_counter() - began
        pa.default_memory_pool().release_unused()

    with stage("standardise"):
        mentions = build_mentions(_Records(folder / "records"))
        frequencies = freeze_frequencies(mentions)
        pq.write_table(mentions, kept)
        everything = mentions["mention_id"].combine_chunks()
        del mentions
    with stage("link"):
        pairs = link(pq.read_table(kept, columns=linked_by(model)), everything, None, model, frequencies)
    with stage("cluster"):
        found = resolve(pq.read_table(kept, columns=list(RESOLVED_BY)), pairs, None, model, known_on=NIGHT)
    return told | {"mentions": len(everything), "pairs": pairs.num_rows, "links": found.links.num_rows}


class _Records(Mapping[str, pa.Table]):
    # Each read when it is asked for, as a night reads them from its lake.

    def __init__(self, folder: Path) -> None:
        self._paths = {path.stem: path for path in sorted(folder.iterdir())}

    def __getitem__(self, feed: str) -> pa.Table:
        return pq.read_table(self._paths[feed])

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def main() -> None:
    """Make the district if it is not there, measure in a process of its own, print one line."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.bench_district", description=__doc__)
    asked.add_argument("--persons", type=int, default=1_000_000)
    asked.add_argument("--one", choices=["prepare", "measure"], help="do this part here")
    given = asked.parse_args()
    folder = FOLDER / str(given.persons)
    if given.one == "prepare":
        prepare(folder, given.persons)
    elif given.one == "measure":
        print(json.dumps(measure(folder)))
    else:
        _both(folder, given.persons)


def _both(folder: Path, persons: int) -> None:
    command = [sys.executable, "-m", "benchmarks.bench_district", "--persons", str(persons), "--one"]
    if not (folder / "records").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        subprocess.run([*command, "prepare"], check=True)
    finished = run([*command, "measure"])
    told = json.loads(finished.out.splitlines()[-1])
    names = ("standardise", "link", "cluster")
    print("| persons | mentions | pairs | standardise s | link s | cluster s | together s | CPU s | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    seconds = [f"{told[name]:.1f}" for name in names] + [f"{sum(told[name] for name in names):.1f}"]
    counts = [f"{count:,}" for count in (persons, told["mentions"], told["pairs"])]
    print(f"| {' | '.join([*counts, *seconds, f'{finished.cpu:.1f}', f'{finished.peak_mb:,.0f}'])} |")


if __name__ == "__main__":
    main()
