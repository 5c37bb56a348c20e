"""A site with one published night drawn by hand: cases that wait for a visit, entries to pay, and who pays them."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from transforms import schemas
from warehouse import Warehouse, open_run, publish

NIGHT = date(2025, 6, 2)
TODAY = date(2025, 6, 3)
NOW = datetime(2025, 6, 2, 18, tzinfo=UTC)
_HARMLESS = {pa.string(): "x", pa.date32(): date(2025, 1, 1), pa.bool_(): False, pa.int64(): 1}

HOMES = [
    {"household_id": "Ha1", "township_code": "370303001", "status": "together"},
    {"household_id": "Hb2", "township_code": "370303002", "status": "together"},
    {"household_id": "Hc3", "township_code": None, "status": "together"},
]
CHILDREN = [{"household_id": home, "child_person_id": child}
            for home, child in (("Ha1", "Pa1"), ("Hb2", "Pb2"), ("Hc3", "Pc3"))]  # fmt: skip
STATES = [
    {"household_id": "Ha1", "person_id": "Pa1", "event_type": "death", "state": "suspected", "since_on": NIGHT},
    {"household_id": "Hb2", "person_id": "Pb2", "event_type": "disability", "state": "suspected", "since_on": NIGHT},
    {"household_id": "Hc3", "person_id": "Pc3", "event_type": "death", "state": "active", "since_on": NIGHT},
]
ENTRIES = [
    {"entitlement_id": "N1-1", "household_id": "Ha1", "status": "suspected", "amount_fen": 1_000_000},
    {"entitlement_id": "N2-1", "household_id": "Hc3", "status": "payable", "amount_fen": 1_000_001},
    {"entitlement_id": "N3-1R", "household_id": "Hb2", "status": "to_recover", "amount_fen": -300_000},
    {"entitlement_id": "N4-1", "household_id": "Hb2", "status": "payable", "amount_fen": 60_000, "payee": "committee"},
    {"entitlement_id": "N5-1", "household_id": "Hb2", "status": "paid", "amount_fen": 60_000},
]
SHARES = [
    {"entitlement_id": "N2-1", "payer": "province", "amount_fen": 400_000},
    {"entitlement_id": "N2-1", "payer": "=county", "amount_fen": 600_001},
    {"entitlement_id": "N3-1R", "payer": "=county", "amount_fen": -300_000},
    {"entitlement_id": "N1-1", "payer": "nobody yet", "amount_fen": 1_000_000},
]


def drawn(shape: pa.Schema, rows: list[dict[str, Any]]) -> pa.Table:
    """The rows, with something harmless in every column that is not drawn."""
    full = [{each.name: row.get(each.name, _HARMLESS[each.type]) for each in shape} for row in rows]
    return pa.Table.from_pylist(full, schema=shape)


def lay_site(folder: Path, url: str, policies: tuple[str, ...] = ("zhangdian-2020-134",)) -> Path:
    """A site.toml of a warehouse without any night."""
    (folder / "inbox").mkdir(parents=True)
    site = folder / "site.toml"
    site.write_text(
        f'[site]\nname = "测试区"\njurisdiction = "370303"\npolicies = {json.dumps(policies)}\n'
        f'[warehouse]\nurl = "{url}"\n[feeds.births]\nconnector = "files"\nurl = "inbox"\n',
        "utf-8",
    )
    return site


def publish_ledger(url: str, day: date = NIGHT, **changed: list[dict[str, Any]]) -> None:
    """Publish the tables above as a night; `changed`: rows of a table in the place of those above."""
    drawings = {
        "households": (schemas.HOUSEHOLDS, HOMES),
        "household_children": (schemas.HOUSEHOLD_CHILDREN, CHILDREN),
        "household_states": (schemas.HOUSEHOLD_STATES, STATES),
        "entitlements": (schemas.ENTITLEMENTS, ENTRIES),
        "entitlement_shares": (schemas.ENTITLEMENT_SHARES, SHARES),
        "determinations": (schemas.DETERMINATIONS, []),
    }
    opened = Warehouse(url)
    run = open_run(opened, day, now=NOW, lease_seconds=60, owner="here:1")
    tables = {name: drawn(shape, changed.get(name, rows)) for name, (shape, rows) in drawings.items()}
    publish(opened, run, tables, snapshot=f"nights/{day}", now=NOW)
    opened.dispose()
