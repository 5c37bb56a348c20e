"""What every door has in common: where a feed comes from, what arrived, what was landed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol
from urllib.parse import urlsplit

from transforms.coverage import Declared

Mode = Literal["full", "delta"]


@dataclass(frozen=True)
class FeedSource:
    """One `[feeds.<feed>]` of site.toml, checked and with its url made absolute."""

    feed: str
    connector: Literal["files", "database", "http"]
    url: str = field(repr=False)  # may carry a password taken from the environment
    encoding: str = "utf-8"
    mode: Mode = "delta"
    sentinel: Literal["optional", "required"] = "optional"
    max_age_days: int = 2
    columns: Mapping[str, str] = field(default_factory=dict)  # nuanxin's column → the site's header
    covers: Declared | None = None  # what the agency says that the feed covers
    bounds: Mapping[str, float] = field(default_factory=dict)  # thresholds of its own, by name
    ignored_columns: tuple[str, ...] = ()  # headers that the agency sends beyond the contract, and nobody reads
    view: str = ""  # database: the view, with its schema if need be; empty: named as the feed
    overlap_hours: int = 48  # database, http: how far before the watermark a pull reads again
    time_limit_seconds: int = 900  # database, http: of one pull
    key_id: str = ""  # http: which secret the agency is to check a signature with
    secret: str = field(default="", repr=False)
    allow: tuple[str, ...] = ()  # http: the networks to which a connection may be made
    ca_file: str = ""  # http: certificates to trust in place of the system's

    @property
    def is_pulled(self) -> bool:
        """Whether nuanxin asks for the rows; otherwise files are delivered."""
        return self.connector != "files"

    @property
    def place(self) -> str:
        """Where the source is, without account, password or options: it may stand in a message."""
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}"

    def header_of(self, column: str, delivered_as: str) -> str:
        """The header of a column: as the site maps it, else in files the contract's, in views and answers our own."""
        return self.columns.get(column, column if self.is_pulled else delivered_as)


@dataclass(frozen=True)
class Arrival:
    """Something that lies at the door: named by the contract's rules, not yet read."""

    feed: str
    name: str
    delivered_on: date
    mode: Mode
    number: int
    location: str
    declared_rows: int | None = None  # what its sentinel says; None without one
    declared_sha256: str | None = None
    version: str = ""  # of a file: its size and when it was last written, as its folder tells them
    is_remote: bool = False  # to fetch it costs a network


@dataclass(frozen=True)
class Waiting:
    """Something at the door that is left alone for now, and why (`sentinel_missing`, …)."""

    feed: str
    name: str
    reason_code: str
    detail: Mapping[str, str | int]


@dataclass(frozen=True)
class Delivery:
    """A landed delivery: its bytes are kept as received under `landed_path` of the byte store."""

    delivery_id: str  # "D" + the first 15 hex digits of sha256(feed + ":" + sha256 of the bytes)
    feed: str
    name: str
    delivered_on: date
    mode: Mode
    number: int
    sha256: str
    size_bytes: int
    landed_path: str
    encoding: str
    declared_rows: int | None = None  # vouched for by a sentinel whose checksum matched; None without one
    watermark: str | None = None  # of a pull: its latest updated_at, ISO, wall clock of Asia/Shanghai


class ByteStore(Protocol):
    """Where bytes are kept; the lake is one. Paths are relative, with forward slashes."""

    def put(self, path: str, content: bytes) -> None:
        """Keep the content whole or not at all; the same path with the same content is no error."""

    def get(self, path: str) -> bytes:
        """The content of a path; FileNotFoundError if there is none."""

    def exists(self, path: str) -> bool:
        """Whether something is kept under that path."""


class Connector(Protocol):
    """A door: tells what has arrived, and hands over its bytes."""

    def arrivals(self, until: date) -> tuple[list[Arrival], list[Waiting]]:
        """What lies at the door with a delivery date up to `until`, oldest first, and what is left alone."""

    def fetch(self, arrival: Arrival) -> bytes:
        """The bytes of one arrival, as received; LeftAlone if it turns out not to be whole."""


class SourceFault(Exception):
    """A door or a delivery that cannot be used. `reason_code` and `detail` make its sentence; no values."""

    def __init__(self, reason_code: str, **detail: str | int) -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code
        self.detail = detail


class SourceUnavailable(SourceFault):
    """The door does not open, or breaks off: folder missing, server down, an answer that cannot be used."""


class LeftAlone(SourceFault):
    """A single delivery that is not whole yet: it waits, the others of its feed go on."""


class DeliveryUnreadable(SourceFault):
    """A delivery that cannot be brought into columns: empty, half, wrong encoding, wrong header."""
