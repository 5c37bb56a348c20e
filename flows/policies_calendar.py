"""`nuanxin policies calendar`: what lies ahead of the documents, as a table, as JSON, and as a file for calendars."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from flows import edge
from flows.commands import Told
from flows.ics_lines import AllDay, calendar_file
from flows.linking_output import staged, write_fault
from flows.policies import all_policies
from flows.saying import say
from flows.status import WrongUse
from flows.words import word
from transforms.eligibility.calendar import CalendarEntry, dates_ahead
from transforms.eligibility.policy import Policy

_WIDTH = 130  # columns of the table, so that a file and a terminal hold the same


def show_calendar(first: date, months: int, site: Path | None, ics: Path | None, lang: str) -> Told:
    """The dates ahead of a site's policies, or of all; written to the file `ics` too if one is named.

    WrongUse where that file cannot be written or there is no such site.toml; PolicyFaults, SiteFaults.
    """
    if ics and (reason := write_fault(ics, lang)):
        raise WrongUse(word("link.fault.unwritable", lang).format(option="--ics", path=ics, reason=reason))
    policies = all_policies() if site is None else _policies_of(site)
    entries = dates_ahead(policies, first, months)
    ended = [{"policy_id": each.id, "until": each.in_force.until.isoformat()}
             for each in policies if each.in_force.until and each.in_force.until < first]  # fmt: skip
    if ics:
        count = _write(ics, entries, policies, lang)
        say(word("policy.calendar.written", lang).format(path=ics, count=count))
    page = {"from": first.isoformat(), "months": months, "entries": [_plain(each) for each in entries], "ended": ended}
    return Told(page, {each: _text(page, entries, each) for each in ("zh", "en")})


def _policies_of(site: Path) -> tuple[Policy, ...]:
    from flows.wiring import load_site, policies_of

    return policies_of(load_site(site))


def _plain(entry: CalendarEntry) -> dict[str, Any]:
    days = {name: day and day.isoformat() for name, day in (("on", entry.on), ("latest", entry.latest_working_day))}
    rest = {"gist": entry.gist.model_dump(), "on": days["on"], "latest_working_day": days["latest"]}
    return asdict(entry) | rest


# -- for people ---------------------------------------------------------------------------------------------------


def _text(page: dict[str, Any], entries: Sequence[CalendarEntry], lang: str) -> str:
    lines = [_table(page, entries, lang) if entries else word("policy.calendar.none", lang)]
    if any(_worked(each).endswith("?") for each in entries):
        lines.append(word("policy.calendar.uncertain", lang))
    lines += [word("policy.calendar.ended", lang).format(**each) for each in page["ended"]]
    return "\n".join(lines)


def _table(page: dict[str, Any], entries: Sequence[CalendarEntry], lang: str) -> str:
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    title = word("policy.calendar.title", lang).format(first=page["from"], months=page["months"])
    table = Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False)
    for name in ("month", "on", "remaining", "kind", "policy", "gist", "worked"):
        head = word(f"policy.calendar.{name}", lang)
        table.add_column(head, no_wrap=name != "gist", overflow="fold")
    before = None
    for entry in entries:
        month = f"{entry.on:%Y-%m}" if entry.on else word("policy.calendar.without_a_day", lang)
        if before not in (None, month):
            table.add_section()
        table.add_row("" if month == before else month, *_cells(entry, lang))
        before = month
    shown = StringIO()
    Console(file=shown, width=_WIDTH, markup=False, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in shown.getvalue().splitlines()).strip("\n")


def _cells(entry: CalendarEntry, lang: str) -> tuple[str, ...]:
    left = "" if entry.remaining_days is None else str(entry.remaining_days)
    kind = word(f"policy.calendar.kind.{entry.kind}", lang)
    return _day(entry.on, lang), left, kind, entry.policy_id, getattr(entry.gist, lang), _worked(entry)


def _day(day: date | None, lang: str) -> str:
    if day is None:
        return ""
    names = word("policy.calendar.weekdays", lang)
    return f"{day:%m-%d} {(names.split() if lang == 'en' else names)[day.weekday()]}"


def _worked(entry: CalendarEntry) -> str:
    """The latest working day, with a question mark where it is not certain; nothing where it is the day itself."""
    day = entry.latest_working_day
    if day is None or (day == entry.on and entry.is_certain):
        return ""
    return day.isoformat() + ("" if entry.is_certain else " ?")


# -- for calendars ------------------------------------------------------------------------------------------------


def _write(ics: Path, entries: Sequence[CalendarEntry], policies: Sequence[Policy], lang: str) -> int:
    """Write the entries that have a day, and count them."""
    titles = {policy.id: f"{policy.document.title} {policy.document.number}" for policy in policies}
    events = [_event(each, each.on, titles[each.policy_id], lang) for each in entries if each.on]
    with staged([ics], lang) as parts:
        parts[ics].write_bytes(calendar_file(word("policy.calendar.name", lang), events, edge.now()))
    return len(events)


def _event(entry: CalendarEntry, on: date, title: str, lang: str) -> AllDay:
    told = [title]
    if worked := _worked(entry):
        told.append(word("policy.calendar.by", lang).format(day=worked))
    if worked.endswith("?"):
        told.append(word("policy.calendar.uncertain", lang))
    return AllDay(
        uid=f"{entry.policy_id}.{entry.entry_id}.{entry.kind}.{on.isoformat()}@nuanxin",
        on=on,
        summary=f"{entry.policy_id}: {getattr(entry.gist, lang)}",
        description="\n".join(told),
        category=word(f"policy.calendar.kind.{entry.kind}", lang),
    )
