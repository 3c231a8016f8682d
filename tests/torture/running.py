"""Puts the torture press through the real ingest, and tells what came out of it, case by case."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import create_engine, select

from extractors.records import Entry
from flows.clock import Clock
from flows.health import FeedHealth, feed_health
from flows.ledger import Ledger
from flows.ledger.rows import FeedDay
from flows.ledger.tables import entries, feeds
from flows.settings import Settings
from flows.summary import RunSummary
from mappings import open_index
from tests.torture.cases import Case, Expected, ExpectedEntry
from tests.torture.network import TortureNetwork, ingest_cases
from tests.torture.serving import TorturePress

_ENTRY = TypeAdapter(Entry)
_BETWEEN_ROUNDS = timedelta(hours=25)
# Small, so that what waits for ever waits for seconds here, yet long enough that a busy machine answers in time; an operator could set them all.
LIMITS: dict[str, Any] = {
    "host_delay_seconds": 0,
    "connect_timeout_seconds": 8,
    "read_timeout_seconds": 8,
    "total_timeout_seconds": 12,
    "max_page_bytes": 5_000_000,
    "fetch_attempts": 2,
    "entry_attempts": 2,
    "extraction_deadline_seconds": 8,
    "extraction_workers": 2,
    "fetch_threads": 32,
    "batch_size": 50,
}


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """An entry as ledger and index have it after a round. The article's fields are None unless it is in the index."""

    outcome: str
    reason: str | None
    detail: str | None
    title: str
    published: datetime | None
    raw: str | None
    article: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SeenFeed:
    """How a feed stands after a round."""

    state: str | None
    error: str | None


@dataclass(slots=True)
class SeenCase:
    """A case after a round. `strays` are articles in the index for which no entry stands."""

    feeds: dict[str, SeenFeed] = field(default_factory=dict)
    entries: dict[str, SeenEntry] = field(default_factory=dict)
    health: dict[str, FeedHealth] = field(default_factory=dict)
    days: list[FeedDay] = field(default_factory=list)
    requests: Counter[str] = field(default_factory=Counter)
    strays: list[str] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        """Entries with an outcome, or all that were ever seen."""
        return sum(int(getattr(day, outcome)) for day in self.days)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A case, round by round: what was seen, and where it differs from what was expected."""

    case: Case
    seen: tuple[SeenCase, ...]
    differences: tuple[str, ...]


def clock_of_round(number: int) -> Clock:
    """The system's clock, later by more than a day each round: whatever was put off for a day is due again."""
    later = (number - 1) * _BETWEEN_ROUNDS
    return Clock(lambda: datetime.now(UTC) + later, time.monotonic, time.sleep)


def settings_for(press: TorturePress, home: Path, **changes: Any) -> Settings:
    """Settings that reach the press, in a home of its own."""
    return Settings.load(**({"home": home, "host_overrides": press.overrides} | LIMITS | changes))


def run_cases(
    press: TorturePress, network: TortureNetwork, settings: Settings, cases: Sequence[Case]
) -> tuple[list[Verdict], list[RunSummary]]:
    """Ingest all cases, as many rounds as each of them expects, and judge them."""
    seen: dict[str, list[SeenCase]] = {case.id: [] for case in cases}
    summaries = []
    for number in range(1, max(len(case.expect) for case in cases) + 1):
        press.round = number
        chosen = [case for case in cases if len(case.expect) >= number]
        summaries.append(ingest_cases(settings, chosen, network, clock_of_round(number)))
        after = look(settings, chosen, press.requests, clock_of_round(number).now())
        for case in chosen:
            seen[case.id].append(after[case.id])
    return [
        Verdict(
            case,
            tuple(seen[case.id]),
            tuple(difference for one in zip(case.expect, seen[case.id], strict=True) for difference in judge(case, *one)),
        )
        for case in cases
    ], summaries


def look(settings: Settings, cases: Sequence[Case], requests: Mapping[str, int], now: datetime) -> dict[str, SeenCase]:
    """What ledger and index hold of these cases, and how well their feeds are at `now`."""
    index = open_index(**settings.index_location)
    index.ensure()
    try:
        articles = {document["id"]: document for document in index.export("articles")}
    finally:
        index.close()
    engine = create_engine(settings.ledger_address)
    with engine.connect() as db:
        feed_rows = list(db.execute(select(feeds)))
        entry_rows = list(db.execute(select(entries).order_by(entries.c.id)))
    engine.dispose()
    with Ledger(settings.ledger_address) as ledger:
        days = ledger.counts()
        health = feed_health(ledger, {case.id: case.outlet() for case in cases}, now)
    found = {}
    for case in cases:
        seen = SeenCase(days=[day for day in days if day.feed_id.startswith(f"{case.id}/")])
        seen.requests.update(
            {key.removeprefix(case.host): count for key, count in requests.items() if key.removeprefix("www.").startswith(case.host)}
        )
        seen.health |= {one.feed_id.partition("/")[2]: one for one in health if one.outlet_id == case.id}
        for row in feed_rows:
            if row.outlet_id == case.id:
                seen.feeds[row.id.partition("/")[2]] = SeenFeed(row.last_state, row.last_error)
        for row in entry_rows:
            if row.outlet_id == case.id:
                address = row.url.removeprefix(f"http://{case.host}")
                key = address if len(case.feeds) == 1 else f"{row.feed_id.partition('/')[2]} {address}"
                seen.entries[key] = _entry(row, articles)
        standing = {row.indexed_as for row in entry_rows if row.outlet_id == case.id}
        seen.strays += [article["url"] for article in articles.values() if article["outlet"] == case.id and article["id"] not in standing]
        found[case.id] = seen
    return found


def _entry(row: Any, articles: Mapping[str, Mapping[str, Any]]) -> SeenEntry:
    entry = _ENTRY.validate_json(row.record)
    article = articles.get(row.indexed_as) if row.indexed_as else None
    return SeenEntry(row.outcome, row.reason, row.last_error, entry.title, entry.published, entry.published_raw, article)


def judge(case: Case, expected: Expected, seen: SeenCase) -> list[str]:
    """Where a round differs from what was expected, in words; nothing when all is well."""
    wrong = []
    wanted = expected.feeds or {feed.name: expected.feed or "ok" for feed in case.feeds}
    for name, state in wanted.items():
        found = seen.feeds.get(name, SeenFeed(None, None))
        if found.state != state:
            wrong.append(f"feed {name} is {found.state} ({found.error}), not {state}")
        if expected.error and state == "failed" and not re.search(expected.error, found.error or ""):
            wrong.append(f"feed {name} says {found.error!r}, which does not match {expected.error!r}")
    for name, verdict in expected.health.items():
        if seen.health[name].verdict != verdict:
            wrong.append(f"the health of feed {name} is {seen.health[name].verdict} ({seen.health[name].why}), not {verdict}")
    for key, entry in expected.entries.items():
        if key not in seen.entries:
            wrong.append(f"{key} is not in the ledger")
        else:
            wrong += [f"{key}: {difference}" for difference in _differences(entry, seen.entries[key])]
    if expected.whole:
        wrong += [f"{key} is in the ledger ({one.outcome}), unexpected" for key, one in seen.entries.items() if key not in expected.entries]
    for outcome, count in expected.counts.items():
        if seen.count(outcome) != count:
            wrong.append(f"{seen.count(outcome)} {outcome}, not {count}")
    for path, count in expected.requests.items():
        if seen.requests[path] != count:
            wrong.append(f"{path} was asked for {seen.requests[path]} times, not {count}")
    wrong += [f"{address} is in the index, and no entry stands for it" for address in seen.strays]
    wrong += [f"the ledger does not add up: {day}" for day in seen.days if not day.adds_up]
    return wrong


def _differences(wanted: ExpectedEntry, seen: SeenEntry) -> list[str]:
    article = seen.article or {}
    text = str(article.get("text", ""))
    published = wanted.published if wanted.published != "none" else None
    pairs: list[tuple[str, object, object]] = [("outcome", wanted.outcome, seen.outcome)]
    for name, want, have in (
        ("reason", wanted.reason, seen.reason),
        ("title", wanted.title, seen.title),
        ("raw date", wanted.raw, seen.raw),
        ("headline", wanted.headline, article.get("title")),
        ("article's date", wanted.article_published, article.get("published")),
        ("version", wanted.version, article.get("version")),
        ("language", wanted.language, article.get("language")),
    ):
        if want is not None:
            pairs.append((name, want, have))
    if wanted.published is not None:
        pairs.append(("published", published, seen.published))
    wrong = [f"{name} {have!r}, not {want!r}" for name, want, have in pairs if want != have]
    if wrong and seen.detail and wanted.outcome != seen.outcome:
        wrong.append(f"because: {seen.detail}")
    if wanted.outcome == "indexed" and seen.outcome == "indexed" and not article:
        wrong.append("not in the index")
    wrong += [f"the text lacks {part!r}" for part in wanted.has if part not in text]
    wrong += [f"the text has {part!r}" for part in wanted.lacks if part in text]
    return wrong
