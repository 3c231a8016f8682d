"""The body of an answer, unpacked under a cap: `read_body(...)`. What arrives may be a bomb, cut short, or not what its header says."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from extractors.errors import FetchError

_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
# Not encodings of content, but sent as such; curl and browsers take the body as it is.
_PLAIN = frozenset({"", "identity", "none", "binary", "utf-8", "utf8"})
_GZIP_MAGIC = b"\x1f\x8b"


def read_body(url: str, chunks: Iterable[bytes], encoding: str, max_bytes: int, *, status: int, cut: bool = False) -> bytes:
    """The decoded body, with both the bytes on the wire and the decoded bytes at most `max_bytes`.

    Raises FetchError: `too_large` (with `cut`, the first `max_bytes` are returned instead), or `broken`.
    """
    encoding = encoding.strip().lower()
    if encoding not in _PLAIN and encoding not in _PACKED:
        raise FetchError(f"{url} is encoded as {encoding}, which was not asked for", retry=False, status=status, reason="broken")
    unpacker = _Unpacker(encoding) if encoding in _PACKED else None
    body = bytearray()
    wire = 0
    for chunk in chunks:
        wire += len(chunk)
        try:
            # One byte more than is allowed is enough to know, and keeps a bomb from unfolding.
            body += unpacker.unpack(chunk, max_bytes - len(body) + 1) if unpacker else chunk
        except zlib.error as error:
            raise FetchError(f"{url} is not valid {encoding}: {error}", retry=True, status=status, reason="broken") from error
        if wire > max_bytes or len(body) > max_bytes:
            if cut:
                return bytes(body[:max_bytes])
            raise FetchError(f"{url} is larger than {max_bytes} bytes", retry=False, status=status, reason="too_large")
    if unpacker and wire and not unpacker.ended:
        raise FetchError(f"{url} ends in the middle of its {encoding} data", retry=True, status=status, reason="broken")
    return bytes(body)


class _Unpacker:
    """gzip of any number of members, zlib, or deflate without zlib's header, which some servers send under the same name."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._decoder = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._begun = False
        self._first = b""

    @property
    def ended(self) -> bool:
        return self._decoder.eof

    def unpack(self, chunk: bytes, at_most: int) -> bytes:
        """What `chunk` adds, `at_most` bytes of it. Raises zlib.error."""
        if not self._begun:
            chunk = self._first + chunk
            if len(chunk) < 2:  # too little to tell whether zlib's header is there
                self._first = chunk
                return b""
        try:
            body = self._decoder.decompress(chunk, at_most)
        except zlib.error:
            if self._begun or self._encoding != "deflate":
                raise
            self._decoder = zlib.decompressobj(-zlib.MAX_WBITS)
            body = self._decoder.decompress(chunk, at_most)
        self._begun = True
        # Padding after the last member is ignored, as gzip(1) does; another member is more of the same body.
        while self._decoder.eof and self._decoder.unused_data.startswith(_GZIP_MAGIC) and len(body) < at_most:
            rest = self._decoder.unused_data
            self._decoder = zlib.decompressobj(zlib.MAX_WBITS | 32)
            body += self._decoder.decompress(rest, at_most - len(body))
        return body
