"""The index of the archive: which page lies where, by address, date and digest of its body.

One SQLite file beside the segments, because every append asks for a digest among all segments and several processes write at once; a
sorted CDXJ file beside each segment would have to be merged for both. It is never the truth: it knows how far each segment is indexed,
takes in what is missing whenever it is opened, and is made again when it is lost or damaged.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from extractors.errors import ArchiveError
from flows.archive.records import ArchivedPage, PageRef, describe
from flows.archive.segments import segments
from flows.warcfile.records import Damage, Record, read_records

NAME = "index.sqlite"
# Changes with the tables below: an index of another version is made again.
_VERSION = 1
# Kept small, for millions of pages: names of segments once, times as microseconds, a second address only after a redirect.
_TABLES = """
CREATE TABLE IF NOT EXISTS segments (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, indexed_to INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pages (
    segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, digest BLOB NOT NULL, kind TEXT NOT NULL,
    address TEXT NOT NULL, final_address TEXT, host TEXT NOT NULL, fetched_at INTEGER NOT NULL, status INTEGER NOT NULL,
    media_type TEXT NOT NULL, record_id TEXT NOT NULL, PRIMARY KEY (segment, offset)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pages_by_digest ON pages (digest);
CREATE INDEX IF NOT EXISTS pages_by_address ON pages (address, fetched_at);
CREATE INDEX IF NOT EXISTS pages_by_final_address ON pages (final_address) WHERE final_address IS NOT NULL;
CREATE INDEX IF NOT EXISTS pages_by_date ON pages (fetched_at);
"""
_PAGES = (
    "SELECT name, offset, length, digest, kind, address, final_address, fetched_at, status, media_type, record_id "
    "FROM pages JOIN segments ON segments.id = pages.segment"
)
_INSERT = f"INSERT OR REPLACE INTO pages VALUES ({', '.join('?' * 12)})"
_BATCH = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ArchiveIndex:
    """An open index of the segments in `folder`. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / NAME
        # SQLite does not wait when several processes turn a new file to WAL, or one deletes what another opens.
        with (folder / "index.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                self._db = self._opened()
            except sqlite3.OperationalError as error:
                raise self._complaint(error) from error
            except sqlite3.DatabaseError:
                self._forget()
                self._db = self._opened()
        self.catch_up()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def body_of(self, digest: str) -> ArchivedPage | None:
        """The record that holds a body, or None when no segment has it."""
        found = list(self._select("WHERE digest = ? AND kind = 'response' ORDER BY name, offset LIMIT 1", (bytes.fromhex(digest),)))
        return found[0] if found else None

    def add(self, segment: str, pages: Sequence[ArchivedPage], begin: int, end: int) -> None:
        """Take in records that were just appended to a segment, from `begin` to `end`."""
        with self._writing():
            self._db.execute("INSERT OR IGNORE INTO segments (name, indexed_to) VALUES (?, 0)", (segment,))
            (number,) = self._db.execute("SELECT id FROM segments WHERE name = ?", (segment,)).fetchone()
            self._db.executemany(_INSERT, [_row(number, page) for page in pages])
            # Where another process has not indexed up to `begin`, the next `catch_up` reads what lies between.
            self._db.execute(
                "UPDATE segments SET indexed_to = max(indexed_to, ?) WHERE name = ? AND indexed_to >= ?", (end, segment, begin)
            )

    def pages(
        self,
        *,
        address_prefix: str | None = None,
        address: str | None = None,
        hosts: Iterable[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        segment: str | None = None,
        kind: str | None = None,
        digest: str | None = None,
        limit: int = -1,
    ) -> Iterator[ArchivedPage]:
        """Pages by address and time, `limit` at most; all conditions hold together.

        `until` is exclusive; `address` is the one asked for or redirected to.
        """
        where: list[str] = []
        values: list[Any] = []
        if address_prefix is not None:  # not LIKE: addresses have % and _ in them, and LIKE uses no index
            where.append("address >= ? AND address < ?")
            values += [address_prefix, address_prefix + "\U0010ffff"]
        if address is not None:
            where.append("(address = ? OR final_address = ?)")
            values += [address, address]
        if hosts is not None:
            names = sorted({site(name) for name in hosts})
            where.append(f"host IN ({', '.join('?' * len(names))})")
            values += names
        for condition, value in (
            ("fetched_at >= ?", None if since is None else _stamp(since)),
            ("fetched_at < ?", None if until is None else _stamp(until)),
            ("name = ?", segment),
            ("kind = ?", kind),
            ("digest = ?", None if digest is None else bytes.fromhex(digest)),
        ):
            if value is not None:
                where.append(condition)
                values.append(value)
        conditions = f"WHERE {' AND '.join(where)} " if where else ""
        return self._select(f"{conditions}ORDER BY address, fetched_at, name, offset LIMIT ?", [*values, limit])

    def mark(self, name: str) -> str | None:
        """A note that somebody left here; lost with the index."""
        try:
            row = self._db.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
        except sqlite3.Error as error:
            raise self._complaint(error) from error
        return None if row is None else str(row[0])

    def set_mark(self, name: str, value: str) -> None:
        """Leave a note."""
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (name, value))

    def catch_up(self) -> None:
        """Take in what the segments hold and the index does not know; forget segments that are not there any more."""
        known = self._indexed_to()
        there = {path.name: path for path in segments(self._folder)}
        for name in sorted(known.keys() - there.keys()):
            self.forget(name)
        for name, path in there.items():
            try:
                size = path.stat().st_size
            except FileNotFoundError:  # retention deleted it just now
                continue
            begin = known.get(name, 0)
            if size < begin:  # put back from a backup: what it holds now is not what was indexed
                self.forget(name)
                begin = 0
            if size > begin or name not in known:
                self._scan(name, path, begin)

    def forget(self, segment: str) -> None:
        """Take out all pages of a segment."""
        with self._writing():
            self._db.execute("DELETE FROM pages WHERE segment = (SELECT id FROM segments WHERE name = ?)", (segment,))
            self._db.execute("DELETE FROM segments WHERE name = ?", (segment,))

    def _scan(self, name: str, path: Path, begin: int) -> None:
        """Index a segment from `begin` to its last whole record."""
        found: list[ArchivedPage] = []
        end = begin
        with path.open("rb") as stream:
            stream.seek(begin)
            for record in read_records(stream, offset=begin):
                if isinstance(record, Damage) or record.length is None:
                    continue  # no page: a reference to what was there is an error of `read`
                end = record.offset + record.length
                page = _described(record, name)
                if page is not None:
                    found.append(page)
                if len(found) >= _BATCH:
                    self.add(name, found, begin, end)
                    begin, found = end, []
        self.add(name, found, begin, end)

    def _indexed_to(self) -> dict[str, int]:
        try:
            return dict(self._db.execute("SELECT name, indexed_to FROM segments").fetchall())
        except sqlite3.Error as error:
            raise self._complaint(error) from error

    def _select(self, rest: str, values: Sequence[Any]) -> Iterator[ArchivedPage]:
        try:
            for row in self._db.execute(f"{_PAGES} {rest}", values):
                segment, offset, length, digest, kind, address, final_address, fetched_at, status, media_type, record_id = row
                ref = PageRef(segment, offset, length, digest.hex())
                at = _EPOCH + timedelta(microseconds=fetched_at)
                yield ArchivedPage(ref, kind, address, final_address or address, at, status, media_type, record_id)
        except sqlite3.Error as error:
            raise self._complaint(error) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._complaint(error) from error

    def _opened(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=60, isolation_level=None, check_same_thread=False)
        try:
            # Readers do not wait for writers. What a power cut takes from the index is read again from the segments.
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version not in (0, _VERSION):
                raise sqlite3.DatabaseError(f"an index of version {version}")
            if version == 0:  # else opening it would be a write, which readers would have to wait for
                db.executescript(_TABLES)
                db.execute(f"PRAGMA user_version={_VERSION}")
            db.execute("SELECT count(*) FROM segments").fetchone()
        except BaseException:
            db.close()
            raise
        return db

    def _forget(self) -> None:
        """Delete the file. A process that has it open goes on with what was deleted; its records are taken in from its segment."""
        for name in (NAME, f"{NAME}-wal", f"{NAME}-shm"):
            with suppress(FileNotFoundError):
                (self._folder / name).unlink()

    def _complaint(self, error: sqlite3.Error) -> ArchiveError:
        return ArchiveError(f"{self._path} cannot be used: {error}; if this goes on, delete it: it is made again from the segments")


def site(host: str) -> str:
    """A host as the index keeps it: lower case, without `www.`."""
    return host.lower().removeprefix("www.")


def _described(record: Record, segment: str) -> ArchivedPage | None:
    try:
        return describe(record, segment)
    except ArchiveError:  # not written by us, or damaged: no page that could be read
        return None


def _row(segment: int, page: ArchivedPage) -> tuple[Any, ...]:
    """A row of `pages`, in the order of its columns."""
    ref, moved = page.ref, page.final_address if page.final_address != page.address else None
    host = site(urlsplit(page.address).hostname or "")
    return (
        *(segment, ref.offset, ref.length, bytes.fromhex(ref.digest), page.kind, page.address, moved, host),
        *(_stamp(page.fetched_at), page.status, page.media_type, page.record_id),
    )


def _stamp(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
