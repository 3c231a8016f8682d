"""The sample press over HTTP: what it promises, and that the extractors read it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from extractors.addresses import address_host, article_id
from extractors.article import extract_article
from extractors.errors import NoTextError, OutletError
from extractors.feeds import parse_feed
from extractors.normalise import normalise_text
from extractors.outlets import load_outlets
from extractors.records import Entry
from keoson.press.rendering import Resource, render_site
from keoson.press.server import PressServer
from keoson.press.sites import PressSite, press_folder, read_sites
from tests.press.requests import fetch

ARTICLES = [(site.outlet.id, slug) for site in read_sites(press_folder()) for slug in site.articles]
FEEDS = [(outlet.id, feed.id) for outlet in load_outlets(press_folder()).values() for feed in outlet.feeds]
MIRROR = "http://champapost-mirror.example.test/2025/sekong-police-post-opens/"
GONE = "http://truongson.press.test/ban-tin-thoi-tiet-vung-nui-3190404.html"
PHOTOS = "http://biencuong.press.test/chum-anh-mua-nuoc-noi-18529901.htm"


def entries_of(press: PressServer, outlet_id: str, feed_id: str) -> tuple[Entry, ...]:
    feed = next(feed for feed in press.base_outlets[outlet_id].feeds if feed.id == feed_id)
    page = fetch(press, feed.url)
    return parse_feed(page.body, feed, content_type=dict(page.headers)["content-type"], base_url=page.final_url)


def test_the_press_is_as_large_and_varied_as_promised(sites: dict[str, PressSite]) -> None:
    assert len(sites) >= 6
    assert len(ARTICLES) >= 26
    assert {site.outlet.country for site in sites.values()} == {"VN", "LA", "KH"}
    assert {served.form for site in sites.values() for served in site.feeds.values()} == {"rss", "atom", "news_sitemap", "listing"}
    languages = [site.outlet.language for site in sites.values() for _ in site.articles]
    assert languages.count("lo") >= 2
    assert languages.count("en") >= 2
    assert all(2023 <= article.published.year <= 2026 for site in sites.values() for article in site.articles.values())


@pytest.mark.parametrize(("outlet_id", "slug"), ARTICLES)
def test_every_article_extracts_to_its_own_text(press: PressServer, sites: dict[str, PressSite], outlet_id: str, slug: str) -> None:
    site = sites[outlet_id]
    written = site.articles[slug]
    page = fetch(press, site.address(slug))
    article = extract_article(page, site.outlet, None)

    lines = article.text.split("\n")
    for paragraph in (site.prefix + written.lead, *written.paragraphs):
        assert normalise_text(paragraph) in lines
    for stray in (*written.related, *written.comments):
        assert normalise_text(stray) not in article.text
    for label in {found.strip() for found in re.findall(r">([^<>$\n]{4,})<", site.template)} - {"By", "on"}:
        assert label not in article.text
    assert (article.title, article.language, article.id) == (written.title, site.outlet.language, article_id(site.address(slug)))
    assert article.published is not None
    assert article.published.value == written.published.date().isoformat()


@pytest.mark.parametrize(("outlet_id", "slug"), ARTICLES)
def test_what_is_not_the_story_is_marked(press: PressServer, sites: dict[str, PressSite], outlet_id: str, slug: str) -> None:
    site = sites[outlet_id]
    written = site.articles[slug]
    article = extract_article(fetch(press, site.address(slug)), site.outlet, None)
    story = list(article.text)
    for span in article.spans:
        story[span.start : span.end] = " " * (span.end - span.start)
    left = [line.strip() for line in "".join(story).split("\n") if line.strip()]
    assert left == [normalise_text(paragraph) for paragraph in (written.lead, *written.paragraphs)]


@pytest.mark.parametrize(("outlet_id", "feed_id"), FEEDS)
def test_feeds_parse_to_the_articles_they_announce(press: PressServer, sites: dict[str, PressSite], outlet_id: str, feed_id: str) -> None:
    site = sites[outlet_id]
    served = site.feeds[feed_id]
    found = {article_id(entry.url): entry for entry in entries_of(press, outlet_id, feed_id)}
    expected = {
        article_id(site.address(slug)): article
        for slug, article in site.articles.items()
        if not served.sections or article.section in served.sections
    }
    assert found.keys() == expected.keys() | {article_id(line.url) for line in served.lines}
    for identity, article in expected.items():
        assert found[identity].title == article.title
        if served.form != "listing":
            assert found[identity].published == article.published


def test_every_article_is_announced(press: PressServer, sites: dict[str, PressSite]) -> None:
    announced = {article_id(entry.url) for outlet_id, feed_id in FEEDS for entry in entries_of(press, outlet_id, feed_id)}
    assert {article_id(site.address(slug)) for site in sites.values() for slug in site.articles} <= announced


def test_feeds_of_one_outlet_announce_the_same_article_by_two_addresses(press: PressServer) -> None:
    sitemap = {article_id(entry.url): entry.url for entry in entries_of(press, "biencuong", "biencuong_sitemap")}
    rss = {article_id(entry.url): entry.url for entry in entries_of(press, "biencuong", "biencuong_doi_ngoai")}
    shared = sitemap.keys() & rss.keys()
    assert len(shared) == 4
    assert all(sitemap[identity] != rss[identity] for identity in shared)
    for identity in shared:
        assert fetch(press, rss[identity]).body == fetch(press, sitemap[identity]).body


def test_the_page_without_text(press: PressServer) -> None:
    page = fetch(press, PHOTOS)
    assert page.status == 200
    with pytest.raises(NoTextError, match="no article text"):
        extract_article(page, press.base_outlets["biencuong"], None)
    assert PHOTOS in {entry.url for entry in entries_of(press, "biencuong", "biencuong_sitemap")}


def test_the_dead_link(press: PressServer) -> None:
    assert GONE in {entry.url for entry in entries_of(press, "truongson", "truongson_rss")}
    assert fetch(press, GONE).status == 404


def test_the_link_to_a_foreign_host(press: PressServer) -> None:
    assert MIRROR in {entry.url for entry in entries_of(press, "champapost", "champapost_feed")}
    assert address_host(MIRROR) not in press.base_outlets["champapost"].hosts
    assert fetch(press, MIRROR).status == 404


def test_one_page_declares_a_wrong_charset_and_one_a_wrong_type(press: PressServer, sites: dict[str, PressSite]) -> None:
    types = {slug: dict(fetch(press, sites[outlet_id].address(slug)).headers)["content-type"] for outlet_id, slug in ARTICLES}
    odd = {slug: said for slug, said in types.items() if said != "text/html; charset=utf-8"}
    assert sorted(odd.values()) == ["image/jpeg", "text/html; charset=iso-8859-1"]


@pytest.mark.parametrize("outlet_id", sorted(load_outlets(press_folder())))
def test_home_and_listing_pages_are_no_articles(press: PressServer, outlet_id: str) -> None:
    outlet = press.base_outlets[outlet_id]
    home = fetch(press, outlet.homepage)
    for page in (home, replace(home, final_url=f"{outlet.homepage}tin-an-ninh/")):
        with pytest.raises(NoTextError):
            extract_article(page, outlet, None)


def test_validators(press: PressServer) -> None:
    url = "http://songlam.press.test/feed.atom"
    first = dict(fetch(press, url).headers)
    again = fetch(press, url, If_None_Match=first["etag"])
    assert (again.status, again.body, dict(again.headers)["etag"]) == (304, b"", first["etag"])
    assert first["last-modified"] == "Fri, 16 May 2025 02:15:00 GMT"
    assert fetch(press, url, If_None_Match='"other"').status == 200
    head = fetch(press, url, method="HEAD")
    assert (head.status, head.body) == (200, b"")


def test_requests_are_remembered(sites: dict[str, PressSite]) -> None:
    with PressServer() as press:
        fetch(press, "http://songlam.press.test/robots.txt", User_Agent="Keoson/test")
        fetch(press, "http://songlam.press.test/nowhere")
        seen = [(request.method, request.host, request.path, request.status) for request in press.requests_seen]
    assert seen == [("GET", "songlam.press.test", "/robots.txt", 200), ("GET", "songlam.press.test", "/nowhere", 404)]
    assert press.requests_seen[0].headers["User-Agent"] == "Keoson/test"


def test_bytes_are_the_same_in_every_run(sites: dict[str, PressSite]) -> None:
    again = {site.outlet.id: site for site in read_sites(press_folder())}
    for outlet_id, site in sites.items():
        assert dict(render_site(site)) == dict(render_site(again[outlet_id]))


def test_a_site_of_ones_own_and_a_page_that_changes() -> None:
    outlet = replace(load_outlets(press_folder())["songlam"], id="mine", hosts=("mine.press.test",))
    page = Resource(b"one", "text/plain")
    with PressServer(extra={"http://mine.press.test/a": page}, extra_outlets=[outlet]) as press:
        assert press.base_outlets["mine"] is outlet
        assert fetch(press, "http://mine.press.test/a").body == b"one"
        press.replace("http://mine.press.test/a", Resource(b"two", "text/plain"))
        assert fetch(press, "http://www.mine.press.test/a/").body == b"two"
    with pytest.raises(OutletError, match="two of the press's folders"):
        PressServer([press_folder(), press_folder()])


def test_a_wrong_press_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutletError, match=r"no <id>/outlet\.toml"):
        read_sites(tmp_path)
    source = press_folder() / "songlam"
    for path in source.rglob("*.*"):
        target = tmp_path / "songlam" / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    assert len(read_sites(tmp_path)) == 1
    broken = next((tmp_path / "songlam" / "articles").glob("*.toml"))
    broken.write_text("title = 1")
    with pytest.raises(OutletError, match=broken.name):
        read_sites(tmp_path)


def test_a_client_that_was_killed_prints_nothing_and_a_fault_of_the_press_does(
    press: PressServer, capsys: pytest.CaptureFixture[str]
) -> None:
    address = ("127.0.0.1", press.port)
    for error in (ConnectionResetError("reset by peer"), BrokenPipeError("gone"), ValueError("a fault")):
        try:
            raise error
        except (OSError, ValueError):
            press._server.handle_error(object(), address)
    told = capsys.readouterr().err
    assert "ValueError: a fault" in told
    assert "reset by peer" not in told
    assert "gone" not in told
