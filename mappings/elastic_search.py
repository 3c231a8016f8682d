"""Elasticsearch's side of mappings, queries and facets, as the JSON that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mappings.aliases import Match
from mappings.fields import FIELDS, Kind, engine_fields, schema_version, text_fields
from mappings.prepare import filter_values
from mappings.query import Query
from mappings.request import SearchRequest

_TYPES = {"number": "long", "flag": "boolean", "day": "date"}

# For people who search in Kibana: letters, marks and digits, without case and diacritics. Our own searches use the fields cut in Python.
_ANALYSIS = {
    "tokenizer": {"letters": {"type": "pattern", "pattern": r"[^\p{L}\p{M}\p{N}]+"}},
    "analyzer": {"folded": {"type": "custom", "tokenizer": "letters", "filter": ["lowercase", "asciifolding"]}},
}


def mapping_of(kind: Kind) -> dict[str, Any]:
    """Settings and mapping of a kind of document: strict, so that a misspelled field is refused instead of added."""
    properties: dict[str, Any] = {}
    for engine in engine_fields(kind):
        match engine.kind:
            case "keyword":
                properties[engine.name] = {"type": "keyword"}
            case "words":
                properties[engine.name] = {"type": "text", "analyzer": "whitespace"}
            case _:
                properties[engine.name] = {"type": _TYPES[engine.kind]}
                if engine.kind == "day":
                    properties[engine.name]["format"] = "strict_date"
    for field in FIELDS[kind]:
        if field.kind == "text":
            properties[field.name] = {"type": "text", "analyzer": "folded"}
        elif field.kind == "stored":
            properties[field.name] = {"type": "object", "enabled": False}
    return {
        "settings": {"number_of_shards": 1, "number_of_replicas": 0, "analysis": _ANALYSIS},
        "mappings": {
            "dynamic": "strict",
            "_meta": {"schema": schema_version()},
            "_source": {"excludes": [field.name for field in engine_fields(kind) if field.derived]},
            "properties": properties,
        },
    }


def search_body(request: SearchRequest, query: Query) -> dict[str, Any]:
    """The arguments of a search: units must match, filters select without a score, ranking clauses may match."""
    must = [{"dis_max": {"queries": [_match(request.kind, match) for match in unit.anyone]}} for unit in query.must]
    filters: list[dict[str, Any]] = []
    for name, wanted in request.filters.items():
        field, values = filter_values(request.kind, name, wanted)
        filters.append({"terms": {field: values}})
    # A document's time and the wanted one overlap when each begins before the other ends.
    if request.date_to:
        filters.append({"range": {"date": {"lt": request.date_to.isoformat()}}})
    if request.date_from:
        filters.append({"range": {"date_until": {"gt": request.date_from.isoformat()}}})
    by_date = request.sort == "date" or not query.must
    return {
        "query": {"bool": {"must": must, "filter": filters, "should": [_match(request.kind, match) for match in query.should]}},
        "sort": [{"order": "desc"}] if by_date else [{"_score": "desc"}, {"id": "desc"}],
        "from_": request.offset,
        "size": request.size,
        "track_total_hits": True,
        "aggs": {name: {"terms": {"field": name, "size": request.facet_size}} for name in request.facets},
    }


def _match(kind: Kind, match: Match) -> dict[str, Any]:
    if match.form == "abbreviation":
        return {"constant_score": {"filter": {"term": {"abbreviations": match.words[0]}}, "boost": 1.0}}
    anywhere: list[dict[str, Any]] = []
    for field in text_fields(kind):
        name = f"{field.name}_{match.form}"
        if len(match.words) > 1:
            anywhere.append({"match_phrase": {name: {"query": " ".join(match.words), "boost": field.weight}}})
        else:
            anywhere.append({"term": {name: {"value": match.words[0], "boost": field.weight}}})
    return {"dis_max": {"queries": anywhere}}


def facets_of(counted: Mapping[str, Any], request: SearchRequest) -> dict[str, tuple[tuple[str, int], ...]]:
    """The counts of each facet asked for."""
    return {
        name: tuple((str(bucket.get("key_as_string", bucket["key"])), bucket["doc_count"]) for bucket in counted[name]["buckets"])
        for name in request.facets
    }
