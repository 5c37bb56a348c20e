"""The files of a pack, as bytes by name: pages, tables, lineage, contracts. Nothing is written here."""

import io
import json
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from expectations import reason_sentence
from expectations.odcs import odcs_page
from expectations.report import AuditedNight, render_pack, totals, totals_by_feed
from expectations.report.behind import feed_states
from expectations.report.summary import feed_nights
from expectations.report.words import Words
from flows.list_files import formula_safe
from transforms.feeds import FEEDS, load_contract
from transforms.lineage import Moments, NightLineage, lineage_events, night_graph
from warehouse.views import VIEW_NAMES, view_columns

FORMAT = "nuanxin-pack/1"
_BOM = b"\xef\xbb\xbf"  # without it a spreadsheet takes Chinese for something else
_CHECK = (
    "business_date", "run_id", "feed", "delivery", "check_id", "dimension", "column_name", "severity", "rows_checked",
    "rows_failed", "passed",
)  # fmt: skip


def pack_files(night: AuditedNight, public_pem: bytes) -> dict[str, bytes]:
    """Every file but the list of hashes and its signature."""
    return {
        "index.html": render_pack(night, "zh").encode(),
        "index.en.html": render_pack(night, "en").encode(),
        "night.json": _json(night_page(night)),
        "reconciliation.csv": _csv(night.reconciled),
        "checks.csv": _csv(night.quality.select(_CHECK)),
        "receipts.csv": _csv(night.receipts),
        **_lineage(night),
        **_contracts(night),
        "public-key.pem": public_pem,
    }


def night_page(night: AuditedNight) -> dict[str, Any]:
    """The night in counts, for programs."""
    return {
        "format": FORMAT,
        "site": night.site_name,
        "business_date": night.business_date.isoformat(),
        "run": {name: str(value) if name == "business_date" else value for name, value in night.run.items()},
        "signed_with": night.fingerprint,
        "reconciliation": {"all": totals(night.reconciled), "feeds": totals_by_feed(night.reconciled)},
        "gaps": _gaps(night),
        "coverage": night.coverage,
        "counts": night.told,
        "receipts": night.receipts.num_rows,
        "rows": night.rows,
        "ran_with": night.ran_with,
    }


def _gaps(night: AuditedNight) -> list[dict[str, Any]]:
    """The feeds that were not in place, why, who owns them and whose move it is."""
    tonight = night.loads.filter(pc.equal(night.loads["business_date"], night.business_date)).to_pylist()
    found = []
    for load in tonight:
        if load["status"] != "loaded":
            said = _reason(load)
            agency = load_contract(load["feed"]).agency if load["feed"] in FEEDS else None
            found.append(
                {name: load[name] for name in ("feed", "delivery", "status", "reason_code")}
                | {"owner": agency.model_dump() if agency else None, "zh": said.zh, "en": said.en}
            )
    return found


def _reason(load: dict[str, Any]) -> Any:
    return reason_sentence(load["feed"], load["reason_code"] or load["status"], load["reason_detail"])


def _lineage(night: AuditedNight) -> dict[str, bytes]:
    tonight = [
        table.filter(pc.equal(table["business_date"], night.business_date)).to_pylist()
        for table in (night.loads, night.quality)
    ]
    told = NightLineage(
        site=night.ran_with.get("jurisdiction", "site"),
        run_id=night.run["run_id"],
        business_date=night.business_date,
        moments=Moments(*(datetime.fromisoformat(night.run[name]) for name in ("started_at", "finished_at"))),
        engine=night.ran_with.get("engines", {}).get("night", "unknown"),
        deliveries=[load | {"reason": _reason(load).en} for load in tonight[0]],
        checks=tonight[1],
        rows=night.rows,
        headers=night.headers,
        views={name: view_columns(name) for name in VIEW_NAMES},
    )
    lines = "".join(json.dumps(each, ensure_ascii=False, sort_keys=True) + "\n" for each in lineage_events(told))
    states = feed_states(feed_nights(night.loads, night.quality, night.business_date))
    drawn = {
        f"lineage/night.{lang}.svg": night_graph(
            states, night.rows, lang, Words(lang)["pack.lineage.label"], alone=True
        ).encode()
        for lang in ("zh", "en")
    }
    return {"lineage/events.jsonl": lines.encode(), **drawn}


def _contracts(night: AuditedNight) -> dict[str, bytes]:
    sources = night.ran_with.get("feeds", {})
    return {f"contracts/{feed}.odcs.yaml": odcs_page(load_contract(feed), sources[feed]).encode() for feed in sources}


def _json(page: dict[str, Any]) -> bytes:
    return (json.dumps(page, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n").encode()


def _csv(table: pa.Table) -> bytes:
    """UTF-8 with the mark that spreadsheets want; no cell of it runs there."""
    written = io.BytesIO(_BOM)
    written.seek(len(_BOM))
    csv.write_csv(formula_safe(table), written, csv.WriteOptions(quoting_style="needed"))
    return written.getvalue()
