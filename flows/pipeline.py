"""The pipeline: poll feeds, fetch their pages, extract, index, resolve events. Plain functions over batches; `ingest` composes them.

Each step takes what the ledger says is undone and leaves it done, so that any of them can be run again: after a crash, by a schedule, by
Prefect. Nothing here knows of Prefect; `flows.ingest` runs these functions as tasks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from difflib import get_close_matches

from extractors.errors import OutletError
from extractors.records import Outlet
from flows.articles import index_entries, resolve_new_events
from flows.clock import SYSTEM_CLOCK, Clock
from flows.pages import fetch_entries
from flows.polling import Which, poll_feeds
from flows.retention import prune_after_run
from flows.running import running
from flows.settings import Settings
from flows.summary import SUMMARY, Progress, RunSummary, Silent, summarise
from flows.workspace import Workspace

# Outlets whose ids fit into an error of one line.
_FEW_OUTLETS = 12


def ingest(
    settings: Settings,
    outlets: Mapping[str, Outlet],
    *,
    only: Sequence[str] | None = None,
    limit: int | None = None,
    all_feeds: bool = False,
    progress: Progress | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> RunSummary:
    """Fetch the feeds of `outlets` that are due, and bring up to `limit` waiting entries into the index.

    With `only`, outlets are named: their feeds are polled at once, also one that was off. With `all_feeds` all are that are not off.
    May run beside others, be killed at any point, and run again. Raises OutletError for an unknown id, SettingsError for a home of the
    wrong kind, LedgerError while the index is rebuilt, SearchIndexError when the index cannot be written: then the pages are in the
    archive and the next run goes on from there.
    """
    chosen = choose_outlets(outlets, only)
    which: Which = "named" if only else "on" if all_feeds else "due"
    with Workspace(settings, chosen, progress or Silent(), clock) as work:
        return ingest_in(work, which=which, limit=limit)


def ingest_in(work: Workspace, *, which: Which = "due", limit: int | None = None) -> RunSummary:
    """`ingest` in a workspace that is open: poll, fetch, index, resolve; then old segments of the archive go, if the settings say so."""
    with running(work) as run_id:
        poll_feeds(work, run_id, which)
        entry_ids = work.ledger.take_work(run_id, work.outlets, limit)
        fetch_entries(work, run_id, entry_ids)
        index_entries(work, run_id, entry_ids)
        resolve_new_events(work, run_id)
        summary = finish_run(work, run_id)
    prune_after_run(work)
    return summary


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


def finish_run(work: Workspace, run_id: int) -> RunSummary:
    """The summary of a run, kept in the ledger."""
    ledger = work.ledger
    summary = summarise(
        run_id,
        ledger.tallies(run_id),
        ledger.feeds.polled(run_id),
        ledger.counts(day=work.clock.now().astimezone(UTC).date().isoformat()),
        newly_indexed=ledger.newly_indexed(run_id),
        events=ledger.events.count(),
        next_poll=ledger.feeds.next_poll(),
    )
    ledger.runs.end(run_id, "completed", SUMMARY.dump_json(summary).decode())
    return summary
