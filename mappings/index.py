"""The index behind one Protocol, and the choice of its backend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from mappings.fields import Kind
from mappings.highlight import snippet
from mappings.query import Query
from mappings.request import Hit, SearchRequest, SearchResult


class Index(Protocol):
    """Where documents are kept and searched. Every method raises SearchIndexError, with the folder or address and the remedy.

    What was written is found by `get` at once and by `search`, `count` and `export` after `refresh`.
    """

    def ensure(self) -> None:
        """Create what is missing; check that what is there was made with this version's field tables."""

    def upsert(self, kind: Kind, docs: Iterable[Mapping[str, Any]]) -> int:
        """Write documents by their ids, replacing older ones; how many were written. Of two with one id the later stays."""

    def delete(self, kind: Kind, ids: Iterable[str]) -> int:
        """Delete by id; how many of them existed."""

    def delete_missing_reports(self, article_id: str, keep_ids: Sequence[str]) -> int:
        """Delete the reports of an article that its new version no longer has; how many."""

    def refresh(self) -> None:
        """Make everything written visible to searches."""

    def get(self, kind: Kind, id: str) -> dict[str, Any] | None:
        """The document with this id, or None."""

    def ids_with_prefix(self, kind: Kind, prefix: str) -> list[str]:
        """The first ten ids that begin with `prefix`, sorted: what a shortened id may stand for."""

    def search(self, request: SearchRequest) -> SearchResult:
        """The documents that match, some of them with snippets, and the counts of the facets."""

    def export(self, kind: Kind) -> Iterator[dict[str, Any]]:
        """Every document, by rising id."""

    def count(self, kind: Kind) -> int:
        """How many documents there are."""

    def close(self) -> None:
        """Release connections and files. Closing twice does nothing."""


def open_index(
    *,
    home: Path,
    elasticsearch_url: str | None = None,
    elasticsearch_auth: tuple[str, str] | None = None,
    prefix: str = "keoson",
    elasticsearch_api_key: str | None = None,
    elasticsearch_ca: Path | None = None,
) -> Index:
    """The index at `elasticsearch_url` (indices `<prefix>-articles`, …), or without one the embedded index in `<home>/index`.

    Nothing is created or contacted yet: `ensure` does that, or the first use. `elasticsearch_auth` is user and password.
    """
    if elasticsearch_url is None:
        from mappings.embedded import EmbeddedIndex

        return EmbeddedIndex(home / "index")
    from mappings.elastic import ElasticIndex

    return ElasticIndex(elasticsearch_url, prefix=prefix, auth=elasticsearch_auth, api_key=elasticsearch_api_key, ca=elasticsearch_ca)


@contextmanager
def rebuilt_index(
    *,
    home: Path,
    elasticsearch_url: str | None = None,
    elasticsearch_auth: tuple[str, str] | None = None,
    prefix: str = "keoson",
    elasticsearch_api_key: str | None = None,
    elasticsearch_ca: Path | None = None,
) -> Iterator[Index]:
    """An empty index to fill, which is the one that `open_index` opens with the same arguments once the block has ended without an error.

    The embedded index is built beside the present one, which stays as it is until then; it is then dropped, or, if it cannot be opened
    (damaged, or of another version), kept as `index.old-<time>`. Elasticsearch's indices of this prefix are deleted and created at once.
    """
    if elasticsearch_url is None:
        from mappings.embedded import EmbeddedIndex, replaced_folder

        with replaced_folder(home / "index") as fresh:
            embedded = EmbeddedIndex(fresh)
            embedded.ensure()
            yield embedded
            embedded.close()
        return
    from mappings.elastic import ElasticIndex

    index = ElasticIndex(elasticsearch_url, prefix=prefix, auth=elasticsearch_auth, api_key=elasticsearch_api_key, ca=elasticsearch_ca)
    try:
        index.create_anew()
        yield index
    finally:
        index.close()


def make_hit(id: str, score: float, source: dict[str, Any], query: Query, *, highlight: bool) -> Hit:
    """A hit with its snippet, if one is wanted: made here, so that it does not depend on the backend."""
    marked = snippet(source.get("text", ""), source.get("title", ""), query) if highlight else ""
    return Hit(id, score, source, marked)
