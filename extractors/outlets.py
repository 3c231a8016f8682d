"""Outlets: one TOML file a newspaper, checked by pydantic, turned into the frozen records.

    id = "huengaynay"                       # the file's name, or its folder's if the file is called outlet.toml
    name = "Huế ngày nay"
    language = "vi"
    country = "VN"
    admin1 = "Huế"                          # optional, as is owner
    homepage = "https://huengaynay.vn"
    hosts = ["huengaynay.vn"]               # the only hosts articles may come from; `www.` is understood
    time_zone = "Asia/Ho_Chi_Minh"
    prefixes = ["HNN.VN -"]                 # how leads open
    [[feeds]]
    id = "huengaynay_bien_gioi"             # unique over all outlets
    kind = "listing"                        # rss (RSS, RDF, Atom) | news_sitemap | listing | sitemap (not read yet, so never enabled)
    url = "https://huengaynay.vn/chinh-tri-xa-hoi/bien-gioi-bien-dao/"
    section = "biên giới, biển đảo"
    entries_a_day = 2.0                     # expected volume, where it is known: too little is a failure, not silence
    article_pattern = '-\\d{6}\\.html$'     # listings only, searched in the absolute address; the outlet's unless given
    language = "vi"                         # of an edition in another language than the outlet's
    confidence = "high"                     # high: a dated check read it | medium: a working program uses it | low: an unverified list
                                            # | broken: a dated check says that it fails; such a feed must be off
    enabled = true                          # an enabled listing needs an article_pattern

What is known of the outlet besides, all optional: `owner` and `owner_kind` (party, police, border_guard, army, government, news_agency),
`renames` (sentences on old domains and mergers), `article_pattern` (searched in the addresses of its articles), `address_date` (the
strptime format of a date in them), `date_styles` (how its texts write days), `credits` (how photo credits open), `signatures` (last lines).

Adding an outlet is adding a file. Aggregators are left out, because they would bring each article twice and under a foreign name: Google
News, Báo Mới, Vietnam.vn, and Global Voices, which retells other media. An operator's own files replace packaged outlets of the same id.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from extractors import records
from extractors.addresses import address_host
from extractors.errors import InputError, OutletError

_Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
_Filled = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
_Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
_Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
_Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]


class _FeedFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: _Identifier
    kind: records.FeedKind
    url: str
    section: str = ""
    time_zone: str | None = None
    entries_a_day: Annotated[float, Field(gt=0)] | None = None
    article_pattern: str | None = None
    enabled: bool = True
    language: _Language | None = None
    confidence: records.Confidence | None = None

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return _checked_address(value)

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return value if value is None else _checked_zone(value)

    @model_validator(mode="after")
    def _pattern(self) -> _FeedFile:
        if self.kind != "listing" and self.article_pattern is not None:
            raise ValueError("article_pattern belongs to listings")
        return self

    @model_validator(mode="after")
    def _may_be_enabled(self) -> _FeedFile:
        if self.enabled and self.kind == "sitemap":
            raise ValueError("enabled: plain sitemaps are not read yet: write enabled = false")
        if self.enabled and self.confidence == "broken":
            raise ValueError("enabled: a feed known as broken must be off: write enabled = false, or another confidence if it works again")
        return self

    @field_validator("article_pattern")
    @classmethod
    def _expression(cls, value: str | None) -> str | None:
        return _checked_pattern(value)


class _OutletFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: _Identifier
    name: _Filled
    language: _Language
    country: _Country
    homepage: str
    hosts: Annotated[tuple[_Host, ...], Field(min_length=1)]
    time_zone: str
    feeds: Annotated[tuple[_FeedFile, ...], Field(min_length=1)]
    admin1: _Filled | None = None
    owner: _Filled | None = None
    prefixes: tuple[_Filled, ...] = ()
    owner_kind: records.OwnerKind | None = None
    renames: tuple[_Filled, ...] = ()
    article_pattern: str | None = None
    address_date: _Filled | None = None
    date_styles: tuple[_Filled, ...] = ()
    credits: tuple[_Filled, ...] = ()
    signatures: tuple[_Filled, ...] = ()

    @field_validator("article_pattern")
    @classmethod
    def _expression(cls, value: str | None) -> str | None:
        return _checked_pattern(value)

    @model_validator(mode="after")
    def _listings_know_articles(self) -> _OutletFile:
        for feed in self.feeds:
            if feed.enabled and feed.kind == "listing" and not (feed.article_pattern or self.article_pattern):
                raise ValueError(f"feed {feed.id!r}: an enabled listing needs an article_pattern, its own or the outlet's")
        return self

    @field_validator("homepage")
    @classmethod
    def _address(cls, value: str) -> str:
        return _checked_address(value)

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return _checked_zone(value)

    def record(self) -> records.Outlet:
        feeds = tuple(
            records.Feed(
                id=feed.id,
                outlet_id=self.id,
                url=feed.url,
                kind=feed.kind,
                section=feed.section,
                time_zone=feed.time_zone or self.time_zone,
                entries_a_day=feed.entries_a_day,
                article_pattern=(feed.article_pattern or self.article_pattern) if feed.kind == "listing" else None,
                enabled=feed.enabled,
                language=feed.language or self.language,
                confidence=feed.confidence,
            )
            for feed in self.feeds
        )
        return records.Outlet(
            id=self.id,
            name=self.name,
            language=self.language,
            country=self.country,
            homepage=self.homepage,
            hosts=self.hosts,
            time_zone=self.time_zone,
            feeds=feeds,
            admin1=self.admin1,
            owner=self.owner,
            prefixes=self.prefixes,
            owner_kind=self.owner_kind,
            renames=self.renames,
            article_pattern=self.article_pattern,
            address_date=self.address_date,
            date_styles=self.date_styles,
            credits=self.credits,
            signatures=self.signatures,
        )


def packaged_outlets() -> Path:
    """The folder of outlets that comes with Keoson: `<country>/<id>.toml`."""
    return Path(__file__).with_name("outlets")


def load_outlets(*folders: Path) -> dict[str, records.Outlet]:
    """All outlets of the folders (by default those that come with Keoson), by id and in the order of their ids.

    A folder holds `<id>.toml`, `<country>/<id>.toml` or `<id>/outlet.toml`. An outlet of a later folder replaces the one of the same id in
    an earlier folder, with all its feeds. Raises OutletError, which names the file and the field: for an unreadable or invalid file, an
    outlet defined twice in one folder, a feed id used twice, a folder that is missing or holds no outlet.
    """
    chosen: dict[str, tuple[Path, records.Outlet]] = {}
    for folder in folders or (packaged_outlets(),):
        chosen |= _read_folder(folder)
    feed_owners: dict[str, Path] = {}
    for path, outlet in chosen.values():
        for feed in outlet.feeds:
            if feed.id in feed_owners:
                raise OutletError(f"{path}: feeds: feed id {feed.id!r} is already used by {feed_owners[feed.id]}")
            feed_owners[feed.id] = path
    return {name: chosen[name][1] for name in sorted(chosen)}


def _read_folder(folder: Path) -> dict[str, tuple[Path, records.Outlet]]:
    found: dict[str, tuple[Path, records.Outlet]] = {}
    for path in _outlet_files(folder):
        outlet = read_outlet(path)
        if outlet.id in found:
            raise OutletError(f"{path}: id: outlet {outlet.id!r} is already defined by {found[outlet.id][0]}")
        found[outlet.id] = path, outlet
    return found


def read_outlet(path: Path) -> records.Outlet:
    """One outlet file as a record. Raises OutletError with the file and every wrong field."""
    try:
        wire = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OutletError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OutletError(f"{path}: is no TOML in UTF-8: {error}") from error
    try:
        outlet = _OutletFile.model_validate(wire).record()
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}" for fault in error.errors())
        raise OutletError(f"{path}: {faults}") from error
    expected = path.parent.name if path.name == "outlet.toml" else path.stem
    if outlet.id != expected:
        raise OutletError(f"{path}: id: is {outlet.id!r}, but the file's place says {expected!r}")
    return outlet


def _outlet_files(folder: Path) -> Iterator[Path]:
    found = sorted([*folder.glob("*.toml"), *folder.glob("*/*.toml")])
    if not found:
        raise OutletError(f"{folder}: holds no outlet file (expected <id>.toml, <country>/<id>.toml or <id>/outlet.toml)")
    yield from found


def _checked_address(value: str) -> str:
    try:
        address_host(value)
    except InputError as error:
        raise ValueError(str(error)) from error
    return value


def _checked_pattern(value: str | None) -> str | None:
    if value is not None:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"article_pattern is no regular expression: {error}") from error
    return value


def _checked_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no time zone of the IANA database") from error
    return value
