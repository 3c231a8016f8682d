"""Kinds of feed besides RSS: JSON Feed, sitemaps and their indexes, listings with pages."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from extractors.errors import FeedError
from extractors.feeds import SitemapChild, due_children, parse_feed, parse_listing, parse_sitemap
from extractors.outlets import backfill_feed, load_outlets
from extractors.records import Entry, Feed

BASE = "https://baomau.test/tin/"
JSON = Feed(id="baomau_json", outlet_id="baomau", url=BASE, kind="json_feed")
MAP = Feed(id="baomau_map", outlet_id="baomau", url=BASE, kind="sitemap")
LISTING = Feed(id="baomau_list", outlet_id="baomau", url=BASE, kind="listing", article_pattern=r"-\d{4}\.html$")
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
INDEX = f"""<sitemapindex {SPACE}>
<sitemap><loc>/sitemaps/2025-9.xml</loc><lastmod>2025-10-01T00:00:00+07:00</lastmod></sitemap>
<sitemap><loc>/sitemaps/2025-10.xml</loc><lastmod>2025-11-01</lastmod></sitemap>
<sitemap><loc>/sitemaps/a.xml</loc></sitemap><sitemap><loc>/sitemaps/b.xml</loc><lastmod>gần đây</lastmod></sitemap>
<sitemap><loc>/sitemaps/2025-9.xml</loc></sitemap><sitemap><loc>mailto:a@baomau.test</loc></sitemap></sitemapindex>""".encode()
URLS = f"""<urlset {SPACE} xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc>https://baomau.test/</loc></url>
<url><image:image><image:loc>/p.jpg</image:loc><image:title>Ảnh</image:title></image:image><loc>/tin/a-1001.html</loc><lastmod>2025-03-01T08:00:00+07:00</lastmod></url>
<url><loc>/tin/b-1002.html</loc><lastmod>hôm qua</lastmod></url></urlset>""".encode()


def json_feed(**changes: object) -> bytes:
    item = {"id": 7, "url": "/tin/a-1001.html", "title": "H&ograve;a bình", "date_published": "2025-03-01T08:00:00+07:00"} | changes
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Mẫu", "items": [item]}).encode()


def parse(body: bytes, feed: Feed) -> tuple[Entry, ...]:
    return parse_feed(body, feed, content_type="application/feed+json", base_url=BASE)


def test_a_json_feed() -> None:
    (entry,) = parse(json_feed(summary="<p>Bên suối</p>", date_modified="2025-03-02T08:00:00"), JSON)
    assert entry == Entry(
        feed_id="baomau_json",
        url="https://baomau.test/tin/a-1001.html",
        title="Hòa bình",
        guid="7",
        published=datetime(2025, 3, 1, 1, tzinfo=UTC),
        published_raw="2025-03-01T08:00:00+07:00",
        summary="Bên suối",
        modified=datetime(2025, 3, 2, 1, tzinfo=UTC),
        modified_raw="2025-03-02T08:00:00",
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"url": None, "id": "https://baomau.test/tin/a-1001.html"},
        {"url": [1], "external_url": "/tin/a-1001.html"},
        {"title": {}, "summary": 5},
    ],
)
def test_a_json_feed_with_fields_of_another_shape(fields: dict[str, object]) -> None:
    assert [entry.url for entry in parse(json_feed(**fields), JSON)] == ["https://baomau.test/tin/a-1001.html"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"version": "https://jsonfeed.org/version/1", "items": []}', "without a usable entry"),
        (b'{"error": "quota"}', "without a list of items"),
        (b'["a"]', "without a list of items"),
        (json_feed()[:-20], "was expected"),
        (b"[" * 200_000, "was expected"),
        (b"<html><title>Xin doi</title></html>", "HTML page"),
    ],
)
def test_what_is_no_json_feed(body: bytes, said: str) -> None:
    with pytest.raises(FeedError, match=said):
        parse(body, JSON)


def test_a_plain_sitemap_dates_changes_not_publication() -> None:
    home, first, second = parse(URLS, MAP)
    assert home.url == "https://baomau.test/"
    assert (first.url, first.title, first.published) == ("https://baomau.test/tin/a-1001.html", "", None)
    assert (first.modified, first.modified_raw) == (datetime(2025, 3, 1, 1, tzinfo=UTC), "2025-03-01T08:00:00+07:00")
    assert (second.modified, second.modified_raw) == (None, "hôm qua")


def test_a_sitemap_only_gives_what_looks_like_an_article() -> None:
    assert [entry.url[-11:] for entry in parse(URLS, replace(MAP, article_pattern=r"-\d{4}\.html$"))] == ["a-1001.html", "b-1002.html"]
    with pytest.raises(FeedError, match="lists 3 pages: none matches"):
        parse(URLS, replace(MAP, article_pattern=r"/never/"))


def test_an_index_of_sitemaps_gives_its_children() -> None:
    sitemap = parse_sitemap(INDEX, MAP, content_type=None, base_url=BASE)
    assert sitemap.entries == ()
    assert [(child.url, child.lastmod, child.lastmod_raw) for child in sitemap.children] == [
        ("https://baomau.test/sitemaps/2025-9.xml", datetime(2025, 9, 30, 17, tzinfo=UTC), "2025-10-01T00:00:00+07:00"),
        ("https://baomau.test/sitemaps/2025-10.xml", datetime(2025, 10, 31, 17, tzinfo=UTC), "2025-11-01"),
        ("https://baomau.test/sitemaps/a.xml", None, None),
        ("https://baomau.test/sitemaps/b.xml", None, "gần đây"),
    ]
    with pytest.raises(FeedError, match="index of sitemaps"):
        parse(INDEX, MAP)


def test_children_are_due_newest_first_and_undated_ones_last() -> None:
    def child(name: str, day: int | None) -> SitemapChild:
        return SitemapChild(name, datetime(2025, 1, day, tzinfo=UTC) if day else None, None)

    children = [child("a", 1), child("u", None), child("c", 3), child("b", 2), child("v", None)]
    assert "".join(due.url for due in due_children(children, since=None, limit=9)) == "cbavu"
    assert "".join(due.url for due in due_children(children, since=datetime(2025, 1, 2, tzinfo=UTC), limit=3)) == "cbv"


def test_a_packed_sitemap_is_unpacked() -> None:
    assert len(parse(gzip.compress(URLS), MAP)) == 3
    with pytest.raises(FeedError, match="cannot be unpacked"):
        parse(b"\x1f\x8b" + b"x" * 40, MAP)
    with pytest.raises(FeedError, match="unfolds to more than"):
        parse(gzip.compress(b"<urlset>" + b" " * 51_000_000), MAP)


def test_a_sitemap_without_pages_is_a_failure() -> None:
    with pytest.raises(FeedError, match="without a usable entry"):
        parse(f"<urlset {SPACE}></urlset>".encode(), MAP)


def page(more: str = "", number: int = 1001) -> bytes:
    return f'<html><head></head><body><a href="/tin/a-{number}.html">Hai đồn gặp nhau</a>{more}</body></html>'.encode()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ('<a rel="next" href="?page=2">Trang sau</a>', "https://baomau.test/tin/?page=2"),
        ('<link rel="prev next" href="/tin/2">', "https://baomau.test/tin/2"),
        ('<a rel="nofollow next" href="//www.baomau.test/tin/2#top">2</a>', "https://www.baomau.test/tin/2"),
        ('<a rel="next" href="https://other.test/2">2</a>', None),
        ('<a rel="next" href="#">2</a><a rel="next" href="/tin/">2</a><a rel="next" href="javascript:next()">2</a>', None),
        ('<a href="?page=2">2</a>', None),
    ],
)
def test_the_next_page_that_a_listing_names(more: str, expected: str | None) -> None:
    assert parse_listing(page(more), LISTING, content_type=None, base_url=BASE).next_page == expected


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://baomau.test/tin/", "https://baomau.test/tin/trang-2.html"),
        ("http://baomau.test/tin/trang-2.html", "https://baomau.test/tin/trang-3.html"),
        ("https://baomau.test/tin/trang-99.html#a", "https://baomau.test/tin/trang-100.html"),
    ],
)
def test_the_next_page_that_the_outlets_file_tells(base: str, expected: str) -> None:
    feed = replace(LISTING, next_pages="https://baomau.test/tin/trang-{page}.html")
    assert parse_listing(page('<a rel="next" href="/other">'), feed, content_type=None, base_url=base).next_page == expected


def test_a_page_after_the_last_is_a_feed_error() -> None:
    with pytest.raises(FeedError, match="none of its 1 links"):
        parse_listing(b'<html><a href="/lien-he">x</a></html>', LISTING, content_type=None, base_url=BASE)


def test_the_past_of_an_outlet_is_read_with_its_own_patterns() -> None:
    outlet = load_outlets()["baoquangtri"]
    feed = backfill_feed(outlet, "https://baoquangtri.vn/sitemap.xml", "sitemap")
    assert (feed.outlet_id, feed.article_pattern, feed.time_zone) == (outlet.id, outlet.article_pattern, outlet.time_zone)
