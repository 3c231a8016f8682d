"""Feeds in the ledger: what their polls left behind, when they are due, and taking a poll's entries in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from extractors.records import Feed, Outlet
from flows.ledger.figures import FeedFigures, feed_figures
from flows.ledger.intake import Intake
from flows.ledger.opening import Database
from flows.ledger.rows import FeedState, Poll, PolledFeed, stamp
from flows.ledger.tables import feed_days, feeds
from flows.schedule import FIRST, LONGEST, Failure, Move, Pace, Yielded, is_believed, next_move, next_pace, window_of
from flows.validators import Validators

# What a poll without a kind of failure is: the bytes came and were no feed, which a publisher may mend within the hour.
_NO_FEED = Failure("soft")


class FeedBook:
    """Feeds in the ledger's database."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._intake = Intake(now)

    def state(self, feed: Feed) -> FeedState:
        """What the last polls of a feed left behind. A feed whose address was changed in its outlet's file begins anew."""
        with self._database.reading() as db:
            return _state(db.execute(select(feeds).where(feeds.c.id == feed.id)).first(), feed)

    def states(self, wanted: Sequence[Feed]) -> list[FeedState]:
        """The state of each of these feeds."""
        with self._database.reading() as db:
            rows = {row.id: row for row in db.execute(select(feeds))}
        return [_state(rows.get(feed.id), feed) for feed in wanted]

    def next_poll(self) -> datetime | None:
        """When the next of the feeds that are on is due; None before anything was polled."""
        with self._database.reading() as db:
            return _instant(db.execute(select(func.min(feeds.c.next_poll)).where(~feeds.c.off)).scalar())

    def register_polls(self, run_id: int, polls: Sequence[Poll], outlets: Mapping[str, Outlet]) -> None:
        """Take in polls, in the order given: all of them, or none.

        The order decides which entry of an article comes first (later ones are its duplicates): so it is the outlets', not the network's.
        """
        with self._database.writing() as db:
            for poll in polls:
                self._register_poll(db, run_id, poll, outlets[poll.feed.outlet_id])

    def _register_poll(self, db: Connection, run_id: int, poll: Poll, outlet: Outlet) -> None:
        feed, now = poll.feed, self._now()
        row = db.execute(select(feeds).where(feeds.c.id == feed.id)).first()
        state = _state(row, feed)
        if row is None:
            db.execute(
                insert(feeds).values(id=feed.id, outlet_id=feed.outlet_id, url=feed.url, failures=0, listed=0, first_poll=stamp(now))
            )
        new = self._intake.register(db, run_id, poll.entries, outlet).new
        values: dict[str, Any] = {"url": feed.url, "last_run": run_id, "last_state": poll.state, "listed": len(poll.entries)}
        if poll.state == "failed":
            values |= {"failures": state.failures + 1, "last_error": poll.error}
        else:
            values |= {"failures": 0, "last_error": None, "last_success": stamp(now)}
        if poll.state == "ok" or (row is not None and row.url != feed.url):
            values |= {"etag": poll.validators.etag, "last_modified": poll.validators.last_modified, "body_hash": poll.body_hash}
        if poll.body_hash is not None:
            values |= {"last_body": stamp(now), "unchanged": 0}
        elif poll.state == "unchanged":
            values["unchanged"] = state.unchanged + 1
        if new:
            values["last_new"] = stamp(now)
        values |= _pace_columns(_next_pace(state.pace, poll, new, now)) | _move_columns(state, poll, now)
        db.execute(update(feeds).where(feeds.c.id == feed.id).values(values))
        if new:
            day = now.astimezone(UTC).date().isoformat()
            where = and_(feed_days.c.feed_id == feed.id, feed_days.c.day == day)
            if not db.execute(update(feed_days).where(where).values(seen=feed_days.c.seen + new)).rowcount:
                db.execute(insert(feed_days).values(feed_id=feed.id, day=day, seen=new))

    def figures(self, since: date) -> dict[str, FeedFigures]:
        """What has come of the feeds that were polled, by id; outcomes of entries first seen on `since` (UTC) or later."""
        return feed_figures(self._database, since)

    def polled(self, run_id: int) -> list[PolledFeed]:
        """How the polls of a run went."""
        columns = (feeds.c.id, feeds.c.outlet_id, feeds.c.last_state, feeds.c.listed, feeds.c.last_error)
        with self._database.reading() as db:
            return [PolledFeed(*row) for row in db.execute(select(*columns).where(feeds.c.last_run == run_id).order_by(feeds.c.id))]


def _next_pace(pace: Pace, poll: Poll, new: int, now: datetime) -> Pace:
    if poll.state == "failed":
        return next_pace(pace, poll.failure or _NO_FEED, now, feed_id=poll.feed.id)
    window = window_of([entry.published for entry in poll.entries])
    return next_pace(pace, Yielded(len(poll.entries), new, window), now, feed_id=poll.feed.id)


def _pace_columns(pace: Pace) -> dict[str, Any]:
    next_poll = None if pace.next_poll is None else stamp(pace.next_poll)
    seconds = {"interval": pace.interval.total_seconds(), "longest": pace.longest.total_seconds()}
    return seconds | {"failure_weight": pace.failure_weight, "next_poll": next_poll, "off": pace.off}


def _move_columns(state: FeedState, poll: Poll, now: datetime) -> dict[str, Any]:
    if state.moved and poll.state != "failed" and poll.moved_to is None:
        return {}  # asked at its new address, and found there
    if not state.moved and poll.state == "failed":
        return {}  # says nothing about a move
    # A failure at the new address: the next poll goes to the old one, which may know better.
    move = next_move(None if state.moved else state.move, poll.moved_to, now)
    if move is None:
        return {"move_to": None, "move_since": None, "move_count": 0, "moved": False}
    return {"move_to": move.to, "move_since": stamp(move.since), "move_count": move.count, "moved": is_believed(move, now)}


def _state(row: Row[Any] | None, feed: Feed) -> FeedState:
    if row is None or row.url != feed.url:
        return FeedState()
    interval = FIRST if row.interval is None else timedelta(seconds=row.interval)
    longest = LONGEST if row.longest is None else timedelta(seconds=row.longest)
    move = None if row.move_to is None else Move(row.move_to, datetime.fromisoformat(row.move_since), row.move_count)
    return FeedState(
        Validators(row.etag, row.last_modified),
        row.body_hash,
        row.failures,
        Pace(interval, row.failure_weight, _instant(row.next_poll), row.off, longest),
        _instant(row.last_body),
        row.unchanged,
        move,
        row.moved,
    )


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
