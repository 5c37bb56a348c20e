"""The stages of a night and the columns behind every table, put together from stages.yaml, contracts and queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from transforms.feeds import FEEDS
from transforms.feeds.contract import Label
from transforms.lineage.columns import Columns, Kind, Source, life_event_columns, mention_columns, record_columns
from transforms.linkage import default_model, linked_by
from transforms.pages import read_page

EACH_FEED = "/*"
_IDENTITY = frozenset({"mention_id", "feed", "record_key"})


@dataclass(frozen=True)
class Stage:
    """One stage: the tables it reads and writes, as named in stages.yaml."""

    id: str
    title: Label
    says: Label
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    per_feed: bool


@cache
def _page() -> dict[str, Any]:
    page: dict[str, Any] = read_page(files("transforms.lineage").joinpath("stages.yaml").read_text("utf-8"))
    return page


@cache
def load_stages() -> tuple[Stage, ...]:
    """The stages in the order in which a night goes through them."""
    return tuple(
        Stage(
            each["id"],
            Label(**each["title"]),
            Label(**each["says"]),
            tuple(each["reads"]),
            tuple(each["writes"]),
            each.get("per_feed", False),
        )
        for each in _page()["stages"]
    )


@cache
def titles(of: str) -> dict[str, Label]:
    """What people call each of the `tables`, or of the `roles` and `fields` of the persons in a record."""
    return {name: Label(**title) for name, title in _page()[of].items()}


def of_feeds(names: Sequence[str], feeds: Sequence[str] = FEEDS) -> list[str]:
    """The tables meant: a name with /* is one a feed."""
    return [
        each
        for name in names
        for each in ([name.replace("*", feed) for feed in feeds] if name.endswith(EACH_FEED) else [name])
    ]


def columns_of(table: str, headers: Mapping[str, Mapping[str, str]] | None = None) -> Columns:
    """What stands behind the columns of a table. `headers`: feed → column → header, where a site has mapped them.

    Empty for a table of which it is not told.
    """
    if table.startswith("records/"):
        feed = table.removeprefix("records/")
        return record_columns(feed, (headers or {}).get(feed, {}))
    if table == "mentions":
        return mention_columns()
    if table == "v_life_events":
        return life_event_columns()
    return _written_down().get(table, {})


@cache
def _written_down() -> dict[str, Columns]:
    return {
        table: {column: _sources(told) for column, told in columns.items()}
        for stage in _page()["stages"]
        for table, columns in stage.get("columns", {}).items()
    }


def _sources(told: Mapping[str, Sequence[str]]) -> tuple[Source, ...]:
    pairs = [(Kind(kind), place.rpartition(".")) for kind, places in told.items() for place in places]
    return tuple(Source(table, each, kind) for kind, (table, _, column) in pairs for each in _meant(column))


def _meant(column: str) -> list[str]:
    """`compared` is every column of a mention that the model compares."""
    if column != "compared":
        return [column]
    return [name for name in linked_by(default_model()) if name not in _IDENTITY]
