"""That what `make bench` measures still runs; the figures are for people."""

from __future__ import annotations

from pathlib import Path

from benchmarks import fetching, memory, tagging
from tests.flows.conftest import MakeSettings


def test_the_fetcher_is_measured_against_bare_httpx(make_settings: MakeSettings) -> None:
    make_settings()  # no setting of the environment reaches what is measured
    runs = fetching.measure(hosts=3, pages=2, runs=2, body=b"<p>tin</p>" * 100)
    assert len(runs) == 2
    assert all(speed > 0 for run in runs for speed in (run.ours, run.shared, run.separate))


def test_memory_is_read_along_an_ingest(make_settings: MakeSettings) -> None:
    make_settings()
    readings, seconds = memory.measure((4, 30))
    # Pages come one by one, articles in batches.
    assert [(reading.stage, reading.pages) for reading in readings] == [("pages", 4), ("pages", 30), ("articles", 30)]
    assert seconds > 0
    assert all((reading.own > 1_000_000) is Path("/proc/self/statm").exists() for reading in readings)


def test_tagging_is_measured() -> None:
    speed = tagging.measure(3)
    assert speed.stories > 0
    assert speed.domestic > 0
