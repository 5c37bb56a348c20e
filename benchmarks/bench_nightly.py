"""What a night costs: `make run` again, a delta with and without Prefect's start, a first night of 100,000 persons.

Whole processes, with their own imports. "The night alone" is what the run row says: from taking the site to
publishing, in a process whose Prefect was already there.
"""

import os
import socket
import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path

import pandas as pd

from benchmarks.commands import Run, nuanxin

FIRST, LAST, FURTHER = "2025-06-02", "2025-06-09", "2025-06-12"


def main() -> pd.DataFrame:
    """One row a measurement: seconds, peak megabytes, and the bound that is claimed."""
    with tempfile.TemporaryDirectory() as folder:
        return pd.DataFrame([*_district(Path(folder) / "d20"), *_first_night(Path(folder) / "d100")])


def _district(out: Path) -> list[dict[str, object]]:
    site = ("--site", str(out / "site.toml"))
    _simulate(out, 20_000, FURTHER)
    nights = nuanxin("backfill", *site, "--from", FIRST, "--to", LAST, "--json", accept=(0, 3))
    cold = [nuanxin("nightly", *site, "--date", day, "--json", accept=(0, 3)) for day in ("2025-06-10", "2025-06-11")]
    with _prefect(out.parent) as api:
        warm = nuanxin("nightly", *site, "--date", FURTHER, "--json", accept=(0, 3), PREFECT_API_URL=api)
    return [
        _row("20,000 persons: first night and seven deltas, one process", nights, "90 s"),
        *(_row("20,000 persons: one delta, Prefect's start included", each, "30 s, 700 MB") for each in cold),
        _row("20,000 persons: one delta, a Prefect server running", warm, "–"),
        {"what": "20,000 persons: one delta, the night alone", "seconds": _of_run(out, FURTHER), "claim": "6 s"},
    ]


def _first_night(out: Path) -> list[dict[str, object]]:
    _simulate(out, 100_000, FIRST)
    run = nuanxin("nightly", "--site", str(out / "site.toml"), "--date", FIRST, "--json", accept=(0, 3))
    return [_row("100,000 persons: first night", run, "90 s")]


def _simulate(out: Path, persons: int, last: str) -> None:
    nuanxin("simulate", "--out", str(out), "--persons", str(persons), "--from", FIRST, "--to", last, "--seed", "4")


def _row(what: str, run: Run, claim: str) -> dict[str, object]:
    return {"what": what, "seconds": round(run.wall, 1), "peak_mb": round(run.own_mb), "claim": claim}


def _of_run(out: Path, day: str) -> float:
    with sqlite3.connect(out / "warehouse.db") as connection:
        query = "SELECT started_at, finished_at FROM v_runs WHERE business_date = ?"
        began, ended = (datetime.fromisoformat(text) for text in connection.execute(query, [day]).fetchone())
    return round((ended - began).total_seconds(), 1)


def _prefect(home: Path):  # type: ignore[no-untyped-def]
    """A server that is already there, as in production."""
    from tests.commands import prefect_server

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.makedirs(home / "prefect", exist_ok=True)
    return prefect_server(home / "prefect", port)
