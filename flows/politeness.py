"""One request at a time per host, with a pause between, and what robots.txt allows. Limits are per host, never per feed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# A robots.txt that asks for more than a minute between requests would stall a 15-minute schedule; a minute is slower than any reader.
_LONGEST_CRAWL_DELAY = 60.0


@dataclass(slots=True)
class _Host:
    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0
    delay: float = 0.0


class HostGate:
    """Hands out turns: `with gate.turn(host):` waits until nobody else talks to the host and its pause has passed."""

    def __init__(self, delay: float, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._delay = delay
        self._clock = clock
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._guard = threading.Lock()

    def _host(self, host: str) -> _Host:
        with self._guard:
            return self._hosts.setdefault(host, _Host(delay=self._delay))

    def slow_down(self, host: str, delay: float) -> None:
        """Pause at least `delay` seconds between requests to this host, as its robots.txt asks (at most a minute)."""
        entry = self._host(host)
        entry.delay = max(entry.delay, min(delay, _LONGEST_CRAWL_DELAY))

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Hold the host for one request; the pause counts from the end of it."""
        entry = self._host(host)
        with entry.lock:
            wait = entry.free_at - self._clock()
            if wait > 0:
                self._sleep(wait)
            try:
                yield
            finally:
                entry.free_at = self._clock() + entry.delay
