"""What people record outside of a night: visits and payments. Rows are added, never changed.

A row's id is the digest of what it says, so that the same file recorded twice adds nothing.
"""

from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite

from transforms.schemas import PAYMENTS, VISITS
from warehouse.database import Warehouse
from warehouse.reads import arrow
from warehouse.tables import payments, visits

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def record_visits(warehouse: Warehouse, table: pa.Table) -> int:
    """Add VISITS in one transaction; how many were new (a visit_id that is there already is passed by)."""
    return _record(warehouse, visits, table.select(VISITS.names).cast(VISITS))


def record_payments(warehouse: Warehouse, table: pa.Table) -> int:
    """Add PAYMENTS in one transaction; how many were new (a payment_id that is there already is passed by)."""
    return _record(warehouse, payments, table.select(PAYMENTS.names).cast(PAYMENTS))


def visits_until(warehouse: Warehouse, day: date) -> pa.Table:
    """VISITS recorded up to a business date, that day included, in the order in which they were recorded."""
    return _until(warehouse, visits, VISITS, day)


def payments_until(warehouse: Warehouse, day: date) -> pa.Table:
    """PAYMENTS recorded up to a business date, that day included, in the order in which they were recorded."""
    return _until(warehouse, payments, PAYMENTS, day)


def _record(warehouse: Warehouse, register: Table, rows: pa.Table) -> int:
    if not rows.num_rows:
        return 0
    with warehouse.writing() as connection:
        insert = _INSERT[connection.dialect.name](register).on_conflict_do_nothing()
        return len(connection.execute(insert.returning(register.c.entry_id), rows.to_pylist()).all())


def _until(warehouse: Warehouse, register: Table, shape: pa.Schema, day: date) -> pa.Table:
    columns = (register.c[name] for name in shape.names)
    wanted = select(*columns).where(register.c.recorded_on <= day)
    with warehouse.reading() as connection:
        return arrow(connection, wanted.order_by(register.c.recorded_on, register.c.entry_id), shape)
