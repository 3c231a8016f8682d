"""When feeds are asked, and where: over hours and days of a clock that the tests move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from flows.clock import Clock
from flows.ledger import Ledger
from flows.pipeline import ingest
from flows.polling import poll_feeds
from flows.running import running
from flows.summary import RunSummary
from flows.workspace import Workspace
from tests.flows import sample
from tests.flows.conftest import MakeSettings, Site

FEEDS = ["bao-bac.test/an-ninh.rss", "bao-bac.test/tin.rss", "bao-nam.test/tin.rss"]


class Time:
    """A clock that moves when it is told, or slept on."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def pass_by(self, **time: float) -> None:
        self.seconds += timedelta(**time).total_seconds()

    @property
    def now(self) -> datetime:
        return datetime(2026, 3, 20, tzinfo=UTC) + timedelta(seconds=self.seconds)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.seconds, lambda seconds: self.pass_by(seconds=seconds))


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def run(site: Site, make_settings: MakeSettings, time: Time) -> Callable[..., RunSummary]:
    """Ingests the sample press at the clock's time; what was asked for lies in `site.requests`."""
    sample.publish(site, count=1)

    def run(**changes: object) -> RunSummary:
        site.requests.clear()
        settings = changes.pop("settings", None) or {}
        assert isinstance(settings, dict)
        return ingest(make_settings(**settings), sample.outlets(), clock=time.clock, **changes)  # type: ignore[arg-type]

    return run


def feeds_asked(site: Site) -> list[str]:
    return sorted(request for request in site.requests if request.endswith(".rss"))


def test_feeds_are_asked_when_they_are_due(site: Site, run: Callable[..., RunSummary], time: Time) -> None:
    assert run().newly_indexed == 2
    assert feeds_asked(site) == FEEDS
    time.pass_by(minutes=9)
    assert (run().feeds, feeds_asked(site)) == ((), [])
    time.pass_by(minutes=22)  # all was new: half an hour
    run()
    assert feeds_asked(site) == FEEDS
    time.pass_by(minutes=40)  # nothing was: three quarters
    run()
    assert feeds_asked(site) == []
    run(all_feeds=True)
    assert feeds_asked(site) == FEEDS
    run(only=["bao-nam"])
    assert feeds_asked(site) == FEEDS[2:]


def hours_asked(site: Site, make_settings: MakeSettings, time: Time, hours: int) -> list[int]:
    """In which of so many hours the feed of bao-nam is asked, when what is due is polled at each."""
    asked = []
    with Workspace(make_settings(), sample.outlets(), clock=time.clock) as work:
        for hour in range(hours):
            site.requests.clear()
            with running(work) as run_id:
                poll_feeds(work, run_id)
                work.ledger.runs.end(run_id, "completed", None)
            asked += [hour] * (FEEDS[2] in site.requests)
            time.pass_by(hours=1)
    return asked


def test_a_feed_that_stays_quiet_is_asked_once_a_day_and_one_that_wakes_up_soon_again(
    site: Site, make_settings: MakeSettings, time: Time
) -> None:
    sample.publish(site, count=1)
    asked = hours_asked(site, make_settings, time, 96)
    assert 8 <= len(asked) <= 14
    assert asked[-1] - asked[-2] == 24
    feed = sample.outlets()["bao-nam"].feeds[0]
    with Workspace(make_settings(), sample.outlets(), clock=time.clock) as work, running(work) as run_id:
        for number in range(40):
            # All of the feed is new each time.
            site.answers[FEEDS[2]] = (200, {}, sample.rss((f"http://bao-nam.test/moi-{number}.html", f"Bài mới {number}")))
            poll_feeds(work, run_id, "named")
        assert work.ledger.feeds.state(feed).pace.interval == timedelta(minutes=10)
        work.ledger.runs.end(run_id, "completed", None)


def test_a_failing_feed_is_asked_less_often_and_forgiven_at_once(site: Site, make_settings: MakeSettings, time: Time) -> None:
    sample.publish(site, count=1)
    whole = site.answers[FEEDS[2]]
    site.answers[FEEDS[2]] = (404, {}, b"")
    gaps = [later - earlier for earlier, later in pairwise(hours_asked(site, make_settings, time, 48))]
    assert gaps == sorted(gaps)
    assert gaps[:3] == [2, 3, 4], "one hour, and one more with each failure"
    site.answers[FEEDS[2]] = whole
    time.pass_by(hours=24)
    assert hours_asked(site, make_settings, time, 1) == [0]
    with Ledger(make_settings().ledger_address) as ledger:
        state = ledger.feeds.state(sample.outlets()["bao-nam"].feeds[0])
    assert (state.failures, state.pace.failure_weight, state.pace.off) == (0, 0, False)


def test_a_feed_that_is_gone_is_off_until_its_outlet_is_named(site: Site, run: Callable[..., RunSummary], time: Time) -> None:
    whole = site.answers[FEEDS[2]]
    site.answers[FEEDS[2]] = (410, {}, b"")
    run()
    time.pass_by(days=30)
    run(all_feeds=True)
    assert feeds_asked(site) == FEEDS[:2]
    site.answers[FEEDS[2]] = whole
    assert run(only=["bao-nam"]).newly_indexed == 1
    time.pass_by(days=1)
    run()
    assert feeds_asked(site) == FEEDS


def test_validators_are_not_believed_for_ever(site: Site, make_settings: MakeSettings, time: Time) -> None:
    sample.publish(site, count=1)
    body = site.answers[FEEDS[2]][2]
    answers = []

    def conditional(handler: object) -> None:
        asked = handler.headers.get("If-None-Match")  # type: ignore[attr-defined]
        answers.append(asked)
        handler.send_response(304 if asked else 200)  # type: ignore[attr-defined]
        if not asked:
            handler.send_header("ETag", "same-for-ever")  # type: ignore[attr-defined]
            handler.send_header("Content-Length", str(len(body)))  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        if not asked:
            handler.wfile.write(body)  # type: ignore[attr-defined]

    site.answers[FEEDS[2]] = conditional
    with Workspace(make_settings(), sample.outlets(), clock=time.clock) as work, running(work) as run_id:
        for _ in range(30):
            poll_feeds(work, run_id, "named")
        whole = [number for number, asked in enumerate(answers) if asked is None]
        assert whole == [0, 12, 24], "every twelfth time all of it"
        time.pass_by(days=1)
        poll_feeds(work, run_id, "named")
        assert answers[-1] is None
        work.ledger.runs.end(run_id, "completed", None)


def moved(to: str) -> tuple[int, dict[str, str], bytes]:
    return 301, {"Location": to}, b""


def test_a_move_is_remembered_when_it_lasts_and_undone_when_it_ends(site: Site, run: Callable[..., RunSummary], time: Time) -> None:
    old, new = FEEDS[2], "bao-nam.test/moi.rss"
    site.answers[new], site.answers[old] = site.answers[old], moved(f"http://{new}")
    asked = []
    for _ in range(5):
        run(only=["bao-nam"])
        asked.append([request for request in feeds_asked(site) if request in (old, new)])
        time.pass_by(hours=12)
    assert asked == [[new, old]] * 3 + [[new]] * 2
    site.answers[old], site.answers[new] = site.answers[new], (404, {}, b"")
    assert [feed.state for feed in run(only=["bao-nam"]).feeds] == ["failed"]
    assert [feed.state for feed in run(only=["bao-nam"]).feeds] == ["unchanged"]
    assert old in site.requests


def test_a_move_to_a_foreign_host_is_not_remembered(site: Site, run: Callable[..., RunSummary], time: Time) -> None:
    site.answers["parked.test/"] = site.answers[FEEDS[2]]
    site.answers[FEEDS[2]] = moved("http://parked.test/")
    for _ in range(6):
        run(only=["bao-nam"])
        assert FEEDS[2] in site.requests
        time.pass_by(hours=12)


def test_quarantine_ends_by_itself(site: Site, run: Callable[..., RunSummary], make_settings: MakeSettings, time: Time) -> None:
    page = "bao-nam.test/bai-0.html"
    whole = site.answers[page]
    site.answers[page] = (500, {}, b"")
    once = {"entry_attempts": 1}
    assert run(settings=once).quarantined == {"server_error": 1}
    time.pass_by(hours=23)
    run(settings=once)
    assert page not in site.requests
    time.pass_by(hours=1)
    assert run(settings=once).quarantined == {"server_error": 1}
    time.pass_by(hours=47)
    run(settings=once)
    assert page not in site.requests, "two days the second time"
    site.answers[page] = whole
    time.pass_by(hours=1)
    summary = run(settings=once)
    assert (summary.newly_indexed, summary.quarantined, summary.counts_add_up) == (1, {}, True)
    with Ledger(make_settings().ledger_address) as ledger:
        assert ledger.quarantine.totals() == {}


def test_a_server_that_asks_for_time_gets_it(site: Site, run: Callable[..., RunSummary], time: Time) -> None:
    page = "bao-nam.test/bai-0.html"
    whole = site.answers[page]
    site.answers[page] = (429, {"Retry-After": "7200"}, b"")
    assert run().pending == 1
    site.answers[page] = whole
    time.pass_by(hours=1)
    run()
    assert page not in site.requests
    time.pass_by(hours=1)
    assert run().newly_indexed == 1


def sitemap_index(*children: tuple[str, str]) -> tuple[int, dict[str, str], bytes]:
    listed = "".join(f"<sitemap><loc>http://bao-nam.test/{name}.xml</loc><lastmod>{day}</lastmod></sitemap>" for name, day in children)
    return 200, {}, f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>'.encode()


def sitemap(*pages: tuple[str, str]) -> tuple[int, dict[str, str], bytes]:
    listed = "".join(f"<url><loc>http://bao-nam.test/{name}.html</loc><lastmod>{day}</lastmod></url>" for name, day in pages)
    return 200, {}, f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</urlset>'.encode()


def test_an_index_of_sitemaps_is_followed_to_what_has_changed(site: Site, make_settings: MakeSettings, time: Time) -> None:
    months = [(f"thang-{month}", f"2026-0{month}-15") for month in range(1, 6)]
    site.answers["bao-nam.test/sitemap.xml"] = sitemap_index(*months)
    for name, day in months:
        site.answers[f"bao-nam.test/{name}.xml"] = sitemap((f"bai-{name}", day))
    site.answers["bao-nam.test/thang-4.xml"] = (500, {}, b"")
    outlet = sample.outlets()["bao-nam"]
    feed = replace(outlet.feeds[0], kind="sitemap", url="http://bao-nam.test/sitemap.xml")
    time.pass_by(days=60)

    def polled() -> tuple[str, list[str]]:
        site.requests.clear()
        with Workspace(make_settings(), {outlet.id: replace(outlet, feeds=(feed,))}, clock=time.clock) as work, running(work) as run_id:
            poll_feeds(work, run_id, "named")
            work.ledger.runs.end(run_id, "completed", None)
            state = work.ledger.feeds.polled(run_id)[0].state
            return state, [request for request in site.requests if "thang" in request]

    state, asked = polled()
    assert (state, asked) == ("ok", [f"bao-nam.test/thang-{month}.xml" for month in (5, 4, 3)])
    time.pass_by(days=2)
    assert polled() == ("unchanged", []), "none has changed since"
    months[0] = ("thang-1", f"{time.now:%Y-%m-%d}")
    site.answers["bao-nam.test/sitemap.xml"] = sitemap_index(*months)
    assert polled() == ("ok", ["bao-nam.test/thang-1.xml"])
    with Ledger(make_settings().ledger_address) as ledger:
        urls = [row.url for row in ledger.rows(range(1, 10))]
    assert urls == [f"http://bao-nam.test/bai-thang-{month}.html" for month in (5, 3, 1)]
    site.answers["bao-nam.test/thang-1.xml"] = (404, {}, b"")
    assert polled()[0] == "failed"
