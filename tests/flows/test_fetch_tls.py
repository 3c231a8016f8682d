"""HTTPS against a real server (hypercorn): HTTP/2 by ALPN, one connection for many requests, certificates verified, guards that hold."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore
import pytest
import trustme
from hypercorn.asyncio import serve
from hypercorn.config import Config

from extractors.errors import FetchError, SettingsError
from extractors.records import Page
from flows.fetch import Fetcher
from flows.network import connect_tcp
from tests.flows.conftest import MakeSettings

Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass
class TlsSite:
    """`answers` maps a path to headers and body. Requests are noted with the protocol and the client's port, one port a connection."""

    port: int
    authority: Path
    answers: dict[str, tuple[dict[str, str], bytes]] = field(default_factory=dict)
    requests: list[tuple[str, str, int]] = field(default_factory=list)

    async def __call__(self, scope: dict[str, Any], _receive: object, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        self.requests.append((scope["path"], scope["http_version"], scope["client"][1]))
        found = self.answers.get(scope["path"])
        headers, body = found if found else ({}, b"")
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 200 if found else 404, "headers": raw})
        for start in range(0, max(len(body), 1), 60_000):
            await send({"type": "http.response.body", "body": body[start : start + 60_000], "more_body": start + 60_000 < len(body)})

    @property
    def overrides(self) -> dict[str, str]:
        return {"*.test": f"127.0.0.1:{self.port}"}

    @property
    def connections(self) -> int:
        return len({port for _, _, port in self.requests})

    @property
    def versions(self) -> set[str]:
        return {version for _, version, _ in self.requests}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def serve_tls(tmp_path: Path, authority: trustme.CA) -> Iterator[Callable[..., TlsSite]]:
    """Start servers whose certificate is for `names`, speaking `protocols`; all are stopped at the end."""
    stops: list[Callable[[], None]] = []

    def start(*names: str, protocols: tuple[str, ...] = ("h2", "http/1.1"), issuer: trustme.CA = authority) -> TlsSite:
        folder = tmp_path / f"server{len(stops)}"
        folder.mkdir()
        certificate = issuer.issue_cert(*names)
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(folder / "chain.pem", append=True)
        authority.cert_pem.write_to_path(folder / "authority.pem")
        listening = socket.create_server(("127.0.0.1", 0))
        site = TlsSite(listening.getsockname()[1], folder / "authority.pem")
        config = Config()
        config.bind = [f"fd://{listening.detach()}"]
        config.certfile, config.keyfile = str(folder / "chain.pem"), str(folder / "key.pem")
        config.alpn_protocols = list(protocols)
        config.graceful_timeout = 0.1
        config.errorlog = None
        loop, ready, ended = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

        def run() -> None:
            asyncio.set_event_loop(loop)
            loop.call_soon(ready.set)
            loop.run_until_complete(serve(site, config, shutdown_trigger=ended.wait))  # type: ignore[arg-type]
            loop.close()

        thread = threading.Thread(target=run)
        thread.start()
        ready.wait()

        def stop() -> None:
            loop.call_soon_threadsafe(ended.set)
            thread.join()

        stops.append(stop)
        return site

    yield start
    for stop in stops:
        stop()


def fetch(fetcher: Fetcher, address: str) -> Page:
    page = fetcher.fetch_page(address)
    assert isinstance(page, Page)
    return page


@pytest.mark.parametrize(("protocols", "version"), [(("h2", "http/1.1"), "2"), (("http/1.1",), "1.1")], ids=["HTTP/2", "HTTP/1.1"])
def test_many_requests_to_a_host_take_one_connection(
    serve_tls: Callable[..., TlsSite], make_settings: MakeSettings, protocols: tuple[str, ...], version: str
) -> None:
    site = serve_tls("a.test", "b.test", protocols=protocols)
    for number in range(20):
        site.answers[f"/{number}"] = ({"Content-Type": "text/html"}, f"<p>bài {number}</p>".encode() * 5000)
    with Fetcher(make_settings(host_overrides=site.overrides, extra_authorities=site.authority)) as fetcher:
        for number in range(20):
            page = fetch(fetcher, f"https://a.test/{number}")
            assert page.body == f"<p>bài {number}</p>".encode() * 5000
        assert (site.connections, site.versions, len(site.requests)) == (1, {version}, 21)
        fetch(fetcher, "https://b.test/1")
        assert site.connections == 2


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("protocols", [("h2",), ("http/1.1",)], ids=["HTTP/2", "HTTP/1.1"])
def test_a_page_that_is_too_large_is_given_up_and_the_next_one_comes(
    serve_tls: Callable[..., TlsSite], make_settings: MakeSettings, protocols: tuple[str, ...], packed: bool
) -> None:
    site = serve_tls("a.test", protocols=protocols)
    large = b"<p>" + b"0123456789abcdef" * 1_000_000
    site.answers["/large"] = ({"Content-Encoding": "gzip"}, gzip.compress(large)) if packed else ({}, large)
    site.answers["/fits"] = ({}, b"x" * 90_000)
    with Fetcher(make_settings(host_overrides=site.overrides, extra_authorities=site.authority, max_page_bytes=100_000)) as fetcher:
        for _ in range(3):
            with pytest.raises(FetchError) as caught:
                fetch(fetcher, "https://a.test/large")
            assert caught.value.reason == "too_large"
            assert len(fetch(fetcher, "https://a.test/fits").body) == 90_000
    assert site.connections == 4  # what was given up would go on filling its connection, so each time it is left


def test_certificates_must_be_for_the_name_and_from_an_authority(serve_tls: Callable[..., TlsSite], make_settings: MakeSettings) -> None:
    site = serve_tls("a.test")
    stranger = serve_tls("a.test", issuer=trustme.CA())
    for settings, address in (
        (make_settings(host_overrides=site.overrides), "https://a.test/x"),
        (make_settings(host_overrides=site.overrides, extra_authorities=site.authority), "https://other.test/x"),
        (make_settings(host_overrides=stranger.overrides, extra_authorities=site.authority), "https://a.test/x"),
    ):
        with Fetcher(settings) as fetcher, pytest.raises(FetchError, match="certificate verify failed") as caught:
            fetcher.fetch_page(address)
        assert (caught.value.reason, caught.value.retry) == ("tls", True)
    assert site.requests == stranger.requests == []


def test_a_server_that_speaks_no_tls_is_a_tls_error(make_settings: MakeSettings) -> None:
    with Fetcher(make_settings()) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page("https://a.test/x")  # the plain site of the fixtures answers there
    assert caught.value.reason == "tls"


def test_a_file_without_authorities_is_told(make_settings: MakeSettings, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "missing.pem"):
        with pytest.raises(SettingsError, match=name):
            Fetcher(make_settings(extra_authorities=tmp_path / name))


@pytest.mark.parametrize("protocols", [("h2",), ("http/1.1",)], ids=["HTTP/2", "HTTP/1.1"])
def test_a_connection_that_was_closed_in_the_meantime_is_replaced_at_once(
    serve_tls: Callable[..., TlsSite], make_settings: MakeSettings, protocols: tuple[str, ...]
) -> None:
    site = serve_tls("a.test", protocols=protocols)
    site.answers["/x"] = ({}, b"ok")
    opened: list[HangingUp] = []

    def connect(address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        opened.append(HangingUp(connect_tcp(address, port, timeout)))
        return opened[-1]

    settings = make_settings(host_overrides=site.overrides, extra_authorities=site.authority, fetch_attempts=1)
    with Fetcher(settings, connect=connect) as fetcher:
        for _ in range(3):
            assert fetch(fetcher, "https://a.test/x").body == b"ok"
            opened[-1].hang_up()
    assert len(opened) == 3


class HangingUp(httpcore.NetworkStream):
    """A connection that can be broken, as when the other side closes: what is sent fails, what is read is the end."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._inner = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return self._inner

    def hang_up(self) -> None:
        self._inner.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


def test_guards_hold_over_tls(serve_tls: Callable[..., TlsSite], make_settings: MakeSettings) -> None:
    site = serve_tls("a.test", "127.0.0.1")
    dialled: list[tuple[str, int]] = []

    def connect(address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        dialled.append((address, port))
        return connect_tcp("127.0.0.1", site.port, timeout)

    site.answers["/in"] = ({}, b"ok")
    answers = [["8.8.8.8"], ["10.0.0.1"]]
    settings = make_settings(host_overrides={}, extra_authorities=site.authority)
    with Fetcher(settings, resolve=lambda _host, _port: answers[0], connect=connect) as fetcher:
        assert fetch(fetcher, "https://a.test/in").body == b"ok"
    with (
        Fetcher(settings, resolve=lambda _host, _port: answers[1], connect=connect) as fetcher,
        pytest.raises(FetchError, match=r"10\.0\.0\.1") as caught,
    ):
        fetcher.fetch_page("https://a.test/in")
    assert caught.value.reason == "address"
    assert dialled == [("8.8.8.8", 443)]
