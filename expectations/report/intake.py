"""The parts of the pack's page about the night itself and what came in: run, reconciliation, quarantine, coverage."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow.compute as pc

from expectations.checks import Check
from expectations.report.cells import Cell, Section, code, table
from expectations.report.charts import percent, trend
from expectations.report.night import AuditedNight
from expectations.report.reconciling import COUNTS, totals, totals_by_feed
from expectations.report.summary import nights_of
from expectations.report.words import Words
from expectations.sentences import sentence
from transforms.feeds import FEEDS, load_contract
from transforms.feeds.contract import load_contracts


def intake_sections(night: AuditedNight, words: Words) -> list[Section]:
    """In the order of the page."""
    return [_run(night, words), _reconciliation(night, words)]


def intake_details(night: AuditedNight, words: Words) -> list[Section]:
    """What stands behind the checks."""
    return [_agencies(night, words), _quarantine(night, words), _coverage(night, words)]


def _run(night: AuditedNight, words: Words) -> Section:
    run, with_ = night.run, night.ran_with
    engines = with_.get("engines", {})
    told = [
        (words["pack.run"], code(run["run_id"])),
        (words["pack.status"], words.code("run", run["status"])),
        (words["pack.started_at"], _moment(run["started_at"])),
        (words["pack.finished_at"], _moment(run["finished_at"])),
        (words["pack.attempts"], str(run["attempts"])),
        *((words.code("engine", name), code(version)) for name, version in sorted(engines.items())),
    ]
    policies = [
        (code(each["policy_id"]), each["document"]["title"], each["from"], each["until"], code(each["policy_hash"]))
        for each in with_.get("policies", [])
    ]
    heads = words.heads("pack.policy", "pack.document", "pack.from", "pack.until", "pack.policy_hash")
    return Section(
        "night",
        words["pack.night"],
        words["pack.night.note" if with_ else "pack.night.not_kept"],
        tables=(table(words.heads("pack.what", "pack.value"), told), table(heads, policies, words["pack.policies"])),
    )


def _moment(told: str) -> str:
    return told.replace("T", " ").removesuffix("+00:00")


def _reconciliation(night: AuditedNight, words: Words) -> Section:
    tonight = night.reconciled.filter(pc.equal(night.reconciled["business_date"], night.business_date))
    whole, sums = totals(night.reconciled), totals(tonight)
    heads = words.heads(*COUNTS[:5], "pack.adds_up")
    rows = [
        (_feed(row["feed"], words), code(row["delivery"]), words.code("status", row["status"]), *_counts(row, words))
        for row in tonight.to_pylist()
    ]
    rows.append((words["pack.total"], "", "", *_counts(sums, words)))
    by_feed = totals_by_feed(night.reconciled)
    feeds = [
        (_feed(feed, words), by_feed[feed]["deliveries"], *_counts(by_feed[feed], words)) for feed in _known(by_feed)
    ]
    feeds.append((words["pack.total"], whole["deliveries"], *_counts(whole, words)))
    note = words.say(
        "pack.reconciled" if whole["adds_up"] else "pack.not_reconciled",
        deliveries=f"{whole['deliveries']:,}",
        **{name: f"{sums[name]:,}" for name in COUNTS},
        wrong=sum(not each for each in night.reconciled["adds_up"].to_pylist()),
    )
    return Section(
        "reconciliation",
        words["pack.reconciliation"],
        note,
        "good" if whole["adds_up"] else "bad",
        (
            table((*words.heads("feed", "pack.delivery", "status"), *heads), rows, words["pack.tonight"], total=True),
            table((*words.heads("feed", "pack.deliveries"), *heads), feeds, words["pack.since_first"], total=True),
        ),
    )


def _counts(row: Mapping[str, Any], words: Words) -> tuple[Any, ...]:
    mark = Cell(words["pack.yes"], "good") if row["adds_up"] else Cell(words["pack.no"], "bad")
    return (*(int(row[name]) for name in COUNTS[:5]), mark)


def _agencies(night: AuditedNight, words: Words) -> Section:
    """Each agency over the nights: how much of what it sent could not be used."""
    nights = nights_of((night.loads,), night.business_date)
    counted: dict[str, dict[date, list[int]]] = defaultdict(lambda: {day: [0, 0, 0] for day in nights})
    for row in night.loads.to_pylist():
        of_agency = counted[load_contract(row["feed"]).agency.id][row["business_date"]]
        lost = row["rows_read"] if row["status"] != "loaded" else row["rows_quarantined"]
        for at, number in enumerate((1 if row["delivery"] else 0, row["rows_read"], lost)):
            of_agency[at] += number
    agencies = {contract.agency.id: contract.agency for contract in load_contracts().values()}
    rows = []
    for name in sorted(counted):
        shares = [lost / read if read else None for _, read, lost in counted[name].values()]
        label = words.say("pack.agency.trend", agency=words.of(agencies[name]))
        worst = Cell(percent(max((share for share in shares if share), default=0.0)), "num")
        rows.append((words.of(agencies[name]), *counted[name][nights[-1]], worst, Cell(trend(shares, label), "drawn")))
    heads = words.heads("pack.agency", "pack.deliveries", "rows_read", "pack.unusable", "pack.worst", "trend")
    note = words.say("pack.agencies.note", n=len(nights))
    return Section("agencies", words["pack.agencies"], note, tables=(table(heads, rows),))


def _quarantine(night: AuditedNight, words: Words) -> Section:
    rows = [
        (_feed(row["feed"], words), _column(row, words), _reason(row, words), int(row["count"]))
        for row in sorted(night.told["quarantine"], key=lambda row: (-row["count"], row["feed"]))
    ]
    heads = words.heads("feed", "pack.column", "pack.reason", "pack.count")
    return Section(
        "quarantine",
        words["pack.quarantine"],
        words["pack.quarantine.note" if rows else "pack.quarantine.none"],
        tables=(table(heads, rows),) if rows else (),
    )


def _column(row: Mapping[str, Any], words: Words) -> str:
    contract = load_contract(row["feed"])
    known = row["column_name"] in contract.column_names
    return contract.column(row["column_name"]).header if known else words["whole_delivery"]


def _reason(row: Mapping[str, Any], words: Words) -> str:
    """The check's sentence for the agency; of a row that never became columns that of its structure."""
    contract = load_contract(row["feed"])
    column = row["column_name"] if row["column_name"] in contract.column_names else None
    rule = row["reason_code"] if column or row["reason_code"] == "key_conflict" else "structure"
    return words.of(sentence(Check(contract.feed, contract.agency.id, rule, "correctness", "row", column)))


def _coverage(night: AuditedNight, words: Words) -> Section:
    if night.coverage is None:
        return Section("coverage", words["pack.coverage"], words["pack.coverage.not_kept"])
    rows = [
        (
            _feed(row["feed"], words),
            words.code("status", row["load_status"]),
            Cell(words["pack.yes"], "good") if row["is_fresh"] else Cell(words["pack.no"], "bad"),
            row["first_delivered_on"],
            row["last_delivered_on"],
            row["covers_from"],
            _declared(row),
            row.get("holes"),
        )
        for row in sorted(night.coverage, key=lambda row: FEEDS.index(row["feed"]))
    ]
    absent = [
        words.of(load_contract(feed).title) for feed in FEEDS if feed not in {row["feed"] for row in night.coverage}
    ]
    note = words["pack.coverage.note"]
    if absent:
        note += words.say("pack.coverage.absent", feeds=words["joined"].join(absent))
    heads = words.heads("feed", "status", "pack.is_fresh", "pack.first_delivered", "last_delivered", "pack.covers_from")
    heads = (*heads, *words.heads("pack.declared", "pack.holes"))
    return Section("coverage", words["pack.coverage"], note, tables=(table(heads, rows),))


def _declared(row: Mapping[str, Any]) -> str:
    """What the agency says that it covers: dates, then places."""
    days = [str(row.get(name) or "") for name in ("declared_from", "declared_until")]
    return " ".join(part for part in ("–".join(days) if any(days) else "", row.get("places") or "") if part)


def _feed(feed: str, words: Words) -> str:
    return words.of(load_contract(feed).title) if feed in FEEDS else feed


def _known(feeds: Iterable[str]) -> list[str]:
    return sorted(feeds, key=lambda feed: FEEDS.index(feed) if feed in FEEDS else len(FEEDS))
