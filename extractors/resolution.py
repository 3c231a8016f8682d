"""Which reports tell of the same happening: same type, shared parties in two countries, dates within three days.

Three days, because outlets date a conference by its first day, its last, or the day of the news. A report of a past period without a day is of no single
happening and resolves to no event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from extractors.gazetteer import load_gazetteer
from extractors.normalise import name_key
from extractors.records import Amount, Event, Location, Party, Report, ReportOfArticle, Status

MAXIMUM_DAYS = 3
_MONEY = {"VND", "USD", "LAK", "KHR", "CNY", "THB", "EUR"}
# What a later report knows better: a plan that came to pass, or was called off.
_STATUS_ORDER: dict[Status, int] = {"occurred": 0, "cancelled": 1, "planned": 2, "background": 3}


@dataclass(slots=True)
class _Cluster:
    members: list[ReportOfArticle] = field(default_factory=list)


def resolve_events(reports: Sequence[ReportOfArticle]) -> list[Event]:
    """Events from reports, in the order of their earliest report; `report_ids` has that one first. The same reports give the same events in any order."""
    ordered = sorted((r for r in reports if _is_single(r.report)), key=lambda r: (_when(r) or "9999", r.published or "9999", r.id))
    clusters: list[_Cluster] = []
    by_type: dict[str, list[_Cluster]] = {}
    for item in ordered:
        cluster = next((c for c in reversed(by_type.get(item.report.type, [])) if any(_same(item, member) for member in c.members)), None)
        if cluster is None:
            cluster = _Cluster()
            clusters.append(cluster)
            by_type.setdefault(item.report.type, []).append(cluster)
        cluster.members.append(item)
    return [_event(cluster.members) for cluster in clusters]


def _is_single(report: Report) -> bool:
    return report.status != "background" or report.date_precision == "day"


def _when(item: ReportOfArticle) -> str | None:
    """The date to compare by: the event's own, else when it was published."""
    return item.report.date_start or item.published


def party_key(party: Party) -> tuple[str, str | None]:
    """Country and today's province: Công an Quảng Nam in 2023 and Công an Đà Nẵng in 2025 are one side."""
    gazetteer = load_gazetteer()
    return party.country, gazetteer.today_id(party.admin1_id) if party.admin1_id else None


def _same(left: ReportOfArticle, right: ReportOfArticle) -> bool:
    if left.article_id == right.article_id:
        return False  # one article tells two happenings of a type apart by their dates
    shared = {party_key(party) for party in left.report.parties} & {party_key(party) for party in right.report.parties}
    return len({country for country, _ in shared}) >= 2 and _near(_when(left), _when(right))


def _near(left: str | None, right: str | None) -> bool:
    if left is None or right is None:
        return False
    width = min(len(left), len(right))
    if width < 10:
        return width >= 7 and left[:7] == right[:7]
    return abs((date.fromisoformat(left[:10]) - date.fromisoformat(right[:10])).days) <= MAXIMUM_DAYS


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
