"""One request at a time per host, with a pause between, and longer ones where the host asks for them. Limits are per host, never per feed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from extractors.errors import FetchError

# Longer than this no thread sleeps for a host: the page is left to a later run, and robots.txt or Retry-After is still obeyed.
LONGEST_SLEEP = 60.0


@dataclass(slots=True)
class _Host:
    delay: float
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended_at: float | None = None
    free_at: float = 0.0
    why: str = ""


class HostGate:
    """Hands out turns: `with gate.turn(host):` waits until nobody else talks to the host and its pause has passed."""

    def __init__(self, delay: float, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._delay = delay
        self._longest = max(delay, LONGEST_SLEEP)
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._guard = threading.Lock()

    def _host(self, host: str) -> _Host:
        with self._guard:
            return self._hosts.setdefault(host, _Host(self._delay))

    def slow_down(self, host: str, delay: float) -> None:
        """Pause at least `delay` seconds between requests to this host, as its robots.txt asks; also after the request just made."""
        entry = self._host(host)
        if delay <= entry.delay:
            return
        entry.delay = delay
        if entry.ended_at is not None:
            entry.free_at = max(entry.free_at, entry.ended_at + delay)

    def delay_of(self, host: str) -> float:
        """Seconds between two requests to this host."""
        return self._host(host).delay

    def pause(self, host: str, seconds: float, why: str) -> None:
        """Leave this host alone for `seconds` from now; `why` goes into the error of whoever asks for a turn meanwhile."""
        entry = self._host(host)
        until = self._clock() + seconds
        if until > entry.free_at:
            entry.free_at, entry.why = until, why

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Hold the host for one request; the pause counts from the end of it.

        Raises FetchError (`paused`, with `wait`) instead of sleeping longer than a minute, or than the delay of the settings.
        """
        entry = self._host(host)
        with entry.lock:
            wait = entry.free_at - self._clock()
            if wait > self._longest:
                why = entry.why or f"its robots.txt asks for {entry.delay:.0f} s between requests"
                raise FetchError(f"{host} is left alone for {wait:.0f} s more: {why}", retry=True, reason="paused", wait=wait)
            if wait > 0:
                self._sleep(wait)
            entry.why = ""
            try:
                yield
            finally:
                entry.ended_at = self._clock()
                # A pause that was asked for during the request stays.
                entry.free_at = max(entry.free_at, entry.ended_at + entry.delay)
