"""Lists of addresses: CSV (or plain lines) and NDJSON, with optional dates and titles, read as a stream."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO
from zoneinfo import ZoneInfo

from extractors.address_dates import date_in_address
from extractors.addresses import address_host
from extractors.errors import InputError
from extractors.feeds.dates import parse_feed_date
from extractors.records import Entry, Outlet
from flows.backfill.outlets_by_host import OutletsByHost

_ADDRESS = ("url", "address", "link", "loc", "href", "uri", "permalink")
_DATE = ("date", "published", "published_at", "pubdate", "publication_date", "day", "timestamp")
_TITLE = ("title", "headline", "name")
# A line of this length is no address with a date and a title; csv refuses fields of more than 131,072 characters anyway.
_LONGEST_LINE = 100_000


@dataclass(frozen=True, slots=True)
class Listed:
    """An address of a list: its outlet, the entry to be made of it, and the day that the list or the address tells."""

    outlet: Outlet
    entry: Entry
    day: str | None


def read_list(stream: BinaryIO, name: str, outlets: OutletsByHost, counts: Counter[str]) -> Iterator[Listed]:
    """The addresses of a list that belong to one of the outlets. `counts` counts all other lines by what they are.

    A CSV has a line of column names, with an address column (url, address, link, loc) and perhaps date and title columns; a file without
    one may be bare addresses, one a line. NDJSON has one object a line with keys of the same names. Raises InputError when neither is
    there.
    """
    # Not strict: one wrong byte in a list of a million addresses costs its line, not the list.
    lines = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="")
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        raise InputError(f"{name} is empty: a list of addresses has at least one")
    again = chain([first], lines)
    rows = _objects(again, name, counts) if first.lstrip().startswith("{") else _columns(again, first, name, counts)
    for row in rows:
        counts["lines"] += 1
        listed = _listed(row, outlets, counts)
        if listed is not None:
            yield listed


def _listed(row: Mapping[str, str], outlets: OutletsByHost, counts: Counter[str]) -> Listed | None:
    address = row.get("url", "").strip()
    try:
        host = address_host(address)
    except InputError:
        counts["no address"] += 1
        return None
    outlet = outlets.of(host)
    if outlet is None:
        counts["host of no outlet"] += 1
        return None
    raw = row.get("date", "").strip()
    published = parse_feed_date(raw, outlet.time_zone) if raw else None
    if raw and published is None:
        counts["date not readable"] += 1
    title = " ".join(row.get("title", "").split())
    told = date_in_address(address, outlet)
    day = published.astimezone(ZoneInfo(outlet.time_zone)).date().isoformat() if published else told.value if told else None
    return Listed(outlet, Entry(f"{outlet.id}_backfill", address, title, published=published, published_raw=raw or None), day)


def _columns(lines: Iterable[str], first: str, name: str, counts: Counter[str]) -> Iterator[dict[str, str]]:
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(_short(lines, counts), delimiter=delimiter)
    header = next(reader, [])
    names = [cell.strip().lower() for cell in header]
    places = {key: next((names.index(one) for one in known if one in names), None) for key, known in _KNOWN.items()}
    if places["url"] is None:
        bare = next((place for place, cell in enumerate(header) if cell.strip().lower().startswith(("http://", "https://"))), None)
        if bare is None:
            raise InputError(
                f"{name} has no column of addresses: its columns are {', '.join(header)[:200] or 'none'}; name one of them url, "
                "or give bare addresses, one a line"
            )
        places = {"url": bare, "date": None, "title": None}
        yield _cells(header, places)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a NUL, a quote without an end
            counts["line not readable"] += 1
            continue
        if any(cell.strip() for cell in row):
            yield _cells(row, places)


_KNOWN = {"url": _ADDRESS, "date": _DATE, "title": _TITLE}


def _cells(row: list[str], places: Mapping[str, int | None]) -> dict[str, str]:
    return {key: row[place] for key, place in places.items() if place is not None and place < len(row)}


def _objects(lines: Iterable[str], name: str, counts: Counter[str]) -> Iterator[dict[str, str]]:
    told = False
    for line in _short(lines, counts):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            counts["line not readable"] += 1
            continue
        lower = {key.lower(): content for key, content in value.items()}
        row = {key: next((str(lower[one]) for one in known if lower.get(one) is not None), "") for key, known in _KNOWN.items()}
        if not told and not row["url"]:
            raise InputError(f"{name}: its objects have no address: their keys are {', '.join(value)[:200]}; name one of them url")
        told = True
        yield row


def _short(lines: Iterable[str], counts: Counter[str]) -> Iterator[str]:
    for line in lines:
        if len(line) > _LONGEST_LINE:
            counts["line not readable"] += 1
            continue
        yield line
