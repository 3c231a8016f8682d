"""Feeds: bytes of an RSS, RDF or Atom feed, a news sitemap or an HTML listing to entries.

One module a kind of feed, one for the dates that feeds write, one for cleaning their titles.
"""

from __future__ import annotations

from extractors.addresses import canonical_address
from extractors.charsets import decode_bytes
from extractors.errors import FeedError, InputError
from extractors.feeds.listing import listing_entries
from extractors.feeds.sitemap import sitemap_entries
from extractors.feeds.sniffing import what_came
from extractors.feeds.syndication import syndication_entries
from extractors.records import Entry, Feed

__all__ = ["parse_feed"]


def parse_feed(body: bytes, feed: Feed, *, content_type: str | None, base_url: str) -> tuple[Entry, ...]:
    """The entries of a feed in its own order, each address once.

    `content_type` is the response's header, a hint for the charset and no more; `base_url` is the address the bytes came from, against
    which relative links are resolved. Entries without an http(s) address are left out; entries on foreign hosts are kept, so that they are
    counted. A truncated feed gives the entries that arrived whole.

    Raises FeedError, which says what came instead: an empty body, an HTML page, JSON, XML of another kind, a truncated feed without one
    whole entry, a feed or listing without any entry. Only a news sitemap may be whole and empty: it covers two days, and some papers rest.
    """
    text = decode_bytes(body, content_type)
    if not text.strip("\x00 \t\r\n\f\ufeff"):
        raise FeedError(f"{feed.id}: {base_url} sent an empty body where a feed of kind {feed.kind} was expected")
    match feed.kind:
        case "rss":
            entries = syndication_entries(text, feed, base_url)
        case "news_sitemap":
            entries = sitemap_entries(text, feed, base_url)
        case "listing":
            entries = listing_entries(text, feed, base_url)
        case "sitemap":
            raise FeedError(f"{feed.id}: plain sitemaps are not read yet: disable the feed")
    if not entries and feed.kind != "news_sitemap":
        raise FeedError(f"{feed.id}: {base_url} sent {what_came(text)} without a usable entry")
    unique: dict[str, Entry] = {}
    for entry in entries:
        try:
            unique.setdefault(canonical_address(entry.url), entry)
        except InputError:  # no http(s) address: nothing could be fetched from it
            continue
    return tuple(unique.values())
