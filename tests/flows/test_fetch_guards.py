"""What a hostile name, server or body cannot do: reach inside our network, hold a thread, or fill the memory."""

from __future__ import annotations

import ipaddress
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import httpcore
import pytest

from extractors.errors import FetchError
from extractors.records import Page
from flows.fetch import Fetcher
from flows.network import connect_tcp, is_public, resolve_host
from tests.flows.conftest import MakeSettings, Site

PUBLIC = "8.8.8.8"
INSIDE = [
    "127.0.0.1", "127.255.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.170", "198.18.0.1", "224.0.0.1",
    "255.255.255.255", "240.0.0.1", "::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:a00:1::f5ff:fffe", "2001:db8::1",
]  # fmt: skip


class Net:
    """A network of which every name leads to `addresses`, and every connection to the loopback site; what is tried is noted."""

    def __init__(self, site: Site, make_settings: MakeSettings) -> None:
        self.site = site
        self.make_settings = make_settings
        self.addresses: dict[str, list[Sequence[str]]] = {}
        self.looked_up: list[str] = []
        self.dialled: list[str] = []

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append(host)
        known = self.addresses.get(host)
        if known is None:
            return resolve_host(host, port)
        return known.pop(0) if len(known) > 1 else known[0]

    def connect(self, address: str, _port: int, timeout: float | None) -> httpcore.NetworkStream:
        self.dialled.append(address)
        return connect_tcp("127.0.0.1", self.site.port, timeout)

    def fetcher(self, **changes: object) -> Fetcher:
        return Fetcher(self.make_settings(**{"host_overrides": {}, **changes}), resolve=self.resolve, connect=self.connect)


@pytest.fixture
def net(site: Site, make_settings: MakeSettings) -> Net:
    return Net(site, make_settings)


@pytest.mark.parametrize("address", INSIDE)
def test_names_that_lead_inside_are_not_dialled(net: Net, address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    net.addresses["a.test"] = [[address]]
    with net.fetcher() as fetcher, pytest.raises(FetchError, match="not on the public net") as caught:
        fetcher.fetch_page("http://a.test/x")
    assert (caught.value.reason, caught.value.retry, net.dialled, net.site.requests) == ("address", False, [], [])


@pytest.mark.parametrize("address", ["8.8.8.8", "203.119.8.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_addresses_are(net: Net, address: str) -> None:
    net.addresses["a.test"] = [[address]]
    net.site.html("a.test/x", "ok")
    with net.fetcher() as fetcher:
        fetcher.fetch_page("http://a.test/x")
    assert net.dialled == [address]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "LOCALHOST", "[::1]", "[::]", "10.1.2.3", "169.254.169.254", "[fd00:ec2::254]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "0.0.0.0", "0",
        "2130706433", "0177.0.0.1", "017700000001", "0x7f.1", "0x7f000001", "127.1", "2852039166", "１２７.０.０.１", "127。0。0。1",
    ],
)  # fmt: skip
def test_no_spelling_of_an_address_leads_inside(net: Net, host: str) -> None:
    with net.fetcher() as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page(f"http://{host}:{net.site.port}/latest/meta-data/")
    # Some of these are no addresses to httpx at all, which is as good.
    assert (caught.value.reason in ("address", "scheme"), net.dialled) == (True, [])


def test_one_address_inside_among_public_ones_forbids_the_name(net: Net) -> None:
    net.addresses["a.test"] = [[PUBLIC, "192.168.0.1"]]
    with net.fetcher() as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page("http://a.test/x")
    assert (caught.value.reason, net.dialled) == ("address", [])


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://inner.test/", "http://0x7f.1/", "//169.254.169.254/latest", "http://[::1]/"]
)
@pytest.mark.parametrize("path", ["/x", "/robots.txt"])
def test_every_hop_is_checked(net: Net, target: str, path: str) -> None:
    net.addresses = {"a.test": [[PUBLIC]], "inner.test": [["172.16.0.9"]]}
    net.site.answers[f"a.test{path}"] = (302, {"Location": target}, b"")
    with net.fetcher() as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page("http://a.test/x")
    assert caught.value.reason == "address"
    assert set(net.dialled) == {PUBLIC}


def test_a_name_that_changes_to_an_address_inside_is_refused_when_it_is_dialled_again(net: Net) -> None:
    def last_of_its_connection(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    net.site.answers["a.test/x"] = last_of_its_connection
    net.addresses["a.test"] = [[PUBLIC], ["169.254.169.254"]]
    with net.fetcher() as fetcher:
        fetcher.fetch_page("http://a.test/x")
        with pytest.raises(FetchError) as caught:
            fetcher.fetch_page("http://a.test/x")
    assert (caught.value.reason, net.dialled) == ("address", [PUBLIC])


def test_the_address_that_was_checked_is_the_one_dialled(net: Net) -> None:
    # A second look-up for the same connection would give the second answer.
    net.addresses["a.test"] = [[PUBLIC], ["127.0.0.1"]]
    net.site.html("a.test/x", "ok")
    with net.fetcher() as fetcher:
        fetcher.fetch_page("http://a.test/x")
    assert (net.looked_up, net.dialled) == (["a.test"], [PUBLIC])


def test_the_next_address_is_tried_when_one_does_not_answer(net: Net) -> None:
    net.addresses["a.test"] = [["2001:4860:4860::8888", PUBLIC]]
    net.site.html("a.test/x", "ok")

    def connect(address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        if ":" in address:
            net.dialled.append(address)
            raise httpcore.ConnectError("network is unreachable")
        return net.connect(address, port, timeout)

    with Fetcher(net.make_settings(host_overrides={}), resolve=net.resolve, connect=connect) as fetcher:
        fetcher.fetch_page("http://a.test/x")
    assert net.dialled == ["2001:4860:4860::8888", PUBLIC]


def test_a_proxy_of_the_environment_does_not_dial_for_us(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    net.addresses["a.test"] = [[PUBLIC]]
    net.site.html("a.test/x", "ok")
    with net.fetcher() as fetcher:
        fetcher.fetch_page("http://a.test/x")
    assert net.dialled == [PUBLIC]


def test_addresses_inside_can_be_allowed(make_settings: MakeSettings, site: Site) -> None:
    site.html(f"127.0.0.1:{site.port}/x", "inside")
    with Fetcher(make_settings(allow_private_addresses=True)) as fetcher:
        page = fetcher.fetch_page(f"http://127.0.0.1:{site.port}/x")
    assert isinstance(page, Page)
    assert page.body == b"inside"


# Time


def test_name_servers_that_do_not_answer_are_waited_for_no_longer_than_for_a_connection(make_settings: MakeSettings) -> None:
    ended = threading.Event()

    def silent(_host: str, _port: int) -> Sequence[str]:
        ended.wait(60)
        return []

    settings = make_settings(host_overrides={}, connect_timeout_seconds=0.2)
    with Fetcher(settings, resolve=silent) as fetcher, pytest.raises(FetchError, match="do not answer") as caught:
        fetcher.fetch_page("http://a.test/x")
    ended.set()
    assert caught.value.reason == "dns"


def test_a_connection_may_take_no_longer_than_the_setting(net: Net) -> None:
    allowed: list[float | None] = []

    def connect(_address: str, _port: int, timeout: float | None) -> httpcore.NetworkStream:
        allowed.append(timeout)
        raise httpcore.ConnectTimeout("timed out")

    net.addresses["a.test"] = [[PUBLIC]]
    settings = net.make_settings(host_overrides={}, connect_timeout_seconds=3)
    with Fetcher(settings, resolve=net.resolve, connect=connect) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page("http://a.test/x")
    assert (caught.value.reason, caught.value.retry, allowed) == ("connect", True, [3.0])


def test_a_host_that_cannot_be_reached_is_not_tried_again_for_ten_minutes(net: Net) -> None:
    now = [1000.0]
    tried: list[float] = []

    def connect(address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        tried.append(now[0])
        if now[0] < 1500:
            raise httpcore.ConnectError("connection refused")
        return net.connect(address, port, timeout)

    net.addresses["a.test"] = [[PUBLIC]]
    net.site.html("a.test/x", "ok")
    settings = net.make_settings(host_overrides={}, fetch_attempts=2)
    with Fetcher(
        settings,
        clock=lambda: now[0],
        now=lambda: datetime.fromtimestamp(now[0], UTC),
        sleep=lambda _: None,
        resolve=net.resolve,
        connect=connect,
    ) as fetcher:
        for _ in range(3):
            with pytest.raises(FetchError) as caught:
                fetcher.fetch_page("http://a.test/x")
            assert caught.value.reason == "connect"
        assert tried == [1000.0, 1000.0]
        now[0] += 601
        fetcher.fetch_page("http://a.test/x")


def stall(handler: BaseHTTPRequestHandler, first: bytes, drop: bytes, ended: threading.Event) -> None:
    """Send `first`, then `drop` again and again until the other side has had enough."""
    handler.close_connection = True
    try:
        handler.wfile.write(first)
        while not ended.wait(0.02):
            if drop:
                handler.wfile.write(drop)
    except OSError:
        ended.set()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b""), (b"", b"H"), (b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"), (HEAD + b"Content-Length: 9999\r\n\r\n", b""), (HEAD + b"Content-Length: 9999\r\n\r\n", b"x"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"), (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), (HEAD + b"\r\n", b"x"),
    ],
    ids=["silence", "drips its status", "drips headers", "stops in the body", "drips the body", "drips chunks", "drips hints", "drips without a length"],
)  # fmt: skip
def test_a_slow_server_holds_nobody_longer_than_the_deadline(site: Site, make_settings: MakeSettings, first: bytes, drop: bytes) -> None:
    ended = threading.Event()
    site.answers["a.test/x"] = lambda handler: stall(handler, first, drop, ended)
    began = time.monotonic()
    with Fetcher(make_settings(total_timeout_seconds=0.4, read_timeout_seconds=30)) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page("http://a.test/x")
    ended.set()
    assert (caught.value.reason, caught.value.retry) == ("timeout", True)
    assert time.monotonic() - began < 25  # far from the 30 s of the read timeout, on the slowest machine


def test_silence_is_cut_by_the_read_timeout(site: Site, make_settings: MakeSettings) -> None:
    ended = threading.Event()
    site.answers["a.test/x"] = lambda handler: stall(handler, HEAD + b"Content-Length: 9\r\n\r\n", b"", ended)
    with Fetcher(make_settings(total_timeout_seconds=60, read_timeout_seconds=0.2)) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page("http://a.test/x")
    ended.set()
    assert caught.value.reason == "timeout"


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\x00\x01\x02", b"HTTP/1.1 999999 what\r\n\r\n", HEAD + b"Content-Length: 100\r\n\r\ncut", HEAD + b"Content-Length: x\r\n\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"X: " + b"a" * 300_000 + b"\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
    ids=["nothing", "noise", "status", "cut", "length", "chunk", "headers", "ssh"],
)  # fmt: skip
def test_what_is_no_http_is_broken(site: Site, make_settings: MakeSettings, answer: bytes) -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(answer)

    site.answers["a.test/x"] = reply
    with Fetcher(make_settings()) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page("http://a.test/x")
    assert (caught.value.reason, caught.value.retry) == ("broken", True)


# Size


def packed_zeros(megabytes: int, wbits: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    million = b"\0" * 1_000_000
    return b"".join(packer.compress(million) for _ in range(megabytes)) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", lambda: packed_zeros(100, 31)), ("deflate", lambda: packed_zeros(100, 15)), ("deflate", lambda: packed_zeros(100, -15)),
        ("gzip", lambda: packed_zeros(1, 31) * 100), ("gzip", lambda: zlib.compress(b"", wbits=31) * 300_000),
    ],
    ids=["gzip", "deflate", "raw deflate", "many members", "empty members"],
)  # fmt: skip
def test_a_bomb_costs_no_memory(site: Site, make_settings: MakeSettings, encoding: str, bomb: Callable[[], bytes]) -> None:
    body = bomb()
    site.answers["a.test/bomb"] = (200, {"Content-Encoding": encoding}, body)
    with Fetcher(make_settings(max_page_bytes=900_000)) as fetcher:
        tracemalloc.start()
        try:
            with pytest.raises(FetchError, match="larger than 900000 bytes") as caught:
                fetcher.fetch_page("http://a.test/bomb")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (caught.value.reason, caught.value.retry) == ("too_large", False)
    assert peak < 6_000_000


def test_a_body_without_end_is_cut_at_the_cap(site: Site, make_settings: MakeSettings) -> None:
    ended = threading.Event()

    def pour(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                handler.wfile.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        except OSError:
            ended.set()

    site.answers["a.test/x"] = pour
    with Fetcher(make_settings(max_page_bytes=1_000_000)) as fetcher, pytest.raises(FetchError) as caught:
        fetcher.fetch_page("http://a.test/x")
    assert caught.value.reason == "too_large"
    assert ended.wait(20)
