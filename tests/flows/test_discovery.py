"""Looking at sites on loopback: which of their feeds are found, and what is said of those that do not work."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from extractors.outlet_draft import Draft
from extractors.outlets import load_outlets
from extractors.records import Feed, Outlet
from flows.discovery import CheckPool, FeedCheck, check_outlet, check_pool, discover_outlet
from flows.fetch import Fetcher
from flows.settings import Settings
from keoson.press.rendering import Resource
from keoson.press.server import PressServer
from tests.flows.conftest import serve_site

HOME = "http://khao.press.test"
_HTML, _XML = "text/html; charset=utf-8", "application/xml"
STORY = "kể rằng năm ngoái nước lớn làm trôi cầu gỗ, trẻ con phải nghỉ học nửa tháng vì không sang sông được."


def html(body: str, head: str = "") -> Resource:
    return Resource(f'<html lang="vi"><head><title>Báo Khao</title>{head}</head><body>{body}</body></html>'.encode(), _HTML)


def rss(*links: str, more: str = "") -> Resource:
    items = "".join(f"<item><title>Bài</title><link>{link}</link>{more}</item>" for link in links)
    return Resource(f'<rss version="2.0"><channel><title>Tin</title>{items}</channel></rss>'.encode(), _XML)


@pytest.fixture
def site(tmp_path: Path) -> Iterator["Site"]:
    with PressServer(folders=[]) as press:
        settings = Settings(
            home=tmp_path, host_overrides={"*.press.test": f"127.0.0.1:{press.port}"}, host_delay_seconds=0, fetch_attempts=1
        )
        with Fetcher(settings) as fetcher, check_pool(settings) as pool:
            yield Site(press, fetcher, pool)


class Site:
    def __init__(self, press: PressServer, fetcher: Fetcher, pool: CheckPool) -> None:
        self.press, self.fetcher, self.pool = press, fetcher, pool
        self.told: list[str] = []

    def serve(self, **resources: Resource) -> None:
        """Resources by path, `_` for a slash and `home` for the home page."""
        for name, resource in resources.items():
            path = "/" if name == "home" else "/" + name.replace("__", "/").replace("_dot_", ".")
            self.press.replace(HOME + path, resource)

    def discover(self) -> Draft:
        return discover_outlet(self.fetcher, f"{HOME}/", "VN", self.told.append)

    def check(self, *feeds: Feed) -> tuple[FeedCheck, ...]:
        outlet = Outlet("khao", "Báo Khao", "vi", "VN", HOME, ("khao.press.test",), "Asia/Ho_Chi_Minh", feeds)
        return check_outlet(self.fetcher, self.pool, outlet, self.told.append)


def feed(path: str, kind: str = "rss", pattern: str | None = None) -> Feed:
    return Feed(id="khao_1", outlet_id="khao", url=f"{HOME}/{path}", kind=kind, article_pattern=pattern)  # type: ignore[arg-type]


def test_a_page_that_lists_feeds_leads_to_them(site: Site) -> None:
    links = "".join(f'<a href="/rss/{name}.rss">{name}</a>' for name in ("thoi-su", "phap-luat", "khong-co"))
    site.serve(home=html('<a href="/rss">RSS</a>'), rss=html(links))
    for name in ("thoi-su", "phap-luat"):
        site.press.replace(f"{HOME}/rss/{name}.rss", rss(f"{HOME}/{name}-1.html"))
    draft = site.discover()
    assert [(found.url.rpartition("/")[2], found.section, found.enabled) for found in draft.feeds] == [
        ("thoi-su.rss", "thoi-su", True),
        ("phap-luat.rss", "phap-luat", True),
    ]
    assert (draft.name, draft.language, draft.hosts) == ("Báo Khao", "vi", ("khao.press.test",))


def test_feeds_at_the_usual_addresses_and_sitemaps_of_robots_are_found(site: Site) -> None:
    sitemap = Resource(b"<sitemapindex><sitemap><loc>/a.xml</loc></sitemap></sitemapindex>", _XML)
    site.serve(home=html("<p>Trang</p>"), feed=rss("http://baimoi.press.test/1.html", "http://baimoi.press.test/2.html"), maps=sitemap)
    site.press.replace(f"{HOME}/robots.txt", Resource(b"User-agent: *\nAllow: /\nSitemap: /maps\n", "text/plain"))
    draft = site.discover()
    assert [found.url for found in draft.feeds] == [f"{HOME}/feed/"]
    assert draft.sitemaps == (f"{HOME}/maps",)
    assert draft.hosts == ("khao.press.test", "baimoi.press.test"), "where its articles are"


def test_an_empty_feed_is_drafted_as_off_and_a_site_without_feeds_as_a_listing(site: Site) -> None:
    site.serve(home=html('<link rel="alternate" type="application/rss+xml" href="/tin.rss">'), tin_dot_rss=rss())
    (empty,) = site.discover().feeds
    assert (empty.kind, empty.enabled) == ("rss", False)
    assert "without a usable entry" in empty.note
    site.serve(home=html("<p>Trang</p>"))
    (listing,) = site.discover().feeds
    assert (listing.kind, listing.enabled, listing.url) == ("listing", False, f"{HOME}/")


def test_a_check_tells_kinds_moves_dates_and_foreign_hosts(site: Site) -> None:
    page = html(f"<article><h1>Cầu gỗ</h1><p>Trưởng bản {STORY}</p></article>")
    site.serve(bai_dot_html=page, map_dot_xml=Resource(f"<urlset><url><loc>{HOME}/bai.html</loc></url></urlset>".encode(), _XML))
    site.serve(index_dot_xml=Resource(b"<sitemapindex><sitemap><loc>/map.xml</loc></sitemap></sitemapindex>", _XML))
    site.serve(list_dot_html=html('<a href="/bai.html">Bài</a>'), tin_dot_rss=rss(f"{HOME}/bai.html", "http://x.press.test/2.html"))
    checks = site.check(
        feed("tin.rss"), feed("map.xml", "sitemap"), feed("index.xml", "sitemap"), feed("list.html", "listing", "bai"), feed("map.xml")
    )
    assert [(check.ok, check.found, check.entries, check.foreign) for check in checks] == [
        (True, "rss", 2, 0.5),
        (True, "sitemap", 1, 0.0),
        (True, "sitemap", 1, 0.0),
        (True, "listing", 1, 0.0),
        (False, "sitemap", 0, 0.0),
    ]
    assert all(check.dated == 0 and check.newest is None for check in checks)
    assert "<urlset>" in (checks[-1].problem or "")
    assert checks[0].article is not None
    assert (checks[0].article.title, checks[0].article.language, checks[0].article.characters > 60) == ("Cầu gỗ", "vi", True)


def test_a_feed_whose_newest_article_has_no_text_does_not_work(site: Site) -> None:
    date = "<pubDate>Mon, 14 Sep 2026 08:05:00 GMT+7</pubDate>"
    site.serve(bai_dot_html=html("<p>Ngắn</p>"), tin_dot_rss=rss(f"{HOME}/bai.html", more=date))
    (check,) = site.check(feed("tin.rss"))
    assert (check.ok, check.entries, check.dated) == (False, 1, 1.0)
    assert check.newest is not None
    assert check.newest.isoformat() == "2026-09-14T01:05:00+00:00"
    assert "no article text" in (check.problem or "")


def test_a_heavy_page_is_given_up_at_the_deadline_and_the_others_are_told(site: Site) -> None:
    # 100,000 paragraphs take trafilatura more than 20 s (notes/flow.md, section 3).
    heavy = Resource(b"<html><body>" + b"<p>word word word</p>" * 100_000 + b"</body></html>", _HTML)
    site.serve(bai_dot_html=html(f"<article><h1>Cầu gỗ</h1><p>Trưởng bản {STORY}</p></article>"), nang_dot_html=heavy)
    site.serve(tin_dot_rss=rss(f"{HOME}/bai.html"), nang_dot_rss=rss(f"{HOME}/nang.html"))
    site.pool.deadline = 2.0
    first, second, third = site.check(feed("tin.rss"), feed("nang.rss"), feed("tin.rss"))
    assert (first.ok, second.ok, third.ok) == (True, False, True)
    assert second.article is not None
    assert (second.article.url, second.article.title) == (f"{HOME}/nang.html", "Bài")
    assert second.problem == "not extracted within 2 s (extraction_deadline)"


def test_every_feed_of_an_outlet_is_checked_those_that_are_off_too(site: Site) -> None:
    outlet = load_outlets()["baonghean"]
    off = [one for one in outlet.feeds if not one.enabled]
    # The same feeds at addresses of the loopback press: nothing is there.
    moved = replace(outlet, feeds=tuple(replace(one, url=f"{HOME}/{one.id}") for one in outlet.feeds))
    checks = check_outlet(site.fetcher, site.pool, moved, site.told.append)
    assert [check.status for check in checks] == [404] * len(outlet.feeds)
    assert [check.feed_id for check in checks if not check.enabled] == [one.id for one in off]
    assert len(site.told) == len(outlet.feeds)


def test_a_check_refuses_what_an_ingest_would_refuse() -> None:
    """An article that redirects to a host that is not the outlet's is no article of it."""
    with serve_site() as site:
        site.answers["bao.test/tin.rss"] = (200, {"Content-Type": _XML}, rss("http://bao.test/bai.html").body)
        site.answers["bao.test/bai.html"] = (302, {"Location": "http://khac.test/bai.html"}, b"")
        site.html("khac.test/bai.html", f"<html><body><article><h1>Cầu gỗ</h1><p>Trưởng bản {STORY}</p></article></body></html>")
        one = Feed(id="bao_1", outlet_id="bao", url="http://bao.test/tin.rss", kind="rss")
        outlet = Outlet("bao", "Báo", "vi", "VN", "http://bao.test", ("bao.test",), "Asia/Ho_Chi_Minh", (one,))
        settings = Settings(host_overrides=site.overrides, host_delay_seconds=0, fetch_attempts=1)
        with Fetcher(settings) as fetcher, check_pool(settings) as pool:
            (check,) = check_outlet(fetcher, pool, outlet, lambda line: None)
    assert not check.ok
    assert "khac.test" in (check.problem or "")
