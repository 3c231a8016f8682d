"""Quarantine: entries that failed for good so far, with what an operator can do about them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select, update

from flows.ledger.intake import NO_PAGE
from flows.ledger.opening import Database
from flows.ledger.rows import ENTRY, stamp
from flows.ledger.tables import entries
from flows.schedule import quarantine_ends

# What `drop` makes of an entry: it stays counted, and says that a person decided so.
DROPPED = "dropped"
# Its page lies in the archive of another machine, or was lost with a segment: the next try fetches it.
UNREADABLE = "archive_unreadable"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An entry in quarantine. `next_try` is when it is tried again by itself, None when only an operator can."""

    id: int
    outlet_id: str
    feed_id: str
    url: str
    title: str
    reason: str
    error: str | None
    attempts: int
    quarantines: int
    next_try: datetime | None
    first_seen: str
    has_page: bool


class QuarantineBook:
    """The quarantine in the ledger's database. Entries are chosen by id, outlet and reason; what is not named chooses all."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def find(
        self, *, ids: Collection[int] = (), outlets: Collection[str] = (), reasons: Collection[str] = (), limit: int | None = None
    ) -> list[Quarantined]:
        """Entries in quarantine, oldest first."""
        query = select(entries).where(_chosen(ids, outlets, reasons)).order_by(entries.c.id).limit(limit)
        with self._database.reading() as db:
            return [_quarantined(row) for row in db.execute(query)]

    def totals(self) -> Mapping[str, int]:
        """How many there are, by reason."""
        query = select(entries.c.reason, func.count()).where(entries.c.outcome == "quarantined")
        with self._database.reading() as db:
            return {str(reason): count for reason, count in db.execute(query.group_by(entries.c.reason).order_by(entries.c.reason))}

    def retry(
        self, *, ids: Collection[int] = (), outlets: Collection[str] = (), reasons: Collection[str] = (), fetch_again: bool = False
    ) -> int:
        """Let entries be tried by the next ingest, as if for the first time; how many. `fetch_again` forgets the page in the archive."""
        values = {"outcome": "pending", "reason": None, "attempts": 0, "quarantines": 0, "next_try": None}
        return self._change(_chosen(ids, outlets, reasons), values | (NO_PAGE if fetch_again else {}))

    def drop(self, *, ids: Collection[int] = (), outlets: Collection[str] = (), reasons: Collection[str] = ()) -> int:
        """Reject entries for good, with the reason `dropped`; how many. Their last error is kept."""
        return self._change(_chosen(ids, outlets, reasons), {"outcome": "rejected", "reason": DROPPED, "next_try": None})

    def _change(self, chosen: ColumnElement[bool], values: Mapping[str, Any]) -> int:
        with self._database.writing() as db:
            return int(db.execute(update(entries).where(chosen).values(**values)).rowcount)


def _chosen(ids: Collection[int], outlets: Collection[str], reasons: Collection[str]) -> ColumnElement[bool]:
    chosen = [entries.c.outcome == "quarantined"]
    if ids:
        chosen.append(entries.c.id.in_(sorted(ids)))
    if outlets:
        chosen.append(entries.c.outlet_id.in_(sorted(outlets)))
    if reasons:
        chosen.append(entries.c.reason.in_(sorted(reasons)))
    return and_(*chosen)


def put_in_quarantine(db: Connection, entry_id: int, reason: str, message: str | None, now: datetime) -> None:
    """Quarantine an entry within a transaction, with the time of its next try. An indexed one that was rechecked stays indexed."""
    row = db.execute(select(entries.c.outcome, entries.c.quarantines).where(entries.c.id == entry_id)).one()
    values: dict[str, Any] = {"recheck": False, "last_error": message}
    if row.outcome != "indexed":
        ends = quarantine_ends(row.quarantines + 1, now)
        values |= {"outcome": "quarantined", "reason": reason, "quarantines": row.quarantines + 1}
        values["next_try"] = None if ends is None else stamp(ends)
        if reason == UNREADABLE:
            values |= NO_PAGE
    db.execute(update(entries).where(entries.c.id == entry_id).values(values))


def release_due(db: Connection, outlets: Sequence[str], now: datetime) -> None:
    """Let entries whose time in quarantine has passed wait for another try."""
    due = and_(entries.c.outcome == "quarantined", entries.c.next_try <= stamp(now), entries.c.outlet_id.in_(outlets))
    db.execute(update(entries).where(due).values(outcome="pending", reason=None, next_try=None))


def _quarantined(row: Row[Any]) -> Quarantined:
    return Quarantined(
        row.id,
        row.outlet_id,
        row.feed_id,
        row.url,
        ENTRY.validate_json(row.record).title,
        str(row.reason),
        row.last_error,
        row.attempts,
        row.quarantines,
        None if row.next_try is None else datetime.fromisoformat(row.next_try),
        row.first_seen,
        row.segment is not None,
    )
