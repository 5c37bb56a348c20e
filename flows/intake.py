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

from connectors.base import Delivery, FeedSource, LeftAlone, SourceUnavailable, Waiting
from connectors.doors import open_connector, open_pull
from connectors.landing import land as keep
from connectors.pulling import land_pull, window
from expectations import Gated, feed_state
from expectations.drift import remembered
from flows import edge
from flows.blocked import blocked_before, with_blocked
from flows.covered import covered_by, seen_by
from flows.decided import Decided, decided_until
from flows.gating import gate_delivery
from flows.night import Done, Night, Outcome
from flows.placing import Fulls, place_among
from flows.refused_cells import keep_refused
from flows.replaying import REPLAY, replay
from flows.settings import Site
from flows.superseding import superseded_tonight
from transforms import schemas
from transforms.feeds import load_contract
from transforms.records import Merge, merge_records, moment
from warehouse import reads

RECORD_COUNTS = ("records_new", "records_changed", "records_gone")  # columns of FEED_LOADS that count records
REPEATED = "repeated_content"  # reason code of a delivery whose bytes were taken before


@dataclass(frozen=True)
class Landed:
    """What this night found at the doors."""

    deliveries: tuple[Delivery, ...]  # to be read
    repeats: tuple[tuple[Delivery, int], ...]  # bytes that were taken before, under a new name; how many rows
    waiting: tuple[Waiting, ...]
    closed: Mapping[str, SourceUnavailable]  # feed → why its door does not open
    decided: Decided  # what people have decided up to tonight


def source_fingerprint(source: FeedSource, decided: Decided, delivery_id: str = "") -> str:
    """Changes when the feed, or one delivery of it, is to be read in another way.

    Then what was blocked is tried again, and a pull begins from the beginning. By site.toml (encoding, columns, view,
    bounds), or by what people have decided (maps, the replay of a delivery).
    """
    told: list[Any] = [source.encoding, sorted(source.columns.items())]
    told += [source.place, source.view] if source.is_pulled else []
    told += [sorted(source.ignored_columns)] if source.ignored_columns else []
    told += [sorted(source.bounds.items())] if source.bounds else []
    told += decided.reading_of(source.feed, delivery_id)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]


def land(night: Night) -> Landed:
    """Keep the bytes of every delivery up to the business date that no earlier night has read."""
    decided = decided_until(night.warehouse, night.business_date)
    arrived: list[Delivery] = []
    waiting: list[Waiting] = []
    closed: dict[str, SourceUnavailable] = {}
    for source in night.site.feeds.values():
        try:
            found, left = _pulled(night, source, decided) if source.is_pulled else _delivered(night, source)
        except SourceUnavailable as fault:
            closed[source.feed] = fault
            continue
        arrived += found
        waiting += left
    known = Known(reads.known_deliveries(night.warehouse))
    again = blocked_before(night, decided)
    arrived = with_blocked(night, arrived, again, known.ever_refused)
    read_as = {each.delivery_id: _fingerprint(night, decided, each) for each in arrived}
    fresh = [each for each in arrived if not known.is_read(each, _source(night, each), read_as[each.delivery_id])]
    deliveries = tuple(
        each for each in fresh if not known.is_taken(each, _source(night, each), read_as[each.delivery_id])
    )
    repeats = tuple((each, known.rows_taken[each.delivery_id]) for each in fresh if each not in deliveries)
    return Landed(deliveries, repeats, tuple(waiting), closed, decided)


def _source(night: Night, delivery: Delivery) -> FeedSource:
    return night.site.feeds[delivery.feed]


def _fingerprint(night: Night, decided: Decided, delivery: Delivery) -> str:
    return source_fingerprint(_source(night, delivery), decided, delivery.delivery_id)


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


def _pulled(night: Night, source: FeedSource, decided: Decided) -> tuple[list[Delivery], list[Waiting]]:
    """What a view or an interface answers for this business date, from the last loaded watermark on."""
    settings = source_fingerprint(source, decided)
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
        self._last = {load["feed"]: load for load in sorted(taken, key=lambda load: load["delivered_on"])}
        self._read = {(load["delivery"], load["delivery_id"]) for load in taken}
        self.ever_refused = {(load["delivery"], load["delivery_id"]) for load in loads} - self._read
        self._refused = {(load["delivery"], load["delivery_id"], load["source_fingerprint"]) for load in loads} - {
            (load["delivery"], load["delivery_id"], load["source_fingerprint"]) for load in taken
        }

    def is_read(self, delivery: Delivery, source: FeedSource, fingerprint: str) -> bool:
        """Whether nothing new can be learnt from it: this file was read, or refused as it would be read now."""
        name = (delivery.name, delivery.delivery_id)
        return not source.is_pulled and (name in self._read or (*name, fingerprint) in self._refused)

    def is_taken(self, delivery: Delivery, source: FeedSource, fingerprint: str) -> bool:
        """Whether its rows stand in the state of the feed already."""
        last = self._last.get(delivery.feed)
        if last is None:
            return False
        if source.is_pulled:
            return (last["delivery_id"], last["source_fingerprint"]) == (delivery.delivery_id, fingerprint)
        return delivery.delivery_id in self.rows_taken and not _says_again(delivery, last)


def _says_again(delivery: Delivery, last: Mapping[str, Any]) -> bool:
    """A full delivery that is newer than all others says what holds now, also where it says again what an older one
    did: what had gone in between is back."""
    is_news = delivery.delivered_on > last["delivered_on"] and delivery.delivery_id != last["delivery_id"]
    return delivery.mode == "full" and bool(is_news)


def landed_key(night: Night, landed: Landed) -> str:
    """What makes this night's input this night's input, for the fingerprint of all that follows."""
    sources = {feed: source_fingerprint(source, landed.decided) for feed, source in night.site.feeds.items()}
    told = [
        night.previous.location,
        landed.decided.count,
        sorted(sources.items()),
        [asdict(delivery) for delivery in landed.deliveries],
        [asdict(delivery) for delivery, _ in landed.repeats],
        sorted((feed, fault.reason_code) for feed, fault in landed.closed.items()),
        {feed: asdict(source.covers) for feed, source in night.site.feeds.items() if source.covers},
    ]
    return json.dumps(told, default=str, ensure_ascii=False)


def check(night: Night, landed: Landed) -> Outcome:
    """Read and check every delivery; what is refused stays in the lake with its reason."""
    tables: dict[str, pa.Table] = {}
    loads: dict[str, dict[str, Any]] = {}
    quality: list[pa.Table] = []
    codes: list[pa.Table] = []
    repeated = [_repeat_row(night, landed.decided, *each) for each in landed.repeats]
    for delivery in landed.deliveries:
        if delivery.delivery_id in loads:  # the same bytes twice in one night
            repeated.append(_again(loads[delivery.delivery_id], delivery))
            continue
        gated = gate_delivery(night.site, night.lake, night.warehouse, delivery, landed.decided, night.earlier)
        tables[f"accepted/{delivery.delivery_id}"] = gated.accepted
        tables[f"quarantine/{delivery.delivery_id}"] = gated.quarantined
        keep_refused(night.lake, delivery.feed, delivery.delivery_id, gated.quarantined)
        quality.append(gated.quality)
        codes.append(gated.codes)
        loads[delivery.delivery_id] = _about(night, landed.decided, delivery) | _outcome(gated)
    silent = [_without_delivery(night, feed, landed, quality) for feed in _silent_feeds(night, landed)]
    replayed, states = replay(night.site, night.lake, night.warehouse, landed.decided)
    tables |= {f"replayed/{each.load['delivery_id']}": each.accepted for each in replayed}
    replays = [each.load | {"source_fingerprint": ""} for each in replayed]
    idle = superseded_tonight(night, [*loads.values(), *replays], tables, states)
    tables["quarantine_states"] = pa.concat_tables([states, idle])
    rows = [*loads.values(), *replays, *repeated, *(row for row in silent if row)]
    tables["loads"] = pa.Table.from_pylist(rows, schema=schemas.FEED_LOADS)
    tables["quality"] = pa.concat_tables([schemas.QUALITY.empty_table(), *quality])
    tables["codes"] = remembered(night.earlier("codes"), codes)
    waiting = [
        {"feed": each.feed, "delivery": each.name, "reason": each.reason_code, "detail": dict(each.detail)}
        for each in landed.waiting
    ]
    return Outcome(tables, _counts(tables["loads"]) | {"waiting": waiting})


def _repeat_row(night: Night, decided: Decided, delivery: Delivery, rows: int) -> dict[str, Any]:
    """Bytes that an earlier night has taken: every row unchanged, and a sign that the agency still delivers."""
    counts = {"rows_read": rows, "rows_accepted": 0, "rows_unchanged": rows, "rows_quarantined": 0}
    counts |= dict.fromkeys(RECORD_COUNTS, 0)
    return (
        _about(night, decided, delivery) | counts | {"status": "loaded", "reason_code": REPEATED, "reason_detail": "{}"}
    )


def _again(load: dict[str, Any], delivery: Delivery) -> dict[str, Any]:
    """The same bytes a second time in one night: what happened to the first happens to it, its rows are not new."""
    row = load | {"delivery": delivery.name, "delivered_on": delivery.delivered_on, "mode": delivery.mode}
    if load["status"] != "loaded":
        return row
    counts = {"rows_accepted": 0, "rows_unchanged": load["rows_read"], "rows_quarantined": 0}
    return row | counts | {"reason_code": REPEATED}


def _outcome(gated: Gated) -> dict[str, Any]:
    return {
        "rows_read": gated.rows_read,
        "rows_accepted": gated.accepted.num_rows,
        "rows_unchanged": 0,
        "rows_quarantined": gated.rows_quarantined,
        "status": gated.status,
        "reason_code": gated.reason_code,
        "reason_detail": json.dumps(gated.reason_detail, ensure_ascii=False, sort_keys=True),
        **dict.fromkeys(RECORD_COUNTS, 0),  # until it is merged
    }


def _about(night: Night, decided: Decided, delivery: Delivery) -> dict[str, Any]:
    return {
        "feed": delivery.feed,
        "delivery": delivery.name,
        "delivery_id": delivery.delivery_id,
        "sha256": delivery.sha256,
        "source_fingerprint": _fingerprint(night, decided, delivery),
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
        **dict.fromkeys((*row_counts(), *RECORD_COUNTS), 0),
        "status": status,
        "reason_code": fault.reason_code if fault else status,
        "reason_detail": json.dumps(dict(fault.detail) if fault else {}, ensure_ascii=False, sort_keys=True),
    }


def take(night: Night, checked: Done) -> Outcome:
    """Merge what was accepted into the record state of each feed, oldest delivery first."""
    loads = night.table(checked, "loads").to_pylist()
    states: dict[str, pa.Table] = {}
    changed: list[pa.Table] = [_changed_table("", pa.array([], pa.string()))]
    fulls = Fulls(night, checked)
    for load in loads:
        if load["status"] != "loaded" or load["reason_code"] == REPEATED:
            continue
        merge = _merge(night, checked, load, states, fulls)
        states[load["feed"]] = merge.state
        counted = {"rows_accepted": merge.rows_accepted, "rows_unchanged": merge.rows_unchanged}
        load.update(counted | _records_counted(merge))
        changed += [_changed_table(load["feed"], keys) for keys in (merge.changed_keys, merge.withdrawn_keys)]
    table = pa.Table.from_pylist(loads, schema=schemas.FEED_LOADS)
    tables = {f"records/{feed}": state for feed, state in states.items()}
    tables |= {
        "loads": table,
        "changed": pa.concat_tables(changed),
        "seen": (seen := seen_by(night, states)),
        "coverage": covered_by(night, table, states, seen),
    }
    kept = {name: path for name, path in night.previous.paths.items() if name.startswith("records/")}
    return Outcome(tables, _counts(table), kept)


def _merge(night: Night, checked: Done, load: dict[str, Any], states: dict[str, pa.Table], fulls: Fulls) -> Merge:
    feed, kind = load["feed"], "replayed" if load["mode"] == REPLAY else "accepted"
    return merge_records(
        states.get(feed, night.earlier(f"records/{feed}")),
        night.table(checked, f"{kind}/{load['delivery_id']}"),
        full=load["mode"] == "full",
        delivery_id=load["delivery_id"],
        delivered_on=load["delivered_on"],
        business_date=night.business_date,
        place=place_among(load) - moment(load["delivered_on"], 0),
        refused_in_full=fulls.refused(load),
    )


def _records_counted(merge: Merge) -> dict[str, int]:
    """What a full delivery is compared with the last for: new, changed, gone."""
    changed = len(merge.changed_keys) - merge.records_new
    return dict(zip(RECORD_COUNTS, (merge.records_new, changed, len(merge.withdrawn_keys)), strict=True))


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
        **{name: sum(row[name] or 0 for row in rows) for name in RECORD_COUNTS},
        "deliveries": len(rows) - len(gaps),
        "feeds_without": sorted({gap["feed"] for gap in gaps}),
        "gaps": gaps,
    }


def _gap(row: dict[str, Any]) -> dict[str, Any]:
    told = {name: row[name] for name in ("feed", "delivery", "status")}
    return told | {"reason": row["reason_code"], "detail": json.loads(row["reason_detail"])}


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
