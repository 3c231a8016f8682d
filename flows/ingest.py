"""The Prefect flow `ingest`: the steps of `flows.pipeline` as tasks, for schedules, retries and a summary to look at.

Tasks are batches and take ids only: pages and records stay in the archive and the ledger (Prefect keeps parameters, and refuses large
ones). The ledger is the truth; a task that is tried again finds there what is left of its batch.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture, wait
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from extractors.errors import FeedError, LedgerError
from extractors.outlets import load_outlets
from flows import articles, pages, pipeline, polling
from flows.retention import prune_after_run
from flows.running import running
from flows.settings import Settings
from flows.summary import SUMMARY, RunSummary
from flows.workspace import Workspace

ARTIFACT = "ingest-summary"

# Prefect types the futures of its own runner more narrowly than its flow decorator asks for.
_THREADS = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=8))
# One workspace per run of this process, found by run id: connections and locks cannot be parameters of a task.
_WORKSPACES: dict[int, Workspace] = {}


@task(task_run_name="poll feeds", cache_policy=NO_CACHE, persist_result=False)
def poll_feeds(run_id: int, all_feeds: bool) -> None:
    """Fetch, parse and register the feeds of the run's outlets: those that are due, or all that are not off."""
    polling.poll_feeds(_WORKSPACES[run_id], run_id, "on" if all_feeds else "due")


@task(cache_policy=NO_CACHE, persist_result=False, retries=1)
def fetch_batch(run_id: int, entry_ids: list[int]) -> None:
    """Fetch the pages of entries into the archive. All entries of a host are in one batch, so that hosts get one request at a time."""
    pages.fetch_entries(_WORKSPACES[run_id], run_id, entry_ids)


@task(cache_policy=NO_CACHE, persist_result=False, retries=1, retry_delay_seconds=10)
def index_batch(run_id: int, entry_ids: list[int]) -> None:
    """Extract, tag and index entries whose pages are in the archive."""
    articles.index_entries(_WORKSPACES[run_id], run_id, entry_ids)


@task(task_run_name="resolve events", cache_policy=NO_CACHE, persist_result=False, retries=1, retry_delay_seconds=10)
def resolve_events(run_id: int) -> None:
    """Resolve what is new into events."""
    articles.resolve_new_events(_WORKSPACES[run_id], run_id)


@flow(name="ingest", task_runner=_THREADS, persist_result=False)
def ingest(outlets: list[str] | None = None, limit: int | None = None, all_feeds: bool = False) -> dict[str, object]:
    """Fetch the feeds of `outlets` (ids; all when not given) that are due, or with `all_feeds` all that are not off, and bring up to
    `limit` waiting entries into the index.

    Settings come from the worker's environment. Returns the RunSummary as plain values. Fails when every feed failed, or the counts do
    not add up.
    """
    exit_on_sigterm()
    settings = Settings.load()
    chosen = pipeline.choose_outlets(load_outlets(*settings.outlet_sources), outlets)
    with Workspace(settings, chosen) as work:
        with running(work) as run_id, _known(run_id, work):
            poll_feeds(run_id, all_feeds)
            entry_ids = work.ledger.take_work(run_id, chosen, limit)
            fetching = [fetch_batch.submit(run_id, batch) for batch in host_batches(work, entry_ids)]
            wait(fetching)
            for future in fetching:
                future.result()
            for start in range(0, len(entry_ids), settings.batch_size):
                index_batch(run_id, entry_ids[start : start + settings.batch_size])
            resolve_events(run_id)
            summary = pipeline.finish_run(work, run_id)
        prune_after_run(work)
    create_markdown_artifact(key=ARTIFACT, markdown=describe(summary), description="What the run did, and whether its counts add up")
    if not summary.counts_add_up:
        raise LedgerError(f"the counts of run {run_id} do not add up: see `keoson status`")
    if summary.feeds and len(summary.failed_feeds) == len(summary.feeds):
        raise FeedError(f"all {len(summary.feeds)} feeds failed, the first with: {summary.failed_feeds[0].error}")
    plain: dict[str, object] = SUMMARY.dump_python(summary, mode="json")
    return plain


def host_batches(work: Workspace, entry_ids: Sequence[int]) -> list[list[int]]:
    """The entries in batches of about `batch_size`, all entries of a host in the same one."""
    by_host: dict[str, list[int]] = {}
    for row in work.ledger.rows(entry_ids):
        by_host.setdefault(row.host, []).append(row.id)
    batches: list[list[int]] = []
    for mine in by_host.values():
        if batches and len(batches[-1]) + len(mine) <= work.settings.batch_size:
            batches[-1] += mine
        else:
            batches.append(mine)
    return batches


def describe(summary: RunSummary) -> str:
    """The summary as Markdown: totals, then a line per feed."""
    refused = {**{f"rejected: {reason}": count for reason, count in summary.rejected.items()}}
    refused |= {f"quarantined: {reason}": count for reason, count in summary.quarantined.items()}
    totals = {
        "seen": summary.seen, "new": summary.new, "indexed": summary.indexed, "duplicate": summary.duplicate, **refused,
        "pending": summary.pending, "newly indexed": summary.newly_indexed, "events known": summary.events,
    }  # fmt: skip
    lines = [
        f"# Ingest run {summary.run_id}",
        "",
        "| what | entries |",
        "|---|---|",
        *(f"| {name} | {count} |" for name, count in totals.items()),
    ]
    lines += ["", f"Counts add up: {'yes' if summary.counts_add_up else '**no**'}", ""]
    lines += ["| feed | state | listed | new | indexed | error |", "|---|---|---|---|---|---|"]
    for feed in summary.feeds:
        error = (feed.error or "").replace("|", "\\|").replace("\n", " ")
        lines.append(f"| {feed.feed_id} | {feed.state} | {feed.listed} | {feed.new} | {feed.indexed} | {error} |")
    return "\n".join(lines)


@contextmanager
def _known(run_id: int, work: Workspace) -> Iterator[None]:
    _WORKSPACES[run_id] = work
    try:
        yield
    finally:
        del _WORKSPACES[run_id]


def exit_on_sigterm() -> None:
    """Without this, SIGTERM leaves Prefect's own server process behind. A worker of Prefect installs its own handler, which is kept."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
