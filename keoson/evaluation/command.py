"""`keoson evaluate`: the command that scores the tagger on a folder of the gold set."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from keoson.evaluation.metrics import definitions

HELP = f"""Score the tagger on DIR, a part of the gold set (for example tests/gold/development).

Precision, recall and F1 are micro-averaged over all texts; a rate is hits over cases. Intervals are 95 % bootstrap intervals by text
(1,000 resamples, fixed seed). Of the test part only totals are shown.

Example:

$ keoson evaluate tests/gold/development --html report.html

METRICS

{definitions()}
"""


def evaluate_command(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder with gold.jsonl, index.jsonl and texts/.", exists=True, file_okay=False)
    ],
    errors: Annotated[bool, typer.Option("--errors", help="Show per text what was missed (-) and what was spurious (+).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object in place of tables.")] = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the error browser: one self-contained page.")] = None,
    floors: Annotated[
        Path | None,
        typer.Option("--floors", metavar="FILE", help="TOML with a table 'floors' of metric = 0.8: exit code 1 names each metric below."),
    ] = None,
    history: Annotated[
        Path | None, typer.Option("--history", metavar="FILE", help="Append date, commit and totals to this file as a Markdown row.")
    ] = None,
) -> None:
    """Score the tagger on a part of the gold set."""
    # Heavy: the gazetteer and the rules are only read when the command runs.
    from rich.console import Console

    from keoson.evaluation import report
    from keoson.evaluation.browser import browser_page
    from keoson.evaluation.evaluation import evaluate, tag_item
    from keoson.evaluation.gold import is_test_part, read_gold

    if (errors or html) and is_test_part(folder, (item.outlet for item in read_gold(folder))):
        raise report.SealedError(f"{folder}: is the test part: only its totals are shown; look at errors on development or train")
    evaluation = evaluate(folder, tag_item)
    if as_json:
        typer.echo(json.dumps(report.as_json(evaluation, errors=errors), ensure_ascii=False, indent=1))
    else:
        console = Console()
        for table in report.tables(evaluation):
            console.print(table)
        if errors:
            typer.echo("\n".join(report.error_lines(evaluation)))
    if html is not None:
        html.write_text(browser_page(evaluation), encoding="utf-8")
        typer.echo(f"error browser: {html}", err=True)
    if history is not None:
        report.append_history(
            evaluation, history, date=datetime.now(UTC).strftime("%Y-%m-%d"), commit=commit_of_tree(Path(__file__).parent)
        )
    short = report.below_floors(evaluation, floors) if floors is not None else []
    for sentence in short:
        typer.echo(sentence, err=True)
    if short:
        raise typer.Exit(1)


evaluate_command.__doc__ = HELP


def commit_of_tree(folder: Path) -> str:
    """The short commit of the checkout `folder` lies in, with `+` when files differ from it; `unknown` outside a checkout."""
    try:
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=folder, capture_output=True, text=True, check=True
        ).stdout.strip()
        changed = subprocess.run(
            ["git", "status", "--porcelain", "-uno"], cwd=folder, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}+" if changed else commit
