"""Drafts of outlets: where a site says its feeds are, what an address turns out to be, and the file that is written."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractors.errors import InputError
from extractors.feeds.links import feed_kind, read_site_page, sitemaps_in_robots
from extractors.feeds.opml import Outline
from extractors.outlet_draft import Draft, DraftFeed, country_of, draft_toml, drafts_of_feeds, outlet_id
from extractors.outlets import read_outlet

PAGE = """<html lang="vi-VN"><head><title>Trang chủ</title><meta property="og:site_name" content="Báo Mẫu">
<link rel="alternate" type="application/rss+xml" href="/tin.rss"><link rel="alternate" hreflang="en" href="/en/">
<link rel="Alternate" type="application/feed+json" href="//baomau.test/feed.json"><link rel="stylesheet" href="/a.css"></head><body>
<a href="/rss/phap-luat.rss">RSS</a><a href="/rss">RSS</a><a href="/feed/">x</a><a href="/tin.rss">x</a><a href="/bai-1001.html">x</a></body></html>""".encode()


def test_a_page_names_its_site_and_feeds() -> None:
    site = read_site_page(PAGE, None, "https://baomau.test/")
    assert (site.name, site.language) == ("Báo Mẫu", "vi")
    assert site.feeds == tuple(f"https://baomau.test{path}" for path in ("/tin.rss", "/feed.json", "/rss/phap-luat.rss", "/rss", "/feed/"))


@pytest.mark.parametrize("body", [b"", b"<rss/>", b"\x89PNG\r\n", b"<html></html>", b"<" * 50_000])
def test_a_page_without_anything_names_nothing(body: bytes) -> None:
    assert read_site_page(body, None, "https://baomau.test/").feeds == ()


@given(st.binary(max_size=300))
def test_no_page_raises(body: bytes) -> None:
    read_site_page(body, None, "https://baomau.test/")
    assert feed_kind(b"\x00" + body, None) in {None, "rss", "sitemap", "news_sitemap", "json_feed"}


def test_robots_name_sitemaps() -> None:
    robots = "User-agent: *\nSitemap: /sitemap.xml\r\nsitemap:https://baomau.test/sitemap.xml\n# Sitemap: /no.xml\nSITEMAP : mailto:a@b"
    assert sitemaps_in_robots(robots, "https://baomau.test/") == ("https://baomau.test/sitemap.xml",)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<?xml version='1.0'?><!-- a --><rss version='2.0'>", "rss"),
        (b"\xef\xbb\xbf<feed xmlns='http://www.w3.org/2005/Atom'>", "rss"),
        (b"<rdf:RDF>", "rss"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "json_feed"),
        (b"<urlset><url><loc>a</loc></url>", "sitemap"),
        (b"<urlset><url><loc>a</loc><news:news>", "news_sitemap"),
        (b"<?xml version='1.0'?><sitemapindex>", "sitemap"),
        (b"<!doctype html><html>", None),
        (b'{"items": []}', None),
        (b"", None),
    ],
)
def test_what_an_address_turns_out_to_be(body: bytes, kind: str | None) -> None:
    assert feed_kind(body, "text/html") == kind


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.baomau.vn/", "baomau"),
        ("https://baomau.com.vn/tin", "baomau"),
        ("https://congan.nghean.gov.vn/", "congan_nghean"),
        ("https://en.baomau.org.la", "en_baomau"),
        ("http://1022.vn/rss", "site_1022"),
        ("http://127.0.0.1:8000/", "site_127"),
    ],
)
def test_ids_of_drafts(address: str, expected: str) -> None:
    assert outlet_id(address) == expected


def test_the_country_is_the_domains_unless_given() -> None:
    assert [country_of("https://a.la/", None), country_of("https://a.com/", "kh")] == ["LA", "KH"]
    for address, given_country in (("https://a.com/", None), ("https://a.vn/", "FR")):
        with pytest.raises(InputError, match="VN, LA"):
            country_of(address, given_country)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
@example("\x7f", "", "")  # a name of which nothing may be written
def test_a_draft_is_a_valid_file_whatever_the_site_calls_itself(
    tmp_path_factory: pytest.TempPathFactory, name: str, section: str, note: str
) -> None:
    feed = DraftFeed("https://baomau.vn/rss", "rss", section, note=note)
    draft = Draft("https://baomau.vn", name.strip(), "VN", "", ("baomau.vn",), (feed,), ("https://baomau.vn/sitemap.xml",))
    path = tmp_path_factory.getbasetemp() / "baomau.toml"
    path.write_bytes(draft_toml(draft, f"from {note}").encode())
    outlet = read_outlet(path)
    assert (outlet.id, outlet.language, outlet.sitemaps) == ("baomau", "vi", ("https://baomau.vn/sitemap.xml",))
    assert outlet.feeds[0].url == feed.url


def test_a_listing_that_is_off_is_a_draft_too(tmp_path: Path) -> None:
    feed = DraftFeed("https://baomau.vn/", "listing", "home", enabled=False, note="no feed was found")
    path = tmp_path / "baomau.toml"
    path.write_text(draft_toml(Draft("https://baomau.vn", "Báo Mẫu", "VN", "vi", ("baomau.vn",), (feed,)), "from x"), encoding="utf-8")
    assert read_outlet(path).feeds[0].enabled is False


def test_a_list_of_feeds_becomes_one_draft_a_site() -> None:
    outlines = [
        Outline("https://feeds.baomau.vn/1.rss", "https://baomau.vn/", "Một"),
        Outline("https://baomau.vn/2.rss", None, "Hai"),
        Outline("https://khao.la/feed/", None, ""),
    ]
    first, second = drafts_of_feeds(outlines, None)
    assert (first.id, first.hosts, len(first.feeds)) == ("baomau", ("baomau.vn", "feeds.baomau.vn"), 2)
    assert (second.id, second.country) == ("khao", "LA")
