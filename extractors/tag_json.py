"""Tags as the JSON object of `keoson tag --json` (design.md, Records; the JSON Schema is `keoson/schemas/tags.json`)."""

from __future__ import annotations

from typing import Any

from extractors.records import Amount, Evidence, Location, Party, Report, Tags


def tags_to_json(article_id: str, tags: Tags) -> dict[str, Any]:
    """One object a text. Persons, organizations and places are listed once each; `evidence` gives start, end, quote."""
    return {
        "id": article_id,
        "language": tags.language,
        "relevant": tags.relevant,
        "events": [_report(report) for report in tags.reports],
        "persons": [
            {"name": p.name, "rank": p.rank, "role": p.role, "organization": p.organization, "country": p.country, "kind": p.kind, "evidence": _evidence(p.evidence), "rule": p.rule, "confidence": p.confidence}
            for p in tags.persons
        ],
        "organizations": _once(
            {"name": o.name, "kind": o.kind, "admin1": o.admin1, "country": o.country, "evidence": _evidence(o.evidence), "rule": o.rule, "confidence": o.confidence}
            for o in tags.organizations
        ),
        "places": _once(
            {"name": p.name, "id": p.place_id, "kind": p.kind, "admin1": p.admin1, "country": p.country, "evidence": _evidence(p.evidence), "rule": p.rule, "confidence": p.confidence}
            for p in tags.places
        ),
    }  # fmt: skip


def _once(items: Any) -> list[dict[str, Any]]:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for item in items:
        found.setdefault((item["name"], item.get("id"), item.get("kind")), item)
    return list(found.values())


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {"start": evidence.start, "end": evidence.end, "quote": evidence.quote}


def _location(location: Location | None) -> dict[str, Any] | None:
    if location is None:
        return None
    return {"name": location.name, "admin1": location.admin1, "country": location.country, "evidence": _evidence(location.evidence)}


def _party(party: Party) -> dict[str, Any]:
    return {"name": party.name, "admin1": party.admin1, "country": party.country, "evidence": _evidence(party.evidence)}


def _amount(amount: Amount) -> dict[str, Any]:
    return {
        "value": amount.value,
        "unit": amount.unit,
        "what": amount.what,
        "background": amount.background,
        "evidence": _evidence(amount.evidence),
    }


def _report(report: Report) -> dict[str, Any]:
    return {
        "type": report.type, "status": report.status, "date_start": report.date_start, "date_end": report.date_end, "date_precision": report.date_precision,
        "date_text": report.date_text, "date_source": report.date_source, "location": _location(report.location), "parties": [_party(party) for party in report.parties],
        "persons": list(report.persons), "documents": list(report.documents), "amounts": [_amount(amount) for amount in report.amounts], "topics": list(report.topics),
        "plover": report.plover, "cameo": report.cameo, "evidence": [_evidence(evidence) for evidence in report.evidence], "rule": report.rule, "confidence": report.confidence,
    }  # fmt: skip
