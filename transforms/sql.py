"""SQL over Arrow tables, in memory: tables go in by name, one table comes out. No file, no network, no state."""

from functools import cache

import duckdb
import pyarrow as pa

from transforms.feeds import load_contract

_ARROW_TYPES = {
    "date": pa.date32(),
    "datetime": pa.timestamp("s"),
    "integer": pa.int64(),
    "money": pa.int64(),
}
_STATE = {
    "_record_key": pa.string(),
    "_known_on": pa.date32(),
    "_first_known_on": pa.date32(),
    "_status": pa.string(),
}


@cache
def _desk() -> duckdb.DuckDBPyConnection:
    """An empty in-memory database; each query gets a cursor of its own, whose tables go with it."""
    return duckdb.connect(config={"enable_external_access": False})


def ask(sql: str, shape: pa.Schema | None = None, /, **tables: pa.Table) -> pa.Table:
    """The answer to one query over the given tables, cast to `shape` (columns by name) where one is given.

    Raises duckdb.Error for a query that does not fit the tables.
    """
    with _desk().cursor() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        answer: pa.Table = connection.sql(sql).to_arrow_table()
    return answer if shape is None else answer.select(shape.names).cast(shape)


def feed_rows(records: dict[str, pa.Table], feed: str) -> pa.Table:
    """The record state of a feed with the columns that rules read; a feed never delivered has no rows.

    A column that the state lacks is all null, so that a rule asks the same question of every site.
    """
    shape = feed_shape(feed)
    table = records.get(feed)
    if table is None:
        return shape.empty_table()
    columns = [
        table[field.name].cast(field.type) if field.name in table.column_names else _blank(field, table.num_rows)
        for field in shape
    ]
    return pa.table(columns, schema=shape)


def feed_shape(feed: str) -> pa.Schema:
    """The typed columns of a feed's contract and of its record state."""
    columns = {column.name: _ARROW_TYPES.get(column.type, pa.string()) for column in load_contract(feed).columns}
    return pa.schema([pa.field(name, kind) for name, kind in (columns | _STATE).items()])


def _blank(field: pa.Field, rows: int) -> pa.Array:
    return pa.nulls(rows, field.type)


def ask_in_steps(steps: dict[str, str], wanted: tuple[str, ...], /, **tables: pa.Table) -> tuple[pa.Table, ...]:
    """The tables `wanted` after a row of queries, each kept under its name for those after it."""
    with _desk().cursor() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        for name, sql in steps.items():
            connection.execute(f"CREATE TEMP TABLE {name} AS {sql}")
        return tuple(connection.sql(f"FROM {name}").to_arrow_table() for name in wanted)
