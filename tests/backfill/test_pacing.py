"""How much of a host a backfill takes at a time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from flows.backfill.pacing import estimated_time, visits_of_a_host
from flows.settings import Settings


@pytest.mark.parametrize(("delay", "wait", "visits"), [(5, 60, 6), (0, 60, 100), (40, 60, 1), (0.1, 600, 100)])
def test_a_host_is_given_back_before_others_lose_patience(tmp_path: Path, delay: float, wait: float, visits: int) -> None:
    assert visits_of_a_host(Settings(home=tmp_path, host_delay_seconds=delay, host_wait_seconds=wait)) == visits


def test_hosts_go_on_at_the_same_time_as_far_as_there_are_threads(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, host_delay_seconds=5, fetch_threads=2)
    assert estimated_time(settings, {"a.test": 100, "b.test": 20}) == timedelta(seconds=500)
    assert estimated_time(settings, {f"{number}.test": 100 for number in range(4)}) == timedelta(seconds=1000)
    assert estimated_time(settings, {}) == timedelta(0)
