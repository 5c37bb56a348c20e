"""What is asked of a view: which of its columns, which of its rows, and how each column becomes text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import ARRAY, JSON, TypeEngine

from connectors.base import FeedSource, SourceUnavailable
from connectors.moments import EARLIEST
from connectors.pulling import UPDATED_AT, Window
from transforms.feeds import FeedContract

_EARLIEST = datetime.fromisoformat(f"{EARLIEST}-01-01")
_NO_TEXT = (sa.LargeBinary, ARRAY, JSON)


@dataclass(frozen=True)
class Seen:
    """The columns of a view. `known` and `not_text` are headers of the contract's columns, in its order;
    `unknown` those that the contract has no column for: their values are never asked for."""

    view: sa.TableClause
    types: Mapping[str, TypeEngine[Any]]
    known: tuple[str, ...]
    not_text: tuple[str, ...]
    unknown: tuple[str, ...]
    updated_at: str | None
    dialect: str

    @property
    def asked(self) -> tuple[str, ...]:
        """The headers whose values are asked for, `updated_at` last."""
        return (*self.known, self.updated_at) if self.updated_at else self.known


def look_at(connection: sa.Connection, source: FeedSource, contract: FeedContract) -> Seen:
    """What the view has. Raises SourceUnavailable (`view_missing`, `updated_at_missing`) and the database's faults."""
    schema, _, name = (source.view or source.feed).rpartition(".")
    try:
        columns = sa.inspect(connection).get_columns(name, schema=schema or None)
    except sa.exc.NoSuchTableError:
        raise SourceUnavailable("view_missing", view=source.view or source.feed) from None
    types = {column["name"]: column["type"] for column in columns}
    wanted = [source.header_of(column.name, column.header) for column in contract.columns]
    updated_at = source.columns.get(UPDATED_AT, UPDATED_AT)
    if updated_at not in types and source.mode == "delta":
        raise SourceUnavailable("updated_at_missing", column=updated_at, view=source.view or source.feed)
    there = [header for header in wanted if header in types]
    return Seen(
        view=sa.table(name, *(sa.column(header) for header in types), schema=schema or None),
        types=types,
        known=tuple(header for header in there if not isinstance(types[header], _NO_TEXT)),
        not_text=tuple(header for header in there if isinstance(types[header], _NO_TEXT)),
        unknown=tuple(header for header in types if header not in {*wanted, updated_at}),
        updated_at=updated_at if updated_at in types else None,
        dialect=connection.dialect.name,
    )


def rows_of(seen: Seen, asked: Window) -> sa.Select[Any]:
    """The rows of a window. Rows without a usable `updated_at` are of every window: nobody knows when they changed."""
    columns = [_as_text(seen, header) for header in seen.asked]
    wanted = sa.select(*columns).select_from(seen.view)
    if asked.until is None:
        return wanted
    clock = _clock(seen)
    dated = clock < _at(seen, asked.until)
    if asked.since is not None:
        since = asked.since - timedelta(days=1) if _is_text(seen) else asked.since  # text may be of another zone
        dated = sa.and_(clock >= _at(seen, since), dated)
    undated = sa.or_(_updated_at(seen).is_(None), clock < _at(seen, _EARLIEST))
    return wanted.where(sa.or_(dated, undated))


def rows_ahead(seen: Seen, asked: Window) -> sa.Select[Any] | None:
    """How many rows are dated after the window; None for a full pull."""
    if asked.until is None:
        return None
    return sa.select(sa.func.count()).select_from(seen.view).where(_clock(seen) >= _at(seen, asked.until))


def _as_text(seen: Seen, header: str) -> sa.ColumnElement[Any]:
    """PostgreSQL writes text itself, which is quicker; values of other databases become text here."""
    column: sa.ColumnElement[Any] = seen.view.c[header]
    if seen.dialect != "postgresql":
        return column
    kind = seen.types[header]
    if isinstance(kind, sa.Boolean):
        column = sa.cast(column, sa.Integer)
    if isinstance(kind, sa.DateTime) and kind.timezone:
        column = sa.cast(column, sa.DateTime())  # on the session's clock, which is Shanghai's
    return sa.cast(column, sa.Text).label(header)


def _updated_at(seen: Seen) -> sa.ColumnElement[Any]:
    return seen.view.c[str(seen.updated_at)]


def _is_text(seen: Seen) -> bool:
    """Whether `updated_at` is compared as text; SQLite keeps moments in no other way."""
    return seen.dialect == "sqlite" or isinstance(seen.types[str(seen.updated_at)], sa.String)


def _clock(seen: Seen) -> sa.ColumnElement[Any]:
    """`updated_at` as it is compared: of text the digits of its day and what follows."""
    column = _updated_at(seen)
    if not _is_text(seen):
        return column
    return sa.func.replace(sa.func.replace(column, "-", ""), "/", "")


def _at(seen: Seen, moment: datetime) -> sa.ColumnElement[Any]:
    """A moment in the type of `updated_at`; of text and dates the day."""
    kind = seen.types[str(seen.updated_at)]
    if _is_text(seen):
        return sa.literal(f"{moment:%Y%m%d}", sa.String())
    if isinstance(kind, sa.DateTime):
        return sa.literal(moment, sa.DateTime())
    if isinstance(kind, sa.Date):
        return sa.literal(date(moment.year, moment.month, moment.day), sa.Date())
    raise SourceUnavailable("updated_at_type", column=str(seen.updated_at), type=type(kind).__name__)
