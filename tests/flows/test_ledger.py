from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from extractors.errors import LedgerError
from extractors.records import Entry, Event, Evidence, Feed, Outlet, Report, ReportOfArticle
from flows.archive import PageRef
from flows.ledger import EntryRow, IndexedArticle, Ledger, Poll
from flows.ledger.opening import database_at, migrate, open_database
from flows.ledger.tables import metadata
from flows.validators import Validators
from tests.flows.conftest import AT, Time

HOST = "a.test"
FEEDS = tuple(Feed(f"a/{number}", "a", f"http://{HOST}/{number}", "rss") for number in range(3))
OUTLET = Outlet("a", "A", "vi", "VN", f"http://{HOST}/", (HOST,), "Asia/Ho_Chi_Minh", FEEDS)
REF = PageRef("2026-03-01.warc.gz", 0, 10, "d")


def poll(feed: int, *names: str, title: str = "t") -> Poll:
    entries = tuple(Entry(f"a/{feed}", name if "//" in name else f"http://{HOST}/{name}", title) for name in names)
    return Poll(FEEDS[feed], "ok", entries, Validators("e", None), "hash")


def indexed(row: EntryRow, content: str = "c", *reports: ReportOfArticle, number: int = 1) -> IndexedArticle:
    return IndexedArticle(row, row.article_id, number, content, "title", REF, AT, reports)


def register(ledger: Ledger, *polls: Poll) -> tuple[int, list[EntryRow]]:
    """What a run does with polls: its id, and the entries that it has to work on. Then it gives them back."""
    run = ledger.runs.start()
    ledger.feeds.register_polls(run, polls, {"a": OUTLET})
    taken = ledger.take_work(run, ["a"])
    ledger.give_back(taken)
    return run, ledger.rows(taken)


def test_the_tables_are_what_the_migrations_make(new_ledger_address: Callable[[], str]) -> None:
    database = open_database(new_ledger_address())
    with database.reading() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []
    database.close()


def test_a_ledger_of_the_first_version_is_brought_up_and_keeps_its_checks(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'deep' / 'ledger.sqlite'}"
    database = database_at(address)
    migrate(database, "0001")
    with database.reading() as db:
        assert db.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    with database.writing() as db:
        db.execute(text("INSERT INTO feeds (id, outlet_id, url, failures, listed) VALUES ('a/0', 'a', 'http://a.test/0', 3, 0)"))
        db.execute(text("INSERT INTO runs (started_at, state) VALUES ('2026-01-01T00:00:00+00:00', 'running')"))
    database.close()
    with Ledger(address) as ledger:
        assert ledger.feeds.state(FEEDS[0]).failures == 3
        assert all(state.pace.is_due(AT) for state in ledger.feeds.states(FEEDS))
        register(ledger, poll(0, "x"))
        assert [one.state for one in ledger.runs.last()] == ["running", "killed"]
    database = open_database(address)
    with pytest.raises(IntegrityError), database.writing() as db:
        db.execute(text("UPDATE entries SET outcome = 'lost'"))
    database.close()


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


@pytest.mark.parametrize("new_ledger_address", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_a_server_that_goes_away_is_named_and_used_again_when_it_is_back(new_ledger_address: Callable[[], str]) -> None:
    address = new_ledger_address()
    with Ledger(address) as ledger, psycopg.connect(address, autocommit=True) as other:
        end_others = (
            b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        database = database_at(address)
        with pytest.raises(LedgerError, match=r"postgresql.*cannot be used: .*terminat"), database.writing() as db:  # noqa: PT012  the connection must be open when it ends
            other.execute(end_others)
            db.execute(text("SELECT 1"))
        database.close()
        other.execute(end_others)
        assert ledger.runs.start() == 1


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
