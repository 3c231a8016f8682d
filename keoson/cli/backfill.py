"""`keoson backfill`: the past, from sitemaps, listings, lists of addresses and WARC files."""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractors.errors import InputError
from keoson.cli.options import Json, load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extractors.records import Outlet
    from flows.backfill.plan import BackfillPlan
    from flows.backfill.summary import BackfillSummary
    from flows.settings import Settings

_STOPPED = 130  # what a shell makes of Ctrl-C


def backfill_command(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="WARC files, or lists of addresses (CSV, NDJSON); - is standard input.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="From this day, month or year on: YYYY[-MM[-DD]].")] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="Up to and with this day, month or year; today if not given.")
    ] = None,
    outlet: Annotated[
        list[str] | None, typer.Option("--outlet", metavar="ID", help="Only these outlets (see: keoson outlets). May be repeated.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="SOURCE", help="sitemap, listing, urls or warc. Without it: what the files are, else sitemap."),
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option("--language", metavar="CODE", help="Only pages of WARC files in this language: vi, lo, en …")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be fetched, and how long that would take.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the last backfill that was not finished.")] = False,
    prefect: Annotated[bool, typer.Option("--prefect", help="Submit it to Prefect instead (PREFECT_API_URL) and return.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch articles of the past, tag them and put them into the index. May run beside keoson ingest.

    sitemap and listing ask the outlets themselves, at the pace that politeness sets, and look only where articles of the range can be.
    urls takes addresses from files: a CSV with a column url and perhaps date and title, NDJSON, or one address a line. warc takes pages
    from WARC files, such as Keoson's archive or segments of Common Crawl News, plain or gzip; nothing is fetched.

    Ctrl-C stops it; the same command, or --resume, goes on where it was.

    Example:

    $ keoson backfill --since 2024-11 --until 2024-12 --outlet baoquangnam --dry-run
    """
    settings = load_settings()
    from extractors.outlets import load_outlets

    outlets = load_outlets(*settings.outlet_sources)
    if resume:
        if any((files, since, until, outlet, source, language)):
            raise InputError("--resume goes on with the last backfill as it was: leave out everything else, or give the same command again")
        plan = _unfinished(settings)
    else:
        plan = _plan(outlets, files, since, until, outlet, source, language)
    if prefect:
        _submit(plan, dry_run)
        return
    try:
        summary = _run(settings, outlets, plan, dry_run=dry_run, quiet=as_json)
    except KeyboardInterrupt:
        print("keoson: stopped; what was fetched is kept. Go on with: keoson backfill --resume", file=sys.stderr)
        raise typer.Exit(_STOPPED) from None
    if as_json:
        print(json.dumps(summary_json(summary), ensure_ascii=False))
    else:
        from keoson.backfill_screen import show_backfill

        show_backfill(summary)
    if not summary.counts_add_up:
        print("keoson: the counts do not add up: see keoson status", file=sys.stderr)
        raise typer.Exit(1)
    if summary.failures and not summary.found:
        print(f"keoson: nothing could be read: {summary.failures[0][1]}", file=sys.stderr)
        raise typer.Exit(1)


def summary_json(summary: BackfillSummary) -> dict[str, Any]:
    """A backfill's summary as one JSON object."""
    from flows.backfill.summary import BACKFILL_SUMMARY

    return {**BACKFILL_SUMMARY.dump_python(summary, mode="json"), "counts_add_up": summary.counts_add_up}


def _plan(
    outlets: Mapping[str, Outlet],
    files: list[Path] | None,
    since: str | None,
    until: str | None,
    outlet: list[str] | None,
    source: str | None,
    language: list[str] | None,
) -> BackfillPlan:
    from flows.backfill.plan import make_plan
    from flows.pipeline import choose_outlets

    chosen = choose_outlets(outlets, outlet)
    today = datetime.now().astimezone().date()
    return make_plan(chosen, source=source, since=since, until=until, files=files or (), languages=language or (), today=today)


def _unfinished(settings: Settings) -> BackfillPlan:
    from flows.backfill.plan import PLAN
    from flows.ledger import Ledger

    with Ledger(settings.ledger_address) as ledger:
        jobs = ledger.backfills.unfinished()
    if not jobs:
        raise InputError("no backfill is unfinished: begin one with keoson backfill --since DATE")
    return PLAN.validate_json(jobs[0].plan)


def _run(settings: Settings, outlets: Mapping[str, Outlet], plan: BackfillPlan, *, dry_run: bool, quiet: bool) -> BackfillSummary:
    from flows.backfill.composition import backfill
    from keoson.backfill_screen import BackfillBars

    # SIGTERM ends the run the way Ctrl-C does: workers are stopped, the ledger says that the run was interrupted.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if quiet:
        return backfill(settings, outlets, plan, dry_run=dry_run)
    with BackfillBars() as bars:
        return backfill(settings, outlets, plan, dry_run=dry_run, progress=bars)


def _submit(plan: BackfillPlan, dry_run: bool) -> None:
    if not os.environ.get("PREFECT_API_URL"):
        raise InputError("--prefect needs PREFECT_API_URL, the address of a Prefect server where keoson is deployed (prefect deploy --all)")
    from flows.backfill.flow import submit

    print(f"submitted as flow run {submit(plan, dry_run=dry_run)}")
