"""Which event is which, from run to run: pure functions over report ids and days.

An event's id is given once. It comes from the report that founded it, not from a date or a party that a later report may correct, and
stays with the event that holds this report, whatever else joins or leaves.
"""

from __future__ import annotations

import calendar
import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from extractors.records import ReportOfArticle

# resolve_events joins reports whose dates lie up to 3 days apart (design.md); the rest is room for a report dated by its publication.
REACH_DAYS = 10


@dataclass(frozen=True, slots=True)
class DatedReport:
    """A report with the days on which it may lie. No days at all: it may lie anywhere."""

    id: str
    earliest: date | None
    latest: date | None
    dirty: bool


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An event that has an id: the report that founded it, its rank in the order of giving, and the reports it had."""

    id: str
    founder: str
    sequence: int
    reports: frozenset[str]


@dataclass(frozen=True, slots=True)
class Assignment:
    """`ids`: one per group, in order. `given`: id → founding report of the new ones. `merged`: old id → the id it is part of now.
    `ended`: old ids without any report left."""

    ids: tuple[str, ...]
    given: dict[str, str]
    merged: dict[str, str]
    ended: frozenset[str]


def possible_days(item: ReportOfArticle) -> tuple[date, date] | None:
    """First and last day on which a report may lie: its own dates to their precision, else its publish date; None when nothing tells."""
    for start, end in ((item.report.date_start, item.report.date_end), (item.published, None)):
        first, last = _days_of(start), _days_of(end)
        if first is not None:
            return first[0], max(first[1], last[1]) if last else first[1]
    return None


def _days_of(value: str | None) -> tuple[date, date] | None:
    if value is None:
        return None
    try:
        parts = [int(part) for part in value[:10].split("-")]
        if len(parts) == 3:
            day = date(*parts)
            return day, day
        if len(parts) == 2:
            return date(parts[0], parts[1], 1), date(parts[0], parts[1], calendar.monthrange(parts[0], parts[1])[1])
        return date(parts[0], 1, 1), date(parts[0], 12, 31)
    except ValueError:  # a publish date that is no date tells nothing
        return None


def neighbourhoods(reports: Iterable[DatedReport], reach_days: int = REACH_DAYS) -> list[list[str]]:
    """The reports (of one type) to be resolved again: stretches of days with a dirty report, cut where nothing can reach across.

    Ids are sorted within a stretch, and stretches by their first day, so that the same reports always give the same answer.
    """
    listed = sorted(reports, key=lambda report: (report.earliest or date.min, report.id))
    # A report without days may belong with any other: then nothing can be cut.
    if any(report.earliest is None for report in listed):
        return [sorted(report.id for report in listed)] if any(report.dirty for report in listed) else []
    found: list[list[DatedReport]] = []
    until = date.min
    for report in listed:
        first, last = report.earliest or date.min, report.latest or report.earliest or date.min
        if not found or first > until:
            found.append([])
        found[-1].append(report)
        until = max(until, _later(last, reach_days))
    return [sorted(report.id for report in stretch) for stretch in found if any(report.dirty for report in stretch)]


def _later(day: date, days: int) -> date:
    return date.max if (date.max - day).days < days else day + timedelta(days=days)


def assign_ids(
    groups: Sequence[Collection[str]], known: Iterable[KnownEvent], founding_order: Mapping[str, str], taken: Collection[str]
) -> Assignment:
    """Give each group of reports its event id.

    A known event goes to the group with its founding report, else to the one with most of its reports. A group that several known
    events go to keeps the id that was given first. A group without any gets an id from its founding report: the first by
    `founding_order` (report id → what to sort by, such as the publish date). `taken` are all ids ever given: none is given twice.
    """
    claims: dict[int, list[KnownEvent]] = {}
    ended = set()
    groups_of: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        for report in group:
            groups_of.setdefault(report, []).append(number)
    for event in known:
        index = _group_of(event, groups_of)
        if index is None:
            ended.add(event.id)
        else:
            claims.setdefault(index, []).append(event)
    ids: list[str] = []
    given: dict[str, str] = {}
    merged: dict[str, str] = {}
    for index, group in enumerate(groups):
        heirs = sorted(claims.get(index, []), key=lambda event: (event.sequence, event.id))
        if heirs:
            ids.append(heirs[0].id)
            merged |= {event.id: heirs[0].id for event in heirs[1:]}
            continue
        founder = min(group, key=lambda report: (founding_order[report], report))
        identifier = _new_id(founder, taken, given)
        given[identifier] = founder
        ids.append(identifier)
    return Assignment(tuple(ids), given, merged, frozenset(ended))


def _group_of(event: KnownEvent, groups_of: Mapping[str, Sequence[int]]) -> int | None:
    shared = Counter(index for report in event.reports for index in groups_of.get(report, ()))
    founded = set(groups_of.get(event.founder, ()))
    candidates = [(index in founded, shared[index], -index) for index in shared.keys() | founded]
    if not candidates:
        return None
    return -max(candidates)[2]


def _new_id(founder: str, *used: Collection[str]) -> str:
    number = 0
    while True:
        identifier = hashlib.sha256(f"event\n{founder}\n{number}".encode()).hexdigest()
        if not any(identifier in ids for ids in used):
            return identifier
        number += 1
