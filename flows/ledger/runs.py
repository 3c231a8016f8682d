"""Runs that may go on beside each other: who is at work, and which hosts each holds.

A run says every so often that it is alive. One that was killed is found out at once on the same machine, by its process, and after
`ALIVE_FOR` elsewhere; then its leases and claims are free for others. A run that was only held up (a laptop asleep) learns from `renew`
that others have taken over.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select, update

from extractors.errors import LedgerError
from flows.ledger.opening import Database
from flows.ledger.rows import RunRow, stamp
from flows.ledger.tables import entries, leases, runs

# Three missed renewals and more: an overloaded machine may be slow for a while, and taking over from the living costs double requests.
ALIVE_FOR = timedelta(seconds=120)
RENEW_SECONDS = 20.0
# A machine that was given up is not told of for ever.
_LATELY = timedelta(days=7)
# Who asks for a lease does so several times a second.
_ASKING = timedelta(seconds=3)

RunKind = Literal["ingest", "backfill", "rebuild"]


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was given: not to be used for another `wait` seconds, since the one before asked for a pause."""

    wait: float


@dataclass(frozen=True, slots=True)
class OtherIndex:
    """The newest run that wrote another index."""

    run_id: int
    machine: str
    index_at: str


class RunBook:
    """Runs and leases in the ledger's database."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def start(self, kind: RunKind = "ingest", *, alone: bool = False, index_at: str | None = None) -> int:
        """Begin a run; those that were killed are marked so, and what they held is free. With `alone` no other may be at work, before or
        after: LedgerError names the one that is. `index_at` names the index that it writes.
        """
        with self._database.writing() as db:
            self._bury(db)
            at_work = db.execute(select(runs).where(runs.c.state == "running").order_by(runs.c.id)).all()
            in_the_way = at_work if alone else [run for run in at_work if run.kind == "rebuild"]
            if in_the_way:
                other = in_the_way[0]
                raise LedgerError(
                    f"{other.kind} run {other.id} is at work since {other.started_at[:19]} (process {other.pid} on {other.machine}): "
                    "wait until it has ended, or end it"
                )
            alive = {"machine": _machine(), "pid": os.getpid(), "alive_until": self._alive_until()}
            begun = (
                insert(runs)
                .values(started_at=stamp(self._now()), state="running", kind=kind, index_at=index_at, **alive)
                .returning(runs.c.id)
            )
            return int(db.execute(begun).scalar_one())

    def renew(self, run_id: int) -> bool:
        """Say that a run is alive. False when it was taken for dead: others do its work now, and it must stop.

        One that has just ended by itself was not: who renews may come between that and being stopped.
        """
        alive = update(runs).where(runs.c.id == run_id, runs.c.state == "running").values(alive_until=self._alive_until())
        with self._database.writing() as db:
            if db.execute(alive).rowcount:
                return True
            return bool(db.execute(select(runs.c.state).where(runs.c.id == run_id)).scalar_one() != "killed")

    def end(self, run_id: int, state: str, summary: str | None) -> None:
        """End a run as `completed`, `failed` or `interrupted`, and give back all that it holds."""
        with self._database.writing() as db:
            db.execute(update(runs).where(runs.c.id == run_id).values(ended_at=stamp(self._now()), state=state, summary=summary))
            self._free(db, run_id)

    def last(self, count: int = 10) -> list[RunRow]:
        """The newest runs, newest first."""
        columns = (runs.c.id, runs.c.started_at, runs.c.ended_at, runs.c.state, runs.c.summary, runs.c.kind)
        with self._database.reading() as db:
            return [RunRow(*row) for row in db.execute(select(*columns).order_by(runs.c.id.desc()).limit(count))]

    def other_indexes(self, run_id: int) -> list[OtherIndex]:
        """The other indexes that runs of the last days have written, each with its newest run."""
        mine = select(runs.c.index_at).where(runs.c.id == run_id).scalar_subquery()
        lately = runs.c.started_at >= stamp(self._now() - _LATELY)
        newest = select(func.max(runs.c.id)).where(runs.c.index_at != mine, lately).group_by(runs.c.index_at)
        columns = (runs.c.id, runs.c.machine, runs.c.index_at)
        with self._database.reading() as db:
            return [OtherIndex(*row) for row in db.execute(select(*columns).where(runs.c.id.in_(newest)).order_by(runs.c.id))]

    # Leases

    def lease(self, run_id: int, name: str) -> Lease | None:
        """The lease of `name` for this run, or None when another run holds it. Taking what one has is allowed.

        Who has asked in vain gets it next, if it goes on asking: `is_wanted` tells the holder. A run that has ended holds nothing, even where
        a thread of it, begun in the instant of a Ctrl-C, took the lease after the run had given all back.
        """
        now = self._now()
        this = leases.c.name == name
        with self._database.writing() as db:
            row = db.execute(select(leases).where(this)).first()
            if row is None:
                db.execute(insert(leases).values(name=name, run=run_id))
                return Lease(0.0)
            if row.run is not None and row.run != run_id:
                self._bury(db)
                ended = select(runs.c.id).where(runs.c.state != "running")
                db.execute(update(leases).where(this, leases.c.run.in_(ended)).values(run=None))
                row = db.execute(select(leases).where(this)).one()
            promised = row.wanted_by not in (None, run_id) and datetime.fromisoformat(row.wanted_until) > now
            if row.run not in (None, run_id) or (row.run is None and promised):
                if not promised:
                    db.execute(update(leases).where(this).values(wanted_by=run_id, wanted_until=stamp(now + _ASKING)))
                return None
            mine = {"run": run_id} | ({"wanted_by": None, "wanted_until": None} if row.wanted_by == run_id else {})
            db.execute(update(leases).where(this).values(mine))
            free_at = None if row.free_at is None else datetime.fromisoformat(row.free_at)
            return Lease(0.0 if free_at is None else max(0.0, (free_at - now).total_seconds()))

    def is_wanted(self, run_id: int, name: str) -> bool:
        """Whether another run asks for what this one holds."""
        asked = select(leases.c.wanted_until).where(leases.c.name == name, leases.c.run == run_id, leases.c.wanted_by != run_id)
        with self._database.reading() as db:
            until = db.execute(asked).scalar()
        return until is not None and datetime.fromisoformat(until) > self._now()

    def release(self, run_id: int, name: str, *, pause: float = 0.0) -> None:
        """Give a lease back; the next holder waits until `pause` seconds from now have passed."""
        mine = update(leases).where(leases.c.name == name, leases.c.run == run_id)
        with self._database.writing() as db:
            db.execute(mine.values(run=None, free_at=stamp(self._now() + timedelta(seconds=pause))))

    # The dead

    def _bury(self, db: Connection) -> None:
        for run in db.execute(select(runs).where(runs.c.state == "running")).all():
            if self._is_dead(run):
                db.execute(update(runs).where(runs.c.id == run.id).values(state="killed"))
                self._free(db, run.id)

    def _free(self, db: Connection, run_id: int) -> None:
        db.execute(update(leases).where(leases.c.run == run_id).values(run=None))
        db.execute(update(entries).where(entries.c.claimed_by == run_id).values(claimed_by=None))

    def _is_dead(self, run: Row[Any]) -> bool:
        if run.alive_until is None or datetime.fromisoformat(run.alive_until) < self._now():
            return True
        return run.machine == _machine() and run.pid is not None and not _is_alive(run.pid)

    def _alive_until(self) -> str:
        return stamp(self._now() + ALIVE_FOR)


def _machine() -> str:
    """The machine, or the container: a process number means nothing outside of it."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:  # not Linux
        space = ""
    return f"{socket.gethostname()} {space}".strip()[:255]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True
