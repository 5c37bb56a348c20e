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
from flows.evidence import Row, State, delivered_row
from flows.explaining_pairs import Pair, explained_pairs, pair_lines, pair_page, pairs_svg
from flows.linking_output import staged, write_fault
from flows.snapshot import from_json
from flows.status import WrongUse
from flows.words import word
from transforms.eligibility.explain import explain_determination
from transforms.feeds import load_contract
from transforms.feeds.masking import mask, mask_key
from warehouse import Warehouse, reads

CERTIFICATES = "only_child_certificates"


def explain_alert(
    path: Path, alert_id: str | None, *, latest: bool, reveal: bool, lang: str, svg: Path | None = None
) -> Told:
    """Explain one alert, and draw its pairs into the file `svg` if one is named.

    WrongUse when there is none of that number, no night has been published yet, or the file cannot be written.
    """
    if svg and (reason := write_fault(svg, lang)):
        raise WrongUse(word("link.fault.unwritable", lang).format(option="--svg", path=svg, reason=reason))
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
        if svg:
            _draw(page["evidence"], svg, lang, reveal)
        return Told(_for_programs(page), texts)
    finally:
        warehouse.dispose()


def _draw(evidence: list[Pair], svg: Path, lang: str, reveal: bool) -> None:
    if not evidence:
        raise WrongUse(word("explain.no_pairs", lang))
    with staged([svg], lang) as parts:
        parts[svg].write_text(pairs_svg(evidence, lang=lang, reveal=reveal), "utf-8")


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
        "evidence": explained_pairs(state, trigger, certificate, alert["person_id"]) if certificate else [],
        "rows": [_source(warehouse, state, record, reveal) for record in (trigger, certificate) if record],
    }


def _certificate_key(state: State, warehouse: Warehouse, alert: dict[str, Any]) -> tuple[str, str] | None:
    """The household's certificate, as (feed, record key)."""
    homes = reads.rows_of(warehouse, "households", "household_id", [alert["household_id"]])
    number = homes[0]["only_child_certificate_no"] if homes else None
    return (CERTIFICATES, number) if number else None


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
        yield from pair_lines(pair, lang, reveal)
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
    fen, due_on = alert["amount_fen"], alert["due_on"] or "–"
    known = word("explain.amount" if fen is not None else "explain.no_amount", lang)
    amount = known.format(yuan=f"{(fen or 0) / 100:,.2f}")
    yield "  " + word("explain.owed", lang).format(**alert | {"amount": amount, "due_on": due_on})


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
        "evidence": [pair_page(pair) for pair in page["evidence"]],
        "sources": [
            {name: value for name, value in asdict(source["row"]).items() if name != "values"}
            | {"feed": source["feed"], "values": source["shown"]}
            for source in page["rows"]
        ],
    }
