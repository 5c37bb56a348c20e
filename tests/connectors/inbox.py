"""An inbox in a temporary folder, a store in memory, and small files in every format."""

import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from connectors.base import Arrival, Delivery, DeliveryUnreadable, FeedSource, Waiting
from connectors.doors import open_connector
from connectors.landing import land
from connectors.reading import read
from transforms.feeds import load_contract
from transforms.feeds.delivered import Delivered

LATER = date(2030, 1, 1)


class Shelf:
    """A ByteStore in memory that counts what was written."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.puts = 0

    def put(self, path: str, content: bytes) -> None:
        self.kept[path] = content
        self.puts += 1

    def get(self, path: str) -> bytes:
        if path not in self.kept:
            raise FileNotFoundError(path)
        return self.kept[path]

    def exists(self, path: str) -> bool:
        return path in self.kept


class Inbox:
    """The folder of one feed, and what the connectors make of it."""

    def __init__(self, folder: Path, feed: str = "cremations", **settings: Any) -> None:
        self.folder, self.feed, self.shelf = folder, feed, Shelf()
        self.source = FeedSource(feed=feed, connector="files", url=str(folder), **settings)

    def put(self, name: str, content: bytes | str, *, rows: int | None = None, sha256: str = "") -> bytes:
        """A file; with `rows` also its sentinel, true unless another checksum is given."""
        content = content.encode(self.source.encoding) if isinstance(content, str) else content
        (self.folder / name).write_bytes(content)
        if rows is not None:
            said = {"rows": rows, "sha256": sha256 or hashlib.sha256(content).hexdigest()}
            (self.folder / f"{name}.ok").write_text(json.dumps(said))
        return content

    def arrivals(self, until: date = LATER) -> list[Arrival]:
        return open_connector(self.source).arrivals(until)[0]

    def waiting(self) -> list[Waiting]:
        return open_connector(self.source).arrivals(LATER)[1]

    def land(self, arrival: Arrival) -> Delivery:
        return land(open_connector(self.source), arrival, self.shelf, encoding=self.source.encoding)

    def read(self) -> Delivered:
        """The one file in the folder, all the way."""
        (arrival,) = self.arrivals()
        return read(self.land(arrival), load_contract(self.feed), self.source, self.shelf)

    def reads(self, name: str, content: bytes | str, **sentinel: Any) -> Delivered:
        self.put(name, content, **sentinel)
        return self.read()

    def refusal(self, name: str, content: bytes | str, **sentinel: Any) -> tuple[str, dict[str, Any]]:
        """Why a file cannot be read: reason and detail."""
        try:
            self.reads(name, content, **sentinel)
        except DeliveryUnreadable as fault:
            return fault.reason_code, fault.detail
        raise AssertionError(f"{name} was read")


def workbook(rows: Sequence[Sequence[Any]], *more: Sequence[Sequence[Any]]) -> bytes:
    """An xlsx with one sheet of these rows, and further sheets."""
    book = openpyxl.Workbook()
    for at, sheet_rows in enumerate((rows, *more)):
        sheet = book.active if at == 0 else book.create_sheet()
        for row in sheet_rows:
            sheet.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inner in members:
            archive.writestr(name, inner, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
