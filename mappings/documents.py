"""From records to documents of the index: one article, its reports, and the events that reports were resolved into.

Evidence is verified here, so that nothing which misquotes its text can be written. A document holds whatever showing it needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from extractors.addresses import canonical_address
from extractors.errors import InputError
from extractors.records import (
    Article,
    Event,
    Evidence,
    Location,
    OrganizationMention,
    Outlet,
    Party,
    PlaceMention,
    PublishDate,
    Report,
    ReportOfArticle,
    Tags,
    report_id,
)
from mappings.plain import plain

# A sentence ends after a full stop, question or exclamation mark and a space, or at a line's end.
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”»)]*\s+(?=[\"“«(\d]|[^\W\d_])|\n+")
_TITLES_BEFORE = re.compile(r"(?:\bTP|\bTS|\bThS|\bPGS|\bGS|\bÔ|\bB|\bNo|\bGen|\bCol|\bMr|\bMrs|\bDr)\.\s+$")


class Units(Protocol):
    """What is needed of the gazetteer: the id of the unit that one belongs to today. KeyError for an unknown id."""

    def today_id(self, place_id: str, /) -> str:
        """Down the chain of successors."""


def article_document(
    article: Article, tags: Tags, outlet: Outlet, gazetteer: Units, *, fetched_at: datetime, version: int, feed_id: str | None
) -> dict[str, Any]:
    """The document of an article. Countries, provinces, persons and organizations are those it names anywhere.

    Raises EvidenceError if a tag does not quote the text exactly.
    """
    tags.verify(article.text)
    reports = tags.reports
    named: tuple[PlaceMention | OrganizationMention, ...] = (*tags.places, *tags.organizations)
    provinces = [(one.admin1, one.admin1_id) for one in named]
    countries = [one.country for one in named]
    for report in reports:
        provinces += _provinces(report.parties, report.location)
        countries += _countries(report.parties, report.location)
    return {
        "id": article.id,
        "url": article.url,
        "canonical": canonical_address(article.url),
        "outlet": outlet.id,
        "outlet_name": outlet.name,
        "outlet_country": outlet.country,
        "feed": feed_id,
        "title": article.title,
        "text": article.text,
        "language": tags.language,
        **_published(article.published),
        "published_source": article.published.source if article.published else None,
        **_days_of_publication(article.published, outlet),
        "fetched_at": fetched_at.astimezone(UTC).isoformat(timespec="seconds"),
        "version": version,
        "content_hash": article.content_hash,
        "relevant": tags.relevant,
        "event_types": _unique(report.type for report in reports),
        "statuses": _unique(report.status for report in reports),
        **_places(countries, provinces, [place.place_id for place in tags.places], gazetteer),
        # Victims stay in the article's own tags and are no entities to filter or count by.
        "persons": _unique(person.name for person in tags.persons if person.kind != "victim"),
        "organizations": _unique(organization.name for organization in tags.organizations),
        "organization_kinds": _unique(organization.kind for organization in tags.organizations),
        "topics": _unique(topic for report in reports for topic in report.topics),
        "report_ids": _unique(report_id(article.id, report) for report in reports),
        "spans": [plain(span) for span in article.spans],
        "tags": plain(tags),
    }


def report_documents(
    article: Article, tags: Tags, outlet: Outlet, gazetteer: Units, *, fetched_at: datetime, version: int, feed_id: str | None
) -> list[dict[str, Any]]:
    """One document per report of the article, the main one first. `text` is the sentences its evidence stands in.

    Takes what `article_document` takes. Raises EvidenceError if a tag does not quote the text exactly.
    """
    tags.verify(article.text)
    documents: list[dict[str, Any]] = []
    for number, report in enumerate(tags.reports):
        sentences = evidence_sentences(article.text, report.evidence)
        documents.append(
            {
                "id": report_id(article.id, report),
                "title": article.title,
                "text": "\n".join(sentence.quote for sentence in sentences),
                "article_id": article.id,
                "url": article.url,
                "outlet": outlet.id,
                "outlet_name": outlet.name,
                "feed": feed_id,
                "language": tags.language,
                **_published(article.published),
                "fetched_at": fetched_at.astimezone(UTC).isoformat(timespec="seconds"),
                "version": version,
                "main": number == 0,
                **_happening(report),
                **_places(
                    _countries(report.parties, report.location),
                    _provinces(report.parties, report.location),
                    [report.location.place_id] if report.location else [],
                    gazetteer,
                ),
                "date_source": report.date_source,
                "date_text": report.date_text,
                "plover": report.plover,
                "cameo": report.cameo,
                "rule": report.rule,
                "confidence": report.confidence,
                "evidence": [plain(evidence) for evidence in report.evidence],
                "sentences": [plain(sentence) for sentence in sentences],
            }
        )
    return documents


def event_document(
    event_id: str, event: Event, members: Sequence[ReportOfArticle], gazetteer: Units, *, titles: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The document of an event. `members` are its reports; `titles` the titles of their articles, by article id.

    The event's title is that of its best report's article: the surest report with the event's status, the first one published among equals.
    Without `titles` it is that report's first evidence. Raises ValueError for an event without reports.
    """
    if not members:
        raise ValueError(f"event {event_id} has no reports")
    best = min(members, key=lambda one: (one.report.status != event.status, -one.report.confidence, one.published or "9999", one.id))
    first = best.report.evidence[0].quote
    title = titles.get(best.article_id, first) if titles is not None else first
    lines = [title, *((titles or {}).get(one.article_id, "") for one in members)]
    lines += [evidence.quote for one in members for evidence in one.report.evidence]
    lines += [party.name for party in event.parties] + [*event.persons, *event.documents]
    return {
        "id": event_id,
        "title": title,
        "text": "\n".join(_unique(" ".join(line.split()) for line in lines[1:])),
        **_happening(event),
        **_places(
            _countries(event.parties, event.location),
            _provinces(event.parties, event.location),
            [event.location.place_id] if event.location else [],
            gazetteer,
        ),
        "report_count": len(members),
        "report_ids": [one.id for one in members],
        "article_ids": _unique(one.article_id for one in members),
        "outlets": _unique(one.outlet_id for one in members),
        "disagreements": event.disagreements,
        "reports": [
            {
                "id": one.id,
                "article_id": one.article_id,
                "outlet": one.outlet_id,
                "published": one.published,
                "title": (titles or {}).get(one.article_id),
                "status": one.report.status,
                "date_start": one.report.date_start,
                "date_end": one.report.date_end,
                "evidence": [plain(evidence) for evidence in one.report.evidence],
            }
            for one in members
        ],
    }


def evidence_sentences(text: str, evidence: Iterable[Evidence]) -> list[Evidence]:
    """The sentences of `text` that the evidence stands in, as spans of it, in the text's order, each once."""
    found: dict[int, Evidence] = {}
    for one in evidence:
        start, end = 0, len(text)
        for border in _SENTENCE_END.finditer(text):
            if "\n" not in border[0] and _TITLES_BEFORE.search(text, max(0, border.start() - 6), border.end()):
                continue
            if border.end() <= one.start:
                start = border.end()
            elif border.start() >= one.end:
                end = border.start()
                break
        sentence = Evidence.cut(text, start, end)
        found[sentence.start] = sentence
    return [found[start] for start in sorted(found)]


def covered_days(value: str) -> tuple[date, date]:
    """The days that a date cut to its precision stands for, half-open: `2024-12` is 2024-12-01 to 2025-01-01. InputError for others."""
    try:
        match [int(part) for part in value.split("-")]:
            case [year]:
                return date(year, 1, 1), date(year + 1, 1, 1)
            case [year, month]:
                return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
            case [year, month, day]:
                first = date(year, month, day)
                return first, first + timedelta(days=1)
    except ValueError as error:
        raise InputError(f"{value!r} is no date ({error}): write it YYYY-MM-DD, YYYY-MM or YYYY") from error
    raise InputError(f"{value!r} is no date: write it YYYY-MM-DD, YYYY-MM or YYYY")


def _days(first: date, until: date) -> dict[str, Any]:
    """`year` and `month` (as 202412) only if the whole stretch lies in one."""
    last = until - timedelta(days=1)
    return {
        "date": first.isoformat(),
        "date_until": until.isoformat(),
        "year": first.year if first.year == last.year else None,
        "month": first.year * 100 + first.month if (first.year, first.month) == (last.year, last.month) else None,
    }


def _published(published: PublishDate | None) -> dict[str, Any]:
    return {"published": published.value if published else None, "published_precision": published.precision if published else None}


def _days_of_publication(published: PublishDate | None, outlet: Outlet) -> dict[str, Any]:
    """An article's day is the one at its outlet: 23:30 UTC is the next morning in Hà Nội."""
    if not published:
        return {}
    if published.precision != "time":
        return _days(*covered_days(published.value))
    moment = datetime.fromisoformat(published.value)
    local = moment.astimezone(ZoneInfo(outlet.time_zone)) if moment.tzinfo else moment
    first = local.date()
    return {"date_time": local.strftime("%Y-%m-%dT%H:%M:%S"), **_days(first, first + timedelta(days=1))}


def _happening(happening: Report | Event) -> dict[str, Any]:
    """The fields that a report and an event share."""
    days: dict[str, Any] = {}
    if happening.date_start:
        first, until = covered_days(happening.date_start)
        if happening.date_end:
            until = max(until, covered_days(happening.date_end)[1])
        days = _days(first, until)
    return {
        "type": happening.type,
        "status": happening.status,
        "date_start": happening.date_start,
        "date_end": happening.date_end,
        "date_precision": happening.date_precision,
        **days,
        "location": plain(happening.location) if happening.location else None,
        "location_name": happening.location.name if happening.location else None,
        "parties": [plain(party) for party in happening.parties],
        "party_names": _unique(party.name for party in happening.parties),
        "persons": _unique(happening.persons),
        "documents": _unique(happening.documents),
        "amounts": [plain(amount) for amount in happening.amounts],
        "topics": _unique(happening.topics),
    }


def _provinces(parties: Iterable[Party], location: Location | None) -> list[tuple[str | None, str | None]]:
    return [(one.admin1, one.admin1_id) for one in _sides(parties, location)]


def _countries(parties: Iterable[Party], location: Location | None) -> list[str | None]:
    return [one.country for one in _sides(parties, location)]


def _sides(parties: Iterable[Party], location: Location | None) -> tuple[Party | Location, ...]:
    return (*parties, location) if location else tuple(parties)


def _places(
    countries: Iterable[str | None],
    provinces: Sequence[tuple[str | None, str | None]],
    place_ids: Iterable[str | None],
    gazetteer: Units,
) -> dict[str, Any]:
    ids = _unique(id for _, id in provinces if id)
    return {
        "countries": _unique(country for country in countries if country),
        "admin1": _unique(name for name, _ in provinces if name),
        "admin1_id": ids,
        "admin1_today_id": _unique(gazetteer.today_id(id) for id in ids),
        "place_ids": _unique(id for id in place_ids if id),
    }


def _unique(values: Iterable[str]) -> list[str]:
    """Each value once, in the order of first appearance, without empty ones."""
    return [value for value in dict.fromkeys(values) if value]
