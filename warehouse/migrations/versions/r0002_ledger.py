"""Second revision: receipts of verdicts, who gets and who pays an amount, families' states, visits, payments."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from warehouse.column_types import VERSION_ID

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT, DAY, NUMBER = sa.Text(), sa.Date(), sa.BigInteger()
ADDED: dict[str, dict[str, Any]] = {
    "determinations": {"subject_id": TEXT, "policy_hash": TEXT, "facts_hash": TEXT, "engine": TEXT},
    "entitlements": {"determination_id": TEXT, "payee": TEXT, "entered_on": DAY},
}
TABLES = ("entitlement_shares", "household_states", "visits", "payments")
# One statement for both engines: alembic would rebuild the whole table on SQLite for the sake of the check.
_IS_FLOOR = (
    "ALTER TABLE entitlements ADD COLUMN is_floor SMALLINT DEFAULT '0' NOT NULL "
    "CONSTRAINT ck_entitlements_is_floor CHECK (is_floor IN (0, 1))"
)


def upgrade() -> None:
    """New columns, empty in the rows that stand (`is_floor` 0), and new tables."""
    for table, columns in ADDED.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.execute(_IS_FLOOR)
    _versioned("entitlement_shares", ["entitlement_id", "payer"], _must("amount_fen", NUMBER))
    _versioned(
        "household_states",
        ["household_id", "person_id", "event_type"],
        *_texts("state"),
        sa.Column("reason_code", TEXT, nullable=True),
        sa.Column("since_on", DAY, nullable=True),
    )
    _register(
        "visits", "visit_id", *_texts("household_id", "person_id", "event_type", "outcome"), _must("visited_on", DAY)
    )
    op.create_index("ix_visits_household_id", "visits", ["household_id"])
    _register(
        "payments",
        "payment_id",
        *_texts("entitlement_id"),
        _must("amount_fen", NUMBER),
        _must("paid_on", DAY),
        *_texts("reference_no"),
    )
    op.create_index("ix_payments_entitlement_id", "payments", ["entitlement_id"])


def downgrade() -> None:
    """Back to the tables of the first revision; what the new ones held is lost."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("ALTER TABLE entitlements DROP COLUMN is_floor")
    for table, columns in ADDED.items():
        for name in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _must(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [_must(name, TEXT) for name in names]


def _numbered(name: str) -> sa.Column[Any]:
    return sa.Column(name, VERSION_ID, nullable=False, autoincrement=True)


def _versioned(table: str, key: list[str], *columns: sa.Column[Any]) -> None:
    op.create_table(
        table,
        _numbered("version_id"),
        *_texts(*key),
        *columns,
        _must("known_on", DAY),
        sa.Column("superseded_on", DAY, nullable=True),
        *_texts("run_id"),
        sa.PrimaryKeyConstraint("version_id", name=op.f(f"pk_{table}")),
    )
    open_rows = sa.text("superseded_on IS NULL")
    op.create_index(f"uq_{table}_current", table, key, unique=True, sqlite_where=open_rows, postgresql_where=open_rows)


def _register(table: str, key: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        table,
        _numbered("entry_id"),
        *_texts(key),
        *columns,
        _must("recorded_on", DAY),
        *_texts("recorded_by"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(key, name=op.f(f"uq_{table}_{key}")),
    )
