"""Whether every row of every delivery is accounted for: read = accepted + unchanged + refused, or nothing was taken.

One rule for who writes the table and for who verifies it. A delivery that was blocked gives no row at all; its rows
count as not taken. What was refused is counted a second time, in the quarantine itself.
"""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

COUNTS = ("rows_read", "rows_accepted", "rows_unchanged", "rows_quarantined", "rows_not_taken", "rows_in_quarantine")
_TEXT = ("run_id", "feed", "delivery", "sha256", "mode", "status", "reason_code")
RECONCILIATION = pa.schema(
    [("business_date", pa.date32()), ("delivered_on", pa.date32())]
    + [(name, pa.string()) for name in _TEXT]
    + [(name, pa.int64()) for name in COUNTS]
    + [("adds_up", pa.bool_())]
)


def reconciliation(loads: pa.Table, refused: Mapping[tuple[str, str, str], int]) -> pa.Table:
    """RECONCILIATION, one row a delivery in the order of `loads` (FEED_LOADS with run_id and business_date).

    refused: how many rows lie in the quarantine, by run, feed and delivery.
    """
    told = loads.filter(pc.not_equal(loads["delivery"], ""))
    names = zip(*(told[name].to_pylist() for name in ("run_id", "feed", "delivery")), strict=True)
    in_quarantine = pa.array([refused.get(each, 0) for each in names], pa.int64())
    is_taken = pc.equal(told["status"], "loaded")
    rest = pc.if_else(is_taken, 0, told["rows_read"])
    columns = {name: told[name] for name in told.column_names if name in RECONCILIATION.names}
    table = pa.table(columns | {"rows_not_taken": rest.cast(pa.int64()), "rows_in_quarantine": in_quarantine})
    checked = table.append_column("adds_up", adds_up(table))
    return checked.select(RECONCILIATION.names).cast(RECONCILIATION)


def adds_up(table: pa.Table) -> pa.ChunkedArray:
    """For each delivery whether its counts add up, and whether what was not taken is what was not loaded."""
    parts = pc.add(pc.add(table["rows_accepted"], table["rows_unchanged"]), table["rows_quarantined"])
    whole = pc.equal(table["rows_read"], pc.add(parts, table["rows_not_taken"]))
    fits = pc.or_(pc.equal(table["rows_not_taken"], 0), pc.not_equal(table["status"], "loaded"))
    kept_before = pc.equal(
        table["mode"], "replay"
    )  # rows of an earlier delivery: those refused again lie there already
    due = pc.if_else(kept_before, 0, table["rows_quarantined"])
    right = pc.and_(pc.and_(whole, fits), pc.equal(table["rows_in_quarantine"], due))
    return pc.fill_null(right, False)  # a count that is not there adds up to nothing


def totals(table: pa.Table) -> dict[str, Any]:
    """Deliveries, the sum of every count, and whether all add up."""
    sums = {name: pc.sum(table[name]).as_py() or 0 for name in COUNTS}
    return {"deliveries": table.num_rows, **sums, "adds_up": all(table["adds_up"].to_pylist())}


def totals_by_feed(table: pa.Table) -> dict[str, dict[str, Any]]:
    """The same of each feed."""
    feeds = sorted(set(table["feed"].to_pylist()))
    return {feed: totals(table.filter(pc.equal(table["feed"], feed))) for feed in feeds}
