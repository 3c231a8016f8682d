"""Asking the press over real HTTP, with the Host header that a mapped address would have."""

from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import urlsplit

from extractors.records import Page
from keoson.press.server import PressServer

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def fetch(press: PressServer, url: str, method: str = "GET", **headers: str) -> Page:
    parts = urlsplit(url)
    connection = HTTPConnection("127.0.0.1", press.port, timeout=10)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(
            method, target, headers={"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
        )
        response = connection.getresponse()
        fields = tuple((name.lower(), value) for name, value in response.getheaders())
        return Page(url, url, response.status, fields, response.read(), NOW)
    finally:
        connection.close()
