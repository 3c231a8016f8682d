"""Feeds judged by what comes from them, over weeks of a clock that the tests move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from extractors.records import Entry, Feed, Outlet
from flows.archive import PageRef
from flows.health import FeedHealth, feed_health
from flows.ledger import IndexedArticle, Ledger, Poll
from flows.schedule import Failure

FEED = Feed("bao_0", "bao", "http://bao.test/0.rss", "rss", entries_a_day=5)
OUTLET = Outlet("bao", "Báo", "vi", "VN", "http://bao.test/", ("bao.test",), "Asia/Ho_Chi_Minh", (FEED,))
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


class Press:
    """A feed whose entries come as told, taken in at noon of each day."""

    def __init__(self, address: str) -> None:
        self.now = START
        self.ledger = Ledger(address, now=lambda: self.now)
        self.run = self.ledger.runs.start()
        self.count = 0

    def day(self, new: int, *, text: int | None = None, duplicates: int = 0) -> None:
        """A day on which `new` entries come, published two hours before; `text` of them (else all) have any."""
        self.now += timedelta(days=1)
        self.ledger.runs.renew(self.run)
        self.poll(new, duplicates)
        rows = self.ledger.rows(self.ledger.take_work(self.run, ["bao"]))
        ref = PageRef("s.warc.gz", 0, 1, "d")
        for place, row in enumerate(rows):
            if text is None or place < text:
                ledger_row = replace(row, ref=ref)
                self.ledger.record_indexed(self.run, [IndexedArticle(ledger_row, row.article_id, 1, "c", "t", ref, self.now, ())])
            else:
                self.ledger.settle(row.id, "rejected", "no_text")

    def poll(self, new: int, duplicates: int = 0) -> None:
        published = self.now - timedelta(hours=2)
        entries = []
        for _ in range(new):
            self.count += 1
            entries.append(Entry(FEED.id, f"http://bao.test/{self.count}.html", f"Bài {self.count}", published=published))
        if duplicates:
            other = replace(FEED, id="bao/1")
            copies = tuple(Entry(other.id, f"http://bao.test/{self.count + extra}.html", "Bài") for extra in range(1, duplicates + 1))
            entries += [replace(copy, feed_id=FEED.id) for copy in copies]
            self.ledger.feeds.register_polls(self.run, [Poll(other, "ok", copies)], {"bao": OUTLET})
            self.count += duplicates
        self.register(Poll(FEED, "ok" if entries else "unchanged", tuple(entries)))

    def register(self, poll: Poll) -> None:
        self.ledger.feeds.register_polls(self.run, [poll], {"bao": OUTLET})

    def health(self, **changes: object) -> FeedHealth:
        outlet = replace(OUTLET, feeds=(replace(FEED, **changes),))  # type: ignore[arg-type]
        (found,) = feed_health(self.ledger, {"bao": outlet}, self.now)
        return found


@pytest.fixture
def press(new_ledger_address: Callable[[], str]) -> Iterator[Press]:
    press = Press(new_ledger_address())
    with press.ledger:
        yield press


def test_before_and_at_the_first_poll_nothing_is_judged(press: Press) -> None:
    assert press.health().verdict == "never_polled"
    assert press.health(enabled=False).verdict == "disabled"
    press.day(30)
    found = press.health()
    assert (found.verdict, found.entries_a_day, found.median_delay) == ("new", None, None), "the first poll shows weeks at once"


def test_a_feed_from_which_comes_what_is_expected_is_well(press: Press) -> None:
    for new in (30, 5, 6, 4, 5, 5, 5, 5, 5):
        press.day(new, text=new - 1)
    found = press.health()
    assert (found.verdict, found.is_alarm, found.expected_a_day) == ("well", False, 5)
    assert found.entries_a_day is not None
    assert 4 <= found.entries_a_day <= 6
    assert found.median_delay == 2 * 3600
    assert found.without_text_share == pytest.approx(0.2, abs=0.05)
    assert found.last_success == found.last_new == press.now


def test_a_feed_that_answers_and_shows_little_is_an_alarm(press: Press) -> None:
    for new in (30, 5, 5, 5, 5, 5, 1, 0, 1, 0, 1, 0, 1):
        press.day(new)
    found = press.health()
    assert (found.verdict, found.is_alarm, found.failure_weight) == ("quiet", True, 0)
    assert "0.6 entries a day where 5.0 are expected" in found.why


def test_a_feed_without_a_figure_is_held_against_its_own_past(press: Press) -> None:
    for _ in range(20):
        press.day(4)
    assert press.health(entries_a_day=None).verdict == "well"
    for _ in range(7):
        press.day(0)
    found = press.health(entries_a_day=None)
    assert (found.verdict, found.expected_a_day) == ("quiet", pytest.approx(4, abs=0.3))
    assert press.health(entries_a_day=0.2).verdict == "well", "of one a week, none is no alarm"


def test_shares_of_duplicates(press: Press) -> None:
    press.day(3, duplicates=1)
    assert press.health().duplicate_share == 0.25


def test_failures_and_silence_are_told_apart(press: Press) -> None:
    press.day(5)
    for _ in range(3):
        press.register(Poll(FEED, "failed", error="http://bao.test/0.rss answered 404", failure=Failure("hard")))
    found = press.health()
    assert (found.verdict, found.why, found.failure_weight) == ("failing", "http://bao.test/0.rss answered 404", 3)
    press.day(5)
    press.day(5)
    press.register(Poll(FEED, "failed", error="no name", failure=Failure("name")))
    assert press.health().verdict == "well"
    press.now += timedelta(days=2)
    assert press.health().verdict == "failing"
    press.register(Poll(FEED, "failed", error="410", failure=Failure("gone")))
    assert press.health().verdict == "gone"
    assert press.health().why.endswith("keoson ingest --outlet bao")
    assert press.health().next_poll is None, "it is left alone"
