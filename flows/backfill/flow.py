"""The Prefect flow `backfill`: the steps of `flows.backfill.steps` as tasks. It is deployed without a schedule; `submit` starts it."""

from __future__ import annotations

from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from extractors.errors import LedgerError, SettingsError
from extractors.outlets import load_outlets
from flows.articles import index_entries, resolve_new_events
from flows.backfill import steps
from flows.backfill.plan import PLAN, BackfillPlan
from flows.backfill.streaming import reading_ahead
from flows.backfill.summary import BACKFILL_SUMMARY, BackfillSummary, Unwatched
from flows.backfill.warcs import WarcIntake
from flows.ingest import exit_on_sigterm
from flows.ledger.backfill_rows import BackfillJob
from flows.pipeline import choose_outlets, finish_run
from flows.retention import prune_after_run
from flows.running import running
from flows.settings import Settings
from flows.workspace import Workspace

ARTIFACT = "backfill-summary"
DEPLOYMENT = "backfill/backfill"
# One workspace and plan per run of this process, found by run id: connections cannot be parameters of a task.
_RUNS: dict[int, tuple[Workspace, BackfillPlan, BackfillJob]] = {}


@task(task_run_name="find candidates", cache_policy=NO_CACHE, persist_result=False, retries=1, retry_delay_seconds=10)
def find_candidates(run_id: int) -> None:
    """Look through sitemaps, listings or lists."""
    work, plan, job = _RUNS[run_id]
    steps.find_candidates(work, run_id, job, plan, Unwatched())


@task(cache_policy=NO_CACHE, persist_result=False, retries=1)
def fetch_and_index(run_id: int, entry_ids: list[int]) -> list[str]:
    """Fetch and index a batch. The outlets of which nothing could be settled."""
    return sorted(steps.fetch_and_index(_RUNS[run_id][0], run_id, entry_ids))


@task(cache_policy=NO_CACHE, persist_result=False, retries=1, retry_delay_seconds=10)
def index_batch(run_id: int, entry_ids: list[int]) -> None:
    """Extract, tag and index entries whose pages are in the archive."""
    index_entries(_RUNS[run_id][0], run_id, entry_ids)


@task(task_run_name="resolve events", cache_policy=NO_CACHE, persist_result=False, retries=1, retry_delay_seconds=10)
def resolve_events(run_id: int) -> None:
    """Resolve what is new into events."""
    resolve_new_events(_RUNS[run_id][0], run_id)


@flow(name="backfill", persist_result=False)
def backfill(plan: dict[str, Any], dry_run: bool = False) -> dict[str, object]:
    """Bring the articles of a plan (`flows.backfill.plan.BackfillPlan` as plain values) into the index, or find out which these are.

    Settings come from the worker's environment, and the plan's files are read there. Returns the BackfillSummary as plain values.
    """
    exit_on_sigterm()
    settings, wanted = Settings.load(), PLAN.validate_python(plan)
    chosen = choose_outlets(load_outlets(*settings.outlet_sources), wanted.outlets)
    with Workspace(settings, chosen) as work:
        if dry_run and wanted.source == "warc":
            return _told(steps.count_files(work, wanted, Unwatched()))
        with running(work, "backfill") as run_id:
            job = steps.begin(work, run_id, wanted)
            _RUNS[run_id] = work, wanted, job
            try:
                summary = _steps(work, run_id, wanted, job, dry_run)
            finally:
                del _RUNS[run_id]
        prune_after_run(work)
    return _told(summary)


def _steps(work: Workspace, run_id: int, plan: BackfillPlan, job: BackfillJob, dry_run: bool) -> BackfillSummary:
    book = work.ledger.backfills
    find_candidates(run_id)
    if dry_run:
        summary = steps.stand(work, job, plan, dry_run=True)
        book.end(job.id, "planned" if job.state == "planned" else "working")
        work.ledger.runs.end(run_id, "completed", None)
        return summary
    left_over = book.take_left_over(run_id, work.outlets, with_page=plan.source == "warc")
    if left_over:
        fetch_and_index(run_id, left_over)
    intake = None
    if plan.source == "warc":
        intake = WarcIntake(work, run_id, job, plan, Unwatched())
        with reading_ahead(intake.batches(), 1) as batches:
            for ids in batches:
                index_batch(run_id, ids)
    else:
        set_aside: set[str] = set()
        while ids := steps.take_batch(work, run_id, job, set_aside):
            set_aside |= set(fetch_and_index(run_id, ids))
    resolve_events(run_id)
    summary = steps.stand(work, job, plan, dry_run=False, intake=intake, run=finish_run(work, run_id))
    book.end(job.id, "completed" if summary.complete else "working")
    return summary


def _told(summary: BackfillSummary) -> dict[str, object]:
    create_markdown_artifact(key=ARTIFACT, markdown=describe(summary), description="What the backfill did, and whether its counts add up")
    if not summary.counts_add_up:
        raise LedgerError(f"the counts of backfill {summary.backfill_id} do not add up: see `keoson status`")
    plain: dict[str, object] = BACKFILL_SUMMARY.dump_python(summary, mode="json")
    return plain


def describe(summary: BackfillSummary) -> str:
    """The summary as Markdown: totals, then a line per outlet and month."""
    totals = {"found": summary.found, "known before": summary.known, "taken in": summary.taken, "left": summary.waiting, **summary.counts}
    lines = [f"# Backfill {summary.backfill_id}", "", "| what | articles |", "|---|---|"]
    lines += [f"| {name} | {count} |" for name, count in totals.items()]
    lines += ["", f"Counts add up: {'yes' if summary.counts_add_up else '**no**'}; complete: {'yes' if summary.complete else 'no'}", ""]
    lines += ["| outlet | month | found | known | left |", "|---|---|---|---|---|"]
    lines += [f"| {one.outlet_id} | {one.month or 'no date'} | {one.found} | {one.known} | {one.waiting} |" for one in summary.months]
    lines += ["", *(f"- not read: {error}" for _, error in summary.failures), *(f"- damaged: {fault}" for fault in summary.faults)]
    return "\n".join(lines)


def submit(plan: BackfillPlan, *, dry_run: bool) -> str:
    """Ask the server of PREFECT_API_URL to run the deployed flow, and return the name of the flow run. Raises SettingsError when it is not deployed."""
    from prefect.deployments import run_deployment
    from prefect.exceptions import ObjectNotFound

    try:
        run: Any = run_deployment(DEPLOYMENT, parameters={"plan": PLAN.dump_python(plan, mode="json"), "dry_run": dry_run}, timeout=0)
    except ObjectNotFound as error:
        raise SettingsError(f"the server has no deployment {DEPLOYMENT}: run `prefect deploy --all` in Keoson's folder first") from error
    return str(run.name)
