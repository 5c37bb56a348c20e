"""History by difference: what is new or changed becomes a version, what changed or vanished is closed.

No row is edited: the only thing ever written to a version that stands is the date on which it ceased to hold.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    TableClause,
    and_,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from warehouse.catalog import Kept


@dataclass(frozen=True)
class Changes:
    """How many versions a night wrote into a table, and how many it closed."""

    inserted: int
    closed: int


class KeysLost(ValueError):
    """Rows that no night may take back are missing from the new state. Carries the table's name and a
    count."""

    def __init__(self, name: str, lost: int) -> None:
        super().__init__(f"{name}: {lost} rows of earlier nights are missing; they may change, never vanish")
        self.name = name
        self.lost = lost


def take_over(
    connection: Connection,
    kind: Kept,
    staged: TableClause,
    vanished: TableClause | None,
    *,
    is_full: bool,
    known_on: date,
    run_id: str,
) -> Changes:
    """Bring a versioned table to the staged state. `is_full`: staged is all of it, so a key not in it
    vanished."""
    if kind.never_vanishes:
        _refuse_loss(connection, kind, staged, vanished, is_full)
    closed = _close(connection, kind, _outdated(kind, staged, is_full), known_on)
    if vanished is not None:
        closed += _close(connection, kind, _named(kind, vanished), known_on)
    return Changes(_insert(connection, kind, staged, known_on, run_id), closed)


def append(connection: Connection, kind: Kept, staged: TableClause, *, run_id: str) -> Changes:
    """Add the staged rows to a table that only grows."""
    columns = [name for name in kind.columns if name in staged.c]
    rows = select(literal(run_id), *(staged.c[name] for name in columns))
    added = connection.execute(_counted(insert(kind.table).from_select(["run_id", *columns], rows)))
    return Changes(added.rowcount, 0)


def _same_key(kind: Kept, staged: TableClause) -> ColumnElement[bool]:
    return and_(*(kind.table.c[name] == staged.c[name] for name in kind.key))


def _is_current(kind: Kept) -> ColumnElement[bool]:
    return kind.table.c.superseded_on.is_(None)


def _outdated(kind: Kept, staged: TableClause, is_full: bool) -> ColumnElement[bool]:
    """Current versions that the staged rows contradict, or (`is_full`) do not have."""
    differs = or_(false(), *(kind.table.c[c].is_distinct_from(staged.c[c]) for c in kind.compared))
    absent = staged.c[kind.key[0]].is_(None) if is_full else false()
    joined = kind.table.join(staged, _same_key(kind, staged), isouter=is_full)
    rows = select(kind.table.c.version_id).select_from(joined)
    return kind.table.c.version_id.in_(rows.where(_is_current(kind), or_(absent, differs)))


def _named(kind: Kept, vanished: TableClause) -> ColumnElement[bool]:
    joined = kind.table.join(vanished, _same_key(kind, vanished))
    rows = select(kind.table.c.version_id).select_from(joined)
    return kind.table.c.version_id.in_(rows.where(_is_current(kind)))


def _close(connection: Connection, kind: Kept, which: ColumnElement[bool], known_on: date) -> int:
    closing = update(kind.table).where(which).values(superseded_on=known_on)
    return connection.execute(closing.execution_options(synchronize_session=False)).rowcount


def _insert(connection: Connection, kind: Kept, staged: TableClause, known_on: date, run_id: str) -> int:
    """A version for every staged key that has no current one (any more)."""
    current = and_(_same_key(kind, staged), _is_current(kind))
    new = select(*(staged.c[name] for name in kind.columns), literal(known_on), literal(run_id))
    rows = new.select_from(staged.join(kind.table, current, isouter=True)).where(kind.table.c.version_id.is_(None))
    rows = rows.order_by(*(staged.c[name] for name in kind.key))
    target = [*kind.columns, "known_on", "run_id"]
    return connection.execute(_counted(insert(kind.table).from_select(target, rows))).rowcount


def _counted(statement: Insert) -> Insert:
    return statement.execution_options(preserve_rowcount=True)


def _refuse_loss(
    connection: Connection, kind: Kept, staged: TableClause, vanished: TableClause | None, is_full: bool
) -> None:
    against = staged if is_full else vanished
    if against is None:
        return
    joined = kind.table.join(against, _same_key(kind, against), isouter=is_full)
    lost = select(func.count()).select_from(joined).where(_is_current(kind))
    if is_full:
        lost = lost.where(against.c[kind.key[0]].is_(None))
    count = connection.scalar(lost)
    if count:
        raise KeysLost(kind.name, count)
