"""Backfills in the ledger, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from extractors.addresses import article_id
from extractors.errors import LedgerError
from extractors.records import Entry, Feed, Outlet
from flows.archive import PageRef
from flows.ledger import Ledger, Poll
from flows.ledger.announcements import Announcement
from flows.ledger.backfill_rows import MonthOfCandidates, Place, PlaceResult, StoredPage

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = Feed("a/0", "a", "http://a.test/0", "rss")
OUTLET = Outlet("a", "A", "vi", "VN", "http://a.test/", ("a.test",), "Asia/Ho_Chi_Minh", (FEED,))
INDEX = Place("http://a.test/index.xml", "sitemap", "a")
FILE = Place("/crawl.warc", "warc")


def line(number: int, feed: str = "a_backfill") -> Entry:
    return Entry(feed, f"http://a.test/bai-{number}.html", f"Bài {number}")


def announced(number: int, day: str | None) -> Announcement:
    return Announcement.of("a", line(number), day, "sitemap")


def ref(number: int) -> PageRef:
    return PageRef("keoson-20260301-01.warc.gz", number, 9, "0" * 64)


def result(*found: Announcement, further: tuple[Place, ...] = ()) -> PlaceResult:
    return PlaceResult(found, tuple(one.article_id for one in found), further, {"outside the range": 1})


def test_a_backfill_from_its_first_place_to_its_last_entry(new_ledger_address: Callable[[], str]) -> None:
    with Ledger(new_ledger_address(), now=lambda: AT) as ledger:
        ingest, run = ledger.runs.start(), ledger.runs.start("backfill")
        ledger.feeds.register_polls(ingest, [Poll(FEED, "ok", (line(1, FEED.id),))], {"a": OUTLET})
        book = ledger.backfills
        job = book.begin(run, "{}", [INDEX], not_planned_before=AT)
        assert (job.state, job.resumed) == ("planned", False)
        (place,) = book.open_places(job.id)
        month = Place("http://a.test/2024-05.xml", "sitemap", "a", 1, "2024-05")
        # The index names itself, and a sitemap twice.
        book.place_done(job.id, place, result(further=(INDEX, month, month)))
        (again,) = book.open_places(job.id)
        assert (again.address, again.step, again.hint) == (month.address, 1, "2024-05")
        found = (
            announced(1, "2024-05-01"),
            announced(2, "2024-05-02"),
            announced(3, "2024-06"),
            announced(4, None),
            announced(2, "2024-05"),
        )
        book.place_done(job.id, again, result(*found))
        assert book.months(job.id) == [
            MonthOfCandidates("a", None, 1, 0, 1), MonthOfCandidates("a", "2024-05", 2, 1, 1), MonthOfCandidates("a", "2024-06", 1, 0, 1),
        ]  # fmt: skip
        assert book.place_totals(job.id) == ({"done": 2}, {"outside the range": 2}, [])
        first = book.take(run, job.id, {"a": OUTLET}, each=2)
        assert [row.url[-6:] for row in ledger.rows(first)] == ["3.html", "2.html"]
        assert book.waiting(job.id) == {"a": 1}
        # An ingest beside it finds none of what is claimed.
        assert ledger.take_work(ingest, ["a"]) == [1]
        second = book.take(run, job.id, {"a": OUTLET}, each=2)
        assert len(second) == 1
        assert book.take(run, job.id, {"a": OUTLET}, each=2) == []
        ledger.settle(first[0], "rejected", "gone")
        ledger.settle(first[1], "rejected", "no_text")
        (may, june) = ledger.announced.months(["a"], "2024-01", "2024-12")
        assert (may.announced, june.announced, ledger.announced.undated(["a"])) == (2, 1, 1)
        # Of May one is the ingest's own and waits.
        assert (june.gone, may.rejected, may.waiting) == (1, 1, 1)
        assert {state for _, _, _, state in ledger.announced.missing(["a"], "2024-01", "2024-12")} == {"gone", "waiting"}
        assert ledger.announced.first_month(["a"]) == "2024-05"
        assert all(day.adds_up for day in ledger.counts())


def test_stored_pages_become_entries_and_take_the_place_of_lost_ones(new_ledger_address: Callable[[], str]) -> None:
    with Ledger(new_ledger_address(), now=lambda: AT) as ledger:
        ingest = ledger.runs.start()
        ledger.feeds.register_polls(ingest, [Poll(FEED, "ok", tuple(line(number, FEED.id) for number in range(4)))], {"a": OUTLET})
        gone, odd, lost, held = ledger.take_work(ingest, ["a"])
        ledger.settle(gone, "rejected", "gone")
        ledger.settle(odd, "rejected", "no_text")
        ledger.record_failure(lost, "timeout", "no answer", final=True)
        run = ledger.runs.start("backfill")
        book = ledger.backfills
        job = book.begin(run, "{}", [FILE], not_planned_before=AT)
        (place,) = book.open_places(job.id)
        numbers = range(6)
        assert book.worth_taking([article_id(line(number).url) for number in numbers]) == {
            article_id(line(number).url) for number in (0, 2, 4, 5)
        }
        stored = [StoredPage(line(number), "a", ref(number), AT) for number in numbers]
        taken, known = book.take_pages(run, {"a": OUTLET}, stored, place, 99, {"pages": 6})
        assert known == 2  # no article, and one that the ingest is fetching
        rows = {row.url: row for row in ledger.rows(taken)}
        assert {url[-6] for url in rows} == {"0", "2", "4", "5"}
        assert all(row.ref == ref(int(url[-6])) for url, row in rows.items())
        (again,) = book.open_places(job.id)
        assert (again.position, again.counts) == (99, {"pages": 6, "known": 2})
        assert held not in taken
        assert all(day.adds_up for day in ledger.counts())
        assert ledger.take_work(ingest, ["a"]) == []


def test_which_backfill_goes_on(new_ledger_address: Callable[[], str]) -> None:
    with Ledger(new_ledger_address(), now=lambda: AT) as ledger:
        book, run = ledger.backfills, ledger.runs.start("backfill")
        planned = book.begin(run, "plan", [INDEX], not_planned_before=AT)
        book.end(planned.id, "planned")
        assert book.unfinished() == []
        assert book.begin(run, "plan", [INDEX], not_planned_before=AT).id == planned.id
        book.end(planned.id, "planned")
        fresh = book.begin(run, "plan", [INDEX], not_planned_before=AT + timedelta(seconds=1))
        assert fresh.id != planned.id
        (place,) = book.open_places(fresh.id)
        book.place_failed(place, "away")
        assert (book.open_places(fresh.id), book.failed_outlets(fresh.id)) == ([], {"a"})
        other = ledger.runs.start("backfill")
        with pytest.raises(LedgerError, match=f"backfill {fresh.id} is at work in run {run}"):
            book.begin(other, "plan", [INDEX], not_planned_before=AT)
        ledger.runs.end(run, "interrupted", None)
        assert book.begin(other, "plan", [INDEX], not_planned_before=AT).resumed
        assert [one.address for one in book.open_places(fresh.id)] == [INDEX.address]
        assert [job.id for job in book.unfinished()] == [fresh.id]
        book.end(fresh.id, "completed")
        assert book.begin(other, "plan", [INDEX], not_planned_before=AT).id != fresh.id


def test_an_announcement_stays_as_precise_as_it_was(new_ledger_address: Callable[[], str]) -> None:
    with Ledger(new_ledger_address(), now=lambda: AT) as ledger:
        book, run = ledger.backfills, ledger.runs.start("backfill")
        job = book.begin(run, "{}", [INDEX, FILE], not_planned_before=AT)
        first, second = book.open_places(job.id)
        book.place_done(job.id, first, result(announced(1, "2024-05-03"), announced(2, None)))
        book.place_done(job.id, second, result(announced(1, "2024-06"), announced(2, "2024-07-01")))
        assert [(one.month, one.unseen) for one in ledger.announced.months(["a"], "2024-01", "2024-12")] == [("2024-05", 1), ("2024-07", 1)]
        ledger.announced.looked("a", ["2024-05", "2024-06"], "sitemap")
        ledger.announced.looked("a", ["2024-06"], "sitemap")
        assert ledger.announced.looks(["a"]) == {("a", "2024-05"), ("a", "2024-06")}
