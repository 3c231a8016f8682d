"""WARC files to measure and test with.

`keoson` is the layout of our archive. `ccnews` is that of Common Crawl News, written with warcio so that our reader meets what another
program wrote: WARC 1.0, a request before and a metadata record behind each response, SHA-1 digests, bodies decoded while the headers
still tell of chunks, the others about the wire renamed to `X-Crawler-…`.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractors.records import Page
from flows.archive.records import info_record, page_record

Layout = Literal["keoson", "ccnews"]
Packing = Literal["records", "file", "no"]


def write_warc(path: Path, pages: Iterable[Page], layout: Layout = "keoson", *, packing: Packing = "records") -> int:
    """Write pages to a WARC file and return how many they were. Memory does not grow with them.

    `packing`: each record a gzip member, as crawlers write them; the whole file one member, as `gzip` makes of a plain one; or none.
    """
    groups = (_keoson if layout == "keoson" else _ccnews)(path.name, pages)
    whole = zlib.compressobj(4, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    count = -1  # the first group is the file's own warcinfo
    with path.open("wb") as stream:
        for group in groups:
            count += 1
            for record in group:
                if packing == "records":
                    stream.write(_packed(record))
                else:
                    stream.write(whole.compress(_unpacked(record)) if packing == "file" else _unpacked(record))
        if packing == "file":
            stream.write(whole.flush())
    return count


def _keoson(name: str, pages: Iterable[Page]) -> Iterator[list[bytes]]:
    yield [info_record(name)]
    for page in pages:
        yield [page_record(page, hashlib.sha256(page.body).hexdigest(), None)[0]]


def _ccnews(name: str, pages: Iterable[Page]) -> Iterator[list[bytes]]:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=False, warc_version="1.0")

    def written(write: Callable[[], None]) -> bytes:
        buffer.seek(0)
        buffer.truncate()
        write()
        return buffer.getvalue()

    info = {"robots": "checked via crawler-commons", "format": "WARC File Format 1.0", "isPartOf": "CC-NEWS"}
    yield [written(lambda: writer.write_record(writer.create_warcinfo_record(name, info)))]
    for page in pages:
        address, parts = page.final_url, urlsplit(page.final_url)
        dated = {"WARC-Date": page.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        size = str(len(page.body))
        headers = [
            *((name.title(), value) for name, value in page.headers),
            *(("Transfer-Encoding", "chunked"), ("X-Crawler-Content-Encoding", "gzip"), ("X-Crawler-Content-Length", size)),
        ]
        answer = writer.create_warc_record(
            address,
            "response",
            payload=io.BytesIO(page.body),
            http_headers=StatusAndHeaders(f"{page.status} OK", headers, protocol="HTTP/1.1"),
            warc_headers_dict=dated | {"WARC-IP-Address": "127.0.0.1"},
        )
        asked = [("User-Agent", "CCBot/2.0"), ("Accept", "text/html"), ("Host", parts.netloc)]
        request = writer.create_warc_record(
            address,
            "request",
            http_headers=StatusAndHeaders(f"GET {parts.path or '/'} HTTP/1.1", asked, is_http_request=True),
            warc_headers_dict=dated | {"WARC-Concurrent-To": answer.rec_headers.get_header("WARC-Record-ID")},
        )
        told = writer.create_warc_record(
            address,
            "metadata",
            payload=io.BytesIO(b"fetchTimeMs: 312\r\n"),
            warc_content_type="application/warc-fields",
            warc_headers_dict=dict(dated),
        )
        yield [written(lambda record=record: writer.write_record(record)) for record in (request, answer, told)]  # type: ignore[misc]


def _packed(record: bytes) -> bytes:
    if record.startswith(b"\x1f\x8b"):
        return record
    member = zlib.compressobj(4, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return member.compress(record) + member.flush()


def _unpacked(record: bytes) -> bytes:
    return zlib.decompress(record, zlib.MAX_WBITS | 16) if record.startswith(b"\x1f\x8b") else record
