"""When to ask again: pure rules over what is known of a feed or an entry. The ledger keeps the state, `flows.polling` acts on it.

The figures are those that Media Cloud settled on with 180,000 feeds (shared notes, lessons, "Defaults worth starting from"): polls every
10 minutes to 24 hours, more often below a third of known entries, less often above two thirds; failures that weigh 1, 0.5 or 0.25 with
linear backoff; a Retry-After that is believed up to a day. A failing feed is asked less often and never given up: its failure limit went
4, 10, 30, never. Only 410 turns a feed off, since that is the one answer by which a publisher says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from extractors.errors import FetchError, FetchReason

SHORTEST = timedelta(minutes=10)
LONGEST = timedelta(hours=24)
# Where a feed of unknown yield starts. Half or one and a half times of it come after each poll, so it finds its pace within a day.
FIRST = timedelta(hours=1)
_FASTER = 0.5
_SLOWER = 1.5
# A feed that shows its last ten stories is to be asked before ten more have come. What was seen by day holds through the night, and is
# forgotten by a tenth with each poll: a day of many stories must not be paid for by a month of polls.
_OF_WINDOW = 0.5
_FORGET = 1.1
# One pinned old story must not make the window look long.
_PINNED_SHARE = 0.1
_FEWEST_DATES = 3
_FEW_KNOWN = 0.33
_MANY_KNOWN = 0.67
# Failures beyond this weigh nothing more: the longest interval is reached long before.
_HEAVIEST = 100.0
# After a 429 many clients come back at the same second; up to an hour of spread keeps us from being one of them.
_SPREAD_AFTER_429 = timedelta(minutes=60)

FailureKind = Literal["hard", "soft", "name", "rate_limited", "gone"]
_WEIGHTS: dict[FailureKind, float] = {"hard": 1.0, "soft": 0.5, "name": 0.25, "rate_limited": 0.5, "gone": 1.0}

# A permanent redirect is followed on every poll anyway. It replaces the feed's address once it has been the same for this long: sites in
# trouble answer 301 to their front page for an afternoon.
_MOVES_TO_BELIEVE = 3
_MOVE_AGE = timedelta(days=1)

# An entry in quarantine is tried again by itself after these days, then only when an operator says so.
_QUARANTINE_DAYS = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a feed is polled. `next_poll` None: at once. `off`: it answered 410, and is not polled until an operator names it.

    `longest`: the interval at which a feed that shows few entries would begin to lose some.
    """

    interval: timedelta = FIRST
    failure_weight: float = 0.0
    next_poll: datetime | None = None
    off: bool = False
    longest: timedelta = LONGEST

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be polled at `now`."""
        return not self.off and (self.next_poll is None or self.next_poll <= now)


@dataclass(frozen=True, slots=True)
class Yielded:
    """A poll that worked: `listed` entries in the feed, `new` ones among them, over the time `window`. An unchanged feed lists 0."""

    listed: int
    new: int
    window: timedelta | None = None


def window_of(dates: Collection[datetime | None]) -> timedelta | None:
    """The time that a feed's entries cover, without the oldest tenth of them; None when too few have a date, or all the same: a bare day,
    or the minute in which a desk put all of them online.
    """
    known = sorted((date for date in dates if date is not None), reverse=True)
    if len(known) < _FEWEST_DATES:
        return None
    return (known[0] - known[len(known) - 1 - int(len(known) * _PINNED_SHARE)]) or None


@dataclass(frozen=True, slots=True)
class Failure:
    """A poll that failed. `wait`: seconds that the server asked for by Retry-After."""

    kind: FailureKind
    wait: float | None = None


def next_pace(pace: Pace, outcome: Yielded | Failure, now: datetime, *, feed_id: str) -> Pace:
    """The pace after a poll at `now`. `feed_id` spreads feeds of one publisher after a 429, the same way every time."""
    if isinstance(outcome, Yielded):
        longest = pace.longest * _FORGET
        if outcome.window is not None:
            longest = min(longest, outcome.window * _OF_WINDOW)
        longest = _clamped(longest)
        interval = min(_clamped(pace.interval * _factor(outcome)), longest)
        return Pace(interval, 0.0, now + interval, off=False, longest=longest)
    weight = min(_HEAVIEST, pace.failure_weight + _WEIGHTS[outcome.kind])
    wait = min(LONGEST, pace.interval * (1 + weight))
    if outcome.wait is not None:
        wait = max(wait, min(LONGEST, timedelta(seconds=max(0.0, outcome.wait))))
    if outcome.kind == "rate_limited":
        wait += _SPREAD_AFTER_429 * _share(feed_id, weight)
    return Pace(pace.interval, weight, now + wait, off=outcome.kind == "gone", longest=pace.longest)


def _factor(outcome: Yielded) -> float:
    if outcome.listed == 0:
        return _SLOWER
    known = 1 - outcome.new / outcome.listed
    return _FASTER if known < _FEW_KNOWN else _SLOWER if known > _MANY_KNOWN else 1.0


def _clamped(interval: timedelta) -> timedelta:
    return max(SHORTEST, min(LONGEST, interval))


def _share(feed_id: str, weight: float) -> float:
    """A share of 0 to 1 that looks random and is the same when asked again."""
    digest = hashlib.sha256(f"{feed_id} {weight}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


_KINDS: dict[FetchReason, FailureKind] = {"gone": "gone", "rate_limited": "rate_limited", "dns": "name"}


def failure_of(error: FetchError) -> Failure:
    """What a failed request says about a feed. What may succeed later is soft; a wrong address or a refusal is hard."""
    return Failure(_KINDS.get(error.reason, "soft" if error.retry else "hard"), error.wait)


@dataclass(frozen=True, slots=True)
class Move:
    """A permanent redirect of a feed: to where, since when, on how many polls in a row."""

    to: str
    since: datetime
    count: int


def next_move(move: Move | None, moved_to: str | None, now: datetime) -> Move | None:
    """What is known of a feed's move after a poll that was redirected permanently to `moved_to`, or was not."""
    if moved_to is None:
        return None
    if move is None or move.to != moved_to:
        return Move(moved_to, now, 1)
    return replace(move, count=move.count + 1)


def is_believed(move: Move | None, now: datetime) -> bool:
    """Whether the feed is from now on asked at its new address."""
    return move is not None and move.count >= _MOVES_TO_BELIEVE and now - move.since >= _MOVE_AGE


def quarantine_ends(tries: int, now: datetime) -> datetime | None:
    """When an entry quarantined for the `tries`-th time (from 1) is tried again by itself; None: not any more."""
    return now + timedelta(days=_QUARANTINE_DAYS[tries - 1]) if 0 < tries <= len(_QUARANTINE_DAYS) else None
