"""Pages a second of the pipeline from stored pages, against trafilatura alone on the same pages and cores."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from benchmarks.pages import make_pages, press_outlets
from extractors.addresses import article_id
from extractors.records import Entry, Outlet, Page
from flows import articles
from flows.ledger import Poll
from flows.settings import Settings
from flows.validators import Validators
from flows.workspace import Workspace

# Smaller than the usual 100, so that a short measurement has several batches, as a real run does.
_BATCH = 30


@dataclass(frozen=True)
class Pair:
    """Pages a second of both, measured one after the other."""

    pipeline: float
    bare: float

    @property
    def ratio(self) -> float:
        """The pipeline's share of what trafilatura alone does."""
        return self.pipeline / self.bare


def bare_extraction(body: bytes) -> bool:
    """What the pipeline cannot do without: trafilatura on one page."""
    from trafilatura import bare_extraction as extract

    return extract(body, fast=True, with_metadata=True) is not None


def warm_bare(_: int) -> None:
    """Import trafilatura in a worker."""
    bare_extraction(b"<html><body><article><p>Xin ch\xc3\xa0o.</p></article></body></html>")
    time.sleep(0.2)  # so that every worker gets one of these


def measure(pages: int, pairs: int) -> tuple[list[Pair], float]:
    """`pairs` measurements after one that is not counted, and the size of a page in KB (mean)."""
    made = make_pages(pages)
    workers = os.cpu_count() or 1
    found: list[Pair] = []
    with tempfile.TemporaryDirectory() as folder, Runs(Path(folder), made, workers) as runs, _bare_pool(workers) as bare:
        list(bare.map(warm_bare, range(workers * 2)))
        for number in range(pairs + 1):
            pair = Pair(pages / runs.once(), pages / _once_bare(bare, [page.body for _, page in made]))
            if number:
                found.append(pair)
    return found, statistics.fmean(len(page.body) for _, page in made) / 1000


def _bare_pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def _once_bare(pool: ProcessPoolExecutor, bodies: Sequence[bytes]) -> float:
    began = time.perf_counter()
    # It gives nothing for a few pages with little text, after the same work.
    list(pool.map(bare_extraction, bodies, chunksize=8))
    return time.perf_counter() - began


class Runs:
    """The pipeline on the same archive again and again, each time into an empty ledger and index, with workers that stay warm."""

    def __init__(self, folder: Path, made: Sequence[tuple[Outlet, Page]], workers: int) -> None:
        self._folder = folder
        self._made = made
        self._outlets = press_outlets()
        self._number = 0
        self._settings = Settings.load(home=folder / "first", extraction_workers=workers, batch_size=_BATCH)
        self._first = Workspace(self._settings, self._outlets)

    def __enter__(self) -> Runs:
        self._first.__enter__()
        with_archive = self._first.archive
        self._refs = [with_archive.append(page) for _, page in self._made]
        return self

    def __exit__(self, *_: object) -> None:
        self._first.__exit__()

    def once(self) -> float:
        """Seconds for extracting, tagging and indexing all pages and resolving their events. Setting up the ledger is not counted."""
        self._number += 1
        home = self._folder / f"home{self._number}"
        settings = self._settings.model_copy(update={"home": home})
        with Workspace(settings, self._outlets) as work:
            # One archive and one pool for all runs: reading pages is measured, writing them and starting processes is not.
            (home / "archive").symlink_to(self._settings.archive_folder)
            work.pool = self._first.pool
            run_id = work.ledger.runs.start()
            self._register(work, run_id)
            entry_ids = work.ledger.take_work(run_id, self._outlets)
            for row in work.ledger.rows(entry_ids):
                place = self._places[row.article_id]
                work.ledger.record_page(row.id, self._refs[place], self._made[place][1].fetched_at)
            work.index.count("articles")
            began = time.perf_counter()
            articles.index_entries(work, run_id, entry_ids)
            articles.resolve_new_events(work, run_id)
            spent = time.perf_counter() - began
            if work.index.count("articles") != len(self._made):
                raise AssertionError(f"{len(self._made)} pages gave {work.index.count('articles')} articles")
            return spent

    def _register(self, work: Workspace, run_id: int) -> None:
        self._places = {article_id(page.url): place for place, (_, page) in enumerate(self._made)}
        polls = []
        for outlet in self._outlets.values():
            feed = outlet.feeds[0]
            entries = tuple(
                Entry(feed.id, page.url, f"Bài {number}", published=datetime(2026, 10, 1, tzinfo=UTC))
                for number, (owner, page) in enumerate(self._made)
                if owner.id == outlet.id
            )
            polls.append(Poll(feed, "ok", entries, Validators(), None))
        work.ledger.feeds.register_polls(run_id, polls, self._outlets)


def shares(count: int) -> dict[str, float]:
    """Seconds for `count` pages by step, in this process alone: reading and extracting, tagging, making documents, writing them."""
    from extractors.article import extract_article
    from extractors.gazetteer import load_gazetteer
    from extractors.tagging import tag_article
    from mappings import open_index
    from mappings.documents import article_document, report_documents

    made = make_pages(count)
    outlet, page = made[0]
    tag_article(extract_article(page, outlet, None))
    bare_extraction(page.body)
    gazetteer = load_gazetteer()
    spent = dict.fromkeys(("trafilatura alone", "extraction", "tagging", "documents", "index"), 0.0)
    documents, reports = [], []
    for outlet, page in made:  # step by step for each page, so that what else the machine does disturbs all steps alike
        marks = [time.perf_counter()]
        bare_extraction(page.body)
        marks.append(time.perf_counter())
        article = extract_article(page, outlet, None)
        marks.append(time.perf_counter())
        tags = tag_article(article)
        marks.append(time.perf_counter())
        documents.append(article_document(article, tags, outlet, gazetteer, fetched_at=page.fetched_at, version=1, feed_id=None))
        reports += report_documents(article, tags, outlet, gazetteer, fetched_at=page.fetched_at, version=1, feed_id=None)
        marks.append(time.perf_counter())
        for name, (before, after) in zip(spent, pairwise(marks), strict=False):
            spent[name] += after - before
    with tempfile.TemporaryDirectory() as folder:
        index = open_index(home=Path(folder))
        index.ensure()
        began = time.perf_counter()
        index.upsert("articles", documents)
        index.upsert("reports", reports)
        spent["index"] = time.perf_counter() - began
        index.close()
    return spent
