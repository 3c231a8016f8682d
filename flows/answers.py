"""What a server's answer means: `refused(...)` turns every status that is no page, and every challenge, into a FetchError that says why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from extractors.errors import FetchError, FetchReason
from flows.challenges import find_challenge

_ASCII = "".join(map(chr, range(33, 127)))

PERMANENT = frozenset({301, 308})
REDIRECTS = PERMANENT | {302, 303, 307}

# A server that asks for more than a day is asked again after a day (Media Cloud does so too).
_LONGEST_RETRY_AFTER = 24 * 3600.0
_REASONS: dict[int, FetchReason] = {
    401: "forbidden",
    403: "forbidden",
    404: "not_found",
    410: "gone",
    429: "rate_limited",
    451: "forbidden",
}
# Worth another try some day. 403 is: it may be a rate limit, a country that is blocked for an hour, or a mood of the firewall.
_LATER = frozenset({403, 408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came: header names in lower case, the body decoded."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of this (lower case) name."""
        return next(self.headers_named(name), None)

    def headers_named(self, name: str) -> Iterator[str]:
        """All headers of this (lower case) name."""
        return (value for key, value in self.headers if key == name)

    @property
    def redirect(self) -> str | None:
        """The address it redirects to: absolute, without fragment, with what is not ASCII behind its host percent-encoded."""
        location = self.header("location") if self.status in REDIRECTS else None
        if location is None or not location.strip():
            return None
        # Headers are read as latin-1; some servers write UTF-8 there, or another charset, whose bytes are then kept as they are.
        raw = location.strip().encode("latin-1")
        try:
            written = raw.decode("utf-8")
        except UnicodeDecodeError:
            written = quote(raw, safe=_ASCII)
        try:
            parts = urlsplit(urljoin(self.url, written))
        except ValueError:  # no address at all: whoever checks it before fetching says so
            return written
        return urlunsplit((parts.scheme, parts.netloc, quote(parts.path, safe=_ASCII), quote(parts.query, safe=_ASCII), ""))


def refused(answer: Answer, now: datetime) -> FetchError | None:
    """The error that this answer amounts to, or None when it brings a page.

    `wait` is what Retry-After asks for, at most a day; `retry` is false where asking later is of no use.
    """
    url, status = answer.url, answer.status
    challenge = find_challenge(status, answer.headers, answer.body)
    if challenge is not None:
        message = f"{url} answers with a test for browsers ({challenge}, status {status}) instead of the page"
        return FetchError(message, retry=True, status=status, reason="challenge", wait=retry_after(answer, now))
    if 200 <= status < 300:
        return None
    wait = retry_after(answer, now) if status in (429, 503) else None
    reason = _REASONS.get(status)
    if wait is not None:
        reason = "rate_limited"
    elif reason is None:
        reason = "server_error" if status >= 500 else "client_error" if status >= 400 else "broken"
    said = f", and asks to wait {wait:.0f} s" if wait is not None else ""
    return FetchError(
        f"{url} answered with status {status}{said}", retry=status >= 500 or status in _LATER, status=status, reason=reason, wait=wait
    )


def retry_after(answer: Answer, now: datetime) -> float | None:
    """Seconds that the server asks us to wait (RFC 9110, 10.2.3: seconds or a date), at most a day. None when it does not say."""
    value = answer.header("retry-after")
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdecimal():
        return min(float(value[:9]), _LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):  # neither seconds nor a date: as if it had not been sent
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), _LONGEST_RETRY_AFTER)
