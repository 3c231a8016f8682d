"""A fetched page to an article: its text without the page around it, title, language, publish date.

The publish date is the first of these that there is, and that does not lie in the future of the fetch:
  feed     the entry's own instant, to the second, written in the outlet's time zone;
  page     what the page's metadata says (htmldate, without its search through the prose), to the day;
  header   a line of date and clock at the top of the text, to the day;
  address  digits in the address, as precise as they are (`extractors.address_dates`).
A clock at the top of a page may be that of the crawl, so it comes third; of an outlet where it is (`crawl_clock`) only the page's head is
believed.

Where an outlet's file has content rules, they say which part of its pages is the article, and which is not, before the general extraction.
"""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from extractors.address_dates import date_in_address
from extractors.addresses import article_id
from extractors.charsets import decode_bytes
from extractors.conventions import mark_spans
from extractors.errors import ExtractionError, InputError, NoTextError
from extractors.feeds.dates import parse_feed_date
from extractors.language import detect_language
from extractors.normalise import name_key, normalise_text
from extractors.records import Article, ContentRule, Entry, Outlet, Page, PublishDate, Span
from extractors.tree_questions import answer_cheaply

if TYPE_CHECKING:
    from lxml.html import HtmlElement
    from trafilatura.settings import Extractor

# The shortest bulletins of the gold set have 139 characters in one paragraph; labels, captions and section names stay below half of that.
_SHORTEST_PARAGRAPH = 60
_SHORTEST_HAN_PARAGRAPH = 25  # a Han character says what three or four letters do
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
)
_MAGIC += (
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1f\x8b", "gzip data"),
    (b"RIFF", "a RIFF file"),
    (b"OggS", "an Ogg file"),
)
_FEED_ROOT = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(rss|feed|rdf:RDF|urlset|sitemapindex|opml)\b", re.DOTALL)
# End tags that HTML lets one leave out, and that end the page for the parser when they come early (Báo Tây Ninh: right after <html>).
_STRAY_END = re.compile(r"</(?:html|body)\s*>", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ALLOWED_FUTURE = timedelta(days=2)  # clocks and time zones differ by a day; what is later is a typing error or an event's date


def extract_article(page: Page, outlet: Outlet, entry: Entry | None) -> Article:
    """The article on a page, as text in NFC with its spans marked.

    The body's own bytes decide about type and charset; the headers are hints. The id is that of the final address.

    Raises NoTextError if the page holds no article text: another file type, a feed, a home or listing page, a page of links and labels.
    Raises ExtractionError if the page cannot be read at all.
    """
    content_type = next((value for name, value in page.headers if name == "content-type"), None)
    html = _html(page, content_type)
    if urlsplit(page.final_url).path in {"", "/"} and not urlsplit(page.final_url).query:
        raise NoTextError(f"{page.final_url} is a home page, not an article")
    try:
        identity = article_id(page.final_url)
    except InputError as error:
        raise ExtractionError(str(error)) from error

    rule = _rule_of_its_day(page, outlet)
    body, about, tree = _read(page, html, outlet, rule)
    text = _paragraphs(body, rule)
    title = _title(about, tree, entry, outlet)
    _refuse_other_pages(page, text, title, tree)
    spans = mark_spans(text, outlet.prefixes, title=title, signatures=outlet.signatures)
    return Article(
        id=identity,
        url=page.final_url,
        outlet_id=outlet.id,
        title=title,
        text=text,
        language=detect_language(text),
        published=_published(page, outlet, entry, about.date, text, spans),
        spans=spans,
    )


def _html(page: Page, content_type: str | None) -> str:
    body = page.body.lstrip(b" \t\r\n")
    if not body:
        raise NoTextError(f"{page.final_url} sent an empty body")
    for magic, what in _MAGIC:
        if body.startswith(magic):
            raise NoTextError(f"{page.final_url} is {what}, not a page")
    text = _STRAY_END.sub("", _CONTROL.sub("", decode_bytes(page.body, content_type)))
    if _FEED_ROOT.match(text):
        raise NoTextError(f"{page.final_url} is a feed or sitemap, not an article")
    if "<" not in text:
        raise NoTextError(f"{page.final_url} is no HTML")
    return text


def _rule_of_its_day(page: Page, outlet: Outlet) -> ContentRule | None:
    """The rule for the template that the outlet had when the page was fetched: the one that ended first after that day."""
    day = page.fetched_at.astimezone(ZoneInfo(outlet.time_zone)).date().isoformat()
    return next((rule for rule in reversed(outlet.content_rules) if rule.valid_until is None or day <= rule.valid_until), None)


def _read(page: Page, html: str, outlet: Outlet, rule: ContentRule | None) -> tuple[str, _About, HtmlElement]:
    """The body's text, what the page says about itself, and its tree."""
    import trafilatura
    from trafilatura.utils import load_html

    answer_cheaply()
    tree = load_html(html)
    if tree is None:
        raise NoTextError(f"{page.final_url} is no HTML")
    about = _about(tree, page.fetched_at + _ALLOWED_FUTURE, head_only=outlet.crawl_clock)
    if rule is not None:
        tree = _article_part(tree, rule)
    document = trafilatura.bare_extraction(tree, options=_options())
    if document is None or isinstance(document, dict):  # a dict only comes with as_dict=True
        raise NoTextError(f"{page.final_url} holds no article text")
    return document.text or "", about, tree


@cache
def _options() -> Extractor:
    """What is asked of trafilatura. Made once: it reads eight settings from a file's text each time."""
    from trafilatura.settings import Extractor

    return Extractor(output_format="python", fast=True, with_metadata=False, comments=False)


@dataclass(frozen=True, slots=True)
class _About:
    """What a page says about itself in its head and markup."""

    title: str
    date: str | None
    site_names: tuple[str, ...]


def _article_part(tree: HtmlElement, rule: ContentRule) -> HtmlElement:
    """The page without what the rule removes, and with nothing but the head beside the body that it names.

    A page without that body is of another template (a video, a special), and stays whole for the general extraction.
    """
    for path in rule.remove:
        for element in _elements(tree, path):
            if element.getparent() is not None:
                element.drop_tree()
    bodies = _elements(tree, rule.body) if rule.body else []
    body = tree.find("body")
    if not bodies or body is None:
        return tree
    chosen = bodies[0]
    chosen.tag = "article"
    for child in list(body):
        body.remove(child)
    body.text = None
    chosen.tail = None
    body.append(chosen)
    return tree


def _elements(tree: HtmlElement, path: str) -> list[HtmlElement]:
    found = tree.xpath(path)
    # An XPath may give a number, a truth value or strings; rules are checked for their syntax only.
    return [element for element in found if hasattr(element, "drop_tree")] if isinstance(found, list) else []


def _about(tree: HtmlElement, latest: datetime, *, head_only: bool) -> _About:
    """Title, date and site name by trafilatura's own functions, without its search for authors, categories, tags and licences.

    `head_only`: the date is not looked for in the page's body, apart from its JSON-LD. Nothing here uses those, and they take 40 to 50 % of `with_metadata=True` on pages of 20 to 60 KB.
    """
    from htmldate import find_date
    from trafilatura.metadata import examine_meta, extract_meta_json, extract_sitename, extract_title, extract_url

    found = examine_meta(tree)
    try:
        found = extract_meta_json(tree, found)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        # JSON-LD of any shape is met; what the other metadata says then has to do
        found = examine_meta(tree)
    # Not the address: htmldate would believe digits in it before the page's metadata. `max_date` keeps the clock out.
    day = find_date(
        _head_of(tree) if head_only else tree,
        original_date=True,
        extensive_search=False,
        min_date="1995-01-01",
        max_date=latest.strftime("%Y-%m-%d"),
    )
    address = found.url or extract_url(tree, None)
    names = (found.sitename or extract_sitename(tree) or "", urlsplit(address or "").hostname or "")
    return _About(found.title or extract_title(tree) or "", day, tuple(name.lstrip("@") for name in names if name))


def _head_of(tree: HtmlElement) -> HtmlElement:
    """A page of the head and the JSON-LD of another."""
    from lxml.html import document_fromstring

    page = document_fromstring("<html><head></head><body></body></html>")
    for element in (*tree.xpath("./head/*"), *tree.xpath("./body//script[@type='application/ld+json']")):
        page[0].append(copy(element))
    return page


def _paragraphs(text: str, rule: ContentRule | None) -> str:
    """One paragraph a line, NFC, without empty lines and what the rule cuts.

    A table row of one cell, which photos often stand in, is a paragraph.
    """
    lines = (_one_line(line) for line in normalise_text(text).split("\n"))
    kept = [line[1:-1].strip() if line.count("|") == 2 and line[0] == line[-1] == "|" else line for line in lines]
    for shape in rule.cut if rule else ():
        kept = [re.sub(shape, "", line).strip() for line in kept]
    return "\n".join(line for line in kept if line)


def _refuse_other_pages(page: Page, text: str, title: str, tree: HtmlElement) -> None:
    """Raise NoTextError for what trafilatura makes of pages that are no articles: labels, or what their links say."""
    from lxml.etree import tostring

    # Written out and normalised in one go: a page has hundreds of links.
    anchors = (" ".join(tostring(anchor, method="text", encoding="unicode", with_tail=False).split()) for anchor in tree.iter("a"))
    linked = set(normalise_text("\n".join(anchors)).split("\n"))
    # Shorter link texts are names that any story may contain.
    teasers = sorted((text for text in linked if len(text) >= 12), key=len, reverse=True)
    of_links, longest = 0, 0
    for line in text.split("\n"):
        rest = line
        for teaser in teasers:
            if teaser in rest:
                rest = rest.replace(teaser, "")
        of_links += len(line) - len(rest)
        if rest.lstrip("-•– ") not in linked and rest != title:
            longest = max(longest, len(rest))
    if 2 * of_links > len(text):
        raise NoTextError(f"{page.final_url} is a list of links, not an article")
    if longest < (_SHORTEST_HAN_PARAGRAPH if re.search("[\u4e00-\u9fff]{8}", text) else _SHORTEST_PARAGRAPH):
        raise NoTextError(f"{page.final_url} holds no article text: its longest paragraph has {longest} characters")


def _one_line(text: str) -> str:
    return " ".join(normalise_text(text).split())


def _title(about: _About, tree: HtmlElement, entry: Entry | None, outlet: Outlet) -> str:
    """The page's title without the site's name at its end; the feed's if the page has none or gives only the site's name."""
    title = _one_line(about.title)
    # trafilatura cuts <title> at its first dash; a headline or the feed tells where the title really ends.
    whole = _one_line(tree.findtext(".//title") or "")
    headlines = [entry.title] if entry else []
    headlines += [_one_line("".join(map(str, element.itertext()))) for element in tree.iter("h1")]
    title = next((line for line in headlines if line.startswith(title) and whole.startswith(line)), title) if title else title
    sites = {name_key(name) for name in (outlet.name, *about.site_names, *outlet.hosts)} - {""}
    for mark in (" | ", " - ", " – ", " — ", " :: "):
        head, found, tail = title.rpartition(mark)
        if found and name_key(tail) in sites:
            title = head.strip()
            break
    if (not title or name_key(title) in sites) and entry is not None and entry.title:
        return entry.title
    return title


def _published(
    page: Page, outlet: Outlet, entry: Entry | None, from_page: str | None, text: str, spans: tuple[Span, ...]
) -> PublishDate | None:
    latest = page.fetched_at + _ALLOWED_FUTURE
    zone = ZoneInfo(outlet.time_zone)
    if entry is not None and entry.published is not None and entry.published <= latest:
        return PublishDate(entry.published.astimezone(zone).isoformat(timespec="seconds"), "time", "feed")
    last_day = latest.astimezone(zone).date()
    if from_page and date.fromisoformat(from_page) <= last_day:
        return PublishDate(from_page, "day", "page")
    header = None if outlet.crawl_clock else _from_header(text, spans, outlet, latest)
    return header or date_in_address(page.final_url, outlet, latest=last_day)


def _from_header(text: str, spans: tuple[Span, ...], outlet: Outlet, latest: datetime) -> PublishDate | None:
    for span in spans:
        if span.kind == "header" and re.search(r"\d{4}", quote := text[span.start : span.end]):
            instant = parse_feed_date(quote, outlet.time_zone)
            if instant is not None and instant <= latest:
                return PublishDate(instant.astimezone(ZoneInfo(outlet.time_zone)).date().isoformat(), "day", "header")
    return None
