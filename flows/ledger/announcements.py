"""What outlets announce, held against what became of it: the ground of `keoson coverage`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, String, and_, case, func, insert, literal, literal_column, select, update

from extractors.addresses import article_id
from extractors.records import Entry
from flows.ledger.backfill_tables import announced, looks
from flows.ledger.opening import Database
from flows.ledger.rows import ENTRY, stamp
from flows.ledger.tables import entries, entry_keys, feeds

Source = Literal["sitemap", "listing", "urls"]
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Announcement:
    """An article that a sitemap, listing or list names. `day` (`YYYY[-MM[-DD]]`) is as much as is known of when it was published."""

    outlet_id: str
    article_id: str
    entry: Entry
    day: str | None
    source: Source

    @classmethod
    def of(cls, outlet_id: str, entry: Entry, day: str | None, source: Source) -> Announcement:
        """The announcement of an entry. Raises InputError when it has no http(s) address."""
        return cls(outlet_id, article_id(entry.url), entry, day, source)


@dataclass(frozen=True, slots=True)
class AnnouncedMonth:
    """Announced articles of an outlet and month, by what became of them. `waiting` are pending, quarantined, or not taken in."""

    outlet_id: str
    month: str
    indexed: int = 0
    rejected: int = 0
    gone: int = 0
    waiting: int = 0
    unseen: int = 0

    @property
    def announced(self) -> int:
        """All of them."""
        return self.indexed + self.rejected + self.gone + self.waiting + self.unseen


@dataclass(frozen=True, slots=True)
class Watched:
    """Since when an outlet's feeds are polled, and when that last succeeded."""

    outlet_id: str
    since: datetime
    until: datetime


def announce(db: Connection, found: Sequence[Announcement]) -> None:
    """Keep what was announced. What was known stays, unless the new one knows its day more precisely."""
    unique = {(one.outlet_id, one.article_id): one for one in reversed(found)}
    days: dict[tuple[str, str], str | None] = {}
    keys = list(unique)
    for start in range(0, len(keys), _CHUNK):
        ids = [key[1] for key in keys[start : start + _CHUNK]]
        for row in db.execute(
            select(announced.c.outlet_id, announced.c.article_id, announced.c.day).where(announced.c.article_id.in_(ids))
        ):
            days[row.outlet_id, row.article_id] = row.day
    rows: list[dict[str, Any]] = []
    for key, one in unique.items():
        values = {"url": one.entry.url, "day": one.day, "source": one.source, "record": ENTRY.dump_json(one.entry).decode()}
        if key not in days:
            rows.append({"outlet_id": one.outlet_id, "article_id": one.article_id, **values})
        elif len(one.day or "") > len(days[key] or ""):
            where = and_(announced.c.outlet_id == one.outlet_id, announced.c.article_id == one.article_id)
            db.execute(update(announced).where(where).values(values))
    if rows:
        db.execute(insert(announced), rows)


class AnnouncementBook:
    """Announcements in the ledger's database."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def looked(self, outlet_id: str, months: Sequence[str], source: Source) -> None:
        """These months of an outlet were looked through to their end."""
        with self._database.writing() as db:
            for month in months:
                where = and_(looks.c.outlet_id == outlet_id, looks.c.month == month, looks.c.source == source)
                if not db.execute(update(looks).where(where).values(looked_at=stamp(self._now()))).rowcount:
                    db.execute(insert(looks).values(outlet_id=outlet_id, month=month, source=source, looked_at=stamp(self._now())))

    def looks(self, outlet_ids: Collection[str]) -> set[tuple[str, str]]:
        """(outlet, month) of all that were looked through."""
        wanted = select(looks.c.outlet_id, looks.c.month).where(looks.c.outlet_id.in_(sorted(outlet_ids)))
        with self._database.reading() as db:
            return {(row.outlet_id, row.month) for row in db.execute(wanted)}

    def months(self, outlet_ids: Collection[str], since: str, until: str) -> list[AnnouncedMonth]:
        """What became of what was announced, from month `since` to month `until` (`YYYY-MM`, both included), by outlet and month."""
        month = func.substr(announced.c.day, 1, 7).label("month")
        kind = _outcome().label("outcome")
        query = select(announced.c.outlet_id, month, kind, func.count()).where(
            announced.c.outlet_id.in_(sorted(outlet_ids)), func.length(announced.c.day) >= 7, month >= since, month <= until
        )
        found: dict[tuple[str, str], dict[str, int]] = {}
        with self._database.reading() as db:
            for outlet_id, when, outcome, count in db.execute(
                query.group_by(announced.c.outlet_id, literal_column("month"), literal_column("outcome"))
            ):
                found.setdefault((outlet_id, when), {})[outcome or "unseen"] = count
        return [AnnouncedMonth(outlet_id, when, **numbers) for (outlet_id, when), numbers in sorted(found.items())]

    def undated(self, outlet_ids: Collection[str]) -> int:
        """How many announced articles have no known month."""
        where = and_(announced.c.outlet_id.in_(sorted(outlet_ids)), func.coalesce(func.length(announced.c.day), 0) < 7)
        with self._database.reading() as db:
            return int(db.execute(select(func.count()).select_from(announced).where(where)).scalar_one())

    def missing(self, outlet_ids: Collection[str], since: str, until: str) -> Iterator[tuple[str, str, str, str]]:
        """Outlet, day, address and fate (unseen, waiting, gone) of announced articles that are neither indexed nor rejected."""
        month, kind = func.substr(announced.c.day, 1, 7), _outcome()
        query = select(announced.c.outlet_id, announced.c.day, announced.c.url, kind).where(
            announced.c.outlet_id.in_(sorted(outlet_ids)), func.length(announced.c.day) >= 7, month >= since, month <= until
        )
        with self._database.reading() as db:
            for outlet_id, day, url, outcome in db.execute(query.order_by(announced.c.outlet_id, announced.c.day, announced.c.url)):
                if outcome not in ("indexed", "rejected"):
                    yield outlet_id, day, url, outcome or "unseen"

    def watched(self, outlet_ids: Collection[str]) -> list[Watched]:
        """Outlets whose feeds are polled, by the feed that was polled first."""
        query = select(feeds.c.outlet_id, func.min(feeds.c.first_poll), func.max(feeds.c.last_success)).where(
            feeds.c.outlet_id.in_(sorted(outlet_ids)), feeds.c.first_poll.is_not(None), feeds.c.last_success.is_not(None)
        )
        with self._database.reading() as db:
            return [
                Watched(outlet_id, datetime.fromisoformat(first), datetime.fromisoformat(last))
                for outlet_id, first, last in db.execute(query.group_by(feeds.c.outlet_id))
            ]

    def outlets(self) -> list[str]:
        """Outlets that the ledger knows of, by a poll or an announcement."""
        with self._database.reading() as db:
            polled = {row.outlet_id for row in db.execute(select(feeds.c.outlet_id).distinct())}
            return sorted(polled | {row.outlet_id for row in db.execute(select(announced.c.outlet_id).distinct())})

    def first_month(self, outlet_ids: Collection[str]) -> str | None:
        """The earliest month of which something was announced."""
        where = and_(announced.c.outlet_id.in_(sorted(outlet_ids)), func.length(announced.c.day) >= 7)
        with self._database.reading() as db:
            first = db.execute(select(func.min(announced.c.day)).where(where)).scalar()
        return None if first is None else str(first)[:7]


def _outcome() -> Any:
    """What became of an announced article: of the entries that stand for it, under whatever address, the best outcome; null for none.

    A page that is gone counts apart from one that was looked at and is no article: that one's news is lost.
    """
    rank = case(
        # A duplicate was found to be an article that another entry stands for.
        (entries.c.outcome.in_(("indexed", "duplicate")), "1indexed"),
        (and_(entries.c.outcome == "rejected", entries.c.reason != "gone"), "2rejected"),
        (entries.c.outcome == "rejected", "4gone"),
        else_="3waiting",
    )
    key = literal("address:", String) + announced.c.article_id
    best = (
        select(func.min(rank)).select_from(entry_keys).join(entries, entries.c.id == entry_keys.c.entry_id).where(entry_keys.c.key == key)
    )
    return func.substr(best.correlate(announced).scalar_subquery(), 2)
