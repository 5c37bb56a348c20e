"""One night under way: its real parts, and the rule that a stage that is done is not done again.

A stage is a function from tables to tables. Its outcome goes into the lake, encrypted, and is committed in the
warehouse under (business date, stage, fingerprint of its inputs). Whoever runs the night again, after a kill or
by mistake, finds the commitment and takes what is there.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from flows import edge
from flows.observing import Observer
from flows.settings import Site
from flows.snapshot import Snapshot
from transforms.eligibility.policy import Policy
from warehouse.database import Warehouse
from warehouse.lake import Lake
from warehouse.runs import Run, commit_stage, find_stage, renew

# Part of every fingerprint: raise it when a stage's outcome changes for the same input.
ENGINE = "9"


@dataclass(frozen=True)
class Outcome:
    """What a stage made: new tables, tables of earlier nights that still hold, and counts for people."""

    tables: dict[str, pa.Table]
    facts: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)  # table → lake path written by an earlier night


@dataclass(frozen=True)
class Done:
    """The key of a finished stage. This, never a table, is what one Prefect task hands to the next."""

    stage: str
    fingerprint: str
    paths: dict[str, str]  # table → lake path
    facts: dict[str, Any]


Work = Callable[..., Outcome]


class Night:
    """A business date of one site, its parts, and what earlier nights left behind."""

    def __init__(
        self,
        site: Site,
        policies: tuple[Policy, ...],
        lake: Lake,
        warehouse: Warehouse,
        run: Run,
        previous: Snapshot,
        observer: Observer,
    ) -> None:
        self.site = site
        self.policies = policies
        self.lake = lake
        self.warehouse = warehouse
        self.run = run
        self.previous = previous
        self.observer = observer

    @property
    def business_date(self) -> date:
        """The date in Asia/Shanghai that this night stands for."""
        return self.run.business_date

    @property
    def alerts_since(self) -> date:
        """Older events get verdicts and a backlog list; by default 1 January of the year before the first night."""
        first = self.previous.first_night or self.business_date
        return self.site.alerts_since or date(first.year - 1, 1, 1)

    def once(self, stage: str, work: Work, inputs: tuple[Done, ...], also: str = "") -> Done:
        """The outcome of a stage: taken if it is committed for these inputs, made and committed otherwise."""
        self.observer.started(stage)
        fingerprint = _fingerprint(stage, self.business_date, (done.fingerprint for done in inputs), also)
        renew(self.warehouse, self.run, now=edge.now())
        found = find_stage(self.warehouse, self.business_date, stage, fingerprint)
        if found is not None:
            done = Done(stage, fingerprint, found.facts["paths"], found.facts["counts"])
            self.observer.finished(stage, done.facts, taken=True)
            return done
        done = self._make(stage, fingerprint, work, inputs)
        self.observer.finished(stage, done.facts, taken=False)
        return done

    def _make(self, stage: str, fingerprint: str, work: Work, inputs: tuple[Done, ...]) -> Done:
        outcome = work(self, *inputs)
        folder = f"nights/{self.business_date:%Y%m%d}/{stage}/{fingerprint}"
        paths = dict(outcome.kept)
        for name, table in outcome.tables.items():
            paths[name] = f"{folder}/{name}.parquet"
            self.write(paths[name], table)
        facts = {"paths": paths, "counts": outcome.facts}
        commit_stage(self.warehouse, self.run, stage, fingerprint, folder, facts)
        return Done(stage, fingerprint, paths, outcome.facts)

    def write(self, path: str, table: pa.Table) -> None:
        """Put a table into the lake."""
        self.lake.write_table(path, table)

    def read(self, path: str, columns: Sequence[str] | None = None) -> pa.Table:
        """A table of the lake. Not kept in memory: reading it again is quicker than the room it would take."""
        return self.lake.read_table(path, columns)

    def table(self, done: Done, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """One table of a finished stage, or some of its columns."""
        return self.read(done.paths[name], columns)

    def earlier(self, name: str, columns: Sequence[str] | None = None) -> pa.Table | None:
        """A table as the last published night left it, or some of its columns; None on the first night."""
        path = self.previous.paths.get(name)
        return None if path is None else self.read(path, columns)


def _fingerprint(stage: str, business_date: date, inputs: Iterable[str], also: str) -> str:
    told = json.dumps([ENGINE, stage, business_date.isoformat(), list(inputs), also])
    return hashlib.sha256(told.encode()).hexdigest()[:16]
