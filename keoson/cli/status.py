"""`keoson status`: what the last runs did, and whether the counts add up."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from keoson.cli.options import Json, load_settings


def status_command(
    runs: Annotated[int, typer.Option("--runs", min=1, max=1000, metavar="N", help="The last N runs.")] = 5,
    as_json: Json = False,
) -> None:
    """What the last runs did, and whether the ledger's counts add up.

    Exit code 1 when they do not.

    Example:

    $ keoson status --runs 3
    """
    from dataclasses import asdict

    from flows.ledger import Ledger

    settings = load_settings()
    if settings.ledger_url is None and not (settings.home / "ledger.sqlite").exists():
        print(
            json.dumps({"runs": [], "days": [], "entries": {}, "quarantined": {}, "adds_up": True})
            if as_json
            else f"nothing has run yet in {settings.home}; start with: keoson ingest"
        )
        return
    with Ledger(settings.ledger_address) as ledger:
        last, days, quarantined = ledger.runs.last(runs), ledger.counts(), ledger.quarantine.totals()
    adds_up = all(day.adds_up for day in days)
    from keoson.ledger_screen import outcomes_of, show_status

    if as_json:
        print(
            json.dumps(
                {
                    "runs": [asdict(run) | {"summary": json.loads(run.summary) if run.summary else None} for run in last],
                    "days": [{**asdict(day), "adds_up": day.adds_up} for day in days],
                    "entries": outcomes_of(days),
                    "quarantined": quarantined,
                    "adds_up": adds_up,
                },
                default=str,
            )
        )
    else:
        show_status(last, days, quarantined, adds_up)
    if not adds_up:
        raise typer.Exit(1)
