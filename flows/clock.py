"""Time as an argument: the system's, or one that a test or a simulation moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` tells the instant (aware), `monotonic` seconds from an unknown start that never go back, `sleep` waits so many seconds."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]


def _now() -> datetime:
    return datetime.now(UTC)


SYSTEM_CLOCK = Clock(_now, time.monotonic, time.sleep)
