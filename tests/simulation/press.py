"""The press of the simulation: outlets that publish through the day, have outages, move, and close. Everything follows from the time."""

from __future__ import annotations

import threading
import tomllib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from extractors.records import Feed, Outlet
from tests.loopback import in_thread
from tests.simulation.timeline import Timeline

FILE = Path(__file__).parent / "press.toml"
START = datetime(2026, 3, 2, tzinfo=UTC)
_VIETNAM = timezone(timedelta(hours=7))
# Newspapers publish from six to twenty-two o'clock.
_OPENS, _OPEN_HOURS = 6, 16
_CHALLENGE = b"<html><head><title>Just a moment...</title></head><body><div id='cf-challenge'></div><script src='/cdn-cgi/challenge-platform/x.js'></script></body></html>"

What = Literal["503", "429", "403", "410", "hang_up", "challenge", "moved"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Trouble(_Strict):
    """What goes wrong from hour `begin` on, for `hours`."""

    begin: float = Field(alias="from")
    hours: float
    what: What


class Kind(_Strict):
    """Outlets of one kind."""

    name: str
    outlets: int
    a_day: int
    window: int
    feeds: int = 1
    crawl_delay: int = 0
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """One simulated outlet."""

    id: str
    kind: Kind
    number: int

    @property
    def host(self) -> str:
        return f"{self.id}.bao.test"

    def outlet(self) -> Outlet:
        """The outlet as the ingest is given it. One that moves has both hosts."""
        feeds = tuple(
            Feed(f"{self.id}/muc-{section}", self.id, f"http://{self.host}/muc-{section}.rss", "rss") for section in range(self.kind.feeds)
        )
        hosts = (self.host, f"moi.{self.host}")
        return Outlet(self.id, f"Báo {self.id}", "vi", "VN", f"http://{self.host}/", hosts, "Asia/Ho_Chi_Minh", feeds)

    def trouble(self, seconds: float) -> What | None:
        """What is wrong at a time."""
        hour = seconds / 3600
        return next((one.what for one in self.kind.troubles if one.begin <= hour < one.begin + one.hours), None)

    def published(self, section: int, seconds: float) -> list[tuple[str, float]]:
        """Path and time of each story of a section until a time, oldest first; those of the day before the start among them."""
        stories = []
        each = self.kind.a_day
        for day in range(-1, int(seconds // 86400) + 2):
            for number in range(each):
                # Spread over the opening hours, and not all papers at the same minute.
                local = _OPENS + _OPEN_HOURS * (number + (zlib.crc32(f"{self.id} {section}".encode()) % 97) / 97) / max(1, each)
                at = day * 86400 + (local - 7) * 3600
                if at <= seconds:
                    stories.append((f"/bai-{section}-{day + 1}-{number}.html", at))
        return stories

    def feed(self, section: int, seconds: float) -> bytes:
        """The feed of a section as it stands at a time: its newest lines, newest first. The first two sections share every fifth story."""
        stories = self.published(section, seconds)
        if section == 1:
            stories = sorted([*stories, *self.published(0, seconds)[::5]], key=lambda story: story[1])
        items = "".join(
            f"<item><title>Tin {path} của {self.id}</title><link>http://{self.host}{path}</link><guid>http://{self.host}{path}</guid>"
            f"<pubDate>{(START + timedelta(seconds=at)).astimezone(_VIETNAM):%a, %d %b %Y %H:%M:%S +0700}</pubDate></item>"
            for path, at in reversed(stories[-self.kind.window :])
        )
        if not items:  # a paper that sleeps still shows its last story
            items = f"<item><title>Tin cũ của {self.id}</title><link>http://{self.host}/bai-cu.html</link></item>"
        return f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{self.id}</title>{items}</channel></rss>".encode()


@dataclass(frozen=True, slots=True)
class Request:
    """A request that was answered: simulated seconds at its start and end. `whole` tells a 200 with a body from a 304."""

    host: str
    path: str
    begin: float
    end: float
    status: int

    @property
    def is_feed(self) -> bool:
        return self.path.endswith(".rss")

    @property
    def is_page(self) -> bool:
        return self.path.endswith(".html")


def read_papers(file: Path = FILE) -> list[Paper]:
    """All outlets of the simulation."""
    kinds = [Kind.model_validate(kind) for kind in tomllib.loads(file.read_text(encoding="utf-8"))["kinds"]]
    return [Paper(f"{kind.name}-{number}", kind, number) for kind in kinds for number in range(1, kind.outlets + 1)]


class SimulatedPress:
    """Answers by the timeline, and remembers every request."""

    def __init__(self, papers: list[Paper], timeline: Timeline) -> None:
        self._papers = {paper.host: paper for paper in papers}
        self._timeline = timeline
        self._guard = threading.Lock()
        self.port = 0
        self.requests: list[Request] = []

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        with self._timeline.at_work():
            begin = self._timeline.seconds()
            name = handler.headers.get("Host", "")
            paper = self._papers[name.removeprefix("moi.")]
            status, headers, body = self._content(paper, name, handler, begin)
            with self._guard:
                self.requests.append(Request(name.removeprefix("www."), handler.path, begin, self._timeline.seconds(), status))
            if status == 0:
                handler.close_connection = True
                return
            handler.send_response(status)
            for header, value in headers.items():
                handler.send_header(header, value)
            if status != 304:
                handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

    def _content(self, paper: Paper, host: str, handler: BaseHTTPRequestHandler, at: float) -> tuple[int, dict[str, str], bytes]:
        trouble = paper.trouble(at)
        path = handler.path
        if trouble == "hang_up":
            return 0, {}, b""
        if trouble == "503":
            return 503, {}, b""
        if path == "/robots.txt":
            delay = f"\nCrawl-delay: {paper.kind.crawl_delay}" if paper.kind.crawl_delay else ""
            return 200, {"Content-Type": "text/plain"}, f"User-agent: *\nDisallow: /tim-kiem{delay}\n".encode()
        if trouble == "429":
            return 429, {"Retry-After": "1800"}, b""
        if trouble == "challenge":
            return 403, {"Content-Type": "text/html", "Server": "cloudflare", "CF-Mitigated": "challenge"}, _CHALLENGE
        if trouble == "moved" and not host.startswith("moi."):
            return 301, {"Location": f"http://moi.{host}{path}"}, b""
        if path.endswith(".rss"):
            if trouble == "410":
                return 410, {}, b""
            body = paper.feed(int(path.partition("-")[2].partition(".")[0]), at)
            tag = f'"{zlib.crc32(body):08x}"'
            if handler.headers.get("If-None-Match") == tag:
                return 304, {"ETag": tag}, b""
            return 200, {"Content-Type": "application/rss+xml; charset=utf-8", "ETag": tag}, body
        text = f"<html><head><title>Tin {path}</title></head><body><article><p>Một bài của {paper.id} ở {path}.</p></article></body></html>"
        return 200, {"Content-Type": "text/html; charset=utf-8"}, text.encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    press: SimulatedPress


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.server.press.answer(self)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@contextmanager
def serve(papers: list[Paper], timeline: Timeline) -> Iterator[SimulatedPress]:
    """The press on a free loopback port."""
    press = SimulatedPress(papers, timeline)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.press = press
    press.port = int(server.server_address[1])
    with in_thread(server):
        yield press
