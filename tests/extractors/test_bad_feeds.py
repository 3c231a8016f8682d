"""What feedparser was not made for: files under bad_feeds/, heavy inputs, and a thousand mutations of good feeds.

Each ends in entries or in a FeedError, never in another exception, and in far less than 10 s: the work is bounded by the text, so that
what is measured here is processor time, with a factor of three or more to spare.
"""

import json
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.errors import FeedError
from extractors.feeds import parse_feed, parse_sitemap
from extractors.records import Entry, Feed, FeedKind

FOLDER = Path(__file__).with_name("bad_feeds")
EXPECTED = tomllib.loads((FOLDER / "expected.toml").read_text(encoding="utf-8"))
BASE = "https://baomau.test/rss/home.rss"
MOST_SECONDS = 10


def feed(kind: FeedKind = "rss") -> Feed:
    return Feed(id="baomau", outlet_id="baomau", url=BASE, kind=kind, article_pattern="bai" if kind == "listing" else None)


def parse(body: bytes, kind: FeedKind = "rss") -> tuple[Entry, ...]:
    return parse_feed(body, feed(kind), content_type=None, base_url=BASE)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.xml")), ids=lambda path: path.stem)
def test_a_bad_feed_ends_as_expected(path: Path) -> None:
    expected = EXPECTED.get(path.name)
    found: list[str] | str
    try:
        found = [entry.url for entry in parse(path.read_bytes())]
    except FeedError as error:
        found = str(error)
    if isinstance(expected, str):
        assert expected in found
    elif isinstance(expected, int):
        assert found == [f"https://baomau.test/bai-{n}.html" for n in range(1, expected + 1)]
    elif expected is not None:
        assert found == expected


def test_a_space_in_the_name_of_a_namespace_loses_no_entry() -> None:
    """feedparser breaks on it; a thousand mutations found it."""
    body = b"""<rss version="2.0" xmlns:x="urn: with space"><channel><title>M</title><item><title>A</title><link>https://a.example/1</link></item></channel></rss>"""
    assert [entry.title for entry in parse(body)] == ["A"]


def test_every_expectation_has_its_file() -> None:
    assert {path.name for path in FOLDER.glob("*.xml")} >= set(EXPECTED)


def rss(items: bytes) -> bytes:
    return b'<rss version="2.0"><channel>' + items + b"</channel></rss>"


ITEM = b"<item><title>T</title><link>https://baomau.test/bai-1.html</link>%s</item>"
HEAVY: dict[str, Callable[[], bytes]] = {
    "a tag of 400,000 attributes": lambda: rss(b"<item " + b" ".join(b'a%d="1"' % n for n in range(400_000)) + b">" + ITEM % b""),
    "nested 400,000 deep": lambda: rss(b"<a>" * 400_000 + ITEM % b""),
    "50 MB of items": lambda: rss(
        b"".join(b"<item><title>T</title><link>/%d</link><description>%s</description></item>" % (n, b"x" * 900) for n in range(50_000))
    ),
    "one description of 50 MB": lambda: rss(ITEM % (b"<description>" + b"x" * 50_000_000 + b"</description>")),
    "a million tags begun": lambda: rss(ITEM % b"" + b"<a " * 1_000_000),
    "a million ampersands": lambda: rss(ITEM % (b"<description>" + b"&" * 1_000_000 + b"</description>")),
    "comments begun in a title": lambda: rss(ITEM % (b"<title>" + b"&lt;!--" * 700_000 + b"</title>")),
    "100,000 titles in one item": lambda: rss(ITEM % (b"<title>x</title>" * 100_000)),
    "100,000 categories in one item": lambda: rss(ITEM % (b"<category>x</category>" * 100_000)),
    "an author of 4 MB": lambda: rss(ITEM % (b"<author>" + b"a." * 2_000_000 + b"</author>")),
    "CDATA begun 300,000 times": lambda: rss(ITEM % (b"<![CDATA[" * 300_000)),
    "items begun 500,000 times": lambda: rss(b"<item>" * 500_000 + ITEM % b""),
    "entities in entities": lambda: (
        b"<!DOCTYPE r ["
        + b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 40))
        + b"]>"
        + rss(ITEM % b"<description>&e39;</description>")
    ),
    "titles begun 300,000 times": lambda: rss(b"<item>" + b"<title>" * 300_000 + b"</item><oops>"),
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_feed_ends_in_time(name: str) -> None:
    body = HEAVY[name]()
    began = time.process_time()
    try:
        entries = parse(body)
    except FeedError:
        entries = ()
    assert len(entries) <= 2000
    assert time.process_time() - began < MOST_SECONDS


OTHERS: dict[str, tuple[FeedKind, Callable[[], bytes]]] = {
    "a listing of 160,000 links": ("listing", lambda: b"".join(b'<a href="/bai-%d.html">x</a>' % n for n in range(160_000))),
    "a link of 400,000 attributes": (
        "listing",
        lambda: b'<a href="/bai-1.html" ' + b" ".join(b"a%d=1" % n for n in range(400_000)) + b">x</a>",
    ),
    "links begun in links": ("listing", lambda: b'<a href="/bai-1.html">' * 200_000),
    "a sitemap of 50,000 pages": (
        "sitemap",
        lambda: b"<urlset>" + b"".join(b"<url><loc>/bai-%d.html</loc></url>" % n for n in range(50_000)) + b"</urlset>",
    ),
    "a sitemap of tags begun": ("sitemap", lambda: b"<urlset><url><loc>/bai-1.html</loc></url>" + b"<a " * 1_000_000 + b"</urlset>"),
    "a JSON Feed of 350,000 items": ("json_feed", lambda: b'{"items":[' + b'{"url":"/a"},' * 350_000 + b"{}]}"),
    "JSON nested four million deep": ("json_feed", lambda: b'{"items":' + b"[" * 4_000_000),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_heavy_listing_sitemap_or_json_feed_ends_in_time(name: str) -> None:
    kind, make = OTHERS[name]
    body = make()
    began = time.process_time()
    try:
        entries = parse(body, kind)
    except FeedError:
        entries = ()
    assert len(entries) <= 50_000
    # twice as much as for feeds: 50,000 pages of a sitemap, as many as the protocol allows, take half of it
    assert time.process_time() - began < 2 * MOST_SECONDS


NEWS = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>
<loc>https://baomau.test/bai-1.html</loc><lastmod>2026-01-01</lastmod><news:news><news:publication_date>2025-03-01</news:publication_date>
<news:title>&lt;![CDATA[Hai đồn &amp; bản]]&gt;</news:title></news:news></url><url><loc>/bai-2.html</loc></url></urlset>""".encode()
INDEX = (
    b"<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2026-01-01</lastmod></sitemap><sitemap><loc>/b.xml</loc></sitemap></sitemapindex>"
)
GOOD: list[tuple[bytes, FeedKind]] = [
    (
        b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>M</title>'
        b'<item><title><![CDATA[H\xc3\xb2a]]></title><link>/bai-1.html</link><guid isPermaLink="false">g1</guid><pubDate>Mon, 14 Sep 2026 08:05:00 +0700'
        b"</pubDate><description>&lt;a href=x&gt;Su\xe1\xbb\x91i&lt;/a&gt;</description></item><item><title>n&amp;agrave;y</title><link>/bai-2.html</link>"
        b"<dc:date>2026-09-14</dc:date></item></channel></rss>",
        "rss",
    ),
    (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>M</title><entry><title type="html">N&amp;#224;y</title><link rel="alternate" href="/bai-1.html"/>'
        b'<id>tag:1</id><updated>2025-03-01T08:00:00+07:00</updated><content type="xhtml"><div>x</div></content></entry></feed>',
        "rss",
    ),
    (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><item rdf:about="https://baomau.test/bai-1.html">'
        b"<title>T</title><link>https://baomau.test/bai-1.html</link></item></rdf:RDF>",
        "rss",
    ),
    (
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": "/bai-1.html", "title": "M"}]}).encode(),
        "json_feed",
    ),
    (NEWS, "news_sitemap"),
    (NEWS, "sitemap"),
    (INDEX, "sitemap"),
    (b'<html><head><base href="/"><link rel=next href="?p=2"></head><body><a href="/bai-1.html" title="x">M</a></body></html>', "listing"),
]
JUNK = [
    b"<",
    b">",
    b"&",
    b"\x00",
    b"\xff",
    b"</item>",
    b"<item>",
    b"]]>",
    b"&#0;",
    b"&#x110000;",
    b"<![CDATA[",
    b"<!--",
    b"<!DOCTYPE a [",
    b'"',
    b"xmlns:a=''",
    b"<?xml",
    b"\n",
    b"{",
    b"[",
    b":",
]


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_thousand_mutations_give_entries_or_a_feed_error(data: st.DataObject) -> None:
    body, kind = data.draw(st.sampled_from(GOOD))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(body)))
        until = data.draw(st.integers(at, min(len(body), at + 80)))
        junk = data.draw(st.one_of(st.binary(max_size=8), st.sampled_from(JUNK)))
        body = body[:at] + junk * data.draw(st.sampled_from([1, 1, 1, 2, 500])) + body[until:]
    content_type = data.draw(st.sampled_from([None, "text/html; charset=latin-1", "application/xml; charset=utf-16", "x"]))
    began = time.process_time()
    try:
        entries = parse_feed(body, feed(kind), content_type=content_type, base_url=BASE)
        if kind == "sitemap":
            parse_sitemap(body, feed(kind), content_type=content_type, base_url=BASE)
    except FeedError:
        entries = ()
    assert time.process_time() - began < MOST_SECONDS
    assert all(entry.url.startswith(("http://", "https://")) and entry.title == " ".join(entry.title.split()) for entry in entries)
