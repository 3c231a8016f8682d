"""Sites to bytes: pages, feeds, robots.txt, sitemap. The same bytes in every run: no clock, no random number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from string import Template
from zoneinfo import ZoneInfo

from extractors.records import Feed
from keoson.press.sites import Line, PressArticle, PressSite, Served

_HTML = "text/html; charset=utf-8"
_XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Resource:
    """What the server answers at an address."""

    body: bytes
    content_type: str
    last_modified: datetime | None = None
    status: int = 200


def render_site(site: PressSite) -> Iterator[tuple[str, Resource]]:
    """Every address (absolute, http) of a site with its resource."""
    home = f"http://{site.host}"
    yield f"{home}/robots.txt", Resource(site.robots.encode(), "text/plain; charset=utf-8")
    yield f"{home}/sitemap.xml", Resource(_sitemap(site).encode(), _XML, _newest(list(site.articles.values())))
    yield f"{home}/", Resource(_home(site).encode(), _HTML, _newest(list(site.articles.values())))
    for slug, article in site.articles.items():
        yield site.address(slug), Resource(_article(site, article).encode(), article.content_type or _HTML, article.published)
    for page in site.odd_pages:
        filled = _fill(site, title=page.title, description=page.title, body=page.body)
        yield f"{home}{page.path}", Resource(filled.encode(), _HTML)
    for feed in site.outlet.feeds:
        served = site.feeds[feed.id]
        lines = _lines(site, served)
        text = {"rss": _rss, "atom": _atom, "news_sitemap": _news_sitemap, "listing": _listing}[served.form](site, feed, served, lines)
        yield feed.url, Resource(text.encode(), _HTML if served.form == "listing" else _XML, _newest(lines))


def _newest(dated: list[PressArticle] | list[Line]) -> datetime | None:
    return max((item.published for item in dated), default=None)


def _article(site: PressSite, article: PressArticle) -> str:
    markup = site.markup
    blocks = []
    for number, text in enumerate((site.prefix + article.lead, *article.paragraphs)):
        blocks.append(_snippet(markup.lead if number == 0 else markup.paragraph, text=text))
        blocks += [_snippet(markup.photo, caption=photo.caption, credit=photo.credit) for photo in article.photos if photo.after == number]
    if site.signature and article.author:
        blocks.append(_snippet(site.signature, text=article.author))
    local = article.published.astimezone(ZoneInfo(site.outlet.time_zone))
    return _fill(
        site,
        title=article.title,
        description=article.lead,
        body="\n".join(blocks),
        section=article.section,
        author=article.author,
        date=local.strftime(markup.date),
        published=local.isoformat(),
        related="\n".join(_snippet(markup.related, text=text) for text in article.related),
        comments="\n".join(_snippet(markup.comment, text=text) for text in article.comments),
    )


def _fill(site: PressSite, *, title: str, description: str, body: str, **values: str) -> str:
    """The site's template; `body`, `related` and `comments` are markup, all other values plain text."""
    plain = {"section": "", "author": "", "date": "", "published": "", "related": "", "comments": ""} | values
    plain = {name: value if name in {"related", "comments"} else escape(value) for name, value in plain.items()}
    return Template(site.template).substitute(
        plain, title=escape(title), description=escape(description), body=body, site=escape(site.outlet.name), home=f"http://{site.host}"
    )


def _snippet(markup: str, **values: str) -> str:
    return Template(markup).substitute({name: escape(value, quote=False) for name, value in values.items()})


def _lines(site: PressSite, served: Served) -> list[Line]:
    """The feed's lines, newest first."""
    lines = [
        Line(title=article.title, url=site.address(slug) + served.tracking, published=article.published)
        for slug, article in site.articles.items()
        if not served.sections or article.section in served.sections
    ]
    return sorted([*lines, *served.lines], key=lambda line: (line.published, line.url), reverse=True)


def _date(moment: datetime, served: Served, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    clock = format_datetime(local)  # Mon, 14 Sep 2026 08:00:00 +0700
    bare = clock.rpartition(" ")[0]
    match served.dates:
        case "rfc822":
            return clock
        case "rfc822_short_year":
            return clock.replace(f" {local.year} ", f" {local.year % 100:02d} ")
        case "gmt7":
            return f"{bare} GMT+7"
        case "ict":
            return f"{bare} ICT"
        case "american":
            return f"{local.month}/{local.day}/{local.year} {local.hour % 12 or 12}:{local:%M:%S} {'AM' if local.hour < 12 else 'PM'}"
        case "iso":
            return local.isoformat()
        case "iso_local":
            return local.replace(tzinfo=None).isoformat()


def _title(text: str, served: Served) -> str:
    match served.titles:
        case "plain":
            return escape(text, quote=False)
        case "cdata":
            return f"<![CDATA[{text}]]>"
        case "escaped_twice":
            return escape("".join(f"&#{ord(char)};" if char in "àáâãèéêìíòóôõùúý" else escape(char) for char in text))
        case "escaped_cdata":
            return escape(f"<![CDATA[{text}]]>")


def _rss(site: PressSite, feed: Feed, served: Served, lines: list[Line]) -> str:
    items = "\n".join(
        f"<item><title>{_title(line.title, served)}</title><link>{escape(line.url)}</link>"
        f'<guid isPermaLink="false">{escape(line.url)}</guid><pubDate>{_date(line.published, served, feed.time_zone)}</pubDate></item>'
        for line in lines
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>{escape(site.outlet.name)} {escape(feed.section)}</title>'
        f"<link>{site.outlet.homepage}</link><description>{escape(site.outlet.name)}</description>\n{items}\n</channel></rss>\n"
    )


def _atom(site: PressSite, feed: Feed, served: Served, lines: list[Line]) -> str:
    entries = "\n".join(
        f'<entry><title type="html">{_title(line.title, served)}</title><link rel="alternate" href="{escape(line.url)}"/>'
        f"<id>{escape(line.url)}</id><published>{_date(line.published, served, feed.time_zone)}</published></entry>"
        for line in lines
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(site.outlet.name)}</title>'
        f"<id>{site.outlet.homepage}</id>\n{entries}\n</feed>\n"
    )


def _news_sitemap(site: PressSite, feed: Feed, served: Served, lines: list[Line]) -> str:
    urls = "\n".join(
        f"<url><loc>{escape(line.url)}</loc><news:news><news:publication><news:name>{escape(site.outlet.name)}</news:name>"
        f"<news:language>{site.outlet.language}</news:language></news:publication>"
        f"<news:publication_date>{_date(line.published, served, feed.time_zone)}</news:publication_date>"
        f"<news:title>{_title(line.title, served)}</news:title></news:news></url>"
        for line in lines
    )
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {spaces}>\n{urls}\n</urlset>\n'


def _listing(site: PressSite, feed: Feed, served: Served, lines: list[Line]) -> str:
    home = f"http://{site.host}"
    # Relative links, and an image link to the same address before each title: both are what listings do.
    items = "\n".join(
        f'<li class="story"><a href="{escape(line.url.removeprefix(home))}"><img src="data:," alt=""></a>'
        f'<h3><a href="{escape(line.url.removeprefix(home))}" title="{escape(line.title)}">{escape(line.title)}</a></h3></li>'
        for line in lines
    )
    return _fill(site, title=f"{feed.section} | {site.outlet.name}", description=feed.section, body=f'<ul class="stories">\n{items}\n</ul>')


def _home(site: PressSite) -> str:
    items = "\n".join(
        f'<li><a href="{escape(site.address(slug))}">{escape(article.title)}</a></li>' for slug, article in site.articles.items()
    )
    return _fill(site, title=site.outlet.name, description=site.outlet.name, body=f"<ul>\n{items}\n</ul>")


def _sitemap(site: PressSite) -> str:
    urls = "\n".join(
        f"<url><loc>{escape(site.address(slug))}</loc><lastmod>{article.published.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
        for slug, article in site.articles.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}\n</urlset>\n'
