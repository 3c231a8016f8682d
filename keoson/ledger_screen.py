"""What the ledger looks like on a terminal: runs, counts, quarantine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from keoson.screen import console, new_table

if TYPE_CHECKING:
    from flows.ledger import FeedDay, Quarantined, RunRow


def show_status(runs: Sequence[RunRow], days: Sequence[FeedDay], quarantined: Mapping[str, int], adds_up: bool) -> None:
    """The last runs, and the outcomes by feed and day, with their sum."""
    from flows.summary import SUMMARY

    table = new_table("run", "what", "started", "ended", "state", "seen", "newly indexed", "pending", title="last runs")
    for run in runs:
        summary = SUMMARY.validate_json(run.summary) if run.summary and run.kind == "ingest" else None
        counts = (str(summary.seen), str(summary.newly_indexed), str(summary.pending)) if summary else ("", "", "")
        table.add_row(str(run.id), run.kind, run.started_at[:19], (run.ended_at or "")[:19], run.state, *counts)
    console.print(table)
    table = new_table(
        "day", "feed", "seen", "indexed", "duplicate", "rejected", "quarantined", "pending", "adds up", title="entries by feed and day"
    )
    for day in days:
        table.add_row(day.day, day.feed_id, *map(str, outcomes_of([day]).values()), "yes" if day.adds_up else "NO")
    table.add_section()
    table.add_row("", "all", *map(str, outcomes_of(days).values()), "yes" if adds_up else "NO", style="bold")
    console.print(table)
    if quarantined:
        reasons = ", ".join(f"{count} {reason}" for reason, count in quarantined.items())
        console.print(f"in quarantine: {reasons}; see: keoson quarantine list")
    console.print(
        "the counts add up" if adds_up else "the counts do NOT add up: the ledger is damaged, keep a copy and report it",
        style="green" if adds_up else "bold red",
    )


def outcomes_of(days: Sequence[FeedDay]) -> dict[str, int]:
    """How many entries these days have seen, and how many of them have each outcome."""
    names = ("seen", "indexed", "duplicate", "rejected", "quarantined", "pending")
    return {name: sum(getattr(day, name) for day in days) for name in names}


def show_quarantine(found: Sequence[Quarantined], totals: Mapping[str, int]) -> None:
    """A table of entries in quarantine, and how many there are by reason."""
    if found:
        table = new_table("id", "outlet", "reason", "tries", "next try", "title")
        for one in found:
            table.add_row(str(one.id), one.outlet_id, one.reason, str(one.quarantines), _next_try(one), one.title)
        console.print(table)
    console.print(
        f"{len(found)} of {sum(totals.values())} in quarantine: {', '.join(f'{n} {reason}' for reason, n in totals.items()) or 'none'}"
    )


def show_quarantined(one: Quarantined) -> None:
    """One entry in quarantine, with its last error."""
    rows = {
        "id": str(one.id),
        "title": one.title,
        "address": one.url,
        "feed": one.feed_id,
        "first seen": one.first_seen,
        "reason": one.reason,
        "error": one.error or "",
        "page": "in the archive" if one.has_page else "not fetched",
        "times here": str(one.quarantines),
        "next try": _next_try(one),
    }
    for name, value in rows.items():
        console.print(Text.assemble((f"{name:>11}  ", "cyan"), value))


def _next_try(one: Quarantined) -> str:
    return "by hand only" if one.next_try is None else f"{one.next_try:%Y-%m-%d %H:%M}"
