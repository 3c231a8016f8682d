"""The shape of an outlet's file: what pydantic checks, and how it becomes the frozen records. `extractors.outlets` describes the fields."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from extractors import records
from extractors.address_dates import compile_address_date
from extractors.addresses import address_host
from extractors.errors import InputError


def _address(value: str) -> str:
    try:
        address_host(value)
    except InputError as error:
        raise ValueError(str(error)) from error
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is no regular expression: {error}") from error
    return value


def _number_pattern(value: str) -> str:
    if not re.compile(_pattern(value)).groups:
        raise ValueError(f"{value!r} needs groups: what they match is the number of an article")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no time zone of the IANA database") from error
    return value


def _xpath(value: str) -> str:
    from lxml import etree  # only outlets with content rules need it, and all commands read the outlets

    try:
        etree.XPath(value)
    except etree.XPathSyntaxError as error:
        raise ValueError(f"{value!r} is no XPath: {error}") from error
    return value


def _address_date(value: str) -> str:
    compile_address_date(value)
    return value


def _numbered_pages(value: str) -> str:
    if value.count("{page}") != 1:
        raise ValueError(f"{value!r} needs {{page}} once, where the number of the page stands")
    _address(value.replace("{page}", "2"))
    return value


def _dated_address(value: str) -> str:
    if not re.search(r"%[Ymd]", value) or re.search(r"%[^Ymd]", value):
        raise ValueError(f"{value!r} needs %Y, %m or %d, and no other code, where the date of the listed day or month stands")
    return _address(value)


Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
_Filled = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
_Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
_Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
_Address = Annotated[str, AfterValidator(_address)]
_Pattern = Annotated[str, AfterValidator(_pattern)]
_Zone = Annotated[str, AfterValidator(_zone)]
_XPath = Annotated[_Filled, AfterValidator(_xpath)]


class _FeedFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Identifier
    kind: records.FeedKind
    url: _Address
    section: str = ""
    time_zone: _Zone | None = None
    entries_a_day: Annotated[float, Field(gt=0)] | None = None
    article_pattern: _Pattern | None = None
    next_pages: Annotated[str, AfterValidator(_numbered_pages)] | None = None
    enabled: bool = True
    language: _Language | None = None
    confidence: records.Confidence | None = None

    @model_validator(mode="after")
    def _fields_of_its_kind(self) -> _FeedFile:
        if self.kind not in {"listing", "sitemap"} and self.article_pattern is not None:
            raise ValueError("article_pattern belongs to listings and sitemaps")
        if self.kind != "listing" and self.next_pages is not None:
            raise ValueError("next_pages belongs to listings")
        return self

    @model_validator(mode="after")
    def _may_be_enabled(self) -> _FeedFile:
        if self.enabled and self.confidence == "broken":
            raise ValueError("enabled: a feed known as broken must be off: write enabled = false, or another confidence if it works again")
        return self

    def record(self, outlet: OutletFile) -> records.Feed:
        return records.Feed(
            id=self.id,
            outlet_id=outlet.id,
            url=self.url,
            kind=self.kind,
            section=self.section,
            time_zone=self.time_zone or outlet.time_zone,
            entries_a_day=self.entries_a_day,
            article_pattern=(self.article_pattern or outlet.article_pattern) if self.kind in {"listing", "sitemap"} else None,
            enabled=self.enabled,
            language=self.language or outlet.language,
            confidence=self.confidence,
            next_pages=self.next_pages,
        )


class _ContentRuleFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    body: _XPath | None = None
    remove: tuple[_XPath, ...] = ()
    cut: tuple[Annotated[_Filled, AfterValidator(_pattern)], ...] = ()
    valid_until: date | None = None

    @model_validator(mode="after")
    def _does_something(self) -> _ContentRuleFile:
        if not (self.body or self.remove or self.cut):
            raise ValueError("a content rule needs body, remove or cut")
        return self

    def record(self) -> records.ContentRule:
        return records.ContentRule(self.body, self.remove, self.cut, self.valid_until.isoformat() if self.valid_until else None)


class OutletFile(BaseModel):
    """An outlet's file as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Identifier
    name: _Filled
    language: _Language
    country: _Country
    homepage: _Address
    hosts: Annotated[tuple[_Host, ...], Field(min_length=1)]
    time_zone: _Zone
    feeds: Annotated[tuple[_FeedFile, ...], Field(min_length=1)]
    admin1: _Filled | None = None
    owner: _Filled | None = None
    owner_kind: records.OwnerKind | None = None
    renames: tuple[_Filled, ...] = ()
    article_pattern: _Pattern | None = None
    address_dates: tuple[Annotated[_Filled, AfterValidator(_address_date)], ...] = ()
    number_pattern: Annotated[str, AfterValidator(_number_pattern)] | None = None
    prefixes: tuple[_Filled, ...] = ()
    date_styles: tuple[_Filled, ...] = ()
    credits: tuple[_Filled, ...] = ()
    signatures: tuple[_Filled, ...] = ()
    crawl_clock: bool = False
    content_rules: tuple[_ContentRuleFile, ...] = ()
    sitemaps: tuple[_Address, ...] = ()
    date_archives: tuple[Annotated[str, AfterValidator(_dated_address)], ...] = ()

    @model_validator(mode="after")
    def _listings_know_articles(self) -> OutletFile:
        for feed in self.feeds:
            if feed.enabled and feed.kind == "listing" and not (feed.article_pattern or self.article_pattern):
                raise ValueError(f"feed {feed.id!r}: an enabled listing needs an article_pattern, its own or the outlet's")
        return self

    @model_validator(mode="after")
    def _rules_are_in_order(self) -> OutletFile:
        until = [rule.valid_until for rule in self.content_rules]
        # The rule of today, without an end, stands first; each one below it ended earlier.
        ends = [end or date.max for end in until]
        if None in until[1:] or any(newer <= older for newer, older in pairwise(ends)):
            raise ValueError("content_rules: the newest comes first, and only it may have no valid_until")
        return self

    def record(self) -> records.Outlet:
        """The file as the record that the rest of Keoson knows."""
        return records.Outlet(
            id=self.id,
            name=self.name,
            language=self.language,
            country=self.country,
            homepage=self.homepage,
            hosts=self.hosts,
            time_zone=self.time_zone,
            feeds=tuple(feed.record(self) for feed in self.feeds),
            admin1=self.admin1,
            owner=self.owner,
            prefixes=self.prefixes,
            owner_kind=self.owner_kind,
            renames=self.renames,
            article_pattern=self.article_pattern,
            address_dates=self.address_dates,
            number_pattern=self.number_pattern,
            date_styles=self.date_styles,
            credits=self.credits,
            signatures=self.signatures,
            crawl_clock=self.crawl_clock,
            content_rules=tuple(rule.record() for rule in self.content_rules),
            sitemaps=self.sitemaps,
            date_archives=self.date_archives,
        )
