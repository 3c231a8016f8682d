"""Three years of archive for two papers of the sample press, made from `past.toml`: sitemaps by month for one, a paged listing for the other."""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from extractors.records import Feed, Outlet
from flows.backfill.plan import months_between
from keoson.press.rendering import Resource, render_site
from keoson.press.server import PressServer
from keoson.press.sites import PressArticle, PressSite, press_folder, read_sites

PAST: dict[str, Any] = tomllib.loads(Path(__file__).with_name("past.toml").read_text(encoding="utf-8"))
MONTHS = months_between(PAST["first_month"], PAST["last_month"])
_XML, _HTML = "application/xml; charset=utf-8", "text/html; charset=utf-8"
_PAGE = 8
PATTERN = r"/20\d\d/\d\d/[a-z0-9-]+-\d+/$"


@dataclass(frozen=True)
class PastArticle:
    """An article of the past: where it stands and since when; `there` is False for one that the paper has lost."""

    outlet_id: str
    month: str
    url: str
    title: str
    published: datetime
    there: bool = True


@dataclass(frozen=True)
class PastPress:
    """The sample press with the past on top: `announced` are all articles that sitemaps or listings name."""

    server: PressServer
    outlets: dict[str, Outlet]
    announced: tuple[PastArticle, ...]

    def of(self, outlet_id: str, *months: str) -> list[PastArticle]:
        """The announced articles of an outlet and months."""
        return [one for one in self.announced if one.outlet_id == outlet_id and (not months or one.month in months)]


def past_press() -> PastPress:
    """The press, not started. Both outlets have no feed enabled but the listing: an ingest of them fetches nothing."""
    sites = {site.outlet.id: site for site in read_sites(press_folder())}
    extra: dict[str, Resource] = {}
    announced: list[PastArticle] = []
    for outlet_id in ("truongson", "champapost"):
        for article, resource in _articles(sites[outlet_id]):
            announced.append(article)
            if article.there:
                extra[article.url] = resource
    extra.update(sitemaps([one for one in announced if one.outlet_id == "truongson"]))
    extra.update(listing([one for one in announced if one.outlet_id == "champapost"]))
    server = PressServer(extra=extra)
    return PastPress(server, past_outlets(server.base_outlets), tuple(announced))


def past_outlets(outlets: dict[str, Outlet]) -> dict[str, Outlet]:
    """The outlets with what their files would say about their past."""
    truongson, champapost = outlets["truongson"], outlets["champapost"]
    news = Feed(
        "champapost_news", "champapost", "http://champapost.press.test/news/", "listing", time_zone=champapost.time_zone,
        article_pattern=PATTERN, next_pages="http://champapost.press.test/news/page/{page}/",
    )  # fmt: skip
    return {
        "truongson": replace(truongson, sitemaps=("http://truongson.press.test/sitemap-index.xml",)),
        "champapost": replace(champapost, feeds=(*champapost.feeds, news)),
    }


def sitemaps(articles: Sequence[PastArticle], home: str = "http://truongson.press.test") -> Iterator[tuple[str, Resource]]:
    """An index, a sitemap for each month (also for one without news), and one of sections that is older than all."""
    children = []
    for month in MONTHS:
        mine = [one for one in articles if one.month == month]
        last = max((one.published for one in mine), default=None)
        children.append((f"{home}/sitemap-{month}.xml", last))
        yield f"{home}/sitemap-{month}.xml", xml("urlset", [(one.url, one.published) for one in mine])
    children.append((f"{home}/sitemap-sections.xml", datetime(2019, 1, 1, tzinfo=ZoneInfo("UTC"))))
    yield f"{home}/sitemap-index.xml", xml("sitemapindex", children)


def xml(root: str, lines: Sequence[tuple[str, datetime | None]]) -> Resource:
    """A sitemap, or an index of them."""
    item = "url" if root == "urlset" else "sitemap"
    told = "".join(f"<{item}><loc>{escape(url)}</loc>{f'<lastmod>{at.isoformat()}</lastmod>' if at else ''}</{item}>" for url, at in lines)
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    return Resource(f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {space}>{told}</{root}>'.encode(), _XML)


def listing(articles: Sequence[PastArticle], home: str = "http://champapost.press.test") -> Iterator[tuple[str, Resource]]:
    """Pages of links, the newest first; the last leads to one that is not there. Each shows the newest three beside, as sites do."""
    newest_first = sorted(articles, key=lambda one: one.published, reverse=True)
    pages = [newest_first[start : start + _PAGE] for start in range(0, len(newest_first), _PAGE)]
    for number, shown in enumerate(pages, 1):
        address = f"{home}/news/" if number == 1 else f"{home}/news/page/{number}/"
        yield address, links(shown, aside=newest_first[:3])


def links(articles: Sequence[PastArticle], aside: Sequence[PastArticle] = ()) -> Resource:
    """A page of links to articles."""
    items = "".join(f'<li><a href="{escape(one.url)}">{escape(one.title)}</a></li>' for one in articles)
    beside = "".join(f'<a href="{escape(one.url)}">{escape(one.title)}</a>' for one in aside)
    body = f"<ul>{items}</ul><aside>{beside}</aside>"
    return Resource(f'<!DOCTYPE html><html><head><title>News</title></head><body><a href="/">Home</a>{body}</body></html>'.encode(), _HTML)


def _articles(site: PressSite) -> Iterator[tuple[PastArticle, Resource]]:
    outlet_id, data = site.outlet.id, PAST[site.outlet.id]
    number = 0
    for month in MONTHS:
        if month == data.get("hole_not_announced"):
            continue
        for place in range(PAST["a_month"]):
            number += 1
            article = _article(site, data, month, number, place)
            slug = f"tin-bien-gioi-{month}-{place}"
            path = f"/{month.replace('-', '/')}/$slug-$number/" if outlet_id == "champapost" else site.article_path
            alone = replace(
                site, articles={slug: article}, article_path=path, feeds={}, odd_pages=(), outlet=replace(site.outlet, feeds=())
            )
            page = dict(render_site(alone))[alone.address(slug)]
            there = month != data.get("hole_announced_and_gone")
            yield PastArticle(outlet_id, month, alone.address(slug), article.title, article.published, there), page


def _article(site: PressSite, data: dict[str, Any], month: str, number: int, place: int) -> PressArticle:
    year, of_year = int(month[:4]), int(month[5:])
    happened = datetime(year, of_year, 1 + (number * 7 + place * 11) % 27, 9, tzinfo=ZoneInfo(site.outlet.time_zone))

    def pick(name: str, step: int) -> str:
        values = data[name]
        return str(values[number // step % len(values)])

    home = data["home"][month > data["home_until"]] if "home_until" in data else pick("home", 3)
    told = {
        "home": home, "place": pick("place", 1), "partner": pick("partner", 1), "topic": pick("topic", 1), "detail": pick("detail", 1),
        "number": number, "day": happened.day, "month": of_year, "month_name": calendar.month_name[of_year],
    }  # fmt: skip
    return PressArticle(
        number=4_000_000 + number,
        title=data["title"].format(**told),
        published=happened + timedelta(days=1, hours=1) if happened.day < 27 else happened + timedelta(hours=8),
        section="An ninh",
        lead=data["lead"].format(**told),
        paragraphs=tuple(one.format(**told) for one in data["paragraphs"]),
        author="T.S",
    )
