"""The archive: every fetched page, as fetched, in daily WARC segments that are only ever appended to.

A record is built in memory and written by one `write`, each its own gzip member, so that a page can be read by offset and length
alone, and a process that dies in the middle leaves at most a torn tail, which the next writer cuts off.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import re
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractors.errors import ArchiveError
from extractors.records import Page

# Larger than any record, since a page is capped at 50 MB: the last whole record begins within this many bytes of the end.
_TAIL_BYTES = 64 * 1024 * 1024
_MEMBER = re.compile(rb"\x1f\x8b\x08")
_SEGMENT = re.compile(r"\d{4}-\d{2}-\d{2}(-\d+)?\.warc\.gz")
# The WARC standard has no field for the address before redirects; fields it does not know are allowed.
_ASKED = "X-Keoson-Asked-URI"


@dataclass(frozen=True, slots=True)
class PageRef:
    """Where a page lies: segment file name, byte offset and length of its gzip member, SHA-256 of its body."""

    segment: str
    offset: int
    length: int
    digest: str


class Archive:
    """Reads by reference from any process; appends from one at a time (the first `append` takes the lock, `close` gives it back)."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._folder = folder
        self._now = now
        self._guard = threading.Lock()
        self._lock: BinaryIO | None = None
        self._segment: BinaryIO | None = None
        self._name = ""
        self._end = 0

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the segment and let other writers in."""
        for stream in (self._segment, self._lock):
            if stream is not None:
                stream.close()
        self._segment = self._lock = None

    def lock(self) -> None:
        """Become the one writer, or raise ArchiveError when another process is."""
        if self._lock is not None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        stream = (self._folder / "lock").open("a+b")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            stream.seek(0)
            holder = stream.read(32).decode("ascii", errors="replace").strip() or "unknown"
            stream.close()
            raise ArchiveError(f"process {holder} is writing to {self._folder}: wait until its ingest has ended") from error
        stream.truncate(0)
        stream.write(str(os.getpid()).encode())
        stream.flush()
        self._lock = stream

    def append(self, page: Page) -> PageRef:
        """Store a page; it is on disk when this returns. Raises ArchiveError, and leaves the segment as it was, when that fails."""
        record = _response_record(page)
        with self._guard:
            self.lock()
            stream = self._current_segment()
            offset = self._end
            self._write(stream, record)
            return PageRef(self._name, offset, len(record), hashlib.sha256(page.body).hexdigest())

    def read(self, ref: PageRef) -> Page:
        """The page stored at `ref`. Raises ArchiveError when it is not there or not what was stored."""
        path = self._folder / ref.segment
        if not _SEGMENT.fullmatch(ref.segment):
            raise ArchiveError(f"{ref.segment!r} is no name of an archive segment")
        try:
            with path.open("rb") as stream:
                stream.seek(ref.offset)
                member = stream.read(ref.length)
        except OSError as error:
            raise ArchiveError(f"{path} cannot be read: {error.strerror}; restore it from a backup, or fetch the page again") from error
        page = _parse_response(member, f"{path} at {ref.offset}")
        if hashlib.sha256(page.body).hexdigest() != ref.digest:
            raise ArchiveError(
                f"{path} at {ref.offset} holds another page than the ledger says; restore it from a backup, or fetch the page again"
            )
        return page

    def _write(self, stream: BinaryIO, record: bytes) -> None:
        try:
            stream.write(record)
            stream.flush()
            os.fsync(stream.fileno())
        except OSError as error:
            os.ftruncate(stream.fileno(), self._end)
            raise ArchiveError(f"{self._folder / self._name} cannot be written: {error.strerror}") from error
        self._end += len(record)

    def _current_segment(self) -> BinaryIO:
        day = self._now().astimezone(UTC).date().isoformat()
        if self._segment is not None and self._name.startswith(day):
            return self._segment
        if self._segment is not None:
            self._segment.close()
        number = 0
        while True:
            name = f"{day}.warc.gz" if number == 0 else f"{day}-{number}.warc.gz"
            path = self._folder / name
            end = last_whole_record(path) if path.exists() else 0
            if end is not None:
                break
            number += 1  # not a segment of ours any more: leave it for a human, begin another
        # Unbuffered: a buffer that still holds half of a failed write would be written later, at the wrong place.
        stream = path.open("ab", buffering=0)
        stream.truncate(end)
        self._segment, self._name, self._end = stream, name, end
        if end == 0:
            self._write(stream, _info_record(name))
        return stream


def last_whole_record(path: Path) -> int | None:
    """Byte offset at which the last whole record ends, 0 for an empty or wholly torn segment, None when no record is found."""
    size = path.stat().st_size
    if size == 0:
        return 0
    begin = max(0, size - _TAIL_BYTES)
    with path.open("rb") as stream:
        stream.seek(begin)
        tail = stream.read()
    for match in reversed(list(_MEMBER.finditer(tail))):
        decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            content = decoder.decompress(tail[match.start() :])
        except zlib.error:
            continue  # three bytes that look like the start of a member, inside another
        if decoder.eof and content.startswith(b"WARC/1."):
            return size - len(decoder.unused_data)
    return 0 if begin == 0 and tail[:3] == b"\x1f\x8b\x08" else None


class _HeadersAsSent(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """Headers written byte for byte: warcio would percent-encode what is not ASCII."""

    def __init__(self, head: bytes) -> None:
        super().__init__(head.partition(b"\r\n")[0].decode("latin-1"), [])
        self._head = head

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        self.headers_buff = self._head


def _response_record(page: Page) -> bytes:
    try:
        phrase = HTTPStatus(page.status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {page.status} {phrase}", *(f"{name}: {value}" for name, value in page.headers)]
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
    record = writer.create_warc_record(
        page.final_url,
        "response",
        payload=io.BytesIO(page.body),
        length=len(page.body),
        http_headers=_HeadersAsSent(head),
        warc_content_type="application/http; msgtype=response",
        warc_headers_dict={"WARC-Date": page.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), _ASKED: page.url},
    )
    writer.write_record(record)
    return buffer.getvalue()


def _info_record(name: str) -> bytes:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
    writer.write_record(writer.create_warcinfo_record(name, {"software": "keoson", "format": "WARC File Format 1.1"}))
    return buffer.getvalue()


def _parse_response(member: bytes, where: str) -> Page:
    try:
        for record in ArchiveIterator(io.BytesIO(member), no_record_parse=True):
            fields = record.rec_headers
            block = record.raw_stream.read()
            head, _, body = block.partition(b"\r\n\r\n")
            status_line, *lines = head.decode("latin-1").split("\r\n")
            headers = tuple((name, value) for name, _, value in (line.partition(": ") for line in lines))
            return Page(
                url=fields.get_header(_ASKED) or fields.get_header("WARC-Target-URI"),
                final_url=fields.get_header("WARC-Target-URI"),
                status=int(status_line.split(" ")[1]),
                headers=headers,
                body=body,
                fetched_at=datetime.fromisoformat(fields.get_header("WARC-Date")),
            )
    except (ArchiveLoadFailed, zlib.error, EOFError, ValueError, IndexError, TypeError, AttributeError) as error:
        raise ArchiveError(f"{where} is no page record: {error}") from error
    raise ArchiveError(f"{where} is no page record")
