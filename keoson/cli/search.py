"""`keoson search`, `keoson events`, `keoson show`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractors.errors import InputError, SearchIndexError
from keoson.cli import options
from keoson.cli.coverage import coverage_note, share_json
from keoson.cli.options import Countries, Facets, Json, Limit, Outlets, Persons, Places, Since, Sort, Types, Until

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.coverage import CoveredShare
    from mappings import Hit, Index, SearchResult
    from mappings.fields import Kind

ARTICLE_FACETS = ("outlet", "event_types", "countries", "admin1", "persons", "topics", "year")
EVENT_FACETS = ("type", "status", "countries", "admin1", "persons", "topics", "outlets", "year")


def search_command(
    query: Annotated[str, typer.Argument(help='What to look for, with or without diacritics. "" lists everything.')],
    type_: Types = None,
    country: Countries = None,
    place: Places = None,
    person: Persons = None,
    outlet: Outlets = None,
    since: Since = None,
    until: Until = None,
    facets: Facets = False,
    sort: Sort = "relevance",
    limit: Limit = 10,
    offset: Annotated[int, typer.Option("--offset", min=0, metavar="N", help="Skip the first N results.")] = 0,
    all_: Annotated[bool, typer.Option("--all", help="Also articles that report no cooperation event.")] = False,
    as_json: Json = False,
) -> None:
    """Search articles.

    Example:

    $ keoson search "se kong ma tuy" --country LA --since 2024 --facets
    """
    filters: dict[str, tuple[str, ...]] = {} if all_ else {"relevant": ("true",)}
    _fill(filters, "event_types", options.check_types(type_))
    _fill(filters, "outlet", tuple(outlet or ()))
    result = _run("articles", query, filters, country, place, person, since, until, facets, ARTICLE_FACETS, sort, limit, offset)
    note = coverage_note(outlet, *options.day_range(since, until))
    if as_json:
        print(json.dumps(_as_json(result, _article_hit, note), ensure_ascii=False))
        return
    from keoson.screen import show_hits

    show_hits(result, query, offset)
    _tell(note)


def events_command(
    query: Annotated[str, typer.Argument(help="What to look for; nothing lists all.")] = "",
    type_: Types = None,
    country: Countries = None,
    place: Places = None,
    person: Persons = None,
    outlet: Outlets = None,
    since: Since = None,
    until: Until = None,
    facets: Facets = False,
    sort: Sort = "date",
    limit: Limit = 20,
    offset: Annotated[int, typer.Option("--offset", min=0, metavar="N", help="Skip the first N results.")] = 0,
    as_json: Json = False,
) -> None:
    """Search events: each happening once, with all its reports.

    Example:

    $ keoson events --type handover --country CN --since 2025
    """
    filters: dict[str, tuple[str, ...]] = {}
    _fill(filters, "type", options.check_types(type_))
    _fill(filters, "outlets", tuple(outlet or ()))
    result = _run("events", query, filters, country, place, person, since, until, facets, EVENT_FACETS, sort, limit, offset)
    note = coverage_note(outlet, *options.day_range(since, until))
    if as_json:
        print(json.dumps(_as_json(result, _event_hit, note), ensure_ascii=False))
        return
    from keoson.screen import show_events

    show_events(result, offset)
    _tell(note)


def show_command(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The id of an article or event, or its first characters (at least 6).")],
    as_json: Json = False,
) -> None:
    """Show one article or event, with the evidence marked in the text.

    Example:

    $ keoson show 3fa1b2c4d5
    """
    index = options.open_reading(options.load_settings())
    try:
        kind, document = _find(index, id_)
        articles = {one: index.get("articles", one) for one in document["article_ids"]} if kind == "events" else {}
    finally:
        index.close()
    if as_json:
        print(json.dumps({"kind": kind[:-1], **document}, ensure_ascii=False))
        return
    from keoson.screen import show_article, show_event

    if kind == "events":
        show_event(document, {key: value for key, value in articles.items() if value})
    else:
        show_article(document)


def _find(index: Index, wanted: str) -> tuple[Kind, dict[str, Any]]:
    kinds: tuple[Kind, ...] = ("articles", "events")
    wanted = wanted.strip().lower()
    if not re.fullmatch(r"[0-9a-f]{1,64}", wanted):
        raise InputError(f"{wanted!r} is no id: ids are 64 hexadecimal digits, of which the first 6 suffice")
    for kind in kinds:
        if document := index.get(kind, wanted):
            return kind, document
    if len(wanted) < 6:
        raise InputError(f"{wanted!r} is too short for an id: give at least its first 6 characters")
    found = [(kind, one) for kind in kinds for one in index.ids_with_prefix(kind, wanted)]
    if not found:
        raise InputError(f"no article or event has the id {wanted}: ids stand in the results of keoson search and keoson events")
    if len(found) > 1:
        raise InputError(f"{wanted} is the beginning of {len(found)} ids: give more of it")
    kind, one = found[0]
    document = index.get(kind, one)
    if document is None:
        raise SearchIndexError(f"{one} was deleted from the index just now: search again")
    return kind, document


def _fill(filters: dict[str, tuple[str, ...]], field: str, values: tuple[str, ...]) -> None:
    if values:
        filters[field] = (*filters.get(field, ()), *values)


def _run(
    kind: Kind, query: str, filters: dict[str, tuple[str, ...]], country: list[str] | None, place: list[str] | None, person: list[str] | None,
    since: str | None, until: str | None, facets: bool, facet_names: tuple[str, ...], sort: str, limit: int, offset: int,
) -> SearchResult:  # fmt: skip
    from mappings import SearchRequest

    _fill(filters, "countries", options.country_codes(country))
    for field, values in options.place_filters(place).items():
        _fill(filters, field, values)
    first, last = options.day_range(since, until)
    index = options.open_reading(options.load_settings())
    try:
        if person:
            filters["persons"] = spellings(index, kind, person)
        shown = facet_names if facets else ()
        return index.search(
            SearchRequest(kind, query, filters, first, last, shown, limit, offset, options.check_sort(sort), highlight=True, facet_size=10)
        )
    finally:
        index.close()


def spellings(index: Index, kind: Kind, names: list[str]) -> tuple[str, ...]:
    """All spellings in the index of the persons asked for: equal without marks, spaces and hyphens, or the same name transliterated."""
    from extractors.gazetteer.transliteration import transliteration_key
    from extractors.normalise import name_key
    from mappings import SearchRequest

    known = [value for value, _ in index.search(SearchRequest(kind, facets=("persons",), size=0, facet_size=10_000)).facets["persons"]]
    found: list[str] = []
    for name in names:
        key, sound = name_key(name), transliteration_key(name)
        found += [one for one in known if key in name_key(one) or (len(sound) >= 6 and sound == transliteration_key(one))]
    if not found:
        raise InputError(f"no person called {', '.join(names)} is in the index: try keoson search {names[0]!r} for the words themselves")
    return tuple(dict.fromkeys(found))


def _as_json(result: SearchResult, hit: Callable[[Hit], dict[str, Any]], note: CoveredShare | None) -> dict[str, Any]:
    return {
        "total": result.total,
        "hits": [hit(one) for one in result.hits],
        "facets": {name: [{"value": value, "count": count} for value, count in values] for name, values in result.facets.items()},
        **({} if note is None else {"coverage": share_json(note)}),
    }


def _tell(note: CoveredShare | None) -> None:
    if note is not None:
        from keoson.backfill_screen import show_covered_share

        show_covered_share(note)


def _article_hit(hit: Hit) -> dict[str, Any]:
    source = hit.source
    return {
        "id": hit.id, "title": source["title"], "url": source["url"], "outlet": source["outlet"], "published": source.get("published"), "score": hit.score, "snippet": hit.snippet,
    }  # fmt: skip


def _event_hit(hit: Hit) -> dict[str, Any]:
    source = hit.source
    return {
        "id": hit.id, "title": source["title"], "type": source["type"], "status": source["status"], "date_start": source.get("date_start"), "date_end": source.get("date_end"),
        "location": source.get("location"), "parties": source["parties"], "report_count": source["report_count"], "outlets": source["outlets"],
        "disagreements": source["disagreements"], "score": hit.score, "snippet": hit.snippet,
    }  # fmt: skip
