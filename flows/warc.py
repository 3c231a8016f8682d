"""Pages from a WARC file: our archive's, Common Crawl News', or anybody's."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from extractors.errors import ArchiveError
from extractors.records import Page
from flows.archive import Archive
from flows.archive.records import ASKED, known_digest
from flows.warcfile.http import CodingError, Head, decoded_body, split_http
from flows.warcfile.records import Damage, Fields, Reason, Record, read_records

_HTML = frozenset({"text/html", "application/xhtml+xml"})
# Common Crawl News leaves the media type of the server in the headers; its own finding stands in a field of the WARC header.
_IDENTIFIED = "warc-identified-payload-type"


@dataclass(frozen=True, slots=True)
class WarcPage:
    """A page of a WARC file, its body decoded. `offset` and `length` are its record's place in the file.

    In a file that is one gzip member, `length` is None and `offset` counts in what is inflated. `truncated` is why the crawler stored
    only the beginning of the page, if it did. `revisit` says that the body is another record's.
    """

    page: Page
    name: str
    offset: int
    length: int | None
    truncated: str | None = None
    revisit: bool = False


@dataclass(frozen=True, slots=True)
class WarcFault:
    """A stretch of a WARC file, from `offset` on, that should be a page and is not readable, and why. `address` if it is known."""

    name: str
    offset: int
    reason: Reason
    message: str
    address: str | None = None

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.name} at {self.offset}: {self.message}" + (f" ({self.address})" if self.address else "")


def read_warc(
    stream: BinaryIO,
    *,
    name: str,
    wanted: Callable[[str], bool] | None = None,
    archive: Archive | None = None,
    skipped: Counter[str] | None = None,
    max_bytes: int = 50_000_000,
    offset: int = 0,
) -> Iterator[WarcPage | WarcFault]:
    """The HTML pages (status 200) of a WARC file called `name`, plain or gzip, and what of it cannot be read. Nothing is lost silently.

    The stream is read once, need not seek (standard input), and stands at `offset` of the file, where a record begins. One record of at
    most `max_bytes` is held at a time. `wanted(address)` is asked before a body is decoded. `skipped` counts all other records by kind:
    `request`, `metadata`, `status 404`, `not html`, `not wanted` … A revisit takes its body from an earlier record of the same file, also
    from one before `offset`, if the stream can seek, or from `archive`.
    """
    reader = _Reader(stream, name, wanted, archive, Counter() if skipped is None else skipped, max_bytes, offset)
    # A revisit of a page that is not wanted needs no body either, but the page that it refers to may be wanted by none: all are noted.
    for record in read_records(stream, wanted=reader.is_wanted, max_bytes=max_bytes, offset=offset):
        found = reader.damage(record) if isinstance(record, Damage) else reader.page(record)
        if found is not None:
            yield found


class _Reader:
    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        wanted: Callable[[str], bool] | None,
        archive: Archive | None,
        skipped: Counter[str],
        max_bytes: int,
        offset: int,
    ) -> None:
        self._stream = stream
        self._name = name
        self._wanted = wanted
        self._archive = archive
        self._skipped = skipped
        self._max_bytes = max_bytes
        self._bodies = _Bodies(stream, offset)

    def is_wanted(self, fields: Fields) -> bool:
        """Whether a record's block is looked at."""
        if fields.get("warc-type") not in ("response", "revisit"):
            return False
        return self._wanted is None or self._wanted(_address(fields))

    def damage(self, damage: Damage) -> WarcFault | None:
        """What is told of a damage; what is known to be no page is only counted."""
        fields = damage.fields
        if fields is not None and "warc-type" in fields and not self.is_wanted(fields):
            kind = fields["warc-type"]
            self._skipped[f"{kind}, {damage.reason}" if kind not in ("response", "revisit") else "not wanted"] += 1
            return None
        return WarcFault(self._name, damage.offset, damage.reason, damage.message, _address(fields) if fields else None)

    def page(self, record: Record) -> WarcPage | WarcFault | None:
        """The page of a record, or None after counting why it is none."""
        kind = record.fields.get("warc-type", "without a type")
        if kind == "response":
            self._bodies.note(record)
        if record.block is None:
            self._skipped["not wanted" if kind in ("response", "revisit") else kind] += 1
            return None
        try:
            return self._page(record, record.block, revisit=kind == "revisit")
        except CodingError as error:
            return self._fault(record, "bad_encoding", str(error))
        except _UnresolvedError as error:
            return self._fault(record, "revisit_unresolved", str(error))
        except ArchiveError as error:
            return self._fault(record, "bad_http", str(error))

    def _page(self, record: Record, block: bytes, *, revisit: bool) -> WarcPage | WarcFault | None:
        fields = record.fields
        if not _address(fields).lower().startswith(("http://", "https://")):  # dns:, and the like
            self._skipped["not http"] += 1
            return None
        try:
            at = _instant(fields["warc-date"])
        except (KeyError, ValueError):
            return self._fault(record, "bad_record", f"its WARC-Date is {fields.get('warc-date')!r}")
        # A revisit may leave out the HTTP part (a server's 304 has one that tells nothing of the page).
        head, body = split_http(block) if block or not revisit else (Head(304, ()), b"")
        if revisit:
            first, body = self._body(fields)
            head = first if first is not None and (head.status == 304 or not head.media_type) else head
        if head.status != 200:
            self._skipped[f"status {head.status}"] += 1
            return None
        if not _is_html(head, fields, body):
            self._skipped["not html"] += 1
            return None
        if not revisit:
            body = decoded_body(head, body, self._max_bytes)
        address = _address(fields)
        page = Page(fields.get(ASKED.lower(), address), address, head.status, head.kept, body, at)
        return WarcPage(page, self._name, record.offset, record.length, fields.get("warc-truncated"), revisit)

    def _body(self, fields: Fields) -> tuple[Head | None, bytes]:
        """The decoded body that a revisit refers to, and the head of the response it was in, if that is in this file."""
        found = self._bodies.find(fields, self._max_bytes)
        if found is not None:
            head, body = split_http(found)
            return head, decoded_body(head, body, self._max_bytes)
        digest = known_digest(fields)
        if self._archive is not None and digest is not None:
            try:
                return None, self._archive.body(digest)
            except ArchiveError as error:
                raise _UnresolvedError(str(error)) from error
        said = fields.get("warc-payload-digest") or fields.get("warc-refers-to-target-uri") or "nothing"
        raise _UnresolvedError(f"it refers to {said}, which stands neither before it in this file nor in the archive")

    def _fault(self, record: Record, reason: Reason, message: str) -> WarcFault:
        return WarcFault(self._name, record.offset, reason, message, _address(record.fields))


class _UnresolvedError(ArchiveError):
    """The body of a revisit is nowhere to be had."""


class _Bodies:
    """Where in a file the responses stand that revisits may refer to: 16 bytes of hash and a place for each, not their bodies.

    Reading may have begun at `offset`, where an earlier run stopped: what stands before is looked through when a revisit first asks for it.
    """

    def __init__(self, stream: BinaryIO, offset: int) -> None:
        self._stream = stream
        self._seekable = stream.seekable()
        self._unread_before = offset
        self._places: dict[bytes, tuple[int, int]] = {}

    def note(self, record: Record) -> None:
        """Remember a response."""
        if not self._seekable or record.length is None:
            return
        for key in _keys(record.fields, ("warc-payload-digest", "warc-target-uri", "warc-date")):
            self._places.setdefault(key, (record.offset, record.length))

    def find(self, fields: Fields, max_bytes: int) -> bytes | None:
        """The block of the response that a revisit refers to."""
        keys = _keys(fields, ("warc-payload-digest", "warc-refers-to-target-uri", "warc-refers-to-date"))
        back = self._stream.tell() if self._seekable else 0
        try:
            place = self._place(keys)
            if place is None and self._unread_before and self._seekable:
                self._look_through()
                place = self._place(keys)
            if place is None:
                return None
            self._stream.seek(place[0])
            record = next(read_records(self._stream, max_bytes=max_bytes, offset=place[0]))
        finally:
            if self._seekable:
                self._stream.seek(back)
        return record.block if isinstance(record, Record) else None

    def _place(self, keys: Sequence[bytes]) -> tuple[int, int] | None:
        return next((self._places[key] for key in keys if key in self._places), None)

    def _look_through(self) -> None:
        """Note the responses before the place at which reading began; damage there was told by the run that read it."""
        end, self._unread_before = self._unread_before, 0
        self._stream.seek(0)
        for record in read_records(self._stream, wanted=lambda fields: False):
            if record.offset >= end:
                return
            if isinstance(record, Record) and record.fields.get("warc-type") == "response":
                self.note(record)


def _keys(fields: Fields, names: tuple[str, str, str]) -> list[bytes]:
    """What a response is known by: the digest of its payload; its address and time."""
    digest, address, at = (fields.get(name) for name in names)
    said = [digest.lower() if digest else None, f"{address.strip('<>')} {at}" if address and at else None]
    return [hashlib.blake2b(one.encode(), digest_size=16).digest() for one in said if one]


def _address(fields: Fields) -> str:
    # Some writers put it in angle brackets, as an old draft of the standard had it.
    return fields.get("warc-target-uri", "").strip("<>")


def _instant(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:  # the standard wants UTC
        return at.replace(tzinfo=UTC)
    return at.astimezone(UTC)


def _is_html(head: Head, fields: Fields, body: bytes) -> bool:
    if head.media_type:
        return head.media_type in _HTML
    identified = fields.get(_IDENTIFIED, "").partition(";")[0].strip().lower()
    return identified in _HTML if identified else body[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
