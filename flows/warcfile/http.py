"""An HTTP response as a WARC record holds it, undone to what a browser would show: chunks joined, compression taken off.

Crawlers differ: some store what was on the wire, some store the decoded body and leave the headers as they were (Common Crawl News
renames them to `X-Crawler-…`). So a header only proposes a coding; the bytes have to look like it.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import brotli

from extractors.errors import ArchiveError

# These describe the bytes on the wire, not the decoded body that is given.
_WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<")


class CodingError(ArchiveError):
    """A body cannot be decoded as its headers say."""


@dataclass(frozen=True, slots=True)
class Head:
    """The HTTP part of a record before the body: status and headers, names as they were stored."""

    status: int
    headers: tuple[tuple[str, str], ...]

    def value(self, name: str) -> str:
        """The first header of this name (in lower case), or nothing."""
        return next((value.strip() for other, value in self.headers if other.lower() == name), "")

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case; empty when no header tells."""
        return self.value("content-type").partition(";")[0].strip().lower()

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """Headers as a Page has them: names in lower case, without those about the wire."""
        return tuple((name.lower(), value) for name, value in self.headers if name.lower() not in _WIRE_HEADERS)


def split_http(block: bytes) -> tuple[Head, bytes]:
    """The head of a response, and its body as it stands. Raises ArchiveError when the block is no response."""
    head, end, body = block.partition(b"\r\n\r\n")
    if not end and b"\n\n" in block:
        head, _, body = block.partition(b"\n\n")
    status_line, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    protocol, _, rest = status_line.partition(" ")
    status = rest.lstrip()[:3]
    if not protocol.upper().startswith("HTTP/") or len(status) != 3 or not status.isdecimal():
        raise ArchiveError(f"its HTTP part begins with {status_line[:40]!r}, which is no status line")
    headers = tuple((name, value.removeprefix(" ")) for name, colon, value in (line.partition(":") for line in lines) if colon)
    return Head(int(status), headers), body


def decoded_body(head: Head, body: bytes, max_bytes: int) -> bytes:
    """The body without transfer and content codings. Raises CodingError when it cannot be decoded, or is larger than `max_bytes`."""
    if "chunked" in head.value("transfer-encoding").lower() and _CHUNK.match(body):
        body = _joined(body)
    for coding in reversed([one.strip() for one in head.value("content-encoding").lower().split(",")]):
        if coding in ("", "identity", "none", "utf-8"):
            continue
        body = _decompressed(coding, body, max_bytes)
    if len(body) > max_bytes:
        raise CodingError(f"its body is larger than {max_bytes} bytes")
    return body


def _joined(body: bytes) -> bytes:
    """The chunks of a body, joined. A body that only looks chunked is given back as it is."""
    parts: list[bytes] = []
    position = 0
    while True:
        match = _CHUNK.match(body, position)
        if match is None:
            if not parts:
                return body
            raise CodingError(f"its chunks end in the middle, after {position} bytes")
        size = int(match[1], 16)
        if size == 0:
            return b"".join(parts)
        begin = match.end()
        if not parts and begin + size + 2 > len(body):  # begins with digits, and is no chunk
            return body
        parts.append(body[begin : begin + size])
        position = begin + size + 2
        if body[begin + size : position] != b"\r\n":
            if len(parts) == 1:
                return body
            raise CodingError(f"its chunks are damaged, after {position} bytes")


def _decompressed(coding: str, body: bytes, max_bytes: int) -> bytes:
    if coding in ("gzip", "x-gzip"):
        return _inflated(body, zlib.MAX_WBITS | 16, max_bytes) if body.startswith(b"\x1f\x8b") else body
    if _MARKUP.match(body):  # decoded by the crawler; neither of the following begins so
        return body
    if coding == "deflate":
        # RFC 9110 means zlib's format, some servers send bare deflate.
        return _inflated(body, zlib.MAX_WBITS if body[:1] == b"\x78" else -zlib.MAX_WBITS, max_bytes)
    if coding == "br":
        decoder = brotli.Decompressor()
        try:
            plain: bytes = decoder.process(body, output_buffer_limit=max_bytes + 1)
        except brotli.error as error:
            raise CodingError(f"its body is not the brotli that its headers say: {error}") from error
        if len(plain) > max_bytes:
            raise CodingError(f"its body is larger than {max_bytes} bytes")
        if not decoder.is_finished():
            raise CodingError("its brotli body ends in the middle")
        return plain
    raise CodingError(f"its body is coded as {coding[:20]!r}, which is not read")


def _inflated(body: bytes, window: int, max_bytes: int) -> bytes:
    decoder = zlib.decompressobj(window)
    try:
        plain = decoder.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise CodingError(f"its body is not compressed as its headers say: {error}") from error
    if len(plain) > max_bytes:
        raise CodingError(f"its body is larger than {max_bytes} bytes")
    if not decoder.eof:
        raise CodingError("its compressed body ends in the middle")
    return plain
