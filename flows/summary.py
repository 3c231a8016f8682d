"""What a run tells: its progress while it goes on, and its summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from pydantic import TypeAdapter

from flows.ledger.rows import FeedDay, PolledFeed, Tally

Stage = Literal["feeds", "pages", "articles", "events"]


class Progress(Protocol):
    """Told what goes on, from one thread. Stages come in the order of `Stage`; each is started, advanced and ended."""

    def started(self, stage: Stage, total: int) -> None: ...
    def advanced(self, stage: Stage, count: int = 1) -> None: ...
    def ended(self, stage: Stage) -> None: ...


class Silent:
    """Progress that nobody looks at."""

    def started(self, stage: Stage, total: int) -> None:
        """Nothing."""

    def advanced(self, stage: Stage, count: int = 1) -> None:
        """Nothing."""

    def ended(self, stage: Stage) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class FeedSummary:
    """A feed in a run. `state` is ok, unchanged, failed (then `error` says why), or none for a feed that was not polled."""

    feed_id: str
    outlet_id: str
    state: str
    error: str | None
    listed: int
    new: int
    indexed: int
    duplicate: int
    rejected: int
    quarantined: int
    pending: int


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in numbers. `seen` are the entries it brought in or worked on: `new` ones, and older ones that were pending or had changed.

    `listed` counts the lines in the feeds that had changed. `newly_indexed` counts article versions written to the index by this run.
    `events` are all that stand in the ledger. `next_poll` is when the next feed is due (ISO 8601).
    """

    run_id: int
    listed: int
    seen: int
    new: int
    indexed: int
    duplicate: int
    rejected: Mapping[str, int]
    quarantined: Mapping[str, int]
    pending: int
    newly_indexed: int
    events: int
    feeds: tuple[FeedSummary, ...]
    ledger_adds_up: bool
    next_poll: str | None = None

    @property
    def counts_add_up(self) -> bool:
        """Whether every entry seen has one outcome, in this run and in the ledger's day."""
        outcomes = self.indexed + self.duplicate + sum(self.rejected.values()) + sum(self.quarantined.values()) + self.pending
        return self.ledger_adds_up and self.seen == outcomes == sum(
            feed.indexed + feed.duplicate + feed.rejected + feed.quarantined + feed.pending for feed in self.feeds
        )

    @property
    def failed_feeds(self) -> tuple[FeedSummary, ...]:
        """The feeds that could not be read in this run."""
        return tuple(feed for feed in self.feeds if feed.state == "failed")


SUMMARY = TypeAdapter(RunSummary)


def summarise(
    run_id: int,
    tallies: Sequence[Tally],
    polled: Sequence[PolledFeed],
    days: Sequence[FeedDay],
    *,
    newly_indexed: int,
    events: int,
    next_poll: datetime | None,
) -> RunSummary:
    """The summary of a run from what the ledger holds about it."""
    polls = {feed.feed_id: feed for feed in polled}
    rows = []
    for feed_id in sorted({*polls, *(tally.feed_id for tally in tallies)}):
        mine = [tally for tally in tallies if tally.feed_id == feed_id]
        counts = {outcome: sum(tally.count for tally in mine if tally.outcome == outcome) for outcome in _OUTCOMES}
        poll = polls.get(feed_id) or PolledFeed(feed_id, mine[0].outlet_id, "none", 0, None)
        new = sum(tally.new for tally in mine)
        rows.append(FeedSummary(feed_id, poll.outlet_id, poll.state, poll.error, poll.listed, new, **counts))
    return RunSummary(
        run_id=run_id,
        listed=sum(feed.listed for feed in polled),
        seen=sum(tally.count for tally in tallies),
        new=sum(tally.new for tally in tallies),
        indexed=sum(row.indexed for row in rows),
        duplicate=sum(row.duplicate for row in rows),
        rejected=_by_reason(tallies, "rejected"),
        quarantined=_by_reason(tallies, "quarantined"),
        pending=sum(row.pending for row in rows),
        newly_indexed=newly_indexed,
        events=events,
        feeds=tuple(rows),
        ledger_adds_up=all(day.adds_up for day in days),
        next_poll=None if next_poll is None else next_poll.isoformat(timespec="seconds"),
    )


_OUTCOMES = ("indexed", "duplicate", "rejected", "quarantined", "pending")


def _by_reason(tallies: Sequence[Tally], outcome: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for tally in tallies:
        if tally.outcome == outcome:
            found[tally.reason or "unknown"] = found.get(tally.reason or "unknown", 0) + tally.count
    return dict(sorted(found.items()))
