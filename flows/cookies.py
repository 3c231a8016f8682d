"""Cookies for sites that redirect in a circle without them: one jar per host, for one fetch, or as long as a host cannot do without."""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

import httpx

from flows.answers import Answer

# httpx guesses a charset otherwise, and refuses to write what it has read.
_BYTE_BY_BYTE = "iso-8859-1"


class CookieJars:
    """The jars of the hosts that need them, for any number of threads."""

    def __init__(self) -> None:
        self._needed: dict[str, httpx.Cookies] = {}
        self._guard = threading.Lock()

    def for_one_fetch(self) -> FetchJars:
        """Jars that begin with what the hosts need."""
        with self._guard:
            return FetchJars(self, dict(self._needed))

    def keep(self, host: str, jar: httpx.Cookies) -> None:
        """This host does not work without its cookies: send them from now on."""
        with self._guard:
            self._needed[host] = jar


class FetchJars:
    """The jars of one fetch. A host sees only what it set itself, whatever domain its cookies name."""

    def __init__(self, shared: CookieJars, jars: dict[str, httpx.Cookies]) -> None:
        self._shared = shared
        self._jars = jars

    def take(self, answer: Answer) -> bool:
        """Keep the cookies of an answer. False when it sets none, or none that is new."""
        given = [(b"set-cookie", value.encode("latin-1")) for value in answer.headers_named("set-cookie")]
        if not given:
            return False
        host = _host(answer.url)
        known = self._jars.get(host)
        jar = httpx.Cookies(known)
        response = httpx.Response(answer.status, headers=given, request=httpx.Request("GET", answer.url))
        response.headers.encoding = _BYTE_BY_BYTE
        jar.extract_cookies(response)
        self._jars[host] = jar
        return (known is None and len(jar) > 0) or (known is not None and _held(jar) != _held(known))

    def header(self, url: str) -> dict[bytes, bytes]:
        """The header to send with a request, or nothing."""
        jar = self._jars.get(_host(url))
        if jar is None:
            return {}
        request = httpx.Request("GET", url)
        request.headers.encoding = _BYTE_BY_BYTE
        jar.set_cookie_header(request)
        return {name: value for name, value in request.headers.raw if name.lower() == b"cookie"}

    def remember(self, url: str) -> None:
        """The host of `url` answered only after its cookies came back."""
        host = _host(url)
        if host in self._jars:
            self._shared.keep(host, self._jars[host])


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _held(jar: httpx.Cookies) -> set[tuple[str, str | None, str]]:
    """What a jar holds. Not as a dict: that raises KeyError for a cookie without a value, which some servers set."""
    return {(cookie.name, cookie.value, cookie.path) for cookie in jar.jar}
