"""Taking in the lines of a feed: which are new, which were seen before, which stand for an article that another entry already has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, and_, insert, select, update

from extractors.addresses import address_host, article_id
from extractors.errors import InputError
from extractors.feeds.identity import identity_keys, is_same_article
from extractors.records import Entry, Outlet
from flows.ledger.rows import Outcome
from flows.ledger.tables import entries, entry_keys, storable

ENTRY = TypeAdapter(Entry)
NO_PAGE: dict[str, Any] = {"segment": None, "offset": None, "length": None, "digest": None, "fetched_at": None}
# Whatever its line says next time, its page is not ours to fetch.
_NOT_OURS = ("foreign_host", "not_an_article")
# SQLite allows 32,766 variables in one statement.
_CHUNK = 1000


class Intake:
    """Registers entries within the transaction of a poll."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def register(self, db: Connection, run_id: int, lines: Sequence[Entry], outlet: Outlet) -> int:
        """Take in a feed's lines; how many of them are new to the feed."""
        lines = [_storable(line) for line in lines]
        keys = identity_keys(lines, outlet)
        known = _Known(db, outlet, {key for ladder in keys for key in ladder})
        seen: set[int] = set()
        return sum(self._register_entry(db, run_id, line, outlet, ladder, known, seen) for line, ladder in zip(lines, keys, strict=True))

    def _register_entry(
        self, db: Connection, run_id: int, entry: Entry, outlet: Outlet, ladder: Sequence[str], known: _Known, seen: set[int]
    ) -> bool:
        """Whether the entry is new to its feed. `seen` are those that this poll has shown already."""
        try:
            address, host = article_id(entry.url), address_host(entry.url)
        except InputError:  # a mail address, a script: not an article, and counted as that
            address, host = hashlib.sha256(entry.url.encode()).hexdigest(), ""
        # An article that is known under another address keeps its identity.
        match = known.find(entry, ladder)
        identity = address if match is None else match.article_id
        values: dict[str, Any] = {
            "url": entry.url,
            "host": host,
            "record": ENTRY.dump_json(entry).decode(),
            # The summary is left out: some feeds put counters and advertisements there, and others change what follows `?` in addresses.
            "fingerprint": hashlib.sha256(f"{address}\n{entry.title}\n{entry.published_raw}".encode()).hexdigest(),
            "published": entry.published.astimezone(UTC).isoformat() if entry.published else None,
        }
        where = and_(entries.c.feed_id == entry.feed_id, entries.c.article_id == identity)
        before = db.execute(select(entries.c.id, entries.c.outcome, entries.c.reason, entries.c.fingerprint).where(where)).first()
        if before is not None:
            known.add(entry, ladder, before.id, identity, before.outcome, before.reason)
            # A feed may list an article twice, under two addresses: the first line stands, or it would change with every poll.
            if before.fingerprint != values["fingerprint"] and before.id not in seen:
                self._revise_entry(db, run_id, before.id, before.outcome, before.reason, values)
            seen.add(before.id)
            return False
        outcome: Outcome = "pending"
        reason = duplicate_of = None
        if not host:
            outcome, reason = "rejected", "not_an_article"
        elif host not in {name.removeprefix("www.") for name in outlet.hosts}:
            outcome, reason = "rejected", "foreign_host"
        elif match is not None and match.article_id != address and match.outcome == "rejected":
            pass  # its other address led nowhere
        elif db.execute(select(entries.c.id).where(entries.c.article_id == identity).limit(1)).first() is not None:
            outcome, duplicate_of = "duplicate", identity
        new = db.execute(
            insert(entries)
            .values(
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
            .returning(entries.c.id)
        ).scalar_one()
        known.add(entry, ladder, new, identity, outcome, reason)
        seen.add(new)
        return True

    def _revise_entry(self, db: Connection, run_id: int, entry_id: int, outcome: str, reason: str | None, values: dict[str, Any]) -> None:
        """A line of the feed reads otherwise than before: look at its page again, unless another entry stands for the article."""
        if outcome == "indexed":
            values |= {**NO_PAGE, "recheck": True, "attempts": 0, "last_run": run_id}
        elif outcome in ("rejected", "quarantined") and reason not in _NOT_OURS:
            values |= {**NO_PAGE, "outcome": "pending", "reason": None, "attempts": 0, "last_run": run_id}
            values |= {"quarantines": 0, "next_try": None}
        db.execute(update(entries).where(entries.c.id == entry_id).values(values))


def _storable(entry: Entry) -> Entry:
    """The entry without what no database takes: JSON may hold half of a surrogate pair."""
    texts = {field.name: getattr(entry, field.name) for field in fields(entry)}
    changed: dict[str, Any] = {name: storable(text) for name, text in texts.items() if isinstance(text, str) and storable(text) != text}
    return replace(entry, **changed) if changed else entry


@dataclass(frozen=True, slots=True)
class _Match:
    entry_id: int
    article_id: str
    outcome: str
    reason: str | None
    entry: Entry


class _Known:
    """The outlet's entries that share a key with a line of the poll, those of the poll itself among them."""

    def __init__(self, db: Connection, outlet: Outlet, keys: Collection[str]) -> None:
        self._db = db
        self._by_key: dict[str, list[_Match]] = {}
        columns = (entry_keys.c.key, entries.c.id, entries.c.article_id, entries.c.outcome, entries.c.reason, entries.c.record)
        query = select(*columns).join(entries, entries.c.id == entry_keys.c.entry_id).where(entries.c.outlet_id == outlet.id)
        ordered = sorted(keys)
        for start in range(0, len(ordered), _CHUNK):
            wanted = entry_keys.c.key.in_(ordered[start : start + _CHUNK])
            for row in db.execute(query.where(wanted).order_by(entries.c.id)):
                match = _Match(row.id, row.article_id, row.outcome, row.reason, ENTRY.validate_json(row.record))
                self._by_key.setdefault(row.key, []).append(match)

    def find(self, entry: Entry, ladder: Sequence[str]) -> _Match | None:
        """The known entry of the same article, by the strongest key; one that stands for it rather than one that was rejected."""
        for key in ladder:
            same = [match for match in self._by_key.get(key, ()) if is_same_article(key, entry, match.entry)]
            if same:
                return min(same, key=lambda match: (match.outcome == "rejected", match.entry_id))
        return None

    def add(self, entry: Entry, ladder: Sequence[str], entry_id: int, article: str, outcome: str, reason: str | None) -> None:
        """Know an entry by these keys from now on."""
        match = _Match(entry_id, article, outcome, reason, entry)
        for key in ladder:
            matches = self._by_key.setdefault(key, [])
            if all(other.entry_id != entry_id for other in matches):
                self._db.execute(insert(entry_keys).values(key=key, entry_id=entry_id))
                matches.append(match)
