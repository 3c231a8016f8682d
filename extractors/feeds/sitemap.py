"""News sitemaps: <urlset> with <news:news>, read by lxml."""

from __future__ import annotations

from lxml import etree

from extractors.errors import FeedError
from extractors.feeds.dates import parse_feed_date
from extractors.feeds.sniffing import sound_xml, what_came, whole_entries
from extractors.feeds.titles import absolute_address, plain_text
from extractors.records import Entry, Feed


def sitemap_entries(text: str, feed: Feed, base_url: str) -> list[Entry]:
    """Entries of a sitemap; `published` only from <news:publication_date>, because <lastmod> is the date of a change.

    FeedError if the document is no sitemap, is an index of sitemaps, or is truncated before its first entry ends.
    """
    xml = sound_xml(text)
    whole, cut = whole_entries(xml, "(?:[A-Za-z]+:)?(?:urlset|sitemapindex)", "(?:[A-Za-z]+:)?url")
    # Entities stay off: nothing in a sitemap needs one that is not built in, and they can read files or explode.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring((whole or xml).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or _local(root) not in {"urlset", "sitemapindex"}:
        raise FeedError(f"{feed.id}: {base_url} sent {what_came(text)} where a news sitemap was expected")
    if _local(root) == "sitemapindex":
        raise FeedError(f"{feed.id}: {base_url} is an index of sitemaps: give the address of the news sitemap itself")
    if cut and not whole:
        raise FeedError(f"{feed.id}: {base_url} sent a sitemap truncated before its first entry ended")
    return [entry for element in root if _local(element) == "url" and (entry := _entry(element, feed, base_url)) is not None]


def _entry(element: etree._Element, feed: Feed, base_url: str) -> Entry | None:
    values: dict[str, str] = {}
    for child in element.iter("*"):
        values.setdefault(_local(child), "".join(map(str, child.itertext())).strip())
    address = absolute_address(values.get("loc", ""), base_url)
    if address is None:
        return None
    raw = values.get("publication_date") or None
    return Entry(
        feed_id=feed.id,
        url=address,
        title=plain_text(values.get("title", "")),
        published=parse_feed_date(raw, feed.time_zone) if raw else None,
        published_raw=raw,
    )


def _local(element: etree._Element) -> str:
    # Not etree.QName: it refuses the names that recover=True lets through. Comments and entities have a function for a tag.
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""
