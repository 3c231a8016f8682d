"""The records that pass between the rooms: frozen, slotted, and made of plain values.

Offsets count code points of the NFC text they belong to. Times are timezone-aware UTC; dates are strings cut to their precision
(`2024-12-24`, `2024-12`, `2024`), because a month is not its first day.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from extractors.errors import EvidenceError

EventType = Literal["meeting", "agreement", "aid", "visit", "training", "joint_operation", "patrol", "handover", "exchange"]
Status = Literal["occurred", "planned", "cancelled", "background"]
Precision = Literal["time", "day", "month", "year"]
PersonKind = Literal["official", "suspect", "victim", "civilian"]
SpanKind = Literal["header", "prefix", "credit", "caption", "signature"]
FeedKind = Literal["rss", "json_feed", "news_sitemap", "listing", "sitemap"]
Confidence = Literal["high", "medium", "low", "broken"]
OwnerKind = Literal["party", "police", "border_guard", "army", "government", "news_agency"]

EVENT_TYPES: tuple[EventType, ...] = (
    "meeting", "agreement", "aid", "visit", "training", "joint_operation", "patrol", "handover", "exchange",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exact span of an article's text: `text[start:end] == quote`, always."""

    start: int
    end: int
    quote: str

    def __post_init__(self) -> None:
        if self.start < 0 or self.end <= self.start or len(self.quote) != self.end - self.start:
            raise EvidenceError(f"evidence {self.start}:{self.end} does not fit its quote of {len(self.quote)} characters")

    @classmethod
    def cut(cls, text: str, start: int, end: int) -> Evidence:
        """The span `start:end` of `text`, without white space at its edges."""
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        return cls(start, end, text[start:end])

    def verify(self, text: str) -> None:
        """Raise EvidenceError unless this is the exact span of `text`."""
        if text[self.start : self.end] != self.quote:
            raise EvidenceError(f"evidence {self.start}:{self.end} reads {text[self.start : self.end]!r}, not {self.quote!r}")


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed of an outlet. `kind`: rss (RSS, RDF or Atom), json_feed, news_sitemap, sitemap (or an index of them), listing (an HTML page
    of links).

    `article_pattern` is searched in the addresses of listings and sitemaps; `next_pages` is the address of a listing's later pages, with
    `{page}` for the number. `language` is the edition's, the outlet's unless its file says otherwise; `confidence` how sure its catalogue
    is that the feed works.
    """

    id: str
    outlet_id: str
    url: str
    kind: FeedKind
    section: str = ""
    time_zone: str = "Asia/Ho_Chi_Minh"
    entries_a_day: float | None = None
    article_pattern: str | None = None
    enabled: bool = True
    language: str | None = None
    confidence: Confidence | None = None
    next_pages: str | None = None


@dataclass(frozen=True, slots=True)
class ContentRule:
    """What to take from and leave out of an outlet's pages, for pages fetched until `valid_until` (ISO date, inclusive), or all.

    `body` is the XPath of the element that holds the article, `remove` are XPaths of elements to leave out, `cut` are regular expressions
    whose matches are cut from the extracted lines; a line left empty goes.
    """

    body: str | None = None
    remove: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    valid_until: str | None = None


@dataclass(frozen=True, slots=True)
class Outlet:
    """A newspaper. `hosts` are the only hosts its articles may come from; `prefixes` are lead prefixes such as `(QNO) -`.

    `renames` tell of old domains and mergers; `article_pattern`, `address_dates` and `number_pattern` how addresses of its articles look
    (`extractors.address_dates`, `extractors.feeds.identity`); `date_styles`, `credits` and `signatures` how its texts write dates, open
    photo credits and end. `crawl_clock`: the clock at the top of its pages is that of the request. `content_rules`: newest first; the
    last that was valid on the day of a page's fetch counts. `sitemaps` and `date_archives` (strftime codes in an address) are where its past is listed.
    """

    id: str
    name: str
    language: str
    country: str
    homepage: str
    hosts: tuple[str, ...]
    time_zone: str
    feeds: tuple[Feed, ...]
    admin1: str | None = None
    owner: str | None = None
    prefixes: tuple[str, ...] = ()
    owner_kind: OwnerKind | None = None
    renames: tuple[str, ...] = ()
    article_pattern: str | None = None
    address_dates: tuple[str, ...] = ()
    number_pattern: str | None = None
    date_styles: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    crawl_clock: bool = False
    content_rules: tuple[ContentRule, ...] = ()
    sitemaps: tuple[str, ...] = ()
    date_archives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a feed. `published_raw` is the date as the feed wrote it, kept even when `published` (UTC) could be read; likewise
    `modified`, the time of a change (`updated` of Atom, `lastmod` of sitemaps)."""

    feed_id: str
    url: str
    title: str
    guid: str | None = None
    published: datetime | None = None
    published_raw: str | None = None
    summary: str = ""
    modified: datetime | None = None
    modified_raw: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Fetched bytes. `url` is what was asked for, `final_url` where redirects led; header names are lower case.

    `moved_to` is where the page lives now, when the server says that it has moved for good (301, 308).
    """

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class PublishDate:
    """When an article was published, as precisely as is known, and where that was read: feed, page, header, dateline, address, argument."""

    value: str
    precision: Precision
    source: str


@dataclass(frozen=True, slots=True)
class Span:
    """A marked stretch of the text that is not the story itself: kept in place, so that offsets stay true."""

    kind: SpanKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """What was extracted from a page. `text` is NFC; `spans` mark header lines, lead prefixes, photo credits, captions, signatures in it."""

    id: str
    url: str
    outlet_id: str
    title: str
    text: str
    language: str
    published: PublishDate | None = None
    spans: tuple[Span, ...] = ()

    @property
    def content_hash(self) -> str:
        """SHA-256 of title and text: a changed hash is a new version."""
        return hashlib.sha256(f"{self.title}\n{self.text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place named in the text. `place_id` is None when the name could not be resolved: it then stays a mention, never a guess."""

    name: str
    place_id: str | None
    kind: str | None
    admin1: str | None
    admin1_id: str | None
    country: str | None
    evidence: Evidence
    rule: str
    confidence: float


@dataclass(frozen=True, slots=True)
class PersonMention:
    """A person named in the text, with the rank and role as written."""

    name: str
    rank: str | None
    role: str | None
    organization: str | None
    country: str | None
    kind: PersonKind
    evidence: Evidence
    rule: str
    confidence: float


@dataclass(frozen=True, slots=True)
class OrganizationMention:
    """An organization named in the text, with its kind (police, border_guard, …), province and country."""

    name: str
    kind: str
    admin1: str | None
    admin1_id: str | None
    country: str | None
    evidence: Evidence
    rule: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit: ISO 4217 for money, else item, person, case, kg, km, m2, ha, ton. `background`: of a past period."""

    value: float
    unit: str
    what: str
    background: bool
    evidence: Evidence
    rule: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Party:
    """A side taking part in an event: an organization, unit or village, with its province as of the event."""

    name: str
    admin1: str | None
    admin1_id: str | None
    country: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Location:
    """Where an event took place, as written, with the province it lies in if that is known."""

    name: str
    place_id: str | None
    admin1: str | None
    admin1_id: str | None
    country: str | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Report:
    """One event as one article tells it. `persons`, `documents` are names as written; `rule` and `confidence` say what made it."""

    type: EventType
    status: Status
    date_start: str | None
    date_end: str | None
    date_precision: Precision | None
    date_source: str | None
    date_text: str | None
    location: Location | None
    parties: tuple[Party, ...]
    persons: tuple[str, ...]
    documents: tuple[str, ...]
    amounts: tuple[Amount, ...]
    topics: tuple[str, ...]
    plover: str
    cameo: str
    evidence: tuple[Evidence, ...]
    rule: str
    confidence: float


def report_id(article_id: str, report: Report) -> str:
    """SHA-256 of article id, type and the start of the first evidence (design decision 3)."""
    return hashlib.sha256(f"{article_id}\n{report.type}\n{report.evidence[0].start}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Tags:
    """Everything found in one text. `reports` has the main one first; an empty tuple means that the taggers ran and found none."""

    language: str
    relevant: bool
    reports: tuple[Report, ...] = ()
    places: tuple[PlaceMention, ...] = ()
    persons: tuple[PersonMention, ...] = ()
    organizations: tuple[OrganizationMention, ...] = ()
    amounts: tuple[Amount, ...] = ()

    def evidences(self) -> list[Evidence]:
        """Every evidence in these tags."""
        found = [mention.evidence for group in (self.places, self.persons, self.organizations, self.amounts) for mention in group]
        for report in self.reports:
            found += report.evidence
            found += [amount.evidence for amount in report.amounts]
            found += [party.evidence for party in report.parties]
            if report.location:
                found.append(report.location.evidence)
        return found

    def verify(self, text: str) -> None:
        """Raise EvidenceError unless every evidence is the exact span of `text`."""
        for evidence in self.evidences():
            evidence.verify(text)


@dataclass(frozen=True, slots=True)
class ReportOfArticle:
    """A report with the article it comes from: what `resolve_events` works on."""

    id: str
    article_id: str
    outlet_id: str
    published: str | None
    report: Report


@dataclass(frozen=True, slots=True)
class Event:
    """One happening with all its reports. `disagreements` maps a field to the differing values and the reports that give them."""

    type: EventType
    status: Status
    date_start: str | None
    date_end: str | None
    date_precision: Precision | None
    location: Location | None
    parties: tuple[Party, ...]
    persons: tuple[str, ...]
    documents: tuple[str, ...]
    amounts: tuple[Amount, ...]
    topics: tuple[str, ...]
    report_ids: tuple[str, ...]
    disagreements: dict[str, dict[str, list[str]]] = field(default_factory=dict)
