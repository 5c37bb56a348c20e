"""The rows of a query as Arrow columns of text, streamed: PostgreSQL's by ADBC, any other's from its cursor."""

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import sqlalchemy as sa

from connectors.base import SourceUnavailable
from connectors.database.faults import BrokeOff
from connectors.database.query import Seen
from connectors.database.sessions import POSTGRES_LINE, postgres_session
from connectors.opening.cells import number_text

_BATCH = 50_000
_SHANGHAI = ZoneInfo("Asia/Shanghai")


def fetch(connection: sa.Connection, seen: Seen, wanted: sa.Select[Any], seconds: int) -> dict[str, pa.ChunkedArray]:
    """Header → column of strings. Raises the database's faults, and SourceUnavailable(`value_not_text`)."""
    batches = _by_adbc if seen.dialect == "postgresql" else _by_cursor
    schema = pa.schema([(header, pa.string()) for header in seen.asked])
    table = pa.Table.from_batches(list(batches(connection, schema, wanted, seconds)), schema)
    return dict(zip(schema.names, table.columns, strict=True))


def _by_cursor(
    connection: sa.Connection, schema: pa.Schema, wanted: sa.Select[Any], _seconds: int
) -> Iterator[pa.RecordBatch]:
    streamed = connection.execution_options(stream_results=True, max_row_buffer=_BATCH).execute(wanted)
    for rows in streamed.partitions(_BATCH):
        cells = zip(*rows, strict=True)
        columns = [_strings(header, values) for header, values in zip(schema.names, cells, strict=True)]
        yield pa.record_batch(columns, schema=schema)


def _by_adbc(
    connection: sa.Connection, schema: pa.Schema, wanted: sa.Select[Any], seconds: int
) -> Iterator[pa.RecordBatch]:
    """A session of its own, under the same limits: PostgreSQL's binary copy straight into Arrow."""
    from adbc_driver_postgresql import dbapi

    line = {name: str(value) for name, value in POSTGRES_LINE.items()}
    url = connection.engine.url.set(drivername="postgresql").update_query_dict(line)
    text = str(wanted.compile(connection, compile_kwargs={"literal_binds": True}))  # moments of ours only
    with dbapi.connect(url.render_as_string(hide_password=False)) as session, session.cursor() as cursor:
        for statement in postgres_session(seconds):
            cursor.execute(statement)
        session.commit()
        cursor.execute(text.replace("%%", "%"))
        try:
            for batch in cursor.fetch_record_batch():
                yield pa.record_batch(batch.columns, names=schema.names).cast(schema)
        except (pa.ArrowException, OSError) as fault:
            raise BrokeOff(str(fault)) from None


def _strings(header: str, values: tuple[Any, ...]) -> pa.Array:
    """Text stays text, whole and decimal numbers keep every digit; blanks stay null."""
    if all(value is None or type(value) is str for value in values):
        return pa.array(values, pa.string())
    return pa.array([None if value is None else _spelling(header, value)(value) for value in values], pa.string())


def _spelling(header: str, value: Any) -> Callable[[Any], str]:
    found = next((spell for kind, spell in _SPELLINGS if isinstance(value, kind)), None)
    if found is None:
        raise SourceUnavailable("value_not_text", column=header, type=type(value).__name__)
    return found


def _moment(value: datetime) -> str:
    local = value.astimezone(_SHANGHAI).replace(tzinfo=None) if value.tzinfo else value
    return local.isoformat(" ")


def _float(value: float) -> str:
    """As a spreadsheet shows it: beyond 15 digits in scientific notation, which the readers know for a loss."""
    return number_text(value) if math.isfinite(value) else repr(value)


_SPELLINGS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (str, str),
    (bool, lambda value: str(int(value))),
    (int, str),
    (Decimal, lambda value: format(value, "f")),
    (float, _float),
    (datetime, _moment),
    (date, lambda value: value.isoformat()),
)
