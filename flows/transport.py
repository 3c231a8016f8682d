"""HTTP/1.1 and HTTP/2 over guarded connections, kept open and used again: the httpx transport below the fetcher."""

from __future__ import annotations

import ssl
import threading
import time
import typing
from collections.abc import Iterator
from pathlib import Path

import httpcore
import httpx

from extractors.errors import SettingsError
from flows.network import GuardedBackend

# Most servers close after 60 s or more; asking on a connection that is just being closed costs a second try.
_KEPT_SECONDS = 30.0
_LOST = (httpcore.RemoteProtocolError, httpcore.LocalProtocolError, httpcore.ReadError, httpcore.WriteError)

_Origin = tuple[bytes, bytes, int | None]


class GuardedTransport(httpx.BaseTransport):
    """An httpx transport on a GuardedBackend (httpx's own transport takes none). Raises httpcore's exceptions as they are.

    Each origin has a pool of its own: one pool looks at all its connections, with a system call each, at every request, which with 50
    hosts costs more than the request; and dropping what belongs to a host does not touch the others.
    """

    def __init__(self, backend: GuardedBackend, *, authorities: Path | None = None) -> None:
        self._backend = backend
        self._tls = tls_context(authorities)
        self._pools: dict[_Origin, httpcore.ConnectionPool] = {}
        self._used: dict[_Origin, float] = {}
        self._guard = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the caller reads the response and closes it."""
        url = request.url
        origin = (url.raw_scheme, url.raw_host, url.port)
        core = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        pool = self._pool(origin)
        used_before = bool(pool.connections)
        try:
            response = pool.handle_request(core)
        except _LOST:
            self._drop(origin, pool)
            if not used_before:
                raise
            # The server had closed the connection in the meantime, which HTTP/2 does not notice before it writes.
            pool = self._pool(origin)
            response = pool.handle_request(core)
        stream = _CoreStream(response, lambda: self._drop(origin, pool))
        return httpx.Response(response.status, headers=response.headers, stream=stream, extensions=response.extensions)

    def close(self) -> None:
        """Close all connections."""
        with self._guard:
            pools = list(self._pools.values())
            self._pools.clear()
        for pool in pools:
            pool.close()

    def _pool(self, origin: _Origin) -> httpcore.ConnectionPool:
        now = time.monotonic()
        with self._guard:
            idle = []
            pool = self._pools.get(origin)
            if pool is None:
                idle = [other for other, used in self._used.items() if now - used > 2 * _KEPT_SECONDS]
                pool = httpcore.ConnectionPool(
                    ssl_context=self._tls, http2=True, network_backend=self._backend, keepalive_expiry=_KEPT_SECONDS
                )
                self._pools[origin] = pool
            closing = [self._pools.pop(other) for other in idle if other in self._pools and not _is_busy(self._pools[other])]
            for other in idle:
                if other not in self._pools:
                    del self._used[other]
            self._used[origin] = now
        for other_pool in closing:
            other_pool.close()
        return pool

    def _drop(self, origin: _Origin, pool: httpcore.ConnectionPool) -> None:
        with self._guard:
            if self._pools.get(origin) is pool:
                del self._pools[origin]
        pool.close()


def tls_context(authorities: Path | None) -> ssl.SSLContext:
    """Certificates and names are verified against the public authorities, and those in the PEM file `authorities`.

    Raises SettingsError when the file holds none.
    """
    context = httpx.create_ssl_context(trust_env=False)
    if authorities is not None:
        try:
            context.load_verify_locations(cafile=authorities)
        except OSError as error:
            raise SettingsError(
                f"KEOSON_EXTRA_AUTHORITIES names {authorities}, which holds no certificates in PEM form: {error}"
            ) from error
    return context


def _is_busy(pool: httpcore.ConnectionPool) -> bool:
    return any(not connection.is_idle() for connection in pool.connections)


class _CoreStream(httpx.SyncByteStream):
    """A body; when it is closed before its end over HTTP/2, the connection goes too.

    The rest would still arrive there, and httpcore never gives back the window that it fills: the connection would stall.
    """

    def __init__(self, response: httpcore.Response, drop: typing.Callable[[], None]) -> None:
        self._stream = response.stream
        self._drop = drop if response.extensions.get("http_version") == b"HTTP/2" else None

    def __iter__(self) -> Iterator[bytes]:
        yield from typing.cast(typing.Iterable[bytes], self._stream)
        self._drop = None

    def close(self) -> None:
        if hasattr(self._stream, "close"):
            self._stream.close()
        if self._drop is not None:
            self._drop()
