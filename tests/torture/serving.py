"""The torture press as a web server on loopback: a host per case, told apart by the Host header."""

from __future__ import annotations

import re
import socket
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.loopback import in_thread
from tests.torture.behaviours import BEHAVIOURS, Call
from tests.torture.cases import DOMAIN, Case, Served
from tests.torture.stories import story_page

_TYPES = {"html": "text/html; charset=utf-8", "txt": "text/plain; charset=utf-8", "json": "application/feed+json"}
_RSS = "application/rss+xml; charset=utf-8"
_STORY = re.compile(r"/(?:[\w-]+/)*bai-[\w.-]*\.html(?:\?.*)?")


class TorturePress:
    """What is served in which round, and what was asked for: `requests` counts `host/path`, `overlaps` names hosts asked twice at once."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self.round = 1
        self.port = 0
        self.requests: Counter[str] = Counter()
        self.overlaps: set[str] = set()
        self._open: dict[str, list[socket.socket]] = {}
        self._guard = threading.Lock()
        self._served: dict[str, list[tuple[Served, str]]] = {}
        for case in cases:
            for served in case.serve:
                self._served.setdefault(served.host.replace("{host}", case.host) + served.path, []).append((served, case.host))

    @property
    def overrides(self) -> dict[str, str]:
        return {f"*.{DOMAIN}": f"127.0.0.1:{self.port}"}

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        host = self._site(handler)
        key = handler.headers.get("Host", "") + handler.path
        with self._guard:
            self.requests[key] += 1
            count = self.requests[key]
            others = self._open.setdefault(host, [])
            # A client that has hung up has ended its request, whether or not the thread that served it has noticed.
            if any(_connected(other) for other in others):
                self.overlaps.add(host)
            others.append(handler.connection)
        try:
            self._answer(handler, key, count)
        except (BrokenPipeError, ConnectionResetError):  # the client has had enough, which is often what a case wants
            handler.close_connection = True
        finally:
            with self._guard:
                others.remove(handler.connection)

    def _answer(self, handler: BaseHTTPRequestHandler, key: str, count: int) -> None:
        found = [(served, host) for served, host in self._served.get(key, ()) if served.round <= self.round]
        if not found:
            if _STORY.fullmatch(handler.path):
                self._send(handler, 200, _TYPES["html"], {}, story_page(key.partition("?")[0]).encode())
            else:
                self._send(handler, 404, _TYPES["html"], {}, b"<html><body>404</body></html>")
            return
        served, host = max(found, key=lambda item: item[0].round)
        call = Call(handler, served, host, count, self)
        if served.behaviour is not None:
            BEHAVIOURS[served.behaviour](call)
            return
        call.send(call.body())

    def type_of(self, served: Served) -> str:
        """The content type of an address: as its case says, else by its ending, else RSS."""
        return served.type if served.type is not None else _TYPES.get(served.path.partition("?")[0].rpartition(".")[2], _RSS)

    def _send(self, handler: BaseHTTPRequestHandler, status: int, kind: str, headers: dict[str, str], body: bytes) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    @staticmethod
    def _site(handler: BaseHTTPRequestHandler) -> str:
        return handler.headers.get("Host", "").removeprefix("www.")


def _connected(client: socket.socket) -> bool:
    try:
        return client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    press: TorturePress

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away in the middle are the rule here; anything else would show as a case that fails."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        self.server.press.answer(self)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@contextmanager
def serve(cases: Iterable[Case]) -> Iterator[TorturePress]:
    """The torture press on a free loopback port."""
    press = TorturePress(cases)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.press = press
    press.port = int(server.server_address[1])
    with in_thread(server):
        yield press
