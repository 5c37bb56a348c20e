"""Third revision: visits that a document owes a family, beside those that confirm or refute it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Which benefit a visit was made for; none of those that stand."""
    op.add_column("visits", sa.Column("benefit_id", sa.Text(), nullable=True))


def downgrade() -> None:
    """Back to visits that confirm or refute; which benefit the others were made for is lost."""
    op.drop_column("visits", "benefit_id")
