"""tantivy's side of schemas, documents, queries, orders and facets: what the Elasticsearch backend says in JSON."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import tantivy
from tantivy import FieldType, Occur, Order
from tantivy import Query as Clause

from mappings.aliases import Match
from mappings.fields import Kind, engine_fields, facet_fields, text_fields
from mappings.index import make_hit
from mappings.prepare import Prepared, filter_values
from mappings.query import Query
from mappings.request import Hit, SearchRequest

# tantivy counts a facet per segment and merges; with as many values kept per segment as this the sums are exact.
_SEGMENT_VALUES = 65_000

# Any day: an open end of a range, because tantivy wants both.
_FIRST_DAY, _LAST_DAY = 0, date.max.toordinal() + 1


def schema_of(kind: Kind) -> tantivy.Schema:
    """The tantivy schema of a kind of document. The document itself is one stored field, so that it comes back as it was given."""
    builder = tantivy.SchemaBuilder()
    facets = {"id", "order", *facet_fields(kind)}
    for field in engine_fields(kind):
        fast = field.name in facets
        match field.kind:
            case "keyword":
                builder.add_text_field(field.name, fast=fast, tokenizer_name="raw", index_option="basic")
            case "words":
                builder.add_text_field(field.name, tokenizer_name="words", index_option="position")
            case "number" | "day":
                builder.add_integer_field(field.name, indexed=True, fast=True)
            case "flag":
                builder.add_boolean_field(field.name, indexed=True, fast=True)
    builder.add_bytes_field("source", stored=True)
    return builder.build()


def document_of(schema: tantivy.Schema, kind: Kind, prepared: Prepared) -> tantivy.Document:
    """A prepared document as tantivy takes it."""
    values: dict[str, Any] = {"source": [prepared.source]}
    for field in engine_fields(kind):
        given = prepared.values.get(field.name)
        if given:
            values[field.name] = [date.fromisoformat(str(value)).toordinal() for value in given] if field.kind == "day" else given
    # In one call: one for each of its hundred values took eight times as long.
    return tantivy.Document.from_dict(values, schema)


def source_of(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> dict[str, Any]:
    """The document stored at `address`."""
    source: dict[str, Any] = json.loads(searcher.doc(address)["source"][0])
    return source


def clause_of(schema: tantivy.Schema, request: SearchRequest, query: Query) -> Clause:
    """The whole search as one tantivy query: units and filters must match, ranking clauses may."""
    clauses: list[tuple[Occur, Clause]] = [(Occur.Must, Clause.all_query())] if not query.must else []
    for unit in query.must:
        clauses.append((Occur.Must, Clause.disjunction_max_query([_match(schema, request.kind, match) for match in unit.anyone], 0.0)))
    clauses += [(Occur.Should, _match(schema, request.kind, match)) for match in query.should]
    for name, wanted in request.filters.items():
        field, values = filter_values(request.kind, name, wanted)
        clauses.append((Occur.Must, _unscored(Clause.term_set_query(schema, field, values))))
    # A document's time and the wanted one overlap when each begins before the other ends.
    if request.date_to:
        clauses.append((Occur.Must, _unscored(_days(schema, "date", _FIRST_DAY, request.date_to.toordinal() - 1))))
    if request.date_from:
        clauses.append((Occur.Must, _unscored(_days(schema, "date_until", request.date_from.toordinal() + 1, _LAST_DAY))))
    return Clause.boolean_query(clauses)


def _match(schema: tantivy.Schema, kind: Kind, match: Match) -> Clause:
    if match.form == "abbreviation":
        return Clause.const_score_query(Clause.term_query(schema, "abbreviations", match.words[0]), 1.0)
    words = list(match.words)
    anywhere: list[Clause] = []
    for field in text_fields(kind):
        name = f"{field.name}_{match.form}"
        # "freq" leaves the positions, which a single word does not need, unread.
        one = Clause.phrase_query(schema, name, [*words]) if len(words) > 1 else Clause.term_query(schema, name, words[0], "freq")
        anywhere.append(Clause.boost_query(one, field.weight))
    return Clause.disjunction_max_query(anywhere, 0.0)


def _unscored(clause: Clause) -> Clause:
    return Clause.const_score_query(clause, 0.0)


def _days(schema: tantivy.Schema, field: str, first: int, last: int) -> Clause:
    return Clause.range_query(schema, field, FieldType.Integer, first, last)


def by_date(searcher: tantivy.Searcher, clause: Clause, request: SearchRequest, query: Query) -> tuple[Hit, ...]:
    """The page of hits with the latest first; their score is 0."""
    if not request.size:
        return ()
    found = searcher.search(clause, request.size, count=False, order_by_field="order", offset=request.offset, order=Order.Desc).hits
    return tuple(_hit(searcher, 0.0, address, request, query) for _, address in found)


def by_relevance(searcher: tantivy.Searcher, clause: Clause, request: SearchRequest, query: Query) -> tuple[Hit, ...]:
    """The page of hits with the best first, and among equals the greatest id: tantivy leaves equals in the order of writing."""
    if not request.size:
        return ()
    end = request.offset + request.size
    limit = end + 1
    while True:
        found = searcher.search(clause, limit, count=False).hits
        if len(found) < limit or found[-1][0] < found[end - 1][0]:
            break
        limit *= 2
    page = found[request.offset : end]
    if not page:
        return ()
    touched = {score for score, _ in page}
    before = sum(1 for score, _ in found if score > page[0][0])
    sources = [(score, source_of(searcher, address)) for score, address in found if score in touched]
    sources.sort(key=lambda pair: (pair[0], pair[1]["id"]), reverse=True)
    skipped = request.offset - before
    return tuple(
        make_hit(source["id"], score, source, query, highlight=request.highlight)
        for score, source in sources[skipped : skipped + request.size]
    )


def _hit(searcher: tantivy.Searcher, score: float, address: tantivy.DocAddress, request: SearchRequest, query: Query) -> Hit:
    source = source_of(searcher, address)
    return make_hit(source["id"], score, source, query, highlight=request.highlight)


def facets_of(searcher: tantivy.Searcher, clause: Clause, request: SearchRequest) -> dict[str, tuple[tuple[str, int], ...]]:
    """The counts of each facet asked for."""
    if not request.facets:
        return {}
    wanted = {name: {"terms": {"field": name, "size": request.facet_size, "segment_size": _SEGMENT_VALUES}} for name in request.facets}
    counted = searcher.aggregate(clause, wanted)
    return {
        name: tuple((str(bucket.get("key_as_string", bucket["key"])), bucket["doc_count"]) for bucket in counted[name]["buckets"])
        for name in request.facets
    }
