"""Which index a run wrote, so that two machines with an index each are told."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("index_at", sa.String(length=300), nullable=True))
