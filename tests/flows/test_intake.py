"""One article under several addresses, guids and feeds: neither lost nor doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from extractors.records import Entry, Feed, Outlet
from flows.archive import PageRef
from flows.ledger import EntryRow, IndexedArticle, Ledger, Poll

HOST = "baomau.test"
FEEDS = tuple(Feed(f"baomau/{number}", "baomau", f"https://{HOST}/{number}.rss", "rss") for number in range(2))
OUTLET = Outlet("baomau", "Báo Mẫu", "vi", "VN", f"https://{HOST}/", (HOST,), "Asia/Ho_Chi_Minh", FEEDS)
AT = datetime(2026, 3, 1, 5, tzinfo=UTC)
OLD, NEW = f"https://{HOST}/trao-qua-hoc-sinh-ngheo-0000123.html", f"https://{HOST}/tin-tuc/bien-gioi/2026/trao-qua-hoc-sinh-ngheo.html"
GUID = "tin-0000123"


@pytest.fixture
def ledger(new_ledger_address: Callable[[], str]) -> Iterator[Ledger]:
    with Ledger(new_ledger_address(), now=lambda: AT) as ledger:
        yield ledger


def line(url: str, title: str = "Trao quà học sinh nghèo", guid: str | None = GUID, raw: str = "2026-03-01T12:00:07+07:00") -> Entry:
    return Entry("", url, title, guid=guid, published=datetime.fromisoformat(raw), published_raw=raw)


def poll(ledger: Ledger, *lines: Entry, feed: int = 0) -> tuple[int, list[EntryRow]]:
    """Register a poll; the run, and what is to be fetched because of it."""
    run = ledger.runs.start()
    entries = tuple(replace(one, feed_id=FEEDS[feed].id) for one in lines)
    ledger.feeds.register_polls(run, [Poll(FEEDS[feed], "ok", entries)], {"baomau": OUTLET})
    taken = ledger.take_work(run, ["baomau"])
    ledger.give_back(taken)
    return run, ledger.rows(taken)


def outcomes(ledger: Ledger) -> dict[str, int]:
    days = ledger.counts()
    assert all(day.adds_up for day in days)
    names = ("seen", "indexed", "duplicate", "rejected", "pending")
    found = {name: sum(getattr(day, name) for day in days) for name in names}
    return {name: count for name, count in found.items() if count}


def index(ledger: Ledger, run: int, row: EntryRow) -> None:
    ref = PageRef("s.warc.gz", 0, 1, "d")
    ledger.record_page(row.id, ref, AT)
    (row,) = ledger.rows([row.id])
    ledger.record_indexed(run, [IndexedArticle(row, row.article_id, 1, "c", "t", ref, AT, ())])


def test_a_new_address_of_an_indexed_article_is_looked_at_and_stays_the_same_article(ledger: Ledger) -> None:
    run, (row,) = poll(ledger, line(OLD))
    index(ledger, run, row)
    _, (again,) = poll(ledger, line(NEW))
    assert (again.id, again.article_id, again.url, again.indexed_as) == (row.id, row.article_id, NEW, row.article_id)
    assert outcomes(ledger) == {"seen": 1, "indexed": 1}


def test_another_feed_with_another_address_shows_a_duplicate(ledger: Ledger) -> None:
    poll(ledger, line(OLD))
    _, rows = poll(ledger, line(NEW), feed=1)
    assert [row.url for row in rows] == [OLD]
    assert outcomes(ledger) == {"seen": 2, "duplicate": 1, "pending": 1}


def test_an_article_whose_first_address_led_nowhere_is_fetched_from_its_other(ledger: Ledger) -> None:
    _, (row,) = poll(ledger, line(OLD))
    ledger.settle(row.id, "rejected", "gone")
    assert [again.url for again in poll(ledger, line(NEW), feed=1)[1]] == [NEW]
    assert outcomes(ledger) == {"seen": 2, "rejected": 1, "pending": 1}


def test_a_duplicate_takes_the_place_of_an_article_whose_page_is_gone(ledger: Ledger) -> None:
    _, (row,) = poll(ledger, line(OLD))
    poll(ledger, line(NEW), feed=1)
    ledger.settle(row.id, "rejected", "gone")
    run = ledger.runs.start()
    assert [again.url for again in ledger.rows(ledger.take_work(run, ["baomau"]))] == [NEW]
    assert outcomes(ledger) == {"seen": 2, "rejected": 1, "pending": 1}


def test_two_addresses_in_one_poll_are_one_article_and_the_first_stands(ledger: Ledger) -> None:
    run, (row,) = poll(ledger, line(OLD), line(NEW))
    assert row.url == OLD
    index(ledger, run, row)
    assert poll(ledger, line(OLD), line(NEW))[1] == [], "nothing has changed"
    assert outcomes(ledger) == {"seen": 1, "indexed": 1}


def test_one_guid_of_two_articles_keeps_them_apart(ledger: Ledger) -> None:
    other = line(f"https://{HOST}/khanh-thanh-cau.html", "Khánh thành cầu", raw="2026-03-01T15:30:00+07:00")
    assert len(poll(ledger, line(OLD), other)[1]) == 2
    assert outcomes(ledger) == {"seen": 2, "pending": 2}
    # The same guid for tomorrow's article, in a later poll.
    tomorrow = line(f"https://{HOST}/le-ky-ket.html", "Lễ ký kết", raw="2026-03-02T09:00:00+07:00")
    assert len(poll(ledger, tomorrow)[1]) == 3


def test_what_follows_the_question_mark_is_no_change(ledger: Ledger) -> None:
    run, (row,) = poll(ledger, line(OLD + "?utm_source=rss", guid=None))
    index(ledger, run, row)
    assert poll(ledger, line(OLD.replace("https", "http") + "?utm_campaign=x", guid=None))[1] == []


def test_text_that_no_database_takes_costs_no_run(ledger: Ledger) -> None:
    _, (row,) = poll(ledger, line(OLD, "Bài \ud83d\ude00 và \ud83d nửa\0", guid="\ud800"))
    assert (row.entry.title, row.entry.guid) == ("Bài \U0001f600 và \ufffd nửa\ufffd", "\ufffd")
    assert poll(ledger, line(OLD, "Bài \ud83d\ude00 và \ud83d nửa\0", guid="\ud800"))[1][0].id == row.id
    assert outcomes(ledger) == {"seen": 1, "pending": 1}
