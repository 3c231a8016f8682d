"""A site of the press as data: its outlet, its articles, how it marks pages up, which feeds it serves and what goes wrong there.

outlets/<id>/outlet.toml            the outlet, in the form that all outlets have (extractors/outlets.py)
outlets/<id>/site/site.toml         addresses, markup, feeds, odd pages
outlets/<id>/site/template.html     the page around an article (string.Template)
outlets/<id>/articles/<slug>.toml   one article
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extractors.errors import OutletError
from extractors.outlets import read_outlet
from extractors.records import Outlet

_T = TypeVar("_T", bound=BaseModel)


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Photo(_Data):
    """A photo with its caption and credit, standing after paragraph `after` (0 is the lead)."""

    after: int
    caption: str
    credit: str


class PressArticle(_Data):
    """An article as its author wrote it. `content_type` is what the header says about the page, when that is a lie."""

    number: int
    title: str
    published: datetime
    section: str
    lead: str
    paragraphs: Annotated[tuple[str, ...], Field(min_length=2)]
    author: str = ""
    related: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    photos: tuple[Photo, ...] = ()
    content_type: str | None = None


class Line(_Data):
    """A feed line that is not simply one of the site's articles: a dead link, a foreign host, an address with tracking parameters."""

    title: str
    url: str
    published: datetime


class Served(_Data):
    """How a feed of the outlet is served: its form, how it writes dates and titles, which sections (none: all), which further lines."""

    form: Literal["rss", "atom", "news_sitemap", "listing"]
    dates: Literal["rfc822", "rfc822_short_year", "gmt7", "ict", "american", "iso", "iso_local"] = "iso"
    titles: Literal["plain", "cdata", "escaped_twice", "escaped_cdata"] = "plain"
    sections: tuple[str, ...] = ()
    tracking: str = ""
    lines: tuple[Line, ...] = ()


class OddPage(_Data):
    """A page that is no article: `body` stands in the site's template, where an article's text would."""

    path: str
    title: str
    body: str


class Markup(_Data):
    """string.Template snippets: `lead`, `paragraph`, `related`, `comment` ($text), `photo` ($caption, $credit); `date` is for strftime."""

    lead: str
    paragraph: str
    photo: str
    related: str
    comment: str
    date: str


class _SiteFile(_Data):
    article_path: str
    prefix: str = ""
    signature: str = ""
    robots: str = "User-agent: *\nAllow: /\n"
    markup: Markup
    feeds: dict[str, Served]
    odd_pages: tuple[OddPage, ...] = ()


@dataclass(frozen=True, slots=True)
class PressSite:
    """All of one newspaper; `articles` by slug, newest first."""

    outlet: Outlet
    article_path: str
    prefix: str
    signature: str
    robots: str
    markup: Markup
    feeds: dict[str, Served]
    odd_pages: tuple[OddPage, ...]
    template: str
    articles: dict[str, PressArticle]

    @property
    def host(self) -> str:
        return self.outlet.hosts[0]

    def address(self, slug: str) -> str:
        """The article's address as the feeds give it."""
        path = self.article_path.replace("$slug", slug).replace("$number", str(self.articles[slug].number))
        return f"http://{self.host}{path}"


def press_folder() -> Path:
    """The folder of the sample press."""
    return Path(__file__).with_name("outlets")


def read_sites(folder: Path) -> list[PressSite]:
    """All sites of a press folder. OutletError names the file and field that are wrong."""
    sites = [_read_site(path.parent) for path in sorted(folder.glob("*/outlet.toml"))]
    if not sites:
        raise OutletError(f"{folder}: holds no <id>/outlet.toml")
    return sites


def _read_site(folder: Path) -> PressSite:
    outlet = read_outlet(folder / "outlet.toml")
    wire = _validated(_SiteFile, folder / "site" / "site.toml")
    articles = {path.stem: _validated(PressArticle, path) for path in (folder / "articles").glob("*.toml")}
    if wire.feeds.keys() != {feed.id for feed in outlet.feeds}:
        raise OutletError(f"{folder / 'site' / 'site.toml'}: feeds: must be those of outlet.toml")
    newest_first = sorted(articles.items(), key=lambda item: (item[1].published, item[0]), reverse=True)
    return PressSite(
        outlet=outlet,
        article_path=wire.article_path,
        prefix=wire.prefix,
        signature=wire.signature,
        robots=wire.robots,
        markup=wire.markup,
        feeds=wire.feeds,
        odd_pages=wire.odd_pages,
        template=(folder / "site" / "template.html").read_text(encoding="utf-8"),
        articles=dict(newest_first),
    )


def _validated(model: type[_T], path: Path) -> _T:
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise OutletError(f"{path}: {error}") from error
