"""Telling entries apart: a ladder of keys, because no single one can be believed (notes/lessons.md, 4; notes/sources.md, A 30).

    address  the canonical address: http or https, `www.`, a slash at the end, tracking parameters make no difference
    number   what the outlet's `number_pattern` finds in the address: the same under an old and a new scheme of addresses
    guid     the feed's own id, of this outlet. Some give one to ten items, or one to every day's bulletin, and some write the headline into
             it: so a guid that this poll gives to several articles is none, and one that leads to another address needs the same instant
    content  title, instant and summary together: an article listed under two addresses, or moved without a number. It needs the same words
             in its address

Losing an article is worse than storing it twice, so whatever is in doubt is another article. An article whose guid, address and headline
all change at once is a new one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from extractors.addresses import canonical_address
from extractors.errors import InputError
from extractors.normalise import name_key
from extractors.records import Entry, Outlet

# A guid that could name one article: a number of four digits, eight hexadecimal ones, or the address of a page.
_NAMES_AN_ITEM = re.compile(r"\d{4}|[0-9a-fA-F]{8}|^https?://[^/]+/[^/?]*[-/?=]", re.ASCII)
_ID_PIECE = re.compile(r"(?:post|i|c|p|d|n|tin|news|article)?\d+|(?=\w*\d)(?=\w*[a-zA-Z])[0-9A-Za-z]{6,}", re.ASCII)


def identity_keys(entries: Sequence[Entry], outlet: Outlet) -> tuple[tuple[str, ...], ...]:
    """The keys of each entry of one poll, strongest first, each `<kind>:<SHA-256>` (at most 72 characters).

    An entry without an http(s) address has none. A key other than the address says: look whether it is the same article
    (`is_same_article`); two entries of one outlet that share none are two articles.
    """
    addresses = [_address(entry.url) for entry in entries]
    guids = [_guid(entry, address) for entry, address in zip(entries, addresses, strict=True)]
    owners: dict[str, set[str]] = {}
    for address, guid in zip(addresses, guids, strict=True):
        if address and guid:
            owners.setdefault(guid, set()).add(_number(address, outlet) or address)
    keys: list[tuple[str, ...]] = []
    for entry, address, guid in zip(entries, addresses, guids, strict=True):
        if address is None:
            keys.append(())
            continue
        number = _number(address, outlet)
        content = _content(entry)
        ladder = [_key("address", address)]
        ladder += [_key("number", f"{outlet.id}\n{number}")] if number else []
        ladder += [_key("guid", f"{outlet.id}\n{guid}")] if guid and len(owners[guid]) == 1 else []
        ladder += [_key("content", f"{outlet.id}\n{content}")] if content else []
        keys.append(tuple(ladder))
    return tuple(keys)


def is_same_article(key: str, entry: Entry, known: Entry) -> bool:
    """Whether `entry` is the article that `known` is, an entry of the same outlet found by `key`, one of `entry`'s `identity_keys`."""
    kind = key.partition(":")[0]
    if kind in {"address", "number"}:
        return True
    if kind == "content":
        return _slug(entry.url) == _slug(known.url) != ""
    # Neither the same headline nor a near date would do: hourly bulletins have both, and some share a guid.
    return (
        entry.guid is not None
        and _NAMES_AN_ITEM.search(entry.guid) is not None
        and entry.published is not None
        and entry.published == known.published
        and _has_clock(entry)
    )


def _key(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()}"


def _address(url: str) -> str | None:
    try:
        return canonical_address(url)
    except InputError:
        return None


def _number(address: str, outlet: Outlet) -> str | None:
    """What the groups of the outlet's pattern match, with the groups' positions: editions may count on their own."""
    found = re.search(outlet.number_pattern, address) if outlet.number_pattern else None
    if found is None:
        return None
    return " ".join(f"{place}={value}" for place, value in enumerate(found.groups(), 1) if value) or None


def _guid(entry: Entry, address: str | None) -> str | None:
    """The guid, canonical if it is an address; None if it is missing, the entry's own address, or a home page."""
    guid = " ".join((entry.guid or "").split())
    if not guid.lower().startswith(("http://", "https://")):
        return guid or None
    as_address = _address(guid)
    if as_address is None:
        return guid
    return None if as_address == address or "/" not in as_address.removeprefix("https://") else as_address


def _content(entry: Entry) -> str | None:
    title = name_key(entry.title)
    if entry.published is None or not title or not _has_clock(entry):
        return None
    return f"{title}\n{entry.published.isoformat()}\n{name_key(entry.summary)}"


def _has_clock(entry: Entry) -> bool:
    """Whether the instant was written with a clock, and not that of midnight: of a bare day there may be many articles."""
    raw = entry.published_raw or ""
    return re.search(r"\d:\d\d", raw) is not None and not re.search(r"(?<![\d:+-])0?0:00(?::00)?(?!\d|:\d)", raw)


def _slug(url: str) -> str:
    """The words of the last piece of an address, without the pieces that are numbers or ids; empty if it has no two words."""
    for piece in reversed(unquote(urlsplit(url).path).strip("/").split("/")):
        words = [word for word in re.split(r"[-_.~ ]+", piece.lower()) if word and not _ID_PIECE.fullmatch(word)]
        words = [word for word in words if word not in {"html", "htm", "aspx", "php", "vnp", "post"}]
        if len(words) >= 2:
            return " ".join(words)
        if words:  # `detail.aspx`, a section: no name of an article
            return ""
    return ""
