"""Feeds: bytes of an RSS, RDF, Atom or JSON feed, a sitemap or an HTML listing to entries.

One module a kind of feed, one for the dates that feeds write, one for cleaning their titles, one for telling entries apart.
"""

from __future__ import annotations

from collections.abc import Iterable

from extractors.addresses import canonical_address
from extractors.charsets import decode_bytes
from extractors.errors import FeedError, InputError
from extractors.feeds.json_feed import json_feed_entries
from extractors.feeds.listing import Listing, read_listing
from extractors.feeds.sitemap import Sitemap, SitemapChild, due_children, read_sitemap, unpacked
from extractors.feeds.sniffing import what_came
from extractors.feeds.syndication import syndication_entries
from extractors.records import Entry, Feed

__all__ = ["Listing", "Sitemap", "SitemapChild", "due_children", "parse_feed", "parse_listing", "parse_sitemap"]


def parse_feed(body: bytes, feed: Feed, *, content_type: str | None, base_url: str) -> tuple[Entry, ...]:
    """The entries of a feed in its own order, each address once.

    `content_type` is the response's header, a hint for the charset and no more; `base_url` is the address the bytes came from, against
    which relative links are resolved. Entries without an http(s) address are left out; entries on foreign hosts are kept, so that they are
    counted. A truncated feed gives the entries that arrived whole.

    Raises FeedError, which says what came instead: an empty body, an HTML page, JSON, XML of another kind, a truncated feed without one
    whole entry, an index of sitemaps (`parse_sitemap` reads those), a feed or listing without any entry. Only a news sitemap may be whole
    and empty: it covers two days, and some papers rest.
    """
    match feed.kind:
        case "news_sitemap" | "sitemap":
            sitemap = parse_sitemap(body, feed, content_type=content_type, base_url=base_url)
            if sitemap.children:
                remedy = "give the sitemap itself" if feed.kind == "sitemap" else 'write kind = "sitemap" in its outlet\'s file'
                raise FeedError(f"{feed.id}: {base_url} is an index of sitemaps: {remedy}")
            return sitemap.entries
        case "listing":
            return parse_listing(body, feed, content_type=content_type, base_url=base_url).entries
    text = _text(body, feed, content_type, base_url)
    entries = _unique(json_feed_entries(text, feed, base_url) if feed.kind == "json_feed" else syndication_entries(text, feed, base_url))
    if not entries:
        raise FeedError(f"{feed.id}: {base_url} sent {what_came(text)} without a usable entry")
    return entries


def parse_sitemap(body: bytes, feed: Feed, *, content_type: str | None, base_url: str) -> Sitemap:
    """The pages that a sitemap lists, each address once, or the sitemaps that an index lists; the file may be packed by gzip.

    Arguments and errors as of `parse_feed`; of an empty sitemap only a news sitemap is no error.
    """
    text = _text(unpacked(body, feed, base_url), feed, content_type, base_url)
    sitemap = read_sitemap(text, feed, base_url)
    entries = _unique(sitemap.entries)
    if not entries and not sitemap.children and feed.kind != "news_sitemap":
        raise FeedError(f"{feed.id}: {base_url} sent {what_came(text)} without a usable entry")
    return Sitemap(entries, sitemap.children)


def parse_listing(body: bytes, feed: Feed, *, content_type: str | None, base_url: str) -> Listing:
    """The articles that a page of a listing links to, each address once, and the address of the next page, if there is one.

    Arguments and errors as of `parse_feed`: a page beyond the last one, which links to no article, is a FeedError too.
    """
    return read_listing(_text(body, feed, content_type, base_url), feed, base_url)


def _text(body: bytes, feed: Feed, content_type: str | None, base_url: str) -> str:
    text = decode_bytes(body, content_type)
    if not text.strip("\x00 \t\r\n\f\ufeff"):
        raise FeedError(f"{feed.id}: {base_url} sent an empty body where a feed of kind {feed.kind} was expected")
    return text


def _unique(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    unique: dict[str, Entry] = {}
    for entry in entries:
        try:
            unique.setdefault(canonical_address(entry.url), entry)
        except InputError:  # no http(s) address: nothing could be fetched from it
            continue
    return tuple(unique.values())
