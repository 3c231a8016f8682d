"""Which reports tell of the same happening: same type, shared parties in two countries, dates within three days.

Three days, because outlets date a conference by its first day, its last, or the day of the news. A report of a past period without a day is of no single
happening and resolves to no event.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations

from extractors.gazetteer import load_gazetteer
from extractors.normalise import name_key
from extractors.records import Amount, Event, Location, Party, Report, ReportOfArticle, Status

MAXIMUM_DAYS = 3
_MONEY = {"VND", "USD", "LAK", "KHR", "CNY", "THB", "EUR"}
# What a later report knows better: a plan that came to pass, or was called off.
_STATUS_ORDER: dict[Status, int] = {"occurred": 0, "cancelled": 1, "planned": 2, "background": 3}


_Side = tuple[str, str | None]


def resolve_events(reports: Sequence[ReportOfArticle]) -> list[Event]:
    """Events from reports, in the order of their earliest report; `report_ids` has that one first. The same reports give the same events in any order."""
    ordered = sorted((r for r in reports if _is_single(r.report)), key=lambda r: (_when(r) or "9999", r.published or "9999", r.id))
    clusters: list[list[ReportOfArticle]] = []
    by_type: defaultdict[str, _Clusters] = defaultdict(_Clusters)
    for item in ordered:
        of_type = by_type[item.report.type]
        number = of_type.latest_with(item)
        if number is None:
            number = len(clusters)
            clusters.append([])
        clusters[number].append(item)
        of_type.add(item, number)
    return [_event(members) for members in clusters]


@dataclass(slots=True)
class _Clusters:
    """The clusters of one type by what their reports must share: two sides in two countries, and a time. Comparing each with each took
    most of a resolution of a year's press.

    For each pair of sides and each time: the numbers of the clusters, with the articles that tell of them so.
    """

    _places: dict[tuple[frozenset[_Side], str], dict[int, set[str]]] = field(default_factory=dict)

    def latest_with(self, item: ReportOfArticle) -> int | None:
        """The cluster made last of those in which a report tells of the same happening as this one."""
        latest = None
        times = _times_near(_when(item))
        for pair in _pairs(item.report.parties) if times else ():
            for time in times:
                for number, articles in self._places.get((pair, time), {}).items():
                    # One article tells two happenings of a type apart by their dates.
                    if (latest is None or number > latest) and articles != {item.article_id}:
                        latest = number
        return latest

    def add(self, item: ReportOfArticle, number: int) -> None:
        times = _times_of(_when(item))
        for pair in _pairs(item.report.parties) if times else ():
            for time in times:
                self._places.setdefault((pair, time), {}).setdefault(number, set()).add(item.article_id)


def _is_single(report: Report) -> bool:
    return report.status != "background" or report.date_precision == "day"


def _when(item: ReportOfArticle) -> str | None:
    """The date to compare by: the event's own, else when it was published."""
    return item.report.date_start or item.published


def party_key(party: Party) -> tuple[str, str | None]:
    """Country and today's province: Công an Quảng Nam in 2023 and Công an Đà Nẵng in 2025 are one side."""
    gazetteer = load_gazetteer()
    return party.country, gazetteer.today_id(party.admin1_id) if party.admin1_id else None


def _pairs(parties: Sequence[Party]) -> Iterator[frozenset[_Side]]:
    """Each two sides of different countries."""
    for one, other in combinations({party_key(party) for party in parties}, 2):
        if one[0] != other[0]:
            yield frozenset((one, other))


def _times_of(when: str | None) -> tuple[str, ...]:
    """What a report is found by: its month, and its day or that it has none. A report that tells only a year is near to none."""
    if when is None or len(when) < 7:
        return ()
    month = when[:7]
    return month, when[:10] if len(when) >= 10 else f"{month}, no day"


def _times_near(when: str | None) -> tuple[str, ...]:
    """What the reports are found by that are near: a month is near to all in it, a day to those around it and to its month."""
    if when is None or len(when) < 7:
        return ()
    if len(when) < 10:
        return (when[:7],)
    day = date.fromisoformat(when[:10])
    around = range(-min(MAXIMUM_DAYS, (day - date.min).days), min(MAXIMUM_DAYS, (date.max - day).days) + 1)
    return (f"{when[:7]}, no day", *((day + timedelta(days=days)).isoformat() for days in around))


def _event(members: list[ReportOfArticle]) -> Event:
    reports = [member.report for member in members]
    status = min((report.status for report in reports), key=lambda s: _STATUS_ORDER[s])
    of_status = [report for report in reports if report.status == status]
    dated = [report for report in of_status if report.date_start] or [report for report in reports if report.date_start]
    best = _most_common([report.date_start for report in dated])
    dating = next((report for report in dated if report.date_start == best), reports[0])
    parties: dict[str, Party] = {}
    for report in reports:
        for party in report.parties:
            parties.setdefault(f"{party_key(party)}", party)
    amounts: dict[tuple[float, str], Amount] = {}
    for report in reports:
        for amount in report.amounts:
            amounts.setdefault((amount.value, amount.unit), amount)
    return Event(
        type=reports[0].type, status=status, date_start=dating.date_start, date_end=dating.date_end, date_precision=dating.date_precision,
        location=_location(reports), parties=tuple(parties.values()), persons=_once([name for report in reports for name in report.persons]),
        documents=_once([name for report in reports for name in report.documents]), amounts=tuple(amounts.values()),
        topics=tuple(topic for topic, _ in Counter(topic for report in reports for topic in report.topics).most_common()),
        report_ids=tuple(member.id for member in members), disagreements=_disagreements(members),
    )  # fmt: skip


def _most_common(values: Sequence[str | None]) -> str | None:
    counts = Counter(value for value in values if value)
    return counts.most_common(1)[0][0] if counts else None


def _once(names: Sequence[str]) -> tuple[str, ...]:
    """Each name once, in its first spelling."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name_key(name), name)
    return tuple(found.values())


def _location(reports: Sequence[Report]) -> Location | None:
    places = [report.location for report in reports if report.location]
    best = _most_common([place.admin1_id for place in places])
    return next((place for place in places if place.admin1_id == best), places[0] if places else None)


def _disagreements(members: Sequence[ReportOfArticle]) -> dict[str, dict[str, list[str]]]:
    """Fields for which reports give different values: each value with the ids of the reports that give it."""
    fields: dict[str, dict[str, list[str]]] = {}
    for member in members:
        report = member.report
        values = {"date_start": report.date_start, "status": report.status, "admin1": report.location.admin1 if report.location else None}
        for unit, amounts in _single_amounts(report).items():
            values[f"amount ({unit})"] = f"{amounts:,.0f}" if amounts == int(amounts) else f"{amounts:,}"
        for name, value in values.items():
            if value is not None:
                fields.setdefault(name, {}).setdefault(value, []).append(member.id)
    return {name: values for name, values in fields.items() if len(values) > 1}


def _single_amounts(report: Report) -> dict[str, float]:
    """Sums of money that a report names once: only these can contradict those of another report."""
    counts = Counter(
        amount.unit for amount in {(a.value, a.unit): a for a in report.amounts if a.unit in _MONEY and not a.background}.values()
    )
    return {amount.unit: amount.value for amount in report.amounts if counts[amount.unit] == 1 and not amount.background}
