"""The ledger's tables. A change here needs a migration in `migrations/versions`; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

OUTCOMES = ("pending", "indexed", "duplicate", "rejected", "quarantined")

metadata = MetaData()


class StoredText(TypeDecorator[str]):
    """Text from outside, in a form that every database takes: PostgreSQL refuses NUL, and both refuse half of a surrogate pair."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text with what cannot be stored shown as U+FFFD."""
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """A text with NUL and halves of surrogate pairs shown as U+FFFD; two halves that belong together are joined."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# An offset in a segment may pass the 2 GB of PostgreSQL's integer; SQLite has one kind of integer.
_Offset = BigInteger().with_variant(Integer(), "sqlite")

# Times are ISO 8601 in UTC, as text: SQLite has no type for them, and text sorts.
runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", String(32), nullable=False),
    Column("ended_at", String(32)),
    Column("state", String(16), nullable=False),
    Column("summary", StoredText),
    # What it does: ingest, backfill, rebuild. Several may run at once; `machine` and `pid` tell at once that one was killed, and a run
    # of another machine that is not heard of any more is taken for dead at `alive_until`.
    Column("kind", String(16), nullable=False, server_default="ingest"),
    Column("machine", String(255)),
    Column("pid", Integer),
    Column("alive_until", String(32)),
    # The index that it writes, as `flows.split_index` names it; null when nobody shares the ledger.
    Column("index_at", String(300)),
)

# Hosts (and other things that only one run may hold at a time): `run` is null when it is free, and nobody takes it before `free_at`.
leases = Table(
    "leases",
    metadata,
    Column("name", String(300), primary_key=True),
    Column("run", Integer),
    Column("free_at", String(32)),
    # Another run that asks for it, and until when it is kept for that one once it is free.
    Column("wanted_by", Integer),
    Column("wanted_until", String(32)),
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("outlet_id", String(100), nullable=False),
    Column("url", StoredText, nullable=False),
    Column("etag", StoredText),
    Column("last_modified", StoredText),
    Column("body_hash", String(64)),
    Column("last_success", String(32)),
    Column("failures", Integer, nullable=False, default=0),
    Column("last_error", StoredText),
    Column("last_run", Integer),
    Column("last_state", String(16)),
    Column("listed", Integer, nullable=False, default=0),
    Column("first_poll", String(32)),
    # The pace (flows.schedule.Pace): seconds, their limit, weight of failures, the next poll, and off after a 410.
    Column("interval", Float),
    Column("longest", Float),
    Column("failure_weight", Float, nullable=False, server_default="0"),
    Column("next_poll", String(32)),
    Column("off", Boolean, nullable=False, server_default=false()),
    # The last time its bytes came, and how often the server has said since that nothing had changed.
    Column("last_body", String(32)),
    Column("unchanged", Integer, nullable=False, server_default="0"),
    # The last time it showed something new: a feed may answer 200 for months and be dead.
    Column("last_new", String(32)),
    # A permanent redirect: to where, since when, how many polls in a row; `moved` once it is believed.
    Column("move_to", StoredText),
    Column("move_since", String(32)),
    Column("move_count", Integer, nullable=False, server_default="0"),
    Column("moved", Boolean, nullable=False, server_default=false()),
)

# robots.txt by origin, as it was read, so that one reading serves all runs of a day; `text` is null where there is none.
robots = Table(
    "robots",
    metadata,
    Column("origin", String(300), primary_key=True),
    Column("text", LargeBinary),
    Column("read_at", String(32), nullable=False),
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
    Column("url", StoredText, nullable=False),
    Column("host", String(255), nullable=False),
    Column("record", StoredText, nullable=False),
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
    Column("last_error", StoredText),
    Column("segment", String(200)),
    Column("offset", _Offset),
    Column("length", _Offset),
    Column("digest", String(64)),
    Column("fetched_at", String(40)),
    # The run that works on it, so that no other does.
    Column("claimed_by", Integer),
    # Quarantined: how often, and when it is tried again by itself. Pending: not to be tried before.
    Column("quarantines", Integer, nullable=False, server_default="0"),
    Column("next_try", String(32)),
    UniqueConstraint("feed_id", "article_id", name="entry_identity"),
    CheckConstraint(f"outcome IN ({', '.join(repr(outcome) for outcome in OUTCOMES)})", name="known_outcome"),
)
Index("entries_by_article", entries.c.article_id)
Index("entries_by_indexed_as", entries.c.indexed_as)
Index("entries_by_outcome", entries.c.outcome, entries.c.outlet_id)
Index("entries_by_day", entries.c.feed_id, entries.c.first_seen)
Index("entries_by_claim", entries.c.claimed_by)
Index("entries_by_run", entries.c.last_run)

# What an entry can be known by again when its address changes (extractors.feeds.identity), strongest kinds first in each entry.
entry_keys = Table(
    "entry_keys",
    metadata,
    Column("key", String(72), primary_key=True),
    Column("entry_id", Integer, ForeignKey("entries.id"), primary_key=True),
)
Index("entry_keys_by_entry", entry_keys.c.entry_id)

versions = Table(
    "versions",
    metadata,
    Column("article_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("run", Integer, nullable=False),
    Column("outlet_id", String(100), nullable=False),
    Column("feed_id", String(200)),
    Column("content_hash", String(64), nullable=False),
    Column("title", StoredText, nullable=False),
    Column("segment", String(200), nullable=False),
    Column("offset", _Offset, nullable=False),
    Column("length", _Offset, nullable=False),
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
    Column("record", StoredText, nullable=False),
    # Not yet taken into account by resolution; `gone` reports are dropped once it has run.
    Column("dirty", Boolean, nullable=False),
    # Counts how often it became dirty: resolution may only clear what it has seen, while another run goes on writing.
    Column("touched", Integer, nullable=False, server_default="0"),
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
