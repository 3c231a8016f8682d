"""Sitemaps, news sitemaps and indexes of sitemaps (sitemaps.org 0.9, Google's news extension), read by lxml."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from extractors.errors import FeedError
from extractors.feeds.dates import parse_feed_date
from extractors.feeds.sniffing import sound_xml, what_came, whole_entries
from extractors.feeds.titles import absolute_address, plain_text
from extractors.records import Entry, Feed

# The protocol allows 50 MB unpacked; what unfolds to more is a bomb.
_UNPACKED_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class SitemapChild:
    """A sitemap that an index lists. `lastmod` is the instant of its last change, None if it is missing or unreadable."""

    url: str
    lastmod: datetime | None
    lastmod_raw: str | None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap lists: pages, or, if it is an index, further sitemaps."""

    entries: tuple[Entry, ...]
    children: tuple[SitemapChild, ...] = ()


def unpacked(body: bytes, feed: Feed, base_url: str) -> bytes:
    """The bytes of a sitemap, which may come as a file `.xml.gz`. FeedError for damaged or exploding gzip data."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unpacker.decompress(body, _UNPACKED_BYTES)
    except zlib.error as error:
        raise FeedError(f"{feed.id}: {base_url} sent gzip data that cannot be unpacked: {error}") from error
    if unpacker.unconsumed_tail:
        raise FeedError(f"{feed.id}: {base_url} unfolds to more than {_UNPACKED_BYTES} bytes")
    return plain


def due_children(children: Iterable[SitemapChild], *, since: datetime | None, limit: int) -> tuple[SitemapChild, ...]:
    """At most `limit` sitemaps of an index that may list something newer than `since`: the newest first, those without a date last.

    Of those without a date the ones listed last come first: indexes grow at their end.
    """
    listed = list(children)
    dated = [child for child in listed if child.lastmod is not None and (since is None or child.lastmod >= since)]
    dated.sort(key=lambda child: child.lastmod.timestamp() if child.lastmod else 0, reverse=True)
    undated = [child for child in reversed(listed) if child.lastmod is None]
    return tuple([*dated, *undated][:limit])


def read_sitemap(text: str, feed: Feed, base_url: str) -> Sitemap:
    """The pages or further sitemaps of a sitemap, each address once; pages that the feed's `article_pattern` does not match are left out.

    An entry's `published` only comes from <news:publication_date>, because <lastmod> is the date of a change: that is its `modified`.
    FeedError if the document is no sitemap, is truncated before its first entry ends, or lists pages and none matches.
    """
    xml = sound_xml(text)
    whole, cut = whole_entries(xml, "(?:[A-Za-z]+:)?(?:urlset|sitemapindex)", "(?:[A-Za-z]+:)?(?:url|sitemap)")
    # Entities stay off: nothing in a sitemap needs one that is not built in, and they can read files or explode.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring((whole or xml).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or _local(root) not in {"urlset", "sitemapindex"}:
        raise FeedError(f"{feed.id}: {base_url} sent {what_came(text)} where a sitemap was expected")
    if cut and not whole:
        raise FeedError(f"{feed.id}: {base_url} sent a sitemap truncated before its first entry ended")
    if _local(root) == "sitemapindex":
        children: dict[str, SitemapChild] = {}
        for child in (_child(element, feed, base_url) for element in root if _local(element) == "sitemap"):
            if child is not None:
                children.setdefault(child.url, child)
        return Sitemap((), tuple(children.values()))
    entries = [entry for element in root if _local(element) == "url" and (entry := _entry(element, feed, base_url)) is not None]
    if feed.article_pattern and entries:
        pattern = re.compile(feed.article_pattern)
        articles = [entry for entry in entries if pattern.search(entry.url)]
        if not articles:
            raise FeedError(f"{feed.id}: {base_url} lists {len(entries)} pages: none matches {feed.article_pattern!r}")
        entries = articles
    return Sitemap(tuple(entries))


def _child(element: etree._Element, feed: Feed, base_url: str) -> SitemapChild | None:
    values = _values(element)
    address = absolute_address(values.get("loc", ""), base_url)
    raw = values.get("lastmod") or None
    return SitemapChild(address, parse_feed_date(raw, feed.time_zone) if raw else None, raw) if address else None


def _entry(element: etree._Element, feed: Feed, base_url: str) -> Entry | None:
    values = _values(element)
    address = absolute_address(values.get("loc", ""), base_url)
    if address is None:
        return None
    raw, changed = values.get("publication_date") or None, values.get("lastmod") or None
    return Entry(
        feed_id=feed.id,
        url=address,
        title=plain_text(values.get("title", "")),
        published=parse_feed_date(raw, feed.time_zone) if raw else None,
        published_raw=raw,
        modified=parse_feed_date(changed, feed.time_zone) if changed else None,
        modified_raw=changed,
    )


def _values(element: etree._Element) -> dict[str, str]:
    # Images and videos of a page have a <loc> and a <title> of their own.
    values: dict[str, str] = {}
    for child in element.iter("*"):
        if not any(_local(above) in {"image", "video"} for above in child.iterancestors()):
            values.setdefault(_local(child), "".join(map(str, child.itertext())).strip())
    return values


def _local(element: etree._Element) -> str:
    # Not etree.QName: it refuses the names that recover=True lets through. Comments and entities have a function for a tag.
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""
