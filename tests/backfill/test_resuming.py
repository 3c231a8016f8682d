"""A backfill that was stopped: what it had done is kept, and the same command ends it as an undisturbed one would have."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks.warc_files import write_warc
from extractors.errors import LedgerError
from flows.ledger import Ledger
from keoson.press.rendering import Resource
from tests.backfill.conftest import Home, MakeHome, settings_of
from tests.backfill.past_press import PastPress, past_press
from tests.backfill.running import contents, start
from tests.backfill.test_warc import pages

RANGE: dict[str, Any] = {"since": "2024-01", "until": "2024-06"}


@pytest.fixture(scope="module")
def undisturbed(past: PastPress, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What is in the index after a backfill that nothing disturbed."""

    home = Home(settings_of(past.server, tmp_path_factory.mktemp("undisturbed") / "home", batch_size=2), past.outlets)
    home.run("truongson", **RANGE)
    return contents(home.settings)


@pytest.mark.parametrize("word", ["places 3", "articles 0", "articles 2", "articles 6"])
def test_killed_at_a_point_and_resumed(past: PastPress, make_home: MakeHome, undisturbed: dict[str, dict[str, Any]], word: str) -> None:
    home = make_home(past, batch_size=2)
    process = start(home.settings, {"only": ["truongson"], **RANGE})
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(word):
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    done = home.run("truongson", **RANGE)
    assert done.complete
    assert done.counts_add_up
    assert contents(home.settings) == undisturbed
    with Ledger(home.settings.ledger_address) as ledger:
        assert all(day.adds_up for day in ledger.counts())
        assert ledger.backfills.unfinished() == []


def test_ctrl_c_stops_cleanly_and_the_ledger_says_so(past: PastPress, make_home: MakeHome, undisturbed: dict[str, dict[str, Any]]) -> None:
    home = make_home(past, batch_size=2)
    process = start(home.settings, {"only": ["truongson"], **RANGE})
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("articles 2"):
            break
    process.send_signal(signal.SIGINT)
    process.stdout.read()
    assert process.wait() != 0
    with Ledger(home.settings.ledger_address) as ledger:
        assert ledger.runs.last(1)[0].state == "interrupted"
        (job,) = ledger.backfills.unfinished()
        assert sum(ledger.backfills.waiting(job.id).values()) > 0
    home.run("truongson", **RANGE)
    assert contents(home.settings) == undisturbed


def test_the_same_backfill_is_not_begun_twice_at_once(past: PastPress, make_home: MakeHome) -> None:
    home = make_home(past, batch_size=2)
    process = start(home.settings, {"only": ["truongson"], **RANGE})
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if line.startswith("articles 0"):
                break
        with pytest.raises(LedgerError, match="is at work in run 1: wait until it has ended"):
            home.run("truongson", **RANGE)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_place_that_failed_is_asked_again(make_home: MakeHome) -> None:
    press = past_press()
    with press.server:
        address = "http://truongson.press.test/sitemap-2024-06.xml"
        there = press.server.answer("truongson.press.test", "/sitemap-2024-06.xml")

        press.server.replace(address, Resource(b"", "text/plain", status=500))
        home = make_home(press)
        first = home.run("truongson", since="2024-06", until="2024-07")
        assert (first.complete, first.found, first.places) == (False, 2, {"done": 2, "failed": 1})
        press.server.replace(address, there)
        second = home.run("truongson", since="2024-06", until="2024-07")
        assert second.backfill_id == first.backfill_id
        assert (second.complete, second.found, second.failures) == (True, 4, ())
        assert len(home.urls()) == 4


def test_an_outlet_whose_host_is_in_trouble_is_set_aside_and_the_others_go_on(make_home: MakeHome) -> None:
    press = past_press()
    with press.server:
        for one in press.of("truongson", "2024-06", "2024-07", "2024-08"):
            press.server.replace(one.url, Resource(b"", "text/plain", status=503))
        home = make_home(press, batch_size=2)
        done = home.run(since="2024-06", until="2024-08")
        assert done.run is not None
        # Only the pages of one batch were asked for, and the rest is no entry that an ingest would find.
        assert done.run.pending == 2
        assert done.waiting == 4
        assert not done.complete


def test_a_backfill_of_files_fetches_nothing_that_another_has_left(make_home: MakeHome, tmp_path: Path) -> None:
    press = past_press()
    with press.server:
        one, two = press.of("truongson", "2024-06")
        there = press.server.answer("truongson.press.test", urlsplit(one.url).path)
        press.server.replace(one.url, Resource(b"", "text/plain", status=503))
        home = make_home(press)
        assert home.run("truongson", since="2024-06", until="2024-06").run.pending == 1  # type: ignore[union-attr]
        press.server.replace(one.url, there)
        press.server.requests_seen.clear()
        write_warc(tmp_path / "crawl.warc.gz", pages(press, "truongson", "2024-07"), "ccnews")
        home.run(files=[tmp_path / "crawl.warc.gz"])
        assert press.server.requests_seen == []
        assert home.urls() == {two.url, *(article.url for article in press.of("truongson", "2024-07"))}
        home.run("truongson", since="2024-06", until="2024-06")
        assert one.url in home.urls()
