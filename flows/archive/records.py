"""Pages as WARC records, and back.

A record is one gzip member, so that it can be read by offset and length alone. A body that the archive has already is not stored again:
its record is a revisit, which holds the new headers and names the digest of the body (WARC 1.1, 6.7.2).
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote
from uuid import uuid4

from extractors.errors import ArchiveError
from extractors.records import Page
from flows.warcfile.http import Head, split_http
from flows.warcfile.records import Fields, Record, read_records

# The WARC standard has no field for the address before redirects; fields it does not know are allowed.
ASKED = "X-Keoson-Asked-URI"
_DATE = "%Y-%m-%dT%H:%M:%S.%fZ"
# Half the time of zlib's best, for one byte in two hundred.
_LEVEL = 6
_PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_SHA256 = "sha256:"
_NOT_IN_HEADERS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class PageRef:
    """Where a page lies: segment file name, byte offset and length of its gzip member, SHA-256 of its body in hexadecimal."""

    segment: str
    offset: int
    length: int
    digest: str


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """What the index of the archive knows of a page. `kind` is `response`, or `revisit` for one whose body another record holds."""

    ref: PageRef
    kind: str
    address: str
    final_address: str
    fetched_at: datetime
    status: int
    media_type: str
    record_id: str


def page_record(page: Page, digest: str, same: ArchivedPage | None) -> tuple[bytes, str]:
    """The record of a page, compressed, and its id. With `same`, whose body is this page's, it is a revisit of that record."""
    fields = {"WARC-Date": _stamp(page.fetched_at), ASKED: header_address(page.url), "WARC-Payload-Digest": payload_digest(digest)}
    if same is not None:
        fields |= {"WARC-Profile": _PROFILE, "WARC-Refers-To": same.record_id}
        fields |= {"WARC-Refers-To-Target-URI": header_address(same.final_address), "WARC-Refers-To-Date": _stamp(same.fetched_at)}
    record_id = _new_id()
    fields |= {"WARC-Type": "response" if same is None else "revisit", "WARC-Record-ID": record_id}
    fields["WARC-Target-URI"] = header_address(page.final_url)
    block = _head_of(page) + (page.body if same is None else b"")
    return _packed(fields, "application/http; msgtype=response", block), record_id


def info_record(name: str) -> bytes:
    """The record that opens a segment."""
    fields = {"WARC-Type": "warcinfo", "WARC-Record-ID": _new_id(), "WARC-Filename": name, "WARC-Date": _stamp(datetime.now(UTC))}
    return _packed(fields, "application/warc-fields", b"software: keoson\r\nformat: WARC File Format 1.1\r\n")


def describe(record: Record, segment: str) -> ArchivedPage | None:
    """What the index keeps of a record, or None when it is no page's. Raises ArchiveError when it is one, and not as we write them."""
    kind = record.fields.get("warc-type", "")
    if kind not in ("response", "revisit") or record.block is None or record.length is None:
        return None
    where = f"{segment} at {record.offset}"
    head, _ = _split(record.block, where)
    digest = known_digest(record.fields)
    if digest is None:
        raise ArchiveError(f"{where} does not tell the SHA-256 of its body")
    try:
        address, at = record.fields["warc-target-uri"], datetime.fromisoformat(record.fields["warc-date"]).astimezone(UTC)
    except (KeyError, ValueError) as error:
        raise ArchiveError(f"{where} is no page record: {error}") from error
    ref = PageRef(segment, record.offset, record.length, digest)
    asked, record_id = record.fields.get(ASKED.lower(), address), record.fields.get("warc-record-id", "")
    return ArchivedPage(ref, kind, asked, address, at, head.status, head.media_type, record_id)


def parse_page(member: bytes, where: str) -> tuple[Page, str | None]:
    """The page of one record. For a revisit its body is empty, and the digest of the body is given too. ArchiveError for anything else."""
    record = next(read_records(io.BytesIO(member)))
    if not isinstance(record, Record) or record.block is None:
        raise ArchiveError(f"{where} is no page record")
    kind = record.fields.get("warc-type")
    if kind not in ("response", "revisit"):
        raise ArchiveError(f"{where} is no page record, but a {kind}")
    head, body = _split(record.block, where)
    try:
        address = record.fields["warc-target-uri"]
        page = Page(
            url=record.fields.get(ASKED.lower(), address),
            final_url=address,
            status=head.status,
            headers=head.headers,
            body=body,
            fetched_at=datetime.fromisoformat(record.fields["warc-date"]),
        )
    except (KeyError, ValueError) as error:
        raise ArchiveError(f"{where} is no page record: {error}") from error
    return page, known_digest(record.fields) if kind == "revisit" else None


def _split(block: bytes, where: str) -> tuple[Head, bytes]:
    try:
        return split_http(block)
    except ArchiveError as error:
        raise ArchiveError(f"{where} is no page record: {error}") from error


def payload_digest(digest: str) -> str:
    """A SHA-256 in hexadecimal as WARC headers write it: its name, and the bytes in base 32."""
    return _SHA256 + base64.b32encode(bytes.fromhex(digest)).decode()


def known_digest(fields: Fields) -> str | None:
    """The SHA-256 of a record's body in hexadecimal, when its header tells it."""
    value = fields.get("warc-payload-digest", "")
    if not value.startswith(_SHA256):
        return None
    value = value.removeprefix(_SHA256)
    try:
        plain = bytes.fromhex(value) if len(value) == 64 else base64.b32decode(value)
    except ValueError:
        return None
    return plain.hex() if len(plain) == 32 else None


def _head_of(page: Page) -> bytes:
    try:
        phrase = HTTPStatus(page.status).phrase
    except ValueError:
        phrase = ""
    lines = [f"HTTP/1.1 {page.status} {phrase}", *(f"{name}: {value}" for name, value in page.headers)]
    # Headers come from bytes read as Latin-1, and go back to those bytes.
    return "\r\n".join(lines).encode("latin-1", errors="replace") + b"\r\n\r\n"


def header_address(address: str) -> str:
    """An address with blanks and control characters percent-encoded: feeds and redirects may hold them, a WARC header must not."""
    return _NOT_IN_HEADERS.sub(lambda match: quote(match[0], errors="replace"), address)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_DATE)


def _new_id() -> str:
    return f"<urn:uuid:{uuid4()}>"


def _packed(fields: Mapping[str, str], content_type: str, block: bytes) -> bytes:
    """A record as one gzip member. SHA-1 of the block is what other readers check."""
    digest = base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest()).decode()
    told = {**fields, "WARC-Block-Digest": f"sha1:{digest}", "Content-Type": content_type, "Content-Length": str(len(block))}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return compressor.compress(f"WARC/1.1\r\n{head}\r\n".encode()) + compressor.compress(block + b"\r\n\r\n") + compressor.flush()
