"""The Elasticsearch backend, for production and Kibana: indices `<prefix>-articles`, `<prefix>-reports` and `<prefix>-events`.

One shard an index: a facet is then counted exactly, and a shard holds far more than the regional press writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from elastic_transport.client_utils import DEFAULT
from elasticsearch import (
    ApiError,
    AuthenticationException,
    ConnectionTimeout,
    Elasticsearch,
    NotFoundError,
    SerializationError,
    TransportError,
)
from elasticsearch.helpers import streaming_bulk

from extractors.errors import SearchIndexError
from mappings.aliases import load_aliases
from mappings.elastic_search import facets_of, mapping_of, search_body
from mappings.fields import KINDS, Kind, engine_fields, schema_version
from mappings.index import make_hit
from mappings.prepare import prepare
from mappings.query import build_query
from mappings.request import SearchRequest, SearchResult

# Measured best on two cores (notes on the index); more threads gain little.
_CHUNK = 1000
_PAGE = 1000

# An address that does not answer is told within seconds; a busy server gets longer for the answer itself.
_ATTEMPTS = 2
_SECONDS = 30


class ElasticIndex:
    """`Index` over an Elasticsearch 9 server."""

    def __init__(
        self, url: str, *, prefix: str, auth: tuple[str, str] | None = None, api_key: str | None = None, ca: Path | None = None
    ) -> None:
        self._url = url
        self._prefix = prefix
        self._checked = False
        try:
            self._client = Elasticsearch(
                url,
                basic_auth=auth,
                api_key=api_key,
                ca_certs=str(ca) if ca else DEFAULT,
                request_timeout=_SECONDS,
                max_retries=_ATTEMPTS,
                retry_on_timeout=False,
            )
        except (ValueError, OSError) as error:
            raise SearchIndexError(f"{url!r} is no address of an Elasticsearch ({error}): write it like http://localhost:9200") from error

    def ensure(self) -> None:
        """Create the indices that are missing, and check the version of those that are there."""
        with self._named_errors():
            for kind in KINDS:
                if not self._client.indices.exists(index=self._name(kind)):
                    # Another process may create it first: then its version is checked like any other's.
                    self._client.options(ignore_status=400).indices.create(index=self._name(kind), **mapping_of(kind))
        self._checked = False
        self._check()

    def create_anew(self) -> None:
        """Delete the indices of this prefix, whatever made them, and create them empty."""
        with self._named_errors():
            self._client.indices.delete(index=",".join(self._name(kind) for kind in KINDS), ignore_unavailable=True)
        self.ensure()

    def upsert(self, kind: Kind, docs: Iterable[Mapping[str, Any]]) -> int:
        """Write documents in bulk. If any is refused, the others are written all the same, and the error counts and names the refused."""
        self._check()
        written: set[str] = set()

        def actions() -> Iterator[dict[str, Any]]:
            for document in docs:
                one = prepare(kind, document)
                derived = {
                    field.name: one.values[field.name] for field in engine_fields(kind) if field.derived and field.name in one.values
                }
                yield {"_op_type": "index", "_index": self._name(kind), "_id": one.id, "_source": json.loads(one.source) | derived}

        self._bulk(actions(), written, "written")
        return len(written)

    def delete(self, kind: Kind, ids: Iterable[str]) -> int:
        """Delete by id in bulk."""
        self._check()
        deleted: set[str] = set()
        self._bulk(({"_op_type": "delete", "_index": self._name(kind), "_id": id} for id in dict.fromkeys(ids)), deleted, "deleted")
        return len(deleted)

    def delete_missing_reports(self, article_id: str, keep_ids: Sequence[str]) -> int:
        """Delete the reports of `article_id` that are not in `keep_ids`. Refreshes: reports just written must be seen."""
        self._check()
        with self._named_errors():
            self._client.indices.refresh(index=self._name("reports"))
            query = {"bool": {"filter": [{"term": {"article_id": article_id}}], "must_not": [{"ids": {"values": list(keep_ids)}}]}}
            found = [hit["_id"] for page in self._pages("reports", query, source=False) for hit in page]
        return self.delete("reports", found)

    def refresh(self) -> None:
        """Make everything written visible to searches."""
        self._check()
        with self._named_errors():
            self._client.indices.refresh(index=",".join(self._name(kind) for kind in KINDS))

    def get(self, kind: Kind, id: str) -> dict[str, Any] | None:
        """The document with this id, or None."""
        self._check()
        with self._named_errors():
            found = self._client.options(ignore_status=404).get(index=self._name(kind), id=id)
            return dict(found["_source"]) if found.get("found") else None

    def ids_with_prefix(self, kind: Kind, prefix: str) -> list[str]:
        """The first ten ids that begin with `prefix`, sorted."""
        self._check()
        with self._named_errors():
            found = self._client.search(
                index=self._name(kind),
                query={"prefix": {"id": prefix}},
                sort=[{"id": "asc"}],
                size=10,
                source=False,
                track_total_hits=False,
            )
        return [hit["_id"] for hit in found["hits"]["hits"]]

    def count(self, kind: Kind) -> int:
        """How many documents there are."""
        self._check()
        with self._named_errors():
            return int(self._client.count(index=self._name(kind))["count"])

    def export(self, kind: Kind) -> Iterator[dict[str, Any]]:
        """Every document as of now, by rising id."""
        self._check()
        with self._named_errors():
            for page in self._pages(kind, {"match_all": {}}, source=True):
                for hit in page:
                    yield dict(hit["_source"])

    def search(self, request: SearchRequest) -> SearchResult:
        """Search what was refreshed."""
        query = build_query(request.text, load_aliases())
        body = search_body(request, query)
        self._check()
        with self._named_errors():
            found = self._client.search(index=self._name(request.kind), **body)
        hits = tuple(
            make_hit(hit["_id"], hit["_score"] or 0.0, dict(hit["_source"]), query, highlight=request.highlight)
            for hit in found["hits"]["hits"]
        )
        return SearchResult(int(found["hits"]["total"]["value"]), hits, facets_of(found.get("aggregations", {}), request))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _name(self, kind: Kind) -> str:
        return f"{self._prefix}-{kind}"

    def _check(self) -> None:
        """Once: the indices are there and were made with these field tables."""
        if self._checked:
            return
        with self._named_errors():
            for kind in KINDS:
                name = self._name(kind)
                try:
                    mapping = self._client.indices.get_mapping(index=name)
                except NotFoundError as error:
                    raise SearchIndexError(f"{self._url} has no index {name}: run `keoson ingest` or `keoson index init` first") from error
                for concrete in mapping.values():
                    version = concrete["mappings"].get("_meta", {}).get("schema")
                    if version != schema_version():
                        raise SearchIndexError(
                            f"the index {name} at {self._url} was made by another version ({version}, now {schema_version()}): "
                            "make it again from the archive with `keoson index rebuild`, or use another prefix"
                        )
        self._checked = True

    def _bulk(self, actions: Iterator[dict[str, Any]], done: set[str], verb: str) -> None:
        refused: list[str] = []
        with self._named_errors():
            for ok, item in streaming_bulk(
                self._client, actions, chunk_size=_CHUNK, raise_on_error=False, raise_on_exception=False, max_retries=3, initial_backoff=1
            ):
                outcome: Mapping[str, Any] = next(iter(item.values()))
                if ok:
                    done.add(outcome["_id"])
                elif outcome.get("result") != "not_found":
                    refused.append(f"{outcome.get('_id')} ({_reason(outcome)})")
        if refused:
            more = f" and {len(refused) - 3} more" if len(refused) > 3 else ""
            raise SearchIndexError(
                f"{len(refused)} documents were not {verb} at {self._url}, {len(done)} were: {'; '.join(refused[:3])}{more}. "
                "Writing again is safe once the cause is gone"
            )

    def _pages(self, kind: Kind, query: dict[str, Any], *, source: bool) -> Iterator[list[dict[str, Any]]]:
        pit = self._client.open_point_in_time(index=self._name(kind), keep_alive="2m")["id"]
        try:
            after: list[Any] | None = None
            while True:
                found = self._client.search(
                    pit={"id": pit, "keep_alive": "2m"},
                    query=query,
                    sort=[{"id": "asc"}],
                    size=_PAGE,
                    source=source,
                    search_after=after,
                    track_total_hits=False,
                )
                hits = found["hits"]["hits"]
                if not hits:
                    return
                yield hits
                after = hits[-1]["sort"]
        finally:
            self._client.options(ignore_status=404).close_point_in_time(id=pit)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except AuthenticationException as error:
            raise SearchIndexError(f"Elasticsearch at {self._url} refuses the user or key: check the settings") from error
        except ConnectionTimeout as error:
            raise SearchIndexError(f"Elasticsearch at {self._url} did not answer within {_SECONDS} s: try again later") from error
        except ApiError as error:
            raise SearchIndexError(f"Elasticsearch at {self._url} answered {error.status_code}: {error}") from error
        except SerializationError as error:
            raise SearchIndexError(f"what answers at {self._url} is no Elasticsearch: {error}") from error
        except TransportError as error:
            raise SearchIndexError(f"Elasticsearch at {self._url} cannot be reached ({error.message}): is it running?") from error


def _reason(outcome: Mapping[str, Any]) -> str:
    error = outcome.get("error") or outcome.get("exception") or outcome.get("status")
    if isinstance(error, Mapping):
        cause = error.get("caused_by", {}).get("reason")
        return f"{error.get('type')}: {error.get('reason')}" + (f": {cause}" if cause else "")
    return str(error)
