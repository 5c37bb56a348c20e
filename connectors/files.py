"""The door for files: a folder a feed, wherever it lies, names by the rule, an optional sentinel `<file>.ok` each."""

import hashlib
import json
import time
from dataclasses import dataclass, replace
from datetime import date

from connectors.base import Arrival, FeedSource, LeftAlone, Waiting
from connectors.folders import Entry
from connectors.names import NAME_RULE, parse_name
from connectors.remote_folders import open_folder

_NOT_DELIVERED = (".part", ".tmp", ".filepart", ".ok")  # still being written, or a sentinel
_HIDDEN = (".", "~$")  # dotfiles, and the lock file that Excel leaves beside an open workbook
_LARGEST = 2 << 30  # bytes of one file; it is held in memory
_MOMENT = 1.0  # seconds between two looks at a folder that is far away


@dataclass(frozen=True)
class Sentinel:
    """What `<file>.ok` says of its file: the records in it, and the checksum of its bytes."""

    rows: int
    sha256: str


class FilesConnector:
    """A feed's folder: a path, a `file://`, `sftp://` or `s3://` url. Nothing in the folder is ever changed."""

    def __init__(self, source: FeedSource) -> None:
        """Raises SourceUnavailable(`door_not_built`) for a url of another file system."""
        self._source = source
        self._folder = open_folder(source.url)

    def arrivals(self, until: date) -> tuple[list[Arrival], list[Waiting]]:
        """What lies in the folder with a date up to `until`: by date, full before delta, number, name.

        Left alone, with the reason: names that do not follow the rule, links, files that are too large or still
        growing, and files whose sentinel is unreadable, or is missing where the site requires one. Raises
        SourceUnavailable (`folder_missing`, `folder_unreadable`, `folder_server`).
        """
        entries = self._folder.entries()
        sentinels = {entry.name: entry for entry in entries if entry.name.endswith(".ok")}
        seen = [
            self._look_at(entry) for entry in sorted(entries, key=lambda each: each.name) if _may_be_delivery(entry)
        ]
        due = [one for one in seen if isinstance(one, Waiting) or one.delivered_on <= until]
        checked = self._settled(
            [one if isinstance(one, Waiting) else self._with_sentinel(one, sentinels) for one in due]
        )
        found = [one for one in checked if isinstance(one, Arrival)]
        return sorted(found, key=_reading_order), [one for one in checked if isinstance(one, Waiting)]

    def fetch(self, arrival: Arrival) -> bytes:
        """The bytes as they lie there.

        LeftAlone (`still_growing`, `sentinel_mismatch`) where they are not whole yet; SourceUnavailable if the
        file went, or the folder did.
        """
        content = self._folder.content(arrival.name, _size(arrival))
        if arrival.declared_sha256 is not None:
            if arrival.declared_sha256 != hashlib.sha256(content).hexdigest():
                raise LeftAlone("sentinel_mismatch", name=arrival.name)
            return content
        if len(content) != _size(arrival) or self._folder.version(arrival.name) != arrival.version:
            raise LeftAlone("still_growing", name=arrival.name)
        return content

    def _look_at(self, entry: Entry) -> Arrival | Waiting:
        feed, name = self._source.feed, entry.name
        said = parse_name(name)
        if said is None or said.feed != feed:
            rule = NAME_RULE.replace("<feed>", feed)
            return Waiting(feed, name, "name_not_understood", {"name": name, "rule": rule})
        if entry.kind != "file":  # a link may point out of the folder, a pipe would never end
            return Waiting(feed, name, "not_a_plain_file", {"name": name})
        if entry.size > _LARGEST:
            return Waiting(feed, name, "file_too_large", {"name": name, "size": entry.size, "most": _LARGEST})
        mode = said.mode or self._source.mode
        location = f"{self._folder.shown.rstrip('/')}/{name}"
        return Arrival(
            feed,
            name,
            said.delivered_on,
            mode,
            said.number,
            location,
            version=entry.version,
            is_remote=self._folder.is_remote,
        )

    def _with_sentinel(self, arrival: Arrival, sentinels: dict[str, Entry]) -> Arrival | Waiting:
        """The arrival with what its sentinel declares, or why it has to wait."""
        entry = sentinels.get(f"{arrival.name}.ok")
        if entry is None or entry.kind != "file":
            required = self._source.sentinel == "required"
            return _waiting(arrival, "sentinel_missing") if required else arrival
        sentinel = parse_sentinel(self._folder.content(entry.name, entry.size))
        if sentinel is None:
            return _waiting(arrival, "sentinel_unreadable")
        return replace(arrival, declared_rows=sentinel.rows, declared_sha256=sentinel.sha256)

    def _settled(self, checked: list[Arrival | Waiting]) -> list[Arrival | Waiting]:
        """Files without a sentinel have to look the same a moment later: a copy from far away takes its time."""
        unvouched = [one for one in checked if isinstance(one, Arrival) and one.declared_sha256 is None]
        if not (self._folder.is_remote and unvouched):
            return checked
        time.sleep(_MOMENT)
        later = {entry.name: entry.version for entry in self._folder.entries()}
        growing = {one.name for one in unvouched if later.get(one.name) != one.version}
        return [
            _waiting(one, "still_growing") if isinstance(one, Arrival) and one.name in growing else one
            for one in checked
        ]


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


def _may_be_delivery(entry: Entry) -> bool:
    hidden = entry.name.startswith(_HIDDEN) or entry.name.lower().endswith(_NOT_DELIVERED)
    return entry.kind != "directory" and not hidden


def _size(arrival: Arrival) -> int:
    return int(arrival.version.split(" ")[0])


def _waiting(arrival: Arrival, reason_code: str) -> Waiting:
    return Waiting(arrival.feed, arrival.name, reason_code, {"name": arrival.name})


def _reading_order(arrival: Arrival) -> tuple[date, bool, int, str]:
    return arrival.delivered_on, arrival.mode != "full", arrival.number, arrival.name
