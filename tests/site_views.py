"""What a program outside sees of a warehouse: every published view, in an order of its own."""

import sqlite3
from pathlib import Path
from typing import Any

VIEWS = (
    "v_runs", "v_feed_loads", "v_quarantine", "v_record_links", "v_review_pairs", "v_persons", "v_households",
    "v_life_events", "v_determinations", "v_entitlements", "v_alerts", "v_quality",
    "v_entitlement_shares", "v_household_states", "v_visits", "v_payments",
    "v_quarantine_states", "v_quarantine_decisions", "v_quarantine_looks",
)  # fmt: skip
OF_THE_CLOCK = {"started_at", "finished_at"}  # when a run really ran: the one thing that may differ


def rows(site: Path, query: str, *values: Any) -> list[dict[str, Any]]:
    """The rows of a query on the site's SQLite warehouse."""
    with sqlite3.connect(f"file:{site.parent / 'warehouse.db'}?mode=ro", uri=True) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values)]


def published(site: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every published view, sorted, without the clock's columns."""
    return {view: _sorted(rows(site, f"select * from {view}")) for view in VIEWS}


def _sorted(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    kept = [tuple(value for name, value in row.items() if name not in OF_THE_CLOCK) for row in found]
    return sorted(kept, key=repr)
