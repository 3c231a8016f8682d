"""Retention: old segments of the archive go, and what is still needed of them stays.

Nearly every old segment holds the newest page of some article, so keeping segments whole would delete next to nothing. Instead a segment
older than the limit is written again with the pages that are needed, under a name with `-k1`, and the old file is deleted. Needed are, of
each article, the page of its newest version (or the index could not be rebuilt), pages that wait to be indexed or tried again, and
bodies that revisits in younger segments refer to. Records are copied byte for byte.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from extractors.errors import ArchiveError
from flows.archive import Archive, ArchiveBusyError, ArchivedPage, last_whole_record
from flows.archive.index import ArchiveIndex
from flows.archive.records import info_record
from flows.archive.segments import kept_name, segment_day, segments
from flows.ledger import Ledger
from flows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Pruned:
    """What happened to one segment. `target` is its new file, None when nothing of it is kept; `freed` counts the bytes of
    the pages that went."""

    segment: str
    target: str | None
    pages: int
    kept: int
    freed: int


@dataclass(frozen=True, slots=True)
class PruneSummary:
    """What pruning did, or would do. `before` is the first day that is not touched."""

    before: date
    segments: tuple[Pruned, ...]

    @property
    def dropped(self) -> int:
        """How many pages went."""
        return sum(one.pages - one.kept for one in self.segments)

    @property
    def freed(self) -> int:
        """Bytes on disk that their pages had."""
        return sum(one.freed for one in self.segments)


def prune_after_run(work: Workspace) -> PruneSummary | None:
    """Prune by the setting, once a day at most; None when there is nothing to do, or others are at work: then the next run does it.

    Gives the archive back first, so that it must be the last thing that a run does.
    """
    days = work.settings.archive_retention_days
    if days is None or not work.settings.archive_folder.is_dir():
        return None
    now = work.clock.now().astimezone(UTC)
    work.archive.close()
    try:
        return prune_archive(work.settings.archive_folder, work.ledger, before=first_day_kept(now, days), once_on=now.date())
    except ArchiveBusyError:
        return None


def first_day_kept(now: datetime, days: int) -> date:
    """The oldest day (UTC) whose segments are not touched."""
    return now.astimezone(UTC).date() - timedelta(days=days)


def prune_archive(folder: Path, ledger: Ledger, *, before: date, dry_run: bool = False, once_on: date | None = None) -> PruneSummary:
    """Drop from segments of days earlier than `before` what is not needed. Raises ArchiveBusyError while others use the archive.

    May be killed at any point and run again: a page's new place is on disk before the ledger says so, and its old one goes only then.
    With `once_on`, nothing is done when that was the day of the last time.
    """
    with Archive(folder) as archive:
        archive.lock_alone()
        index = archive.index
        if once_on is not None and index.mark("pruned") == once_on.isoformat():
            return PruneSummary(before, ())
        expired = [path for path in segments(folder) if segment_day(path.name) < before]
        needed = _needed(index, ledger, {path.name for path in expired})
        done = []
        for path in expired:
            one = _prune_segment(path, index, ledger, needed[path.name], dry_run=dry_run)
            if one is not None:
                done.append(one)
        if not dry_run:
            index.catch_up()
            if once_on is not None:
                index.set_mark("pruned", once_on.isoformat())
        return PruneSummary(before, tuple(done))


def _needed(index: ArchiveIndex, ledger: Ledger, expired: Collection[str]) -> dict[str, set[int]]:
    """Offsets of the pages that stay, by expired segment."""
    needed = ledger.pages.needed(sorted(expired))

    def stays(page: ArchivedPage) -> bool:
        return page.ref.segment not in expired or page.ref.offset in needed[page.ref.segment]

    for digest in sorted({page.ref.digest for page in index.pages(kind="revisit") if stays(page)}):
        bodies = list(index.pages(kind="response", digest=digest))
        if bodies and not any(stays(body) for body in bodies):
            needed[bodies[0].ref.segment].add(bodies[0].ref.offset)
    return needed


def _prune_segment(path: Path, index: ArchiveIndex, ledger: Ledger, needed: set[int], *, dry_run: bool) -> Pruned | None:
    """None when the segment stays as it is."""
    pages = sorted(index.pages(segment=path.name), key=lambda page: page.ref.offset)
    if needed - {page.ref.offset for page in pages}:
        return None  # the ledger needs a page that cannot be read here: whatever is wrong, deleting does not help
    if not pages and last_whole_record(path) is None:
        return None  # not a segment of ours: left for a human
    kept = [page for page in pages if page.ref.offset in needed]
    if pages and len(kept) == len(pages):
        return None
    target = path.with_name(kept_name(path)) if kept else None
    if not dry_run:
        places = {} if target is None else _copy(path, target, kept)
        ledger.pages.relocate(path.name, None if target is None else target.name, places)
        path.unlink()
        index.forget(path.name)
    freed = sum(page.ref.length for page in pages) - sum(page.ref.length for page in kept)
    return Pruned(path.name, None if target is None else target.name, len(pages), len(kept), freed)


def _copy(path: Path, target: Path, kept: list[ArchivedPage]) -> dict[int, int]:
    """Write `target` whole or not at all. Returns the new offset of each old one."""
    places: dict[int, int] = {}
    unfinished = target.with_suffix(".unfinished")
    try:
        with path.open("rb") as source, unfinished.open("wb") as stream:
            stream.write(info_record(target.name))
            for page in kept:
                places[page.ref.offset] = stream.tell()
                source.seek(page.ref.offset)
                stream.write(source.read(page.ref.length))
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.rename(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ArchiveError(f"{target} cannot be written: {error.strerror}; {path} is as it was") from error
    return places
