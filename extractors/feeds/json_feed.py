"""JSON Feed 1 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
from typing import Any

from extractors.errors import FeedError
from extractors.feeds.dates import parse_feed_date
from extractors.feeds.sniffing import what_came
from extractors.feeds.titles import absolute_address, linked_address, plain_text
from extractors.feeds.wellformed import MOST_ENTRIES
from extractors.normalise import normalise_text
from extractors.records import Entry, Feed


def json_feed_entries(text: str, feed: Feed, base_url: str) -> list[Entry]:
    """Entries of a JSON Feed, 2,000 at most; items and fields of another shape than the specification's are passed over.

    FeedError if the text is no JSON object with a list of items. Truncated JSON is none: it has no end tags to cut it at.
    """
    try:
        wire = json.loads(text.strip("\ufeff\x00 \t\r\n"), strict=False)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"{feed.id}: {base_url} sent {what_came(text)} where a JSON Feed was expected: {error}") from error
    items = wire.get("items") if isinstance(wire, dict) else None
    if not isinstance(items, list):
        raise FeedError(f"{feed.id}: {base_url} sent JSON without a list of items where a JSON Feed was expected")
    return [entry for item in items[:MOST_ENTRIES] if isinstance(item, dict) and (entry := _entry(item, feed, base_url)) is not None]


def _entry(item: dict[str, Any], feed: Feed, base_url: str) -> Entry | None:
    guid = _string(item, "id")
    address = linked_address(_string(item, "url"), guid, base_url)
    if address is None:  # a link blog's: the article that the item is about
        address = absolute_address(_string(item, "external_url") or "", base_url)
    if address is None:
        return None
    published, modified = _string(item, "date_published"), _string(item, "date_modified")
    return Entry(
        feed_id=feed.id,
        url=address,
        title=plain_text(_string(item, "title") or ""),
        guid=guid,
        published=parse_feed_date(published, feed.time_zone) if published else None,
        published_raw=published,
        summary=plain_text(_string(item, "summary") or ""),
        modified=parse_feed_date(modified, feed.time_zone) if modified else None,
        modified_raw=modified,
    )


def _string(item: dict[str, Any], key: str) -> str | None:
    value = item.get(key)
    if isinstance(value, int) and key == "id":  # version 1 allowed numbers
        value = str(value)
    return normalise_text(value).strip() or None if isinstance(value, str) else None
