"""What linking costs on Spark, per million mentions: CPU, bytes shuffled, memory. The figures stand in docs/spark.md.

.venv/bin/python -m benchmarks.bench_spark --millions 1 2 4
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.commands import ROOT
from benchmarks.measuring import run

FAMILIES = 8_000  # a drawn town: about 120,000 mentions
FOLDER = ROOT / "build" / "spark"
NUMBERS = ("id_no", "id_no_text", "father_id_no", "mother_id_no", "spouse_id_no", "child_id_no", "record_key")
TICK = os.sysconf("SC_CLK_TCK")


def towns(millions: float) -> Iterator[Path]:
    """Files of towns with their own persons, numbers and streets, together at least that many mentions."""
    count, seed = 0, 100
    while count < millions * 1_000_000:
        path = FOLDER / f"{seed:04d}.parquet"
        if not path.exists():
            FOLDER.mkdir(parents=True, exist_ok=True)
            pq.write_table(_town(seed), path)
        count, seed = count + pq.read_metadata(path).num_rows, seed + 1
        yield path


def _town(seed: int) -> pa.Table:
    from tests.transforms.linkage.district import district

    table = district(FAMILIES, seed).mentions
    columns = {name: pc.replace_substring(table[name], "370303", f"37{seed:04d}") for name in NUMBERS}
    columns["address_key"] = pc.binary_join_element_wise(table["address_key"], f"#{seed}", "")
    ids = pc.utf8_slice_codeunits(table["mention_id"], 0, 12)
    columns["mention_id"] = pc.binary_join_element_wise(ids, f"{seed:04x}", "")
    for name, column in columns.items():
        table = table.set_column(table.column_names.index(name), name, column)
    return table


class Phases:
    """CPU seconds of all processes and wall seconds of each named part."""

    def __init__(self, spark: Any) -> None:
        self.spark, self.told = spark, {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        self.spark.sparkContext.setJobGroup(name, name)
        began, used = time.perf_counter(), _cpu(os.getpid())
        yield
        self.told[name] = {"wall": time.perf_counter() - began, "cpu": _cpu(os.getpid()) - used}
        print(name, self.told[name], file=sys.stderr, flush=True)


def _cpu(pid: int) -> float:
    """CPU seconds of a process, of its living descendants, and of those it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = {child for task in tasks for child in (task / "children").read_text().split()}
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICK + sum(_cpu(int(child)) for child in children)


def measure(millions: float, memory: str) -> dict[str, Any]:
    """Link and cluster that many mentions in this process."""
    from pyspark.sql import SparkSession

    from transforms.linkage import default_model
    from transforms.linkage.engines.spark import cluster_on_spark, freeze_on_spark, link_on_spark

    os.environ["PYSPARK_PYTHON"] = sys.executable
    model = default_model()
    model = model.model_copy(update={"blocking": model.blocking.model_copy(update={"max_pairs": 10**12})})
    with tempfile.TemporaryDirectory() as scratch:
        spark = _session(SparkSession, scratch, memory, tasks=max(4, round(millions * 16)))
        phases = Phases(spark)
        mentions = spark.read.parquet(*map(str, towns(millions)))
        with phases.phase("read"):
            count = mentions.count()
        with phases.phase("frequencies"):
            frequencies = freeze_on_spark(mentions)
        with phases.phase("link"):
            link_on_spark(spark, mentions, model, frequencies).write.parquet(f"{scratch}/pairs")
        pairs = spark.read.parquet(f"{scratch}/pairs")
        with phases.phase("cluster"):
            found = cluster_on_spark(spark, mentions, pairs, model, known_on=date(2025, 6, 2))
            found.links.write.parquet(f"{scratch}/links")
        kept = pairs.count()
        spark.stop()
        return {"mentions": count, "pairs": kept, "phases": _with_shuffles(phases.told, Path(scratch) / "events")}


def _session(builder: Any, scratch: str, memory: str, tasks: int) -> Any:
    Path(scratch, "events").mkdir()
    options = {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.memory": memory,
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.local.dir": scratch,
        "spark.sql.shuffle.partitions": str(tasks), "spark.sql.execution.arrow.maxRecordsPerBatch": "50000",
        "spark.eventLog.enabled": "true", "spark.eventLog.dir": f"file://{scratch}/events",
        "spark.eventLog.compress": "false", "spark.eventLog.rolling.enabled": "false",
    }  # fmt: skip
    started = builder.builder.master("local[2]").appName("nuanxin-bench")
    for name, value in options.items():
        started = started.config(name, value)
    spark = started.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def _with_shuffles(told: dict[str, dict[str, float]], events: Path) -> dict[str, dict[str, float]]:
    # From Spark's own event log: what every task wrote for others, and what it had to spill.
    group_of: dict[int, str] = {}
    sums: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for line in (line for path in sorted(events.iterdir()) if path.is_file() for line in path.open()):
        event = json.loads(line)
        if event["Event"] == "SparkListenerStageSubmitted":
            group = (event.get("Properties") or {}).get("spark.jobGroup.id", "")
            group_of[event["Stage Info"]["Stage ID"]] = group
        elif event["Event"] == "SparkListenerTaskEnd" and event.get("Task Metrics"):
            metrics, mine = event["Task Metrics"], sums[group_of.get(event["Stage ID"], "")]
            mine["shuffle_mb"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"] / 1e6
            mine["spilt_mb"] += metrics["Disk Bytes Spilled"] / 1e6
            mine["tasks"] += 1
    return {name: {**seen, **sums[name]} for name, seen in told.items()}


def _row(millions: float, one: dict[str, Any], peak_mb: float) -> str:
    phases = one["phases"]
    per: Callable[[str, str], float] = lambda phase, what: phases[phase].get(what, 0.0) / (one["mentions"] / 1e6)  # noqa: E731
    return (
        f"| {one['mentions'] / 1e6:.2f} | {one['pairs'] / 1e6:.2f} | {per('link', 'cpu'):.0f} | "
        f"{per('link', 'shuffle_mb') / 1e3:.2f} | {per('cluster', 'cpu'):.0f} | "
        f"{per('cluster', 'shuffle_mb') / 1e3:.2f} | {peak_mb / 1e3:.1f} | "
        f"{sum(phase['wall'] for phase in phases.values()):.0f} |"
    )


def main() -> None:
    """Each size in a process of its own, one line of the table each."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.bench_spark", description=__doc__)
    asked.add_argument("--millions", type=float, nargs="+", default=[1.0, 2.0, 4.0])
    asked.add_argument("--memory", default="3g", help="Java's heap")
    asked.add_argument("--one", type=float, help="measure this size here and print it as JSON")
    given = asked.parse_args()
    if given.one is not None:
        print(json.dumps(measure(given.one, given.memory)))
        return
    print("| mentions, M | pairs kept, M | link: CPU s/M | link: shuffle GB/M | cluster: CPU s/M "
          "| cluster: shuffle GB/M | peak GB | wall s |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for millions in given.millions:
        list(towns(millions))
        command = [sys.executable, "-m", "benchmarks.bench_spark", "--one", str(millions), "--memory", given.memory]
        finished = run(command)
        print(_row(millions, json.loads(finished.out.strip().splitlines()[-1]), finished.peak_mb), flush=True)


if __name__ == "__main__":
    main()
