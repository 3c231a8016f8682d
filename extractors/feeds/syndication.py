"""RSS, RDF and Atom feeds, read by feedparser."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from extractors.errors import FeedError
from extractors.feeds.dates import parse_feed_date
from extractors.feeds.sniffing import sound_xml, what_came, whole_entries
from extractors.feeds.titles import linked_address, plain_text
from extractors.feeds.wellformed import MOST_ENTRIES, well_formed
from extractors.normalise import normalise_text
from extractors.records import Entry, Feed

# At most this much of a feed is read: the newest entries stand first. 5,000 entries of 1 KB took feedparser 3 s, 50,000 took 44 s.
_LIMIT = 5_000_000


def syndication_entries(text: str, feed: Feed, base_url: str) -> list[Entry]:
    """Entries of an RSS, RDF or Atom document, 2,000 at most. FeedError if it is none, or is truncated before its first entry ends."""
    import feedparser

    xml = sound_xml(text[:_LIMIT])
    whole, cut = whole_entries(xml, "rss|feed|(?:[A-Za-z]+:)?RDF|channel", "item|entry", most=MOST_ENTRIES)
    sound = well_formed(whole or xml)
    try:
        # A stream, never bytes: feedparser opens bytes that are the name of a file. `bozo` is no error: a wrong header sets it too.
        parsed = feedparser.parse(
            io.BytesIO(sound or b""),
            sanitize_html=False,
            resolve_relative_uris=False,
            response_headers={"content-type": "application/xml; charset=utf-8"},
        )
    except (LookupError, AttributeError, TypeError, ValueError) as error:  # it stumbles over elements where no feed has them
        raise FeedError(
            f"{feed.id}: {base_url} sent a feed whose elements stand where none may ({type(error).__name__}: {error})"
        ) from error
    version = parsed.get("version")
    if not version:
        raise FeedError(f"{feed.id}: {base_url} sent {what_came(text)} where an RSS or Atom feed was expected")
    if cut and not whole:
        raise FeedError(f"{feed.id}: {base_url} sent a feed ({version}) truncated before its first entry ended")
    return [entry for item in parsed.entries if (entry := _entry(item, feed, base_url)) is not None]


def _entry(item: Mapping[str, Any], feed: Feed, base_url: str) -> Entry | None:
    guid = _string(item, "id")
    address = linked_address(_string(item, "link"), guid, base_url)
    if address is None:
        return None
    changed = _string(item, "updated")
    raw = _string(item, "published") or _string(item, "created") or changed
    return Entry(
        feed_id=feed.id,
        url=address,
        title=plain_text(_string(item, "title") or ""),
        guid=guid,
        published=parse_feed_date(raw, feed.time_zone) if raw else None,
        published_raw=raw,
        summary=plain_text(_string(item, "summary") or ""),
        modified=parse_feed_date(changed, feed.time_zone) if changed else None,
        modified_raw=changed,
    )


def _string(item: Mapping[str, Any], key: str) -> str | None:
    # feedparser maps `published` to `updated` by itself when asked through its own get(); membership is asked first, so that it does not.
    value = item.get(key) if key in item else None
    return normalise_text(value).strip() or None if isinstance(value, str) else None
