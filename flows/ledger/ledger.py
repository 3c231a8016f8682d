"""The ledger: what was seen, what became of it, and where its page lies. Every entry has exactly one outcome at any time.

Every public method is one transaction. Side effects come first, the ledger after them: a page is in the archive before its reference
is here, an article is committed in the index before its entry is `indexed`. So a process may die anywhere, and doing the last step
again is harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Row, String, and_, bindparam, case, func, insert, or_, select, update

from extractors.errors import LedgerError
from flows.archive import PageRef
from flows.ledger.announcements import AnnouncementBook
from flows.ledger.backfills import BackfillBook
from flows.ledger.events import EventBook
from flows.ledger.feeds import FeedBook
from flows.ledger.opening import open_database
from flows.ledger.page_refs import PageRefBook
from flows.ledger.quarantine import QuarantineBook, put_in_quarantine, release_due
from flows.ledger.robots import RobotsShelf
from flows.ledger.rows import ENTRY, EntryRow, FeedDay, IndexedArticle, Outcome, Tally, Version, stamp
from flows.ledger.runs import RunBook
from flows.ledger.tables import OUTCOMES, entries, feed_days, runs, versions
from flows.ledger.versions import VersionBook

T = TypeVar("T")
_WAITING = or_(entries.c.outcome == "pending", entries.c.recheck)
# SQLite allows 32,766 variables in one statement; this stays far below, and large enough not to matter.
_CHUNK = 1000
_DONE: dict[str, Any] = {"outcome": "indexed", "reason": None, "duplicate_of": None, "attempts": 0, "last_error": None}
_DONE |= {"quarantines": 0, "next_try": None}
_LOOKED_AT = bindparam("looked_at", type_=String)
# A recheck ends, unless the entry's line has changed again since its page was taken.
_DONE["recheck"] = case((_LOOKED_AT.is_(None), entries.c.recheck), (entries.c.digest == _LOOKED_AT, False), else_=True)
_UNCHANGED = update(entries).where(entries.c.id == bindparam("this")).values(_DONE)
_INDEXED = _UNCHANGED.values(indexed_as=bindparam("article"))


class Ledger:
    """An open ledger: entries here, and a book each for `runs`, `feeds`, the `quarantine`, `events`, `versions` of articles, and `pages`.

    Close it, or use it in a `with`. `now` gives aware instants.
    """

    def __init__(self, address: str, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = open_database(address)
        self._now = now
        self.runs = RunBook(self._database, now)
        self.feeds = FeedBook(self._database, now)
        self.robots = RobotsShelf(self._database)
        self.quarantine = QuarantineBook(self._database, now)
        self.events = EventBook(self._database, now)
        self.versions = VersionBook(self._database, self.events)
        self.pages = PageRefBook(self._database)
        self.backfills = BackfillBook(self._database, now)
        self.announced = AnnouncementBook(self._database, now)

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    # Entries

    def take_work(self, run_id: int, outlet_ids: Collection[str], limit: int | None = None) -> list[int]:
        """Ids of entries that wait for a fetch, an extraction or a recheck, oldest first: from now on counted to this run, and its alone.

        Entries whose time in quarantine has passed are among them, and those of hosts that another run holds: who fetches waits for it. (Left
        out, the whole of a host would wait for the next run because another one asked it for a page at this moment.)
        """
        now, wanted = self._now(), sorted(outlet_ids)
        waiting = and_(
            _WAITING,
            entries.c.outlet_id.in_(wanted),
            entries.c.claimed_by.is_(None),
            or_(entries.c.next_try.is_(None), entries.c.next_try <= stamp(now)),
        )
        with self._database.writing() as db:
            release_due(db, wanted, now)
            found = [row.id for row in db.execute(select(entries.c.id).where(waiting).order_by(entries.c.id).limit(limit))]
            for chunk in _chunks(found):
                db.execute(update(entries).where(entries.c.id.in_(chunk)).values(last_run=run_id, claimed_by=run_id))
        return found

    def give_back(self, entry_ids: Sequence[int]) -> None:
        """Let another run take these entries."""
        with self._database.writing() as db:
            for chunk in _chunks(entry_ids):
                db.execute(update(entries).where(entries.c.id.in_(chunk)).values(claimed_by=None))

    def rows(self, entry_ids: Sequence[int]) -> list[EntryRow]:
        """Those of these entries that still wait, oldest first."""
        with self._database.reading() as db:
            return [
                _entry_row(row)
                for chunk in _chunks(sorted(entry_ids))
                for row in db.execute(select(entries).where(entries.c.id.in_(chunk), _WAITING).order_by(entries.c.id))
            ]

    def record_page(self, entry_id: int, ref: PageRef, fetched_at: datetime) -> None:
        """The page of an entry is in the archive."""
        place = {"segment": ref.segment, "offset": ref.offset, "length": ref.length, "digest": ref.digest}
        with self._database.writing() as db:
            db.execute(
                update(entries).where(entries.c.id == entry_id).values(**place, fetched_at=stamp(fetched_at), attempts=0, last_error=None)
            )

    def record_failure(self, entry_id: int, reason: str, message: str, *, final: bool, wait: float | None = None) -> None:
        """A try has failed; the next comes with the next run, not before `wait` seconds. After the last one the entry is quarantined.

        An indexed one that was rechecked stays indexed as it was.
        """
        now = self._now()
        next_try = None if wait is None else stamp(now + timedelta(seconds=wait))
        with self._database.writing() as db:
            this = update(entries).where(entries.c.id == entry_id)
            db.execute(this.values(attempts=entries.c.attempts + 1, last_error=message, next_try=next_try))
            if final:
                put_in_quarantine(db, entry_id, reason, message, now)

    def put_off(self, entry_id: int, seconds: float) -> None:
        """An entry waits for another `seconds`, without a try being counted."""
        with self._database.writing() as db:
            db.execute(update(entries).where(entries.c.id == entry_id).values(next_try=stamp(self._now() + timedelta(seconds=seconds))))

    def settle(
        self, entry_id: int, outcome: Outcome, reason: str | None = None, *, duplicate_of: str | None = None, detail: str | None = None
    ) -> None:
        """Give an entry its terminal outcome (for `indexed` see `record_indexed`). An indexed one that was rechecked stays indexed."""
        if outcome not in ("duplicate", "rejected", "quarantined") or (outcome == "duplicate") != (duplicate_of is not None):
            raise LedgerError(f"entry {entry_id} cannot be settled as {outcome} with reason {reason} and original {duplicate_of}")
        with self._database.writing() as db:
            if outcome == "quarantined":
                put_in_quarantine(db, entry_id, reason or "unknown", detail, self._now())
                return
            if outcome == "rejected":
                _let_a_duplicate_stand_in(db, entry_id)
            done = update(entries).where(entries.c.id == entry_id)
            db.execute(done.where(entries.c.outcome == "indexed").values(recheck=False, last_error=detail or reason))
            db.execute(
                done.where(entries.c.outcome != "indexed").values(
                    outcome=outcome,
                    reason=reason,
                    duplicate_of=duplicate_of,
                    last_error=detail,
                    recheck=False,
                    quarantines=0,
                    next_try=None,
                )
            )

    def owners(self, article_ids: Iterable[str]) -> dict[str, int]:
        """For each article that is in the index: the entry that stands for it."""
        with self._database.reading() as db:
            return {
                row.indexed_as: row.id
                for chunk in _chunks(sorted(set(article_ids)))
                for row in db.execute(select(entries.c.id, entries.c.indexed_as).where(entries.c.indexed_as.in_(chunk)))
            }

    def newest_versions(self, article_ids: Iterable[str]) -> dict[str, Version]:
        """The newest version of each article that has one."""
        columns = (versions.c.article_id, versions.c.number, versions.c.content_hash)
        with self._database.reading() as db:
            return {
                row.article_id: Version(row.number, row.content_hash)
                for chunk in _chunks(sorted(set(article_ids)))
                for row in db.execute(select(*columns).where(versions.c.article_id.in_(chunk)).order_by(versions.c.number))
            }

    def titles(self, article_ids: Iterable[str]) -> dict[str, str]:
        """The newest title of each article that has a version."""
        columns = (versions.c.article_id, versions.c.title)
        with self._database.reading() as db:
            return {
                row.article_id: row.title
                for chunk in _chunks(sorted(set(article_ids)))
                for row in db.execute(select(*columns).where(versions.c.article_id.in_(chunk)).order_by(versions.c.number))
            }

    def record_indexed(self, run_id: int, written: Sequence[IndexedArticle], unchanged: Sequence[EntryRow] = ()) -> None:
        """The index has committed these articles; `unchanged` ones were rechecked and read as before. One transaction for the batch."""
        with self._database.writing() as db:
            if db.execute(select(runs.c.state).where(runs.c.id == run_id)).scalar_one() == "killed":
                raise LedgerError(f"run {run_id} was taken for dead, and others do its work: run `keoson ingest` again")
            if written:
                # One statement for a batch, not for each of its articles: what SQLAlchemy makes of one costs more than the database does.
                db.execute(insert(versions), [_version_of(run_id, item) for item in written])
                self.events.replace_reports(db, {item.article_id: item.reports for item in written})
                db.execute(_INDEXED, [_looked_at(item.row) | {"article": item.article_id} for item in written])
            if unchanged:
                db.execute(_UNCHANGED, [_looked_at(row) for row in unchanged])

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
        with self._database.reading() as db:
            for feed_id, when, seen in db.execute(came_in):
                found[feed_id, when] = {"seen": seen, **dict.fromkeys(OUTCOMES, 0)}
            for feed_id, when, outcome, count in db.execute(stands):
                found.setdefault((feed_id, when), {"seen": 0, **dict.fromkeys(OUTCOMES, 0)})[outcome] = count
        return found

    def tallies(self, run_id: int) -> list[Tally]:
        """The outcomes of the entries that a run brought in or worked on."""
        new = func.sum(case((entries.c.first_run == run_id, 1), else_=0))
        columns = (entries.c.feed_id, entries.c.outlet_id, entries.c.outcome, entries.c.reason)
        query = select(*columns, func.count(), new).where(entries.c.last_run == run_id).group_by(*columns).order_by(*columns)
        with self._database.reading() as db:
            return [Tally(*row) for row in db.execute(query)]

    def newly_indexed(self, run_id: int) -> int:
        """Article versions that a run has written to the index."""
        with self._database.reading() as db:
            return int(db.execute(select(func.count()).select_from(versions).where(versions.c.run == run_id)).scalar_one())


def _let_a_duplicate_stand_in(db: Connection, entry_id: int) -> None:
    """An entry that is about to be rejected may have duplicates at other addresses, and one of these may lead to the article."""
    row = db.execute(select(entries.c.article_id, entries.c.url).where(entries.c.id == entry_id, entries.c.outcome == "pending")).first()
    if row is None:
        return
    others = and_(entries.c.article_id == row.article_id, entries.c.outcome == "duplicate", entries.c.url != row.url)
    next_one = db.execute(select(func.min(entries.c.id)).where(others, entries.c.attempts == 0)).scalar()
    if next_one is not None:
        db.execute(update(entries).where(entries.c.id == next_one).values(outcome="pending", duplicate_of=None))


def _version_of(run_id: int, item: IndexedArticle) -> dict[str, Any]:
    return {
        "article_id": item.article_id, "number": item.number, "run": run_id, "outlet_id": item.row.outlet_id, "feed_id": item.row.feed_id,
        "content_hash": item.content_hash, "title": item.title, "segment": item.ref.segment, "offset": item.ref.offset,
        "length": item.ref.length, "digest": item.ref.digest, "fetched_at": stamp(item.fetched_at),
    }  # fmt: skip


def _looked_at(row: EntryRow) -> dict[str, Any]:
    return {"this": row.id, "looked_at": None if row.ref is None else row.ref.digest}


def _entry_row(row: Row[Any]) -> EntryRow:
    return EntryRow(
        id=row.id,
        feed_id=row.feed_id,
        article_id=row.article_id,
        outlet_id=row.outlet_id,
        url=row.url,
        host=row.host,
        entry=ENTRY.validate_json(row.record),
        outcome=cast(Outcome, row.outcome),
        attempts=row.attempts,
        ref=None if row.segment is None else PageRef(row.segment, row.offset, row.length, row.digest),
        fetched_at=None if row.fetched_at is None else datetime.fromisoformat(row.fetched_at),
        indexed_as=row.indexed_as,
        quarantines=row.quarantines,
    )


def _chunks(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
