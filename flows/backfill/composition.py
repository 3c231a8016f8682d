"""`backfill`: the steps in their order. Nothing here knows of Prefect; `flows.backfill.flow` runs the same steps as tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from extractors.errors import InputError
from extractors.records import Outlet
from flows.articles import resolve_new_events
from flows.backfill import steps
from flows.backfill.plan import BackfillPlan
from flows.backfill.streaming import index_rows, reading_ahead
from flows.backfill.summary import BackfillProgress, BackfillSummary, Unwatched
from flows.backfill.warcs import WarcIntake
from flows.clock import SYSTEM_CLOCK, Clock
from flows.ledger import EntryRow
from flows.ledger.backfill_rows import BackfillJob
from flows.pipeline import choose_outlets, finish_run
from flows.retention import prune_after_run
from flows.running import running
from flows.settings import Settings
from flows.workspace import Workspace

# Batches of a WARC file that wait, archived and registered, for the extraction.
_AHEAD = 2


def backfill(
    settings: Settings,
    outlets: Mapping[str, Outlet],
    plan: BackfillPlan,
    *,
    dry_run: bool = False,
    progress: BackfillProgress | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> BackfillSummary:
    """Bring the articles of a plan into the index, or with `dry_run` only find out which these are.

    May run beside others, be killed at any point, and be called again with the same plan: it goes on with what is left. What a dry run has
    found out is kept for a day, so that the backfill after it need not look again. Raises OutletError for an unknown outlet, LedgerError
    while the same backfill or a rebuild is at work, InputError for a list without addresses, SearchIndexError when the index cannot be
    written.
    """
    watch = progress or Unwatched()
    chosen = choose_outlets(outlets, plan.outlets)
    with Workspace(settings, chosen, clock=clock) as work:
        if dry_run and plan.source == "warc":
            return steps.count_files(work, plan, watch)
        with running(work, "backfill") as run_id:
            summary = _backfill(work, run_id, plan, dry_run, watch)
        prune_after_run(work)
        return summary


def _backfill(work: Workspace, run_id: int, plan: BackfillPlan, dry_run: bool, progress: BackfillProgress) -> BackfillSummary:
    job = steps.begin(work, run_id, plan)
    try:
        steps.find_candidates(work, run_id, job, plan, progress)
    except InputError:  # a file that is no list: the same command will find it no better
        work.ledger.backfills.end(job.id, "dropped")
        raise
    if dry_run:
        summary = steps.stand(work, job, plan, dry_run=True)
        work.ledger.backfills.end(job.id, "planned" if job.state == "planned" else "working")
        work.ledger.runs.end(run_id, "completed", None)
        return summary
    intake = None
    left_over = work.ledger.backfills.take_left_over(run_id, work.outlets, with_page=plan.source == "warc")
    if left_over:
        steps.fetch_and_index(work, run_id, left_over)
    if plan.source == "warc":
        intake = WarcIntake(work, run_id, job, plan, progress)
        _read_files(work, run_id, intake, progress)
    else:
        _fetch_candidates(work, run_id, job, progress)
    progress.at("events", 0, 1)
    resolve_new_events(work, run_id)
    progress.at("events", 1, 1)
    summary = steps.stand(work, job, plan, dry_run=False, intake=intake, run=finish_run(work, run_id))
    work.ledger.backfills.end(job.id, "completed" if summary.complete else "working")
    return summary


def _fetch_candidates(work: Workspace, run_id: int, job: BackfillJob, progress: BackfillProgress) -> None:
    set_aside: set[str] = set()
    total = sum(work.ledger.backfills.waiting(job.id).values())
    progress.at("articles", 0, total)
    while ids := steps.take_batch(work, run_id, job, set_aside):
        # The rest of an outlet whose host is in trouble stays for the next run, so that an ingest does not find thousands of its pages.
        set_aside |= steps.fetch_and_index(work, run_id, ids)
        progress.at("articles", total - sum(work.ledger.backfills.waiting(job.id).values()), total)


def _read_files(work: Workspace, run_id: int, intake: WarcIntake, progress: BackfillProgress) -> None:
    done = 0

    def written(count: int) -> None:
        nonlocal done
        done += count
        progress.at("articles", done, 0)

    def rows(batches: Iterator[list[int]]) -> Iterator[EntryRow]:
        for ids in batches:
            yield from work.ledger.rows(ids)

    _ = work.archive, work.gazetteer, work.index  # opened here: threads would open them twice
    with reading_ahead(intake.batches(), _AHEAD) as batches:
        index_rows(work, run_id, rows(batches), written)
