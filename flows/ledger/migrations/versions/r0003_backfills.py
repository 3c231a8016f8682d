"""Backfills: where they look and what they are to fetch; what outlets announce."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OFFSET = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "backfills",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("started_at", sa.String(length=40), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("backfills_by_key", "backfills", ["key"], unique=False)
    op.create_table(
        "backfill_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("backfill", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("outlet_id", sa.String(length=100), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("hint", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("position", _OFFSET, server_default="0", nullable=False),
        sa.Column("counts", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["backfill"], ["backfills.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("backfill", "digest", name="place_identity"),
    )
    op.create_index("backfill_places_by_state", "backfill_places", ["backfill", "state"], unique=False)
    op.create_table(
        "backfill_candidates",
        sa.Column("backfill", sa.Integer(), nullable=False),
        sa.Column("outlet_id", sa.String(length=100), nullable=False),
        sa.Column("article_id", sa.String(length=64), nullable=False),
        sa.Column("done", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("known", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["backfill"], ["backfills.id"]),
        sa.PrimaryKeyConstraint("backfill", "outlet_id", "article_id"),
    )
    op.create_index("backfill_candidates_by_done", "backfill_candidates", ["backfill", "outlet_id", "done"], unique=False)
    op.create_table(
        "announced",
        sa.Column("outlet_id", sa.String(length=100), nullable=False),
        sa.Column("article_id", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("outlet_id", "article_id"),
    )
    op.create_index("announced_by_day", "announced", ["outlet_id", "day"], unique=False)
    op.create_table(
        "looks",
        sa.Column("outlet_id", sa.String(length=100), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("looked_at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("outlet_id", "month", "source"),
    )
