"""`keoson ingest`: fetch the feeds now."""

from __future__ import annotations

import json
import signal
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractors.errors import OutletError
from keoson.cli.options import Json, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extractors.records import Outlet
    from flows.settings import Settings
    from flows.summary import RunSummary


def ingest_command(
    outlet: Annotated[
        list[str] | None,
        typer.Option("--outlet", metavar="ID", help="Only these outlets (see: keoson outlets), due or not. May be repeated."),
    ] = None,
    all_feeds: Annotated[
        bool, typer.Option("--all-feeds", help="Poll all feeds now, not only those that are due (every 10 minutes to 24 hours each).")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="At most N entries in this run; the rest stays pending.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Fetch the feeds that are due, tag what is new, and put it into the index. Several may run at once.

    A feed is polled every 10 minutes to 24 hours: more often the more new entries it shows, less often when it fails. One that answered
    410 (gone) is left alone until you name its outlet.

    Example:

    $ keoson ingest --outlet vnexpress --limit 50
    """
    settings = load_settings()
    from extractors.outlets import load_outlets
    from flows.pipeline import choose_outlets

    outlets = load_outlets(*settings.outlet_sources)
    if not any(feed.enabled for chosen in choose_outlets(outlets, outlet).values() for feed in chosen.feeds):
        raise OutletError(
            f"no feed of {', '.join(outlet or outlets)} is on: put the outlet's file with a feed that works into KEOSON_HOME/outlets"
        )
    summary = run_ingest(settings, outlets, only=outlet, limit=limit, all_feeds=all_feeds, quiet=as_json)
    if as_json:
        print(json.dumps(summary_json(summary), ensure_ascii=False))
    else:
        from keoson.screen import show_summary

        show_summary(summary)
    if summary.feeds and len(summary.failed_feeds) == len(summary.feeds):
        print("keoson: every feed failed; see the reasons above", file=sys.stderr)
        raise typer.Exit(1)


def run_ingest(
    settings: Settings,
    outlets: Mapping[str, Outlet],
    *,
    only: list[str] | None = None,
    limit: int | None = None,
    all_feeds: bool = False,
    quiet: bool = False,
) -> RunSummary:
    """Ingest with a progress bar per stage; under Prefect when PREFECT_API_URL is set (design decision 8)."""
    import os

    # SIGTERM ends the run the way Ctrl-C does: workers are stopped, the ledger says that the run was interrupted.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if os.environ.get("PREFECT_API_URL"):
        from flows.ingest import ingest as ingest_flow
        from flows.summary import SUMMARY

        # the flow reads settings and outlets itself: only references cross into Prefect
        return SUMMARY.validate_python(ingest_flow(outlets=only, limit=limit, all_feeds=all_feeds or bool(only)))
    from flows.pipeline import ingest
    from flows.summary import Silent
    from keoson.screen import ProgressBars

    if quiet:
        return ingest(settings, outlets, only=only, limit=limit, all_feeds=all_feeds, progress=Silent())
    with ProgressBars() as bars:
        return ingest(settings, outlets, only=only, limit=limit, all_feeds=all_feeds, progress=bars)


def summary_json(summary: RunSummary) -> dict[str, Any]:
    """A run's summary as one JSON object."""
    from flows.summary import SUMMARY

    return {**SUMMARY.dump_python(summary, mode="json"), "counts_add_up": summary.counts_add_up}
