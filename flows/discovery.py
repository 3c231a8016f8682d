"""Looking at sites before they are ingested: which feeds a site has (`discover_outlet`), and what works of an outlet (`check_outlet`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from extractors.addresses import address_host, canonical_address
from extractors.errors import ExtractionError, FeedError, FetchError, InputError
from extractors.feeds import due_children, parse_feed, parse_listing, parse_sitemap
from extractors.feeds.links import feed_kind, read_site_page, sitemaps_in_robots
from extractors.outlet_draft import Draft, DraftFeed, country_of
from extractors.records import Entry, Feed, FeedKind, Outlet, Page
from flows.extraction import ExtractionPool, FailureReason
from flows.fetch import Fetcher, NotModified
from flows.settings import Settings

# Asked when a site names no feed: what the feeds of the catalogue are called, most frequent first.
_USUAL_FEEDS = ("/rss/home.rss", "/rss", "/feed/", "/rss.xml", "/atom.xml", "/feed.json")
_USUAL_SITEMAPS = ("/sitemap-news.xml", "/google-news-sitemap.xml", "/sitemap.xml")
_MOST_TRIED = 15  # at 5 s each: a minute and a quarter
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class ArticleCheck:
    """The newest article of a feed. `characters` of its text; `problem` says why there is none."""

    url: str
    title: str = ""
    characters: int = 0
    published: str | None = None
    language: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class FeedCheck:
    """What came from a feed. `found` is the kind of what came (None: no feed at all; a listing is believed); `dated` and `foreign` are
    shares of the entries with a date that could be read, and on hosts that are not the outlet's; `newest` is the latest of the dates.
    """

    feed_id: str
    url: str
    enabled: bool
    kind: FeedKind
    ok: bool
    problem: str | None = None
    status: int | None = None
    found: FeedKind | None = None
    moved_to: str | None = None
    entries: int = 0
    dated: float = 0.0
    foreign: float = 0.0
    newest: datetime | None = None
    article: ArticleCheck | None = None


@dataclass(frozen=True, slots=True)
class ArticleJob:
    """A page whose article is looked for. Nothing of a check is stored, so the page itself goes to the worker."""

    page: Page
    outlet: Outlet
    entry: Entry


CheckPool = ExtractionPool[ArticleJob, ArticleCheck]


def check_pool(settings: Settings) -> CheckPool:
    """The process in which the articles of a check are extracted: a page that would take for ever is given up at the deadline."""
    return ExtractionPool(extract_for_check, _not_extracted, 1, settings.extraction_deadline_seconds, _warm_up)


def extract_for_check(job: ArticleJob) -> ArticleCheck:
    """What extraction finds on a page. Runs in the pool's process."""
    from extractors.article import extract_article

    try:
        article = extract_article(job.page, job.outlet, job.entry)
    except ExtractionError as error:
        return ArticleCheck(job.entry.url, job.entry.title, problem=str(error))
    published = article.published.value if article.published else None
    return ArticleCheck(job.entry.url, article.title, len(article.text), published, article.language)


def check_outlet(fetcher: Fetcher, pool: CheckPool, outlet: Outlet, told: Told) -> tuple[FeedCheck, ...]:
    """Every feed of an outlet, those that are off too, fetched now, with the newest article of each. Nothing is stored."""
    found = []
    for feed in outlet.feeds:
        told(f"{feed.id}: {feed.url}")
        found.append(_check_feed(fetcher, pool, outlet, feed))
    return tuple(found)


def _check_feed(fetcher: Fetcher, pool: CheckPool, outlet: Outlet, feed: Feed) -> FeedCheck:
    def failed(problem: str, status: int | None, found: FeedKind | None = None, moved_to: str | None = None) -> FeedCheck:
        return FeedCheck(feed.id, feed.url, feed.enabled, feed.kind, False, problem, status, found, moved_to)

    try:
        page = _page(fetcher, feed.url)
    except FetchError as error:
        return failed(str(error), error.status)
    content_type = _content_type(page)
    found: FeedKind | None = "listing" if feed.kind == "listing" else feed_kind(page.body, content_type)
    try:
        entries = _entries(fetcher, feed, page)
    except (FeedError, FetchError) as error:
        return failed(str(error), page.status, found, page.moved_to)
    if not entries:
        return failed(f"{feed.url} lists no entries", page.status, found, page.moved_to)
    dates = [entry.published for entry in entries if entry.published is not None]
    ours = [entry for entry in entries if _is_ours(entry.url, outlet)]
    newest = max(ours, key=lambda entry: entry.published.timestamp() if entry.published else 0.0, default=None)
    article = _check_article(fetcher, pool, outlet, newest) if newest else None
    problem = article.problem if article else f"no entry is on a host of {outlet.id}"
    return FeedCheck(
        feed.id,
        feed.url,
        feed.enabled,
        feed.kind,
        problem is None,
        problem,
        page.status,
        found,
        page.moved_to,
        len(entries),
        len(dates) / len(entries),
        1 - len(ours) / len(entries),
        max(dates, default=None),
        article,
    )


def _entries(fetcher: Fetcher, feed: Feed, page: Page) -> tuple[Entry, ...]:
    content_type = _content_type(page)
    if feed.kind == "listing":
        return parse_listing(page.body, feed, content_type=content_type, base_url=page.final_url).entries
    if feed.kind != "sitemap":
        return parse_feed(page.body, feed, content_type=content_type, base_url=page.final_url)
    sitemap = parse_sitemap(page.body, feed, content_type=content_type, base_url=page.final_url)
    for child in due_children(sitemap.children, since=None, limit=1):
        page = _page(fetcher, child.url)
        sitemap = parse_sitemap(page.body, feed, content_type=_content_type(page), base_url=page.final_url)
    return sitemap.entries


def _check_article(fetcher: Fetcher, pool: CheckPool, outlet: Outlet, entry: Entry) -> ArticleCheck:
    try:
        page = _page(fetcher, entry.url, outlet.hosts)  # what an ingest would refuse does not work
    except FetchError as error:
        return ArticleCheck(entry.url, entry.title, problem=str(error))
    (found,) = pool.run([ArticleJob(page, outlet, entry)])
    return found if found.url else replace(found, url=entry.url, title=entry.title)


def _not_extracted(reason: FailureReason, message: str) -> ArticleCheck:
    return ArticleCheck("", problem=f"{message} ({reason})")


def _warm_up() -> None:
    import extractors.article  # noqa: F401


def discover_outlet(fetcher: Fetcher, url: str, country: str | None, told: Told) -> Draft:
    """A draft of the outlet at `url`: the feeds that its page links to, its sitemaps, and feeds at the usual addresses, each of them read.

    Raises InputError for what is no address or of an unknown country, FetchError if the page itself cannot be fetched.
    """
    code = country_of(url, country)
    told(url)
    page = _page(fetcher, url)
    home = page.final_url
    site = read_site_page(page.body, _content_type(page), home)
    named = [*site.feeds, *_sitemaps_of(fetcher, home, told)]
    usual = [urljoin(home, path) for path in (*(() if site.feeds else _USUAL_FEEDS), *_USUAL_SITEMAPS)]
    hosts = Counter({address_host(home): 1})
    feeds: list[DraftFeed] = []
    sitemaps: list[str] = []
    tried: set[str] = set()
    waiting = [*named, *usual]
    while waiting and len(tried) < _MOST_TRIED:
        address = waiting.pop(0)
        try:
            key = canonical_address(address)
        except InputError:
            continue
        if key in tried:
            continue
        tried.add(key)
        told(address)
        found, more = _try_feed(fetcher, address, hosts)
        waiting = [*more, *waiting]
        if found is not None and found.kind == "sitemap":
            sitemaps.append(found.url)
        elif found is not None:
            feeds.append(found)
    if not feeds:
        note = "no feed was found: give an article_pattern for the links to articles on this page, and write enabled = true"
        feeds = [DraftFeed(home, "listing", "home", enabled=False, note=note)]
    return Draft(
        f"{urlsplit(home).scheme}://{urlsplit(home).netloc}", site.name, code, site.language, tuple(hosts), tuple(feeds), tuple(sitemaps)
    )


def _sitemaps_of(fetcher: Fetcher, home: str, told: Told) -> tuple[str, ...]:
    address = urljoin(home, "/robots.txt")
    told(address)
    try:
        page = _page(fetcher, address)
    except FetchError:  # most sites have none
        return ()
    return sitemaps_in_robots(page.body.decode("utf-8", "replace"), home)


def _try_feed(fetcher: Fetcher, address: str, hosts: Counter[str]) -> tuple[DraftFeed | None, tuple[str, ...]]:
    """The feed at an address, or, if a page is there (`/rss` often is a list of feeds), the feeds that it links to."""
    try:
        page = _page(fetcher, address)
    except FetchError:
        return None, ()
    content_type = _content_type(page)
    kind = feed_kind(page.body, content_type)
    if kind is None:
        return None, read_site_page(page.body, content_type, page.final_url).feeds
    feed = Feed(id="draft", outlet_id="draft", url=page.final_url, kind=kind)
    try:
        if kind == "sitemap":
            entries = parse_sitemap(page.body, feed, content_type=content_type, base_url=page.final_url).entries
        else:
            entries = parse_feed(page.body, feed, content_type=content_type, base_url=page.final_url)
    except FeedError as error:
        return DraftFeed(page.final_url, kind, enabled=False, note=f"off: {error}"), ()
    # Articles on a subdomain, or on the new domain of a paper that moved.
    near = Counter(address_host(entry.url) for entry in entries)
    hosts.update(host for host, count in near.items() if 2 * count >= len(entries))
    hosts.update([address_host(page.final_url)])
    section = (urlsplit(page.final_url).path.rstrip("/").rpartition("/")[2].partition(".")[0] or "home") if kind != "sitemap" else ""
    return DraftFeed(page.final_url, kind, section), ()


def _page(fetcher: Fetcher, url: str, hosts: Collection[str] | None = None) -> Page:
    answer = fetcher.fetch_page(url, hosts=hosts)
    if isinstance(answer, NotModified):
        raise AssertionError("no validators were sent")
    return answer


def _content_type(page: Page) -> str | None:
    return next((value for name, value in page.headers if name == "content-type"), None)


def _is_ours(url: str, outlet: Outlet) -> bool:
    try:
        return address_host(url) in {host.removeprefix("www.") for host in outlet.hosts}
    except InputError:
        return False
