"""The health of feeds. A server that answers 200 says little: a feed is well when about as much comes from it as is expected.

Polls and failures tell who is broken; yield tells who is dead, stale, or serves the wrong section (lessons 5: alarm on yield).
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from extractors.records import Feed, Outlet
from flows.ledger import FeedFigures, Ledger

# A week has both the days when little is published and those with much.
DAYS = 7
# Without a figure in the outlet's file a feed is held against its own past: up to four weeks before, of which at least one is known.
_PAST_DAYS = 28
_LEAST_PAST_DAYS = 7
# Less than a third, where at least six entries should have come: of six expected, two or fewer come by chance once in sixteen weeks.
_FAR_BELOW = 1 / 3
_ENOUGH_EXPECTED = 6.0
# Three hard failures in a row, or two days without success whatever their weight.
_HEAVY = 3.0
_LONG_AGO = timedelta(days=2)

Verdict = Literal["well", "new", "quiet", "failing", "gone", "never_polled", "disabled"]
ALARMS: tuple[Verdict, ...] = ("quiet", "failing", "gone")


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """A feed's health. Figures are of the last `DAYS` days, None when there is nothing yet to tell them from.

    `expected_a_day` is from the outlet's file, else the feed's own past. `entries_a_day` counts from the day after the first poll, which
    shows weeks at once. `duplicate_share` is of all entries seen, `without_text_share` of the pages read, `median_delay` in seconds from
    publication to fetch.
    """

    feed_id: str
    outlet_id: str
    verdict: Verdict
    why: str
    last_success: datetime | None = None
    last_new: datetime | None = None
    next_poll: datetime | None = None
    failure_weight: float = 0.0
    entries_a_day: float | None = None
    expected_a_day: float | None = None
    duplicate_share: float | None = None
    without_text_share: float | None = None
    median_delay: float | None = None

    @property
    def is_alarm(self) -> bool:
        """Whether an operator should look."""
        return self.verdict in ALARMS


def feed_health(ledger: Ledger, outlets: Mapping[str, Outlet], now: datetime) -> list[FeedHealth]:
    """The health of all feeds of these outlets, in their order."""
    figures = ledger.feeds.figures(now.astimezone(UTC).date() - timedelta(days=DAYS))
    return [_health(feed, figures.get(feed.id), now) for outlet in outlets.values() for feed in outlet.feeds]


def _health(feed: Feed, known: FeedFigures | None, now: datetime) -> FeedHealth:
    if not feed.enabled:
        return FeedHealth(feed.id, feed.outlet_id, "disabled", "off in the outlet's file")
    if known is None:
        return FeedHealth(feed.id, feed.outlet_id, "never_polled", "not polled yet")
    rate, days = _rate(known, now, DAYS, 0)
    past, past_days = _rate(known, now, _PAST_DAYS, DAYS)
    expected = feed.entries_a_day if feed.entries_a_day is not None else past if past_days >= _LEAST_PAST_DAYS else None
    verdict, why = _verdict(feed, known, now, rate, days, expected)
    seen = sum(known.outcomes.values())
    without_text = known.outcomes.get(("rejected", "no_text"), 0)
    read = without_text + sum(count for (outcome, _), count in known.outcomes.items() if outcome == "indexed")
    return FeedHealth(
        feed.id,
        feed.outlet_id,
        verdict,
        why,
        known.last_success,
        known.last_new,
        None if known.off else known.next_poll,
        known.failure_weight,
        rate,
        expected,
        sum(count for (outcome, _), count in known.outcomes.items() if outcome == "duplicate") / seen if seen else None,
        without_text / read if read else None,
        statistics.median(known.delays) if known.delays else None,
    )


def _verdict(feed: Feed, known: FeedFigures, now: datetime, rate: float | None, days: float, expected: float | None) -> tuple[Verdict, str]:
    if known.off:
        return "gone", f"answered 410 Gone; correct its address, or poll it with: keoson ingest --outlet {feed.outlet_id}"
    if known.failure_weight >= _HEAVY or known.last_success is None or now - known.last_success >= _LONG_AGO:
        return "failing", known.last_error or "has had no success for two days"
    if rate is None:
        return "new", "polled for less than a day"
    if expected is None:
        return "well", "nothing is known of how much to expect"
    if expected * days >= _ENOUGH_EXPECTED and rate < expected * _FAR_BELOW:
        return "quiet", f"{rate:.1f} entries a day where {expected:.1f} are expected, although it answers"
    return "well", ""


def _rate(known: FeedFigures, now: datetime, days: int, days_ago: int) -> tuple[float | None, float]:
    """Entries a day in the `days` before `days_ago`, and how many of these days the feed was known for, its first not counted."""
    if known.first_poll is None:
        return None, 0.0
    end = now.astimezone(UTC) - timedelta(days=days_ago)
    first = known.first_poll.astimezone(UTC).date() + timedelta(days=1)
    begin = max(_midnight(first), _midnight((end - timedelta(days=days)).date() + timedelta(days=1)))
    if days_ago:
        end = _midnight(end.date() + timedelta(days=1))
    length = (end - begin) / timedelta(days=1)
    if length < 1:
        return None, 0.0
    return sum(count for day, count in known.came_in.items() if begin.date() <= day < _after(end)) / length, length


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _after(end: datetime) -> date:
    """The first day that is not begun at `end`."""
    return end.date() if end == _midnight(end.date()) else end.date() + timedelta(days=1)
