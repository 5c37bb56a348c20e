"""Fourth revision: how far each pull from a view or an interface came."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new column, empty in the rows that stand: they came in files."""
    op.add_column("feed_loads", sa.Column("watermark", sa.Text(), nullable=True))


def downgrade() -> None:
    """Back to loads without one; the next pull begins from the beginning."""
    op.execute("ALTER TABLE feed_loads DROP COLUMN watermark")
