"""The error browser: one self-contained page that shows each text with marked and tagged spans side by side, and what was wrong.

The page is `browser.html` with the data put in as JSON; its script writes values as text nodes only, so no text can become markup.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from keoson.evaluation.evaluation import Evaluation
from keoson.evaluation.forms import EventForm, OrganizationForm, PersonForm, PlaceForm, Quote, TagsForm
from keoson.evaluation.gold import GoldItem
from keoson.evaluation.matching import Span, quote_spans
from keoson.evaluation.report import refuse_sealed
from keoson.evaluation.scoring import ItemScore

_DATA = "/*DATA*/null"


def browser_page(evaluation: Evaluation) -> str:
    """The page as HTML. SealedError for the test part."""
    refuse_sealed(evaluation)
    rows = zip(evaluation.items, evaluation.predictions, evaluation.scores, strict=True)
    data = {"part": evaluation.part, "items": [_row(item, prediction, score) for item, prediction, score in rows]}
    # `<` never stands in the data, so a text can neither close the script element nor open a comment in it.
    encoded = (
        json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        .replace("<", "\\u003c")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
    template = files("keoson.evaluation").joinpath("browser.html").read_text(encoding="utf-8")
    return template.replace(_DATA, encoded)


def _row(item: GoldItem, prediction: Mapping[str, Any], score: ItemScore) -> dict[str, Any]:
    tags = TagsForm.model_validate(prediction)
    return {
        "id": item.id,
        "lang": item.lang,
        "long": item.long,
        "outlet": item.outlet,
        "published": item.published,
        "url": item.url,
        "notes": item.notes,
        "text": item.text,
        "missed": score.missed,
        "spurious": score.spurious,
        "gold": {
            "relevant": item.marks.relevant,
            "events": [_event(event, {}) for event in item.marks.events],
            "spans": spans_of(item.text, item.marks),
        },
        "tagged": {
            "relevant": tags.relevant,
            "events": [_event(event, raw) for event, raw in zip(tags.events, prediction["events"], strict=True)],
            "spans": spans_of(item.text, tags, prediction),
        },
    }


def _event(event: EventForm, raw: Mapping[str, Any]) -> dict[str, Any]:
    """An event as the page shows it; `why` has the rule and confidence that a prediction gives."""
    return {
        "type": event.type,
        "status": event.status,
        "date": " – ".join(dict.fromkeys(day for day in (event.date_start, event.date_end) if day)) or None,
        "date_text": event.date_text,
        "location": _line(event.location.name, event.location.admin1, event.location.country) if event.location else None,
        "parties": [_line(party.name, party.admin1, party.country) for party in event.parties],
        "persons": list(event.persons),
        "documents": list(event.documents),
        "amounts": [
            f"{amount.value:,.10g} {amount.unit} {amount.what}{' (background)' if amount.background else ''}" for amount in event.amounts
        ],
        "topics": list(event.topics),
        "evidence": [quote if isinstance(quote, str) else quote.quote for quote in event.evidence],
        "why": _why(raw),
    }


def _line(*values: str | None) -> str:
    return " · ".join(value for value in values if value)


def _why(raw: Mapping[str, Any]) -> str:
    return _line(*(f"{key} {raw[key]}" for key in ("rule", "confidence") if raw.get(key) is not None))


def spans_of(text: str, tags: TagsForm, raw: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Stretches of the text to colour: {start, end, kind, label}. Names without offsets are looked for where they stand first."""
    spans: list[dict[str, Any]] = []

    def add(where: list[Span], kind: str, label: str) -> None:
        spans.extend({"start": start, "end": end, "kind": kind, "label": label} for start, end in where)

    for number, event in enumerate(tags.events):
        why = _why(raw["events"][number]) if raw else ""
        add(quote_spans(text, event.evidence), "event", _line(f"event {number + 1}: {event.type} ({event.status})", why))
        if event.date_text:
            add(quote_spans(text, [event.date_text]), "date", _line("date", event.date_start or "unresolved"))
        if event.location:
            add(quote_spans(text, [event.location.name]), "location", _line("location", event.location.admin1, event.location.country))
        for party in event.parties:
            if party.name:
                add(quote_spans(text, [party.name]), "party", _line("party", party.admin1, party.country))
    groups: tuple[tuple[str, Sequence[PersonForm | OrganizationForm | PlaceForm]], ...] = (
        ("person", tags.persons),
        ("organization", tags.organizations),
        ("place", tags.places),
    )
    for kind, mentions in groups:
        for number, mention in enumerate(mentions):
            why = _why(raw[f"{kind}s"][number]) if raw else ""
            quotes: list[str | Quote] = [mention.evidence or mention.name]
            details = [
                str(getattr(mention, name)) for name in ("rank", "role", "kind", "id", "admin1", "country") if getattr(mention, name, None)
            ]
            add(quote_spans(text, quotes), kind, _line(kind, *details, why))
    return spans
