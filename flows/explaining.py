"""`nuanxin explain`: an alert walked backwards, from the clause to the delivered row and its file.

The order is the night's, read from its end: alert, clause and verdict, facts, who is who and why, delivery.
Names and numbers are masked unless somebody asks to see them.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flows import wiring
from flows.commands import Told
from flows.evidence import Row, State, delivered_row, path_of_pairs
from flows.snapshot import from_json
from flows.status import WrongUse
from flows.words import word
from transforms.eligibility.explain import explain_determination
from transforms.feeds import load_contract
from transforms.feeds.masking import mask, mask_key
from transforms.linkage import default_model, explain_pair, render_waterfall
from warehouse import Warehouse, reads

CERTIFICATES = "only_child_certificates"


def explain_alert(path: Path, alert_id: str | None, *, latest: bool, reveal: bool, lang: str) -> Told:
    """Explain one alert; WrongUse when there is none of that number, or no night has been published yet."""
    site = wiring.load_site(path)
    warehouse = wiring.open_warehouse(site)
    try:
        lake = wiring.open_lake(site)
        location = reads.latest_snapshot(warehouse)
        if location is None:
            raise WrongUse(word("explain.no_night", lang).format(site=path))
        state = State(site, lake, from_json(location, lake.get(location)))
        found = _alert(warehouse, alert_id, latest, lang)
        page = _gather(warehouse, state, found, reveal)
        policies = {policy.id: policy for policy in wiring.policies_of(site)}
        texts = {each: "\n".join(_lines(page, policies[found["policy_id"]], each, reveal)) for each in ("zh", "en")}
        return Told(_for_programs(page), texts)
    finally:
        warehouse.dispose()


def _alert(warehouse: Warehouse, alert_id: str | None, latest: bool, lang: str) -> dict[str, Any]:
    """The alert asked for; without a number the one raised last, told ones before those that wait for a clerk."""
    if alert_id is None and not latest:
        raise WrongUse(word("explain.which", lang))
    found = reads.alert(warehouse, alert_id) if alert_id else reads.latest_alert(warehouse)
    if found is None:
        raise WrongUse(word("explain.none", lang).format(alert_id=alert_id or "--latest"))
    return found


def _gather(warehouse: Warehouse, state: State, alert: dict[str, Any], reveal: bool) -> dict[str, Any]:
    found = reads.rows_of(warehouse, "determinations", "determination_id", [alert["determination_id"]])
    trigger = (alert["trigger_feed"], alert["trigger_record_key"])
    certificate = _certificate_key(state, warehouse, alert)
    return {
        "alert": alert,
        "determination": found[0] if found else None,
        "events": reads.rows_of(warehouse, "life_events", "person_id", [alert["person_id"]]),
        "evidence": _evidence(state, trigger, certificate, alert["person_id"]),
        "rows": [_source(warehouse, state, record, reveal) for record in (trigger, certificate) if record],
    }


def _certificate_key(state: State, warehouse: Warehouse, alert: dict[str, Any]) -> tuple[str, str] | None:
    """The household's certificate, as (feed, record key)."""
    homes = reads.rows_of(warehouse, "households", "household_id", [alert["household_id"]])
    number = homes[0]["only_child_certificate_no"] if homes else None
    return (CERTIFICATES, number) if number else None


def _evidence(
    state: State, trigger: tuple[str, str], certificate: tuple[str, str] | None, child: str
) -> list[dict[str, Any]]:
    """The pairs of mentions that make the trigger's subject the certificate's child, each explained."""
    if certificate is None:
        return []
    start, goal = state.mention(*trigger, "subject"), state.mention(*certificate, "child")
    own = state.person_of(start["mention_id"])
    pairs = (
        path_of_pairs(state, start["mention_id"], goal["mention_id"])
        if own == child
        else [(start["mention_id"], state.candidate(start["mention_id"], child) or goal["mention_id"])]
    )
    return [_pair(state, *pair) for pair in pairs]


def _pair(state: State, one: str, other: str) -> dict[str, Any]:
    mentions = {row["mention_id"]: row for row in state.where("mentions", "mention_id", [one, other]).to_pylist()}
    left, right = mentions[one], mentions[other]
    explained = explain_pair(left, right, default_model(), state.frequencies())
    return {"left": left, "right": right, "explained": explained}


def _source(warehouse: Warehouse, state: State, key: tuple[str, str], reveal: bool) -> dict[str, Any]:
    feed, record_key = key
    record = state.record(feed, record_key)
    load = reads.delivery(warehouse, record["_delivery_id"])
    if load is None:
        raise LookupError(f"no load of delivery {record['_delivery_id']}")
    row = delivered_row(state, load, record["_row_number"])
    contract = load_contract(feed)
    shown = {
        column.header: row.values[column.name] if reveal else mask(column, row.values[column.name])
        for column in contract.columns
        if row.values.get(column.name)
    }
    return {"feed": feed, "row": row, "shown": shown}


# -- in words -----------------------------------------------------------------------------------------------------


def _lines(page: dict[str, Any], policy: Any, lang: str, reveal: bool) -> Iterator[str]:
    yield from _alert_lines(page["alert"], lang, reveal)
    yield _heading("explain.verdict", lang)
    if page["determination"]:
        yield from explain_determination(page["determination"], policy, lang).lines()
    yield _heading("explain.facts", lang)
    for event in page["events"]:
        yield f"  {_event_line(event, lang, reveal)}"
    yield _heading("explain.persons", lang)
    for pair in page["evidence"]:
        yield from _pair_lines(pair, lang, reveal)
    yield _heading("explain.sources", lang)
    for source in page["rows"]:
        yield from _source_lines(source, lang)


def _event_line(event: dict[str, Any], lang: str, reveal: bool) -> str:
    told = {
        "what": word(f"event.{event['event_type']}", lang),
        "status": word(f"event.{event['status']}", lang),
        "feed": feed_title(event["feed"], lang),
        "record_key": event["record_key"] if reveal else mask_key(event["record_key"]),
    }
    return word("explain.event", lang).format(**event | told)


def feed_title(feed: str, lang: str) -> str:
    """The feed's name for people."""
    title = load_contract(feed).title
    return title.zh if lang == "zh" else title.en


def _heading(name: str, lang: str) -> str:
    return f"\n── {word(name, lang)} ──"


def _alert_lines(alert: dict[str, Any], lang: str, reveal: bool) -> Iterator[str]:
    kind = word(f"alert.{alert['alert_kind']}", lang)
    certain = word("alert.review" if alert["needs_review"] else "alert.certain", lang)
    yield f"── {word('explain.alert', lang)} {alert['alert_id']} ── {kind} · {certain}"
    amount = f"{(alert['amount_fen'] or 0) / 100:,.2f}"
    yield "  " + word("explain.owed", lang).format(**alert | {"amount": amount})


def _pair_lines(pair: dict[str, Any], lang: str, reveal: bool) -> Iterator[str]:
    one, other = (
        f"{feed_title(side['feed'], lang)} · {word('role.' + side['role'], lang)}"
        for side in (pair["left"], pair["right"])
    )
    yield f"  {one}  ↔  {other}"
    for line in render_waterfall(pair["explained"], lang, reveal).splitlines():
        yield f"    {line}"


def _side(mention: dict[str, Any], lang: str) -> str:
    return f"{feed_title(mention['feed'], lang)} · {word('role.' + mention['role'], lang)}"


def _source_lines(source: dict[str, Any], lang: str) -> Iterator[str]:
    row: Row = source["row"]
    title = feed_title(source["feed"], lang)
    intact = word("explain.intact" if row.bytes_intact else "explain.broken", lang)
    yield f"  {title}: {row.delivery}  " + word("explain.row", lang).format(n=row.row_number, day=row.delivered_on)
    yield f"    SHA-256 {row.sha256}  {intact}"
    yield "    " + "  ".join(f"{header}={value}" for header, value in source["shown"].items())


# -- for programs -------------------------------------------------------------------------------------------------


def _for_programs(page: dict[str, Any]) -> dict[str, Any]:
    """The same without names: opaque ids, levels, bits, and where each row was delivered."""
    return {
        "alert": page["alert"],
        "determination": page["determination"],
        "events": page["events"],
        "evidence": [_pair_page(pair) for pair in page["evidence"]],
        "sources": [
            {name: value for name, value in asdict(source["row"]).items() if name != "values"}
            | {"feed": source["feed"], "values": source["shown"]}
            for source in page["rows"]
        ],
    }


def _pair_page(pair: dict[str, Any]) -> dict[str, Any]:
    explained = pair["explained"]
    return {
        "left": {name: pair["left"][name] for name in ("feed", "role", "mention_id")},
        "right": {name: pair["right"][name] for name in ("feed", "role", "mention_id")},
        "comparisons": [
            {"name": part.name, "level": part.level, "weight_bits": round(part.weight_bits, 3)}
            for part in explained.comparisons
        ],
        "prior_bits": explained.prior_bits,
        "total_bits": explained.total_bits,
        "probability": explained.probability,
        "model": explained.model_version,
    }
