"""Looking through sitemaps and listings: what they announce within the range, and where they lead on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from protego import Protego

from extractors.address_dates import date_in_address
from extractors.errors import FeedError, FetchError, InputError
from extractors.feeds import due_children, parse_listing, parse_sitemap
from extractors.outlets import backfill_feed
from extractors.records import Entry, Feed, Outlet, Page
from flows.backfill.pacing import visits_of_a_host
from flows.backfill.plan import BackfillPlan
from flows.backfill.summary import BackfillProgress
from flows.hosts import visiting
from flows.ledger.announcements import Announcement, Source
from flows.ledger.backfill_rows import BackfillJob, Place, PlaceResult
from flows.workspace import Workspace

# An index of indexes is rare and one deeper than this a trap; so is a listing of more pages.
_DEEPEST = 4
_LONGEST = 5000
_MOST_CHILDREN = 10_000
# A page beyond the range may be a feature of old stories; two in a row are the past.
_PAGES_BEYOND = 2
_DATED_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:[-_./]?(0[1-9]|1[0-2])(?:[-_./]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")


def walk(work: Workspace, run_id: int, job: BackfillJob, plan: BackfillPlan, progress: BackfillProgress) -> None:
    """Look through all open places of the job, and those that they lead to. What cannot be read is noted, and the others go on."""
    walker = Walker(plan, work.outlets, work.clock.now())
    book = work.ledger.backfills
    done = 0
    while places := book.open_places(job.id, each=visits_of_a_host(work.settings)):
        left = len(book.open_places(job.id))
        looked = False
        with visiting(work, run_id, places, _host, lambda place: look(work, walker, place)) as results:
            for place, result in results:
                looked = True
                if isinstance(result, PlaceResult):
                    book.place_done(job.id, place, result)
                    left += len(result.further)
                elif result is not None:
                    book.place_failed(place, result)
                done, left = done + 1, left - 1
                progress.at("places", done, done + left)
        if not looked:  # others hold the hosts: what is open is for the next run
            return


def look(work: Workspace, walker: Walker, place: Place) -> PlaceResult | str | None:
    """Fetch a place and read it. A text says why that failed; None: the run is to stop."""
    outlet = work.outlets[place.outlet_id or ""]
    hosts = {*outlet.hosts, *(urlsplit(address).hostname or "" for address in outlet.sitemaps)}
    try:
        page = work.fetcher.fetch_page(place.address, hosts=hosts)
    except FetchError as error:
        if error.reason == "stopped":
            return None
        if error.reason in ("gone", "not_found") and (end := walker.not_there(place)):
            return end
        return str(error)
    if not isinstance(page, Page):
        raise AssertionError("no validators were sent")
    try:
        return walker.read(place, page)
    except FeedError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  a parser may raise anything on hostile bytes, and that must cost this place only
        return f"{place.address} cannot be read: {type(error).__name__}: {error}"


@dataclass(slots=True)
class _Chain:
    """A listing that is being paged through: the articles seen on its pages, and how many pages in a row lay before the range."""

    seen: set[str] = field(default_factory=set)
    beyond: int = 0


@dataclass(slots=True)
class Walker:
    """Reads places for a plan. Remembers what each listing has shown, to find out where it ends."""

    plan: BackfillPlan
    outlets: Mapping[str, Outlet]
    now: datetime
    _chains: dict[tuple[str, str], _Chain] = field(default_factory=dict)

    def read(self, place: Place, page: Page) -> PlaceResult:
        """What a fetched place holds. Raises FeedError for what it is not."""
        outlet = self.outlets[place.outlet_id or ""]
        match place.kind:
            case "robots":
                told = list(Protego.parse(page.body.decode("utf-8", errors="replace")).sitemaps)
                return PlaceResult(further=self._sitemaps_of(outlet, [urljoin(place.address, address) for address in told]))
            case "sitemap":
                return self._sitemap(place, page, outlet)
            case "listing":
                return self._listing(place, page, outlet)
            case "urls" | "warc":
                raise AssertionError("files are not fetched")

    def not_there(self, place: Place) -> PlaceResult | None:
        """What a place that answers 404 or 410 means: the end of a listing, a day without one, no robots.txt. None: that it is missing."""
        outlet = self.outlets[place.outlet_id or ""]
        if place.kind == "robots":
            return PlaceResult(further=self._sitemaps_of(outlet, []))
        if place.kind == "listing" and (place.step > 1 or _is_date(place.hint)):
            return PlaceResult(counts={"listings ended": 1})
        return None

    def _sitemaps_of(self, outlet: Outlet, told: Sequence[str]) -> tuple[Place, ...]:
        addresses = told or [f"{outlet.homepage.rstrip('/')}/sitemap.xml"]
        return tuple(Place(address, "sitemap", outlet.id) for address in dict.fromkeys(addresses))

    def _sitemap(self, place: Place, page: Page, outlet: Outlet) -> PlaceResult:
        # A news sitemap may be whole and empty, and so may that of a month without news.
        feed = backfill_feed(outlet, place.address, "news_sitemap")
        sitemap = parse_sitemap(page.body, feed, content_type=_content_type(page), base_url=page.final_url)
        if sitemap.children:
            if place.step >= _DEEPEST:
                raise FeedError(f"{place.address}: sitemap indexes lead to each other, {_DEEPEST} deep: left out")
            since = None
            if self.plan.since is not None:
                since = datetime.combine(date.fromisoformat(self.plan.since), time.min, ZoneInfo(outlet.time_zone))
            due = due_children(sitemap.children, since=since, limit=_MOST_CHILDREN)
            dated = [(child.url, date_in_name(child.url)) for child in due]
            kept = [Place(url, "sitemap", outlet.id, place.step + 1, day or place.hint) for url, day in dated if self.plan.covers(day)]
            return PlaceResult(further=tuple(kept), counts={"sitemaps left out": len(sitemap.children) - len(kept)})
        return self._found(sitemap.entries, outlet, place.hint, "sitemap")

    def _listing(self, place: Place, page: Page, outlet: Outlet) -> PlaceResult:
        feed = self._feed_of(place, outlet)
        chain = self._chains.setdefault((outlet.id, place.hint or ""), _Chain())
        try:
            listing = parse_listing(page.body, feed, content_type=_content_type(page), base_url=page.final_url)
        except FeedError:
            if place.step == 1 and not _is_date(place.hint):
                raise
            return PlaceResult(counts={"listings ended": 1})
        entries = [entry for entry in listing.entries if entry.url not in chain.seen]
        chain.seen.update(entry.url for entry in entries)
        if not entries:
            return PlaceResult(counts={"listings that repeat": 1 if place.step > 1 else 0})
        hint = place.hint if _is_date(place.hint) else None
        result = self._found(entries, outlet, hint, "listing")
        days = [self._day(entry, outlet, hint) for entry in entries]
        before = [day is not None and self.plan.since is not None and not _reaches(day, self.plan.since) for day in days]
        chain.beyond = chain.beyond + 1 if all(before) else 0
        if listing.next_page is None or place.step >= _LONGEST or chain.beyond >= _PAGES_BEYOND:
            return result
        return replace(result, further=(Place(listing.next_page, "listing", outlet.id, place.step + 1, place.hint),))

    def _feed_of(self, place: Place, outlet: Outlet) -> Feed:
        for feed in outlet.feeds:
            if feed.id == place.hint:
                return feed
        feed = backfill_feed(outlet, place.address, "listing")
        patterns = [one.article_pattern for one in outlet.feeds if one.kind == "listing" and one.article_pattern]
        if feed.article_pattern is None and not patterns:
            raise FeedError(
                f"{outlet.id}: its file has date_archives and no article_pattern that tells links to articles from others: add one"
            )
        return feed if feed.article_pattern else replace(feed, article_pattern=patterns[0])

    def _found(self, entries: Sequence[Entry], outlet: Outlet, hint: str | None, source: Source) -> PlaceResult:
        announced: list[Announcement] = []
        outside = undated = 0
        for entry in entries:
            day = self._day(entry, outlet, hint)
            changed = entry.modified.astimezone(ZoneInfo(outlet.time_zone)).date().isoformat() if entry.modified else None
            # What was last changed before the range was published before it. The other way round nothing follows.
            if not self.plan.covers(day) or (day is None and changed and self.plan.since and changed < self.plan.since):
                outside += 1
                continue
            undated += day is None
            line = replace(entry, feed_id=f"{outlet.id}_backfill")
            try:
                announced.append(Announcement.of(outlet.id, line, day or changed, source))
            except InputError:
                outside += 1
        counts = {"outside the range": outside, "without a date": undated}
        return PlaceResult(tuple(announced), tuple(one.article_id for one in announced), (), counts)

    def _day(self, entry: Entry, outlet: Outlet, hint: str | None) -> str | None:
        """As much as is known of the day an entry was published on."""
        if entry.published is not None:
            return entry.published.astimezone(ZoneInfo(outlet.time_zone)).date().isoformat()
        told = date_in_address(entry.url, outlet, latest=self.now.astimezone(ZoneInfo(outlet.time_zone)).date())
        if told is None or (hint is not None and hint.startswith(told.value)):
            return hint
        return told.value


def date_in_name(address: str) -> str | None:
    """The year, month or day that a sitemap's name tells: `sitemap-2024-03.xml`, `/sitemaps/2024/3.xml` (only 2024 is sure), `news_20240312`.

    A number of one digit may count parts as well as months, so it is not believed.
    """
    path = urlsplit(address)
    found = list(_DATED_NAME.finditer(f"{path.path}?{path.query}"))
    if not found:
        return None
    return "-".join(part for part in max(found, key=lambda match: len(match[0])).groups() if part)


def _reaches(day: str, since: str) -> bool:
    return BackfillPlan("listing", since, None, ()).covers(day)


def _is_date(hint: str | None) -> bool:
    return hint is not None and re.fullmatch(r"\d{4}(?:-\d\d){0,2}", hint) is not None


def _content_type(page: Page) -> str | None:
    return dict(page.headers).get("content-type")


def _host(place: Place) -> str:
    return urlsplit(place.address).hostname or ""
