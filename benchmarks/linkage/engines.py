"""The engines as commands: what trains and scores, what scores with a saved model, and what each compared."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from benchmarks.commands import ROOT
from benchmarks.linkage.candidates import our_candidates
from benchmarks.linkage.drawing import Drawn
from benchmarks.measuring import run

LOCK: Final = ROOT / "benchmarks" / "peers.lock"
PEERS: Final = ROOT / "benchmarks" / "linkage" / "peers"
OUR_MODEL: Final = ROOT / "transforms" / "linkage" / "models" / "register.yaml"
BIN: Final = Path(sys.executable).parent


@dataclass(frozen=True)
class Task:
    """Which tables an engine links and where it puts its pairs and its model."""

    left: Path
    right: Path
    truth: Path
    pairs: Path
    model: Path

    @classmethod
    def of(cls, drawn: Drawn, engine: str) -> "Task":
        """The draw's tables; results beside them, by the engine's name."""
        folder = drawn.folder / "found"
        folder.mkdir(exist_ok=True)
        return cls(drawn.records, drawn.register, drawn.truth, folder / f"{engine}.parquet", folder / f"{engine}.model")


@dataclass(frozen=True)
class Compared:
    """How many pairs an engine compared, and how many of the true pairs were among them."""

    pairs: int
    true_pairs_compared: int | None


@dataclass(frozen=True)
class Engine:
    """One engine. What it has not is None."""

    name: str
    trained: Callable[[Task], list[str]]
    saved: Callable[[Task], list[str]] | None = None
    compared: Callable[[Task, str], Compared | None] | None = None
    index: Callable[[Task], list[str]] | None = None  # keeps what it makes of the register
    indexed: Callable[[Task], list[str]] | None = None  # scores with the saved model and that
    has_decisions: bool = False


def ours(model: Path = OUR_MODEL) -> Engine:
    """`nuanxin link`, a whole process like the others."""

    def command(task: Task, right: Path | None = None) -> list[str]:
        ids = ["--left-id", "unique_id", "--right-id", "unique_id"]
        return [str(BIN / "nuanxin"), "link", "--left", str(task.left), "--right", str(right or task.right), *ids,
                "--out", str(task.pairs), "--json"]  # fmt: skip

    def index(task: Task) -> Path:
        return task.model.with_suffix(".index")

    return Engine(
        "nuanxin",
        lambda task: [*command(task), "--model", str(model), "--train", "--save", str(task.model)],
        lambda task: [*command(task), "--model", str(task.model)],
        _ours_compared,
        index=lambda task: [*command(task), "--model", str(task.model), "--save-index", str(index(task))],
        indexed=lambda task: [*command(task, index(task)), "--model", str(task.model)],
        has_decisions=True,
    )


def splink(setting: str) -> Engine:
    """Splink 5 on DuckDB, `default` or `tuned`."""

    def command(task: Task) -> list[str]:
        script = [str(peers_python()), str(PEERS / "splink5.py"), "--setting", setting]
        return [*script, "--left", str(task.left), "--right", str(task.right), "--out", str(task.pairs)]

    return Engine(
        f"Splink 5, {setting}",
        lambda task: [*command(task), "--save", str(task.model)],
        lambda task: [*command(task), "--model", str(task.model)],
        lambda task, _: _splink_compared(command(task), task),
    )


def recordlinkage() -> Engine:
    """recordlinkage with its own EM classifier; it keeps no model."""
    return Engine("recordlinkage", lambda task: [*_peer("recordlinkage16.py", task)])


def rapidfuzz_loop(limit: int) -> Engine:
    """A loop over records against the whole register, for the first records only."""
    return Engine("rapidfuzz loop", lambda task: [*_peer("rapidfuzz_loop.py", task), "--limit", str(limit)])


def peers_python() -> Path:
    """The Python of the peers' virtual environment in build/, made anew where the lock has changed."""
    home = ROOT / "build" / "peers"
    seal, wanted = home / "sealed", sha256(LOCK.read_bytes()).hexdigest()
    if not seal.exists() or seal.read_text() != wanted:
        uv, python = str(BIN / "uv"), str(home / "bin" / "python")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)], check=True)
        sync = [uv, "pip", "sync", "--quiet", "--compile-bytecode", "--python", python, "--require-hashes", str(LOCK)]
        subprocess.run(sync, check=True)
        seal.write_text(wanted)
    return home / "bin" / "python"


def _peer(script: str, task: Task) -> list[str]:
    tables = ["--left", str(task.left), "--right", str(task.right), "--out", str(task.pairs)]
    return [str(peers_python()), str(PEERS / script), *tables]


def _splink_compared(command: list[str], task: Task) -> Compared:
    said = json.loads(run([*command, "--truth", str(task.truth), "--recall"]).out)
    return Compared(said["pairs_compared"], said["true_pairs_compared"])


def _ours_compared(task: Task, said: str) -> Compared:
    return Compared(json.loads(said)["pairs_compared"], our_candidates(task.left, task.right, task.model, task.truth))
