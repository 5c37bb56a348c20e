"""Bulk loading: Arrow goes by ADBC into tables of its own, from which one transaction takes it.

On PostgreSQL they are unlogged tables `staging_<token>_…`; on SQLite a file beside the warehouse, so that the
warehouse itself has one writer and takes no byte of a night that is not published. What a killed run
left behind is known by its older token and is cleared by the next.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from sqlalchemy import Connection, TableClause, column, inspect, table
from sqlalchemy.engine import make_url

from warehouse.database import Warehouse, WarehouseUnavailable

_SCHEMA = "staging"  # the name under which SQLite sees the staging file
_SQL_TYPES = {
    pa.string(): "text",
    pa.date32(): "date",
    pa.int16(): "smallint",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
}


@contextmanager
def staged(
    warehouse: Warehouse, token: int, tables: Mapping[str, pa.Table]
) -> Iterator[tuple[Connection, dict[str, TableClause]]]:
    """One writing transaction that sees `tables` staged, by name; the staging is gone after it."""
    clear_leftovers(warehouse, token)
    if not tables:
        with warehouse.writing() as connection:
            yield connection, {}
        return
    with (_staged_file if warehouse.is_sqlite else _staged_tables)(warehouse, token, tables) as both:
        yield both


def clear_leftovers(warehouse: Warehouse, token: int) -> None:
    """Remove what runs with an older token left staged."""
    if warehouse.is_sqlite:
        for path in warehouse.path.parent.glob(f"{warehouse.path.name}.staging-*"):
            if _older(path.name.rpartition("-")[2], token):
                path.unlink(missing_ok=True)
        return
    with warehouse.writing() as connection:
        for name in inspect(connection).get_table_names():
            if name.startswith("staging_") and _older(name.split("_")[1], token):
                connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{name}"')


def _older(text_token: str, token: int) -> bool:
    return text_token.isdigit() and int(text_token) < token


@contextmanager
def _staged_file(
    warehouse: Warehouse, token: int, tables: Mapping[str, pa.Table]
) -> Iterator[tuple[Connection, dict[str, TableClause]]]:
    path = warehouse.path.with_name(f"{warehouse.path.name}.staging-{token}")
    path.unlink(missing_ok=True)
    # named apart from the warehouse's own tables: SQL that confused the two would compare a row with itself
    clauses = {name: _clause(f"staged_{name}", rows, _SCHEMA) for name, rows in tables.items()}
    try:
        _ingest_sqlite(path, {clauses[name].name: rows for name, rows in tables.items()})
        with warehouse.writing(attached={_SCHEMA: path}) as connection:
            yield connection, clauses
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _staged_tables(
    warehouse: Warehouse, token: int, tables: Mapping[str, pa.Table]
) -> Iterator[tuple[Connection, dict[str, TableClause]]]:
    clauses = {name: _clause(f"staging_{token}_{name}", rows) for name, rows in tables.items()}
    try:
        _ingest_postgresql(warehouse, {clauses[name].name: rows for name, rows in tables.items()})
        with warehouse.writing() as connection:
            yield connection, clauses
    finally:
        with warehouse.writing() as connection:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {', '.join(c.name for c in clauses.values())}")


def _clause(name: str, rows: pa.Table, schema: str | None = None) -> TableClause:
    return table(name, *(column(each) for each in rows.column_names), schema=schema)


@contextmanager
def _told_apart() -> Iterator[None]:
    """What ADBC could not write. Its message may quote a row, its status does not."""
    import adbc_driver_manager as adbc

    try:
        yield
    except adbc.Error as error:
        status = getattr(error.status_code, "name", "unknown")
        raise WarehouseUnavailable(f"the bulk load into the staging area failed: {status}") from None


def _ingest_sqlite(path: Path, tables: Mapping[str, pa.Table]) -> None:
    import adbc_driver_sqlite.dbapi as adbc

    with _told_apart(), adbc.connect(str(path), autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = OFF")  # a staging file that is not whole is thrown away
        cursor.execute("PRAGMA synchronous = OFF")
        for name, rows in tables.items():
            cursor.adbc_ingest(name, rows, mode="create")


def _ingest_postgresql(warehouse: Warehouse, tables: Mapping[str, pa.Table]) -> None:
    import adbc_driver_postgresql.dbapi as adbc

    with _told_apart(), adbc.connect(_libpq(warehouse)) as connection, connection.cursor() as cursor:
        for name, rows in tables.items():
            columns = ", ".join(f'"{field.name}" {_SQL_TYPES[field.type]}' for field in rows.schema)
            cursor.execute(f"CREATE UNLOGGED TABLE {name} ({columns})")
            cursor.adbc_ingest(name, rows, mode="append")
        connection.commit()


def _libpq(warehouse: Warehouse) -> str:
    """The warehouse's url as PostgreSQL's own library reads it."""
    url = make_url(warehouse.engine.url).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)
