"""The ledger: what was seen, what became of it, and where its page lies. Every entry has exactly one outcome at any time.

Every public method is one transaction. Side effects come first, the ledger after them: a page is in the archive before its reference
is here, an article is committed in the index before its entry is `indexed`. So a process may die anywhere, and doing the last step
again is harmless.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, and_, case, func, insert, or_, select, update

from extractors.addresses import address_host, article_id
from extractors.errors import InputError, LedgerError
from extractors.records import Entry, Outlet
from flows.archive import PageRef
from flows.fetch import Validators
from flows.ledger.events import EventBook
from flows.ledger.opening import open_database
from flows.ledger.rows import EntryRow, FeedDay, FeedState, IndexedArticle, Outcome, Poll, PolledFeed, RunRow, Tally, Version
from flows.ledger.tables import OUTCOMES, entries, feed_days, feeds, runs, versions
from flows.ledger.versions import VersionBook

T = TypeVar("T")
_ENTRY = TypeAdapter(Entry)
_NO_PAGE: dict[str, Any] = {"segment": None, "offset": None, "length": None, "digest": None, "fetched_at": None}
_WAITING = or_(entries.c.outcome == "pending", entries.c.recheck)
# SQLite allows 32,766 variables in one statement; this stays far below, and large enough not to matter.
_CHUNK = 1000


class Ledger:
    """An open ledger. `events` keeps the reports and the ids of events, `versions` lists articles. Close it, or use it in a `with`."""

    def __init__(self, address: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._engine = open_database(address)
        self._now = now
        self.events = EventBook(self._engine, now)
        self.versions = VersionBook(self._engine, self.events)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    # Runs

    def start_run(self) -> int:
        """Begin a run. One that never ended was killed: it is marked so."""
        with self._engine.begin() as db:
            db.execute(update(runs).where(runs.c.state == "running").values(state="killed"))
            return int(db.execute(insert(runs).values(started_at=_stamp(self._now()), state="running").returning(runs.c.id)).scalar_one())

    def end_run(self, run_id: int, state: str, summary: str | None) -> None:
        """End a run as `completed`, `failed` or `interrupted`."""
        with self._engine.begin() as db:
            db.execute(update(runs).where(runs.c.id == run_id).values(ended_at=_stamp(self._now()), state=state, summary=summary))

    def last_runs(self, count: int = 10) -> list[RunRow]:
        """The newest runs, newest first."""
        columns = (runs.c.id, runs.c.started_at, runs.c.ended_at, runs.c.state, runs.c.summary)
        with self._engine.connect() as db:
            return [RunRow(*row) for row in db.execute(select(*columns).order_by(runs.c.id.desc()).limit(count))]

    # Feeds

    def feed_state(self, feed_id: str) -> FeedState:
        """What the last polls of a feed left behind; nothing for a feed never polled."""
        with self._engine.connect() as db:
            row = db.execute(
                select(feeds.c.etag, feeds.c.last_modified, feeds.c.body_hash, feeds.c.failures).where(feeds.c.id == feed_id)
            ).first()
        if row is None:
            return FeedState(Validators(), None, 0)
        return FeedState(Validators(row.etag, row.last_modified), row.body_hash, row.failures)

    def register_polls(self, run_id: int, polls: Sequence[Poll], outlets: Mapping[str, Outlet]) -> None:
        """Take in polls, in the order given: all of them, or none.

        The order decides which entry of an article comes first (later ones are its duplicates): so it is the outlets', not the network's.
        """
        with self._engine.begin() as db:
            for poll in polls:
                self._register_poll(db, run_id, poll, outlets[poll.feed.outlet_id])

    def _register_poll(self, db: Connection, run_id: int, poll: Poll, outlet: Outlet) -> None:
        feed = poll.feed
        known = db.execute(select(feeds.c.failures).where(feeds.c.id == feed.id)).first()
        if known is None:
            db.execute(insert(feeds).values(id=feed.id, outlet_id=feed.outlet_id, url=feed.url, failures=0, listed=0))
        values: dict[str, Any] = {"url": feed.url, "last_run": run_id, "last_state": poll.state, "listed": len(poll.entries)}
        if poll.state == "failed":
            values |= {"failures": (known.failures if known else 0) + 1, "last_error": poll.error}
        else:
            values |= {"failures": 0, "last_error": None, "last_success": _stamp(self._now())}
        if poll.state == "ok":
            values |= {"etag": poll.validators.etag, "last_modified": poll.validators.last_modified, "body_hash": poll.body_hash}
        db.execute(update(feeds).where(feeds.c.id == feed.id).values(values))
        new = sum(self._register_entry(db, run_id, entry, outlet) for entry in poll.entries)
        if new:
            day = self._now().astimezone(UTC).date().isoformat()
            where = and_(feed_days.c.feed_id == feed.id, feed_days.c.day == day)
            if not db.execute(update(feed_days).where(where).values(seen=feed_days.c.seen + new)).rowcount:
                db.execute(insert(feed_days).values(feed_id=feed.id, day=day, seen=new))

    def _register_entry(self, db: Connection, run_id: int, entry: Entry, outlet: Outlet) -> bool:
        """Whether the entry is new to its feed."""
        try:
            identity, host = article_id(entry.url), address_host(entry.url)
        except InputError:  # a mail address, a script: not an article, and counted as that
            identity, host = hashlib.sha256(entry.url.encode()).hexdigest(), ""
        values: dict[str, Any] = {
            "url": entry.url,
            "host": host,
            "record": _ENTRY.dump_json(entry).decode(),
            # The summary is left out: some feeds put counters and advertisements there.
            "fingerprint": hashlib.sha256(f"{entry.url}\n{entry.title}\n{entry.published_raw}".encode()).hexdigest(),
            "published": entry.published.astimezone(UTC).isoformat() if entry.published else None,
        }
        where = and_(entries.c.feed_id == entry.feed_id, entries.c.article_id == identity)
        known = db.execute(select(entries.c.id, entries.c.outcome, entries.c.reason, entries.c.fingerprint).where(where)).first()
        if known is not None:
            if known.fingerprint != values["fingerprint"]:
                self._revise_entry(db, run_id, known.id, known.outcome, known.reason, values)
            return False
        outcome: Outcome = "pending"
        reason = duplicate_of = None
        if not host:
            outcome, reason = "rejected", "not_an_article"
        elif host not in {name.removeprefix("www.") for name in outlet.hosts}:
            outcome, reason = "rejected", "foreign_host"
        elif db.execute(select(entries.c.id).where(entries.c.article_id == identity).limit(1)).first() is not None:
            outcome, duplicate_of = "duplicate", identity
        db.execute(
            insert(entries).values(
                **values,
                feed_id=entry.feed_id,
                article_id=identity,
                outlet_id=outlet.id,
                first_seen=self._now().astimezone(UTC).date().isoformat(),
                first_run=run_id,
                last_run=run_id,
                outcome=outcome,
                reason=reason,
                duplicate_of=duplicate_of,
                recheck=False,
                attempts=0,
            )
        )
        return True

    def _revise_entry(self, db: Connection, run_id: int, entry_id: int, outcome: str, reason: str | None, values: dict[str, Any]) -> None:
        """A line of the feed reads otherwise than before: look at its page again, unless another entry stands for the article."""
        if outcome == "indexed":
            values |= {**_NO_PAGE, "recheck": True, "attempts": 0, "last_run": run_id}
        elif outcome in ("rejected", "quarantined") and reason not in ("foreign_host", "not_an_article"):
            values |= {**_NO_PAGE, "outcome": "pending", "reason": None, "attempts": 0, "last_run": run_id}
        db.execute(update(entries).where(entries.c.id == entry_id).values(values))

    # Entries

    def take_work(self, run_id: int, outlet_ids: Collection[str], limit: int | None = None) -> list[int]:
        """Ids of entries that wait for a fetch, an extraction or a recheck, oldest first, from now on counted to this run."""
        waiting = and_(_WAITING, entries.c.outlet_id.in_(sorted(outlet_ids)))
        with self._engine.begin() as db:
            found = [row.id for row in db.execute(select(entries.c.id).where(waiting).order_by(entries.c.id).limit(limit))]
            for chunk in _chunks(found):
                db.execute(update(entries).where(entries.c.id.in_(chunk)).values(last_run=run_id))
        return found

    def rows(self, entry_ids: Sequence[int]) -> list[EntryRow]:
        """Those of these entries that still wait, oldest first."""
        with self._engine.connect() as db:
            return [
                _entry_row(row)
                for chunk in _chunks(sorted(entry_ids))
                for row in db.execute(select(entries).where(entries.c.id.in_(chunk), _WAITING).order_by(entries.c.id))
            ]

    def record_page(self, entry_id: int, ref: PageRef, fetched_at: datetime) -> None:
        """The page of an entry is in the archive."""
        place = {"segment": ref.segment, "offset": ref.offset, "length": ref.length, "digest": ref.digest}
        with self._engine.begin() as db:
            db.execute(
                update(entries).where(entries.c.id == entry_id).values(**place, fetched_at=_stamp(fetched_at), attempts=0, last_error=None)
            )

    def record_failure(self, entry_id: int, reason: str, message: str, *, final: bool) -> None:
        """A try has failed. After the last one the entry is quarantined; an indexed one that was rechecked stays indexed as it was."""
        values: dict[str, Any] = {"attempts": entries.c.attempts + 1, "last_error": message}
        if final:
            standing = entries.c.outcome == "indexed"
            values |= {
                "outcome": case((standing, "indexed"), else_="quarantined"),
                "reason": case((standing, None), else_=reason),
                "recheck": False,
            }
        with self._engine.begin() as db:
            db.execute(update(entries).where(entries.c.id == entry_id).values(values))

    def settle(
        self, entry_id: int, outcome: Outcome, reason: str | None = None, *, duplicate_of: str | None = None, detail: str | None = None
    ) -> None:
        """Give an entry its terminal outcome (for `indexed` see `record_indexed`). An indexed one that was rechecked stays indexed."""
        if outcome not in ("duplicate", "rejected", "quarantined") or (outcome == "duplicate") != (duplicate_of is not None):
            raise LedgerError(f"entry {entry_id} cannot be settled as {outcome} with reason {reason} and original {duplicate_of}")
        with self._engine.begin() as db:
            done = update(entries).where(entries.c.id == entry_id)
            db.execute(done.where(entries.c.outcome == "indexed").values(recheck=False, last_error=detail or reason))
            db.execute(
                done.where(entries.c.outcome != "indexed").values(
                    outcome=outcome, reason=reason, duplicate_of=duplicate_of, last_error=detail, recheck=False
                )
            )

    def owners(self, article_ids: Iterable[str]) -> dict[str, int]:
        """For each article that is in the index: the entry that stands for it."""
        with self._engine.connect() as db:
            return {
                row.indexed_as: row.id
                for chunk in _chunks(sorted(set(article_ids)))
                for row in db.execute(select(entries.c.id, entries.c.indexed_as).where(entries.c.indexed_as.in_(chunk)))
            }

    def newest_versions(self, article_ids: Iterable[str]) -> dict[str, Version]:
        """The newest version of each article that has one."""
        columns = (versions.c.article_id, versions.c.number, versions.c.content_hash)
        with self._engine.connect() as db:
            return {
                row.article_id: Version(row.number, row.content_hash)
                for chunk in _chunks(sorted(set(article_ids)))
                for row in db.execute(select(*columns).where(versions.c.article_id.in_(chunk)).order_by(versions.c.number))
            }

    def titles(self, article_ids: Iterable[str]) -> dict[str, str]:
        """The newest title of each article that has a version."""
        columns = (versions.c.article_id, versions.c.title)
        with self._engine.connect() as db:
            return {
                row.article_id: row.title
                for chunk in _chunks(sorted(set(article_ids)))
                for row in db.execute(select(*columns).where(versions.c.article_id.in_(chunk)).order_by(versions.c.number))
            }

    def record_indexed(self, run_id: int, written: Sequence[IndexedArticle], unchanged: Sequence[EntryRow] = ()) -> None:
        """The index has committed these articles; `unchanged` ones were rechecked and read as before. One transaction for the batch."""
        done = {"outcome": "indexed", "reason": None, "duplicate_of": None, "recheck": False, "attempts": 0, "last_error": None}
        with self._engine.begin() as db:
            for item in written:
                db.execute(
                    insert(versions).values(
                        article_id=item.article_id,
                        number=item.number,
                        run=run_id,
                        outlet_id=item.row.outlet_id,
                        feed_id=item.row.feed_id,
                        content_hash=item.content_hash,
                        title=item.title,
                        segment=item.ref.segment,
                        offset=item.ref.offset,
                        length=item.ref.length,
                        digest=item.ref.digest,
                        fetched_at=_stamp(item.fetched_at),
                    )
                )
                self.events.replace_reports(db, item.article_id, item.reports)
                db.execute(update(entries).where(entries.c.id == item.row.id).values(**done, indexed_as=item.article_id))
            for row in unchanged:
                db.execute(update(entries).where(entries.c.id == row.id).values(done))

    # Counts

    def counts(self, *, day: str | None = None) -> list[FeedDay]:
        """Per feed and day: the entries that came in, and their outcomes now. `FeedDay.adds_up` says whether the two agree."""
        return [FeedDay(feed_id, first_seen, **numbers) for (feed_id, first_seen), numbers in sorted(self._count_days(day).items())]

    def _count_days(self, day: str | None) -> dict[tuple[str, str], dict[str, int]]:
        came_in = select(feed_days.c.feed_id, feed_days.c.day, feed_days.c.seen)
        stands = select(entries.c.feed_id, entries.c.first_seen, entries.c.outcome, func.count().label("count"))
        stands = stands.group_by(entries.c.feed_id, entries.c.first_seen, entries.c.outcome)
        if day is not None:
            came_in, stands = came_in.where(feed_days.c.day == day), stands.where(entries.c.first_seen == day)
        found: dict[tuple[str, str], dict[str, int]] = {}
        with self._engine.connect() as db:
            for feed_id, when, seen in db.execute(came_in):
                found[feed_id, when] = {"seen": seen, **dict.fromkeys(OUTCOMES, 0)}
            for feed_id, when, outcome, count in db.execute(stands):
                found.setdefault((feed_id, when), {"seen": 0, **dict.fromkeys(OUTCOMES, 0)})[outcome] = count
        return found

    def tallies(self, run_id: int) -> list[Tally]:
        """The outcomes of the entries that a run brought in or worked on."""
        new = func.sum(case((entries.c.first_run == run_id, 1), else_=0))
        columns = (entries.c.feed_id, entries.c.outcome, entries.c.reason)
        query = select(*columns, func.count(), new).where(entries.c.last_run == run_id).group_by(*columns).order_by(*columns)
        with self._engine.connect() as db:
            return [Tally(*row) for row in db.execute(query)]

    def polled(self, run_id: int) -> list[PolledFeed]:
        """How the polls of a run went."""
        columns = (feeds.c.id, feeds.c.outlet_id, feeds.c.last_state, feeds.c.listed, feeds.c.last_error)
        with self._engine.connect() as db:
            return [PolledFeed(*row) for row in db.execute(select(*columns).where(feeds.c.last_run == run_id).order_by(feeds.c.id))]

    def newly_indexed(self, run_id: int) -> int:
        """Article versions that a run has written to the index."""
        with self._engine.connect() as db:
            return int(db.execute(select(func.count()).select_from(versions).where(versions.c.run == run_id)).scalar_one())


def _entry_row(row: Row[Any]) -> EntryRow:
    return EntryRow(
        id=row.id,
        feed_id=row.feed_id,
        article_id=row.article_id,
        outlet_id=row.outlet_id,
        url=row.url,
        host=row.host,
        entry=_ENTRY.validate_json(row.record),
        outcome=cast(Outcome, row.outcome),
        attempts=row.attempts,
        ref=None if row.segment is None else PageRef(row.segment, row.offset, row.length, row.digest),
        fetched_at=None if row.fetched_at is None else datetime.fromisoformat(row.fetched_at),
        indexed_as=row.indexed_as,
    )


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _chunks(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
