"""One night as it was known then, from the warehouse and from what the lake keeps of it."""

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.report import NIGHTS_IN_REPORT, AuditedNight, reconciliation
from flows import wiring
from flows.settings import Site
from flows.snapshot import LAW, Snapshot, from_json
from flows.status import WrongUse
from flows.words import word
from warehouse import Warehouse, audited, reads
from warehouse.lake import Lake

_RECEIPT = (
    "determination_id", "policy_id", "clause_id", "benefit_id", "verdict", "needs_review", "trigger_event_type",
    "trigger_feed", "trigger_record_key", "amount_fen", "reason_code", "policy_hash", "facts_hash", "engine",
)  # fmt: skip
_TOKEN_DIGITS = 16
# name: (table, counted by, summed, only what the night itself wrote)
_COUNTED: dict[str, tuple[str, tuple[str, ...], str | None, bool]] = {
    "quarantine": ("quarantine", ("feed", "column_name", "reason_code"), None, True),
    "links": ("links", ("decided_by",), None, False),
    "links_by_feed": ("links", ("feed",), None, False),
    "review": ("review", ("status",), None, False),
    "person_events": ("person_events", ("event",), None, True),
    "persons": ("persons", ("is_deceased",), None, False),
    "households": ("households", ("status",), None, False),
    "life_events": ("life_events", ("event_type", "status"), None, False),
    "life_events_written": ("life_events", ("event_type", "status"), None, True),
    "verdicts": ("determinations", ("policy_id", "clause_id", "verdict"), None, False),
    "verdicts_written": ("determinations", ("policy_id", "clause_id", "verdict"), None, True),
    "states": ("household_states", ("event_type", "state"), None, False),
    "officer_list": ("officer_list", ("kind",), None, False),
    "alerts": ("alerts", ("status", "needs_review"), None, False),
    "entitlements": ("entitlements", ("benefit_id", "kind", "status"), "amount_fen", False),
    "shares": ("entitlement_shares", ("payer",), "amount_fen", False),
}


def audited_night(site: Site, warehouse: Warehouse, night: date, fingerprint: str, lang: str) -> AuditedNight:
    """The night of that date; WrongUse where it has not been published.

    `fingerprint` is that of the key by which the pack will be signed.
    """
    run = audited.run_of(warehouse, night)
    if run is None:
        raise WrongUse(_not_published(site, warehouse, night, lang))
    lake = wiring.open_lake(site)
    snapshot = _snapshot(warehouse, lake, night)
    history = reads.feed_history(warehouse, NIGHTS_IN_REPORT, until=night)
    told = _told(warehouse, night, run["run_id"])
    reconciled = _reconciled(warehouse, night)
    return AuditedNight(
        site_name=snapshot.ran_with.get("site", site.name),
        business_date=night,
        run=run | {name: run[name].isoformat(timespec="seconds") for name in ("started_at", "finished_at")},
        loads=history.loads,
        quality=history.quality,
        funnel={name: count for name, count in snapshot.summary.items() if isinstance(count, int)},
        reconciled=reconciled,
        told=told,
        ran_with=snapshot.ran_with,
        receipts=_receipts(warehouse, lake, night),
        coverage=_coverage(snapshot, lake),
        rows=_rows(snapshot, told, history, night),
        fingerprint=fingerprint,
    )


def _not_published(site: Site, warehouse: Warehouse, night: date, lang: str) -> str:
    last = reads.latest_night(warehouse)
    key = "pack.no_night" if last is None else "pack.not_published"
    return word(key, lang).format(site=site.path, day=night, last=last)


def _snapshot(warehouse: Warehouse, lake: Lake, night: date) -> Snapshot:
    location = reads.latest_snapshot(warehouse, until=night) or ""
    return from_json(location, lake.get(location))


def _told(warehouse: Warehouse, night: date, run_id: str) -> dict[str, list[dict[str, Any]]]:
    told = {
        name: audited.tally(warehouse, table, by, total=total, known_on=night, run_id=run_id if own else None)
        for name, (table, by, total, own) in _COUNTED.items()
    }
    raised = ("alert_kind", "township_code", "needs_review")
    told["alerts_raised"] = audited.tally(warehouse, "alerts", raised, known_on=night, raised_on=night)
    entered = ("benefit_id", "kind")
    told["entitlements_entered"] = audited.tally(
        warehouse, "entitlements", entered, total="amount_fen", known_on=night, entered_on=night
    )
    return told


def _reconciled(warehouse: Warehouse, night: date) -> pa.Table:
    loads = reads.loaded_deliveries(warehouse)
    loads = loads.filter(pc.less_equal(loads["business_date"], night))
    by = ("run_id", "feed", "delivery")
    counted = audited.tally(warehouse, "quarantine", by, known_on=night)
    return reconciliation(loads, {(row["run_id"], row["feed"], row["delivery"]): row["count"] for row in counted})


def _receipts(warehouse: Warehouse, lake: Lake, night: date) -> pa.Table:
    """Every verdict that held, with what it rests on. A record is named by a keyed token, never by its key."""
    table = audited.held(warehouse, "determinations", _RECEIPT, known_on=night)
    records = pc.binary_join_element_wise(table["trigger_feed"], table["trigger_record_key"], "|").combine_chunks()
    known = records.dictionary_encode()
    tokens = pa.array([lake.token(each)[:_TOKEN_DIGITS] for each in known.dictionary.to_pylist()], pa.string())
    table = table.drop_columns(["trigger_record_key"])
    return table.append_column("trigger_record", tokens.take(known.indices))


def _coverage(snapshot: Snapshot, lake: Lake) -> list[dict[str, Any]] | None:
    path = snapshot.paths.get(f"{LAW}coverage")
    return None if path is None or not lake.exists(path) else lake.read_table(path).to_pylist()


def _rows(snapshot: Snapshot, told: dict[str, Any], history: reads.FeedHistory, night: date) -> dict[str, int]:
    """How many rows each table of the graph has."""
    own = {name: sum(row["count"] for row in rows) for name, rows in told.items()}
    tonight = [
        table.filter(pc.equal(table["business_date"], night)).num_rows for table in (history.loads, history.quality)
    ]
    views = {
        "v_record_links": "links", "v_review_pairs": "review", "v_life_events": "life_events", "v_persons": "persons",
        "v_households": "households", "v_determinations": "verdicts", "v_entitlements": "entitlements",
        "v_entitlement_shares": "shares", "v_household_states": "states", "v_alerts": "alerts",
        "v_quarantine": "quarantine",
    }  # fmt: skip
    counted = {view: own[name] for view, name in views.items()}
    kept = snapshot.ran_with.get("rows", {})
    lake = {name: kept[name] for name in ("mentions", "pairs") if name in kept}
    records = {"records/*": sum(kept["records"].values())} if kept else {}
    return {"v_feed_loads": tonight[0], "v_quality": tonight[1], **records, **lake, **counted}
