"""The command line. One module a group of commands; heavy imports (prefect, trafilatura, sqlalchemy) wait until a command needs them.

Exit codes: 0 done, 1 failed, 2 wrong usage. Errors are one line on standard error that says what to do.
"""

from __future__ import annotations

import sys

import typer

from extractors.errors import InputError, KeosonError
from keoson.cli import archive, backfill, coverage, demo, index, ingest, outlets, quarantine, search, status, tag
from keoson.evaluation.command import evaluate_command

app = typer.Typer(
    name="keoson",
    help="News of cooperation events across Vietnam's borders: fetch, tag with evidence, search.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo_command)
app.command("ingest")(ingest.ingest_command)
app.command("backfill")(backfill.backfill_command)
app.command("coverage")(coverage.coverage_command)
app.command("tag")(tag.tag_command)
app.command("search")(search.search_command)
app.command("events")(search.events_command)
app.command("show")(search.show_command)
app.add_typer(outlets.app, name="outlets")
app.add_typer(index.app, name="index")
app.add_typer(archive.app, name="archive")
app.add_typer(quarantine.app, name="quarantine")
app.command("status")(status.status_command)
app.command("evaluate")(evaluate_command)


def main() -> None:
    """Run the command line and exit."""
    try:
        app()
    except KeosonError as error:
        print(f"keoson: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, InputError) else 1)
    except BrokenPipeError:  # `keoson search … | head`
        sys.stderr.close()
        sys.exit(0)
