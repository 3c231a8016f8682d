"""From archived pages to the index: extract, tag, index, resolve events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

from extractors.records import ReportOfArticle, report_id
from flows.extraction import Extracted, ExtractionJob, Failed
from flows.ledger import EntryRow, IndexedArticle
from flows.running import writing_index
from flows.summary import Stage
from flows.workspace import Workspace

T = TypeVar("T")


def index_entries(work: Workspace, run_id: int, entry_ids: Sequence[int]) -> None:
    """Extract, tag and index those of these entries whose page is in the archive."""
    rows = [row for row in work.ledger.rows(entry_ids) if row.ref is not None]
    # One batch is written while the workers are at the next: they would stand idle for a fifth of the time otherwise.
    with _stage(work, "articles", len(rows)), ThreadPoolExecutor(1, thread_name_prefix="keoson-index") as writer:
        writing: tuple[Future[None], int] | None = None
        for batch in _batches(extract_entries(work, rows), work.settings.batch_size):
            _written(work, writing)
            writing = writer.submit(index_articles, work, run_id, batch), len(batch)
        _written(work, writing)


def _written(work: Workspace, writing: tuple[Future[None], int] | None) -> None:
    """Wait until a batch is in index and ledger. Raises what writing it raised."""
    if writing is None:
        return
    done, size = writing
    done.result()
    work.progress.advanced("articles", size)


def extract_entries(work: Workspace, rows: Sequence[EntryRow]) -> Iterator[tuple[EntryRow, Extracted | Failed]]:
    """The article and tags of each entry's page, in the order of the entries."""
    if not rows:
        return
    jobs = (ExtractionJob(row.ref, work.outlets[row.outlet_id].id, row.entry) for row in rows if row.ref is not None)
    yield from zip(rows, work.pool.run(jobs), strict=True)


def index_articles(work: Workspace, run_id: int, batch: Sequence[tuple[EntryRow, Extracted | Failed]]) -> None:
    """Write a batch to the index, wait until it is committed, then settle the batch's entries in the ledger."""
    found: list[tuple[EntryRow, Extracted]] = []
    for row, result in batch:
        if isinstance(result, Extracted):
            found.append((row, _under_its_id(row, result)))
        else:
            work.ledger.settle(row.id, "rejected" if result.reason == "no_text" else "quarantined", result.reason, detail=result.message)
    with writing_index(work, run_id):
        _write_articles(work, run_id, found)


def _write_articles(work: Workspace, run_id: int, found: Sequence[tuple[EntryRow, Extracted]]) -> None:
    owners = work.ledger.owners(result.article.id for _, result in found)
    newest = work.ledger.newest_versions(result.article.id for _, result in found)
    written: list[IndexedArticle] = []
    unchanged: list[EntryRow] = []
    articles: list[dict[str, Any]] = []
    reports: list[dict[str, Any]] = []
    revised: dict[str, list[str]] = {}
    for row, result in found:
        article = result.article
        if owners.setdefault(article.id, row.id) != row.id:
            work.ledger.settle(row.id, "duplicate", duplicate_of=article.id)
            continue
        version = newest.get(article.id)
        if version is not None and version.content_hash == article.content_hash:
            unchanged.append(row)
            continue
        number = version.number + 1 if version else 1
        item, document, its_reports = _documents(work, row, result, number)
        written.append(item)
        articles.append(document)
        reports += its_reports
        if number > 1:
            revised[article.id] = [report["id"] for report in its_reports]
    if written:
        work.index.upsert("articles", articles)
        if reports:
            work.index.upsert("reports", reports)
        for article_id, kept in revised.items():
            work.index.delete_missing_reports(article_id, kept)
        work.index.refresh()
    work.ledger.record_indexed(run_id, written, unchanged)


def _under_its_id(row: EntryRow, result: Extracted) -> Extracted:
    """An article's id is given once: it does not follow a page that now names another address as its own."""
    if row.indexed_as is None or row.indexed_as == result.article.id:
        return result
    return replace(result, article=replace(result.article, id=row.indexed_as))


def _documents(
    work: Workspace, row: EntryRow, result: Extracted, number: int
) -> tuple[IndexedArticle, dict[str, Any], list[dict[str, Any]]]:
    from mappings.documents import article_document, report_documents

    if row.ref is None or row.fetched_at is None:
        raise AssertionError("only entries with an archived page are extracted")
    article, tags, outlet = result.article, result.tags, work.outlets[row.outlet_id]
    feed_id, fetched_at = row.feed_id, row.fetched_at
    published = article.published.value if article.published else None
    reports = tuple(ReportOfArticle(report_id(article.id, report), article.id, outlet.id, published, report) for report in tags.reports)
    item = IndexedArticle(row, article.id, number, article.content_hash, article.title, row.ref, fetched_at, reports)
    document = article_document(article, tags, outlet, work.gazetteer, fetched_at=fetched_at, version=number, feed_id=feed_id)
    its_reports = report_documents(article, tags, outlet, work.gazetteer, fetched_at=fetched_at, version=number, feed_id=feed_id)
    return item, document, its_reports


def resolve_new_events(work: Workspace, run_id: int) -> None:
    """Resolve the reports that are new or changed, together with those near them, and write their events to the index."""
    from extractors.resolution import resolve_events
    from mappings.documents import event_document

    book = work.ledger.events
    with writing_index(work, run_id):
        near = book.unresolved()
        with _stage(work, "events", len(near)):
            found = []
            for neighbourhood in near:
                found += resolve_events(neighbourhood.members)
                work.progress.advanced("events")
            named = book.name_events(near, found) if near else []
            stale = book.stale_events()
            if named:
                titles = work.ledger.titles(member.article_id for event in named for member in event.members)
                work.index.upsert(
                    "events", [event_document(event.id, event.event, event.members, work.gazetteer, titles=titles) for event in named]
                )
            if stale:
                work.index.delete("events", stale)
            if named or stale:
                work.index.refresh()
            book.record_resolved(near, stale)


@contextmanager
def _stage(work: Workspace, stage: Stage, total: int) -> Iterator[None]:
    work.progress.started(stage, total)
    try:
        yield
    finally:
        work.progress.ended(stage)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
