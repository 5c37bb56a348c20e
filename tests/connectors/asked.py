"""A view to be asked: cremations in SQLite and PostgreSQL, and what a pull of them lands."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Thread
from typing import Any

import sqlalchemy as sa

from connectors.base import Delivery, FeedSource, SourceUnavailable, Waiting
from connectors.doors import open_pull
from connectors.pulling import land_pull, window
from connectors.reading import read
from tests.connectors.inbox import Shelf
from transforms.feeds import load_contract
from transforms.feeds.delivered import Delivered

FEED = "cremations"
DAY = date(2025, 6, 3)
COLUMNS = load_contract(FEED).column_names


def now() -> datetime:
    """The clock, as the edge gives it to a door."""
    return datetime.now(UTC)


def cremation(number: int, updated_at: str | None = "2025-06-02 08:00:00", **other: Any) -> dict[str, Any]:
    """A record of an invented person."""
    row = dict.fromkeys(COLUMNS) | {"record_no": f"HH{number:05}", "name": f"测试{number}", "cremated_on": "2025-06-01"}
    return row | other | {"updated_at": updated_at}


@dataclass
class Asked:
    """A feed behind a door that is asked, and a shelf on which its deliveries are landed."""

    source: FeedSource
    shelf: Shelf = field(default_factory=Shelf)

    def pull(self, day: date = DAY, watermark: str | None = None) -> tuple[Delivery, list[Waiting]]:
        asked = window(self.source, day, watermark)
        return land_pull(open_pull(self.source, now), self.source, day, asked, self.shelf, settings="s")

    def rows(self, day: date = DAY, watermark: str | None = None) -> list[dict[str, Any]]:
        return self.read(self.pull(day, watermark)[0]).table.drop_columns(["_row_number"]).to_pylist()

    def numbers(self, day: date = DAY, watermark: str | None = None) -> list[str]:
        return [row["record_no"] for row in self.rows(day, watermark)]

    def read(self, delivery: Delivery) -> Delivered:
        return read(delivery, load_contract(self.source.feed), self.source, self.shelf)

    def refusal(self, day: date = DAY) -> SourceUnavailable:
        try:
            self.pull(day)
        except SourceUnavailable as fault:
            assert self.shelf.kept == {}, "nothing is landed half"
            return fault
        raise AssertionError("the source answered")


def make_view(
    url: str, rows: Sequence[dict[str, Any]], *, columns: dict[str, Any] | None = None, name: str = FEED
) -> None:
    """A table of these rows under a view; `columns` says types other than text, or further columns."""
    kinds = dict.fromkeys([*COLUMNS, "updated_at"], sa.Text()) | (columns or {})
    held = sa.Table(f"{name}_held", sa.MetaData(), *(sa.Column(header, kind) for header, kind in kinds.items()))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP VIEW IF EXISTS {name}"))
        connection.execute(sa.text(f"DROP TABLE IF EXISTS {name}_held"))
        held.create(connection)
        connection.execute(sa.text(f"CREATE VIEW {name} AS SELECT * FROM {name}_held"))
        if rows:
            connection.execute(held.insert(), list(rows))
    engine.dispose()


def change(url: str, *statements: str) -> None:
    """Statements of the agency."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


@contextmanager
def broken_line(url: str, *, after_bytes: int, times: int) -> Iterator[tuple[str, list[int]]]:
    """The same database behind a line that is cut after so many bytes from it, so many times; and the cuts."""
    there = sa.make_url(url)
    listening = socket.create_server(("127.0.0.1", 0))
    breaks: list[int] = []

    def carry(source: socket.socket, target: socket.socket, limit: int | None) -> None:
        carried = 0
        try:
            while content := source.recv(1 << 16):
                carried += len(content)
                if limit is not None and carried > limit and len(breaks) < times:
                    breaks.append(1)
                    break
                target.sendall(content)
        except OSError:
            pass
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            server = socket.create_connection((str(there.host), int(there.port or 0)))
            Thread(target=carry, args=(client, server, None), daemon=True).start()
            Thread(target=carry, args=(server, client, after_bytes), daemon=True).start()

    Thread(target=accept, daemon=True).start()
    try:
        yield there.set(port=listening.getsockname()[1]).render_as_string(hide_password=False), breaks
    finally:
        listening.close()
