"""Drafts of outlet files: what a program can tell of a site, for a person to complete."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from extractors.addresses import address_host
from extractors.errors import InputError
from extractors.feeds.opml import Outline
from extractors.records import FeedKind

# Country: its language and time zone.
_COUNTRIES = {
    "VN": ("vi", "Asia/Ho_Chi_Minh"),
    "LA": ("lo", "Asia/Vientiane"),
    "KH": ("km", "Asia/Phnom_Penh"),
    "TH": ("th", "Asia/Bangkok"),
    "CN": ("zh", "Asia/Shanghai"),
    "MM": ("my", "Asia/Yangon"),
}
# Second levels under which names are registered: `gov.vn` is nobody's name.
_SHARED = frozenset({"com", "net", "org", "gov", "edu", "co", "info", "ac", "or", "go"})


@dataclass(frozen=True, slots=True)
class DraftFeed:
    """A feed found. `note` goes into the file as a comment."""

    url: str
    kind: FeedKind
    section: str = ""
    enabled: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a site. `language` may be empty: then it is its country's."""

    homepage: str
    name: str
    country: str
    language: str
    hosts: tuple[str, ...]
    feeds: tuple[DraftFeed, ...]
    sitemaps: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The outlet's id: the registered name of its host."""
        return outlet_id(self.homepage)


def outlet_id(address: str) -> str:
    """`https://congan.nghean.gov.vn/` gives `congan_nghean`, `https://baomau.vn/` gives `baomau`. InputError for what is no address."""
    labels = address_host(address).split(".")
    while len(labels) > 1 and (labels[-1] in _SHARED or len(labels[-1]) <= 3 or labels[-1] == "test"):
        labels.pop()
    name = re.sub(r"[^a-z0-9]+", "_", "_".join(labels)).strip("_")[:40]
    return name if re.match(r"[a-z]", name) and len(name) > 1 else f"site_{name}"


def country_of(address: str, given: str | None) -> str:
    """The country given, else the one of the address's domain. InputError if neither is a country whose language and zone are known."""
    code = (given or address_host(address).rpartition(".")[2]).upper()
    if code not in _COUNTRIES:
        asked = f"{given!r} is none of" if given else f"{address} does not tell its country: give --country with one of"
        raise InputError(f"{asked} {', '.join(_COUNTRIES)}")
    return code


def draft_toml(draft: Draft, origin: str) -> str:
    """The file of a draft, which `read_outlet` accepts. `origin` says in a comment where it comes from."""
    language, time_zone = _COUNTRIES[draft.country]
    lines = [
        _comment(f"Draft: {origin}."),
        "# To do: name, province (admin1), owner; prefixes of leads; entries_a_day; which feeds to keep. Then: keoson outlets check "
        + draft.id,
        f"id = {_quoted(draft.id)}",
        f"name = {_quoted(_printable(draft.name).strip() or draft.id)}",
        f"language = {_quoted(draft.language or language)}",
        f"country = {_quoted(draft.country)}",
        f"homepage = {_quoted(draft.homepage)}",
        f"hosts = {_list(draft.hosts)}",
        f"time_zone = {_quoted(time_zone)}",
    ]
    if draft.sitemaps:
        lines.append(f"sitemaps = {_list(draft.sitemaps)}")
    for number, feed in enumerate(draft.feeds, 1):
        lines += ["", "[[feeds]]"]
        lines += [_comment(feed.note)] if feed.note else []
        lines += [f"id = {_quoted(f'{draft.id}_{number}')}", f"kind = {_quoted(feed.kind)}", f"url = {_quoted(feed.url)}"]
        lines += [f"section = {_quoted(feed.section)}"] if feed.section else []
        lines += [] if feed.enabled else ["enabled = false"]
    return "\n".join(lines) + "\n"


def _printable(text: str) -> str:
    return re.sub("[\x7f\ud800-\udfff]", "", text)


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string, but for the delete character and halves of surrogate pairs.
    return json.dumps(_printable(text), ensure_ascii=False)


def _comment(text: str) -> str:
    return "# " + " ".join(re.sub("[\x00-\x1f\x7f\ud800-\udfff]", " ", text).split())


def _list(items: Sequence[str]) -> str:
    return "[" + ", ".join(_quoted(item) for item in items) + "]"


def drafts_of_feeds(outlines: Iterable[Outline], country: str | None) -> list[Draft]:
    """One draft for each site in a list of feeds. InputError for a site whose country is not known."""
    by_site: dict[str, list[Outline]] = {}
    for outline in outlines:
        by_site.setdefault(outlet_id(outline.home or outline.url), []).append(outline)
    drafts = []
    for found in by_site.values():
        address = found[0].home or found[0].url
        hosts = dict.fromkeys(address_host(url) for one in found for url in (one.home, one.url) if url)
        feeds = tuple(DraftFeed(one.url, "rss", one.title) for one in found)
        homepage = f"{urlsplit(address).scheme}://{urlsplit(address).netloc}"
        drafts.append(Draft(homepage, found[0].title, country_of(address, country), "", tuple(hosts), feeds))
    return drafts
