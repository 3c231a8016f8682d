"""Simulated time for several threads: it stands still while anybody is at work, and jumps to the next waking when all sleep."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from flows.clock import Clock

# Real seconds without a request under way, a look at the clock or a waking, after which whoever is left is asleep. A thread that is slower
# than this finds that its work took as long as the others slept, which happens to real ones too.
_QUIET = 0.003


class Timeline:
    """Seconds since `start`. Use it in a `with`: a thread of it moves the time."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._seconds = 0.0
        self._wakings: list[float] = []
        self._changed = threading.Condition()
        self._touched = time.monotonic()
        self._at_work = 0
        self._closed = False
        self._mover = threading.Thread(target=self._move, name="timeline", daemon=True)

    def __enter__(self) -> Timeline:
        self._mover.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._mover.join()

    @property
    def clock(self) -> Clock:
        """This time as the ingest wants it."""
        return Clock(self.now, self.seconds, self.sleep)

    def seconds(self) -> float:
        """Seconds since the start."""
        self._touched = time.monotonic()
        return self._seconds

    def now(self) -> datetime:
        """The instant."""
        return self._start + timedelta(seconds=self.seconds())

    def sleep(self, seconds: float) -> None:
        """Wait until so many simulated seconds have passed."""
        with self._changed:
            waking = self._seconds + seconds
            heapq.heappush(self._wakings, waking)
            self._touched = time.monotonic()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._seconds >= waking or self._closed)
            self._touched = time.monotonic()

    def move_to(self, seconds: float) -> None:
        """Let the time be `seconds`, if it is not later already. Only while nobody sleeps."""
        with self._changed:
            self._seconds = max(self._seconds, seconds)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Time stands still inside: a request is being answered."""
        with self._changed:
            self._at_work += 1
        try:
            yield
        finally:
            with self._changed:
                self._at_work -= 1
                self._touched = time.monotonic()

    def _move(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wakings or self._closed)
                if self._closed:
                    return
                quiet = time.monotonic() - self._touched
                if not self._at_work and quiet >= _QUIET:
                    self._seconds = max(self._seconds, heapq.heappop(self._wakings))
                    while self._wakings and self._wakings[0] <= self._seconds:
                        heapq.heappop(self._wakings)
                    self._touched = time.monotonic()
                    self._changed.notify_all()
                    continue
            time.sleep(max(0.0005, _QUIET - quiet) if not self._at_work else 0.0005)
