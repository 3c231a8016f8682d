"""What goes into the ledger and comes out of it: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from pydantic import TypeAdapter

from extractors.records import Entry, Feed, ReportOfArticle
from flows.archive import PageRef
from flows.schedule import Failure, Move, Pace
from flows.validators import NO_VALIDATORS, Validators

# How the line of a feed is kept.
ENTRY = TypeAdapter(Entry)

Outcome = Literal["pending", "indexed", "duplicate", "rejected", "quarantined"]
FeedStateName = Literal["ok", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the last polls left behind; the defaults for a feed never polled at its address.

    `body_hash` decides whether a feed changed: validators lie, bytes do not. `moved`: `move` has been believed, and the feed is asked there.
    """

    validators: Validators = NO_VALIDATORS
    body_hash: str | None = None
    failures: int = 0
    pace: Pace = field(default_factory=Pace)
    last_body: datetime | None = None
    unchanged: int = 0
    move: Move | None = None
    moved: bool = False

    def address(self, feed: Feed) -> str:
        """Where to ask for the feed: its own address, or the one it has moved to."""
        return self.move.to if self.moved and self.move is not None else feed.url


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll of a feed: its entries when `state` is ok, the error when it failed.

    `body_hash` is of the bytes received, None without any. `moved_to`: where permanent redirects led. `failure`: its kind, for the pace.
    """

    feed: Feed
    state: FeedStateName
    entries: tuple[Entry, ...] = ()
    validators: Validators = NO_VALIDATORS
    body_hash: str | None = None
    error: str | None = None
    failure: Failure | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry that is to be worked on. `ref` is set once its page is in the archive. `quarantines`: how often it has been there."""

    id: int
    feed_id: str
    article_id: str
    outlet_id: str
    url: str
    host: str
    entry: Entry
    outcome: Outcome
    attempts: int
    ref: PageRef | None
    fetched_at: datetime | None
    indexed_as: str | None
    quarantines: int


@dataclass(frozen=True, slots=True)
class Version:
    """The newest text of an article: its number from 1, and the hash of title and text."""

    number: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """An article that the index has committed, with the reports in it. `number` is its version."""

    row: EntryRow
    article_id: str
    number: int
    content_hash: str
    title: str
    ref: PageRef
    fetched_at: datetime
    reports: tuple[ReportOfArticle, ...]


@dataclass(frozen=True, slots=True)
class FeedDay:
    """The outcomes of the entries that a feed first showed on a day (UTC). `seen` was counted when they came in."""

    feed_id: str
    day: str
    seen: int
    indexed: int = 0
    duplicate: int = 0
    rejected: int = 0
    quarantined: int = 0
    pending: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether every entry that came in has exactly one outcome."""
        return self.seen == self.indexed + self.duplicate + self.rejected + self.quarantined + self.pending


@dataclass(frozen=True, slots=True)
class Tally:
    """How many entries of a feed have an outcome for a reason, among those that a run touched."""

    feed_id: str
    outlet_id: str
    outcome: Outcome
    reason: str | None
    count: int
    new: int


@dataclass(frozen=True, slots=True)
class PolledFeed:
    """How a run's poll of a feed went."""

    feed_id: str
    outlet_id: str
    state: str
    listed: int
    error: str | None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the ledger remembers it. `summary` is the RunSummary as JSON, None while it runs or when it was killed."""

    id: int
    started_at: str
    ended_at: str | None
    state: str
    summary: str | None
    kind: str


def stamp(time: datetime) -> str:
    """An instant as the ledger keeps it: ISO 8601 in UTC with microseconds, so that texts sort as instants do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")
