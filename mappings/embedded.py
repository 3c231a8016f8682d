"""The embedded backend: tantivy indexes in a folder, nothing to install or start.

    <home>/index/schema.json     the version of the field tables that it was made with
    <home>/index/<kind>/         one tantivy index per kind of document

There is one writer at a time, held only while a batch is written; a second one waits for it and says so. Readers never wait. A process that
is killed loses its last uncommitted batch and nothing else.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Order
from tantivy import Query as Clause

from extractors.errors import SearchIndexError
from mappings.aliases import load_aliases
from mappings.embedded_search import by_date, by_relevance, clause_of, document_of, facets_of, schema_of, source_of
from mappings.fields import KINDS, Kind, schema_version
from mappings.prepare import prepare
from mappings.query import build_query
from mappings.request import SearchRequest, SearchResult

_log = logging.getLogger("keoson.index")

# One thread and 50 MB: a batch of articles is small, and memory is what a small machine lacks. tantivy refuses less than 15 MB.
_HEAP = 50_000_000
_STAMP = "schema.json"
_REMEDY = "make it again from the archive with `keoson index rebuild`"


class EmbeddedIndex:
    """`Index` over tantivy. `wait_seconds`: how long to wait for another writer before giving up."""

    def __init__(self, folder: Path, *, wait_seconds: float = 60.0) -> None:
        self._folder = folder
        self._wait_seconds = wait_seconds
        self._opened: dict[Kind, tantivy.Index] = {}
        self._seen: dict[Kind, tuple[int, int]] = {}
        self._lock = threading.RLock()

    def ensure(self) -> None:
        """Create the indexes beside their place and move them there whole, so that a killed start leaves nothing half-made."""
        with self._lock:
            if self._folder.exists() and any(self._folder.iterdir()):
                for kind in KINDS:
                    self._open(kind)
                return
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._folder.parent / f"{self._folder.name}.new-{os.getpid()}"
            shutil.rmtree(fresh, ignore_errors=True)
            with self._named_errors():
                try:
                    for kind in KINDS:
                        (fresh / kind).mkdir(parents=True)
                        tantivy.Index(schema_of(kind), path=str(fresh / kind))
                    (fresh / _STAMP).write_text(json.dumps({"schema": schema_version()}) + "\n", encoding="utf-8")
                    try:
                        fresh.rename(self._folder)
                    except OSError:
                        # Another process was first: its index is as good, if it opens.
                        for kind in KINDS:
                            self._open(kind)
                finally:  # also when the disk is full
                    shutil.rmtree(fresh, ignore_errors=True)

    def upsert(self, kind: Kind, docs: Iterable[Mapping[str, Any]]) -> int:
        """Write documents in one commit: all of them or none."""
        prepared = [prepare(kind, document) for document in docs]
        if not prepared:
            return 0

        def write(writer: tantivy.IndexWriter) -> None:
            schema = self._open(kind).schema
            for one in prepared:
                writer.delete_documents_by_term("id", one.id)
                writer.add_document(document_of(schema, kind, one))

        self._write(kind, write)
        return len({one.id for one in prepared})

    def delete(self, kind: Kind, ids: Iterable[str]) -> int:
        """Delete by id in one commit."""
        existing = [id for id in dict.fromkeys(ids) if self.get(kind, id) is not None]
        if existing:
            self._write(kind, lambda writer: [writer.delete_documents_by_term("id", id) for id in existing])
        return len(existing)

    def delete_missing_reports(self, article_id: str, keep_ids: Sequence[str]) -> int:
        """Delete the reports of `article_id` that are not in `keep_ids`."""
        with self._named_errors():
            index, searcher = self._searcher("reports")
            of_article = Clause.term_query(index.schema, "article_id", article_id)
            found = searcher.search(of_article, max(1, searcher.num_docs)).hits
            ids = [source_of(searcher, address)["id"] for _, address in found]
        return self.delete("reports", [id for id in ids if id not in set(keep_ids)])

    def refresh(self) -> None:
        """Nothing to do: a commit is visible at once."""

    def get(self, kind: Kind, id: str) -> dict[str, Any] | None:
        """The document with this id, or None."""
        with self._named_errors():
            index, searcher = self._searcher(kind)
            hits = searcher.search(Clause.term_query(index.schema, "id", id), 1).hits
            return source_of(searcher, hits[0][1]) if hits else None

    def ids_with_prefix(self, kind: Kind, prefix: str) -> list[str]:
        """The first ten ids that begin with `prefix`, sorted."""
        with self._named_errors():
            index, searcher = self._searcher(kind)
            # Each character in hexadecimal: which ones may be escaped by a backslash differs between regular expression engines.
            pattern = "".join(f"\\x{{{ord(char):x}}}" for char in prefix) + ".*"
            found = searcher.search(Clause.regex_query(index.schema, "id", pattern), 10, order_by_field="id", order=Order.Asc).hits
            return [source_of(searcher, address)["id"] for _, address in found]

    def count(self, kind: Kind) -> int:
        """How many documents there are."""
        with self._named_errors():
            return int(self._searcher(kind)[1].num_docs)

    def export(self, kind: Kind) -> Iterator[dict[str, Any]]:
        """Every document of the last commit, by rising id."""
        with self._named_errors():
            _, searcher = self._searcher(kind)
            found = searcher.search(Clause.all_query(), max(1, searcher.num_docs), order_by_field="id", order=Order.Asc).hits
        for _, address in found:
            with self._named_errors():
                document = source_of(searcher, address)
            yield document

    def search(self, request: SearchRequest) -> SearchResult:
        """Search the last commit."""
        query = build_query(request.text, load_aliases())
        with self._named_errors():
            index, searcher = self._searcher(request.kind)
            clause = clause_of(index.schema, request, query)
            total: int = searcher.search(clause, 1).count  # type: ignore[attr-defined]  # its stub forgets the count
            if request.sort == "date" or not query.must:
                hits = by_date(searcher, clause, request, query)
            else:
                hits = by_relevance(searcher, clause, request, query)
            return SearchResult(total, hits, facets_of(searcher, clause, request))

    def close(self) -> None:
        """Forget the opened indexes."""
        with self._lock:
            self._opened.clear()
            self._seen.clear()

    def _open(self, kind: Kind) -> tantivy.Index:
        if kind in self._opened:
            return self._opened[kind]
        stamp = self._folder / _STAMP
        if not self._folder.exists() or not any(self._folder.iterdir()):
            raise SearchIndexError(f"there is no index in {self._folder}: run `keoson ingest` or `keoson index init` first")
        try:
            version = json.loads(stamp.read_text(encoding="utf-8"))["schema"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SearchIndexError(f"the index in {self._folder} is incomplete ({stamp.name}: {error}): {_REMEDY}") from error
        if version != schema_version():
            raise SearchIndexError(
                f"the index in {self._folder} was made by another version ({version}, now {schema_version()}): {_REMEDY}"
            )
        with self._named_errors():
            index = tantivy.Index.open(str(self._folder / kind))
            index.register_tokenizer("words", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
        self._opened[kind] = index
        return index

    def _searcher(self, kind: Kind) -> tuple[tantivy.Index, tantivy.Searcher]:
        """The index and a view of its last commit, by whichever process it was made."""
        with self._lock:
            index = self._open(kind)
            status = (self._folder / kind / "meta.json").stat()
            seen = (status.st_mtime_ns, status.st_size)
            if self._seen.get(kind) != seen:
                index.reload()
                self._seen[kind] = seen
            return index, index.searcher()

    def _write(self, kind: Kind, change: Callable[[tantivy.IndexWriter], object]) -> None:
        with self._lock, self._named_errors():
            index = self._open(kind)
            writer = self._wait_for_writer(kind, index)
            try:
                change(writer)
                writer.commit()
            except BaseException:
                writer.rollback()
                raise
            finally:
                # Merges started by the commit would be thrown away with the writer; it is what frees the lock, too.
                writer.wait_merging_threads()
            index.reload()
            self._seen.pop(kind, None)

    def _wait_for_writer(self, kind: Kind, index: tantivy.Index) -> tantivy.IndexWriter:
        deadline = time.monotonic() + self._wait_seconds
        told = False
        while True:
            try:
                return index.writer(heap_size=_HEAP, num_threads=1)
            except ValueError as error:
                if "LockBusy" not in str(error):
                    raise
                if time.monotonic() >= deadline:
                    raise SearchIndexError(
                        f"another process has been writing to {self._folder / kind} for {self._wait_seconds:.0f} s: "
                        "try again when it is done"
                    ) from error
            if not told:
                _log.warning("waiting up to %.0f s: another process is writing to %s", self._wait_seconds, self._folder / kind)
                told = True
            time.sleep(0.1)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """tantivy raises ValueError and OSError for damaged or missing files: say which folder and what to do."""
        try:
            yield
        except BaseException as error:
            # A file that was overwritten makes tantivy panic; its exception is a BaseException that no module offers for import.
            if not isinstance(error, ValueError | OSError) and type(error).__name__ != "PanicException":
                raise
            raise SearchIndexError(f"the index in {self._folder} cannot be used ({error}): {_REMEDY}") from error


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, which takes its place when the block ends without an error; otherwise it is removed.

    What stood there before is removed if it was a usable index, else kept as `<name>.old-<time>`.
    """
    fresh = folder.with_name(f"{folder.name}.rebuilt-{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        yield fresh
        old = folder.with_name(f"{folder.name}.old-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        usable = _is_usable(folder)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if usable:
        shutil.rmtree(old)


def _is_usable(folder: Path) -> bool:
    index = EmbeddedIndex(folder)
    try:
        for kind in KINDS:
            index.count(kind)
    except SearchIndexError:
        return False
    return True
