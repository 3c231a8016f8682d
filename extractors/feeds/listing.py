"""HTML listings: a page whose links to articles match the feed's `article_pattern`, and the address of the page after it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree, html

from extractors.addresses import address_host, canonical_address
from extractors.errors import FeedError, InputError
from extractors.feeds.sniffing import what_came, without_endless_tags
from extractors.feeds.titles import absolute_address, plain_text
from extractors.records import Entry, Feed

_MOST_LINKS = 20_000  # of 160,000 links each costs 0.1 ms
_PARSER_LIMIT = 5_000_000  # characters: beyond that no listing is real, and lxml would need a gigabyte


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing. `next_page` is the address of the page with older entries, None if nothing tells it."""

    entries: tuple[Entry, ...]
    next_page: str | None


def read_listing(text: str, feed: Feed, base_url: str) -> Listing:
    """One entry an address, in the page's order; its title is the longest text (or title attribute) among the links to it.

    FeedError if the page has links but none matches, or no links at all: a changed site must not look like a quiet day.
    """
    pattern = re.compile(feed.article_pattern or "")
    try:
        sound = without_endless_tags(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text[:_PARSER_LIMIT]))
        root = html.document_fromstring(sound.encode("utf-8", "replace"), _parser())
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError) as error:
        raise FeedError(f"{feed.id}: {base_url} sent {what_came(text)} where an HTML listing was expected") from error
    base = next((absolute_address(href, base_url) for element in root.iter("base") if (href := element.get("href"))), None) or base_url
    found: dict[str, Entry] = {}
    links = 0
    for anchor in islice(root.iter("a"), _MOST_LINKS):
        address = absolute_address(anchor.get("href") or "", base)
        if address is None:
            continue
        links += 1
        address = address.partition("#")[0]
        if not pattern.search(address):
            continue
        try:
            key = canonical_address(address)
        except InputError:
            continue
        title = max(plain_text("".join(map(str, anchor.itertext()))), plain_text(anchor.get("title") or ""), key=len)
        known = found.get(key)
        if known is None or len(title) > len(known.title):
            found[key] = Entry(feed_id=feed.id, url=known.url if known else address, title=title)
    if not found:
        raise FeedError(f"{feed.id}: {base_url} sent {what_came(text)}: none of its {links} links matches {feed.article_pattern!r}")
    return Listing(tuple(found.values()), _next_page(root, feed, base, base_url))


def _next_page(root: html.HtmlElement, feed: Feed, base: str, base_url: str) -> str | None:
    """The next number in the feed's `next_pages`, else what the page itself calls next, on the same host."""
    if feed.next_pages:
        before, _, after = feed.next_pages.partition("{page}")
        # Compared without the scheme, which a redirect may have changed.
        shape = rf"https?://{re.escape(before.partition('://')[2])}(\d{{1,6}}){re.escape(after)}"
        here = re.fullmatch(shape, base_url.partition("#")[0])
        return feed.next_pages.replace("{page}", str(int(here[1]) + 1 if here else 2))
    for element in root.iter("link", "a"):
        if "next" not in (element.get("rel") or "").lower().split():
            continue
        address = absolute_address(element.get("href") or "", base)
        if address is None:
            continue
        address = address.partition("#")[0]
        try:
            if address_host(address) == address_host(base_url) and urlsplit(address)[2:] != urlsplit(base_url)[2:]:
                return address
        except InputError:
            continue
    return None


def _parser() -> html.HTMLParser:
    return html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
