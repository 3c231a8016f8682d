"""Replay: the whole index again from what is kept, without the network: pages from the archive, ids and outcomes from the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from extractors.errors import ArchiveError, OutletError
from extractors.records import Outlet, ReportOfArticle, report_id
from flows.articles import resolve_new_events
from flows.extraction import Extracted, ExtractionJob, Failed
from flows.ledger.versions import KeptVersion, ReadAgain
from flows.running import running
from flows.settings import Settings
from flows.summary import Progress, Silent
from flows.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """`articles`, `reports`, `events` are in the index now. `lost` counts articles that gave no text any more, by reason: quarantined."""

    articles: int
    reports: int
    events: int
    lost: Mapping[str, int]


def rebuild_index(settings: Settings, outlets: Mapping[str, Outlet], *, progress: Progress | None = None) -> ReplaySummary:
    """Read, extract and tag the newest page of every article again, and make a new index of them and their events.

    The ledger's reports are replaced by those found now; events keep their ids. An embedded index stays as it is until the new one is
    whole. May be killed and run again. Raises OutletError when the ledger has articles of an outlet that is not in `outlets`, LedgerError
    while another run is at work, ArchiveError when a segment is missing, SearchIndexError when the index cannot be written.
    """
    from mappings import rebuilt_index

    with Workspace(settings, outlets, progress or Silent()) as work, running(work, "rebuild", alone=True) as run_id:
        unknown = [name for name in work.ledger.versions.outlets() if name not in outlets]
        if unknown:
            raise OutletError(
                f"the ledger has articles of {', '.join(unknown)}, which no outlet file describes: put their files back, "
                "or name their folder in KEOSON_OUTLET_FOLDERS"
            )
        missing = [name for name in work.ledger.versions.segments() if not (settings.archive_folder / name).is_file()]
        if missing:
            raise ArchiveError(
                f"{settings.archive_folder} lacks {', '.join(missing)}: restore what is missing; the index is left as it was"
            )
        with rebuilt_index(**settings.index_location) as index:
            work.index = index
            lost = _replay_articles(work)
            resolve_new_events(work, run_id)
            index.refresh()
            summary = ReplaySummary(index.count("articles"), index.count("reports"), index.count("events"), lost)
        work.ledger.runs.end(run_id, "completed", None)
        return summary


def _replay_articles(work: Workspace) -> dict[str, int]:
    lost: dict[str, int] = {}
    total = work.ledger.versions.count()
    with _stage(work, total):
        for batch in work.ledger.versions.newest(work.settings.batch_size):
            for _, reason, _ in _replay_batch(work, batch):
                lost[reason] = lost.get(reason, 0) + 1
            work.progress.advanced("articles", len(batch))
    return dict(sorted(lost.items()))


@contextmanager
def _stage(work: Workspace, total: int) -> Iterator[None]:
    work.progress.started("articles", total)
    try:
        yield
    finally:
        work.progress.ended("articles")


def _replay_batch(work: Workspace, batch: Sequence[KeptVersion]) -> list[tuple[KeptVersion, str, str]]:
    """Index a batch and put it into the ledger. Returns what gave no article."""
    jobs = (ExtractionJob(one.ref, work.outlets[one.outlet_id].id, one.entry) for one in batch)
    found: list[ReadAgain] = []
    lost: list[tuple[KeptVersion, str, str]] = []
    articles: list[dict[str, Any]] = []
    reports: list[dict[str, Any]] = []
    for version, result in zip(batch, work.pool.run(jobs), strict=True):
        if isinstance(result, Failed):
            lost.append((version, result.reason, result.message))
            continue
        item, document, its_reports = _documents(work, version, result)
        found.append(item)
        articles.append(document)
        reports += its_reports
    if articles:
        work.index.upsert("articles", articles)
    if reports:
        work.index.upsert("reports", reports)
    work.ledger.versions.record_read_again(found, lost)
    return lost


def _documents(work: Workspace, version: KeptVersion, result: Extracted) -> tuple[ReadAgain, dict[str, Any], list[dict[str, Any]]]:
    from mappings.documents import article_document, report_documents

    # An id is given once: it does not follow a page that now names another address as its own.
    article, tags, outlet = replace(result.article, id=version.article_id), result.tags, work.outlets[version.outlet_id]
    published = article.published.value if article.published else None
    reports = tuple(ReportOfArticle(report_id(article.id, report), article.id, outlet.id, published, report) for report in tags.reports)
    told: dict[str, Any] = {"fetched_at": version.fetched_at, "version": version.number, "feed_id": version.feed_id}
    document = article_document(article, tags, outlet, work.gazetteer, **told)
    its_reports = report_documents(article, tags, outlet, work.gazetteer, **told)
    return ReadAgain(version, article.content_hash, article.title, reports), document, its_reports
