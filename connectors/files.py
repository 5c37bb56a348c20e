"""The door for files: a folder a feed, names by the rule, an optional sentinel `<file>.ok` each."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import fsspec

from connectors.base import Arrival, FeedSource, SourceUnavailable, Waiting
from connectors.names import NAME_RULE, parse_name

_NOT_DELIVERED = (".part", ".tmp", ".filepart", ".ok")  # still being written, or a sentinel
_HIDDEN = (".", "~$")  # dotfiles, and the lock file that Excel leaves beside an open workbook


@dataclass(frozen=True)
class Sentinel:
    """What `<file>.ok` says of its file: the records in it, and the checksum of its bytes."""

    rows: int
    sha256: str


class FilesConnector:
    """A feed's folder on this machine, a path or a `file://` url. Nothing in the folder is ever changed."""

    def __init__(self, source: FeedSource) -> None:
        """Raises SourceUnavailable(`door_not_built`) for a url of another file system."""
        scheme, separator, _ = source.url.partition("://")
        if separator and scheme != "file":
            raise SourceUnavailable("door_not_built", connector=scheme)
        self._source = source
        self._files = fsspec.filesystem("file")
        self._folder = source.url.removeprefix("file://")

    def arrivals(self, until: date) -> tuple[list[Arrival], list[Waiting]]:
        """What lies in the folder with a date up to `until`: by date, full before delta, number, name.

        Left alone, with the reason: names that do not follow the rule, links, and files whose sentinel is
        unreadable, speaks of other bytes, or is missing where the site requires one. Raises SourceUnavailable
        (`folder_missing`, `folder_unreadable`).
        """
        seen = [self._look_at(name, is_plain) for name, is_plain in self._listed()]
        due = [one for one in seen if isinstance(one, Waiting) or one.delivered_on <= until]
        checked = [one if isinstance(one, Waiting) else self._with_sentinel(one) for one in due]
        found = [one for one in checked if isinstance(one, Arrival)]
        return sorted(found, key=_reading_order), [one for one in checked if isinstance(one, Waiting)]

    def fetch(self, arrival: Arrival) -> bytes:
        """The bytes as they lie there. SourceUnavailable if the file went, or changed since `arrivals`."""
        content = self._content(arrival.location, arrival.name)
        if arrival.declared_sha256 not in (None, hashlib.sha256(content).hexdigest()):
            raise SourceUnavailable("changed_while_reading", name=arrival.name)
        return content

    def _listed(self) -> list[tuple[str, bool]]:
        """Names in the folder that may be deliveries, and whether each is a plain file; not the folders in it."""
        try:
            entries = self._files.ls(self._folder, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            raise SourceUnavailable("folder_missing", folder=self._folder) from None
        except OSError:
            raise SourceUnavailable("folder_unreadable", folder=self._folder) from None
        if len(entries) == 1 and entries[0]["name"].rstrip("/") == self._folder.rstrip("/"):
            raise SourceUnavailable("folder_missing", folder=self._folder)
        files = [(entry["name"].rsplit("/", 1)[-1], entry) for entry in entries if entry["type"] != "directory"]
        return sorted((name, _is_plain(entry)) for name, entry in files if _may_be_delivery(name))

    def _look_at(self, name: str, is_plain: bool) -> Arrival | Waiting:
        feed = self._source.feed
        said = parse_name(name)
        if said is None or said.feed != feed:
            rule = NAME_RULE.replace("<feed>", feed)
            return Waiting(feed, name, "name_not_understood", {"name": name, "rule": rule})
        if not is_plain:
            return Waiting(feed, name, "not_a_plain_file", {"name": name})
        mode = said.mode or self._source.mode
        return Arrival(feed, name, said.delivered_on, mode, said.number, f"{self._folder.rstrip('/')}/{name}")

    def _with_sentinel(self, arrival: Arrival) -> Arrival | Waiting:
        """The arrival with what its sentinel declares, or why it has to wait."""
        path = arrival.location + ".ok"
        if not self._files.isfile(path):
            required = self._source.sentinel == "required"
            return _waiting(arrival, "sentinel_missing") if required else arrival
        sentinel = parse_sentinel(self._content(path, arrival.name + ".ok"))
        if sentinel is None:
            return _waiting(arrival, "sentinel_unreadable")
        if hashlib.sha256(self._content(arrival.location, arrival.name)).hexdigest() != sentinel.sha256:
            return _waiting(arrival, "sentinel_mismatch")
        return replace(arrival, declared_rows=sentinel.rows, declared_sha256=sentinel.sha256)

    def _content(self, path: str, name: str) -> bytes:
        try:
            return bytes(self._files.cat_file(path))
        except OSError:
            raise SourceUnavailable("file_unreadable", name=name) from None


def parse_sentinel(content: bytes) -> Sentinel | None:
    """The one JSON object `{"rows": n, "sha256": "…"}`; None if it is anything else."""
    try:
        page = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(page, dict):
        return None
    rows, sha256 = page.get("rows"), page.get("sha256")
    if type(rows) is not int or rows < 0 or not isinstance(sha256, str):
        return None
    return Sentinel(rows, sha256.lower())


def _is_plain(entry: Mapping[str, Any]) -> bool:
    """No link (it may point out of the folder) and no pipe (it would never end)."""
    return bool(entry["type"] == "file")


def _may_be_delivery(name: str) -> bool:
    return not name.startswith(_HIDDEN) and not name.lower().endswith(_NOT_DELIVERED)


def _waiting(arrival: Arrival, reason_code: str) -> Waiting:
    return Waiting(arrival.feed, arrival.name, reason_code, {"name": arrival.name})


def _reading_order(arrival: Arrival) -> tuple[date, bool, int, str]:
    return arrival.delivered_on, arrival.mode != "full", arrival.number, arrival.name
