"""Which archived pages the ledger still needs, and where they lie after retention has moved them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, bindparam, func, or_, select, update

from flows.ledger.opening import Database
from flows.ledger.tables import entries, versions

# SQLite takes 32,766 parameters, PostgreSQL as many; this many names make a statement that both plan well.
_NAMES = 200
_NO_PAGE = {"segment": None, "offset": None, "length": None, "digest": None, "fetched_at": None}


class PageRefBook:
    """References to the archive in the ledger's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def needed(self, segments: Sequence[str]) -> dict[str, set[int]]:
        """Offsets of the pages that must stay, by segment: of each article the newest version, and what waits to be indexed or retried."""
        found: dict[str, set[int]] = {name: set() for name in segments}
        numbers = select(versions.c.article_id, func.max(versions.c.number).label("number")).group_by(versions.c.article_id).subquery()
        newest = and_(numbers.c.article_id == versions.c.article_id, numbers.c.number == versions.c.number)
        waiting = or_(entries.c.outcome.in_(("pending", "quarantined")), entries.c.recheck)
        with self._database.reading() as db:
            for start in range(0, len(segments), _NAMES):
                names = segments[start : start + _NAMES]
                kept = select(versions.c.segment, versions.c.offset).join(numbers, newest).where(versions.c.segment.in_(names))
                open_ = select(entries.c.segment, entries.c.offset).where(entries.c.segment.in_(names), waiting)
                for query in (kept, open_):
                    for segment, offset in db.execute(query):
                        found[segment].add(offset)
        return found

    def relocate(self, segment: str, target: str | None, offsets: Mapping[int, int]) -> None:
        """The pages at `offsets` of a segment now lie in `target`, at the offsets given for them; its others are gone. One transaction.

        An older version of an article keeps its row, and with it a reference to what is not there any more.
        """
        with self._database.writing() as db:
            # Neither table has an index by segment: one scan finds the rows, their keys lead to them.
            lying = select(entries.c.id, entries.c.offset).where(entries.c.segment == segment)
            moved, gone = [], []
            for row in db.execute(lying):
                if row.offset in offsets:
                    moved.append({"key": row.id, "to": offsets[row.offset]})
                else:
                    gone.append({"key": row.id})
            if moved:
                db.execute(update(entries).where(entries.c.id == bindparam("key")).values(segment=target, offset=bindparam("to")), moved)
            if gone:
                db.execute(update(entries).where(entries.c.id == bindparam("key")).values(_NO_PAGE), gone)
            held = select(versions.c.article_id, versions.c.number, versions.c.offset).where(versions.c.segment == segment)
            kept = [
                {"article": row.article_id, "version": row.number, "to": offsets[row.offset]}
                for row in db.execute(held)
                if row.offset in offsets
            ]
            if kept:
                one = and_(versions.c.article_id == bindparam("article"), versions.c.number == bindparam("version"))
                db.execute(update(versions).where(one).values(segment=target, offset=bindparam("to")), kept)
