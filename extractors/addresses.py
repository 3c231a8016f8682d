"""The identity of an article: its address without what changes from link to link."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit

from extractors.errors import InputError

# Parameters that name the link, not the page. `ref` and `from` are left out on purpose: some sites carry an id in them.
_TRACKING = re.compile(
    r"utm_.*|(?:fb|g|d|ms|y|tt|tw|wbra|gbra)clid|gbraid|wbraid|igshid|mc_[ce]id|_ga|_gl|_hs\w+|mkt_tok|gidzl|zarsrc|zalo_\w+|spm|ref_src|ref_url|amp",
    re.IGNORECASE,
)
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Besides the unreserved characters, which quote() keeps by itself: all that may stand in a path or a query as it is. `%` is kept
# because escapes are already in their canonical form when quote() sees them.
_KEPT = "%/:@!$&'()*+,;="


# Each step on the way into the ledger asks for both of these: six times a page in a backfill.
@lru_cache(maxsize=4096)
def canonical_address(url: str) -> str:
    """The one spelling of an article's address: `https`, no `www.`, no fragment, no tracking, sorted query, canonical escapes.

    It identifies a page and is not meant to be fetched. Idempotent. Raises InputError for what is no http(s) address.
    """
    parts = _split(url)
    host = _host(parts, url)
    path = re.sub(r";jsessionid=[^/]*", "", _dotless(_escapes(parts.path)), flags=re.IGNORECASE).rstrip("/")
    kept = [pair for pair in parts.query.split("&") if pair and not _TRACKING.fullmatch(pair.split("=", 1)[0])]
    query = "&".join(sorted(_escapes(pair, extra="/?") for pair in kept))
    return f"https://{host}{path}" + (f"?{query}" if query else "")


def article_id(url: str) -> str:
    """SHA-256 of the canonical address, in hexadecimal. Raises InputError for what is no http(s) address."""
    return hashlib.sha256(canonical_address(url).encode()).hexdigest()


@lru_cache(maxsize=4096)
def address_host(url: str) -> str:
    """The host of an address without `www.`, lower case: what is compared with an outlet's hosts. Raises InputError as above."""
    return _host(_split(url), url).partition(":")[0]


def _split(url: str) -> SplitResult:
    # Browsers drop tabs and newlines inside an address and blanks around it; feeds contain both.
    cleaned = re.sub(r"[\x00-\x1f\x7f]", "", url).strip()
    try:
        parts = urlsplit(cleaned)
    except ValueError as error:
        raise InputError(f"{url!r} is no address: {error}") from error
    if parts.scheme.lower() not in _DEFAULT_PORTS:
        raise InputError(f"{url!r} is no http or https address")
    return parts


def _host(parts: SplitResult, url: str) -> str:
    try:
        name, port = parts.hostname, parts.port
    except ValueError as error:
        raise InputError(f"{url!r} is no address: {error}") from error
    name = (name or "").rstrip(".")
    if not name or re.search(r"[\s<>\"%\\^`{|}]", name):
        raise InputError(f"{url!r} names no host")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise InputError(f"{url!r} names no valid host: {error}") from error
    while name.startswith("www.") and name.count(".") > 1:
        name = name[4:]
    if ":" in name:
        name = f"[{name}]"
    return name if port is None or port in _DEFAULT_PORTS.values() else f"{name}:{port}"


def _escapes(part: str, extra: str = "") -> str:
    """Escapes of unreserved characters are decoded, all others written in upper case; what must be escaped is."""

    def canonical(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char.isascii() and (char.isalnum() or char in "-._~") else match[0].upper()

    part = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", part)
    return quote(_ESCAPE.sub(canonical, part), safe=_KEPT + extra, errors="replace")


def _dotless(path: str) -> str:
    out: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del out[max(1, len(out) - 1) :]  # never the empty string before the leading slash
        elif segment != ".":
            out.append(segment)
    joined = "/".join(out)
    return joined if joined.startswith("/") or not joined else f"/{joined}"
