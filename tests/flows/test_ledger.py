from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from extractors.errors import LedgerError
from extractors.records import Entry, Event, Evidence, Feed, Outlet, Report, ReportOfArticle
from flows.archive import PageRef
from flows.fetch import Validators
from flows.ledger import EntryRow, IndexedArticle, Ledger, Poll
from flows.ledger.opening import open_database
from flows.ledger.tables import metadata

HOST = "a.test"
FEEDS = tuple(Feed(f"a/{number}", "a", f"http://{HOST}/{number}", "rss") for number in range(3))
OUTLET = Outlet("a", "A", "vi", "VN", f"http://{HOST}/", (HOST,), "Asia/Ho_Chi_Minh", FEEDS)
REF = PageRef("2026-03-01.warc.gz", 0, 10, "d")
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def poll(feed: int, *names: str, title: str = "t") -> Poll:
    entries = tuple(Entry(f"a/{feed}", name if "//" in name else f"http://{HOST}/{name}", title) for name in names)
    return Poll(FEEDS[feed], "ok", entries, Validators("e", None), "hash")


def indexed(row: EntryRow, content: str = "c", *reports: ReportOfArticle, number: int = 1) -> IndexedArticle:
    return IndexedArticle(row, row.article_id, number, content, "title", REF, AT, reports)


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def ledger(tmp_path: Path, time: Time) -> Iterator[Ledger]:
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", now=time) as ledger:
        yield ledger


def register(ledger: Ledger, *polls: Poll) -> tuple[int, list[EntryRow]]:
    """What a run does with polls: its id, and the entries that it has to work on. Then it gives them back."""
    run = ledger.runs.start()
    ledger.feeds.register_polls(run, polls, {"a": OUTLET})
    taken = ledger.take_work(run, ["a"])
    ledger.give_back(taken)
    return run, ledger.rows(taken)


def test_the_tables_are_what_the_migrations_make(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'deep' / 'ledger.sqlite'}")
    with database.reading() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []
        assert db.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_a_ledger_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(LedgerError, match=r"broken\.sqlite"):
        Ledger(f"sqlite:///{tmp_path / 'broken.sqlite'}")
    with pytest.raises(LedgerError, match="KEOSON_LEDGER_URL"):
        Ledger("nothing")
    open_database(f"sqlite:///{tmp_path / 'newer.sqlite'}")
    with create_engine(f"sqlite:///{tmp_path / 'newer.sqlite'}").begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerError, match="newer Keoson"):
        Ledger(f"sqlite:///{tmp_path / 'newer.sqlite'}")


def test_an_entry_is_counted_once_and_other_feeds_show_duplicates(ledger: Ledger) -> None:
    _, rows = register(ledger, poll(0, "x", "y", "x"), poll(1, "x", "http://foreign.test/z"))
    assert [row.url for row in rows] == [f"http://{HOST}/x", f"http://{HOST}/y"]
    register(ledger, poll(0, "x", "y"), poll(1, "x", "http://foreign.test/z"))
    counts = {day.feed_id: (day.seen, day.pending, day.duplicate, day.rejected, day.adds_up) for day in ledger.counts()}
    assert counts == {"a/0": (2, 2, 0, 0, True), "a/1": (2, 0, 1, 1, True)}


def test_a_changed_line_of_an_indexed_article_is_looked_at_again(ledger: Ledger) -> None:
    run, (row,) = register(ledger, poll(0, "x"))
    ledger.record_page(row.id, REF, AT)
    ledger.record_indexed(run, [indexed(row)])
    assert register(ledger, poll(0, "x"))[1] == []
    run, (again,) = register(ledger, poll(0, "x", title="changed"))
    assert (again.outcome, again.ref, again.indexed_as) == ("indexed", None, row.article_id)
    ledger.record_failure(again.id, "http_500", "status 500", final=True)
    (day,) = ledger.counts()
    assert (day.indexed, day.quarantined, day.adds_up) == (1, 0, True)
    assert ledger.take_work(run, ["a"]) == []


def test_what_is_no_web_address_is_counted_and_stays_out(ledger: Ledger) -> None:
    run, rows = register(ledger, poll(0, "mailto://desk", "http://www.a.test/x"))
    assert [row.host for row in rows] == [HOST]
    assert [(tally.outcome, tally.reason) for tally in ledger.tallies(run)] == [("pending", None), ("rejected", "not_an_article")]


def test_a_rejected_entry_has_another_chance_when_its_line_changes(ledger: Ledger) -> None:
    _, (row,) = register(ledger, poll(0, "x"))
    ledger.settle(row.id, "rejected", "no_text")
    assert register(ledger, poll(0, "x"))[1] == []
    assert [again.id for again in register(ledger, poll(0, "x", title="changed"))[1]] == [row.id]


def test_the_last_failed_try_quarantines(ledger: Ledger) -> None:
    run, (row,) = register(ledger, poll(0, "x"))
    ledger.record_failure(row.id, "http_500", "status 500", final=False)
    assert ledger.rows([row.id])[0].attempts == 1
    ledger.record_failure(row.id, "http_500", "status 500", final=True)
    assert [(tally.outcome, tally.reason, tally.count, tally.new) for tally in ledger.tallies(run)] == [("quarantined", "http_500", 1, 1)]


def test_a_run_that_is_not_heard_of_any_more_is_marked_by_the_next(ledger: Ledger, time: Time) -> None:
    first = ledger.runs.start()
    time.pass_by(minutes=1)
    assert ledger.runs.renew(first)
    time.pass_by(minutes=3)
    second = ledger.runs.start()
    assert not ledger.runs.renew(first), "it must learn that others do its work"
    ledger.runs.end(second, "completed", "{}")
    assert [(run.id, run.state) for run in ledger.runs.last()] == [(second, "completed"), (first, "killed")]


def test_failures_of_a_feed_are_counted_until_it_succeeds(ledger: Ledger) -> None:
    for _ in range(3):
        register(ledger, Poll(FEEDS[0], "failed", error="no feed"))
    assert ledger.feeds.state(FEEDS[0]).failures == 3
    register(ledger, poll(0, "x"))
    state = ledger.feeds.state(FEEDS[0])
    assert (state.failures, state.validators.etag, state.body_hash) == (0, "e", "hash")
    register(ledger, Poll(FEEDS[0], "unchanged"))
    assert ledger.feeds.state(FEEDS[0]).body_hash == "hash"


NAMES = ["x", "y", "z", "http://foreign.test/z", "mailto://nobody"]
steps = st.one_of(
    st.tuples(st.just("poll"), st.integers(0, 2), st.lists(st.sampled_from(NAMES), max_size=5), st.sampled_from("ab")),
    st.tuples(st.sampled_from(["page", "index", "reject", "quarantine", "fail", "give up", "duplicate", "unchanged"]), st.integers(0, 50)),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=25))
def test_every_entry_seen_has_one_outcome_whatever_happens(sequence: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, Ledger(f"sqlite:///{folder}/ledger.sqlite", now=lambda: AT) as ledger:
        run = ledger.runs.start()
        shown: set[tuple[int, str]] = set()
        for step in sequence:
            if step[0] == "poll":
                _, feed, names, title = step
                assert isinstance(feed, int)
                assert isinstance(names, list)
                ledger.feeds.register_polls(run, [poll(feed, *names, title=str(title))], {"a": OUTLET})
                shown |= {(feed, name) for name in names}
            else:
                taken = ledger.take_work(run, ["a"])
                ledger.give_back(taken)
                work = ledger.rows(taken)
                if work:
                    assert isinstance(step[1], int)
                    act(ledger, run, str(step[0]), work[step[1] % len(work)])
            days = ledger.counts()
            assert all(day.adds_up for day in days)
            assert sum(day.seen for day in days) == len(shown)
        assert sum(tally.count for tally in ledger.tallies(run)) == sum(tally.new for tally in ledger.tallies(run)) == len(shown)


def act(ledger: Ledger, run: int, action: str, row: EntryRow) -> None:
    if action == "page":
        ledger.record_page(row.id, REF, AT)
    elif action == "index":
        newest = ledger.newest_versions([row.article_id]).get(row.article_id)
        ledger.record_indexed(run, [indexed(row, number=newest.number + 1 if newest else 1)])
    elif action == "unchanged" and row.outcome == "indexed":
        ledger.record_indexed(run, [], [row])
    elif action in ("fail", "give up"):
        ledger.record_failure(row.id, "http_500", "status 500", final=action == "give up")
    elif action == "reject":
        ledger.settle(row.id, "rejected", "no_text")
    elif action == "quarantine":
        ledger.settle(row.id, "quarantined", "tagger_failed")
    elif action == "duplicate":
        ledger.settle(row.id, "duplicate", duplicate_of="other")


def report(identifier: str, article: str, day: str) -> ReportOfArticle:
    evidence = (Evidence(0, 1, "x"),)
    told = Report(
        "meeting", "occurred", day, None, "day", "text", day, None, (), (), (), (), (), "CONSULT", "04", evidence, "test", 1.0
    )  # fmt: skip
    return ReportOfArticle(identifier, article, "a", "2026-03-01", told)


def event(*reports: str) -> Event:
    return Event("meeting", "occurred", None, None, None, None, (), (), (), (), (), tuple(reports))


def test_reports_are_resolved_once_and_events_keep_their_ids(ledger: Ledger) -> None:
    run, rows = register(ledger, poll(0, "x", "y", "z"))
    x, y, z = rows
    reports = {row.id: report(f"r{number}", row.article_id, f"2026-03-0{number + 1}") for number, row in enumerate(rows)}
    ledger.record_indexed(run, [indexed(row, "c", reports[row.id]) for row in (x, y)])
    book = ledger.events
    near = book.unresolved()
    assert [[item.id for item in each.members] for each in near] == [["r0", "r1"]]
    first = book.name_events(near, [event("r0", "r1")])
    assert [named.id for named in book.name_events(near, [event("r0", "r1")])] == [first[0].id]
    book.record_resolved(near, book.stale_events())
    assert book.unresolved() == []

    ledger.record_indexed(run, [indexed(z, "c", reports[z.id])])
    near = book.unresolved()
    named = book.name_events(near, [event("r2"), event("r0", "r1")])
    assert first[0].id in [item.id for item in named]
    book.record_resolved(near, book.stale_events())
    assert book.count() == 2

    # A report that moves away in time takes those it leaves with it to the next resolution, and here ends its event.
    ledger.record_indexed(run, [indexed(z, "c2", report("r2", z.article_id, "2026-09-01"), number=2), indexed(x, "c2", number=2)])
    near = book.unresolved()
    assert [[item.id for item in each.members] for each in near] == [["r1"], ["r2"]]
    named = book.name_events(near, [event("r1"), event("r2")])
    assert [item.id for item in named] == [first[0].id, named[1].id]
    assert book.stale_events() == []
    book.record_resolved(near, [])
    ledger.record_indexed(run, [indexed(y, "c2", number=2)])
    near = book.unresolved()
    assert book.name_events(near, []) == []
    assert book.stale_events() == [first[0].id]
    book.record_resolved(near, book.stale_events())
    assert (book.unresolved(), book.stale_events(), book.count()) == ([], [], 1)
