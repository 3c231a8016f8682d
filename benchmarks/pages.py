"""Pages to measure with: the sample press's articles, each in several variants, wrapped in as much around them as news pages carry."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape

from extractors.records import Outlet, Page
from keoson.press.rendering import render_site
from keoson.press.sites import PressSite, press_folder, read_sites

# Saved pages of the outlets we read lie between 20 and 60 KB without scripts; the text is a small part of that.
_SMALLEST, _LARGEST = 20_000, 60_000
# The five articles that the project started from have 2,800 to 4,700 bytes.
_CHARACTERS = 2_500
# Articles that tell of no cooperation: filling up with their paragraphs adds no event.
_DOMESTIC = {"canh-bao-gia-danh-can-bo-ngan-hang", "cong-an-da-nang-so-ket-sau-thang", "bat-doi-tuong-nguoi-nuoc-ngoai-van-chuyen-ma-tuy"}
_DAY = re.compile(r"\b(\d{1,2})([/.-])(\d{1,2})\b")


def make_pages(count: int, seed: int = 1) -> list[tuple[Outlet, Page]]:
    """The pages of `generate_pages`, as a list: about 40 KB each."""
    return list(generate_pages(count, seed))


def generate_pages(count: int, seed: int = 1) -> Iterator[tuple[Outlet, Page]]:
    """`count` distinct pages with their outlets, the same for the same `seed`. No two have the same text or address."""
    source = random.Random(seed)
    sites = read_sites(press_folder())
    filling = [
        paragraph for site in sites for slug, article in site.articles.items() if slug in _DOMESTIC for paragraph in article.paragraphs
    ]
    articles = [(site, *article) for site in sites for article in _articles(_longer(site, filling))]
    for number in range(count):
        site, address, html, last = articles[number % len(articles)]
        variant = number // len(articles)
        text = _variant(html, last, variant)
        surroundings = _surroundings(source, source.randint(_SMALLEST, _LARGEST) - len(text.encode()))
        text = text.replace("</body>", f"{surroundings}</body>", 1)
        url = f"http://{site.host}/{variant}{address.removeprefix(f'http://{site.host}')}"
        page = Page(url, url, 200, (("content-type", "text/html; charset=utf-8"),), text.encode(), datetime(2026, 11, 1, tzinfo=UTC))
        yield site.outlet, page


def press_outlets() -> dict[str, Outlet]:
    """The outlets of the pages, by id, with no feed enabled: nothing is fetched."""
    return {
        site.outlet.id: replace(site.outlet, feeds=tuple(replace(feed, enabled=False) for feed in site.outlet.feeds))
        for site in read_sites(press_folder())
    }


def _longer(site: PressSite, filling: Sequence[str]) -> PressSite:
    """The site with Vietnamese articles filled up: the sample press writes shorter than newspapers do."""
    if site.outlet.language != "vi":
        return site
    longer = {}
    for place, (slug, article) in enumerate(site.articles.items()):
        paragraphs = article.paragraphs
        for number in range(len(filling)):
            if sum(map(len, paragraphs)) >= _CHARACTERS:
                break
            paragraphs += (filling[(place + number) % len(filling)],)
        longer[slug] = article.model_copy(update={"paragraphs": paragraphs})
    return replace(site, articles=longer)


def _articles(site: PressSite) -> Iterator[tuple[str, str, str]]:
    """Address and markup of each article in UTF-8, and its last paragraph as it stands in there."""
    last = {site.address(slug): escape(article.paragraphs[-1]) for slug, article in site.articles.items()}
    for address, resource in render_site(site):
        if address in last and b"charset" not in resource.content_type.encode().replace(b"charset=utf-8", b""):
            html = resource.body.decode("utf-8")
            if last[address] not in html:
                raise AssertionError(f"{address} does not end with its last paragraph")
            yield address, html, last[address]


def _variant(html: str, last: str, number: int) -> str:
    """Another day in every date of the text, and a number at its end, so that each variant is an article and events of its own."""
    if number == 0:
        return html
    html = html.replace(last, f"{last} [{number}]", 1)
    return _DAY.sub(lambda match: f"{(int(match[1]) + 5 * number) % 28 + 1}{match[2]}{match[3]}", html)


def _surroundings(source: random.Random, size: int) -> str:
    """Menus, teasers and footers of about `size` bytes: markup that extraction must tell from the text."""
    parts = []
    length = 0
    while length < size:
        number = source.randrange(10_000)
        part = (
            f'<li class="item item-{number}"><a href="/chuyen-muc/{number}.html" title="Chuyên mục {number}"><span class="thumb"></span>'
            f"Tin số {number} trong chuyên mục</a><span class='time'>{number % 24}:{number % 60:02}</span></li>"
        )
        parts.append(part)
        length += len(part.encode())
    half = len(parts) // 2
    return f'<aside class="box"><ul>{"".join(parts[:half])}</ul></aside><footer><ul>{"".join(parts[half:])}</ul></footer>'
