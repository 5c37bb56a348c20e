"""site.toml as typed data. Every mistake in it is found before anything starts, and all are told together.

The page is the one of the contract: [site], [warehouse], [feeds.<feed>] with .columns, .coverage and .bounds,
[notify]. Paths in it are relative to it. Secrets stand as `${NAME}` and come from the environment: the variable NAME,
or the content of the file that NAME_FILE names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from connectors.base import FeedSource
from connectors.pulling import UPDATED_AT
from flows import site_rules as rules
from flows.site_faults import Fault, SiteFaults
from flows.site_feeds import bounds, declared
from flows.site_page import Page
from transforms.feeds import FEEDS, load_contract

__all__ = ["Channel", "Fault", "Site", "SiteFaults", "load_site", "parse_site"]

_FEED_KEYS = ("connector", "url", "encoding", "mode", "sentinel", "max_age_days", "columns", "ignored_columns",
              "coverage", "bounds")  # fmt: skip
_PULL_KEYS = ("overlap_hours", "time_limit_seconds")
_DOOR_KEYS: dict[str, tuple[str, ...]] = {
    "files": (),
    "database": (*_PULL_KEYS, "view"),
    "http": (*_PULL_KEYS, "key_id", "secret", "allow", "ca_file"),
}
_ALL_KEYS = tuple(dict.fromkeys([*_FEED_KEYS, *(key for keys in _DOOR_KEYS.values() for key in keys)]))


@dataclass(frozen=True)
class Channel:
    """Where messages go: an Apprise url, and the townships (nine digits) it serves; none named = all."""

    url: str = field(repr=False)
    townships: tuple[str, ...] = ()


@dataclass(frozen=True)
class Site:
    """One health commission's configuration, checked; every path in it is absolute."""

    path: Path  # of site.toml
    name: str
    jurisdiction: str  # GB/T 2260, six digits
    policies: tuple[str, ...]  # in the order of precedence
    alerts_since: date | None  # None: 1 January of the year before the first night
    warehouse_url: str = field(repr=False)
    feeds: Mapping[str, FeedSource]
    channels: tuple[Channel, ...] = ()


def load_site(path: Path, environment: Mapping[str, str]) -> Site:
    """The configuration in a site.toml. SiteFaults with every mistake in it; OSError if it is not there."""
    return parse_site(path.read_bytes(), path.resolve(), environment)


def parse_site(content: bytes, path: Path, environment: Mapping[str, str]) -> Site:
    """The configuration in the bytes of a site.toml that lies at `path` (absolute). Raises SiteFaults."""
    page = Page.read(content, path, environment)
    page.only(("site", "warehouse", "feeds", "notify"))
    site = _site(page, path)
    page.finish()
    return site


def _site(page: Page, path: Path) -> Site:
    base = path.parent
    about = page.table("site", required=True)
    about.only(("name", "jurisdiction", "policies", "alerts_since"))
    warehouse = page.table("warehouse")
    warehouse.only(("url",))
    return Site(
        path=path,
        name=about.text("name", rules.filled, required=True),
        jurisdiction=about.text("jurisdiction", rules.division, required=True),
        policies=about.texts("policies", rules.policy_name, required=True),
        alerts_since=about.day("alerts_since"),
        warehouse_url=rules.absolute(warehouse.text("url", rules.database_url, "sqlite:///warehouse.db"), base),
        feeds=_feeds(page, base),
        channels=_channels(page),
    )


def _feeds(page: Page, base: Path) -> dict[str, FeedSource]:
    table = page.table("feeds", required=True)
    table.only(FEEDS)
    if not table.keys:
        table.fault("nothing_named", "", ", ".join(FEEDS))
    for name, meant in table.meant.items():  # a feed of a mistyped name has its other mistakes told too
        _feed(table.table(name), meant, base)
    return {feed: _feed(table.table(feed), feed, base) for feed in FEEDS if feed in table.keys}


def _feed(table: Page, feed: str, base: Path) -> FeedSource:
    table.only(_ALL_KEYS)
    connector = table.choice("connector", ("files", "database", "http"), required=True)
    known, is_http = (*_FEED_KEYS, *_DOOR_KEYS[connector]), connector == "http"
    for key in (each for each in table.keys if each in _ALL_KEYS and each not in known):  # of another door
        table.fault("unknown_key", key, ", ".join(known), key)
    url = table.text("url", rules.url_of(connector), required=True)
    return FeedSource(
        feed=feed,
        connector=connector,
        url=rules.absolute(url, base),
        encoding=table.text("encoding", rules.encoding, "utf-8"),
        mode=table.choice("mode", ("delta", "full")),
        sentinel=table.choice("sentinel", ("optional", "required")),
        max_age_days=table.number("max_age_days", 2),
        columns=_columns(table.table("columns"), feed, is_pulled=connector != "files"),
        view=table.text("view", rules.filled),
        overlap_hours=table.number("overlap_hours", 48, "whole"),
        time_limit_seconds=table.number("time_limit_seconds", 900, "whole") or 1,
        key_id=table.text("key_id", rules.key_id, required=is_http),
        secret=table.secret("secret", required=is_http),
        allow=table.texts("allow", rules.network, required=is_http),
        ca_file=rules.absolute(table.text("ca_file", rules.filled), base),
        ignored_columns=table.texts("ignored_columns", rules.filled),
        covers=declared(table, feed),
        bounds=bounds(table),
    )


def _columns(table: Page, feed: str, *, is_pulled: bool) -> dict[str, str]:
    """The site's headers. A header can stand for one column only, be it mapped or the contract's own."""
    contract = load_contract(feed)
    headers = {column.name: column.name if is_pulled else column.header for column in contract.columns}
    headers |= {UPDATED_AT: UPDATED_AT} if is_pulled else {}
    table.only(headers)
    mapped = {name: table.text(name, rules.filled) for name in headers if name in table.keys}
    headers |= mapped
    for name, header in mapped.items():
        others = [other for other in headers if other != name and headers[other] == header]
        if header and others:
            table.fault("header_taken", header, ", ".join(others), name)
    return mapped


def _channels(page: Page) -> tuple[Channel, ...]:
    table = page.table("notify")
    table.only(("channels",))
    return tuple(_channel(entry) for entry in table.entries("channels"))


def _channel(entry: Page | str) -> Channel:
    if isinstance(entry, str):
        return Channel(entry)
    entry.only(("url", "townships"))
    url = entry.text("url", rules.channel_url, required=True)
    return Channel(url, entry.texts("townships", rules.township))
