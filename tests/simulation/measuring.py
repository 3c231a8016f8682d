"""What a simulated time of operation shows: the figures, and where they break a promise."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tests.simulation.operating import DELAY, TICK, Operated
from tests.simulation.press import Paper, Request

# Floating-point seconds, and no more.
_ROUNDING = 0.001
_DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Figures:
    """`broken` lists promises that were not kept; the rest is to be read. Times in seconds; intervals are those between polls of a feed.

    `lost` counts stories that had left their feed before anybody asked for it, `delays` tells the median time from publication to fetch.
    """

    requests: int
    feed_requests: int
    feed_bodies: int
    robots_requests: int
    page_requests: int
    closest: float
    intervals: dict[str, tuple[float, float, float]]
    delays: dict[str, float]
    published: int
    indexed: int
    lost: dict[str, int]
    broken: tuple[str, ...]


def measure(operated: Operated) -> Figures:
    """The figures of an operation."""
    broken: list[str] = []
    closest = _politeness(operated, broken)
    _once_each(operated, broken)
    intervals = _intervals(operated, broken)
    _adapts(operated, intervals, broken)
    published, lost, late = _stories(operated, broken)
    delays = {kind: statistics.median(seconds) for kind, seconds in late.items()}
    if not all(summary.counts_add_up for summary in operated.summaries) or not all(day.adds_up for day in operated.days):
        broken.append("the ledger does not add up")
    feeds = [request for request in operated.requests if request.is_feed]
    return Figures(
        requests=len(operated.requests),
        feed_requests=len(feeds),
        feed_bodies=sum(request.status == 200 for request in feeds),
        robots_requests=sum(request.path == "/robots.txt" for request in operated.requests),
        page_requests=sum(request.is_page for request in operated.requests),
        closest=closest,
        intervals=intervals,
        delays=delays,
        published=published,
        indexed=sum(len(addresses) for addresses in operated.indexed.values()),
        lost=dict(lost),
        broken=tuple(broken),
    )


def _politeness(operated: Operated, broken: list[str]) -> float:
    """The shortest pause between two requests to one host; none may overlap or come before the pause that is due."""
    closest = float("inf")
    for paper in operated.papers:
        for host in (paper.host, f"moi.{paper.host}"):
            mine = sorted((request for request in operated.requests if request.host == host), key=lambda request: request.begin)
            for before, after in pairwise(mine):
                pause = after.begin - before.end
                closest = min(closest, pause)
                # What robots.txt asks for holds from the request after it on.
                due = max(DELAY, paper.kind.crawl_delay)
                if pause < due - _ROUNDING:
                    broken.append(f"{host} was asked for {after.path} {pause:.1f} s after {before.path}, not {due:g} s")
    return closest


def _once_each(operated: Operated, broken: list[str]) -> None:
    """No page is fetched after it was had; robots.txt at most twice a day; no feed that was off; none at an address it has left."""
    had = Counter((request.host, request.path) for request in operated.requests if request.is_page and request.status == 200)
    broken += [f"{host}{path} was fetched {count} times" for (host, path), count in had.items() if count > 1]
    robots = Counter(request.host for request in operated.requests if request.path == "/robots.txt" and request.status == 200)
    most = 2 * max(1.0, operated.hours / 24)
    broken += [f"{host} was asked for robots.txt {count} times in {operated.hours:g} h" for host, count in robots.items() if count > most]
    for paper, feed in _feeds(operated):
        gone = [request for request in feed if request.status == 410]
        if len(gone) > 1:
            broken.append(f"{paper.id} said 410 and was asked for its feed {len(gone) - 1} times more")
        moved = [request for request in feed if request.status == 301]
        if moved and moved[-1].begin > moved[0].begin + 1.5 * _DAY:
            broken.append(
                f"{paper.id} has moved at {moved[0].begin / 3600:.1f} h and was asked at its old address at {moved[-1].begin / 3600:.1f} h"
            )


def _intervals(operated: Operated, broken: list[str]) -> dict[str, tuple[float, float, float]]:
    """For each kind: the median interval between polls in the first six hours and in the last twelve, and the longest."""
    found: dict[str, tuple[float, float, float]] = {}
    for kind in dict.fromkeys(paper.kind for paper in operated.papers):
        early, late, longest = [], [], 0.0
        for paper, feed in _feeds(operated):
            if paper.kind is not kind:
                continue
            asked = _polls(feed)
            for before, after in pairwise(asked):
                longest = max(longest, after - before)
                if after < 6 * 3600:
                    early.append(after - before)
                if after > operated.hours * 3600 - 12 * 3600:
                    late.append(after - before)
                if after - before < TICK - _ROUNDING:
                    broken.append(f"{paper.id} was polled twice within {after - before:.0f} s")
        found[kind.name] = (statistics.median(early) if early else 0.0, statistics.median(late) if late else 0.0, longest)
    return found


def _adapts(operated: Operated, intervals: dict[str, tuple[float, float, float]], broken: list[str]) -> None:
    """After half a day the busiest feeds are polled more often than once an hour, where all begin, and those that sleep more rarely."""
    if operated.hours < 12:
        return
    pace = {paper.kind.name: paper.kind.a_day / paper.kind.window for paper in operated.papers}
    busiest, sleepiest = max(pace, key=lambda kind: pace[kind]), min(pace, key=lambda kind: pace[kind])
    if pace[busiest] > 10 and not 0 < intervals[busiest][1] < 3600:
        broken.append(f"the feeds of {busiest}, which are new within hours, are polled every {intervals[busiest][1] / 60:.0f} min")
    if pace[sleepiest] == 0 and intervals[sleepiest][2] < 2 * 3600:
        broken.append(f"the feeds of {sleepiest}, where nothing is new, are polled every {intervals[sleepiest][2] / 60:.0f} min")


def _polls(feed: Iterable[Request]) -> list[float]:
    """When a feed was polled: tries of one request within the same poll count as one."""
    times: list[float] = []
    for request in feed:
        if not times or request.begin - times[-1] > 120:
            times.append(request.begin)
    return times


def _feeds(operated: Operated) -> list[tuple[Paper, list[Request]]]:
    found: list[tuple[Paper, list[Request]]] = []
    for paper in operated.papers:
        for section in range(paper.kind.feeds):
            path = f"/muc-{section}.rss"
            mine = [request for request in operated.requests if request.path == path and request.host == paper.host]
            found.append((paper, sorted(mine, key=lambda request: request.begin)))
    return found


def _stories(operated: Operated, broken: list[str]) -> tuple[int, Counter[str], dict[str, list[float]]]:
    """Stories published; for each kind, those that left the feed unseen, and how long each of the others took to be fetched."""
    count = 0
    lost: Counter[str] = Counter()
    late: dict[str, list[float]] = {}
    fetched = {
        (request.host.removeprefix("moi."), request.path): request.end
        for request in operated.requests
        if request.is_page and request.status == 200
    }
    for paper in operated.papers:
        for section in range(paper.kind.feeds):
            stories = paper.published(section, operated.hours * 3600)
            for place, (path, at) in enumerate(stories):
                if at < 0:
                    continue
                count += 1
                if (paper.host, path) in fetched:
                    late.setdefault(paper.kind.name, []).append(fetched[paper.host, path] - at)
                    if path not in operated.indexed.get(paper.id, ()):
                        broken.append(f"{paper.id}{path} was fetched and is not in the index")
                elif place < len(stories) - paper.kind.window:
                    lost[paper.kind.name] += 1
    return count, lost, late
