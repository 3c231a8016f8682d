"""Pages of WARC files into the archive and the ledger, batch by batch, as entries that wait for nothing but extraction."""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from extractors.address_dates import date_in_address
from extractors.addresses import article_id
from extractors.charsets import decode_bytes
from extractors.errors import InputError
from extractors.language import detect_language
from extractors.normalise import normalise_text
from extractors.records import Entry, Outlet, Page
from flows.archive import PageRef
from flows.backfill.outlets_by_host import OutletsByHost
from flows.backfill.plan import STANDARD_INPUT, BackfillPlan
from flows.backfill.summary import BackfillProgress
from flows.ledger.backfill_rows import BackfillJob, Place, StoredPage
from flows.warc import WarcFault, WarcPage, read_warc
from flows.workspace import Workspace

# Bodies that are held until they are in the archive: a batch of pages, or fewer when they are large.
_BATCH_BYTES = 16_000_000
_FAULTS_TOLD = 50
_NO_TEXT = re.compile(r"<(script|style|head|nav|header|footer)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_READ_FOR_LANGUAGE = 200_000  # characters: menus and scripts may come first


class WarcIntake:
    """Reads the files of a backfill. `faults` are the first damages found in them; all are counted in the ledger.

    Without a job nothing is taken in, only counted: `months` then are the articles that would be, by outlet and month.
    """

    def __init__(self, work: Workspace, run_id: int, job: BackfillJob | None, plan: BackfillPlan, progress: BackfillProgress) -> None:
        self.faults: list[str] = []
        self.failures: list[tuple[str, str]] = []
        self.counts: Counter[str] = Counter()
        self.months: Counter[tuple[str, str | None]] = Counter()
        self._seen: set[str] = set()
        self._work = work
        self._run_id = run_id
        self._job = job
        self._plan = plan
        self._progress = progress
        self._outlets = OutletsByHost(work.outlets)

    def batches(self) -> Iterator[list[int]]:
        """Ids of entries made of the pages, each with its page in the archive, in the order of the files."""
        book = self._work.ledger.backfills
        sizes = {name: _size(name) for name in self._plan.files}
        places = [Place(name, "warc") for name in self._plan.files] if self._job is None else book.open_places(self._job.id)
        before = sum(sizes.values()) - sum(sizes[place.address] for place in places)
        for place in places:
            counts = Counter(place.counts)
            with opened(place.address) as stream:
                for ids, position in self._batches(place, stream, counts):
                    self._progress.at("bytes", before + position, sum(sizes.values()))
                    if ids:
                        yield ids
            before += sizes[place.address]
            self._progress.at("bytes", before, sum(sizes.values()))
            self.counts += counts
            if all(name.startswith("damage") for name, count in counts.items() if count):
                first = f" ({self.faults[-1]})" if self.faults else ""
                error = f"{place.address} holds no WARC record{first}: give a WARC file, plain or gzip"
                self.failures.append((place.address, error))
                if self._job is not None:
                    book.place_failed(place, error)
            elif self._job is not None:
                book.file_done(place)

    def _batches(self, place: Place, stream: BinaryIO, counts: Counter[str]) -> Iterator[tuple[list[int], int]]:
        """Batches of entries, each with the position from which the file is read on."""
        offset = place.position if stream.seekable() else 0
        if offset:
            stream.seek(offset)
        else:
            counts.clear()  # it is read from its beginning, and so counted
        batch: list[WarcPage] = []
        size = position = 0
        name = "standard input" if place.address == STANDARD_INPUT else Path(place.address).name
        archive = self._work.archive if self._job is not None or self._work.settings.archive_folder.is_dir() else None
        for item in read_warc(stream, name=name, wanted=self._is_wanted, archive=archive, skipped=counts, offset=offset):
            if isinstance(item, WarcFault):
                counts[f"damage: {item.reason}"] += 1
                if len(self.faults) < _FAULTS_TOLD:
                    self.faults.append(str(item))
                continue
            batch.append(item)
            size += len(item.page.body)
            if len(batch) >= self._work.settings.batch_size or size >= _BATCH_BYTES:
                # A file that is one gzip member can only be read from its beginning.
                position = 0 if item.length is None or not stream.seekable() else item.offset + item.length
                yield self._take(place, batch, counts, position), position
                batch, size = [], 0
        yield self._take(place, batch, counts, position), position

    def _is_wanted(self, address: str) -> bool:
        outlet = self._outlets.of_address(address)
        if outlet is None:
            return False
        told = date_in_address(address, outlet)
        return told is None or self._plan.covers(told.value)

    def _take(self, place: Place, batch: Sequence[WarcPage], counts: Counter[str], position: int) -> list[int]:
        """Archive what is new in a batch, and make entries of it; the file is read on at `position`."""
        book = self._work.ledger.backfills
        mine: dict[str, WarcPage] = {}
        for item in batch:
            counts["pages"] += 1
            if self._plan.languages and page_language(item.page) not in self._plan.languages:
                counts["other languages"] += 1
            # A crawler may have stored an article twice: the first is taken, as it would be from two files.
            elif mine.setdefault(article_id(item.page.url), item) is not item:
                counts["known"] += 1
        new = book.worth_taking(list(mine)) - self._seen
        counts["known"] += len(mine) - len(new)
        kept = [(item, self._outlet(item.page)) for one, item in mine.items() if one in new]
        if self._job is None:
            self._seen |= new
            for item, outlet in kept:
                told = date_in_address(item.page.url, outlet)
                self.months[outlet.id, told.value[:7] if told is not None and len(told.value) > 4 else None] += 1
            return []
        refs = self._refs(place, [item for item, _ in kept])
        pages = [
            StoredPage(Entry(f"{outlet.id}_backfill", item.page.url, ""), outlet.id, ref, item.page.fetched_at)
            for (item, outlet), ref in zip(kept, refs, strict=True)
        ]
        ids, known = book.take_pages(self._run_id, self._work.outlets, pages, place, position, counts)
        counts["known"] += known
        return ids

    def _outlet(self, page: Page) -> Outlet:
        outlet = self._outlets.of_address(page.url)
        if outlet is None:
            raise AssertionError("only pages of an outlet are wanted")
        return outlet

    def _refs(self, place: Place, batch: Sequence[WarcPage]) -> list[PageRef]:
        """Where the pages lie in our archive: in the file itself, if it is one of its segments."""
        if not batch:
            return []
        if Path(place.address).parent == self._work.settings.archive_folder and all(item.length is not None for item in batch):
            digests = [hashlib.sha256(item.page.body).hexdigest() for item in batch]
            return [PageRef(item.name, item.offset, item.length or 0, digest) for item, digest in zip(batch, digests, strict=True)]
        return self._work.archive.append_all([item.page for item in batch])


def page_language(page: Page) -> str:
    """The language of what a page says, as far as tags can be left out by a pattern. What it declares is not believed: themes declare `en`."""
    text = decode_bytes(page.body, dict(page.headers).get("content-type"))[:_READ_FOR_LANGUAGE]
    return detect_language(normalise_text(" ".join(_NO_TEXT.sub(" ", text).split())))


@contextmanager
def opened(address: str) -> Iterator[BinaryIO]:
    """A file, or standard input."""
    if address == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    try:
        with open(address, "rb") as stream:
            yield stream
    except OSError as error:
        raise InputError(f"{address} cannot be read: {error.strerror or error}") from error


def _size(address: str) -> int:
    return 0 if address == STANDARD_INPUT or not Path(address).is_file() else Path(address).stat().st_size
