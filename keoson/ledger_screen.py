"""What the ledger looks like on a terminal: runs, counts, quarantine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from keoson.screen import console, new_table

if TYPE_CHECKING:
    from flows.health import FeedHealth
    from flows.ledger import FeedDay, Quarantined, RunRow


def show_status(runs: Sequence[RunRow], days: Sequence[FeedDay], quarantined: Mapping[str, int], adds_up: bool) -> None:
    """The last runs, and the outcomes by feed and day, with their sum."""
    from flows.summary import SUMMARY

    table = new_table("run", "what", "started (UTC)", "minutes", "state", "seen", "new", "pending", title="last runs")
    for run in runs:
        summary = SUMMARY.validate_json(run.summary) if run.summary and run.kind == "ingest" else None
        counts = (str(summary.seen), str(summary.newly_indexed), str(summary.pending)) if summary else ("", "", "")
        table.add_row(str(run.id), run.kind, run.started_at[:16].replace("T", " "), _minutes(run), run.state, *counts)
    console.print(table)
    # Short headings, so that feeds and days stay whole on a narrow terminal; the line of all tells what they mean.
    table = new_table("day", "feed", "seen", "index", "dupl", "rej", "quar", "pend", "ok", title="entries by feed and day")
    for column in table.columns:
        column.no_wrap = True
    for day in days:
        table.add_row(day.day, day.feed_id, *map(str, outcomes_of([day]).values()), "yes" if day.adds_up else "NO")
    table.add_section()
    table.add_row("", "all", *map(str, outcomes_of(days).values()), "yes" if adds_up else "NO", style="bold")
    console.print(table)
    told = outcomes_of(days)
    console.print(f"{told.pop('seen')} seen = " + " + ".join(f"{count} {name}" for name, count in told.items()))
    if quarantined:
        reasons = ", ".join(f"{count} {reason}" for reason, count in quarantined.items())
        console.print(f"in quarantine: {reasons}; see: keoson quarantine list")
    console.print(
        "the counts add up" if adds_up else "the counts do NOT add up: the ledger is damaged, keep a copy and report it",
        style="green" if adds_up else "bold red",
    )


def _minutes(run: RunRow) -> str:
    if run.ended_at is None:
        return ""
    return f"{(datetime.fromisoformat(run.ended_at) - datetime.fromisoformat(run.started_at)).total_seconds() / 60:.1f}"


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


def show_health(found: Sequence[FeedHealth], now: datetime) -> None:
    """A table of the feeds that were polled, those with an alarm first, and why; the others are counted."""
    untouched = [one for one in found if one.verdict in ("never_polled", "disabled")]
    found = [one for one in found if one not in untouched]
    table = new_table("feed", "verdict", "success", "a day", "expected", "failures", "dupl", "no text", "delay", "next poll")
    table.columns[0].no_wrap = True
    for one in sorted(found, key=lambda one: not one.is_alarm):
        table.add_row(
            one.feed_id,
            Text(one.verdict.replace("_", " "), style="bold red" if one.is_alarm else ""),
            _ago(one.last_success, now),
            _figure(one.entries_a_day, "{:.1f}"),
            _figure(one.expected_a_day, "{:.1f}"),
            f"{one.failure_weight:g}",
            _figure(one.duplicate_share, "{:.0%}"),
            _figure(one.without_text_share, "{:.0%}"),
            "" if one.median_delay is None else _hours(one.median_delay),
            "" if one.next_poll is None else "now" if one.next_poll <= now else f"in {_hours((one.next_poll - now).total_seconds())}",
        )
    if found:
        console.print(table)
    for one in found:
        if one.is_alarm:
            console.print(Text.assemble((one.feed_id, "bold red"), f": {one.why}"))
    alarms = sum(one.is_alarm for one in found)
    never = sum(one.verdict == "never_polled" for one in untouched)
    which = f"{alarms} of {len(found)} polled feeds need" if alarms else f"none of {len(found)} polled feeds needs"
    rest = f"; {never} not polled yet, {len(untouched) - never} off in their files" if untouched else ""
    console.print(f"{which} a look{rest}")


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


def _ago(instant: datetime | None, now: datetime) -> str:
    return "never" if instant is None else f"{_hours((now - instant).total_seconds())} ago"


def _hours(seconds: float) -> str:
    """A stretch of time in its largest sensible unit."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if abs(seconds) >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
