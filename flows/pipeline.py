"""The pipeline: poll feeds, fetch their pages, extract, index, resolve events. Plain functions over batches; `ingest` composes them.

Each step takes what the ledger says is undone and leaves it done, so that any of them can be run again: after a crash, by a schedule, by
Prefect. Nothing here knows of Prefect; `flows.ingest` runs these functions as tasks.
"""

from __future__ import annotations

import hashlib
import queue
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlsplit

from extractors.errors import FeedError, FetchError, KeosonError, OutletError
from extractors.feeds import parse_feed
from extractors.records import Feed, Outlet, Page, ReportOfArticle, report_id
from flows.extraction import Extracted, ExtractionJob, Failed
from flows.fetch import NotModified, PageRefusedError, Validators
from flows.ledger import EntryRow, IndexedArticle, Poll
from flows.settings import Settings
from flows.summary import SUMMARY, Progress, RunSummary, Silent, Stage, summarise
from flows.workspace import Workspace

T = TypeVar("T")
V = TypeVar("V")

# The page is not there any more (or never was): nothing to try again.
_GONE = frozenset({404, 410})
# Fetched pages that wait for the archive. Each is at most `max_page_bytes`.
_WAITING_PAGES = 16
# Outlets whose ids fit into an error of one line.
_FEW_OUTLETS = 12


def ingest(
    settings: Settings,
    outlets: Mapping[str, Outlet],
    *,
    only: Sequence[str] | None = None,
    limit: int | None = None,
    progress: Progress | None = None,
) -> RunSummary:
    """Fetch the feeds of `outlets` (those in `only`, if given) and bring up to `limit` waiting entries into the index.

    May be killed at any point and run again. Raises OutletError for an unknown id, SettingsError for a home of the wrong kind,
    ArchiveError when another ingest is at work, SearchIndexError when the index cannot be written: then the pages are in the archive and
    the next run goes on from there.
    """
    chosen = choose_outlets(outlets, only)
    with Workspace(settings, chosen, progress or Silent()) as work:
        work.archive.lock()
        run_id = work.ledger.start_run()
        with ended_run(work, run_id):
            poll_feeds(work, run_id)
            entry_ids = work.ledger.take_work(run_id, chosen, limit)
            fetch_entries(work, entry_ids)
            index_entries(work, run_id, entry_ids)
            resolve_new_events(work)
        return finish_run(work, run_id)


def choose_outlets(outlets: Mapping[str, Outlet], only: Sequence[str] | None) -> dict[str, Outlet]:
    """The outlets named in `only`, or all when it names none. Raises OutletError that names the ids that come near, or all if they are few."""
    if not only:
        return dict(outlets)
    unknown = [name for name in only if name not in outlets]
    if unknown:
        if len(outlets) <= _FEW_OUTLETS:
            raise OutletError(f"no outlet is called {', '.join(unknown)}; there are: {', '.join(sorted(outlets))}")
        near = dict.fromkeys(other for name in unknown for other in get_close_matches(name, outlets))
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        raise OutletError(f"no outlet is called {', '.join(unknown)}; {meant}`keoson outlets` lists all {len(outlets)}")
    return {name: outlet for name, outlet in outlets.items() if name in only}


@contextmanager
def ended_run(work: Workspace, run_id: int) -> Iterator[None]:
    """However the steps inside end, the ledger says so (unless the process is killed: then the next run does)."""
    try:
        yield
    except KeosonError:
        work.ledger.end_run(run_id, "failed", None)
        raise
    except BaseException:  # Ctrl-C, SIGTERM, or an error of ours: told, and passed on
        work.ledger.end_run(run_id, "interrupted", None)
        raise


def finish_run(work: Workspace, run_id: int) -> RunSummary:
    """The summary of a run, kept in the ledger."""
    ledger = work.ledger
    summary = summarise(
        run_id,
        ledger.tallies(run_id),
        ledger.polled(run_id),
        ledger.counts(day=datetime.now(UTC).date().isoformat()),
        newly_indexed=ledger.newly_indexed(run_id),
        events=ledger.events.count(),
    )
    ledger.end_run(run_id, "completed", SUMMARY.dump_json(summary).decode())
    return summary


# Feeds


def poll_feeds(work: Workspace, run_id: int) -> None:
    """Fetch and parse all enabled feeds, and register their entries. A feed that fails is recorded as failed; the others go on."""
    feeds = [feed for outlet in work.outlets.values() for feed in outlet.feeds if feed.enabled]
    with _stage(work, "feeds", len(feeds)):
        polls: dict[str, Poll] = {}
        for feed, poll in _per_host(work, feeds, lambda feed: urlsplit(feed.url).hostname or "", lambda feed: poll_feed(work, feed)):
            polls[feed.id] = poll
            work.progress.advanced("feeds")
        work.ledger.register_polls(run_id, [polls[feed.id] for feed in feeds], work.outlets)


def poll_feed(work: Workspace, feed: Feed) -> Poll:
    """Fetch and parse one feed. Whatever is wrong with it is in the Poll's `error`."""
    state = work.ledger.feed_state(feed.id)
    try:
        answer = work.fetcher.fetch_page(feed.url, state.validators)
        if isinstance(answer, NotModified):
            return Poll(feed, "unchanged")
        digest = hashlib.sha256(answer.body).hexdigest()
        if digest == state.body_hash:
            return Poll(feed, "unchanged")
        headers = dict(answer.headers)
        entries = parse_feed(answer.body, feed, content_type=headers.get("content-type"), base_url=answer.final_url)
    except (FetchError, FeedError) as error:
        return Poll(feed, "failed", error=str(error))
    except Exception as error:  # noqa: BLE001  a parser may raise anything on hostile bytes, and that must cost this feed only
        return Poll(feed, "failed", error=f"{feed.url} cannot be parsed: {type(error).__name__}: {error}")
    if not entries:
        return Poll(feed, "failed", error=f"{feed.url} lists no entries: check its address and kind in the outlet's file")
    return Poll(feed, "ok", entries, Validators(headers.get("etag"), headers.get("last-modified")), digest)


# Pages


def fetch_entries(work: Workspace, entry_ids: Sequence[int]) -> None:
    """Fetch the pages of these entries that are not in the archive yet: hosts at the same time, one request at a time each."""
    rows = [row for row in work.ledger.rows(entry_ids) if row.ref is None]
    with _stage(work, "pages", len(rows)):
        for row, answer in _per_host(work, rows, lambda row: row.host, lambda row: _fetch_entry(work, row)):
            if isinstance(answer, Page):
                work.ledger.record_page(row.id, work.archive.append(answer), answer.fetched_at)
            else:
                _record_fetch_error(work, row, answer)
            work.progress.advanced("pages")


def _fetch_entry(work: Workspace, row: EntryRow) -> Page | FetchError:
    try:
        answer = work.fetcher.fetch_page(row.url, hosts=work.outlets[row.outlet_id].hosts)
    except FetchError as error:
        return error
    if isinstance(answer, NotModified):
        raise AssertionError("no validators were sent")
    return answer


def _record_fetch_error(work: Workspace, row: EntryRow, error: FetchError) -> None:
    if work.stop.is_set():  # not a failure of the page
        return
    if isinstance(error, PageRefusedError) and error.reason == "foreign_host":
        work.ledger.settle(row.id, "rejected", "foreign_host", detail=str(error))
    elif error.status in _GONE:
        work.ledger.settle(row.id, "rejected", "gone", detail=str(error))
    else:
        reason = error.reason if isinstance(error, PageRefusedError) else f"http_{error.status}" if error.status else "fetch_failed"
        final = not error.retry or row.attempts + 1 >= work.settings.entry_attempts
        work.ledger.record_failure(row.id, reason, str(error), final=final)


def _per_host(work: Workspace, items: Sequence[T], host: Callable[[T], str], visit: Callable[[T], V]) -> Iterator[tuple[T, V]]:
    """`visit` every item in threads, those of one host one after another. Results come as they are ready, in this thread."""
    by_host: dict[str, list[T]] = {}
    for item in items:
        by_host.setdefault(host(item), []).append(item)
    results: queue.Queue[tuple[T, V]] = queue.Queue(maxsize=_WAITING_PAGES)

    def visit_host(mine: list[T]) -> None:
        for item in mine:
            if work.stop.is_set():
                return
            result = (item, visit(item))
            while not work.stop.is_set():  # never waits for room that nobody will make: the run may have been stopped
                try:
                    results.put(result, timeout=0.1)
                    break
                except queue.Full:
                    continue

    count = max(1, min(work.settings.fetch_threads, len(by_host)))
    with ThreadPoolExecutor(count, thread_name_prefix="keoson-fetch") as threads:
        try:
            tasks = [threads.submit(visit_host, mine) for mine in by_host.values()]
            yield from _as_they_come(tasks, results)
        except BaseException:
            work.stop.set()  # before the executor waits for its threads
            raise


def _as_they_come(tasks: Sequence[Future[None]], results: queue.Queue[tuple[T, V]]) -> Iterator[tuple[T, V]]:
    while not all(task.done() for task in tasks) or not results.empty():
        try:
            yield results.get(timeout=0.1)
        except queue.Empty:
            continue
    for task in tasks:
        task.result()


# Articles


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
    folder = work.settings.archive_folder
    jobs = (ExtractionJob(folder, row.ref, work.outlets[row.outlet_id], row.entry) for row in rows if row.ref is not None)
    yield from zip(rows, work.pool.run(jobs), strict=True)


def index_articles(work: Workspace, run_id: int, batch: Sequence[tuple[EntryRow, Extracted | Failed]]) -> None:
    """Write a batch to the index, wait until it is committed, then settle the batch's entries in the ledger."""
    found: list[tuple[EntryRow, Extracted]] = []
    for row, result in batch:
        if isinstance(result, Extracted):
            found.append((row, result))
        else:
            work.ledger.settle(row.id, "rejected" if result.reason == "no_text" else "quarantined", result.reason, detail=result.message)
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


# Events


def resolve_new_events(work: Workspace) -> None:
    """Resolve the reports that are new or changed, together with those near them, and write their events to the index."""
    from extractors.resolution import resolve_events
    from mappings.documents import event_document

    book = work.ledger.events
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
