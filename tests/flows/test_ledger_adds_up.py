"""Whatever happens in whatever order: every entry that came in has exactly one outcome, per feed and day, and `keoson status` says so."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from extractors.records import Entry, Feed, Outlet
from flows.archive import PageRef
from flows.ledger import EntryRow, IndexedArticle, Ledger, Poll
from flows.schedule import Failure
from keoson.cli import app

HOST = "a.test"
FEEDS = tuple(Feed(f"a/{number}", "a", f"http://{HOST}/{number}", "rss") for number in range(3))
OUTLET = Outlet("a", "A", "vi", "VN", f"http://{HOST}/", (HOST,), "Asia/Ho_Chi_Minh", FEEDS)
REF = PageRef("2026-03-01.warc.gz", 0, 10, "d")
NAMES = ["x", "y", "z", "u", "http://foreign.test/z", "mailto://nobody"]

Step = tuple[object, ...]
polls = st.tuples(st.just("poll"), st.integers(0, 2), st.lists(st.sampled_from(NAMES), max_size=5), st.sampled_from("ab"))
failed_polls = st.tuples(st.just("failed poll"), st.integers(0, 2), st.sampled_from(["hard", "soft", "gone", "rate_limited"]))
ACTIONS = ["page", "index", "reject", "quarantine", "fail", "give up", "duplicate", "unchanged", "put off"]
actions = st.tuples(st.sampled_from(ACTIONS), st.integers(0, 50))
operators = st.tuples(st.sampled_from(["retry", "retry all", "fetch again", "drop"]), st.integers(0, 50))
others = st.tuples(st.sampled_from(["hours pass", "days pass", "killed", "next run"]))
sequences = st.lists(st.one_of(polls, failed_polls, actions, actions, operators, others), max_size=30)


class Story:
    """A ledger, the run at work, and what the feeds have shown so far."""

    def __init__(self, address: str) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.ledger = Ledger(address, now=lambda: self.now)
        self.run = self.ledger.runs.start()
        self.shown: set[tuple[int, str]] = set()

    def check(self) -> None:
        days = self.ledger.counts()
        assert all(day.adds_up for day in days)
        assert sum(day.seen for day in days) == len(self.shown)
        for day in days:
            assert day.seen == day.indexed + day.duplicate + day.rejected + day.quarantined + day.pending
        assert sum(self.ledger.quarantine.totals().values()) == sum(day.quarantined for day in days)

    def tell(self, step: Step) -> None:
        match step:
            case ("poll", int(feed), list(names), str(title)):
                entries = tuple(Entry(FEEDS[feed].id, name if "//" in name else f"http://{HOST}/{name}", title) for name in names)
                self.register(Poll(FEEDS[feed], "ok", entries))
                self.shown |= {(feed, name) for name in names}
            case ("failed poll", int(feed), str(kind)):
                self.register(Poll(FEEDS[feed], "failed", error="no", failure=Failure(kind)))  # type: ignore[arg-type]
            case ("hours pass",):
                self.now += timedelta(hours=5)
                self.ledger.runs.renew(self.run)
            case ("days pass",):
                self.now += timedelta(days=9)
                self.ledger.runs.renew(self.run)
            case ("killed",):
                self.now += timedelta(minutes=5)
                self.run = self.ledger.runs.start()
            case ("next run",):
                self.ledger.runs.end(self.run, "completed", "{}")
                self.run = self.ledger.runs.start()
            case ("retry" | "retry all" | "fetch again" | "drop" as action, int(which)):
                self.operate(action, which)
            case (str(action), int(which)):
                work = self.ledger.rows(self.ledger.take_work(self.run, ["a"])) or self.claimed()
                if work:
                    self.act(action, work[which % len(work)])

    def register(self, poll: Poll) -> None:
        self.ledger.feeds.register_polls(self.run, [poll], {"a": OUTLET})

    def claimed(self) -> list[EntryRow]:
        return self.ledger.rows(range(1, 100))

    def operate(self, action: str, which: int) -> None:
        book = self.ledger.quarantine
        found = book.find()
        if not found:
            return
        chosen = found[which % len(found)]
        if action == "retry all":
            assert book.retry() == len(found)
        elif action == "retry":
            assert book.retry(ids=[chosen.id], outlets=["a"], reasons=[chosen.reason]) == 1
        elif action == "fetch again":
            assert book.retry(ids=[chosen.id], fetch_again=True) == 1
        else:
            assert book.drop(ids=[chosen.id]) == 1

    def act(self, action: str, row: EntryRow) -> None:
        ledger = self.ledger
        if action == "page":
            ledger.record_page(row.id, REF, self.now)
        elif action == "index":
            newest = ledger.newest_versions([row.article_id]).get(row.article_id)
            number = newest.number + 1 if newest else 1
            ledger.record_indexed(self.run, [IndexedArticle(row, row.article_id, number, "c", "title", REF, self.now, ())])
        elif action == "unchanged" and row.outcome == "indexed":
            ledger.record_indexed(self.run, [], [row])
        elif action in ("fail", "give up"):
            ledger.record_failure(row.id, "server_error", "status 500", final=action == "give up", wait=60.0)
        elif action == "put off":
            ledger.put_off(row.id, 600)
        elif action == "reject":
            ledger.settle(row.id, "rejected", "no_text")
        elif action == "quarantine":
            ledger.settle(row.id, "quarantined", "tagger_failed")
        elif action == "duplicate":
            ledger.settle(row.id, "duplicate", duplicate_of="other")


def play(address: str, sequence: Sequence[Step]) -> None:
    story = Story(address)
    with story.ledger:
        for step in sequence:
            story.tell(step)
            story.check()


@settings(max_examples=80, deadline=None)
@given(sequences)
def test_every_entry_seen_has_one_outcome(sequence: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        play(f"sqlite:///{folder}/ledger.sqlite", sequence)
        said = CliRunner().invoke(app, ["status", "--json"], env={"KEOSON_HOME": folder, "KEOSON_LEDGER_URL": ""}, catch_exceptions=False)
        assert said.exit_code == 0
        told = json.loads(said.stdout)
        assert told["adds_up"]
        assert told["entries"]["seen"] == sum(count for name, count in told["entries"].items() if name != "seen")


@pytest.mark.postgresql
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=sequences)
@pytest.mark.parametrize("new_ledger_address", ["postgresql"], indirect=True)
def test_every_entry_seen_has_one_outcome_on_postgresql(new_ledger_address: Callable[[], str], sequence: list[Step]) -> None:
    play(new_ledger_address(), sequence)
