"""What an engineer sees: a bar while a night works, a row when it is done, and where everything lies."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from flows.observing import STAGES
from flows.sentences import Lang, gap_sentences
from flows.words import word

COLUMNS = (
    "read", "accepted", "unchanged", "quarantined", "linked", "sent_to_review", "alerted", "awaiting_clerk",
    "withdrawn",
)  # fmt: skip
STYLES = {"quarantined": "yellow", "alerted": "bold magenta", "awaiting_clerk": "cyan", "withdrawn": "red"}


class NightsTable:
    """An observer that draws: the nights that are done as rows, the stages of this one as a bar."""

    def __init__(self, lang: Lang, nights: int, console: Console | None = None) -> None:
        self._lang = lang
        self._console = console or wide_console()
        self._table = _empty_table(lang)
        bar = BarColumn(bar_width=30)
        self._bars = Progress(SpinnerColumn(), TextColumn("{task.description}"), bar, TimeElapsedColumn())
        self._all = self._bars.add_task(word("nights", lang), total=nights)
        self._stages = self._bars.add_task("", total=len(STAGES))
        self._live = Live(self._drawing(), console=self._console, refresh_per_second=8, transient=True)
        self._date = ""
        self._since = 0.0

    @property
    def finished_nights(self) -> Table:
        """The nights that are done."""
        return self._table

    @contextmanager
    def shown(self) -> Iterator["NightsTable"]:
        """Draw while the nights run; leave the finished table on the screen."""
        with self._live:
            yield self
        self._console.print(self._table)

    def night(self, business_date: str) -> None:
        """A night begins."""
        self._date, self._since = business_date, time.monotonic()
        self._bars.reset(self._stages, description=business_date)

    def started(self, stage: str) -> None:
        """A stage begins."""
        self._bars.update(self._stages, description=f"{self._date} {word('stage.' + stage, self._lang)}")

    def finished(self, stage: str, facts: dict[str, Any], *, taken: bool) -> None:
        """A stage is done."""
        self._bars.advance(self._stages)
        if stage == STAGES[-1]:
            self._row(facts)

    def _row(self, summary: dict[str, Any]) -> None:
        took = time.monotonic() - self._since
        cells = [_count(summary.get(name, 0), STYLES.get(name, "")) for name in COLUMNS]
        self._table.add_row(self._date, *cells, _status(summary, self._lang), f"{took:.1f}")
        self._bars.advance(self._all)
        self._live.update(self._drawing())

    def _drawing(self) -> Group:
        return Group(self._table, self._bars)


def _empty_table(lang: Lang) -> Table:
    table = Table(title=word("table.title", lang), title_justify="left", header_style="bold", pad_edge=False)
    table.add_column(word("night", lang), no_wrap=True)
    for name in COLUMNS:
        table.add_column(word(name, lang), justify="right")
    table.add_column(word("feeds", lang))
    table.add_column(word("seconds", lang), justify="right")
    return table


def _count(value: int, style: str) -> Text:
    return Text(f"{value:,}", style=style if value else "dim")


def _status(summary: dict[str, Any], lang: Lang) -> Text:
    gaps = summary.get("feeds_without", [])
    if not gaps:
        return Text(word("feeds.all", lang), style="green")
    return Text(word("feeds.without", lang).format(n=len(gaps), feeds=", ".join(gaps)), style="yellow")


def wide_console() -> Console:
    """Standard error; where it is no terminal the table still gets the width it needs."""
    found = Console(stderr=True, highlight=False)
    return found if found.is_terminal else Console(stderr=True, highlight=False, width=150)


def _show_places(places: dict[str, str], lang: Lang, console: Console) -> None:
    for name, place in places.items():
        console.print(Text.assemble((f"{word(name, lang)}  ", "bold"), place))


def show_end(summary: dict[str, Any], lang: Lang, console: Console | None = None) -> None:
    """What the last night lacked and whose move it is; then where its warehouse and quality report lie."""
    out = console or Console(stderr=True, soft_wrap=True, highlight=False)
    for line in gap_sentences(summary, lang):
        out.print(Text.assemble(("! ", "yellow"), line))
    for notice in summary.get("notices", ()):
        told = word("notice", lang).format(policy=notice["policy_id"], on=notice["on"], gist=notice[lang])
        out.print(Text.assemble(("◷ ", "cyan"), told))
    _show_places(summary["places"], lang, out)
