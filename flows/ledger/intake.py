"""Taking in the lines of a feed: which are new, which were seen before, which stand for an article that another entry already has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, and_, insert, select, update

from extractors.addresses import address_host, article_id
from extractors.errors import InputError
from extractors.records import Entry, Outlet
from flows.ledger.rows import Outcome
from flows.ledger.tables import entries

ENTRY = TypeAdapter(Entry)
NO_PAGE: dict[str, Any] = {"segment": None, "offset": None, "length": None, "digest": None, "fetched_at": None}
# Whatever its line says next time, its page is not ours to fetch.
_NOT_OURS = ("foreign_host", "not_an_article")


class Intake:
    """Registers entries within the transaction of a poll."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def register(self, db: Connection, run_id: int, lines: Sequence[Entry], outlet: Outlet) -> int:
        """Take in a feed's lines; how many of them are new to the feed."""
        return sum(self._register_entry(db, run_id, line, outlet) for line in lines)

    def _register_entry(self, db: Connection, run_id: int, entry: Entry, outlet: Outlet) -> bool:
        """Whether the entry is new to its feed."""
        try:
            identity, host = article_id(entry.url), address_host(entry.url)
        except InputError:  # a mail address, a script: not an article, and counted as that
            identity, host = hashlib.sha256(entry.url.encode()).hexdigest(), ""
        values: dict[str, Any] = {
            "url": entry.url,
            "host": host,
            "record": ENTRY.dump_json(entry).decode(),
            # The summary is left out: some feeds put counters and advertisements there, and others change what follows `?` in addresses.
            "fingerprint": hashlib.sha256(f"{identity}\n{entry.title}\n{entry.published_raw}".encode()).hexdigest(),
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
            values |= {**NO_PAGE, "recheck": True, "attempts": 0, "last_run": run_id}
        elif outcome in ("rejected", "quarantined") and reason not in _NOT_OURS:
            values |= {
                **NO_PAGE,
                "outcome": "pending",
                "reason": None,
                "attempts": 0,
                "quarantines": 0,
                "next_try": None,
                "last_run": run_id,
            }
        db.execute(update(entries).where(entries.c.id == entry_id).values(values))
