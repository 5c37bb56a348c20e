"""The end of a night: audit the result, make it visible in one transaction, and tell people the counts."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from prefect.artifacts import create_table_artifact

from expectations import check_published
from expectations.report import NIGHTS_IN_REPORT, render
from flows import edge
from flows.intake import RECORD_COUNTS, REPEATED
from flows.night import Done, Night
from flows.ran_with import ran_with
from flows.replaying import REPLAY
from flows.snapshot import DATED, LAW, Snapshot, from_json
from transforms.eligibility.calendar import notices_on
from transforms.schemas import QUARANTINE
from warehouse import Delta, forget_stages
from warehouse import publish as write
from warehouse.reads import feed_history, latest_snapshot

# What the next night starts from.
STATE = (
    "mentions",
    "frequencies",
    "pairs",
    "links",
    "review",
    "groups",
    "worth",
    "coverage",
    "seen",
    "codes",
    "contradictions",
    "not_run",
    "alerts",
    "entitlements",
    DATED,
    "household_states",
    "determinations",
)
DECIDED = (
    "determinations",
    "entitlements",
    "entitlement_shares",
    "household_states",
    "alerts",
    "officer_list",
)
KEPT_FOR = timedelta(days=1)


def publish(
    night: Night,
    checked: Done,
    taken: Done,
    mentioned: Done,
    linked: Done,
    identified: Done,
    family: Done,
    agreed: Done,
    decided: Done,
) -> None:
    """Write, audit, publish. Raises PublishRefused, and nothing is visible, when the result does not hold."""
    night.observer.started("publish")
    stages = (checked, taken, mentioned, linked, identified, family, agreed, decided)
    tables = {
        "feed_loads": night.table(taken, "loads"),
        "quality": pa.concat_tables([night.table(checked, "quality"), night.table(agreed, "quality_between")]),
        "quarantine": _quarantine(night, checked, taken),
        "quarantine_states": Delta(night.table(checked, "quarantine_states")),
        "links": night.table(identified, "links"),
        "review": night.table(identified, "review"),
        "person_events": night.table(identified, "person_events"),
        **{name: night.table(family, name) for name in ("persons", "life_events", "households")},
        "household_children": night.table(family, "children"),
        **{name: night.table(decided, name) for name in DECIDED},
    }
    check_published(tables)
    summary = _summary(night, stages)
    snapshot = _keep_snapshot(night, stages, summary)
    sweep(night)
    changed = {"links": _changes(tables["links"], night.earlier("links"), "mention_id")}
    status: Literal["done", "done_with_gaps"] = "done_with_gaps" if summary["feeds_without"] else "done"
    write(night.warehouse, night.run, {**tables, **changed}, snapshot=snapshot, now=edge.now(), status=status)
    night.observer.finished("publish", {"tables": len(tables)}, taken=False)


def _quarantine(night: Night, checked: Done, taken: Done) -> pa.Table:
    """The refused rows of every delivery, without what they said."""
    found = []
    for load in night.table(taken, "loads").to_pylist():
        if f"quarantine/{load['delivery_id']}" in checked.paths and load["reason_code"] not in (REPEATED, REPLAY):
            rows = night.table(checked, f"quarantine/{load['delivery_id']}")
            for name in ("delivery_id", "delivery", "feed"):
                rows = rows.append_column(name, pa.array([load[name]] * rows.num_rows, pa.string()))
            found.append(rows)
    none = QUARANTINE.empty_table()
    for name in ("delivery_id", "delivery", "feed"):
        none = none.append_column(name, pa.array([], pa.string()))
    return pa.concat_tables([none, *found])


def _changes(now: pa.Table, before: pa.Table | None, key: str) -> pa.Table | Delta:
    """Only what differs from the last night: of a large table that hardly changes."""
    if before is None:
        return now
    same = now.join(before, keys=now.column_names, join_type="left semi")
    changed = now.filter(pc.invert(pc.is_in(now[key], value_set=same[key].combine_chunks())))
    gone = before.filter(pc.invert(pc.is_in(before[key], value_set=now[key].combine_chunks())))
    return Delta(changed, gone.select([key]))


def _summary(night: Night, stages: tuple[Done, ...]) -> dict[str, Any]:
    """The night in counts, as the table, --json and Prefect's artifact show it."""
    checked, taken, mentioned, _, identified, family, agreed, decided = (done.facts for done in stages)
    return {
        "business_date": night.business_date.isoformat(),
        "run_id": night.run.run_id,
        **{name.removeprefix("rows_"): taken[name] for name in taken if name.startswith("rows_")},
        **{name: taken[name] for name in RECORD_COUNTS},
        "deliveries": taken["deliveries"],
        "feeds_without": taken["feeds_without"],
        "gaps": taken["gaps"],
        "waiting": checked["waiting"],
        "mentions": mentioned["changed"],
        "linked": identified["linked"],
        "sent_to_review": identified["sent_to_review"],
        "households": family["households"],
        **{name: decided[name] for name in ("alerted", "awaiting_clerk", "withdrawn", "determinations")},
        **{name: agreed[name] for name in ("contradictions", "checks_not_run")},
        "notices": _notices(night),
    }


def _notices(night: Night) -> list[dict[str, str]]:
    """What the law's calendar tells on this date: a document that ends soon or has ended, a deadline ahead."""
    found = notices_on(night.policies, night.business_date)
    return [{"policy_id": each.policy_id, "on": str(each.on), "zh": each.gist.zh, "en": each.gist.en} for each in found]


def _keep_snapshot(night: Night, stages: tuple[Done, ...], summary: dict[str, Any]) -> str:
    paths = {name: path for done in stages for name, path in done.paths.items() if name in STATE}
    paths |= {name: path for name, path in stages[1].paths.items() if name.startswith("records/")}
    paths |= {name: path for name, path in stages[-1].paths.items() if name.startswith(LAW)}
    first = night.previous.first_night or night.business_date
    location = f"snapshots/{night.business_date:%Y%m%d}-{stages[-1].fingerprint}.json"
    kept = Snapshot(location, first, night.business_date, paths, summary, ran_with(night, stages))
    night.lake.put(location, kept.to_json())
    return location


def sweep(night: Night) -> None:
    """Clear what earlier nights worked out and nobody needs any more; landed bytes and published facts stay.

    The last night's tables are kept, and whatever the state still rests on: until this night is published, it is
    what a rerun starts from. So is what each night knew of the families in a case: a what-if may ask for it.
    """
    needed = set(night.previous.paths.values())
    for location in forget_stages(night.warehouse, night.run, before=night.business_date - KEPT_FOR):
        for path in night.lake.list(location):
            if path not in needed and f"/{LAW}" not in path:
                night.lake.remove(path)


def report(night: Night) -> dict[str, Any]:
    """The quality report as a file beside the site, the counts as an artifact in Prefect, the summary in hand."""
    night.observer.started("report")
    location = latest_snapshot(night.warehouse, until=night.business_date) or ""
    summary = from_json(location, night.lake.get(location)).summary
    path = _write_report(night, summary)
    create_table_artifact(
        key=f"night-{night.business_date:%Y-%m-%d}",
        table=[{"what": name, "count": count} for name, count in summary.items() if isinstance(count, int)],
        description=f"{night.site.name} {night.business_date}",
    )
    places = {"place.warehouse": _place(night), "place.report": str(path)}
    night.observer.finished("report", summary, taken=False)
    return summary | {"places": places}


def _write_report(night: Night, summary: dict[str, Any]) -> Path:
    history = feed_history(night.warehouse, NIGHTS_IN_REPORT, until=night.business_date)
    funnel = {name: count for name, count in summary.items() if isinstance(count, int)}
    page = render(
        site_name=night.site.name,
        business_date=night.business_date,
        loads=history.loads,
        quality=history.quality,
        funnel=funnel,
    )
    path = night.site.path.parent / "reports" / f"quality_{night.business_date}.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(page, "utf-8")
    return path


def _place(night: Night) -> str:
    """Where the warehouse lies: the file, or the database without its secrets."""
    return str(night.warehouse.path) if night.warehouse.is_sqlite else night.warehouse.engine.url.render_as_string()
