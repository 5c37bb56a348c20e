"""The law engine over a district of a million persons: every policy, a first night and the night after it.

python -m benchmarks policies [--persons N]

Who is who is taken from the simulator's truth, so that nothing but the law engine is measured. Everything is in
build/policies once it was made. The lower bound reads the same files and joins the links with the records, once.
"""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.bench_district import NIGHT, Records, keep_records, prepare_once, read
from benchmarks.commands import ROOT
from benchmarks.measuring import part, run

if TYPE_CHECKING:
    from transforms.eligibility.incremental import Before
    from transforms.eligibility.policy import Policy

FOLDER = ROOT / "build" / "policies"
NIGHTS = {"first": NIGHT, "second": NIGHT + timedelta(days=1)}
PARTS = ("life_events", "households", "concerned", "last_night", "judge", "entitlements", "raise_alerts")
CLAIM = "60 s, 2,000 MB"
CLAIM_ANEW = "2 s"  # the households that a night affects
_LINKS = """
    SELECT substr(md5(concat_ws('|', feed, record_key, role)), 1, 16) AS mention_id, feed, record_key, role,
           true_person_id AS person_id, 1.0 AS match_probability, 'rule' AS decided_by
    FROM truth SEMI JOIN known USING (feed, record_key)
"""
_LEAST = "SELECT person_id, feed, record_key, role, known_on FROM records JOIN links USING (feed, record_key)"


def prepare(folder: Path, persons: int) -> None:
    """Simulate two days, take their deliveries in two nights; keep record states, true links and coverage."""
    from connectors.simulator import simulate

    made = simulate(folder / "site", persons=persons, first=NIGHT, last=NIGHTS["second"], seed=51)
    truth = pq.read_table(folder / "site" / "truth" / "mentions.parquet")
    left = None
    for name, night in NIGHTS.items():
        left = keep_records(made.site, night, folder / name / "records", left)
        _keep_links(folder / name, truth)
        for path in (folder / "site" / "inbox").glob(f"*/*_{night:%Y%m%d}_*"):
            path.unlink()  # taken, and the next night does not know it: nothing was published
    shutil.rmtree(folder / "site")
    (folder / "ready").touch()


def _keep_links(folder: Path, truth: pa.Table) -> None:
    from transforms.schemas import LINKS
    from transforms.sql import ask

    known = _keys(Records(folder / "records"))
    pq.write_table(ask(_LINKS, LINKS, truth=truth, known=known), folder / "links.parquet")


def _keys(records: Mapping[str, pa.Table]) -> pa.Table:
    """The key of every record, and since when this version of it is known."""
    return pa.concat_tables(
        table.select(["_record_key", "_known_on"])
        .rename_columns(["record_key", "known_on"])
        .append_column("feed", pa.repeat(feed, table.num_rows))
        for feed, table in records.items()
    )


@dataclass(frozen=True)
class State:
    """What the law engine is given on a night."""

    records: Mapping[str, pa.Table]
    links: pa.Table
    coverage: pa.Table

    @classmethod
    def of(cls, folder: Path) -> "State":
        """As it lies in the folder of a night."""
        from transforms.sql import columns_read

        tables = (read(folder / f"{name}.parquet") for name in ("links", "coverage"))
        return cls(Records(folder / "records", columns_read), *tables)


def measure(folder: Path, name: str) -> dict[str, Any]:
    """The parts of one night in this process, after the least that any engine must do; counts of what came out."""
    from flows import edge

    edge.prepare_libraries()
    from transforms.alerts import raise_alerts
    from transforms.eligibility.entitlements import entitlements
    from transforms.eligibility.facts import Facts, as_tables, concerned
    from transforms.eligibility.incremental import judge_again, rules_of
    from transforms.eligibility.verdicts import determine
    from transforms.households import households
    from transforms.life_events import life_events
    from transforms.sql import ask

    told: dict[str, Any] = {}
    night, policies, since = NIGHTS[name], all_policies(), date(NIGHT.year - 1, 1, 1)
    before = {each: _earlier(folder, name, each) for each in ("entitlements", "alerts")}
    with part(told, "least"):
        state = State.of(folder / name)
        ask(_LEAST, records=_keys(state.records), links=state.links)
        del state
    with part(told, "read"):
        state = State.of(folder / name)
    with part(told, "life_events"):
        events = life_events(state.records, state.links)
    with part(told, "households"):
        homes = households(state.records, state.links, events, as_of=night)
    with part(told, "concerned"):
        facts = concerned(Facts(state.records, state.links, None, events, homes, state.coverage))
    counted = {"read": state.links.num_rows, "life_events": events.num_rows, "concerned": facts.links.num_rows}
    standing = homes.households
    del state, events, homes  # what a night no longer needs it does not hold either
    with part(told, "last_night"):
        earlier = _last_night(folder, name)
    with part(told, "judge"):
        judged = judge_again(policies, facts, earlier, as_of=night, alerts_since=since)
        found = judged.determinations
    few = None if judged.anew is None else concerned(facts, judged.anew)
    with part(told, "anew"):  # once more, alone: a part of `judge`
        anew = None if few is None else determine(policies, few, as_of=night, alerts_since=since)
    with part(told, "entitlements"):
        owed = entitlements(found, policies, before["entitlements"], as_of=night)
    with part(told, "raise_alerts"):
        alerts = raise_alerts(found, standing, before["alerts"], policies, as_of=night, alerts_since=since)
    for each, table in {"entitlements": owed, "alerts": alerts, "determinations": found}.items():
        pq.write_table(table, folder / name / f"{each}.parquet")
    for each, table in as_tables(facts).items():
        (folder / name / "law" / each).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, folder / name / "law" / f"{each}.parquet")
    (folder / name / "rules.json").write_text(rules_of(policies, facts, night, since))
    rows = {"households": standing, "judge": found, "entitlements": owed, "raise_alerts": alerts}
    rows |= {} if anew is None else {"anew": anew}
    changed = read(folder / name / "changed.parquet").num_rows
    return told | {"rows": counted | {each: table.num_rows for each, table in rows.items()}, "changed": changed}


def all_policies() -> "list[Policy]":
    """Every policy that is here, as a site would have that names them all, in the order of their names."""
    from flows import edge
    from transforms.eligibility.policy import load_policy

    return [load_policy(page.read_text("utf-8"), str(page)) for page in sorted(edge.POLICIES.glob("*/policy.yaml"))]


def _last_night(folder: Path, name: str) -> "Before | None":
    """What the first night knew of the families concerned, and said of them."""
    from transforms.eligibility.facts import from_tables
    from transforms.eligibility.incremental import Before

    if name == "first":
        return None
    kept = folder / "first" / "law"
    tables = {path.relative_to(kept).with_suffix("").as_posix(): read(path) for path in kept.rglob("*.parquet")}
    rules = (folder / "first" / "rules.json").read_text()
    return Before(from_tables(tables), read(folder / "first" / "determinations.parquet"), NIGHT, rules)


def _earlier(folder: Path, name: str, table: str) -> pa.Table | None:
    return None if name == "first" else read(folder / "first" / f"{table}.parquet")


def main(persons: int = 1_000_000) -> pd.DataFrame:
    """One row a part and night, each night in a process of its own; ratios are CPU seconds to those of the least."""
    folder = FOLDER / str(persons)
    command = [sys.executable, "-m", "benchmarks.bench_policies", str(persons)]
    prepare_once(folder, folder / "ready", command)
    nights = {name: json.loads(run([*command, name]).out.splitlines()[-1]) for name in NIGHTS}
    return pd.DataFrame([row for name, told in nights.items() for row in _rows(name, told)])


def _rows(name: str, told: Mapping[str, Any]) -> list[dict[str, object]]:
    parts = {"read": "read", **{each: each for each in PARTS}}
    rows = [_row(name, each, [each], told) for each in ("least", *parts)]
    together = _row(name, f"together: {told['changed']:,} changed records", list(parts), told)
    if name == "first":
        return [*rows, together | {"claim": CLAIM}]
    return [*rows, together, _row(name, "anew", ["anew"], told) | {"claim": CLAIM_ANEW}]


def _row(night: str, what: str, parts: Sequence[str], told: Mapping[str, Any]) -> dict[str, object]:
    cpu = sum(told[f"{each} cpu"] for each in parts)
    return {
        "night": night,
        "part": what,
        "cpu_s": round(cpu, 1),
        "seconds": round(sum(told[each] for each in parts), 1),
        "peak_mb": round(max(told[f"{each} peak"] for each in parts)),
        "ratio": round(cpu / told["least cpu"], 1),
        "rows": told["rows"].get(what),
    }


if __name__ == "__main__":
    where, *asked = FOLDER / sys.argv[1], *sys.argv[2:]
    if asked == ["prepare"]:
        prepare(where, int(sys.argv[1]))
    else:
        print(json.dumps(measure(where, *asked)))
