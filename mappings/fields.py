"""One table of fields per kind of document. The Elasticsearch mapping, the tantivy schema and the schema version all come from it.

Kinds of field:

    key     exact string: filter and facet
    name    as `key`, and filtered by its folded form, so that `quang nam` selects `Quảng Nam`
    text    full text
    number  integer: filter and facet
    flag    true or false: filter and facet
    stored  any JSON value, kept and given back, not searched

Every kind of document also has `date` and `date_until` (`YYYY-MM-DD`, half-open), the days it is ranged and sorted by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

Kind = Literal["articles", "reports", "events"]
FieldKind = Literal["key", "name", "text", "number", "flag", "stored", "day"]

KINDS: tuple[Kind, ...] = get_args(Kind)

# Raised when tokens or derived fields change their meaning, so that indexes written before are refused instead of half-searched.
ANALYSIS_VERSION = 1


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the index. `many`: a list of values; `weight`: how much a match in this text counts; `facet`: offered for counting."""

    name: str
    kind: FieldKind
    many: bool = False
    facet: bool = False
    weight: float = 1.0


_DATES = (Field("date", "day"), Field("date_until", "day"), Field("year", "number", facet=True), Field("month", "number", facet=True))

_PLACES = (
    Field("countries", "key", many=True, facet=True),
    Field("admin1", "name", many=True, facet=True),
    Field("admin1_id", "key", many=True, facet=True),
    Field("admin1_today_id", "key", many=True, facet=True),
    Field("place_ids", "key", many=True),
)

_ARTICLE_OF_REPORT = (
    Field("article_id", "key"),
    Field("url", "key"),
    Field("outlet", "key", facet=True),
    Field("outlet_name", "name", facet=True),
    Field("language", "key", facet=True),
    Field("feed", "key", facet=True),
    Field("published", "key"),
    Field("published_precision", "key", facet=True),
    Field("fetched_at", "key"),
    Field("version", "number"),
)

_HAPPENING = (
    Field("type", "key", facet=True),
    Field("status", "key", facet=True),
    Field("date_start", "key"),
    Field("date_end", "key"),
    Field("date_precision", "key"),
    Field("location", "stored"),
    Field("location_name", "name"),
    Field("parties", "stored"),
    Field("party_names", "name", many=True, facet=True),
    Field("persons", "name", many=True, facet=True),
    Field("documents", "name", many=True),
    Field("amounts", "stored"),
    Field("topics", "key", many=True, facet=True),
)

FIELDS: dict[Kind, tuple[Field, ...]] = {
    "articles": (
        Field("id", "key"),
        Field("url", "key"),
        Field("canonical", "key"),
        Field("outlet", "key", facet=True),
        Field("outlet_name", "name", facet=True),
        Field("outlet_country", "key", facet=True),
        Field("feed", "key", facet=True),
        Field("title", "text", weight=2.0),
        Field("text", "text"),
        Field("language", "key", facet=True),
        Field("published", "key"),
        Field("published_precision", "key", facet=True),
        Field("published_source", "key", facet=True),
        Field("date_time", "key"),
        *_DATES,
        Field("fetched_at", "key"),
        Field("version", "number"),
        Field("content_hash", "key"),
        Field("relevant", "flag", facet=True),
        Field("event_types", "key", many=True, facet=True),
        Field("statuses", "key", many=True, facet=True),
        *_PLACES,
        Field("persons", "name", many=True, facet=True),
        Field("organizations", "name", many=True, facet=True),
        Field("organization_kinds", "key", many=True, facet=True),
        Field("topics", "key", many=True, facet=True),
        Field("report_ids", "key", many=True),
        Field("spans", "stored"),
        Field("tags", "stored"),
    ),
    "reports": (
        Field("id", "key"),
        Field("title", "text", weight=2.0),
        Field("text", "text"),
        *_ARTICLE_OF_REPORT,
        Field("main", "flag"),
        *_HAPPENING,
        *_DATES,
        *_PLACES,
        Field("date_source", "key", facet=True),
        Field("date_text", "stored"),
        Field("plover", "key", facet=True),
        Field("cameo", "key", facet=True),
        Field("rule", "key", facet=True),
        Field("confidence", "stored"),
        Field("evidence", "stored"),
        Field("sentences", "stored"),
    ),
    "events": (
        Field("id", "key"),
        Field("title", "text", weight=2.0),
        Field("text", "text"),
        *_HAPPENING,
        *_DATES,
        *_PLACES,
        Field("report_count", "number", facet=True),
        Field("report_ids", "key", many=True),
        Field("article_ids", "key", many=True),
        Field("outlets", "key", many=True, facet=True),
        Field("disagreements", "stored"),
        Field("reports", "stored"),
    ),
}


EngineKind = Literal["keyword", "words", "number", "flag", "day"]


@dataclass(frozen=True, slots=True)
class EngineField:
    """A field as an engine stores it. `derived`: made from the document by `prepare`, not part of it, never given back."""

    name: str
    kind: EngineKind
    derived: bool = False


@cache
def engine_fields(kind: Kind) -> tuple[EngineField, ...]:
    """The searched fields of a kind of document, those derived from others included."""
    made: list[EngineField] = [EngineField("order", "keyword", derived=True), EngineField("abbreviations", "keyword", derived=True)]
    for field in FIELDS[kind]:
        match field.kind:
            case "key":
                made.append(EngineField(field.name, "keyword"))
            case "name":
                made += [EngineField(field.name, "keyword"), EngineField(f"{field.name}_key", "keyword", derived=True)]
            case "text":
                made += [EngineField(f"{field.name}_{form}", "words", derived=True) for form in ("folded", "exact")]
            case "number" | "flag" | "day":
                made.append(EngineField(field.name, field.kind))
            case "stored":
                continue
    return tuple(made)


def text_fields(kind: Kind) -> tuple[Field, ...]:
    """The fields that full text is searched in."""
    return tuple(field for field in FIELDS[kind] if field.kind == "text")


def facet_fields(kind: Kind) -> tuple[str, ...]:
    """The names of the fields that can be counted."""
    return tuple(field.name for field in FIELDS[kind] if field.facet)


def filter_fields(kind: Kind) -> tuple[str, ...]:
    """The names of the fields that can be filtered."""
    return tuple(field.name for field in FIELDS[kind] if field.kind in ("key", "name", "number", "flag"))


@cache
def fields_by_name(kind: Kind) -> Mapping[str, Field]:
    """The fields of a kind of document by their names."""
    return MappingProxyType({field.name: field for field in FIELDS[kind]})


def field_of(kind: Kind, name: str) -> Field:
    """The field called `name`; KeyError if the kind has none."""
    return fields_by_name(kind)[name]


def schema_version() -> str:
    """Twelve hex digits that change with the field tables or the analysis: an index stamped with another must be rebuilt."""
    return hashlib.sha256(f"{ANALYSIS_VERSION}\n{FIELDS!r}".encode()).hexdigest()[:12]
