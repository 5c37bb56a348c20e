"""The door: an interface asked page by page, once a business date."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import FeedSource, SourceUnavailable
from connectors.http.pages import Page, column, parse_page
from connectors.http.requests import Requests, open_requests
from connectors.moments import moments
from connectors.pulling import UPDATED_AT, Pulled, Window, packed
from transforms.feeds import load_contract

PAGE_ROWS = 5_000  # asked for; an interface may give fewer
MOST_PAGES = 10_000
MOST_BYTES = 4 << 30


class HttpConnector:
    """One feed's interface. `now` has a zone: the moment of a signature, and the measure of the time limit."""

    def __init__(self, source: FeedSource, now: Callable[[], datetime]) -> None:
        contract = load_contract(source.feed)
        self._source, self._now = source, now
        self._headers = [source.header_of(each.name, each.header) for each in contract.columns]
        self._updated_at = source.columns.get(UPDATED_AT, UPDATED_AT)

    def pull(self, window: Window) -> Pulled:
        """Every page, or nothing.

        Raises SourceUnavailable: what `vet` and `Requests.get` raise, `answer_unusable`, `answer_too_large`,
        `updated_at_missing`.
        """
        names: dict[str, None] = {}
        tables = []
        with open_requests(self._source, self._now) as requests:
            for number, page in enumerate(_pages(requests, _asked(window)), 1):
                names |= dict.fromkeys(name for row in page.rows for name in row)
                tables.append(self._table(page, number))
        table = pa.concat_tables(tables)
        self._see_updated_at(names, window)
        return self._packed(table, names, window)

    def _table(self, page: Page, number: int) -> pa.Table:
        """The columns that are known, whether the page has them or not."""
        wanted = [*self._headers, self._updated_at]
        return pa.table({name: column(page.rows, name, number) for name in wanted})

    def _see_updated_at(self, names: dict[str, None], window: Window) -> None:
        if names and self._updated_at not in names and window.until is not None:
            raise SourceUnavailable("updated_at_missing", column=self._updated_at, view=self._source.place)

    def _packed(self, table: pa.Table, names: dict[str, None], window: Window) -> Pulled:
        """What lies after the window waits. An answer without rows says nothing about columns: it has them all."""
        found, size = moments(table[self._updated_at]), table.num_rows
        if window.until is not None:
            is_due = pc.fill_null(pc.less(found, window.until), True)
            table, found = table.filter(is_due), found.filter(is_due)
        known = [header for header in self._headers if header in names or not names]
        unknown = [name for name in names if name not in {*self._headers, self._updated_at}]
        rows = {header: table[header] for header in known}
        rows |= {name: pa.chunked_array([pa.nulls(table.num_rows, pa.string())]) for name in unknown}
        return packed(rows, found, rows_ahead=size - table.num_rows)


def _asked(window: Window) -> dict[str, str]:
    """The parameters of the first page."""
    bounds = {"since": window.since, "until": window.until}
    told = {name: f"{at.isoformat(timespec='seconds')}+08:00" for name, at in bounds.items() if at}
    return {"limit": str(PAGE_ROWS), **told}


def _pages(requests: Requests, asked: dict[str, str]) -> Iterator[Page]:
    """From the first page to the one without a next. An interface that declares how many rows it has in all gives as
    many, and says the same on every page."""
    cursors: set[str] = set()
    declared: set[int] = set()
    number = size = rows = 0
    cursor: dict[str, str] = {}
    while True:
        content = requests.get(asked | cursor)
        number, size = number + 1, size + len(content)
        page = parse_page(content, number)
        yield page
        rows += len(page.rows)
        declared |= set() if page.rows_total is None else {page.rows_total}
        if page.next is None:
            break
        if page.next in cursors:
            raise SourceUnavailable("answer_unusable", how="loop", page=number)
        if number >= MOST_PAGES or size > MOST_BYTES:
            raise SourceUnavailable("answer_too_large", limit=f"{MOST_PAGES} × {PAGE_ROWS}")
        cursors.add(page.next)
        cursor = {"cursor": page.next}
    wrong = sorted(declared - {rows})
    if wrong:
        raise SourceUnavailable("answer_unusable", how="rows", declared=wrong[0], found=rows)
