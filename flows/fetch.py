"""Fetching one page politely: `Fetcher.fetch_page(url)` gives a Page, NotModified, or a FetchError that says why and whether to try again."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit

import httpcore
import httpx
import stamina

from extractors.errors import FetchError
from extractors.records import Page
from flows.answers import PERMANENT, Answer, refused, retry_after
from flows.body import read_body
from flows.challenges import find_challenge
from flows.cookies import CookieJars, FetchJars
from flows.network import Connect, ForbiddenAddressError, GuardedBackend, Resolve, TlsError, UnresolvedError, connect_tcp, resolve_host
from flows.politeness import LONGEST_SLEEP, HostGate
from flows.robots import MAX_BYTES as ROBOTS_BYTES
from flows.robots import RobotsBook, RobotsForgotten, RobotsStore
from flows.settings import Settings
from flows.transport import GuardedTransport
from flows.validators import NO_VALIDATORS, Validators

MAX_REDIRECTS = 5
# Worth asking again within seconds. 403 is not: it may be a rate limit or a bot challenge, and asking at once makes both worse.
_RETRY_AT_ONCE = frozenset({408, 425, 500, 502, 503, 504})
_NO_ANSWER = frozenset({"dns", "connect", "timeout", "broken"})
_DEAD = frozenset({"dns", "connect"})
# How long a host is left alone that cannot be reached (Media Cloud's number), tests for browsers, or sends 429 without saying for how long.
_LEFT_ALONE_SECONDS = 600.0
_JITTER_SECONDS = 1.0
# What a header may hold (RFC 9110, 5.5).
_SENDABLE = re.compile(r"[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?")
# These describe the bytes on the wire, not the decoded body that a Page holds.
_WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that the page is as it was when it gave the validators. `moved_to` as of a Page."""

    url: str
    fetched_at: datetime
    moved_to: str | None = None


class Fetcher:
    """Fetches pages for any number of threads, one request at a time per host. Close it, or use it in a `with`.

    Time, chance and the network can be given: `clock` (seconds that only grow), `sleep`, `now` (with a zone), `rng`, `resolve` (host and
    port to addresses), `connect` (address, port and timeout to a stream). `robots` keeps robots.txt from one run to the next.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        rng: random.Random | None = None,
        resolve: Resolve = resolve_host,
        connect: Connect = connect_tcp,
        robots: RobotsStore | None = None,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._now = now
        self._random = rng or random.Random()
        self._backend = GuardedBackend(
            settings.host_overrides, allow_private=settings.allow_private_addresses, clock=clock, resolve=resolve, connect=connect
        )
        # The transport alone, not an httpx.Client: that would keep cookies of all sites, follow redirects unseen, and obey proxies of the
        # environment, which dial for us and skip the check of addresses.
        self._transport = GuardedTransport(self._backend, authorities=settings.extra_authorities)
        timeout = httpx.Timeout(settings.read_timeout_seconds, connect=settings.connect_timeout_seconds)
        self._extensions = {"timeout": timeout.as_dict()}
        self._headers = {b"user-agent": settings.user_agent.encode(), b"accept-encoding": b"gzip, deflate", b"accept": b"*/*"}
        self._gate = HostGate(settings.host_delay_seconds, clock=clock, sleep=sleep)
        self._cookies = CookieJars()
        # Its hooks would print a line per retry, with waits that are not ours.
        stamina.instrumentation.set_on_retry_hooks(())
        self._robots = RobotsBook(self._fetch_robots, settings.user_agent, now=now, store=robots or RobotsForgotten())

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def delay_of(self, host: str) -> float:
        """Seconds between two requests to `host`: ours, or its crawl-delay if that is longer and known."""
        return self._gate.delay_of(_site(host))

    def fetch_page(self, url: str, validators: Validators | None = None, *, hosts: Collection[str] | None = None) -> Page | NotModified:
        """The page at `url`, redirects followed. With `hosts` (`www.` is understood), neither it nor a redirect may leave them.

        Raises FetchError with `reason`, `retry`, `status` and `wait`; statuses from 400 on and challenges are errors. A Page's body is
        decoded. Cookies are kept for the hops of this one fetch; for longer only where a site redirects in a circle without them.
        """
        asked = _validator_headers(validators or NO_VALIDATORS)
        jars = self._cookies.for_one_fetch()
        address, moved_to, moving = url, None, True
        seen: set[str] = set()
        primed = False
        for _ in range(MAX_REDIRECTS + 1):
            _check_address(address, hosts, moved=address == moved_to)
            self._check_robots(address)
            answer = self._request(address, asked | jars.header(address))
            if answer.status == 304 and asked:
                return NotModified(url, self._now(), moved_to)
            if answer.redirect is None:
                error = refused(answer, self._now())
                if error is not None:
                    raise self._noted(address, error)
                if address in seen:
                    jars.remember(address)
                kept = tuple((name, value) for name, value in answer.headers if name not in _WIRE_HEADERS)
                return Page(url, address, answer.status, kept, answer.body, self._now(), moved_to)
            seen.add(address)
            new_cookies = jars.take(answer)
            target = answer.redirect
            moving = moving and answer.status in PERMANENT and target not in seen
            moved_to = target if moving else moved_to
            if target in seen and not new_cookies:
                if primed or not self._prime(jars, target):
                    raise FetchError(f"{url} redirects in a circle, back to {target}", retry=True, status=answer.status, reason="redirects")
                primed = True
            address = target
        raise FetchError(f"{url} redirects more than {MAX_REDIRECTS} times", retry=True, status=answer.status, reason="redirects")

    def _prime(self, jars: FetchJars, url: str) -> bool:
        """Ask for the section of `url`: where some sites (QĐND) give the cookie without which a feed redirects to itself for ever."""
        section = _section_address(url)
        if section is None:
            return False
        self._check_robots(section)
        return jars.take(self._request(section, {}))

    def _check_robots(self, url: str) -> None:
        delay = self._robots.check(url).crawl_delay(self._settings.user_agent)
        if delay is not None:
            self._gate.slow_down(_site(urlsplit(url).hostname or ""), delay)

    def _fetch_robots(self, url: str) -> Answer:
        _check_address(url, None)
        answer = self._request(url, {}, max_bytes=ROBOTS_BYTES, cut=True)
        error = refused(answer, self._now())
        if error is not None and (error.reason == "rate_limited" or (error.reason == "challenge" and answer.status >= 500)):
            raise self._noted(url, error)
        return answer

    def _noted(self, url: str, error: FetchError) -> FetchError:
        """An error of the server's, after which the whole host is left alone for as long as it asks or as is decent."""
        if error.reason in ("rate_limited", "challenge"):
            self._gate.pause(_site(urlsplit(url).hostname or ""), error.wait or _LEFT_ALONE_SECONDS, str(error))
        return error

    def _request(self, url: str, headers: dict[bytes, bytes], *, max_bytes: int | None = None, cut: bool = False) -> Answer:
        """One address, tried up to `fetch_attempts` times. Returns the last answer, whatever its status; none at all is a FetchError."""
        most = max_bytes or self._settings.max_page_bytes
        pause = 0.0
        try:
            # stamina counts and spaces the attempts; it cannot be given a sleep of ours, so it waits 0 s and we wait before the next one.
            for attempt in stamina.retry_context(
                on=lambda error: 0.0 if _is_worth_another(error) else False,
                attempts=self._settings.fetch_attempts,
                timeout=None,
                wait_initial=1.0,
                wait_max=LONGEST_SLEEP,
            ):
                if attempt.num > 1:
                    self._sleep(pause)
                with attempt:
                    pause = attempt.next_wait + self._random.uniform(0, _JITTER_SECONDS)
                    answer = self._request_once(url, headers, most, cut)
                    wait = retry_after(answer, self._now())
                    if wait is not None:
                        pause = max(pause, wait + self._random.uniform(0, _JITTER_SECONDS))
                    if attempt.num < self._settings.fetch_attempts and _is_passing(answer, wait):
                        raise _PassingError(url, answer.status)
                    return answer
        except FetchError as error:
            if error.reason in _DEAD:
                self._gate.pause(_site(urlsplit(url).hostname or ""), _LEFT_ALONE_SECONDS, str(error))
            raise
        raise AssertionError("the last attempt returns or raises")

    def _request_once(self, url: str, headers: dict[bytes, bytes], max_bytes: int, cut: bool) -> Answer:
        host = _site(urlsplit(url).hostname or "")
        with self._gate.turn(host), self._backend.deadline(self._settings.total_timeout_seconds):
            try:
                request = httpx.Request("GET", _parsed(url), headers=self._headers | headers, extensions=self._extensions)
                response = self._transport.handle_request(request)
                try:
                    received = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw)
                    encoding = response.headers.get("content-encoding", "")
                    body = read_body(url, response.iter_raw(), encoding, max_bytes, status=response.status_code, cut=cut)
                finally:
                    response.close()
            except ForbiddenAddressError as error:
                raise FetchError(f"{url} is not fetched: {error}", retry=False, reason="address") from error
            except UnresolvedError as error:
                raise FetchError(f"{url} could not be fetched: {error}", retry=True, reason="dns") from error
            except TlsError as error:
                raise FetchError(f"{url} could not be fetched: {error}", retry=True, reason="tls") from error
            except httpcore.ConnectTimeout as error:
                raise FetchError(f"{url} could not be fetched: no connection in time", retry=True, reason="connect") from error
            except httpcore.TimeoutException as error:
                raise FetchError(f"{url} did not answer in time: {error}", retry=True, reason="timeout") from error
            except httpcore.ConnectError as error:
                raise FetchError(f"{url} could not be fetched: {error}", retry=True, reason="connect") from error
            except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
                raise FetchError(f"{url} could not be fetched: {error}", retry=True, reason="broken") from error
            except (httpx.InvalidURL, httpcore.UnsupportedProtocol) as error:
                raise FetchError(f"{url!r} is no web address: {error}", retry=False, reason="scheme") from error
        return Answer(url, response.status_code, received, body)


class _PassingError(Exception):
    """An answer that is likely to be another one in a moment."""


def _is_passing(answer: Answer, wait: float | None) -> bool:
    """Whether a status may be another one within a minute: most 5xx, and 429 when the server says so, unless it is a challenge."""
    if wait is not None and wait > LONGEST_SLEEP:
        return False
    passing = answer.status in _RETRY_AT_ONCE or (answer.status == 429 and wait is not None)
    return passing and find_challenge(answer.status, answer.headers, answer.body) is None


def _is_worth_another(error: Exception) -> bool:
    return isinstance(error, _PassingError) or (isinstance(error, FetchError) and error.retry and error.reason in _NO_ANSWER)


# The check of an address and its request parse it; a tenth of a page's time.
_parsed = lru_cache(maxsize=1024)(httpx.URL)


def _validator_headers(validators: Validators) -> dict[bytes, bytes]:
    """The headers of a conditional request, as the server wrote them: headers are read as latin-1, so that no byte is lost."""
    given = {b"if-none-match": validators.etag, b"if-modified-since": validators.last_modified}
    return {name: value.encode("latin-1") for name, value in given.items() if value and _SENDABLE.fullmatch(value)}


def _check_address(url: str, hosts: Collection[str] | None, *, moved: bool = False) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
        _parsed(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise FetchError(f"{url!r} is no web address: {error}", retry=False, reason="scheme") from error
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError(f"{url!r} is no http or https address", retry=False, reason="scheme")
    if hosts is not None and _site(host) not in {_site(name) for name in hosts}:
        told = "; the server says that it has moved there for good: if so, add the host to the outlet's file" if moved else ""
        raise FetchError(f"{url} is on {host}, not on one of {', '.join(sorted(hosts))}{told}", retry=False, reason="foreign_host")


def _section_address(url: str) -> str | None:
    """The first folder of an address, `https://a.test/rss` of `https://a.test/rss/news/1`; None when it has none."""
    parts = urlsplit(url)
    folders = parts.path.strip("/").split("/")
    return f"{parts.scheme}://{parts.netloc}/{folders[0]}" if len(folders) > 1 else None


def _site(host: str) -> str:
    """A host without `www.`: the two are one site, to an outlet's file as to a publisher's patience."""
    return host.lower().removeprefix("www.")
