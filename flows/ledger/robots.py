"""robots.txt kept between runs: asked for once a day, not by every run of a schedule."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update

from flows.ledger.opening import Database
from flows.ledger.rows import stamp
from flows.ledger.tables import robots
from flows.robots import SavedRobots

# What is longer is no origin that we would go to twice.
_LONGEST_ORIGIN = 300


class RobotsShelf:
    """The `RobotsStore` of the ledger's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, origin: str) -> SavedRobots | None:
        """What the origin's robots.txt was when it was last read."""
        with self._database.reading() as db:
            row = db.execute(select(robots).where(robots.c.origin == origin)).first()
        return None if row is None else SavedRobots(row.text, datetime.fromisoformat(row.read_at))

    def put(self, origin: str, saved: SavedRobots) -> None:
        """Keep what was read."""
        if len(origin) > _LONGEST_ORIGIN:
            return
        values = {"text": saved.text, "read_at": stamp(saved.read_at)}
        with self._database.writing() as db:
            if not db.execute(update(robots).where(robots.c.origin == origin).values(values)).rowcount:
                db.execute(insert(robots).values(origin=origin, **values))
