"""Where a site says that its feeds are: links in a page's head and text, sitemaps in robots.txt, and what an address turns out to be."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree, html

from extractors.charsets import decode_bytes
from extractors.feeds.sniffing import sound_xml, without_endless_tags
from extractors.feeds.titles import absolute_address, plain_text
from extractors.records import FeedKind

_FEED_TYPES = re.compile(r"application/(?:rss|atom|rdf)\+xml|application/(?:feed\+)?json|text/xml|application/xml", re.IGNORECASE)
_FEED_ADDRESS = re.compile(r"\.(?:rss|rdf)$|/(?:rss|feed|atom)/?$|/(?:rss|feed|atom|index)\.(?:xml|json)$|/rss/[^?#]+$", re.IGNORECASE)
_SITEMAP = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_ROOT = re.compile(r"(?:<\?[^>]*\?>|<!--.*?-->|<!DOCTYPE[^>]*>|\s)*<(?:[\w.-]+:)?(rss|feed|RDF|urlset|sitemapindex)\b", re.DOTALL)
_LANGUAGE = re.compile(r"[A-Za-z]{2}(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class SitePage:
    """What a home page tells of its site: `name` and two-letter `language` ("" if it does not say), and addresses that may be feeds."""

    name: str
    language: str
    feeds: tuple[str, ...]


def read_site_page(body: bytes, content_type: str | None, base_url: str) -> SitePage:
    """Name, language and feeds of a site by one of its pages: links of rel=alternate first, then links whose addresses look like feeds."""
    text = without_endless_tags(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "", decode_bytes(body, content_type)))
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), html.HTMLParser(encoding="utf-8", no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        return SitePage("", "", ())
    found: dict[str, None] = {}
    for link in root.iter("link"):
        if "alternate" in (link.get("rel") or "").lower().split() and _FEED_TYPES.match(link.get("type") or ""):
            found.setdefault(absolute_address(link.get("href") or "", base_url) or "")
    for anchor in root.iter("a"):
        address = absolute_address(anchor.get("href") or "", base_url)
        if address and _FEED_ADDRESS.search(address):
            found.setdefault(address)
    found.pop("", None)
    name = next((meta.get("content") or "" for meta in root.iter("meta") if meta.get("property") == "og:site_name"), "")
    name = plain_text(name or root.findtext(".//title") or "", 120)
    language = _LANGUAGE.match(root.get("lang") or "")
    return SitePage(name, language[0].lower() if language else "", tuple(found))


def sitemaps_in_robots(robots: str, base_url: str) -> tuple[str, ...]:
    """The addresses after `Sitemap:` in a robots.txt, each once."""
    found = (absolute_address(address, base_url) for address in _SITEMAP.findall(robots))
    return tuple(dict.fromkeys(address for address in found if address))


def feed_kind(body: bytes, content_type: str | None) -> FeedKind | None:
    """What kind of feed these bytes are, None if none: listings cannot be told from other pages."""
    text = sound_xml(decode_bytes(body, content_type))[:200_000]
    if text[:1] == "{" and "jsonfeed.org/version" in text[:2000]:
        return "json_feed"
    root = _ROOT.match(text)
    if root is None:
        return None
    if root[1] in {"urlset", "sitemapindex"}:
        return "news_sitemap" if re.search(r"<news:news\b", text) else "sitemap"
    return "rss"
