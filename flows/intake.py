"""The first hops of a record: from the agency's door into the record state of its feed.

land: what has arrived is kept as received. check: read into columns, accepted or quarantined. take: merged into
the state of its feed, so that the rest of the night sees one row per record.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Delivery, DeliveryUnreadable, FeedSource, LeftAlone, SourceUnavailable, Waiting
from connectors.doors import open_connector, open_pull
from connectors.landing import land as keep
from connectors.pulling import land_pull, window
from connectors.reading import read
from expectations import DeliveryFacts, Gated, feed_state, gate
from flows import edge
from flows.night import Done, Night, Outcome
from flows.settings import Site
from transforms import schemas
from transforms.coverage import coverage
from transforms.feeds import FeedContract, load_contract
from transforms.records import Merge, merge_records
from transforms.standardise.feed import parse_feed
from warehouse import reads

REPEATED = "repeated_content"  # reason code of a delivery whose bytes were taken before


@dataclass(frozen=True)
class Landed:
    """What this night found at the doors."""

    deliveries: tuple[Delivery, ...]  # to be read
    repeats: tuple[tuple[Delivery, int], ...]  # bytes that were taken before, under a new name; how many rows
    waiting: tuple[Waiting, ...]
    closed: Mapping[str, SourceUnavailable]  # feed → why its door does not open


def source_fingerprint(source: FeedSource) -> str:
    """Changes when the site reads the feed in another way: then a blocked delivery is tried again, and a pull begins
    from the beginning."""
    told = [source.encoding, sorted(source.columns.items())]
    if source.is_pulled:
        told += [source.place, source.view]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]


def land(night: Night) -> Landed:
    """Keep the bytes of every delivery up to the business date that no earlier night has read."""
    arrived: list[Delivery] = []
    waiting: list[Waiting] = []
    closed: dict[str, SourceUnavailable] = {}
    for source in night.site.feeds.values():
        try:
            found, left = _pulled(night, source) if source.is_pulled else _delivered(night, source)
        except SourceUnavailable as fault:
            closed[source.feed] = fault
            continue
        arrived += found
        waiting += left
    known = Known(reads.known_deliveries(night.warehouse))
    fresh = [each for each in arrived if not known.is_read(each, night.site.feeds[each.feed])]
    deliveries = tuple(each for each in fresh if not known.is_taken(each, night.site.feeds[each.feed]))
    repeats = tuple((each, known.rows_taken[each.delivery_id]) for each in fresh if each not in deliveries)
    return Landed(deliveries, repeats, tuple(waiting), closed)


def _delivered(night: Night, source: FeedSource) -> tuple[list[Delivery], list[Waiting]]:
    """What lies at the door of a feed that comes in files."""
    door = open_connector(source)
    arrivals, left = door.arrivals(night.business_date)
    landed: list[Delivery] = []
    for each in arrivals:
        try:
            landed.append(keep(door, each, night.lake, encoding=source.encoding))
        except LeftAlone as fault:
            left.append(Waiting(each.feed, each.name, fault.reason_code, fault.detail))
    return landed, left


def _pulled(night: Night, source: FeedSource) -> tuple[list[Delivery], list[Waiting]]:
    """What a view or an interface answers for this business date, from the last loaded watermark on."""
    settings = source_fingerprint(source)
    asked = window(source, night.business_date, reads.watermark(night.warehouse, source.feed, settings))
    door = open_pull(source, edge.now)
    delivery, left = land_pull(door, source, night.business_date, asked, night.lake, settings=settings)
    return [delivery], left


class Known:
    """What earlier nights have read. Bytes are recognised whatever they are called: a file that was taken once is
    not taken again, so that an old one under a new name cannot undo a correction. A pull is always of its night: it
    repeats what was taken only where it is the same as the last one."""

    def __init__(self, loads: list[dict[str, Any]]) -> None:
        taken = [load for load in loads if load["status"] == "loaded"]
        self.rows_taken: dict[str, int] = {load["delivery_id"]: load["rows_read"] for load in taken}
        self._last = {load["feed"]: (load["delivery_id"], load["source_fingerprint"]) for load in taken}
        self._read = {(load["delivery"], load["delivery_id"]) for load in taken}
        self._refused = {(load["delivery_id"], load["source_fingerprint"]) for load in loads} - {
            (load["delivery_id"], load["source_fingerprint"]) for load in taken
        }

    def is_read(self, delivery: Delivery, source: FeedSource) -> bool:
        """Whether nothing new can be learnt from it: this file was read, or refused as it would be read now."""
        name, refused = (delivery.name, delivery.delivery_id), (delivery.delivery_id, source_fingerprint(source))
        return not source.is_pulled and (name in self._read or refused in self._refused)

    def is_taken(self, delivery: Delivery, source: FeedSource) -> bool:
        """Whether its rows stand in the state of the feed already."""
        if source.is_pulled:
            return self._last.get(delivery.feed) == (delivery.delivery_id, source_fingerprint(source))
        return delivery.delivery_id in self.rows_taken


def landed_key(night: Night, landed: Landed) -> str:
    """What makes this night's input this night's input, for the fingerprint of all that follows."""
    sources = {feed: source_fingerprint(source) for feed, source in night.site.feeds.items()}
    told = [
        night.previous.location,
        sorted(sources.items()),
        [asdict(delivery) for delivery in landed.deliveries],
        [asdict(delivery) for delivery, _ in landed.repeats],
        sorted((feed, fault.reason_code) for feed, fault in landed.closed.items()),
    ]
    return json.dumps(told, default=str, ensure_ascii=False)


def check(night: Night, landed: Landed) -> Outcome:
    """Read and check every delivery; what is refused stays in the lake with its reason."""
    tables: dict[str, pa.Table] = {}
    loads: dict[str, dict[str, Any]] = {}
    quality: list[pa.Table] = []
    repeated = [_repeat_row(night, *each) for each in landed.repeats]
    for delivery in landed.deliveries:
        if delivery.delivery_id in loads:  # the same bytes twice in one night
            repeated.append(_again(loads[delivery.delivery_id], delivery))
            continue
        gated = _gate(night, delivery)
        tables[f"accepted/{delivery.delivery_id}"] = gated.accepted
        tables[f"quarantine/{delivery.delivery_id}"] = gated.quarantined
        quality.append(gated.quality)
        loads[delivery.delivery_id] = _load_row(night, delivery, gated)
    silent = [_without_delivery(night, feed, landed, quality) for feed in _silent_feeds(night, landed)]
    rows = [*loads.values(), *repeated, *(row for row in silent if row)]
    tables["loads"] = pa.Table.from_pylist(rows, schema=schemas.FEED_LOADS)
    tables["quality"] = pa.concat_tables([schemas.QUALITY.empty_table(), *quality])
    waiting = [
        {"feed": each.feed, "delivery": each.name, "reason": each.reason_code, "detail": dict(each.detail)}
        for each in landed.waiting
    ]
    return Outcome(tables, _counts(tables["loads"]) | {"waiting": waiting})


def _repeat_row(night: Night, delivery: Delivery, rows: int) -> dict[str, Any]:
    """Bytes that an earlier night has taken: every row unchanged, and a sign that the agency still delivers."""
    counts = {"rows_read": rows, "rows_accepted": 0, "rows_unchanged": rows, "rows_quarantined": 0}
    return _about(night, delivery) | counts | {"status": "loaded", "reason_code": REPEATED, "reason_detail": "{}"}


def _again(load: dict[str, Any], delivery: Delivery) -> dict[str, Any]:
    """The same bytes a second time in one night: what happened to the first happens to it, its rows are not new."""
    row = load | {"delivery": delivery.name, "delivered_on": delivery.delivered_on, "mode": delivery.mode}
    if load["status"] != "loaded":
        return row
    counts = {"rows_accepted": 0, "rows_unchanged": load["rows_read"], "rows_quarantined": 0}
    return row | counts | {"reason_code": REPEATED}


def _gate(night: Night, delivery: Delivery) -> Gated:
    source = night.site.feeds[delivery.feed]
    contract = load_contract(delivery.feed)
    facts = DeliveryFacts(delivery.name, delivery.delivery_id, delivery.delivered_on, delivery.mode)
    try:
        delivered = read(delivery, contract, source, night.lake)
    except DeliveryUnreadable as fault:
        return unreadable(contract, facts, fault)
    volumes = reads.volumes(night.warehouse, delivery.feed, delivery.mode)
    state = night.earlier(f"records/{delivery.feed}")
    known_rows = 0 if state is None else pc.sum(pc.equal(state["_status"], "active")).as_py() or 0
    return gate(contract, delivered, delivery=facts, volumes=volumes, known_rows=known_rows)


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


def _load_row(night: Night, delivery: Delivery, gated: Gated) -> dict[str, Any]:
    return _about(night, delivery) | {
        "rows_read": gated.rows_read,
        "rows_accepted": gated.accepted.num_rows,
        "rows_unchanged": 0,
        "rows_quarantined": gated.rows_quarantined,
        "status": gated.status,
        "reason_code": gated.reason_code,
        "reason_detail": json.dumps(gated.reason_detail, ensure_ascii=False, sort_keys=True),
    }


def _about(night: Night, delivery: Delivery) -> dict[str, Any]:
    return {
        "feed": delivery.feed,
        "delivery": delivery.name,
        "delivery_id": delivery.delivery_id,
        "sha256": delivery.sha256,
        "source_fingerprint": source_fingerprint(night.site.feeds[delivery.feed]),
        "delivered_on": delivery.delivered_on,
        "mode": delivery.mode,
        "watermark": delivery.watermark,
    }


def _silent_feeds(night: Night, landed: Landed) -> list[str]:
    spoke = {delivery.feed for delivery in (*landed.deliveries, *(each for each, _ in landed.repeats))}
    return [feed for feed in night.site.feeds if feed not in spoke]


def _without_delivery(night: Night, feed: str, landed: Landed, quality: list[pa.Table]) -> dict[str, Any] | None:
    """The row of a feed that brought nothing new tonight; None while its last word is fresh enough."""
    last = reads.last_delivered(night.warehouse, feed)
    state = feed_state(
        load_contract(feed),
        last_delivered_on=last,
        max_age_days=night.site.feeds[feed].max_age_days,
        business_date=night.business_date,
    )
    quality.append(state.quality)
    fault = landed.closed.get(feed)
    if state.status == "quiet" and fault is None:
        return None
    status = "failed" if state.status == "quiet" else state.status
    return {
        "feed": feed,
        "delivery": "",
        "delivery_id": "",
        "sha256": "",
        "source_fingerprint": "",
        "delivered_on": last,
        "mode": night.site.feeds[feed].mode,
        **dict.fromkeys(row_counts(), 0),
        "status": status,
        "reason_code": fault.reason_code if fault else status,
        "reason_detail": json.dumps(dict(fault.detail) if fault else {}, ensure_ascii=False, sort_keys=True),
    }


def take(night: Night, checked: Done) -> Outcome:
    """Merge what was accepted into the record state of each feed, oldest delivery first."""
    loads = night.table(checked, "loads").to_pylist()
    states: dict[str, pa.Table] = {}
    changed: list[pa.Table] = [_changed_table("", pa.array([], pa.string()))]
    for load in loads:
        if load["status"] != "loaded" or load["reason_code"] == REPEATED:
            continue
        merge = _merge(night, checked, load, states)
        states[load["feed"]] = merge.state
        load |= {"rows_accepted": merge.rows_accepted, "rows_unchanged": merge.rows_unchanged}
        changed += [_changed_table(load["feed"], keys) for keys in (merge.changed_keys, merge.withdrawn_keys)]
    table = pa.Table.from_pylist(loads, schema=schemas.FEED_LOADS)
    tables = {f"records/{feed}": state for feed, state in states.items()}
    tables |= {
        "loads": table,
        "changed": pa.concat_tables(changed),
        "coverage": _coverage(night, table, states),
    }
    kept = {name: path for name, path in night.previous.paths.items() if name.startswith("records/")}
    return Outcome(tables, _counts(table), kept)


def _merge(night: Night, checked: Done, load: dict[str, Any], states: dict[str, pa.Table]) -> Merge:
    feed = load["feed"]
    return merge_records(
        states.get(feed, night.earlier(f"records/{feed}")),
        night.table(checked, f"accepted/{load['delivery_id']}"),
        full=load["mode"] == "full",
        delivery_id=load["delivery_id"],
        delivered_on=load["delivered_on"],
        business_date=night.business_date,
    )


def _changed_table(feed: str, keys: pa.Array) -> pa.Table:
    return pa.table({"feed": pa.array([feed] * len(keys), pa.string()), "record_key": keys.cast(pa.string())})


def row_counts() -> tuple[str, ...]:
    """The columns of FEED_LOADS that count rows."""
    return ("rows_read", "rows_accepted", "rows_unchanged", "rows_quarantined")


def _counts(loads: pa.Table) -> dict[str, Any]:
    rows = loads.to_pylist()
    gaps = [_gap(row) for row in rows if row["status"] != "loaded"]
    return {
        **{name: sum(row[name] for row in rows) for name in row_counts()},
        "deliveries": len(rows) - len(gaps),
        "feeds_without": sorted({gap["feed"] for gap in gaps}),
        "gaps": gaps,
    }


def _gap(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in ("feed", "delivery", "status")}
    return told | {"reason": row["reason_code"], "detail": json.loads(row["reason_detail"])}


def _coverage(night: Night, loads: pa.Table, states: Mapping[str, pa.Table]) -> pa.Table:
    known = {feed: states.get(feed, night.earlier(f"records/{feed}")) for feed in night.site.feeds}
    return coverage(
        night.earlier("coverage"),
        loads,
        {feed: state for feed, state in known.items() if state is not None},
        max_age_days={feed: source.max_age_days for feed, source in night.site.feeds.items()},
        business_date=night.business_date,
    )


def plan(site: Site, days: list[date]) -> dict[date, list[str]]:
    """What each night would find at the doors by name, without touching anything: a dry run. What is asked for has
    no name before it is there, and nobody is asked."""
    planned: dict[date, list[str]] = {day: [] for day in days}
    for source in (each for each in site.feeds.values() if not each.is_pulled):
        try:
            arrivals, _ = open_connector(source).arrivals(days[-1])
        except SourceUnavailable:
            continue
        for arrival in arrivals:
            planned[next(day for day in days if arrival.delivered_on <= day)].append(arrival.name)
    return planned
