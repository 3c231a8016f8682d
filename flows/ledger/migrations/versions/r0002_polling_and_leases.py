"""Pace and moves of feeds, runs that share work, leases, quarantine that ends, keys of entries."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OFFSET = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Recreating a table on SQLite loses its check constraints unless they are given again.
_OUTCOMES = "outcome IN ('pending', 'indexed', 'duplicate', 'rejected', 'quarantined')"
_FEEDS: tuple[sa.Column[Any], ...] = (
    sa.Column("first_poll", sa.String(length=32), nullable=True),
    sa.Column("interval", sa.Float(), nullable=True),
    sa.Column("failure_weight", sa.Float(), server_default="0", nullable=False),
    sa.Column("next_poll", sa.String(length=32), nullable=True),
    sa.Column("off", sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column("last_body", sa.String(length=32), nullable=True),
    sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
    sa.Column("last_new", sa.String(length=32), nullable=True),
    sa.Column("move_to", sa.Text(), nullable=True),
    sa.Column("move_since", sa.String(length=32), nullable=True),
    sa.Column("move_count", sa.Integer(), server_default="0", nullable=False),
    sa.Column("moved", sa.Boolean(), server_default=sa.false(), nullable=False),
)
_RUNS: tuple[sa.Column[Any], ...] = (
    sa.Column("kind", sa.String(length=16), server_default="ingest", nullable=False),
    sa.Column("machine", sa.String(length=255), nullable=True),
    sa.Column("pid", sa.Integer(), nullable=True),
    sa.Column("alive_until", sa.String(length=32), nullable=True),
)
_ENTRIES: tuple[sa.Column[Any], ...] = (
    sa.Column("claimed_by", sa.Integer(), nullable=True),
    sa.Column("quarantines", sa.Integer(), server_default="0", nullable=False),
    sa.Column("next_try", sa.String(length=32), nullable=True),
)


def upgrade() -> None:
    for column in _FEEDS:
        op.add_column("feeds", column._copy())
    for column in _RUNS:
        op.add_column("runs", column._copy())
    op.add_column("reports", sa.Column("touched", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("entries", table_args=(sa.CheckConstraint(_OUTCOMES, name="known_outcome"),)) as batch:
        for column in _ENTRIES:
            batch.add_column(column._copy())
        batch.alter_column("segment", type_=sa.String(length=200), existing_type=sa.String(length=64), existing_nullable=True)
        batch.alter_column("offset", type_=_OFFSET, existing_type=sa.Integer(), existing_nullable=True)
        batch.alter_column("length", type_=_OFFSET, existing_type=sa.Integer(), existing_nullable=True)
    with op.batch_alter_table("versions") as batch:
        batch.alter_column("segment", type_=sa.String(length=200), existing_type=sa.String(length=64), existing_nullable=False)
        batch.alter_column("offset", type_=_OFFSET, existing_type=sa.Integer(), existing_nullable=False)
        batch.alter_column("length", type_=_OFFSET, existing_type=sa.Integer(), existing_nullable=False)
    op.create_index("entries_by_claim", "entries", ["claimed_by"], unique=False)
    op.create_index("entries_by_run", "entries", ["last_run"], unique=False)
    op.create_table(
        "entry_keys",
        sa.Column("key", sa.String(length=72), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"]),
        sa.PrimaryKeyConstraint("key", "entry_id"),
    )
    op.create_index("entry_keys_by_entry", "entry_keys", ["entry_id"], unique=False)
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("free_at", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
