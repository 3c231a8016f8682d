"""Leases that another run asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leases", sa.Column("wanted_by", sa.Integer(), nullable=True))
    op.add_column("leases", sa.Column("wanted_until", sa.String(length=32), nullable=True))
