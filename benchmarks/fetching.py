"""Pages a second of our fetcher from many hosts on loopback, against bare httpx on the same addresses with the same number of threads."""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing.connection
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import httpx

from benchmarks.serving import in_process
from flows.fetch import Fetcher
from flows.settings import Settings

# Every address of 127.0.0.0/8 is this machine, so each of these is a host of its own without any name server.
_FIRST = 11
_HEADERS = {"accept-encoding": "gzip, deflate"}


@dataclass(frozen=True)
class FetchRun:
    """Pages a second of the three, measured one after the other: our fetcher, one httpx.Client, one httpx.Client per host."""

    ours: float
    shared: float
    separate: float


def measure(hosts: int, pages: int, runs: int, body: bytes) -> list[FetchRun]:
    """`runs` measurements of `pages` pages from each of `hosts` hosts, after one that is not counted."""
    addresses = [f"127.0.0.{_FIRST + number}" for number in range(hosts)]
    found: list[FetchRun] = []
    with in_process(_serve, addresses, body) as port:
        urls = [[f"http://{address}:{port}/bai-{number}.html" for number in range(pages)] for address in addresses]
        kinds = [_ours, _shared, _separate]
        for number in range(runs + 1):
            # Who goes first changes, so that none has the quieter machine every time.
            kinds.append(kinds.pop(0))
            speed = {kind: hosts * pages / kind(urls, len(body)) for kind in kinds}
            if number:
                found.append(FetchRun(speed[_ours], speed[_shared], speed[_separate]))
    return found


def _ours(urls: Sequence[Sequence[str]], size: int) -> float:
    settings = Settings.load(host_delay_seconds=0, allow_private_addresses=True, host_overrides={}, fetch_threads=len(urls))
    with Fetcher(settings) as fetcher:

        def visit(url: str) -> int:
            return len(fetcher.fetch_page(url).body)  # type: ignore[union-attr]  # no validators are sent, so it is a page

        return _timed(urls, lambda mine: [visit(url) for url in mine], size)


def _shared(urls: Sequence[Sequence[str]], size: int) -> float:
    limits = httpx.Limits(max_connections=len(urls), max_keepalive_connections=len(urls))
    with httpx.Client(limits=limits, trust_env=False, headers=_HEADERS) as client:
        return _timed(urls, lambda mine: [len(client.get(url).content) for url in mine], size)


def _separate(urls: Sequence[Sequence[str]], size: int) -> float:
    trusted = httpx.create_ssl_context(trust_env=False)  # made once: it takes longer than the pages of a host
    with ExitStack() as stack:
        clients = {mine[0]: stack.enter_context(httpx.Client(verify=trusted, trust_env=False, headers=_HEADERS)) for mine in urls}
        return _timed(urls, lambda mine: [len(clients[mine[0]].get(url).content) for url in mine], size)


def _timed(urls: Sequence[Sequence[str]], visit_host: Callable[[Sequence[str]], list[int]], size: int) -> float:
    with ThreadPoolExecutor(len(urls)) as threads:
        began = time.perf_counter()
        lengths = [length for mine in threads.map(visit_host, urls) for length in mine]
        spent = time.perf_counter() - began
    if set(lengths) != {size}:
        raise AssertionError(f"pages came with lengths {sorted(set(lengths))}, not {size}")
    return spent


def _serve(addresses: Sequence[str], body: bytes, tell: multiprocessing.connection.Connection) -> None:
    asyncio.run(_serve_for_ever(addresses, body, tell))


async def _serve_for_ever(addresses: Sequence[str], body: bytes, tell: multiprocessing.connection.Connection) -> None:
    packed = gzip.compress(body)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    page = head % len(packed) + packed
    none = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    class Protocol(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self._transport = transport

        def data_received(self, data: bytes) -> None:
            self._transport.write(none if data.startswith(b"GET /robots.txt") else page)

    loop = asyncio.get_running_loop()
    first = await loop.create_server(Protocol, addresses[0], 0)
    port = first.sockets[0].getsockname()[1]
    others = await loop.create_server(Protocol, addresses[1:], port)
    tell.send(port)
    async with first, others:
        await asyncio.Event().wait()
