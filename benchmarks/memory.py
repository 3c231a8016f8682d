"""Resident memory of an ingest of many pages, fetched from loopback: whether it stays flat. Minutes; `make bench MEMORY=1`."""

from __future__ import annotations

import asyncio
import gzip
import json
import multiprocessing
import multiprocessing.connection
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path

from benchmarks.pages import generate_pages, press_outlets
from benchmarks.serving import in_process
from extractors.records import Feed, Outlet
from flows import pipeline
from flows.settings import Settings
from flows.summary import Stage

# More entries than this are not taken from one feed.
_ENTRIES_A_FEED = 1_000


@dataclass(frozen=True)
class Reading:
    """Resident memory in bytes when `pages` pages of a stage were done: of this process, of its workers together, and in how many.

    `mapped` is the part of `own` that only mirrors files, such as the index; the system takes it back when it needs room.
    """

    stage: Stage
    pages: int
    own: int
    mapped: int
    workers: int
    count: int


@dataclass
class _Readings:
    """Progress that reads the memory at certain numbers of pages."""

    marks: Sequence[int]
    taken: list[Reading] = field(default_factory=list)
    done: dict[Stage, int] = field(default_factory=lambda: defaultdict(int))

    def started(self, stage: Stage, total: int) -> None:
        if stage in ("pages", "articles") and total < max(self.marks):
            raise AssertionError(f"only {total} {stage} to do")

    def advanced(self, stage: Stage, count: int = 1) -> None:
        before = self.done[stage]
        self.done[stage] += count
        if stage in ("pages", "articles") and any(before < mark <= self.done[stage] for mark in self.marks):
            workers = [process.pid for process in multiprocessing.active_children() if process.pid and process.name != "server"]
            own, mapped = resident(os.getpid())
            together = sum(resident(pid)[0] for pid in workers)
            self.taken.append(Reading(stage, self.done[stage], own, mapped, together, len(workers)))

    def ended(self, stage: Stage) -> None:
        pass


def measure(marks: Sequence[int]) -> tuple[list[Reading], float]:
    """Readings at each of `marks` pages fetched, and at each indexed, of one ingest of `max(marks)` pages; and its seconds."""
    with tempfile.TemporaryDirectory() as folder:
        feeds, store = _write_pages(Path(folder), max(marks))
        outlets = {name: replace(outlet, feeds=feeds[name]) for name, outlet in press_outlets().items() if name in feeds}
        readings = _Readings(marks)
        with in_process(_serve, store) as port:
            settings = Settings.load(
                home=Path(folder) / "home", host_delay_seconds=0, host_overrides={"*.test": f"127.0.0.1:{port}"}, outlet_folders=()
            )
            began = time.perf_counter()
            summary = pipeline.ingest(settings, outlets, progress=readings)
            spent = time.perf_counter() - began
        if summary.indexed < 0.99 * max(marks):
            raise AssertionError(f"of {max(marks)} pages {summary.indexed} were indexed: {summary}")
        return readings.taken, spent


def resident(pid: int) -> tuple[int, int]:
    """Resident memory of a process, and the part of it that mirrors files, in bytes; 0 where there is no /proc, or when it has just ended."""
    try:
        _, pages, mapped, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
    except OSError:
        return 0, 0
    size = os.sysconf("SC_PAGE_SIZE")
    return pages * size, mapped * size


def _write_pages(folder: Path, count: int) -> tuple[dict[str, tuple[Feed, ...]], Path]:
    """Write `count` pages, packed, into one file with an index beside it, and the feeds that list them. Nothing is kept in memory."""
    index: dict[str, tuple[int, int, str]] = {}
    listed: dict[str, list[str]] = defaultdict(list)
    outlets: dict[str, Outlet] = {}
    store = folder / "pages"
    with store.open("wb") as out:

        def add(url: str, body: bytes, kind: str) -> None:
            packed = gzip.compress(body, 1)
            index[url.removeprefix("http://")] = (out.tell(), len(packed), kind)
            out.write(packed)

        for outlet, page in generate_pages(count):
            outlets[outlet.id] = outlet
            listed[outlet.id].append(page.url)
            add(page.url, page.body, "text/html; charset=utf-8")
        feeds: dict[str, tuple[Feed, ...]] = {}
        for name, urls in listed.items():
            mine = []
            for number, start in enumerate(range(0, len(urls), _ENTRIES_A_FEED)):
                feed = Feed(f"{name}_{number}", name, f"http://{outlets[name].hosts[0]}/bench-{number}.rss", "rss")
                add(feed.url, _rss(urls[start : start + _ENTRIES_A_FEED]), "application/rss+xml")
                mine.append(feed)
            feeds[name] = tuple(mine)
    (folder / "pages.json").write_text(json.dumps(index))
    return feeds, store


def _rss(urls: Sequence[str]) -> bytes:
    items = "".join(f"<item><title>Bài {escape(url)}</title><link>{escape(url)}</link><guid>{escape(url)}</guid></item>" for url in urls)
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Bench</title>{items}</channel></rss>'.encode()


def _serve(store: Path, tell: multiprocessing.connection.Connection) -> None:
    asyncio.run(_serve_for_ever(store, tell))


async def _serve_for_ever(store: Path, tell: multiprocessing.connection.Connection) -> None:
    index: Mapping[str, tuple[int, int, str]] = json.loads(store.with_suffix(".json").read_text())
    pages = store.open("rb")

    def answer(request: bytes) -> bytes:
        lines = request.decode("latin-1").split("\r\n")
        path = lines[0].split(" ")[1]
        host = next(line.partition(":")[2].strip() for line in lines if line.lower().startswith("host:"))
        known = index.get(f"{host}{path}")
        if known is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        offset, length, kind = known
        pages.seek(offset)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"
        return head.encode() + pages.read(length)

    class Protocol(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self._transport = transport

        def data_received(self, data: bytes) -> None:
            self._transport.write(answer(data))

    server = await asyncio.get_running_loop().create_server(Protocol, "127.0.0.1", 0)
    tell.send(server.sockets[0].getsockname()[1])
    async with server:
        await asyncio.Event().wait()
