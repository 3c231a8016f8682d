"""How much of a host a backfill takes at a time, so that others come to their turn, and how long it will take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flows.settings import Settings


def visits_of_a_host(settings: Settings) -> int:
    """Requests to one host while its lease is held: half of the time that another run waits for it, so that an ingest beside gets it."""
    if settings.host_delay_seconds == 0:
        return settings.batch_size
    return max(1, min(settings.batch_size, int(settings.host_wait_seconds / 2 / settings.host_delay_seconds)))


def estimated_time(settings: Settings, pages_of_hosts: Mapping[str, int]) -> timedelta:
    """How long fetching so many pages of each host takes at least: hosts go on at the same time, and one request follows another after the pause."""
    slowest = max(pages_of_hosts.values(), default=0)
    crowd = sum(pages_of_hosts.values()) / settings.fetch_threads
    return timedelta(seconds=max(slowest, crowd) * max(settings.host_delay_seconds, 0.2))
