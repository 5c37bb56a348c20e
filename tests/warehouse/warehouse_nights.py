"""Small nights to publish: tables drawn row by row, with something harmless in every column not drawn."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from warehouse import Delta, Published, Run, Warehouse, open_run, publish
from warehouse.catalog import kept

NOW = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)
_HARMLESS = {
    pa.string(): "x",
    pa.date32(): date(2020, 5, 17),
    pa.bool_(): False,
    pa.int64(): 1,
    pa.float64(): 0.99,
}


def table(name: str, *rows: Mapping[str, Any]) -> pa.Table:
    """Rows of a kept table: what is given, and something harmless in the other columns of its schema."""
    schema = kept(name).schema
    if name == "quarantine":
        schema = schema.append(pa.field("feed", pa.string())).append(pa.field("delivery", pa.string()))
    full = [{each.name: row.get(each.name, _HARMLESS[each.type]) for each in schema} for row in rows]
    return pa.Table.from_pylist(full, schema=schema)


def persons(**died_on: date | None) -> pa.Table:
    """Persons by id, each with the date of death or None."""
    return table("persons", *({"person_id": k, "is_deceased": v is not None, "died_on": v} for k, v in died_on.items()))


def alerts(*rows: Mapping[str, Any]) -> pa.Table:
    """Alerts: live, new and told unless drawn otherwise."""
    return table(
        "alerts",
        *({"status": "live", "alert_kind": "new", "due_on": date(2026, 4, 1), **row} for row in rows),
    )


def open_night(warehouse: Warehouse, business_date: date = FIRST, **changed: Any) -> Run:
    """The site taken for a date, by an owner on this machine, for a minute from NOW."""
    asked = {"now": NOW, "lease_seconds": 60, "owner": "here:1", **changed}
    return open_run(warehouse, business_date, **asked)


def publish_night(warehouse: Warehouse, business_date: date, **tables: pa.Table | Delta) -> Published:
    """A whole night: opened and published."""
    run = open_night(warehouse, business_date)
    return publish(warehouse, run, tables, snapshot=f"nights/{business_date}", now=NOW)
