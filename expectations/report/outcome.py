"""The parts of the pack's page about what came out: persons, verdicts, alerts, money, and the receipts behind them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow.compute as pc

from expectations.report.cells import Cell, Section, code, table, yuan
from expectations.report.night import AuditedNight, Row
from expectations.report.words import Words

_RECEIPTS_SHOWN = 20


def outcome_sections(night: AuditedNight, words: Words) -> list[Section]:
    """In the order of the page."""
    return [_persons(night, words), _verdicts(night, words), _alerts(night, words), _money(night, words)]


def _persons(night: AuditedNight, words: Words) -> Section:
    told = night.told
    people = [
        (words["pack.links"], _sum(told["links"])),
        *((words.code("decided_by", row["decided_by"]), row["count"]) for row in told["links"]),
        (words["pack.persons"], _sum(told["persons"])),
        (words["pack.households"], _sum(told["households"])),
        *((words.code("review", row["status"]), row["count"]) for row in told["review"]),
        *((words.code("person_event", row["event"]), row["count"]) for row in told["person_events"]),
    ]
    fresh = {(row["event_type"], row["status"]): row["count"] for row in told["life_events_written"]}
    events = [
        (words.code("event", row["event_type"]), words.code("event_status", row["status"]), row["count"],
         fresh.get((row["event_type"], row["status"]), 0))
        for row in told["life_events"]
    ]  # fmt: skip
    heads = words.heads("pack.event", "status", "pack.holding", "pack.written")
    return Section(
        "persons",
        words["pack.linkage"],
        words["pack.linkage.note"],
        tables=(
            table(words.heads("pack.what", "pack.count"), people),
            table(heads, events, words["pack.life_events"]),
        ),
    )


def _verdicts(night: AuditedNight, words: Words) -> Section:
    clauses: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in night.told["verdicts"]:
        found = clauses[row["policy_id"], row["clause_id"]]
        found[row["verdict"]] = found.get(row["verdict"], 0) + row["count"]
    written = _by(night.told["verdicts_written"], "policy_id", "clause_id")
    rows = [
        (_clause(night, *key, words), code(key[1]), *(found.get(verdict, 0) for verdict in ("yes", "no", "unknown")),
         written.get(key, 0))
        for key, found in sorted(clauses.items())
    ]  # fmt: skip
    heads = words.heads("pack.clause", "pack.clause_id", "verdict.yes", "verdict.no", "verdict.unknown", "pack.written")
    receipts = night.receipts.filter(pc.equal(night.receipts["known_on"], night.business_date))
    shown = receipts.slice(0, _RECEIPTS_SHOWN).to_pylist()
    told = [
        (code(row["determination_id"]), code(row["clause_id"]), words.code("verdict", row["verdict"]),
         code(row["policy_hash"]), code(row["facts_hash"]), code(row["engine"]))
        for row in shown
    ]  # fmt: skip
    of_receipts = words.heads(
        "pack.determination", "pack.clause_id", "pack.verdict", "pack.policy_hash", "pack.facts_hash", "pack.engine"
    )
    caption = words.say(
        "pack.receipts", shown=len(shown), tonight=f"{receipts.num_rows:,}", all=f"{night.receipts.num_rows:,}"
    )
    tables = [table(heads, rows)] + ([table(of_receipts, told, caption)] if told else [])
    return Section("verdicts", words["pack.verdicts"], words["pack.verdicts.note"], tables=tuple(tables))


def _clause(night: AuditedNight, policy_id: str, clause_id: str, words: Words) -> str:
    kept = night.policy(policy_id).get("clauses", {}).get(clause_id)
    return f"{kept['place']} {kept[words.lang]}" if kept else clause_id


def _alerts(night: AuditedNight, words: Words) -> Section:
    raised = [
        (words.code("alert", row["alert_kind"]), code(row["township_code"]), _waits(row, words), row["count"])
        for row in night.told["alerts_raised"]
    ]
    standing = [
        (words.code("alert_status", row["status"]), _waits(row, words), row["count"]) for row in night.told["alerts"]
    ]
    heads = words.heads("pack.alert_kind", "pack.township", "pack.waits", "pack.count")
    tables = [table(words.heads("status", "pack.waits", "pack.count"), standing, words["pack.alerts.standing"])]
    if raised:
        tables.insert(0, table(heads, raised, words["pack.alerts.raised"]))
    note = words["pack.alerts.note"] if raised else words["pack.alerts.none"]
    return Section("alerts", words["pack.alerts"], note, tables=tuple(tables))


def _waits(row: Row, words: Words) -> Cell:
    return Cell(words["pack.waits.yes"], "odd") if row["needs_review"] else Cell(words["pack.waits.no"])


def _money(night: AuditedNight, words: Words) -> Section:
    titles = _titles(night, "benefits", words)
    entries = [
        (titles.get(row["benefit_id"], row["benefit_id"]), words.code("entry", row["kind"]),
         words.code("entry_status", row["status"]), row["count"], yuan(row["amount_fen"]))
        for row in night.told["entitlements"] if row["kind"] != "adjustment"
    ]  # fmt: skip
    corrections = [
        (titles.get(row["benefit_id"], row["benefit_id"]), words.code("entry_status", row["status"]), row["count"],
         yuan(row["amount_fen"]))
        for row in night.told["entitlements"] if row["kind"] == "adjustment"
    ]  # fmt: skip
    entered = [
        (titles.get(row["benefit_id"], row["benefit_id"]), words.code("entry", row["kind"]), row["count"],
         yuan(row["amount_fen"]))
        for row in night.told["entitlements_entered"]
    ]  # fmt: skip
    payers = _titles(night, "payers", words)
    shares = [
        (payers.get(row["payer"], words.code("payer", row["payer"])), row["count"], yuan(row["amount_fen"]))
        for row in night.told["shares"]
    ]
    head = words.heads("pack.benefit", "pack.entry", "status", "pack.count", "pack.yuan")
    wanted: list[tuple[tuple[str, ...], list[tuple[Any, ...]], str]] = [
        (head, entries, "pack.entries"),
        ((head[0], head[1], *head[3:]), entered, "pack.entered"),
        ((head[0], *head[2:]), corrections, "pack.corrections"),
        ((words["pack.payer"], *head[3:]), shares, "pack.shares"),
    ]
    tables = tuple(table(heads, rows, words[caption]) for heads, rows, caption in wanted if rows)
    note = words["pack.money.note"] + ("" if corrections else words["pack.corrections.none"])
    return Section("money", words["pack.money"], note, tables=tables)


def _titles(night: AuditedNight, group: str, words: Words) -> dict[str, str]:
    """Benefits or payers as the documents call them; the first document in precedence has the word."""
    policies = reversed(night.ran_with.get("policies", []))
    return {name: title[words.lang] for policy in policies for name, title in policy[group].items()}


def _by(rows: Iterable[Row], *names: str) -> dict[tuple[Any, ...], int]:
    counted: dict[tuple[Any, ...], int] = defaultdict(int)
    for row in rows:
        counted[tuple(row[name] for name in names)] += row["count"]
    return counted


def _sum(rows: Iterable[Mapping[str, Any]]) -> int:
    return sum(row["count"] for row in rows)
