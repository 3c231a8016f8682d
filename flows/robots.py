"""robots.txt by RFC 9309: fetched once a day per origin, and what follows when it cannot be had."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from protego import Protego

from extractors.errors import FetchError, FetchReason
from flows.answers import Answer

MAX_REDIRECTS = 5  # RFC 9309, 2.3.1.2: at least five, across hosts
MAX_BYTES = 512_000  # 2.5: at least 500 KiB are parsed; what comes after is cut off
_FRESH = timedelta(hours=24)  # 2.4: no cached copy is used longer,
_STALE = timedelta(hours=24)  # unless robots.txt is unreachable: then the last rules hold as long again
_AGAIN = timedelta(minutes=10)

# An address to its answer; raises FetchError.
Get = Callable[[str], Answer]


@dataclass(frozen=True, slots=True)
class SavedRobots:
    """What a robots.txt was when it could be had: its `text`, or None when there is none, which forbids nothing."""

    text: bytes | None
    read_at: datetime


class RobotsStore(Protocol):
    """Where robots.txt outlives a run, by origin (`https://a.test`). Called from any number of threads."""

    def get(self, origin: str) -> SavedRobots | None: ...
    def put(self, origin: str, saved: SavedRobots) -> None: ...


class RobotsForgotten:
    """A store that keeps nothing."""

    def get(self, origin: str) -> SavedRobots | None:
        """Nothing."""
        return None

    def put(self, origin: str, saved: SavedRobots) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin's robots.txt says. `failure` is why nothing may be fetched for now: a reason of FetchError and a message."""

    parsed: Protego | None
    failure: tuple[FetchReason, str] | None
    read_at: datetime
    until: datetime

    def crawl_delay(self, agent: str) -> float | None:
        """Seconds between requests that robots.txt asks for."""
        return self.parsed.crawl_delay(agent) if self.parsed else None


class RobotsBook:
    """The rules of every origin that was asked, for any number of threads."""

    def __init__(self, get: Get, agent: str, *, now: Callable[[], datetime], store: RobotsStore) -> None:
        self._get = get
        self._agent = agent
        self._now = now
        self._store = store
        self._known: dict[str, Rules] = {}
        self._guard = threading.Lock()

    def check(self, url: str) -> Rules:
        """The rules for an address that may be fetched.

        Raises FetchError: `robots` when it may not; when nothing may be fetched from there for now, `robots_unavailable` for an answer that
        is an error, else what kept the answer away (`dns`, `connect`, `tls`, `timeout`, `rate_limited`, `challenge` …).
        """
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._guard:
            rules = known = self._known.get(origin)
        if rules is None:
            saved = self._store.get(origin)
            rules = None if saved is None else _rules(saved)
        if rules is None or self._now() >= rules.until:
            rules = self._read(origin, rules)
        if rules is not known:
            with self._guard:
                self._known[origin] = rules
        if rules.failure is not None:
            reason, said = rules.failure
            message = f"{origin}/robots.txt cannot be read, so {url} is not fetched for now: {said}"
            raise FetchError(message, retry=True, reason=reason, wait=max((rules.until - self._now()).total_seconds(), 0.0))
        if rules.parsed is not None and not rules.parsed.can_fetch(url, self._agent):
            raise FetchError(f"{origin}/robots.txt forbids {url}", retry=False, reason="robots")
        return rules

    def _read(self, origin: str, known: Rules | None) -> Rules:
        """Fetch and parse. A host that is paused or leads inside raises as for any page: no robots.txt was refused there."""
        try:
            answer = self._follow(f"{origin}/robots.txt")
        except FetchError as error:
            if error.reason in ("paused", "address", "stopped", "scheme"):
                raise
            return self._unreachable(error.reason, str(error), known)
        if answer.status >= 500:
            return self._unreachable("robots_unavailable", f"status {answer.status}", known)
        # 2.3.1.3: unavailable (4xx, also 401 and 403) forbids nothing; 2.3.1.2: nor does a chain of more than five redirects.
        text = None if answer.status >= 300 else answer.body[:MAX_BYTES]
        if text and len(answer.body) >= MAX_BYTES:  # a rule that is cut in two would forbid too much or too little
            text = text.rpartition(b"\n")[0]
        saved = SavedRobots(text, self._now())
        self._store.put(origin, saved)
        return _rules(saved)

    def _follow(self, address: str) -> Answer:
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._get(address)
            if answer.redirect is None:
                return answer
            address = answer.redirect
        return answer

    def _unreachable(self, reason: FetchReason, said: str, known: Rules | None) -> Rules:
        """2.3.1.4: unreachable (5xx, no answer) forbids everything, but 2.4 lets rules that were read before hold on."""
        now = self._now()
        if known is not None and known.failure is None and now < known.read_at + _FRESH + _STALE:
            return Rules(known.parsed, None, known.read_at, now + _AGAIN)
        return Rules(None, (reason, said), now, now + _AGAIN)


def _rules(saved: SavedRobots) -> Rules:
    parsed = None if saved.text is None else Protego.parse(saved.text.decode("utf-8-sig", errors="replace"))
    return Rules(parsed, None, saved.read_at, saved.read_at + _FRESH)
