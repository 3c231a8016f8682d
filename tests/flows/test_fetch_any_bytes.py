"""Whatever bytes a server sends, the fetcher gives a page or an error of ours, never another exception and never later than the deadline."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractors.errors import FetchError
from extractors.records import Page
from flows.fetch import Fetcher, NotModified
from flows.settings import Settings
from flows.validators import Validators


class Raw:
    """A server that answers every request but that for robots.txt with `answer`, as it is, and closes."""

    def __init__(self) -> None:
        self.answer = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            with client:
                try:
                    robots = client.recv(65_536).startswith(b"GET /robots.txt")
                    client.sendall(b"HTTP/1.1 404 None\r\nConnection: close\r\n\r\n" if robots else self.answer)
                except OSError:
                    continue

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


@pytest.fixture(scope="module")
def raw() -> Iterator[Raw]:
    server = Raw()
    yield server
    server.close()


NAMES = st.sampled_from(
    [
        "Content-Type",
        "Content-Length",
        "Content-Encoding",
        "Transfer-Encoding",
        "Location",
        "Set-Cookie",
        "Retry-After",
        "ETag",
        "Connection",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [
            "text/html",
            "gzip",
            "deflate",
            "chunked",
            "0",
            "5",
            "-1",
            "99999",
            "/x",
            "http://a.test/y",
            "//",
            "http://[",
            "a=b; path=/",
            "=;",
            "Thu, 01",
            "close",
        ]
    ),
    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
)
STATUS = st.one_of(st.integers(100, 599), st.sampled_from([200, 301, 302, 304, 429, 503]))


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """An answer as HTTP has it, with any of the headers that matter and any values and body."""
    lines = [f"HTTP/1.1 {draw(STATUS)} X", *(f"{draw(NAMES)}: {draw(VALUES)}" for _ in range(draw(st.integers(0, 5))))]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + draw(st.binary(max_size=60))


@pytest.fixture(scope="module")
def fetcher(raw: Raw) -> Iterator[Fetcher]:
    chosen = Settings.load(
        host_delay_seconds=0,
        host_overrides={"*.test": f"127.0.0.1:{raw.port}"},
        fetch_attempts=1,
        total_timeout_seconds=5,
        read_timeout_seconds=2,
    )
    with Fetcher(chosen, sleep=lambda _: None) as fetcher:
        yield fetcher


HOSTS = itertools.count()


@settings(max_examples=200, deadline=None)
@example(answer=b"HTTP/1.1 301 X\r\nLocation: x\r\nSet-Cookie: no-value\r\n\r\n", validators=None)
@given(answer=st.one_of(answers(), answers(), st.binary(max_size=80)), validators=st.sampled_from([None, Validators('"1"')]))
def test_any_bytes_are_a_page_or_our_error(raw: Raw, fetcher: Fetcher, answer: bytes, validators: Validators | None) -> None:
    raw.answer = answer
    try:
        # Another host each time: some answers make the fetcher leave a host alone.
        outcome: object = fetcher.fetch_page(f"http://{next(HOSTS)}.test/x", validators)
    except FetchError as error:
        outcome = error
    assert isinstance(outcome, Page | NotModified | FetchError)
