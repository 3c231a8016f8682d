"""Which addresses may be dialled, and until when: the network backend below httpx.

A feed may name any host, and a host name may resolve to the inside of our own network. So names are resolved here, every address
is checked, and the checked address is the one dialled (a second look-up could give another). Overrides, like curl's --connect-to,
dial a given address under the unchanged name, so that Host headers, page addresses and ids stay as if the site were on the net.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase

import httpcore
import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class ForbiddenAddressError(httpcore.ConnectError):
    """A name resolves to an address that is not on the public net."""


def is_public(address: Address) -> bool:
    """Whether an address is on the public net: not loopback, private, link-local (where clouds keep metadata), shared or multicast."""
    if isinstance(address, ipaddress.IPv6Address):
        # These three carry an IPv4 address inside, which is where the packet ends up.
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_public(inner)
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast and not address.is_reserved


class GuardedBackend(httpcore.NetworkBackend):
    """Dials checked addresses only, and cuts every wait at the deadline of the calling thread's request."""

    def __init__(
        self,
        overrides: Mapping[str, str],
        *,
        allow_private: bool,
        clock: Callable[[], float] = time.monotonic,
        inner: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._overrides = dict(overrides)
        self._allow_private = allow_private
        self._clock = clock
        self._inner = inner or httpcore.SyncBackend()
        self._local = threading.local()

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """Everything this thread sends and receives inside ends within `seconds`, however slowly a server drips its bytes."""
        self._local.until = self._clock() + seconds
        try:
            yield
        finally:
            self._local.until = None

    def remaining(self, timeout: float | None) -> float | None:
        """`timeout`, cut to what is left until the deadline. Raises httpcore.ReadTimeout when nothing is left."""
        until: float | None = getattr(self._local, "until", None)
        if until is None:
            return timeout
        left = until - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout("the total time allowed for one page has passed")
        return left if timeout is None else min(timeout, left)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        target = self._override(host)
        if target is not None:
            return self._dial(*target, timeout, local_address, socket_options)
        failure: Exception | None = None
        for address in self._resolve(host, port):
            try:
                return self._dial(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def _dial(
        self, address: str, port: int, timeout: float | None, local_address: str | None, options: Iterable[httpcore.SOCKET_OPTION] | None
    ) -> httpcore.NetworkStream:
        return _DeadlineStream(self._inner.connect_tcp(address, port, self.remaining(timeout), local_address, options), self)

    def _override(self, host: str) -> tuple[str, int] | None:
        for pattern, target in self._overrides.items():
            if fnmatchcase(host.lower(), pattern.lower()):
                address, _, port = target.rpartition(":")
                return address.strip("[]"), int(port)
        return None

    def _resolve(self, host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from error
        addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
        if not self._allow_private:
            for address in addresses:
                if not is_public(ipaddress.ip_address(address)):
                    raise ForbiddenAddressError(f"{host} resolves to {address}, which is not on the public net")
        return addresses


class _DeadlineStream(httpcore.NetworkStream):
    """A stream that asks the backend before each wait how long it may be."""

    def __init__(self, inner: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._backend.remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._backend.remaining(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: typing.Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, self._backend.remaining(timeout)), self._backend)

    def get_extra_info(self, info: str) -> typing.Any:
        return self._inner.get_extra_info(info)


class _CoreStream(httpx.SyncByteStream):
    def __init__(self, stream: typing.Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()


class GuardedTransport(httpx.BaseTransport):
    """An httpx transport on a GuardedBackend (httpx's own transport takes none). Raises httpcore's exceptions as they are."""

    def __init__(self, backend: GuardedBackend) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=httpx.create_ssl_context(), network_backend=backend, keepalive_expiry=30)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=response.status, headers=response.headers, stream=_CoreStream(response.stream), extensions=response.extensions
        )

    def close(self) -> None:
        self._pool.close()
