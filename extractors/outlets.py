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
    kind = "listing"                        # rss (RSS, RDF, Atom) | json_feed | news_sitemap | sitemap (or an index of them) | listing
    url = "https://huengaynay.vn/chinh-tri-xa-hoi/bien-gioi-bien-dao/"
    section = "biên giới, biển đảo"
    entries_a_day = 2.0                     # expected volume: far too little is an alarm (keoson outlets --health)
    article_pattern = '-\\d{6}\\.html$'     # listings and sitemaps, searched in the absolute address; the outlet's unless given
    next_pages = "https://…/trang-{page}"   # listings only: the address of page 2, 3, …; a link or header rel=next is followed without it
    language = "vi"                         # of an edition in another language than the outlet's
    confidence = "high"                     # high: a dated check read it | medium: a working program uses it | low: an unverified list
                                            # | broken: a dated check says that it fails; such a feed must be off
    enabled = true                          # an enabled listing needs an article_pattern

What is known of the outlet besides, all optional:

    owner, owner_kind     party, police, border_guard, army, government, news_agency
    renames               sentences on old domains and mergers
    article_pattern       searched in the addresses of its articles
    address_dates         dates in them: strftime codes between literal characters, such as "-185%y%m%d%H%M%S" (extractors.address_dates)
    number_pattern        what stays when an article's address changes: the groups that match are its number (extractors.feeds.identity)
    date_styles, credits, signatures    how its texts write days, open photo credits, and end
    crawl_clock           true: the clock at the top of its pages is that of the request, never a publish date
    sitemaps              addresses of sitemaps (or indexes of them) of its past; date_archives: addresses of the listings of a day or month,
                          with %Y, %m and %d. Only `keoson backfill` reads them.
    [[content_rules]]     where the general extraction takes too much: body, remove (XPath), cut (regular expressions), and `valid_until`,
                          the last day on which pages fetched look like this; the newest rule first

The volumes in the catalogue are cautious estimates by the kind of paper and section, since no source states them: they tell a feed that has
died from one that rests, no more. An operator's own file may say better.

Adding an outlet is adding a file. Aggregators are left out, because they would bring each article twice and under a foreign name: Google
News, Báo Mới, Vietnam.vn, and Global Voices, which retells other media. An operator's own files replace packaged outlets of the same id.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from extractors import records
from extractors.errors import OutletError
from extractors.outlet_file import OutletFile


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
        outlet = OutletFile.model_validate(wire).record()
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


def backfill_feed(outlet: records.Outlet, url: str, kind: records.FeedKind) -> records.Feed:
    """A feed that is in no file: one of the sitemaps or day listings of an outlet's past, read with the outlet's own patterns and zone."""
    return records.Feed(
        id=f"{outlet.id}_backfill",
        outlet_id=outlet.id,
        url=url,
        kind=kind,
        section="past",
        time_zone=outlet.time_zone,
        article_pattern=outlet.article_pattern,
        language=outlet.language,
    )
