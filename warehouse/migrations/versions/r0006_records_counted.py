"""Sixth revision: what a delivery changed in its feed's records - new, changed, gone."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMNS = ("records_new", "records_changed", "records_gone")


def upgrade() -> None:
    """Three columns of feed_loads, empty in the loads that stand."""
    for name in COLUMNS:
        op.add_column("feed_loads", sa.Column(name, sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Without the three columns; their counts are lost."""
    for name in COLUMNS:
        op.execute(f"ALTER TABLE feed_loads DROP COLUMN {name}")
