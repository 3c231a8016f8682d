"""The press as a web server on loopback: many hosts on one port, told apart by the Host header.

with PressServer() as press:
    outlets = press.base_outlets        # http://<outlet>.press.test/…, to be mapped to 127.0.0.1:press.port by the client's transport
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from extractors.addresses import canonical_address
from extractors.errors import InputError, OutletError
from extractors.records import Outlet
from keoson.press.rendering import Resource, render_site
from keoson.press.sites import press_folder, read_sites

_NOT_FOUND = Resource(
    b"<!doctype html><html><head><title>404</title></head><body><h1>404</h1></body></html>", "text/html; charset=utf-8", status=404
)


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request that the server answered, with the status it gave."""

    method: str
    host: str
    path: str
    status: int
    headers: Mapping[str, str]


class PressServer:
    """Serves the sample press, or other folders of its form, on 127.0.0.1.

    `folders` are press folders (default: the sample press). `extra` adds single resources by their absolute address and `extra_outlets` the
    outlets they belong to, so that a test can serve texts of its own. `port` 0 takes a free port. Answers are found by canonical address,
    so `www.` and tracking parameters lead to the same page, as they do on real sites. Outlet ids and addresses are the same in every run.
    """

    def __init__(
        self,
        folders: Sequence[Path] | None = None,
        *,
        extra: Mapping[str, Resource] | None = None,
        extra_outlets: Iterable[Outlet] = (),
        port: int = 0,
    ) -> None:
        self.requests_seen: list[SeenRequest] = []
        self.base_outlets: dict[str, Outlet] = {}
        self._resources: dict[str, Resource] = {}
        for folder in folders if folders is not None else (press_folder(),):
            for site in read_sites(folder):
                self._add_outlet(site.outlet)
                for address, resource in render_site(site):
                    self._resources[canonical_address(address)] = resource
        for outlet in extra_outlets:
            self._add_outlet(outlet)
        for address, resource in (extra or {}).items():
            self._resources[canonical_address(address)] = resource
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.press = self
        self._thread = threading.Thread(target=self._server.serve_forever, name="press", kwargs={"poll_interval": 0.05}, daemon=True)

    def _add_outlet(self, outlet: Outlet) -> None:
        if outlet.id in self.base_outlets:
            raise OutletError(f"outlet {outlet.id!r} is in two of the press's folders")
        self.base_outlets[outlet.id] = outlet

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def replace(self, address: str, resource: Resource) -> None:
        """Answer `address` with something else from now on: a page that changes, a feed that breaks."""
        self._resources[canonical_address(address)] = resource

    def answer(self, host: str, path: str) -> Resource:
        """What stands at an address; a 404 page if nothing does."""
        try:
            return self._resources.get(canonical_address(f"http://{host}{path}"), _NOT_FOUND)
        except InputError:
            return _NOT_FOUND

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop serving and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> PressServer:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    press: PressServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed resets its connection: that is what the crash runs do, and no fault of the press."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds: a client that keeps its connection open does not keep a thread for ever
    server: _Server

    def do_GET(self) -> None:
        self._respond(with_body=True)

    def do_HEAD(self) -> None:
        self._respond(with_body=False)

    def _respond(self, *, with_body: bool) -> None:
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        resource = self.server.press.answer(host, self.path)
        # The type belongs to what a client gets, so a changed type is a changed answer.
        tag = f'"{hashlib.sha256(resource.content_type.encode() + resource.body).hexdigest()[:32]}"'
        unchanged = resource.status == 200 and tag in {part.strip() for part in self.headers.get("If-None-Match", "").split(",")}
        status = 304 if unchanged else resource.status
        self.server.press.requests_seen.append(SeenRequest(self.command, host, self.path, status, dict(self.headers)))
        self.send_response(status)
        if resource.status == 200:
            self.send_header("ETag", tag)
            if resource.last_modified:
                self.send_header("Last-Modified", format_datetime(resource.last_modified.astimezone(UTC), usegmt=True))
        if not unchanged:
            self.send_header("Content-Type", resource.content_type)
            self.send_header("Content-Length", str(len(resource.body)))
        self.end_headers()
        if with_body and not unchanged:
            self.wfile.write(resource.body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: what was asked is in `requests_seen`."""
