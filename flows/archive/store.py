"""Writing pages to the archive and reading them back.

A record is built in memory and written at once, each its own gzip member, so that a page can be read by offset and length alone, and a
process that dies in the middle leaves at most a torn tail, which the next writer of that segment cuts off.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from extractors.errors import ArchiveError
from extractors.records import Page
from flows.archive.index import ArchiveIndex
from flows.archive.records import ArchivedPage, PageRef, header_address, info_record, page_record, parse_page
from flows.archive.segments import OpenSegment, is_segment, name_of_archive, take_segment
from flows.warcfile.http import Head

# How often a writer asks for an archive that another has alone.
_ASK_AGAIN_SECONDS = 0.1


class ArchiveBusyError(ArchiveError):
    """Others hold the archive in a way that excludes what was asked for."""


class Archive:
    """Reads by reference from any process, and appends from several at once, each to a segment of its own.

    Writers hold a lock together (`lock_shared`, which the first `append` takes); whoever must find the archive at rest holds it alone
    (`lock_alone`). `close` gives all locks back. `named`: the ledger is shared with archives elsewhere, so that names of segments must not
    be those of theirs.
    """

    def __init__(self, folder: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC), named: bool = False) -> None:
        self._folder = folder
        self._named = named
        self._now = now
        self._guard = threading.RLock()
        self._lock: BinaryIO | None = None
        self._segment: OpenSegment | None = None
        self._index: ArchiveIndex | None = None

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close segment and index, and let others in."""
        with self._guard:
            for one in (self._segment, self._index, self._lock):
                if one is not None:
                    one.close()
            self._segment = self._index = self._lock = None

    def lock_shared(self, patience: float = 60.0) -> None:
        """Become one of the writers. Waits up to `patience` seconds for whoever has the archive alone (a prune takes seconds).

        Raises ArchiveBusyError after that.
        """
        with self._guard:
            until = time.monotonic() + patience
            while self._lock is None:
                try:
                    self._lock = _locked(self._folder, alone=False)
                except ArchiveBusyError:
                    if time.monotonic() >= until:
                        raise
                    time.sleep(_ASK_AGAIN_SECONDS)

    def lock_alone(self) -> None:
        """Keep all others out. ArchiveBusyError while one is a writer."""
        with self._guard:
            self.close()
            self._lock = _locked(self._folder, alone=True)

    def append(self, page: Page) -> PageRef:
        """Store a page; it is on disk when this returns. Raises ArchiveError, and leaves the segment as it was, when that fails."""
        return self.append_all([page])[0]

    def append_all(self, pages: Sequence[Page]) -> list[PageRef]:
        """Store pages, which are on disk when this returns: all of them, or, with an ArchiveError, none.

        A body that the archive has is not stored again. (Two processes that first see a body in the same moment may both store it.)
        """
        with self._guard:
            self.lock_shared()
            segment, index = self._current_segment(), self.index
            begin = segment.end
            content = bytearray()
            stored: list[ArchivedPage] = []
            bodies: dict[str, ArchivedPage] = {}
            for page in pages:
                digest = hashlib.sha256(page.body).hexdigest()
                same = bodies.get(digest) or index.body_of(digest)
                record, record_id = page_record(page, digest, same)
                head = Head(page.status, page.headers)
                kind = "response" if same is None else "revisit"
                ref = PageRef(segment.path.name, begin + len(content), len(record), digest)
                asked, final = header_address(page.url), header_address(page.final_url)
                one = ArchivedPage(ref, kind, asked, final, page.fetched_at, page.status, head.media_type, record_id)
                bodies.setdefault(digest, same or one)
                stored.append(one)
                content += record
            segment.append(bytes(content))
            index.add(segment.path.name, stored, begin, segment.end)
            return [one.ref for one in stored]

    def read(self, ref: PageRef) -> Page:
        """The page stored at `ref`. Raises ArchiveError when it is not there or not what was stored."""
        page, digest = self._parse(ref)
        if digest == ref.digest:
            page = replace(page, body=self.body(ref.digest))
        if hashlib.sha256(page.body).hexdigest() != ref.digest:
            raise ArchiveError(
                f"{self._folder / ref.segment} at {ref.offset} holds another page than the ledger says; "
                "restore it from a backup, or fetch the page again"
            )
        return page

    def body(self, digest: str) -> bytes:
        """The body with this SHA-256 (hexadecimal), wherever it lies. Raises ArchiveError when no segment has it."""
        with self._guard, self._open_index() as index:
            found = index.body_of(digest)
            if found is None:
                index.catch_up()
                found = index.body_of(digest)
        if found is None:
            raise ArchiveError(f"{self._folder} holds no body with the SHA-256 {digest}; restore its segment from a backup")
        return self._parse(found.ref)[0].body

    @property
    def index(self) -> ArchiveIndex:
        """The index, up to date when it is opened; made when there is none. Close the archive to close it."""
        with self._guard:
            if self._index is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._index = ArchiveIndex(self._folder)
            return self._index

    @contextmanager
    def _open_index(self) -> Iterator[ArchiveIndex]:
        """The index; closed again when it was not open, so that a reader needs no closing."""
        was_open = self._index is not None
        try:
            yield self.index
        finally:
            if not was_open and self._index is not None:
                self._index.close()
                self._index = None

    def _parse(self, ref: PageRef) -> tuple[Page, str | None]:
        path = self._folder / ref.segment
        if not is_segment(ref.segment):
            raise ArchiveError(f"{ref.segment!r} is no name of an archive segment")
        try:
            with path.open("rb") as stream:
                stream.seek(ref.offset)
                member = stream.read(ref.length)
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read: {error.strerror}; restore it from a backup, or fetch the page again") from error
        return parse_page(member, f"{path} at {ref.offset}")

    def _current_segment(self) -> OpenSegment:
        day = self._now().astimezone(UTC).date()
        if self._segment is not None:
            if self._segment.day == day:
                return self._segment
            self._segment.close()
            self._segment = None
        segment = take_segment(self._folder, day, name_of_archive(self._folder) if self._named else "")
        if segment.end == 0:
            segment.append(info_record(segment.path.name))
        self.index.catch_up()  # what a killed writer left in this segment
        self._segment = segment
        return segment


def _locked(folder: Path, *, alone: bool) -> BinaryIO:
    """The folder's lock file, locked; it names the processes that may hold it, one a line."""
    folder.mkdir(parents=True, exist_ok=True)
    stream = (folder / "lock").open("a+b", buffering=0)
    if not _flock(stream, fcntl.LOCK_EX if alone else fcntl.LOCK_SH):
        stream.seek(0)
        others = [name for name in stream.read().decode("ascii", errors="replace").split() if _lives(name)]
        stream.close()
        names = ("process " if len(others) < 2 else "processes ") + (", ".join(others) or "unknown")
        if alone:
            raise ArchiveBusyError(f"{names} is at work with {folder}: wait until its ingest, backfill or rebuild has ended")
        raise ArchiveBusyError(f"{names} needs {folder} alone: wait until the archive is pruned")
    # Those that ended leave their names: they are taken out here when nobody else can be in the file, or when they become many.
    if alone or stream.tell() > 4096:
        stream.truncate(0)
    stream.write(f"{os.getpid()}\n".encode())
    return stream


def _flock(stream: BinaryIO, kind: int) -> bool:
    try:
        fcntl.flock(stream, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
