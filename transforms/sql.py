"""SQL over Arrow tables, in memory: tables go in by name, one table comes out. No file, no network, no state."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

import duckdb
import pyarrow as pa

from transforms.feeds import load_contract

_ARROW_TYPES = {
    "date": pa.date32(),
    "datetime": pa.timestamp("s"),
    "integer": pa.int64(),
    "money": pa.int64(),
}
# What life events, families and the law read of a record: no name, no address, no phone. A query that reads another
# column does not run.
_READ = {
    "adoptions": ("registered_on", "adoptee_birth_date", "adoptee_sex", "status", "dissolved_on"),
    "births": ("child_sex", "birth_date", "status"),
    "care_insurance_claims": ("plan_year", "admitted_on", "days_claimed", "paid", "reject_reason"),
    "cremations": ("died_on", "cremated_on"),
    "death_certificates": ("certificate_no", "version", "status", "died_at"),
    "disability_certificates": ("cert_no", "grade", "assessed_on", "status"),
    "household_register": (
        "household_no", "id_no", "sex", "birth_date", "relation_code", "division_code", "moved_in_on", "moved_out_on",
        "cancel_reason", "cancelled_on",
    ),
    "low_income": ("valid_from", "valid_to", "household_income_yuan"),
    "marriages": ("op_type", "op_date", "cert_num_man", "birth_man", "cert_num_woman", "birth_woman", "status"),
    "medical_settlements": (
        "admitted_on", "discharged_on", "setl_time", "medfee_sumamt", "psn_part_amt", "refd_setl_flag",
    ),
    "only_child_certificates": (
        "certificate_no", "issued_on", "father_id_no", "father_birth_date", "father_hukou_code", "mother_id_no",
        "mother_birth_date", "mother_hukou_code", "child_sex", "child_birth_date", "village_code", "voided_on",
    ),
}  # fmt: skip
_STATE = {
    "_record_key": pa.string(),
    "_known_on": pa.date32(),
    "_first_known_on": pa.date32(),
    "_status": pa.string(),
}


# What a query needed in between goes back to the machine at once: DuckDB would keep hundreds of megabytes for the next.
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": False,
    "allocator_background_threads": True,
    "allocator_flush_threshold": "1MB",
    "allocator_bulk_deallocation_flush_threshold": "1MB",
}


@cache
def _desk() -> duckdb.DuckDBPyConnection:
    """An empty in-memory database; each query gets a cursor of its own, whose tables go with it."""
    return duckdb.connect(config=_CONFIG)


def desk() -> duckdb.DuckDBPyConnection:
    """A cursor of one's own for several queries on the same tables; close it (`with`), and its tables are gone."""
    return _desk().cursor()


def ask(sql: str, shape: pa.Schema | None = None, /, **tables: pa.Table) -> pa.Table:
    """The answer to one query over the given tables, cast to `shape` (columns by name) where one is given.

    Raises duckdb.Error for a query that does not fit the tables.
    """
    with _desk().cursor() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        answer: pa.Table = connection.sql(sql).to_arrow_table()
    return answer if shape is None else answer.select(shape.names).cast(shape)


def columns_read(feed: str) -> tuple[str, ...]:
    """The columns of a record state that rules read, and what tells one version of a record from another."""
    return (*_READ[feed], *_STATE, "_content_hash")


def feed_rows(records: Mapping[str, pa.Table], feed: str) -> pa.Table:
    """The record state of a feed with the columns that rules read; a feed never delivered has no rows.

    A column that the state lacks is all null, so that a rule asks the same question of every site.
    """
    whole = feed_shape(feed)
    shape = pa.schema([whole.field(name) for name in (*_READ[feed], *_STATE)])
    if feed not in records:
        return shape.empty_table()
    table = records[feed]
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


def ask_in_steps(
    steps: Mapping[str, str | Sequence[str]], wanted: tuple[str, ...], /, **tables: pa.Table
) -> tuple[pa.Table, ...]:
    """The tables `wanted` after a row of queries, each kept under its name for those after it.

    A step of several queries is the rows of all of them, in one table: DuckDB plans ten small queries in a fraction of
    the time of their union.
    """
    with _desk().cursor() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        for name, asked in steps.items():
            first, *more = [asked] if isinstance(asked, str) else asked
            connection.execute(f"CREATE TEMP TABLE {name} AS {first}")
            for sql in more:
                connection.execute(f"INSERT INTO {name} {sql}")
        return tuple(connection.sql(f"FROM {name}").to_arrow_table() for name in wanted)
