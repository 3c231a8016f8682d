"""Taking in the lines of a feed: which are new, which were seen before, which stand for an article that another entry already has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from extractors.addresses import address_host, article_id
from extractors.errors import InputError
from extractors.feeds.identity import identity_keys, is_same_article
from extractors.records import Entry, Outlet
from flows.ledger.rows import ENTRY, Outcome
from flows.ledger.tables import entries, entry_keys, storable

NO_PAGE: dict[str, Any] = {"segment": None, "offset": None, "length": None, "digest": None, "fetched_at": None}
# Whatever its line says next time, its page is not ours to fetch.
_NOT_OURS = ("foreign_host", "not_an_article")
# SQLite allows 32,766 variables in one statement.
_CHUNK = 1000
# Ids from here on stand for entries that are written with all others of a poll at its end; beyond all that a database gives.
_UNWRITTEN = 1 << 62


@dataclass(frozen=True, slots=True)
class Claim:
    """What a backfill wants with its lines: they are its run's at once, and the page of each may be in the archive already.

    `pages`: the columns of these pages, by article id.
    """

    pages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Registered:
    """`new`: how many lines are new to the feed. `claimed`: the ids of their entries that the run is to work on, by article id."""

    new: int
    claimed: Mapping[str, int]


class Intake:
    """Registers entries within the transaction of a poll."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def register(self, db: Connection, run_id: int, lines: Sequence[Entry], outlet: Outlet, claim: Claim | None = None) -> Registered:
        """Take in a feed's lines."""
        taken = [_Line.of(_storable(entry)) for entry in lines]
        ladders = identity_keys([line.entry for line in taken], outlet)
        # What is known is read at once: most lines of most polls are old ones, and cost no statement then.
        known = _Known(db, outlet, {key for ladder in ladders for key in ladder}, {line.address for line in taken})
        seen: set[int] = set()
        fresh: list[dict[str, Any]] = []
        for line, ladder in zip(taken, ladders, strict=True):
            values = self._new_entry(db, run_id, line, outlet, ladder, known, seen)
            if values is not None:
                # One that stands under another's identity is left to whoever works on that.
                mine = claim is not None and values["outcome"] == "pending" and values["article_id"] == line.address
                fresh.append(values | NO_PAGE | {"claimed_by": run_id if mine else None})
                if claim is not None and mine:
                    fresh[-1] |= claim.pages.get(line.address, {})
        ids = _written(db, fresh)
        known.keep_keys(ids)
        claimed = {values["article_id"]: id_ for values, id_ in zip(fresh, ids, strict=True) if values["claimed_by"] is not None}
        return Registered(len(fresh), claimed)

    def _new_entry(
        self, db: Connection, run_id: int, line: _Line, outlet: Outlet, ladder: Sequence[str], known: _Known, seen: set[int]
    ) -> dict[str, Any] | None:
        """The columns of an entry that is new to its feed, else None. `seen` are those that this poll has shown already."""
        entry, address, host = line.entry, line.address, line.host
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
        before = known.of_feed(entry.feed_id, identity)
        if before is not None:
            known.add_keys(entry, ladder, before)
            # A feed may list an article twice, under two addresses: the first line stands, or it would change with every poll.
            if before.fingerprint != values["fingerprint"] and before.entry_id not in seen:
                self._revise_entry(db, run_id, before.entry_id, before.outcome, before.reason, values)
            seen.add(before.entry_id)
            return None
        outcome: Outcome = "pending"
        reason = duplicate_of = None
        if not host:
            outcome, reason = "rejected", "not_an_article"
        elif host not in {name.removeprefix("www.") for name in outlet.hosts}:
            outcome, reason = "rejected", "foreign_host"
        elif match is not None and match.article_id != address and match.outcome == "rejected":
            pass  # its other address led nowhere
        elif known.has_article(identity):
            outcome, duplicate_of = "duplicate", identity
        new = known.add_new(entry.feed_id, identity, outcome, reason, values["fingerprint"])
        known.add_keys(entry, ladder, new)
        seen.add(new.entry_id)
        return values | {
            "feed_id": entry.feed_id,
            "article_id": identity,
            "outlet_id": outlet.id,
            "first_seen": self._now().astimezone(UTC).date().isoformat(),
            "first_run": run_id,
            "last_run": run_id,
            "outcome": outcome,
            "reason": reason,
            "duplicate_of": duplicate_of,
            "recheck": False,
            "attempts": 0,
        }

    def _revise_entry(self, db: Connection, run_id: int, entry_id: int, outcome: str, reason: str | None, values: dict[str, Any]) -> None:
        """A line of the feed reads otherwise than before: look at its page again, unless another entry stands for the article."""
        if outcome == "indexed":
            values |= {**NO_PAGE, "recheck": True, "attempts": 0, "last_run": run_id}
        elif outcome in ("rejected", "quarantined") and reason not in _NOT_OURS:
            values |= {**NO_PAGE, "outcome": "pending", "reason": None, "attempts": 0, "last_run": run_id}
            values |= {"quarantines": 0, "next_try": None}
        db.execute(update(entries).where(entries.c.id == entry_id).values(values))


def _written(db: Connection, fresh: Sequence[Mapping[str, Any]]) -> Sequence[int]:
    """Write new entries in one statement: one for each took half of the time of reading a WARC file. Their ids, in their order."""
    if not fresh:
        return []
    return db.execute(insert(entries).returning(entries.c.id, sort_by_parameter_order=True), fresh).scalars().all()


def _storable(entry: Entry) -> Entry:
    """The entry without what no database takes: JSON may hold half of a surrogate pair."""
    texts = {field.name: getattr(entry, field.name) for field in fields(entry)}
    changed: dict[str, Any] = {name: storable(text) for name, text in texts.items() if isinstance(text, str) and storable(text) != text}
    return replace(entry, **changed) if changed else entry


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a feed with the identity that its address gives it, and its host; no host if the address is none."""

    entry: Entry
    address: str
    host: str

    @staticmethod
    def of(entry: Entry) -> _Line:
        try:
            return _Line(entry, article_id(entry.url), address_host(entry.url))
        except InputError:  # a mail address, a script: not an article, and counted as that
            return _Line(entry, hashlib.sha256(entry.url.encode()).hexdigest(), "")


@dataclass(frozen=True, slots=True)
class _Row:
    """What matters of an entry in the ledger."""

    entry_id: int
    feed_id: str
    article_id: str
    outcome: str
    reason: str | None
    fingerprint: str


_COLUMNS = (entries.c.id, entries.c.feed_id, entries.c.article_id, entries.c.outcome, entries.c.reason, entries.c.fingerprint)


class _Known:
    """The entries that may be those of a poll: of the same articles, or with a key in common; those of the poll itself among them."""

    def __init__(self, db: Connection, outlet: Outlet, keys: Collection[str], addresses: Collection[str]) -> None:
        self._db = db
        self._by_key: dict[str, list[tuple[_Row, Entry]]] = {}
        self._by_article: dict[str, dict[str, _Row]] = {}
        self._unwritten = 0
        self._new_keys: list[dict[str, Any]] = []
        articles = set(addresses)
        query = select(entry_keys.c.key, entries.c.record, *_COLUMNS).join(entries, entries.c.id == entry_keys.c.entry_id)
        records: dict[int, Entry] = {}
        for chunk in _chunks(sorted(keys)):
            for row in db.execute(query.where(entries.c.outlet_id == outlet.id, entry_keys.c.key.in_(chunk)).order_by(entries.c.id)):
                if row.id not in records:
                    records[row.id] = ENTRY.validate_json(row.record)
                self._by_key.setdefault(row.key, []).append((_row(row), records[row.id]))
                articles.add(row.article_id)
        for chunk in _chunks(sorted(articles)):
            for known in db.execute(select(*_COLUMNS).where(entries.c.article_id.in_(chunk))):
                self.add(_row(known))

    def find(self, entry: Entry, ladder: Sequence[str]) -> _Row | None:
        """The known entry of the same article, by the strongest key; one that stands for it rather than one that was rejected."""
        for key in ladder:
            same = [row for row, other in self._by_key.get(key, ()) if is_same_article(key, entry, other)]
            if same:
                return min(same, key=lambda row: (row.outcome == "rejected", row.entry_id))
        return None

    def of_feed(self, feed_id: str, article: str) -> _Row | None:
        """The feed's entry of an article."""
        return self._by_article.get(article, {}).get(feed_id)

    def has_article(self, article: str) -> bool:
        """Whether any feed has an entry of an article."""
        return article in self._by_article

    def add(self, row: _Row) -> None:
        """Know an entry from now on."""
        self._by_article.setdefault(row.article_id, {})[row.feed_id] = row

    def add_new(self, feed_id: str, article: str, outcome: Outcome, reason: str | None, fingerprint: str) -> _Row:
        """Know an entry that is to be written, in the order of these calls."""
        row = _Row(_UNWRITTEN + self._unwritten, feed_id, article, outcome, reason, fingerprint)
        self._unwritten += 1
        self.add(row)
        return row

    def add_keys(self, entry: Entry, ladder: Sequence[str], row: _Row) -> None:
        """Know an entry by these keys from now on, as `entry` tells it."""
        for key in ladder:
            rows = self._by_key.setdefault(key, [])
            if all(other.entry_id != row.entry_id for other, _ in rows):
                self._new_keys.append({"key": key, "entry_id": row.entry_id})
                rows.append((row, entry))

    def keep_keys(self, ids: Sequence[int]) -> None:
        """Write the keys that are new. `ids` are those that the new entries have been given."""
        for one in self._new_keys:
            if one["entry_id"] >= _UNWRITTEN:
                one["entry_id"] = ids[one["entry_id"] - _UNWRITTEN]
        if self._new_keys:
            self._db.execute(insert(entry_keys), self._new_keys)


def _row(row: Any) -> _Row:
    return _Row(row.id, row.feed_id, row.article_id, row.outcome, row.reason, row.fingerprint)


def _chunks(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))
