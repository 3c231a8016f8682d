"""The ledger's tables of backfills and of what outlets announce. See `flows.ledger.tables` for the rules."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, false

from flows.ledger.tables import StoredText, metadata

# One backfill, over all the runs that it takes: `key` is what makes a command the same command.
backfills = Table(
    "backfills",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("plan", StoredText, nullable=False),
    Column("state", String(16), nullable=False),
    Column("started_at", String(40), nullable=False),
    Column("run", Integer),
)
Index("backfills_by_key", backfills.c.key)

# Where a backfill looks: sitemaps, pages of listings, files. `position` is how far it has read a file; `found` and `counts` what it holds.
backfill_places = Table(
    "backfill_places",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("backfill", Integer, ForeignKey("backfills.id"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("address", StoredText, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("outlet_id", String(100)),
    Column("step", Integer, nullable=False),
    Column("hint", String(200)),
    Column("state", String(16), nullable=False),
    Column("position", BigInteger().with_variant(Integer(), "sqlite"), nullable=False, server_default="0"),
    Column("counts", StoredText),
    Column("error", StoredText),
    UniqueConstraint("backfill", "digest", name="place_identity"),
)
Index("backfill_places_by_state", backfill_places.c.backfill, backfill_places.c.state)

# What a backfill is to fetch. Done: registered as an entry, or found to be one already.
backfill_candidates = Table(
    "backfill_candidates",
    metadata,
    Column("backfill", Integer, ForeignKey("backfills.id"), primary_key=True),
    Column("outlet_id", String(100), primary_key=True),
    Column("article_id", String(64), primary_key=True),
    Column("done", Boolean, nullable=False, server_default=false()),
    Column("known", Boolean, nullable=False, server_default=false()),
)
Index("backfill_candidates_by_done", backfill_candidates.c.backfill, backfill_candidates.c.outlet_id, backfill_candidates.c.done)

# Every article that an outlet's sitemaps, listings or somebody's list has named, with the day it is from, cut to what is known of it.
announced = Table(
    "announced",
    metadata,
    Column("outlet_id", String(100), primary_key=True),
    Column("article_id", String(64), primary_key=True),
    Column("url", StoredText, nullable=False),
    Column("day", String(10)),
    Column("source", String(16), nullable=False),
    Column("record", StoredText, nullable=False),
)
Index("announced_by_day", announced.c.outlet_id, announced.c.day)

# The whole months of an outlet that were looked through to the end, so that "nothing announced" differs from "nobody has looked".
looks = Table(
    "looks",
    metadata,
    Column("outlet_id", String(100), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("source", String(16), primary_key=True),
    Column("looked_at", String(40), nullable=False),
)
