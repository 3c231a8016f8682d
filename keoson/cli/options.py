"""Options that several commands share, with one wording of their help, and how they become a search request."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from extractors.errors import InputError
from extractors.records import EVENT_TYPES

if TYPE_CHECKING:
    from flows.settings import Settings
    from mappings import Index

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Types = Annotated[list[str] | None, typer.Option("--type", metavar="TYPE", help=f"Only these event types: {', '.join(EVENT_TYPES)}.")]
Countries = Annotated[
    list[str] | None, typer.Option("--country", metavar="CODE", help="Only with these countries taking part: LA, KH, CN, TH …")
]
Places = Annotated[
    list[str] | None,
    typer.Option(
        "--place",
        metavar="PLACE",
        help="Only with this province, by name in any spelling or by id. A province of today takes in those merged into it in 2025.",
    ),
]
Persons = Annotated[list[str] | None, typer.Option("--person", metavar="NAME", help="Only with this person, in any spelling.")]
Outlets = Annotated[list[str] | None, typer.Option("--outlet", metavar="ID", help="Only from these outlets (see: keoson outlets).")]
Since = Annotated[str | None, typer.Option("--since", metavar="DATE", help="From this day, month or year on: YYYY[-MM[-DD]].")]
Until = Annotated[str | None, typer.Option("--until", metavar="DATE", help="Up to and with this day, month or year.")]
Facets = Annotated[bool, typer.Option("--facets", help="Count the results by outlet, type, country, province, person, topic and year.")]
Sort = Annotated[str, typer.Option("--sort", metavar="ORDER", help="relevance or date (latest first).")]
Limit = Annotated[int, typer.Option("--limit", min=0, max=10_000, metavar="N", help="Show at most N results.")]


def load_settings(**overrides: Any) -> Settings:
    """Settings from the environment and keoson.toml; the operator's own spellings of places are known from then on."""
    from flows.settings import Settings

    settings = Settings.load(**overrides)
    if settings.own_spellings is not None:
        from extractors.gazetteer.own_spellings import use_own_spellings

        use_own_spellings(settings.own_spellings)
    return settings


def open_reading(settings: Settings) -> Index:
    """The index in use, for searching: nothing is created."""
    from mappings import open_index

    return open_index(**settings.index_location)


def day_range(since: str | None, until: str | None) -> tuple[date | None, date | None]:
    """First day (inclusive) and last day (exclusive) of what the two options mean."""
    first = _covered(since)[0] if since else None
    last = _covered(until)[1] if until else None
    if first and last and first >= last:
        raise InputError(f"--since {since} lies after --until {until}: exchange them")
    return first, last


def _covered(value: str) -> tuple[date, date]:
    from mappings.documents import covered_days

    value = value.strip()
    if not re.fullmatch(r"\d{4}(?:-\d{1,2}){0,2}", value):
        raise InputError(f"{value!r} is no date: write YYYY, YYYY-MM or YYYY-MM-DD")
    return covered_days(value)


def check_types(types: list[str] | None) -> tuple[str, ...]:
    """The event types asked for; InputError that lists them for an unknown one."""
    for one in types or ():
        if one not in EVENT_TYPES:
            raise InputError(f"unknown event type {one!r}: use one of {', '.join(EVENT_TYPES)}")
    return tuple(types or ())


def country_codes(names: list[str] | None) -> tuple[str, ...]:
    """ISO codes of countries given by code or name."""
    from extractors.gazetteer.lookup import find_country

    return tuple(find_country(name) for name in names or ())


def place_filters(names: list[str] | None) -> dict[str, tuple[str, ...]]:
    """The index filter for places: today's provinces roll their predecessors up, an ended province (Quảng Nam) is taken as it was."""
    from extractors.gazetteer.lookup import find_place

    filters: dict[str, tuple[str, ...]] = {}
    for name in names or ():
        place, ended = find_place(name)
        field = (
            "place_ids"
            if place.kind not in ("province", "country")
            else "countries"
            if place.kind == "country"
            else "admin1_id"
            if ended
            else "admin1_today_id"
        )
        filters[field] = (*filters.get(field, ()), place.id)
    return filters


def existing_files(paths: list[Path]) -> list[Path]:
    """The paths, all of them files; InputError naming the first that is none."""
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path} is not a file: give text or HTML files")
    return paths


def check_sort(order: str) -> Literal["relevance", "date"]:
    """The order asked for; InputError for an unknown one."""
    match order:
        case "relevance" | "date":
            return order
        case _:
            raise InputError(f"unknown order {order!r}: use relevance or date")
