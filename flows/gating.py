"""A landed delivery through the gate, as a night does it and as a person may try beforehand."""

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Delivery, DeliveryUnreadable
from connectors.reading import read
from expectations import DeliveryFacts, Gated, gate
from expectations.drift import Past, of_last_deliveries
from expectations.thresholds import thresholds_with
from flows.decided import Decided
from flows.refused_cells import facts_of, mapped
from flows.settings import Site
from transforms import schemas
from transforms.feeds import FeedContract, load_contract
from transforms.standardise.feed import parse_feed
from warehouse import Warehouse, reads
from warehouse.lake import Lake


def gate_delivery(
    site: Site,
    lake: Lake,
    warehouse: Warehouse,
    delivery: Delivery,
    decided: Decided,
    earlier: Callable[..., pa.Table | None],
) -> Gated:
    """A landed delivery read and sorted, under what people have decided.

    `earlier`: a table of the last night by its name, or some of its columns; None where it has none.
    """
    contract = load_contract(delivery.feed)
    facts, source = facts_of(delivery), site.feeds[delivery.feed]
    try:
        delivered = read(delivery, contract, source, lake)
    except DeliveryUnreadable as fault:
        return unreadable(contract, facts, fault)
    state = earlier(f"records/{delivery.feed}", ["_status"])
    known_rows = 0 if state is None else pc.sum(pc.equal(state["_status"], "active")).as_py() or 0
    table, counts = mapped(delivered.table, decided.maps.get(delivery.feed, ()))
    accepting = decided.accepted(delivery.delivery_id)
    gated = gate(
        contract,
        replace(delivered, table=table),
        delivery=facts,
        volumes=reads.volumes(warehouse, delivery.feed, delivery.mode),
        known_rows=known_rows,
        thresholds=thresholds_with(source.bounds),
        past=Past(
            tuple(reads.volumes_by_day(warehouse, delivery.feed, delivery.mode)),
            of_last_deliveries(earlier("codes"), delivery.feed, delivery.mode),
        ),
        accepting=accepting,
    )
    told = ({"mapped": counts} if counts else {}) | ({"accepted": list(accepting)} if accepting else {})
    return replace(gated, reason_detail={**gated.reason_detail, **told})


def unreadable(contract: FeedContract, facts: DeliveryFacts, fault: DeliveryUnreadable) -> Gated:
    """A delivery that never became columns: blocked, with nothing read."""
    nothing = parse_feed(
        contract, pa.table({schemas.ROW_NUMBER: pa.array([], pa.int64())}), delivered_on=facts.delivered_on
    )
    empty = {
        "accepted": nothing.table,
        "quarantined": schemas.empty(schemas.QUARANTINE),
        "quality": schemas.empty(schemas.QUALITY),
    }
    return Gated("blocked", fault.reason_code, dict(fault.detail), **empty, rows_read=0, rows_quarantined=0)
