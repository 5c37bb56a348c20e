"""Refused rows that people let in: read again with what was decided, through the same gate, dated as they came.

A row is taken under the date of its own delivery, so that what was mended late never replaces a newer version.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations import DeliveryFacts, Gated
from flows.decided import Decided, Decision, ValueMap
from flows.refused_cells import as_delivered, as_text, let_in, mapped, meant_by, refused_of
from flows.settings import Site
from transforms.feeds import load_contract
from transforms.schemas import QUARANTINE_STATES, ROW_NUMBER
from warehouse import Warehouse
from warehouse.lake import Lake
from warehouse.refusals import place_of, refusals, refusals_named

REPLAY = "replay"  # the mode of a load that has some rows of an earlier delivery
_WHY = {"fix": "fixed", "release": "released", "dismiss": "dismissed", "reopen": "reopened"}
Refusal = dict[str, Any]  # a row of REFUSALS


@dataclass(frozen=True)
class Replayed:
    """Rows of one delivery after the gate: the load they make, what is taken, and where each row stands now."""

    load: dict[str, Any]  # FEED_LOADS, but for what the site tells
    accepted: pa.Table
    states: list[dict[str, Any]]  # QUARANTINE_STATES


def values_path(decision_id: str) -> str:
    """Where in the lake the values of a fix lie: a JSON object, column → text."""
    return f"decisions/{decision_id}.json"


def replay(site: Site, lake: Lake, warehouse: Warehouse, decided: Decided) -> tuple[list[Replayed], pa.Table]:
    """What tonight takes of earlier deliveries, and QUARANTINE_STATES of every row that was decided on."""
    pending, named = _pending(warehouse, decided), set(site.feeds)
    let = [row | {"decision": decision} for row, decision in pending if decision["verb"] in ("fix", "release")]
    let += _meant_by_maps(site, lake, warehouse, decided, {row["quarantine_id"] for row, _ in pending})
    by_delivery: dict[tuple[str, str], list[Refusal]] = defaultdict(list)
    for row in let:
        if row["feed"] in named:
            by_delivery[row["feed"], row["delivery_id"]].append(row)
    replayed = [_replayed(site, lake, rows, decided) for rows in by_delivery.values()]
    set_aside = [_state(row, "open" if decision["verb"] == "reopen" else "dismissed", decision)
                 for row, decision in pending if decision["verb"] in ("dismiss", "reopen")]  # fmt: skip
    states = [*set_aside, *(state for each in replayed for state in each.states)]
    return replayed, pa.Table.from_pylist(states, schema=QUARANTINE_STATES)


def gate_rows(site: Site, lake: Lake, rows: list[Refusal], maps: Iterable[ValueMap], fixes: Mapping[int, Any]) -> Gated:
    """Refused rows of one delivery through the gate, with maps and fixes (row number → column → text) put in."""
    first = rows[0]
    contract = load_contract(first["feed"])
    wanted = pa.array([row["row_number"] for row in rows], pa.int64())
    kept = refused_of(site, lake, first["feed"], first["delivery_id"])
    table = as_text(contract, kept.filter(pc.is_in(kept[ROW_NUMBER], value_set=wanted)))
    table, _ = mapped(_fixed(table, fixes), maps)
    facts = DeliveryFacts(first["delivery"], first["delivery_id"], first["delivered_on"], "delta")
    return let_in(contract, as_delivered(table), facts)


def _pending(warehouse: Warehouse, decided: Decided) -> list[tuple[Refusal, Decision]]:
    """Refused rows with the latest decision on them, where no night has acted on it."""
    places = [place for target in decided.rows if (place := place_of(target))]
    rows = refusals_named(warehouse, places).to_pylist()
    found = [(row, decided.rows[row["quarantine_id"]]) for row in rows]
    return [(row, decision) for row, decision in found if decision["sequence_no"] > row["decisions"]]


def _meant_by_maps(site: Site, lake: Lake, warehouse: Warehouse, decided: Decided, but: set[str]) -> list[Refusal]:
    """Open rows that are refused for a word which a map puts right; each with the map as its decision."""
    columns = {(feed, each.column) for feed, maps in decided.maps.items() for each in maps if feed in site.feeds}
    if not columns:
        return []
    rows = [row for row in refusals(warehouse, status="open").to_pylist()
            if (row["feed"], row["column_name"]) in columns and row["quarantine_id"] not in but]  # fmt: skip
    found: list[Refusal] = []
    for (feed, delivery_id), some in _grouped(rows).items():
        text = as_text(load_contract(feed), refused_of(site, lake, feed, delivery_id))
        for each in decided.maps[feed]:
            meant = set(text[ROW_NUMBER].filter(meant_by(text[each.column], each)).to_pylist())
            decision = {"verb": "map", "decision_id": each.decision_id, "sequence_no": None}
            found += [row | {"decision": decision} for row in some
                      if row["column_name"] == each.column and row["row_number"] in meant]  # fmt: skip
    return found


def _replayed(site: Site, lake: Lake, rows: list[Refusal], decided: Decided) -> Replayed:
    first = rows[0]
    fixes = {row["row_number"]: json.loads(lake.get(values_path(row["decision"]["decision_id"])))
             for row in rows if row["decision"]["verb"] == "fix"}  # fmt: skip
    gated = gate_rows(site, lake, rows, decided.maps.get(first["feed"], ()), fixes)
    again = {row[ROW_NUMBER]: row for row in gated.quarantined.to_pylist()}
    taken = set(gated.accepted[ROW_NUMBER].to_pylist())
    states = [_after_gate(row, row["row_number"] in taken, again.get(row["row_number"], {})) for row in rows]
    told = {"of": first["delivery"], "mode": first["mode"]}
    load = {
        "feed": first["feed"],
        "delivery": f"{first['delivery']} ({REPLAY})",
        "delivery_id": first["delivery_id"],
        "sha256": "",
        "delivered_on": first["delivered_on"],
        "mode": REPLAY,
        "rows_read": gated.accepted.num_rows + gated.quarantined.num_rows,
        "rows_accepted": gated.accepted.num_rows,
        "rows_unchanged": 0,
        "rows_quarantined": gated.quarantined.num_rows,
        "status": "loaded",
        "reason_code": REPLAY,
        "reason_detail": json.dumps(told, ensure_ascii=False, sort_keys=True),
    }
    return Replayed(load, gated.accepted, states)


def _fixed(table: pa.Table, fixes: Mapping[int, Mapping[str, str]]) -> pa.Table:
    if not fixes:
        return table
    rows = [row | dict(fixes.get(row[ROW_NUMBER], {})) for row in table.to_pylist()]
    return pa.Table.from_pylist(rows, schema=table.schema)


def _after_gate(row: Refusal, is_taken: bool, again: Mapping[str, Any]) -> dict[str, Any]:
    decision = row["decision"]
    if is_taken:
        return _state(row, "released", decision)
    why = {"reason_code": again.get("reason_code", row["reason_code"]),
           "column_name": again.get("column_name", row["column_name"])}  # fmt: skip
    return _state(row, "open", decision) | {"why": "refused_again"} | why


def _state(row: Refusal, status: str, decision: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "quarantine_id": row["quarantine_id"],
        "delivery_id": row["delivery_id"],
        "row_number": row["row_number"],
        "status": status,
        "why": _WHY.get(decision["verb"], "mapped"),
        "decision_id": decision["decision_id"],
        "decisions": decision["sequence_no"] or row["decisions"],
        "by_delivery_id": None,
        "reason_code": row["reason_code"],
        "column_name": row["column_name"],
    }


def _grouped(rows: Iterable[Refusal]) -> dict[tuple[str, str], list[Refusal]]:
    found: dict[tuple[str, str], list[Refusal]] = defaultdict(list)
    for row in rows:
        found[row["feed"], row["delivery_id"]].append(row)
    return found
