"""The reports known so far and the events they belong to: the part of the ledger that gives event ids and keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from extractors.records import Event, ReportOfArticle
from flows.event_ids import DatedReport, KnownEvent, assign_ids, neighbourhoods, possible_days
from flows.ledger.opening import Database
from flows.ledger.tables import event_reports, events, reports

_REPORT = TypeAdapter(ReportOfArticle)
_CHUNK = 1000
_DIRTY: dict[str, Any] = {"dirty": True, "touched": reports.c.touched + 1}


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as one statement takes."""
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Reports of one type that are resolved together, sorted by id. `gone` ones have left the index and only release their event.

    `touched`: how often each report had become dirty when it was read, by id.
    """

    members: tuple[ReportOfArticle, ...]
    gone: tuple[str, ...]
    touched: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class NamedEvent:
    """An event with its id and its reports."""

    id: str
    event: Event
    members: tuple[ReportOfArticle, ...]


class EventBook:
    """Reports and events in the ledger's database."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def replace_reports(self, db: Connection, found: Mapping[str, Sequence[ReportOfArticle]]) -> None:
        """The reports of the new version of each article. They, and those that vanished, await resolution."""
        before: set[str] = set()
        for chunk in _chunks(sorted(found)):
            before |= set(db.execute(select(reports.c.id).where(reports.c.article_id.in_(chunk))).scalars())
        items = {item.id: (article, item) for article, each in found.items() for item in each}
        new: list[dict[str, Any]] = []
        for id_, (article, item) in items.items():
            days = possible_days(item)
            values: dict[str, Any] = {
                "type": item.report.type,
                "earliest": days[0].isoformat() if days else None,
                "latest": days[1].isoformat() if days else None,
                "record": _REPORT.dump_json(item).decode(),
                "gone": False,
            }
            if id_ in before:
                db.execute(update(reports).where(reports.c.id == id_).values(values | _DIRTY))
            else:
                new.append(values | {"id": id_, "article_id": article, "dirty": True, "touched": 1})
        if new:  # one statement for all of a batch: each costs half a millisecond
            db.execute(insert(reports), new)
        for vanished in sorted(before - items.keys()):
            db.execute(update(reports).where(reports.c.id == vanished).values(**_DIRTY, gone=True))
        for chunk in _chunks(sorted(before)):
            # A report that moved or vanished changes the event of those it leaves behind, wherever they lie now.
            touched = select(event_reports.c.event_id).where(event_reports.c.report_id.in_(chunk))
            left = select(event_reports.c.report_id).where(event_reports.c.event_id.in_(touched))
            db.execute(update(reports).where(reports.c.id.in_(left)).values(**_DIRTY))

    def unresolved(self) -> list[Neighbourhood]:
        """What must be resolved again since the last resolution: all reports near a new, changed or vanished one."""
        columns = (reports.c.id, reports.c.earliest, reports.c.latest, reports.c.dirty)
        with self._database.reading() as db:
            dirty_types = select(reports.c.type).where(reports.c.dirty).distinct().order_by(reports.c.type)
            stretches = [
                stretch
                for kind in db.execute(dirty_types).scalars().all()
                for stretch in neighbourhoods(
                    DatedReport(row.id, _day(row.earliest), _day(row.latest), row.dirty)
                    for row in db.execute(select(*columns).where(reports.c.type == kind))
                )
            ]
            return [self._load(db, stretch) for stretch in stretches]

    def _load(self, db: Connection, ids: Sequence[str]) -> Neighbourhood:
        rows = [
            row
            for start in range(0, len(ids), _CHUNK)
            for row in db.execute(select(reports).where(reports.c.id.in_(ids[start : start + _CHUNK])).order_by(reports.c.id))
        ]
        members = tuple(_REPORT.validate_json(row.record) for row in rows if not row.gone)
        return Neighbourhood(members, tuple(row.id for row in rows if row.gone), {row.id: row.touched for row in rows})

    def name_events(self, near: Sequence[Neighbourhood], found: Sequence[Event]) -> list[NamedEvent]:
        """Give the events found in these neighbourhoods their ids, and keep them. Doing it again gives the same ids."""
        by_id = {item.id: item for each in near for item in each.members}
        concerned = [*by_id, *(gone for each in near for gone in each.gone)]
        # The founder is the report published first; one without a date comes after all that have one.
        order = {item.id: item.published or "~" for item in by_id.values()}
        ordered = sorted(found, key=lambda event: min(event.report_ids))
        with self._database.writing() as db:
            known = self._known(db, concerned)
            taken = set(db.execute(select(events.c.id)).scalars())
            assignment = assign_ids([event.report_ids for event in ordered], known, order, taken)
            sequence = int(db.execute(select(func.coalesce(func.max(events.c.sequence), 0))).scalar_one())
            stamp = self._now().astimezone(UTC).isoformat(timespec="microseconds")
            named = [
                NamedEvent(identifier, event, tuple(by_id[report] for report in sorted(event.report_ids)))
                for identifier, event in zip(assignment.ids, ordered, strict=True)
            ]
            founded = [event for event in named if event.id in assignment.given]
            rows = [
                {"id": event.id, "founding_report": assignment.given[event.id], "type": event.event.type, "sequence": sequence + number}
                for number, event in enumerate(founded, 1)
            ]
            if rows:
                db.execute(insert(events).values(given_at=stamp, ended=False, stale=False), rows)
            for old, new in assignment.merged.items():
                db.execute(update(events).where(events.c.id == old).values(merged_into=new, stale=True))
            for old in assignment.ended:
                db.execute(update(events).where(events.c.id == old).values(ended=True, stale=True))
            self._link(db, concerned, named)
        return named

    def _known(self, db: Connection, report_ids: Sequence[str]) -> list[KnownEvent]:
        linked: set[str] = set()
        for chunk in _chunks(report_ids):
            linked.update(db.execute(select(event_reports.c.event_id).where(event_reports.c.report_id.in_(chunk))).scalars())
        known = []
        for chunk in _chunks(sorted(linked)):
            held: dict[str, set[str]] = {}
            for event_id, report in db.execute(
                select(event_reports.c.event_id, event_reports.c.report_id).where(event_reports.c.event_id.in_(chunk))
            ):
                held.setdefault(event_id, set()).add(report)
            of_chunk = select(events.c.id, events.c.founding_report, events.c.sequence).where(events.c.id.in_(chunk)).order_by(events.c.id)
            known += [KnownEvent(row.id, row.founding_report, row.sequence, frozenset(held[row.id])) for row in db.execute(of_chunk)]
        return known

    def _link(self, db: Connection, report_ids: Sequence[str], named: Sequence[NamedEvent]) -> None:
        for start in range(0, len(report_ids), _CHUNK):
            db.execute(delete(event_reports).where(event_reports.c.report_id.in_(report_ids[start : start + _CHUNK])))
        links = [{"report_id": item.id, "event_id": event.id} for event in named for item in event.members]
        if links:
            db.execute(insert(event_reports), links)

    def stale_events(self) -> list[str]:
        """Events that were merged into another or have no report left, and whose documents must leave the index."""
        with self._database.reading() as db:
            return list(db.execute(select(events.c.id).where(events.c.stale).order_by(events.c.id)).scalars())

    def record_resolved(self, resolved: Sequence[Neighbourhood], deleted: Sequence[str]) -> None:
        """The index has committed the events of these neighbourhoods and deleted the stale ones. What became dirty since stays so."""
        seen = [{"this": id_, "seen": each.touched[id_]} for each in resolved for id_ in (item.id for item in each.members)]
        left = [{"this": id_, "seen": each.touched[id_]} for each in resolved for id_ in each.gone]
        as_seen = and_(reports.c.id == bindparam("this"), reports.c.touched == bindparam("seen"))
        with self._database.writing() as db:
            if seen:
                db.execute(update(reports).where(as_seen).values(dirty=False), seen)
            if left:
                db.execute(delete(reports).where(as_seen, reports.c.gone), left)
            for chunk in _chunks(deleted):
                db.execute(update(events).where(events.c.id.in_(chunk)).values(stale=False))

    def count(self) -> int:
        """Events that stand: neither merged nor ended."""
        standing = or_(events.c.merged_into.is_not(None), events.c.ended)
        with self._database.reading() as db:
            return int(db.execute(select(func.count()).select_from(events).where(~standing)).scalar_one())


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
