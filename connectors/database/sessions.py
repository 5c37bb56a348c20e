"""Sessions that can only read, that end in time, and whose times are those of Asia/Shanghai.

PostgreSQL and SQLite are tested. MySQL, MariaDB and Dameng (`dm+dmPython://…`) follow their manuals; of any other
database the account's own rights and the general limits have to do. A driver that is not here is told by name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from connectors.base import SourceUnavailable

CONNECT_SECONDS = 10
# A connection that has gone silent is given up after a minute; the kernel looks after half of one.
POSTGRES_LINE = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_PACKAGES = {"mysql": "PyMySQL", "mariadb": "PyMySQL", "dm": "dmPython + dmSQLAlchemy", "oracle": "oracledb",
             "mssql": "pyodbc", "kingbase": "ksycopg2 + sqlalchemy-kingbase"}  # fmt: skip


def postgres_session(seconds: int) -> tuple[str, ...]:
    """What a PostgreSQL session is told first."""
    return (
        "SET default_transaction_read_only = on",
        f"SET statement_timeout = {seconds * 1000}",
        "SET TimeZone = 'Asia/Shanghai'",
        "SET DateStyle = 'ISO, YMD'",
    )


def _first_words(dialect: str, seconds: int) -> tuple[str, ...]:
    if dialect == "postgresql":
        return postgres_session(seconds)
    if dialect == "sqlite":
        return ("PRAGMA query_only = ON",)
    limit = f"max_statement_time = {seconds}" if dialect == "mariadb" else f"max_execution_time = {seconds * 1000}"
    if dialect in ("mysql", "mariadb"):
        return ("SET SESSION TRANSACTION READ ONLY", f"SET SESSION {limit}", "SET SESSION time_zone = '+08:00'")
    return ()


def _first_in_transaction(dialect: str) -> str:
    """Where a session cannot be made read only, each transaction is."""
    return "SET TRANSACTION READ ONLY" if dialect in ("dm", "oracle") else ""


def open_engine(url: str, seconds: int) -> Engine:
    """An engine of such sessions. Raises SourceUnavailable (`database_url_unusable`, `driver_missing`,
    `database_missing`)."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise SourceUnavailable("database_url_unusable") from None
    dialect = parsed.get_backend_name()
    if dialect == "sqlite":
        parsed = _only_to_read(parsed)
    try:
        engine = create_engine(parsed, poolclass=NullPool, hide_parameters=True, connect_args=_limits(parsed, seconds))
    except (NoSuchModuleError, ImportError):
        package = _PACKAGES.get(dialect, parsed.drivername)
        raise SourceUnavailable("driver_missing", scheme=parsed.drivername, package=package) from None
    _tell(engine, _first_words(engine.dialect.name, seconds))
    return engine


def _only_to_read(url: URL) -> URL:
    """A SQLite file as it is: never made, never written."""
    path = (url.database or "").removeprefix("file:").partition("?")[0]
    if not Path(path).is_file():
        raise SourceUnavailable("database_missing", path=path)
    return url.set(database=f"file:{quote(path)}").update_query_dict({"mode": "ro", "uri": "true"})


def _limits(url: URL, seconds: int) -> dict[str, Any]:
    """What the drivers call a limit."""
    driver = url.drivername.partition("+")[2]
    if url.get_backend_name() == "postgresql":
        return dict(POSTGRES_LINE) if driver in ("", "psycopg", "psycopg2") else {}
    if url.get_backend_name() in ("mysql", "mariadb"):
        names = {"connect_timeout": CONNECT_SECONDS, "read_timeout": seconds}
        return names if driver in ("", "pymysql", "mysqldb") else {"connection_timeout": CONNECT_SECONDS}
    return {"timeout": CONNECT_SECONDS} if url.get_backend_name() == "sqlite" else {}


def _tell(engine: Engine, words: tuple[str, ...]) -> None:
    @event.listens_for(engine, "connect")
    def _connected(dbapi: Any, _record: Any) -> None:
        cursor = dbapi.cursor()
        for statement in words:
            cursor.execute(statement)
        cursor.close()
        dbapi.commit()

    first = _first_in_transaction(engine.dialect.name)
    if first:

        @event.listens_for(engine, "begin")
        def _begun(connection: Connection) -> None:
            connection.exec_driver_sql(first)


@contextmanager
def in_time(connection: Connection, seconds: int) -> Iterator[None]:
    """SQLite has no time limit of its own: what runs longer is interrupted. The others were told theirs."""
    raw: Any = connection.connection.driver_connection
    timer = Timer(seconds, raw.interrupt) if connection.dialect.name == "sqlite" else None
    if timer:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        if timer:
            timer.cancel()
