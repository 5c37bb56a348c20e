"""The warehouse itself: an engine set up the same way everywhere, and its two kinds of transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import InterfaceError, OperationalError

_NONE: Mapping[str, Path] = MappingProxyType({})
_BUSY_MILLISECONDS = 30_000


class WarehouseUrlUnusable(ValueError):
    """A url that names no SQLite file and no PostgreSQL database. Never carries it: it may hold a
    password."""


class WarehouseUnavailable(Exception):
    """The warehouse cannot be reached, or cannot write (server away, disk full, file locked). Trying again
    may help."""


def is_unavailable(fault: BaseException) -> bool:
    """Whether a fault is the warehouse being away, so that trying again later may help."""
    return isinstance(fault, WarehouseUnavailable | OperationalError | InterfaceError)


class Warehouse:
    """A site's warehouse behind a SQLAlchemy url: `sqlite:///file.db` or `postgresql+psycopg://…`."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(_checked(url), hide_parameters=True)  # an error must not quote a row
        if self.is_sqlite:
            _prepare_sqlite(self.engine)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path:
        """The SQLite file; ValueError on PostgreSQL."""
        if not self.is_sqlite or self.engine.url.database is None:
            raise ValueError("a PostgreSQL warehouse is no file")
        return Path(self.engine.url.database)

    @contextmanager
    def writing(self, *, attached: Mapping[str, Path] = _NONE) -> Iterator[Connection]:
        """One transaction that writes: committed at the end, rolled back on an error.

        `attached`: SQLite files that it sees as well, by schema name.
        """
        with (
            _told_apart(),
            self.engine.connect() as connection,
            _attached(connection, attached),
            connection.execution_options(writes=True).begin(),
        ):
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One view of the warehouse that does not change while it is read."""
        options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with _told_apart(), self.engine.connect() as connection:
            yield connection if self.is_sqlite else connection.execution_options(**options)

    def migrate(self) -> None:
        """Bring tables and views to this version of the program; does nothing where they are."""
        from warehouse.migrating import upgrade

        upgrade(self)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _checked(url: str) -> str:
    try:
        parsed = make_url(url)
    except Exception:
        raise WarehouseUrlUnusable("[warehouse] url cannot be read as a SQLAlchemy url") from None
    is_file = parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database not in (
        None,
        "",
        ":memory:",
    )
    if not is_file and parsed.drivername != "postgresql+psycopg":
        raise WarehouseUrlUnusable(
            f"[warehouse] url: {parsed.drivername} received; valid: sqlite:///FILE, postgresql+psycopg://…"
        )
    return url


@contextmanager
def _told_apart() -> Iterator[None]:
    """A database that is away is WarehouseUnavailable, in its own first line: never the statement, never a
    row."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise WarehouseUnavailable(str(error.orig).partition("\n")[0]) from None


@contextmanager
def _attached(connection: Connection, files: Mapping[str, Path]) -> Iterator[None]:
    """Past SQLAlchemy's transactions: SQLite attaches and detaches only outside of one."""
    raw: Any = connection.connection.driver_connection
    for schema, path in files.items():
        raw.execute(f"ATTACH DATABASE ? AS {schema}", (str(path),))
    try:
        yield
    finally:
        for schema in files:
            raw.execute(f"DETACH DATABASE {schema}")


def _prepare_sqlite(engine: Engine) -> None:
    """WAL, patience, foreign keys; and transactions that begin when we say so, as writers if they write."""

    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # the driver's own BEGINs leave DDL outside of transactions
        for pragma in (
            f"busy_timeout = {_BUSY_MILLISECONDS}",
            "journal_mode = WAL",
            "synchronous = FULL",  # a told alert must not be forgotten by a power cut
            "foreign_keys = ON",
        ):
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
