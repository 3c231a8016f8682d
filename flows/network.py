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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Host and port to addresses; raises OSError when there are none.
Resolve = Callable[[str, int], Sequence[str]]
# Address, port and seconds to a stream; raises httpcore.ConnectError or httpcore.ConnectTimeout.
Connect = Callable[[str, int, float | None], httpcore.NetworkStream]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# RFC 8215: translation inside one network, to addresses that only that network knows.
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")


class ForbiddenAddressError(httpcore.ConnectError):
    """A name resolves to an address that is not on the public net."""


class UnresolvedError(httpcore.ConnectError):
    """A name has no address, or its name servers do not tell."""


class TlsError(httpcore.ConnectError):
    """The server's certificate is not valid for its name, or it speaks no TLS that we do."""


def is_public(address: Address) -> bool:
    """Whether an address is on the public net: not loopback, private, link-local (where clouds keep metadata), shared or multicast."""
    if isinstance(address, ipaddress.IPv6Address):
        # These carry an IPv4 address inside, which is where the packet ends up.
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_public(inner)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.is_site_local or address in _NAT64_LOCAL:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve_host(host: str, port: int) -> list[str]:
    """The addresses of a host by the system's resolver, the preferred one first. Raises OSError or UnicodeError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def connect_tcp(address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
    """A TCP connection within `timeout` seconds."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout)


class GuardedBackend(httpcore.NetworkBackend):
    """Dials checked addresses only, and cuts every wait at the deadline of the calling thread's request."""

    def __init__(
        self,
        overrides: Mapping[str, str],
        *,
        allow_private: bool,
        clock: Callable[[], float] = time.monotonic,
        resolve: Resolve = resolve_host,
        connect: Connect = connect_tcp,
    ) -> None:
        self._overrides = dict(overrides)
        self._allow_private = allow_private
        self._clock = clock
        self._resolver = resolve
        self._connect = connect
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
        """A guarded connection to `host`. Neither a source address nor socket options are ever asked for here, so both are ignored."""
        target = self._override(host)
        if target is not None:
            return self._dial(*target, timeout)
        failure: Exception | None = None
        for address in self._checked_addresses(host, port, timeout):
            try:
                return self._dial(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or UnresolvedError(f"{host} has no address")

    def _dial(self, address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        return _DeadlineStream(self._connect(address, port, self.remaining(timeout)), self)

    def _override(self, host: str) -> tuple[str, int] | None:
        for pattern, target in self._overrides.items():
            if fnmatchcase(host.lower(), pattern.lower()):
                address, _, port = target.rpartition(":")
                return address.strip("[]"), int(port)
        return None

    def _checked_addresses(self, host: str, port: int, timeout: float | None) -> Sequence[str]:
        """All addresses of a host. One that is forbidden forbids the host: a list that mixes both kinds is an attempt to get inside."""
        try:
            addresses = _within(self.remaining(timeout), lambda: self._resolver(host, port))
        except TimeoutError as error:
            raise UnresolvedError(f"the name servers of {host} do not answer") from error
        except (OSError, UnicodeError) as error:
            raise UnresolvedError(f"{host} cannot be resolved: {error}") from error
        if not self._allow_private:
            for address in addresses:
                if not is_public(ipaddress.ip_address(address)):
                    raise ForbiddenAddressError(f"{host} resolves to {address}, which is not on the public net")
        return addresses


def _within(seconds: float | None, look_up: Callable[[], Sequence[str]]) -> Sequence[str]:
    """What `look_up` returns or raises; TimeoutError when it takes longer: the system's resolver knows no deadline of ours."""
    found: list[Sequence[str]] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(look_up())
        except Exception as error:  # noqa: BLE001  raised again below, in the thread that asked
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True, name="keoson-resolve")
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError
    return found[0]


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
        try:
            secured = self._inner.start_tls(ssl_context, server_hostname, self._backend.remaining(timeout))
        except httpcore.ConnectError as error:
            raise TlsError(f"no trusted connection to {server_hostname}: {error}") from error
        return _DeadlineStream(secured, self._backend)

    def get_extra_info(self, info: str) -> typing.Any:
        return self._inner.get_extra_info(info)
