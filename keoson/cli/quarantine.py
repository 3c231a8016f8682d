"""`keoson quarantine`: the entries that could not be brought into the index, and what to do about them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractors.errors import InputError
from keoson.cli.options import Json, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.ledger import Ledger, Quarantined

app = typer.Typer(
    help="Entries that failed: kept aside with the reason, tried again by themselves after 1, 2, 4, 8 and 16 days, then only by hand.",
    no_args_is_help=True,
)

Ids = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Numbers from `keoson quarantine list`.", show_default=False)]
Outlets = Annotated[list[str] | None, typer.Option("--outlet", metavar="ID", help="Those of this outlet. May be repeated.")]
Reasons = Annotated[
    list[str] | None, typer.Option("--reason", metavar="REASON", help="Those with this reason: timeout, challenge … May be repeated.")
]
All = Annotated[bool, typer.Option("--all", help="All that are in quarantine.")]


@app.command("list")
def list_command(
    outlet: Outlets = None,
    reason: Reasons = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Show at most N.")] = 50,
    as_json: Json = False,
) -> None:
    """List what is in quarantine, oldest first, and count it by reason.

    Example:

    $ keoson quarantine list --reason timeout
    """
    with _ledger() as ledger:
        found = ledger.quarantine.find(outlets=outlet or (), reasons=reason or (), limit=limit)
        totals = ledger.quarantine.totals()
    if as_json:
        _print({"entries": [asdict(one) for one in found], "totals": totals})
        return
    from keoson.ledger_screen import show_quarantine

    show_quarantine(found, totals)


@app.command("show")
def show_command(
    ids: Annotated[list[int], typer.Argument(metavar="ID...", help="Numbers from `keoson quarantine list`.")], as_json: Json = False
) -> None:
    """Show entries with their last error.

    Example:

    $ keoson quarantine show 17
    """
    with _ledger() as ledger:
        found = _by_ids(ledger, ids)
    if as_json:
        _print([asdict(one) for one in found])
        return
    from keoson.ledger_screen import show_quarantined

    for one in found:
        show_quarantined(one)


@app.command("retry")
def retry_command(
    ids: Ids = None,
    outlet: Outlets = None,
    reason: Reasons = None,
    everything: All = False,
    fetch_again: Annotated[bool, typer.Option("--fetch-again", help="Fetch the page anew, even if it is in the archive.")] = False,
    as_json: Json = False,
) -> None:
    """Let the next ingest try entries again, as if for the first time.

    Example:

    $ keoson quarantine retry --reason tagger_failed
    """
    _ask_for_a_choice(ids, outlet, reason, everything)
    with _ledger() as ledger:
        _by_ids(ledger, ids or ())
        count = ledger.quarantine.retry(ids=ids or (), outlets=outlet or (), reasons=reason or (), fetch_again=fetch_again)
    _tell(as_json, {"retried": count}, f"{count} will be tried again by the next: keoson ingest")


@app.command("drop")
def drop_command(ids: Ids = None, outlet: Outlets = None, reason: Reasons = None, everything: All = False, as_json: Json = False) -> None:
    """Give entries up: they are counted as rejected, with the reason `dropped`, and come back only if their line in the feed changes.

    Example:

    $ keoson quarantine drop --outlet baonghean --reason too_large
    """
    _ask_for_a_choice(ids, outlet, reason, everything)
    with _ledger() as ledger:
        _by_ids(ledger, ids or ())
        count = ledger.quarantine.drop(ids=ids or (), outlets=outlet or (), reasons=reason or ())
    _tell(as_json, {"dropped": count}, f"{count} dropped")


def _ledger() -> Ledger:
    from flows.ledger import Ledger

    settings = load_settings()
    if settings.ledger_url is None and not (settings.home / "ledger.sqlite").exists():
        raise InputError(f"nothing has run yet in {settings.home}; start with: keoson ingest")
    return Ledger(settings.ledger_address)


def _by_ids(ledger: Ledger, ids: Sequence[int]) -> list[Quarantined]:
    found = ledger.quarantine.find(ids=ids) if ids else []
    missing = sorted(set(ids) - {one.id for one in found})
    if missing:
        raise InputError(f"not in quarantine: {', '.join(map(str, missing))}; see keoson quarantine list")
    return found


def _ask_for_a_choice(ids: list[int] | None, outlet: list[str] | None, reason: list[str] | None, everything: bool) -> None:
    if not (ids or outlet or reason or everything):
        raise InputError("name entries by number, --outlet or --reason, or say --all")


def _tell(as_json: bool, value: dict[str, int], line: str) -> None:
    if as_json:
        _print(value)
    else:
        print(line)


def _print(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, default=str))
