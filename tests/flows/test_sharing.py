"""Several runs on one ledger: nobody does what another does, hosts hear from one at a time, and the index is what one run would make."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from extractors.errors import LedgerError
from extractors.records import Entry, Feed, Outlet
from flows.clock import Clock
from flows.ledger import Ledger, Poll
from flows.pages import fetch_entries
from flows.pipeline import ingest
from flows.polling import poll_feeds
from flows.running import running
from flows.settings import Settings
from flows.workspace import Workspace
from tests.flows import sample
from tests.flows.conftest import AT, MakeSettings, Site, Time, serve_site

ROOT = Path(__file__).parents[2]
HOSTS = ("a.test", "b.test")
FEED = Feed("a/0", "a", "http://a.test/0", "rss")
OUTLET = Outlet("a", "A", "vi", "VN", "http://a.test/", HOSTS, "Asia/Ho_Chi_Minh", (FEED,))


def test_one_run_holds_a_host_and_the_next_keeps_the_pause(ledger: Ledger, time: Time) -> None:
    first, second = ledger.runs.start(), ledger.runs.start("backfill")
    for run, wait in ((first, 0.0), (first, 0.0), (second, None)):
        lease = ledger.runs.lease(run, "host a.test")
        assert (lease.wait if lease else None) == wait
    ledger.runs.release(second, "host a.test")
    assert ledger.runs.lease(second, "host a.test") is None, "nobody gives back what another holds"
    ledger.runs.release(first, "host a.test", pause=5)
    time.pass_by(seconds=2)
    lease = ledger.runs.lease(second, "host a.test")
    assert lease is not None
    assert lease.wait == 3
    other = ledger.runs.lease(first, "host b.test")
    assert other is not None


def test_a_run_that_has_ended_was_not_lost(ledger: Ledger, time: Time) -> None:
    """The thread that says that a run is alive may do so between the end that the ledger is told and its own."""
    first = ledger.runs.start()
    ledger.runs.end(first, "completed", None)
    assert ledger.runs.renew(first)
    second = ledger.runs.start()
    time.pass_by(seconds=200)
    ledger.runs.start()
    assert not ledger.runs.renew(second), "taken for dead"


def test_who_asks_in_vain_gets_it_next(ledger: Ledger, time: Time) -> None:
    first, second, third = ledger.runs.start(), ledger.runs.start(), ledger.runs.start()
    ledger.runs.lease(first, "host a.test")
    assert not ledger.runs.is_wanted(first, "host a.test")
    assert ledger.runs.lease(second, "host a.test") is None
    assert ledger.runs.is_wanted(first, "host a.test")
    ledger.runs.release(first, "host a.test")
    assert ledger.runs.lease(first, "host a.test") is None, "it is promised"
    assert ledger.runs.lease(third, "host a.test") is None
    assert ledger.runs.lease(second, "host a.test")
    assert not ledger.runs.is_wanted(second, "host a.test"), "the others have asked while it was promised, and must ask again"
    assert ledger.runs.lease(third, "host a.test") is None
    ledger.runs.release(second, "host a.test")
    time.pass_by(seconds=4)
    assert ledger.runs.lease(first, "host a.test"), "the third has not gone on asking"


def test_a_long_run_lets_one_that_waits_for_a_host_in_between(site: Site, make_settings: MakeSettings) -> None:
    """A backfill of forty pages of a host, and an ingest that polls the host's feed meanwhile."""
    sample.publish(site, count=1)
    outlets = {"bao-nam": sample.outlets()["bao-nam"]}
    feed = outlets["bao-nam"].feeds[0]
    pages = [f"bao-nam.test/cu-{number}.html" for number in range(40)]
    polled = threading.Event()

    def page(handler: Any) -> None:
        if handler.path == "/cu-1.html":
            asking.set()
            polled.wait(30)
        sleep(0.05)  # who holds a host looks once a second whether it is wanted
        handler.send_response(404)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    asking = threading.Event()
    site.answers |= dict.fromkeys(pages, page)
    settings = make_settings()
    with Workspace(settings, outlets) as long, running(long, "backfill") as backfill:
        entries = tuple(Entry(feed.id, f"http://{page}", "Cũ") for page in pages)
        long.ledger.feeds.register_polls(backfill, [Poll(feed, "ok", entries)], outlets)
        ids = long.ledger.take_work(backfill, outlets)
        thread = threading.Thread(target=fetch_entries, args=(long, backfill, ids))
        thread.start()
        assert asking.wait(30)
        with Workspace(settings, outlets) as short, running(short) as run_id:
            ask = short.ledger.runs.lease(run_id, "host bao-nam.test")
            assert ask is None
            polled.set()
            poll_feeds(short, run_id, "named")
            short.ledger.runs.end(run_id, "completed", None)
        thread.join()
        long.ledger.runs.end(backfill, "completed", None)
    order = [request for request in site.requests if not request.endswith("robots.txt")]
    assert set(pages) < set(order), "the long run has gone on"
    assert order.index("bao-nam.test/tin.rss") < len(pages), "not only at the end"
    assert site.most_at_once == {"bao-nam.test": 1}


def test_what_a_run_held_is_free_when_it_ends_or_is_not_heard_of(ledger: Ledger, time: Time) -> None:
    first, second = ledger.runs.start(), ledger.runs.start()
    ledger.runs.lease(first, "host a.test")
    ledger.runs.end(first, "completed", None)
    assert ledger.runs.lease(second, "host a.test")
    third = ledger.runs.start()
    time.pass_by(seconds=100)
    ledger.runs.renew(third)
    assert ledger.runs.lease(third, "host a.test") is None
    time.pass_by(seconds=30)
    assert ledger.runs.lease(third, "host a.test"), "the second was not heard of for two minutes"
    assert not ledger.runs.renew(second)


def test_a_run_that_has_ended_holds_no_lease(ledger: Ledger) -> None:
    """A thread that began in the instant of a Ctrl-C may take one after its run has given all back."""
    first, second = ledger.runs.start(), ledger.runs.start()
    ledger.runs.end(first, "interrupted", None)
    assert ledger.runs.lease(first, "host a.test")
    assert ledger.runs.lease(second, "host a.test")
    assert ledger.runs.lease(second, "host a.test"), "and keeps it"


def take_in(ledger: Ledger, run: int, *urls: str) -> None:
    ledger.feeds.register_polls(run, [Poll(FEED, "ok", tuple(Entry(FEED.id, url, "t") for url in urls))], {"a": OUTLET})


def test_entries_are_taken_by_one_run(ledger: Ledger, time: Time) -> None:
    first, second = ledger.runs.start(), ledger.runs.start()
    take_in(ledger, first, *(f"http://a.test/{number}" for number in range(4)))
    one, two = ledger.take_work(first, ["a"], 3), ledger.take_work(second, ["a"])
    assert (len(one), len(two)) == (3, 1)
    assert not set(one) & set(two)
    assert ledger.take_work(first, ["a"]) == []
    ledger.give_back(two)
    time.pass_by(minutes=3)
    third = ledger.runs.start()
    assert ledger.take_work(third, ["a"]) == sorted(one + two), "both others are taken for dead"
    with pytest.raises(LedgerError, match="taken for dead"):
        ledger.record_indexed(first, [])


def test_entries_of_a_host_that_another_run_holds_at_this_moment_are_taken_and_waited_for(site: Site, make_settings: MakeSettings) -> None:
    """A backfill asks for one page just when an ingest takes its work."""
    sample.publish(site, count=1)
    outlets = {"bao-nam": sample.outlets()["bao-nam"]}
    settings = make_settings()
    with Workspace(settings, outlets) as long, running(long, "backfill") as backfill, Workspace(settings, outlets) as short:
        with running(short) as run_id:
            poll_feeds(short, run_id, "named")
            assert long.ledger.runs.lease(backfill, "host bao-nam.test")
            ids = short.ledger.take_work(run_id, outlets)
            thread = threading.Thread(target=fetch_entries, args=(short, run_id, ids))
            thread.start()
            sleep(0.3)
            assert not any(request.endswith(".html") for request in site.requests), "the host is another's"
            long.ledger.runs.release(backfill, "host bao-nam.test")
            thread.join()
            assert any(request.endswith(".html") for request in site.requests)
            assert ids
            assert all(row.ref for row in short.ledger.rows(ids))
            short.ledger.runs.end(run_id, "completed", None)
        long.ledger.runs.end(backfill, "completed", None)


def test_a_rebuild_is_alone(ledger: Ledger) -> None:
    run = ledger.runs.start()
    with pytest.raises(LedgerError, match="ingest run 1 is at work"):
        ledger.runs.start("rebuild", alone=True)
    ledger.runs.end(run, "completed", None)
    ledger.runs.start("rebuild", alone=True)
    with pytest.raises(LedgerError, match="rebuild run 2 is at work"):
        ledger.runs.start()


def test_the_next_run_keeps_the_crawl_delay_of_the_one_before(site: Site, make_settings: MakeSettings) -> None:
    sample.publish(site, count=1)
    site.answers["bao-nam.test/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 40\n")
    slept: list[float] = []
    clock = Clock(lambda: AT + timedelta(seconds=sum(slept)), lambda: sum(slept), slept.append)
    settings = make_settings(host_delay_seconds=1)
    ingest(settings, sample.outlets(), only=["bao-nam"], clock=clock)
    with Ledger(settings.ledger_address, now=clock.now) as ledger:
        lease = ledger.runs.lease(ledger.runs.start(), "host bao-nam.test")
    assert lease is not None
    assert lease.wait == 40


# Processes


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one ingest of the sample press leaves in the index."""
    home = tmp_path_factory.mktemp("undisturbed")
    with serve_site() as site:
        sample.publish(site)
        ingest(Settings(home=home, host_delay_seconds=0, host_overrides=site.overrides, extraction_workers=1), sample.outlets())
    return comparable(home)


def comparable(home: Path) -> dict[str, Any]:
    """The index, its events by what they are made of: an event is named by the report that came first, which chance decides between runs."""
    documents = sample.contents(home)
    found: dict[str, Any] = {key: document for key, document in documents.items() if not key.startswith("events/")}
    for key, document in documents.items():
        if key.startswith("events/"):
            found["event of " + " ".join(sorted(document["report_ids"]))] = document["report_count"]
    return found


def command(settings: Settings) -> list[str]:
    given = {
        "home": str(settings.home),
        "host_delay_seconds": 0,
        "host_overrides": settings.host_overrides,
        "extraction_workers": 1,
        "batch_size": 3,
        "ledger_url": settings.ledger_url,
    }
    return [sys.executable, "-m", "tests.flows.sample", json.dumps(given)]


def test_two_ingests_at_once_do_what_one_does(
    site: Site, make_settings: MakeSettings, new_ledger_address: Callable[[], str], undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    sample.publish(site)
    settings = make_settings(ledger_url=new_ledger_address())
    running = [subprocess.Popen(command(settings), cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(120) for process in running] == [0, 0]
    last = ingest(settings, sample.outlets())
    assert (last.pending, last.counts_add_up) == (0, True)
    assert comparable(tmp_path / "home") == undisturbed
    assert set(site.most_at_once.values()) == {1}, "one request at a time to a host, whoever asks"
    pages = [request for request in site.requests if not request.endswith("robots.txt")]
    assert sorted(pages) == sorted(set(pages)), "nothing was fetched twice, no feed polled twice"


@pytest.mark.parametrize("new_ledger_address", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_what_a_killed_ingest_held_is_done_by_one_that_goes_on(
    site: Site, make_settings: MakeSettings, new_ledger_address: Callable[[], str], undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    sample.publish(site)
    settings = make_settings(ledger_url=new_ledger_address())
    with subprocess.Popen(command(settings), cwd=ROOT, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        for said in killed.stdout:
            if said.strip() == "advanced pages":
                break
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
    with Ledger(settings.ledger_address) as ledger:
        assert [run.state for run in ledger.runs.last()] == ["running"]
    summary = ingest(settings, sample.outlets())
    assert (summary.pending, summary.counts_add_up) == (0, True)
    assert comparable(tmp_path / "home") == undisturbed
