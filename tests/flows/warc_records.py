"""WARC records written by hand, right and wrong, for the tests of reading them."""

from __future__ import annotations

import zlib

DATE = "2026-03-04T05:06:07Z"


def record(kind: str, address: str, block: bytes = b"", *, length: int | str | None = None, **fields: str) -> bytes:
    """One record, uncompressed. `length` is the Content-Length if that is to be a lie; fields are named with `_` for `-`."""
    lines = {"WARC-Type": kind, "WARC-Target-URI": address, "WARC-Date": DATE, "WARC-Record-ID": f"<urn:test:{address}>"}
    lines |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines |= {"Content-Length": str(len(block) if length is None else length)}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def response(number: int, body: bytes | None = None, *headers: str, status: str = "200 OK") -> bytes:
    """An HTTP response; HTML unless `headers` say something else."""
    told = "\r\n".join((f"HTTP/1.1 {status}", *(headers or ("Content-Type: text/html; charset=utf-8",))))
    return f"{told}\r\n\r\n".encode() + (html(number) if body is None else body)


def html(number: int) -> bytes:
    """A page of its own."""
    return f"<html><body><p>Bài {number}</p></body></html>".encode() * (1 + number % 3)


def page_record(number: int, **fields: str) -> bytes:
    """A page's record, uncompressed."""
    return record("response", address(number), response(number), **fields)


def address(number: int) -> str:
    """Where a page was."""
    return f"http://a.test/{number}.html"


def packed(content: bytes) -> bytes:
    """One gzip member."""
    member = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return member.compress(content) + member.flush()
