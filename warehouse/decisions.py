"""What people decided about refused rows and blocked deliveries, and who saw one unmasked. Rows are only added.

The decisions on one target are numbered from 1: of two people who decide at once the second is told of the first.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Table, insert, select
from sqlalchemy.exc import IntegrityError

from transforms.schemas import DECISIONS, LOOKS
from warehouse.database import Warehouse
from warehouse.reads import arrow
from warehouse.tables import quarantine_decisions, quarantine_looks

_AT_ONCE = 500  # values in one question: SQLite takes so many, and more


class DecidedMeanwhile(Exception):
    """Somebody else decided on one of the targets first; nothing of this was recorded."""


def record_decisions(warehouse: Warehouse, table: pa.Table) -> None:
    """Add DECISIONS in one transaction. DecidedMeanwhile where a target has a decision of that number."""
    _add(warehouse, quarantine_decisions, table.select(DECISIONS.names).cast(DECISIONS))


def record_look(warehouse: Warehouse, look: dict[str, Any]) -> None:
    """Add one row of LOOKS; only when this has returned may the row be shown."""
    _add(warehouse, quarantine_looks, pa.Table.from_pylist([look], schema=LOOKS))


def decisions_until(warehouse: Warehouse, day: date) -> pa.Table:
    """DECISIONS recorded up to a business date, that day included, in the order of each target's numbers."""
    entry = quarantine_decisions.c
    wanted = select(*(entry[name] for name in DECISIONS.names)).where(entry.recorded_on <= day)
    with warehouse.reading() as connection:
        return arrow(connection, wanted.order_by(entry.sequence_no, entry.entry_id), DECISIONS)


def decisions_on(warehouse: Warehouse, targets: Sequence[str]) -> pa.Table:
    """DECISIONS on these targets, whenever recorded, in the order of their numbers."""
    entry = quarantine_decisions.c
    wanted = select(*(entry[name] for name in DECISIONS.names)).order_by(entry.sequence_no)
    parts = [targets[start : start + _AT_ONCE] for start in range(0, len(targets), _AT_ONCE)]
    with warehouse.reading() as connection:
        found = [arrow(connection, wanted.where(entry.target.in_(part)), DECISIONS) for part in parts]
    return pa.concat_tables([DECISIONS.empty_table(), *found])


def _add(warehouse: Warehouse, register: Table, rows: pa.Table) -> None:
    if not rows.num_rows:
        return
    try:
        with warehouse.writing() as connection:
            connection.execute(insert(register), rows.to_pylist())
    except IntegrityError:
        raise DecidedMeanwhile from None  # the database's own words quote the row
