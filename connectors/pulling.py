"""What the doors that are asked have in common: which rows a pull asks for, and how its answer is landed.

Files are delivered; a view and an interface are asked, once a business date. The answer becomes one Parquet file
of text, named and kept like any delivery. It holds the contract's columns that the source has; of a column that
the contract does not know only the name, so that the expectations can tell of it.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.base import Arrival, ByteStore, Delivery, FeedSource, Waiting
from connectors.landing import keep, landed_delivery
from connectors.moments import latest

UPDATED_AT = "updated_at"  # the column of every view and answer by which a pull is incremental
_ROW_GROUP = 1 << 17


@dataclass(frozen=True)
class Window:
    """Which rows are asked for, by `updated_at` on the wall clock of Asia/Shanghai: since ≤ updated_at < until.

    since None: from the beginning. until None: a full pull, which asks for every row there is.
    """

    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class Pulled:
    """What a source answered. `content`: the Parquet file; `rows_ahead`: rows dated after the business date."""

    content: bytes
    watermark: str | None
    rows_ahead: int = 0


class PullConnector(Protocol):
    """A door that is asked."""

    def pull(self, window: Window) -> Pulled:
        """Every row of the window, whole or not at all. Raises SourceUnavailable."""


def window(source: FeedSource, business_date: date, watermark: str | None) -> Window:
    """What a business date asks for: up to its end, from the last loaded watermark less the overlap.

    Rows of which the source says that they changed later belong to later dates; that keeps dates that are made up
    afterwards apart.
    """
    if source.mode == "full":
        return Window(None, None)
    since = None if watermark is None else datetime.fromisoformat(watermark) - timedelta(hours=source.overlap_hours)
    return Window(since, datetime.combine(business_date + timedelta(days=1), time.min))


def land_pull(
    door: PullConnector, source: FeedSource, business_date: date, asked: Window, store: ByteStore, *, settings: str
) -> tuple[Delivery, list[Waiting]]:
    """The delivery of a business date, and word of rows that wait for a later one.

    A date that was pulled before with the same question and the same `settings` (a fingerprint) is taken as it was
    landed then: a night that is run again after a crash goes on with what it had. Raises SourceUnavailable.
    """
    receipt = f"pulls/{source.feed}/{business_date:%Y%m%d}-{settings}-{_spelled(asked)}.json"
    if store.exists(receipt):
        return _taken_again(source.feed, json.loads(store.get(receipt)), store)
    name = f"{source.feed}_{business_date:%Y%m%d}_{source.mode}.parquet"
    arrival = Arrival(source.feed, name, business_date, source.mode, 0, source.place)
    pulled = door.pull(asked)
    delivery = keep(pulled.content, arrival, store, encoding="utf-8", watermark=pulled.watermark)
    page = {
        "delivery_id": delivery.delivery_id,
        "name": name,
        "delivered_on": business_date.isoformat(),
        "watermark": pulled.watermark,
        "rows_ahead": pulled.rows_ahead,
    }
    store.put(receipt, json.dumps(page).encode())
    return delivery, _ahead(source.feed, name, pulled.rows_ahead)


def _taken_again(feed: str, page: dict[str, object], store: ByteStore) -> tuple[Delivery, list[Waiting]]:
    landed = landed_delivery(feed, str(page["delivery_id"]), store)
    changed = {"name": str(page["name"]), "watermark": page["watermark"]}
    delivery = Delivery(**{**vars(landed), **changed, "delivered_on": date.fromisoformat(str(page["delivered_on"]))})
    return delivery, _ahead(feed, delivery.name, int(str(page["rows_ahead"])))


def _ahead(feed: str, name: str, rows: int) -> list[Waiting]:
    return [Waiting(feed, name, "rows_ahead", {"rows": rows, "column": UPDATED_AT})] if rows else []


def _spelled(asked: Window) -> str:
    return "-".join(f"{at:%Y%m%dT%H%M%S}" if at else "all" for at in (asked.since, asked.until))


def packed(rows: Mapping[str, pa.ChunkedArray], found: pa.ChunkedArray, *, rows_ahead: int = 0) -> Pulled:
    """The rows (headers → columns) as a delivery, in the order of `found`, their moments: of a key's rows the last
    one counts. Rows without a moment come first."""
    table = pa.table(dict(rows))
    order = pc.array_sort_indices(found.combine_chunks(), null_placement="at_start")
    if not pc.all(pc.equal(order, pa.arange(0, len(order)))).as_py():
        table = table.take(order)
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", row_group_size=_ROW_GROUP)
    return Pulled(sink.getvalue(), latest(found), rows_ahead)
