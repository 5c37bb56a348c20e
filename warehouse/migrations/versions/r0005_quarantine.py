"""Fifth revision: what has become of refused rows, what people decided about them, who saw them unmasked."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from warehouse.column_types import VERSION_ID

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT, DAY, NUMBER = sa.Text(), sa.Date(), sa.BigInteger()


def upgrade() -> None:
    """New tables, and an index on the refused rows that stand."""
    op.create_index("ix_quarantine_delivery_id", "quarantine", ["delivery_id"])
    op.create_table(
        "quarantine_states",
        _numbered("version_id"),
        *_must(TEXT, "quarantine_id", "delivery_id"),
        *_must(NUMBER, "row_number"),
        *_must(TEXT, "status", "why"),
        *_may("decision_id"),
        *_must(NUMBER, "decisions"),
        *_may("by_delivery_id", "reason_code", "column_name"),
        *_must(DAY, "known_on"),
        sa.Column("superseded_on", DAY, nullable=True),
        *_must(TEXT, "run_id"),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_quarantine_states")),
    )
    current = sa.text("superseded_on IS NULL")
    op.create_index(
        "uq_quarantine_states_current", "quarantine_states", ["quarantine_id"],
        unique=True, sqlite_where=current, postgresql_where=current,
    )  # fmt: skip
    op.create_index("ix_quarantine_states_delivery_id", "quarantine_states", ["delivery_id"])
    _register(
        "quarantine_decisions",
        "decision_id",
        *_must(TEXT, "target"),
        *_must(NUMBER, "sequence_no"),
        *_must(TEXT, "verb", "feed"),
        *_may("column_names", "from_value", "to_value", "accepted"),
        *_must(TEXT, "because"),
        sa.UniqueConstraint("target", "sequence_no", name=op.f("uq_quarantine_decisions_target_sequence_no")),
    )
    _register("quarantine_looks", "look_id", *_must(TEXT, "quarantine_id", "because"))


def downgrade() -> None:
    """Back to the tables of the second revision; what the new ones held is lost."""
    for table in ("quarantine_looks", "quarantine_decisions", "quarantine_states"):
        op.drop_table(table)
    op.drop_index("ix_quarantine_delivery_id", "quarantine")


def _must(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _may(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, TEXT, nullable=True) for name in names]


def _numbered(name: str) -> sa.Column[Any]:
    return sa.Column(name, VERSION_ID, nullable=False, autoincrement=True)


def _register(table: str, key: str, *parts: Any) -> None:
    op.create_table(
        table,
        _numbered("entry_id"),
        *_must(TEXT, key),
        *parts,
        *_must(DAY, "recorded_on"),
        *_must(TEXT, "recorded_by"),
        sa.PrimaryKeyConstraint("entry_id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(key, name=op.f(f"uq_{table}_{key}")),
    )
