"""Fetching one page politely: `Fetcher.fetch_page(url)` gives a Page, NotModified, or a FetchError that says whether to try again."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx
from protego import Protego

from extractors.errors import FetchError
from extractors.records import Page
from flows.network import ForbiddenAddressError, GuardedBackend, GuardedTransport
from flows.politeness import HostGate
from flows.settings import Settings

MAX_REDIRECTS = 5
# Worth asking again within seconds. 403 is not: it may be a rate limit or a bot challenge, and asking at once makes both worse.
_RETRY_AT_ONCE = frozenset({408, 425, 429, 500, 502, 503, 504})
_RETRY_LATER = _RETRY_AT_ONCE | {403}
# Retry-After longer than this belongs to a later run, not to a thread that sleeps.
_LONGEST_WAIT = 60.0
_ROBOTS_BYTES = 500_000
_ROBOTS_SECONDS = 24 * 3600.0
_ROBOTS_FAILURE_SECONDS = 600.0
# These describe the bytes on the wire, not the decoded body that a Page holds.
_WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})

Refusal = Literal["foreign_host", "robots", "address", "scheme"]


class PageRefusedError(FetchError):
    """A page that we do not fetch: its host is not the outlet's, its address is not public, or robots.txt forbids it."""

    def __init__(self, message: str, *, reason: Refusal, status: int | None = None) -> None:
        super().__init__(message, retry=False, status=status)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask later whether a page has changed."""

    etag: str | None = None
    last_modified: str | None = None


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that the page is as it was when it gave the validators."""

    url: str
    fetched_at: datetime


@dataclass(slots=True)
class _Robots:
    rules: Protego | None
    failure: str | None
    until: float


class Fetcher:
    """Fetches pages for any number of threads, one request at a time per host. Close it, or use it in a `with`."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._backend = GuardedBackend(settings.host_overrides, allow_private=settings.allow_private_addresses, clock=clock)
        self._client = httpx.Client(
            transport=GuardedTransport(self._backend),
            # A proxy from the environment would dial for us and skip the check of addresses.
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(settings.read_timeout_seconds, connect=settings.connect_timeout_seconds),
            headers={"user-agent": settings.user_agent, "accept-encoding": "gzip, deflate", "accept": "*/*"},
        )
        self._gate = HostGate(settings.host_delay_seconds, clock=clock, sleep=sleep)
        self._robots: dict[str, _Robots] = {}
        self._robots_guard = threading.Lock()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def fetch_page(self, url: str, validators: Validators | None = None, *, hosts: Collection[str] | None = None) -> Page | NotModified:
        """The page at `url`, redirects followed. With `hosts` (`www.` is understood), neither it nor a redirect may leave them.

        Raises FetchError with `retry` and the HTTP `status`; statuses from 400 on are errors. A Page's body is decoded.
        """
        headers = {}
        if validators and validators.etag:
            headers["if-none-match"] = validators.etag
        if validators and validators.last_modified:
            headers["if-modified-since"] = validators.last_modified
        address = url
        for _ in range(MAX_REDIRECTS + 1):
            self._check_address(address, hosts)
            self._check_robots(address)
            status, received, body = self._request(address, headers)
            if status == 304 and headers:
                return NotModified(url, self._now())
            location = next((value for name, value in received if name == "location"), None)
            if status in (301, 302, 303, 307, 308) and location:
                address = urljoin(address, location.strip())
                continue
            if not 200 <= status < 300:
                raise FetchError(f"{address} answered with status {status}", retry=status in _RETRY_LATER, status=status)
            kept = tuple((name, value) for name, value in received if name not in _WIRE_HEADERS)
            return Page(url, address, status, kept, body, self._now())
        raise FetchError(f"{url} redirects more than {MAX_REDIRECTS} times", retry=False)

    def _check_address(self, url: str, hosts: Collection[str] | None) -> None:
        try:
            parts = urlsplit(url)
            host = parts.hostname
            _ = parts.port
            httpx.URL(url)
        except (ValueError, httpx.InvalidURL) as error:
            raise PageRefusedError(f"{url!r} is no web address: {error}", reason="scheme") from error
        if parts.scheme not in ("http", "https") or not host:
            raise PageRefusedError(f"{url!r} is no http or https address", reason="scheme")
        if hosts is not None and _site(host) not in {_site(name) for name in hosts}:
            raise PageRefusedError(f"{url} is on {host}, not on one of {', '.join(sorted(hosts))}", reason="foreign_host")

    def _check_robots(self, url: str) -> None:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        with self._robots_guard:
            known = self._robots.get(origin)
        if known is None or self._clock() >= known.until:
            known = self._fetch_robots(origin, _site(parts.hostname or ""))
            with self._robots_guard:
                self._robots[origin] = known
        if known.failure is not None:
            raise FetchError(f"{origin}/robots.txt cannot be read, so {url} is not fetched for now: {known.failure}", retry=True)
        if known.rules is not None and not known.rules.can_fetch(url, self._settings.user_agent):
            raise PageRefusedError(f"{origin}/robots.txt forbids {url}", reason="robots")

    def _fetch_robots(self, origin: str, host: str) -> _Robots:
        address = f"{origin}/robots.txt"
        try:
            for _ in range(MAX_REDIRECTS + 1):
                status, received, body = self._request(address, {}, max_bytes=_ROBOTS_BYTES)
                location = next((value for name, value in received if name == "location"), None)
                if not 300 <= status < 400 or not location:
                    break
                address = urljoin(address, location.strip())
                self._check_address(address, None)
        except PageRefusedError:
            raise
        except FetchError as error:
            return _Robots(None, str(error), self._clock() + _ROBOTS_FAILURE_SECONDS)
        if status >= 500:
            return _Robots(None, f"status {status}", self._clock() + _ROBOTS_FAILURE_SECONDS)
        if status >= 300:  # RFC 9309, 2.3.1.3: an unavailable robots.txt forbids nothing
            return _Robots(None, None, self._clock() + _ROBOTS_SECONDS)
        rules = Protego.parse(body.decode("utf-8", errors="replace"))
        delay = rules.crawl_delay(self._settings.user_agent)
        if delay is not None:
            self._gate.slow_down(host, delay)
        return _Robots(rules, None, self._clock() + _ROBOTS_SECONDS)

    def _request(self, url: str, headers: dict[str, str], *, max_bytes: int | None = None) -> tuple[int, list[tuple[str, str]], bytes]:
        """One address, tried up to `fetch_attempts` times. Returns the last answer, whatever its status; none at all is a FetchError."""
        for attempt in range(1, self._settings.fetch_attempts + 1):
            last = attempt == self._settings.fetch_attempts
            wait = float(2 ** (attempt - 1))
            try:
                status, received, body = self._request_once(url, headers, max_bytes or self._settings.max_page_bytes)
            except FetchError as error:
                if last or not error.retry:
                    raise
            else:
                asked = self._retry_after(received)
                if last or status not in _RETRY_AT_ONCE or (asked or 0) > _LONGEST_WAIT:
                    return status, received, body
                wait = max(wait, asked or 0)
            self._sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _request_once(self, url: str, headers: dict[str, str], max_bytes: int) -> tuple[int, list[tuple[str, str]], bytes]:
        host = _site(urlsplit(url).hostname or "")
        with self._gate.turn(host), self._backend.deadline(self._settings.total_timeout_seconds):
            try:
                with self._client.stream("GET", url, headers=headers) as response:
                    received = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw]
                    return response.status_code, received, _read_body(url, response, max_bytes)
            except ForbiddenAddressError as error:
                raise PageRefusedError(f"{url} is not fetched: {error}", reason="address") from error
            except httpcore.TimeoutException as error:
                raise FetchError(f"{url} did not answer in time: {error}", retry=True) from error
            except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
                raise FetchError(f"{url} could not be fetched: {error}", retry=True) from error
            except (httpx.InvalidURL, httpcore.UnsupportedProtocol) as error:
                raise PageRefusedError(f"{url!r} is no web address: {error}", reason="scheme") from error

    def _retry_after(self, received: list[tuple[str, str]]) -> float | None:
        value = next((value for name, value in received if name == "retry-after"), None)
        if value is None:
            return None
        if value.strip().isdecimal():
            return float(value)
        try:
            return (parsedate_to_datetime(value).astimezone(UTC) - self._now()).total_seconds()
        except (ValueError, TypeError):  # neither seconds nor a date: as if it had not been sent
            return None


def _site(host: str) -> str:
    """A host without `www.`: the two are one site, to an outlet's file as to a publisher's patience."""
    return host.lower().removeprefix("www.")


def _read_body(url: str, response: httpx.Response, max_bytes: int) -> bytes:
    """The decoded body, with both the bytes on the wire and the decoded bytes under the cap."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip", "deflate"):
        raise FetchError(f"{url} is encoded as {encoding}, which was not asked for", retry=False, status=response.status_code)
    decoder = None if encoding in ("identity", "") else zlib.decompressobj(zlib.MAX_WBITS | 32)
    too_large = FetchError(f"{url} is larger than {max_bytes} bytes", retry=False, status=response.status_code)
    body = bytearray()
    wire = 0
    for chunk in response.iter_raw():
        wire += len(chunk)
        if wire > max_bytes:
            raise too_large
        if decoder is None:
            body += chunk
            continue
        try:
            # One byte more than is allowed is enough to know, and keeps a bomb from unfolding.
            body += decoder.decompress(chunk, max_bytes - len(body) + 1)
        except zlib.error as error:
            if wire == len(chunk) and encoding == "deflate":  # some servers send raw deflate, without the zlib header
                decoder = zlib.decompressobj(-zlib.MAX_WBITS)
                try:
                    body += decoder.decompress(chunk, max_bytes + 1)
                except zlib.error as again:
                    raise FetchError(f"{url} is not valid {encoding}: {again}", retry=True, status=response.status_code) from again
            else:
                raise FetchError(f"{url} is not valid {encoding}: {error}", retry=True, status=response.status_code) from error
        if len(body) > max_bytes:
            raise too_large
    if decoder is not None and wire and not decoder.eof:
        raise FetchError(f"{url} ends in the middle of its {encoding} data", retry=True, status=response.status_code)
    return bytes(body)
