"""All engines on one draw: each run measured, each result judged, one row an engine."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.linkage.drawing import Drawn
from benchmarks.linkage.engines import Engine, Task, rapidfuzz_loop
from benchmarks.linkage.judging import AT, Judged, Scored, one_each, scored, wilson
from benchmarks.measuring import Run, run

DELTA: Final = 5_000  # records of a night's delta
SAMPLED: Final = 100  # records that the naive loop gets
_POINTS: Final = 250  # of a curve


@dataclass(frozen=True)
class Measured:
    """One engine on one draw. Seconds and megabytes of whole processes; None where an engine has no such thing."""

    engine: str
    cpu: float
    wall: float
    peak_mb: float
    saved_cpu: float | None
    saved_wall: float | None
    delta_wall: float | None
    indexed_wall: float | None
    delta_after: float | None
    pairs_compared: int | None
    true_compared: int | None
    true: int
    fixed: Judged
    best: Judged
    best_each: Judged
    decided: Judged | None
    passed: Judged | None
    curve: list[tuple[float, float]] = field(repr=False)
    note: str = ""

    def costs(self) -> dict[str, str]:
        """The line of the table of costs, texts ready to print."""
        return {
            "engine": self.title,
            "train and score: CPU s": _seconds(self.cpu),
            "wall s": _seconds(self.wall),
            "saved model: CPU s": _seconds(self.saved_cpu),
            "saved model: wall s": _seconds(self.saved_wall),
            "saved model and index: wall s": _seconds(self.indexed_wall),
            f"{DELTA:,} records, saved model: wall s": _seconds(self.delta_wall),
            f"{DELTA:,} records, after the index is read: s": _seconds(self.delta_after, 2),
            "peak MB": f"{self.peak_mb:,.0f}",
            "pairs compared": "" if self.pairs_compared is None else f"{self.pairs_compared:,}",
        }

    def qualities(self) -> dict[str, str]:
        """The line of the table of quality."""
        fixed, decided, passed = self.fixed, self.decided, self.passed
        return {
            "engine": self.title,
            "blocking recall": _share(self.true_compared, self.true),
            f"F1 at p ≥ {AT}": f"{fixed.f1:.4f}",
            "precision": _share(fixed.right, fixed.links),
            "recall": _share(fixed.right, fixed.true),
            "false among links": f"{fixed.false:,} of {fixed.links:,}",
            "best F1": f"{self.best.f1:.4f} at {self.best.threshold:.3f}",
            "best F1, one a record": f"{self.best_each.f1:.4f}",
            "F1 at its own thresholds, links and review": "" if passed is None else f"{passed.f1:.4f}",
            "F1 of its links alone": "" if decided is None else f"{decided.f1:.4f}",
            "false automatic links": "" if decided is None else f"{decided.false:,} of {decided.links:,}",
        }

    @property
    def title(self) -> str:
        """The engine's name, marked where a note belongs to it."""
        return self.engine + (" \\*" if self.note else "")

    def told(self) -> dict[str, Any]:
        """All of it as plain values, for the pictures."""
        return asdict(self)


def beside(ours: Measured, theirs: Measured) -> dict[str, str]:
    """Their cost as a multiple of ours; our error (1 − F1) as a share of theirs. Ours is that of links and review."""
    error = 1 - (ours.passed or ours.fixed).f1
    return {
        "engine": theirs.title,
        "train and score: CPU": _times(theirs.cpu, ours.cpu),
        "saved model: wall": _times(theirs.saved_wall, ours.saved_wall),
        "saved model and our index: wall": _times(theirs.saved_wall, ours.indexed_wall),
        "peak memory": _times(theirs.peak_mb, ours.peak_mb),
        f"error, theirs at p ≥ {AT}": f"{error / (1 - theirs.fixed.f1):.2f}",
        f"error, both at p ≥ {AT}": f"{(1 - ours.fixed.f1) / (1 - theirs.fixed.f1):.2f}",
        "error, theirs at its best": f"{error / (1 - theirs.best.f1):.2f}",
    }


def compare(drawn: Drawn, engines: Iterable[Engine], repeats: int) -> list[Measured]:
    """Each engine in turn, alone on the machine as far as this process can tell."""
    return [measured(drawn, engine, repeats) for engine in engines]


def measured(drawn: Drawn, engine: Engine, repeats: int) -> Measured:
    """Train and score once; score with the saved model `repeats` times, of which the fastest counts."""
    task = Task.of(drawn, engine.name.replace(" ", "-").replace(",", ""))
    trained = run(engine.trained(task))
    saved = _fastest(engine.saved, task, repeats)
    delta = _fastest(engine.saved, _delta(task), repeats)
    indexed, after = _indexed(engine, task, repeats)
    compared = engine.compared(task, trained.out) if engine.compared else None
    found = scored(task.pairs, task.truth)
    decided = scored(task.pairs, task.truth, decision="link").at(0.0) if engine.has_decisions else None
    return Measured(
        engine=engine.name,
        cpu=trained.cpu,
        wall=trained.wall,
        peak_mb=max(each.peak_mb for each in (trained, saved) if each),
        saved_cpu=saved.cpu if saved else None,
        saved_wall=saved.wall if saved else None,
        delta_wall=delta.wall if delta else None,
        indexed_wall=indexed.wall if indexed else None,
        delta_after=after,
        pairs_compared=compared.pairs if compared else None,
        true_compared=compared.true_pairs_compared if compared else None,
        decided=decided,
        passed=found.at(0.0) if engine.has_decisions else None,
        **_judgement(found, task),
    )


def _indexed(engine: Engine, task: Task, repeats: int) -> tuple[Run | None, float | None]:
    # All records with the index, and the seconds of a delta from the moment that everything is read.
    if not (engine.index and engine.indexed):
        return None, None
    run(engine.index(task))
    whole = _fastest(engine.indexed, task, repeats)
    few = replace(_delta(task), model=task.model)
    told = [json.loads(run(engine.indexed(few)).out)["seconds"] for _ in range(max(repeats, 1))]
    return whole, min(sum(each.values()) - each["read"] for each in told)


def sampled(drawn: Drawn) -> Measured:
    """The naive loop on the first records, its seconds extended to all: a run's fixed part once, the rest by record."""
    engine, records = rapidfuzz_loop(SAMPLED), pq.read_table(drawn.records, columns=["unique_id"])["unique_id"]
    task = Task.of(drawn, "rapidfuzz-loop")
    started, whole = run(rapidfuzz_loop(1).trained(task)), run(engine.trained(task))
    given = min(SAMPLED, len(records))
    factor = (len(records) - 1) / max(given - 1, 1)
    found = scored(task.pairs, task.truth, records=records.slice(0, given).combine_chunks())
    note = f"the first {given:,} records, quality among them; CPU and wall extended to {len(records):,} by line"
    return Measured(
        engine=engine.name,
        cpu=started.cpu + (whole.cpu - started.cpu) * factor,
        wall=started.wall + (whole.wall - started.wall) * factor,
        peak_mb=whole.peak_mb,
        saved_cpu=None,
        saved_wall=None,
        delta_wall=None,
        indexed_wall=None,
        delta_after=None,
        pairs_compared=len(records) * pq.read_metadata(drawn.register).num_rows,
        true_compared=None,
        decided=None,
        passed=None,
        note=note,
        **_judgement(found, task, records.slice(0, given).combine_chunks()),
    )


def _judgement(found: Scored, task: Task, records: pa.Array | None = None) -> dict[str, Any]:
    each = one_each(task.pairs, task.pairs.with_suffix(".each.parquet"))
    return {
        "true": found.true,
        "fixed": found.at(),
        "best": found.best(),
        "best_each": scored(each, task.truth, records=records).best(),
        "curve": thinned(found),
    }


def thinned(found: Scored) -> list[tuple[float, float]]:
    """Recall and precision along the thresholds, at most some hundreds of points, evenly in recall."""
    _, precision, recall = found.curve()
    if not len(recall):
        return []
    wanted = recall.searchsorted(np.linspace(0, recall[-1], _POINTS)).clip(max=len(recall) - 1)
    return [(round(float(recall[at]), 5), round(float(precision[at]), 5)) for at in np.unique(wanted)]


def _fastest(command: Callable[[Task], list[str]] | None, task: Task, repeats: int) -> Run | None:
    if command is None:
        return None
    runs: Sequence[Run] = [run(command(task)) for _ in range(max(repeats, 1))]
    return min(runs, key=lambda each: each.wall)


def _delta(task: Task) -> Task:
    """The same register and model, only the records of a night."""
    few = task.pairs.parent / "delta.parquet"
    if not few.exists():
        pq.write_table(pq.read_table(task.left).slice(0, DELTA), few)
    return replace(task, left=few, pairs=task.pairs.with_suffix(".delta.parquet"))


def _seconds(value: float | None, digits: int = 1) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _times(theirs: float | None, ours: float | None) -> str:
    return f"{theirs / ours:.1f} ×" if theirs and ours else ""


def _share(hits: int | None, of: int) -> str:
    if hits is None:
        return ""
    low, high = wilson(hits, of)
    return f"{hits / of if of else 1:.4f} ({low:.4f}–{high:.4f})"


__all__ = ["Measured", "beside", "compare", "measured", "sampled", "thinned"]
