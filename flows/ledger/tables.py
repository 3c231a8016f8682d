"""The ledger's tables. A change here needs a migration in `migrations/versions`; a test compares the two."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

OUTCOMES = ("pending", "indexed", "duplicate", "rejected", "quarantined")

metadata = MetaData()

# Times are ISO 8601 in UTC, as text: SQLite has no type for them, and text sorts.
runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Column("state", String(16), nullable=False),
    Column("summary", Text),
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("outlet_id", String(100), nullable=False),
    Column("url", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String(64)),
    Column("last_success", String(32)),
    Column("failures", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("last_run", Integer),
    Column("last_state", String(16)),
    Column("listed", Integer, nullable=False, default=0),
)

# How many entries were registered, counted apart from the entries themselves, so that the two can be held against each other.
feed_days = Table(
    "feed_days",
    metadata,
    Column("feed_id", String(200), ForeignKey("feeds.id"), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("seen", Integer, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", String(200), ForeignKey("feeds.id"), nullable=False),
    Column("article_id", String(64), nullable=False),
    Column("outlet_id", String(100), nullable=False),
    Column("url", Text, nullable=False),
    Column("host", String(255), nullable=False),
    Column("record", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("published", String(32)),
    Column("first_seen", String(10), nullable=False),
    Column("first_run", Integer, nullable=False),
    Column("last_run", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reason", String(64)),
    Column("duplicate_of", String(64)),
    # The id its article has in the index: usually article_id, but a page may name another address as its own.
    Column("indexed_as", String(64)),
    # An indexed entry whose line in the feed changed: its page is fetched again, and it stays indexed until that has succeeded.
    Column("recheck", Boolean, nullable=False, default=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("last_error", Text),
    Column("segment", String(64)),
    Column("offset", Integer),
    Column("length", Integer),
    Column("digest", String(64)),
    Column("fetched_at", String(40)),
    UniqueConstraint("feed_id", "article_id", name="entry_identity"),
    CheckConstraint(f"outcome IN ({', '.join(repr(outcome) for outcome in OUTCOMES)})", name="known_outcome"),
)
Index("entries_by_article", entries.c.article_id)
Index("entries_by_indexed_as", entries.c.indexed_as)
Index("entries_by_outcome", entries.c.outcome, entries.c.outlet_id)
Index("entries_by_day", entries.c.feed_id, entries.c.first_seen)

versions = Table(
    "versions",
    metadata,
    Column("article_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("run", Integer, nullable=False),
    Column("outlet_id", String(100), nullable=False),
    Column("feed_id", String(200)),
    Column("content_hash", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("segment", String(64), nullable=False),
    Column("offset", Integer, nullable=False),
    Column("length", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("fetched_at", String(40), nullable=False),
)

reports = Table(
    "reports",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("article_id", String(64), nullable=False),
    Column("type", String(32), nullable=False),
    # The days on which the report may lie, from its date and precision, else from the publish date; both null when nothing tells.
    Column("earliest", String(10)),
    Column("latest", String(10)),
    Column("record", Text, nullable=False),
    # Not yet taken into account by resolution; `gone` reports are dropped once it has run.
    Column("dirty", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False, default=False),
)
Index("reports_by_article", reports.c.article_id)
Index("reports_by_type", reports.c.type, reports.c.dirty)

events = Table(
    "events",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("founding_report", String(64), nullable=False),
    Column("type", String(32), nullable=False),
    Column("given_at", String(40), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("merged_into", String(64)),
    # No report tells it any more; the id is kept so that it is never given to another event.
    Column("ended", Boolean, nullable=False, default=False),
    # Merged or ended, and its document not yet deleted from the index.
    Column("stale", Boolean, nullable=False, default=False),
)

event_reports = Table(
    "event_reports",
    metadata,
    Column("report_id", String(64), primary_key=True),
    Column("event_id", String(64), ForeignKey("events.id"), nullable=False),
)
Index("event_reports_by_event", event_reports.c.event_id)
