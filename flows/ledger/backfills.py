"""Backfills in the ledger: which there are, where each looks, what it is still to fetch, and taking that in.

A backfill's own tables hold what may be fetched one day; entries are made of it in small batches, each claimed by the run at once. So an
ingest that runs beside it, or after it was killed, never finds more than a batch of its work.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, and_, func, insert, literal_column, or_, select, update

from extractors.addresses import article_id
from extractors.errors import LedgerError
from extractors.records import Entry, Outlet
from flows.ledger.announcements import announce
from flows.ledger.backfill_rows import BackfillJob, BackfillState, MonthOfCandidates, Place, PlaceKind, PlaceResult, StoredPage
from flows.ledger.backfill_tables import announced, backfill_candidates, backfill_places, backfills
from flows.ledger.intake import Claim, Intake
from flows.ledger.opening import Database
from flows.ledger.rows import ENTRY, stamp
from flows.ledger.tables import entries, entry_keys, feed_days, feeds, runs

# SQLite allows 32,766 variables in one statement.
_CHUNK = 500
# An article that was lost, and that a stored copy brings back: not one that was looked at and is none.
_LOST = or_(
    and_(entries.c.outcome == "pending", entries.c.segment.is_(None), entries.c.claimed_by.is_(None)),
    and_(entries.c.outcome == "quarantined", entries.c.segment.is_(None)),
    and_(entries.c.outcome == "rejected", entries.c.reason == "gone"),
)


class BackfillBook:
    """Backfills in the ledger's database."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._intake = Intake(now)

    def begin(self, run_id: int, plan: str, places: Sequence[Place], *, not_planned_before: datetime) -> BackfillJob:
        """The unfinished backfill of this plan, or a new one with these places; worked on by `run_id` from now on.

        The job's state is that before: `planned` for one of which nothing was fetched yet. One that was only planned before `not_planned_before` is out of date, and dropped. Raises LedgerError when another run is at it.
        """
        key = hashlib.sha256(plan.encode()).hexdigest()
        with self._database.writing() as db:
            mine = and_(backfills.c.key == key, backfills.c.state.in_(("planned", "working")))
            row = db.execute(select(backfills).where(mine).order_by(backfills.c.id.desc())).first()
            if row is not None and row.state == "planned" and datetime.fromisoformat(row.started_at) < not_planned_before:
                db.execute(update(backfills).where(backfills.c.id == row.id).values(state="dropped"))
                row = None
            if row is not None:
                other = db.execute(select(runs.c.state).where(runs.c.id == row.run)).scalar()
                if other == "running" and row.run != run_id:
                    raise LedgerError(f"backfill {row.id} is at work in run {row.run}: wait until it has ended, or end it")
                db.execute(update(backfills).where(backfills.c.id == row.id).values(state="working", run=run_id))
                again = and_(backfill_places.c.backfill == row.id, backfill_places.c.state == "failed")
                db.execute(update(backfill_places).where(again).values(state="open", error=None))
                return BackfillJob(row.id, row.plan, row.state, datetime.fromisoformat(row.started_at), resumed=True)
            now = self._now()
            made = insert(backfills).values(key=key, plan=plan, state="working", started_at=stamp(now), run=run_id)
            number = int(db.execute(made.returning(backfills.c.id)).scalar_one())
            _add_places(db, number, places)
            return BackfillJob(number, plan, "planned", now)

    def end(self, backfill: int, state: BackfillState) -> None:
        """Say how a backfill stands when its run ends."""
        with self._database.writing() as db:
            db.execute(update(backfills).where(backfills.c.id == backfill).values(state=state))

    def unfinished(self) -> list[BackfillJob]:
        """Backfills that can be resumed, newest first; those that were only planned are not among them."""
        with self._database.reading() as db:
            rows = db.execute(select(backfills).where(backfills.c.state == "working").order_by(backfills.c.id.desc()))
            return [BackfillJob(row.id, row.plan, row.state, datetime.fromisoformat(row.started_at), resumed=True) for row in rows]

    # Places

    def open_places(self, backfill: int, *, each: int | None = None) -> list[Place]:
        """Places not looked at yet, in the order in which they were found; at most `each` of an outlet."""
        query = select(backfill_places).where(backfill_places.c.backfill == backfill, backfill_places.c.state == "open")
        taken: dict[str | None, int] = {}
        found: list[Place] = []
        with self._database.reading() as db:
            for row in db.execute(query.order_by(backfill_places.c.id)):
                taken[row.outlet_id] = taken.get(row.outlet_id, 0) + 1
                if each is None or taken[row.outlet_id] <= each:
                    found.append(_place(row))
        return found

    def place_done(self, backfill: int, place: Place, result: PlaceResult) -> None:
        """A place was looked through: what it announces, what of it is to be fetched, and further places, in one transaction."""
        with self._database.writing() as db:
            announce(db, result.announced)
            by_id = {one.article_id: one for one in result.announced}
            wanted = [by_id[one] for one in dict.fromkeys(result.wanted)]
            known = _known(db, [one.article_id for one in wanted])
            present = {
                row.article_id
                for chunk in _chunks([one.article_id for one in wanted])
                for row in db.execute(
                    select(backfill_candidates.c.article_id).where(
                        backfill_candidates.c.backfill == backfill, backfill_candidates.c.article_id.in_(chunk)
                    )
                )
            }
            rows = [
                {
                    "backfill": backfill,
                    "outlet_id": one.outlet_id,
                    "article_id": one.article_id,
                    "done": one.article_id in known,
                    "known": one.article_id in known,
                }
                for one in wanted
                if one.article_id not in present
            ]
            if rows:
                db.execute(insert(backfill_candidates), rows)
            _add_places(db, backfill, result.further)
            counts = {**place.counts}
            for name, count in result.counts.items():
                counts[name] = counts.get(name, 0) + count
            done = update(backfill_places).where(backfill_places.c.id == place.id)
            db.execute(done.values(state="done", error=None, counts=json.dumps(counts)))

    def file_done(self, place: Place) -> None:
        """A file was read to its end, and all its batches are in."""
        with self._database.writing() as db:
            db.execute(update(backfill_places).where(backfill_places.c.id == place.id).values(state="done", error=None))

    def place_failed(self, place: Place, error: str) -> None:
        """A place could not be read; a resumed backfill tries it again."""
        with self._database.writing() as db:
            db.execute(update(backfill_places).where(backfill_places.c.id == place.id).values(state="failed", error=error))

    def place_totals(self, backfill: int) -> tuple[dict[str, int], dict[str, int], list[tuple[str, str]]]:
        """How many places are in each state, what their counts add up to, and address and error of those that failed."""
        states: dict[str, int] = {}
        counts: dict[str, int] = {}
        failed: list[tuple[str, str]] = []
        with self._database.reading() as db:
            for row in db.execute(select(backfill_places).where(backfill_places.c.backfill == backfill).order_by(backfill_places.c.id)):
                states[row.state] = states.get(row.state, 0) + 1
                for name, count in json.loads(row.counts or "{}").items():
                    counts[name] = counts.get(name, 0) + count
                if row.state == "failed":
                    failed.append((row.address, row.error or "unknown"))
        return states, counts, failed

    def failed_outlets(self, backfill: int) -> set[str]:
        """Outlets of which some place was not looked through."""
        left = and_(backfill_places.c.backfill == backfill, backfill_places.c.state != "done")
        with self._database.reading() as db:
            return {row.outlet_id for row in db.execute(select(backfill_places.c.outlet_id).where(left).distinct()) if row.outlet_id}

    # Candidates

    def months(self, backfill: int) -> list[MonthOfCandidates]:
        """What a backfill found, by outlet and month."""
        # By name: PostgreSQL takes two substr() with bound arguments for two different expressions.
        month = func.substr(announced.c.day, 1, 7).label("month")
        same = and_(announced.c.outlet_id == backfill_candidates.c.outlet_id, announced.c.article_id == backfill_candidates.c.article_id)
        columns = (backfill_candidates.c.outlet_id, backfill_candidates.c.known, backfill_candidates.c.done)
        query = select(*columns, month, func.count()).join(announced, same).where(backfill_candidates.c.backfill == backfill)
        query = query.group_by(*columns, literal_column("month"))
        found: dict[tuple[str, str | None], list[int]] = {}
        with self._database.reading() as db:
            for outlet_id, known, done, when, count in db.execute(query):
                of = found.setdefault((outlet_id, when if when is None or len(when) == 7 else None), [0, 0, 0])
                of[0] += count
                of[1] += count if known else 0
                of[2] += 0 if done else count
        ordered = sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        return [MonthOfCandidates(outlet_id, when, *numbers) for (outlet_id, when), numbers in ordered]

    def waiting(self, backfill: int) -> dict[str, int]:
        """How many candidates of each outlet are not taken in yet."""
        left = and_(backfill_candidates.c.backfill == backfill, backfill_candidates.c.done.is_(False))
        query = select(backfill_candidates.c.outlet_id, func.count()).where(left).group_by(backfill_candidates.c.outlet_id)
        with self._database.reading() as db:
            return {row[0]: row[1] for row in db.execute(query)}

    def take(self, run_id: int, backfill: int, outlets: Mapping[str, Outlet], *, each: int) -> list[int]:
        """Make entries of the next candidates, at most `each` of an outlet, newest first; ids of those that this run is to work on.

        What has become an entry by another way meanwhile is done. Empty when nothing is left.
        """
        same = and_(announced.c.outlet_id == backfill_candidates.c.outlet_id, announced.c.article_id == backfill_candidates.c.article_id)
        with self._database.writing() as db:
            found: list[int] = []
            for outlet in outlets.values():
                left = and_(
                    backfill_candidates.c.backfill == backfill,
                    backfill_candidates.c.outlet_id == outlet.id,
                    backfill_candidates.c.done.is_(False),
                )
                query = select(announced.c.article_id, announced.c.record).join(backfill_candidates, same).where(left)
                rows = db.execute(query.order_by(announced.c.day.desc().nulls_last(), announced.c.article_id).limit(each)).all()
                if not rows:
                    continue
                known = _known(db, [row.article_id for row in rows])
                lines = [ENTRY.validate_json(row.record) for row in rows if row.article_id not in known]
                found += self._register(db, run_id, lines, outlet)
                for chunk in _chunks([row.article_id for row in rows]):
                    these = and_(left, backfill_candidates.c.article_id.in_(chunk))
                    db.execute(update(backfill_candidates).where(these).values(done=True))
                for chunk in _chunks(sorted(known)):
                    these = and_(backfill_candidates.c.backfill == backfill, backfill_candidates.c.article_id.in_(chunk))
                    db.execute(update(backfill_candidates).where(these).values(known=True))
            return found

    def take_left_over(self, run_id: int, outlet_ids: Collection[str], *, with_page: bool = False) -> list[int]:
        """Ids of entries that a backfill has made, that still wait, and that nobody works on: this run does from now on.

        `with_page`: only those of which nothing is to be fetched.
        """
        now = stamp(self._now())
        waiting = and_(
            entries.c.outcome == "pending",
            entries.c.feed_id.in_([_feed_id(one) for one in outlet_ids]),
            entries.c.claimed_by.is_(None),
            or_(entries.c.next_try.is_(None), entries.c.next_try <= now),
            *([entries.c.segment.is_not(None)] if with_page else []),
        )
        with self._database.writing() as db:
            found = [row.id for row in db.execute(select(entries.c.id).where(waiting).order_by(entries.c.id))]
            for chunk in _chunks(found):
                db.execute(update(entries).where(entries.c.id.in_(chunk)).values(last_run=run_id, claimed_by=run_id))
        return found

    def take_pages(
        self,
        run_id: int,
        outlets: Mapping[str, Outlet],
        pages: Sequence[StoredPage],
        place: Place,
        position: int,
        counts: Mapping[str, int],
    ) -> tuple[list[int], int]:
        """Make entries of stored pages of different articles, and note how far their file was read: in one transaction.

        Gives the ids of those that this run is to work on, and how many of the pages were entries by now and are left (they are added to
        `known` of `counts`, the file's totals so far). Where the page of an entry was lost, the stored one takes its place.
        """
        by_id = {article_id(page.entry.url): page for page in pages}
        with self._database.writing() as db:
            known = _known(db, list(by_id))
            brought = self._bring_back(db, run_id, {one: page for one, page in by_id.items() if one in known})
            found = list(brought.values())
            by_outlet: dict[str, dict[str, StoredPage]] = {}
            for one, page in by_id.items():
                if one not in known:
                    by_outlet.setdefault(page.outlet_id, {})[one] = page
            for outlet_id, mine in by_outlet.items():
                columns = {one: _page_columns(page) for one, page in mine.items()}
                found += self._register(db, run_id, [page.entry for page in mine.values()], outlets[outlet_id], columns)
            known_now = len(known) - len(brought)
            totals = {**counts, "known": counts.get("known", 0) + known_now}
            noted = update(backfill_places).where(backfill_places.c.id == place.id)
            db.execute(noted.values(position=position, counts=json.dumps(totals)))
        return found, known_now

    def worth_taking(self, article_ids: Sequence[str]) -> set[str]:
        """Those of these articles that are no entries yet, or whose page was lost."""
        with self._database.reading() as db:
            known = _known(db, article_ids)
            lost = {
                row.article_id
                for chunk in _chunks(sorted(known))
                for row in db.execute(select(entries.c.article_id).where(entries.c.article_id.in_(chunk), _LOST))
            }
        return (set(article_ids) - known) | lost

    def _bring_back(self, db: Connection, run_id: int, pages: Mapping[str, StoredPage]) -> dict[str, int]:
        """Let stored pages take the place of lost ones: one entry for each of these articles that has lost its own."""
        brought: dict[str, int] = {}
        for chunk in _chunks(list(pages)):
            query = select(entries.c.id, entries.c.article_id).where(entries.c.article_id.in_(chunk), _LOST).order_by(entries.c.id)
            for row in db.execute(query).all():
                if brought.setdefault(row.article_id, row.id) != row.id:
                    continue
                fresh = {"outcome": "pending", "reason": None, "attempts": 0, "last_error": None, "next_try": None}
                claimed = {"last_run": run_id, "claimed_by": run_id}
                db.execute(update(entries).where(entries.c.id == row.id).values(fresh | claimed | _page_columns(pages[row.article_id])))
        return brought

    def _register(
        self, db: Connection, run_id: int, lines: Sequence[Entry], outlet: Outlet, pages: Mapping[str, Mapping[str, Any]] | None = None
    ) -> list[int]:
        """Make entries of these lines, claimed by the run. Ids of those that are to be worked on.

        `pages`: the columns of those pages that are in the archive already, by article id.
        """
        if not lines:
            return []
        feed_id = _feed_id(outlet.id)
        if any(line.feed_id != feed_id for line in lines):
            raise LedgerError(f"lines of a backfill of {outlet.id} must be of the feed {feed_id}")
        if db.execute(select(feeds.c.id).where(feeds.c.id == feed_id)).first() is None:
            db.execute(insert(feeds).values(id=feed_id, outlet_id=outlet.id, url=outlet.homepage, failures=0, listed=0))
        taken = self._intake.register(db, run_id, lines, outlet, Claim(pages or {}))
        if taken.new:
            day = self._now().astimezone(UTC).date().isoformat()
            where = and_(feed_days.c.feed_id == feed_id, feed_days.c.day == day)
            if not db.execute(update(feed_days).where(where).values(seen=feed_days.c.seen + taken.new)).rowcount:
                db.execute(insert(feed_days).values(feed_id=feed_id, day=day, seen=taken.new))
        found = list(taken.claimed.values())
        # Lines that are no new entries: one that the feed has may wait, and nobody works on it.
        for chunk in _chunks([one for one in map(article_id, (line.url for line in lines)) if one not in taken.claimed]):
            mine = and_(entries.c.feed_id == feed_id, entries.c.article_id.in_(chunk), entries.c.claimed_by.is_(None))
            todo = or_(entries.c.outcome == "pending", entries.c.recheck)
            for row in db.execute(select(entries.c.id, entries.c.article_id).where(mine, todo).order_by(entries.c.id)).all():
                lying = {} if pages is None else pages[row.article_id]
                db.execute(update(entries).where(entries.c.id == row.id).values(claimed_by=run_id, last_run=run_id, **lying))
                found.append(row.id)
        return found


def _known(db: Connection, article_ids: Sequence[str]) -> set[str]:
    """Those of these articles that are entries, under this address or another."""
    found: set[str] = set()
    for chunk in _chunks(article_ids):
        found |= {row.article_id for row in db.execute(select(entries.c.article_id).where(entries.c.article_id.in_(chunk)))}
        keys = [f"address:{one}" for one in chunk]
        found |= {row.key.partition(":")[2] for row in db.execute(select(entry_keys.c.key).where(entry_keys.c.key.in_(keys)))}
    return found


def _add_places(db: Connection, backfill: int, places: Sequence[Place]) -> None:
    """Add the places that are not there yet: an index may contain itself, and a listing repeat for ever."""
    digests = [hashlib.sha256(f"{place.kind}\n{place.outlet_id}\n{place.address}".encode()).hexdigest() for place in places]
    there: set[str] = set()
    for chunk in _chunks(digests):
        where = and_(backfill_places.c.backfill == backfill, backfill_places.c.digest.in_(chunk))
        there |= {row.digest for row in db.execute(select(backfill_places.c.digest).where(where))}
    rows: list[dict[str, Any]] = []
    for place, digest in zip(places, digests, strict=True):
        if digest in there:
            continue
        there.add(digest)
        told = {"address": place.address, "kind": place.kind, "outlet_id": place.outlet_id, "step": place.step, "hint": place.hint}
        rows.append({"backfill": backfill, "digest": digest, "state": "open", **told})
    if rows:
        db.execute(insert(backfill_places), rows)


def _place(row: Any) -> Place:
    kind = cast(PlaceKind, row.kind)
    return Place(row.address, kind, row.outlet_id, row.step, row.hint, row.id, row.position, json.loads(row.counts or "{}"))


def _page_columns(page: StoredPage) -> dict[str, Any]:
    ref = page.ref
    place = {"segment": ref.segment, "offset": ref.offset, "length": ref.length, "digest": ref.digest}
    return {**place, "fetched_at": stamp(page.fetched_at)}


def _feed_id(outlet_id: str) -> str:
    """The feed under which the articles of backfills are counted (`extractors.outlets.backfill_feed`)."""
    return f"{outlet_id}_backfill"


def _chunks(items: Sequence[str]) -> list[Sequence[str]]:
    return [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
