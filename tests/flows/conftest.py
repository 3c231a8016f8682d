"""A loopback web server whose answers a test sets, and settings that reach it as `http://<name>.test`."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from flows.ledger import Ledger
from flows.settings import Settings
from tests.loopback import in_thread

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """`answers` maps `host/path` to an answer, a list of them (one per request, the last one stays), or a function given the handler."""

    port: int = 0
    answers: dict[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    open_now: dict[str, int] = field(default_factory=dict)
    most_at_once: dict[str, int] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def html(self, address: str, body: str, **headers: str) -> None:
        self.answers[address] = (200, {"Content-Type": "text/html; charset=utf-8", **headers}, body.encode())

    @property
    def overrides(self) -> dict[str, str]:
        return {"*.test": f"127.0.0.1:{self.port}"}


@contextmanager
def serve_site() -> Iterator[Site]:
    """A site on a free loopback port."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            host = self.headers["Host"]
            key = f"{host}{self.path}"
            with site.guard:
                site.requests.append(key)
                site.headers.append({name.lower(): value for name, value in self.headers.items()})
                site.open_now[host] = site.open_now.get(host, 0) + 1
                site.most_at_once[host] = max(site.most_at_once.get(host, 0), site.open_now[host])
                answer = site.answers.get(key, (404, {}, b""))
                if isinstance(answer, list):
                    answer = answer.pop(0) if len(answer) > 1 else answer[0]
            try:
                if callable(answer):
                    answer(self)
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if status != 304:
                    self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            finally:
                with site.guard:
                    site.open_now[host] -= 1

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.port = server.server_address[1]
    with in_thread(server):
        yield site


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as site:
        yield site


MakeSettings = Callable[..., Settings]


@pytest.fixture
def make_settings(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeSettings:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("KEOSON_")]:
        monkeypatch.delenv(name)

    def make(**changes: Any) -> Settings:
        given = {
            "home": tmp_path / "home",
            "host_delay_seconds": 0,
            "host_overrides": site.overrides,
            "extraction_workers": 1,
            "fetch_attempts": 1,
        }
        return Settings.load(**(given | changes))

    return make


class Time:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def ledger(new_ledger_address: Callable[[], str], time: Time) -> Iterator[Ledger]:
    with Ledger(new_ledger_address(), now=time) as ledger:
        yield ledger
