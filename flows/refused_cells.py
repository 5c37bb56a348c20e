"""The cells of refused rows, under nuanxin's column names, from where they are kept: the lake.

A night keeps the refused rows of each delivery there for good, as they were read. Of an older night, which did not,
the landed bytes are read again.
"""

import io
from collections.abc import Iterable
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from connectors.base import Delivery, DeliveryUnreadable
from connectors.landing import landed_delivery
from connectors.reading import read
from expectations import DeliveryFacts, Gated, gate
from expectations.thresholds import default_thresholds
from flows.decided import ValueMap
from flows.settings import Site
from transforms.feeds import FeedContract, load_contract
from transforms.feeds.delivered import Delivered
from transforms.schemas import QUARANTINE, ROW_FAULTS, ROW_NUMBER
from warehouse.lake import Lake

_NEVER = 1 << 62
_BLANKS = " \t\u00a0\u3000"


def keep_refused(lake: Lake, feed: str, delivery_id: str, refused: pa.Table) -> None:
    """Keep the refused rows of a delivery (QUARANTINE) for good; the same again changes nothing."""
    if refused.num_rows:
        lake.write_table(_path(feed, delivery_id), refused)


def refused_of(site: Site, lake: Lake, feed: str, delivery_id: str) -> pa.Table:
    """QUARANTINE of one delivery; empty where neither the rows nor readable bytes are kept any more."""
    if lake.exists(_path(feed, delivery_id)):
        return lake.read_table(_path(feed, delivery_id))
    try:
        delivery = landed_delivery(feed, delivery_id, lake)
        delivered = read(delivery, load_contract(feed), site.feeds[feed], lake)
    except (FileNotFoundError, KeyError, DeliveryUnreadable):
        return QUARANTINE.empty_table()
    return let_in(load_contract(feed), delivered, facts_of(delivery)).quarantined


def landed_again(site: Site, lake: Lake, feed: str, delivery_id: str, **told: object) -> Delivery | None:
    """A landed delivery to be read as the site reads the feed now; None where its bytes are not kept any more."""
    try:
        delivery = landed_delivery(feed, delivery_id, lake)
    except FileNotFoundError:
        return None
    return replace(delivery, encoding=site.feeds[feed].encoding, **told)  # type: ignore[arg-type]


def facts_of(delivery: Delivery) -> DeliveryFacts:
    """A delivery as the gate knows it."""
    return DeliveryFacts(delivery.name, delivery.delivery_id, delivery.delivered_on, delivery.mode)


def as_text(contract: FeedContract, refused: pa.Table) -> pa.Table:
    """Delivered.table of refused rows; a row that reading could not bring into columns is all null."""
    shape = pa.schema([pa.field(name, pa.string()) for name in contract.column_names])
    content = "\n".join(refused["delivered_json"].to_pylist()).encode()
    if not content:
        table = shape.empty_table()
    else:
        parsing = arrow_json.ParseOptions(explicit_schema=shape, unexpected_field_behavior="ignore")
        reading = arrow_json.ReadOptions(use_threads=False, block_size=len(content) + 1)
        table = arrow_json.read_json(io.BytesIO(content), reading, parsing)
    return table.append_column(ROW_NUMBER, refused[ROW_NUMBER].cast(pa.int64()))


def mapped(table: pa.Table, maps: Iterable[ValueMap]) -> tuple[pa.Table, dict[str, int]]:
    """Delivered.table with the words of the maps put in place of what was delivered, and how many cells by column."""
    counts: dict[str, int] = {}
    for each in (one for one in maps if one.column in table.column_names):
        is_meant = meant_by(table[each.column], each)
        found = pc.sum(is_meant).as_py() or 0
        if found:
            values = pc.if_else(is_meant, each.to_value, table[each.column])
            table = table.set_column(table.schema.get_field_index(each.column), each.column, values)
            counts[each.column] = counts.get(each.column, 0) + found
    return table, counts


def meant_by(column: pa.ChunkedArray, told: ValueMap) -> pa.ChunkedArray:
    """Which cells a map speaks of: blanks around a word do not count."""
    return pc.fill_null(pc.equal(pc.utf8_trim(column, characters=_BLANKS), told.from_value), False)


def let_in(contract: FeedContract, delivered: Delivered, facts: DeliveryFacts) -> Gated:
    """Rows through the gate one by one: rules on a delivery as a whole do not hold for a handful of its rows."""
    lenient = default_thresholds().model_copy(
        update={"unusable_from_rows": _NEVER, "retyped_from_cells": _NEVER, "block_on_missing_optional_column": False}
    )
    return gate(
        contract, delivered, delivery=DeliveryFacts(facts.name, facts.delivery_id, facts.delivered_on, "delta"),
        volumes=(), known_rows=0, thresholds=lenient,
    )  # fmt: skip


def as_delivered(table: pa.Table) -> Delivered:
    """Rows in hand as reading hands them over."""
    return Delivered(table, ROW_FAULTS.empty_table(), (), (), {})


def _path(feed: str, delivery_id: str) -> str:
    return f"quarantine/{feed}/{delivery_id}.parquet"
