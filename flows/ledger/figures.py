"""Figures of feeds over a stretch of days: what health is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select

from flows.ledger.opening import Database
from flows.ledger.tables import entries, feed_days, feeds, versions


@dataclass(frozen=True, slots=True)
class FeedFigures:
    """What the ledger knows of a feed that was polled at least once.

    `came_in` are the entries new on each day (UTC). The others are of entries first seen in the days asked for: `delays` seconds from
    publication to the first fetch of those indexed, without the first day's, when the feed showed what had been there for long.
    """

    feed_id: str
    first_poll: datetime | None
    last_success: datetime | None
    last_new: datetime | None
    next_poll: datetime | None
    failure_weight: float
    last_error: str | None
    off: bool
    came_in: Mapping[date, int]
    outcomes: Mapping[tuple[str, str | None], int]
    delays: tuple[float, ...]


def feed_figures(database: Database, since: date) -> dict[str, FeedFigures]:
    """The figures of every feed ever polled, by id; outcomes and delays of entries first seen on `since` or later."""
    day = since.isoformat()
    columns = (feeds.c.first_poll, feeds.c.last_success, feeds.c.last_new, feeds.c.next_poll)
    states = select(feeds.c.id, *columns, feeds.c.failure_weight, feeds.c.last_error, feeds.c.off)
    outcomes = select(entries.c.feed_id, entries.c.outcome, entries.c.reason, func.count().label("count")).where(
        entries.c.first_seen >= day
    )
    first_version = and_(versions.c.article_id == entries.c.indexed_as, versions.c.number == 1)
    fetched = select(entries.c.feed_id, entries.c.first_seen, entries.c.published, versions.c.fetched_at).join(versions, first_version)
    came_in: dict[str, dict[date, int]] = {}
    stands: dict[str, dict[tuple[str, str | None], int]] = {}
    delays: dict[str, list[float]] = {}
    with database.reading() as db:
        rows = db.execute(states).all()
        first_days = {row.id: (row.first_poll or "")[:10] for row in rows}
        for feed_id, when, seen in db.execute(select(feed_days.c.feed_id, feed_days.c.day, feed_days.c.seen)):
            came_in.setdefault(feed_id, {})[date.fromisoformat(when)] = seen
        for feed_id, outcome, reason, count in db.execute(outcomes.group_by(entries.c.feed_id, entries.c.outcome, entries.c.reason)):
            stands.setdefault(feed_id, {})[outcome, reason] = count
        for feed_id, first_seen, published, at in db.execute(fetched.where(entries.c.first_seen >= day, entries.c.published.is_not(None))):
            if first_seen > first_days[feed_id]:
                delay = datetime.fromisoformat(at) - datetime.fromisoformat(published)
                delays.setdefault(feed_id, []).append(delay.total_seconds())
    return {
        row.id: FeedFigures(
            row.id,
            _instant(row.first_poll),
            _instant(row.last_success),
            _instant(row.last_new),
            _instant(row.next_poll),
            row.failure_weight,
            row.last_error,
            row.off,
            came_in.get(row.id, {}),
            stands.get(row.id, {}),
            tuple(delays.get(row.id, ())),
        )
        for row in rows
    }


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
