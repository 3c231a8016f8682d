"""The newest version of every article as the ledger knows it: what rebuilding the index starts from, and what that writes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select, update

from extractors.records import Entry, ReportOfArticle
from flows.archive import PageRef
from flows.ledger.events import EventBook
from flows.ledger.opening import Database
from flows.ledger.rows import ENTRY
from flows.ledger.tables import entries, versions


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """The newest version of an article: where its page lies, and the entry (of a feed) that stands for it, if there is one."""

    article_id: str
    number: int
    outlet_id: str
    feed_id: str | None
    ref: PageRef
    fetched_at: datetime
    entry_id: int | None
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """A version that was extracted and tagged again, with the reports found in it now."""

    version: KeptVersion
    content_hash: str
    title: str
    reports: tuple[ReportOfArticle, ...]


class VersionBook:
    """Versions in the ledger's database."""

    def __init__(self, database: Database, events: EventBook) -> None:
        self._database = database
        self._events = events

    def outlets(self) -> list[str]:
        """Ids of all outlets that have an article."""
        with self._database.reading() as db:
            return list(db.execute(select(versions.c.outlet_id).distinct().order_by(versions.c.outlet_id)).scalars())

    def segments(self) -> list[str]:
        """Names of all archive segments that hold the page of an article's newest version. Older ones may be gone (see `flows.retention`)."""
        numbers = select(versions.c.article_id, func.max(versions.c.number).label("number")).group_by(versions.c.article_id).subquery()
        newest = and_(numbers.c.article_id == versions.c.article_id, numbers.c.number == versions.c.number)
        with self._database.reading() as db:
            return list(db.execute(select(versions.c.segment).join(numbers, newest).distinct().order_by(versions.c.segment)).scalars())

    def count(self) -> int:
        """How many articles there are."""
        with self._database.reading() as db:
            return int(db.execute(select(func.count(versions.c.article_id.distinct()))).scalar_one())

    def newest(self, size: int) -> Iterator[list[KeptVersion]]:
        """The newest version of every article, by rising article id, in lists of at most `size`."""
        numbers = select(versions.c.article_id, func.max(versions.c.number).label("number")).group_by(versions.c.article_id).subquery()
        newest = and_(numbers.c.article_id == versions.c.article_id, numbers.c.number == versions.c.number)
        # An article has one owner: the ledger settles every other entry of it as a duplicate.
        owned = entries.c.indexed_as == versions.c.article_id
        query = (
            select(versions, entries.c.id.label("entry_id"), entries.c.record)
            .select_from(versions.join(numbers, newest).outerjoin(entries, owned))
            .order_by(versions.c.article_id)
            .limit(size)
        )
        after = ""
        while True:
            with self._database.reading() as db:
                rows = db.execute(query.where(versions.c.article_id > after)).all()
            if not rows:
                return
            yield [
                KeptVersion(
                    row.article_id,
                    row.number,
                    row.outlet_id,
                    row.feed_id,
                    PageRef(row.segment, row.offset, row.length, row.digest),
                    datetime.fromisoformat(row.fetched_at),
                    row.entry_id,
                    None if row.record is None else ENTRY.validate_json(row.record),
                )
                for row in rows
            ]
            after = rows[-1].article_id

    def record_read_again(self, found: Sequence[ReadAgain], lost: Sequence[tuple[KeptVersion, str, str]]) -> None:
        """Replace texts' hashes and titles and all reports of these articles; their events await resolution. One transaction.

        `lost` are those that gave no article any more, with reason and message: they are quarantined, and their reports vanish.
        """
        with self._database.writing() as db:
            for item in found:
                self._rewrite(db, item.version, content_hash=item.content_hash, title=item.title)
                self._events.replace_reports(db, {item.version.article_id: item.reports})
                self._settle(db, item.version, "indexed", None, None)
            for version, reason, message in lost:
                # No text has this hash: whatever is read there later is a new version.
                self._rewrite(db, version, content_hash="")
                self._events.replace_reports(db, {version.article_id: ()})
                self._settle(db, version, "quarantined", reason, message)

    def _rewrite(self, db: Connection, version: KeptVersion, **values: str) -> None:
        where = (versions.c.article_id == version.article_id, versions.c.number == version.number)
        db.execute(update(versions).where(*where).values(values))

    def _settle(self, db: Connection, version: KeptVersion, outcome: str, reason: str | None, message: str | None) -> None:
        """Only between these two outcomes: an entry that waits for a new page goes on waiting."""
        where = (entries.c.id == version.entry_id, entries.c.outcome.in_(("indexed", "quarantined")))
        db.execute(update(entries).where(*where).values(outcome=outcome, reason=reason, last_error=message))
