"""What `keoson backfill` and `keoson coverage` print. Rendering only; every value comes from the caller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from keoson.screen import console, new_table

if TYPE_CHECKING:
    from types import TracebackType

    from flows.backfill.summary import BackfillStage, BackfillSummary
    from flows.coverage import CoveredShare, MonthCoverage

_STAGES = {"places": "sitemaps and listings", "bytes": "files read", "articles": "articles", "events": "events resolved"}
_FEW = 10
_QUIET = ("unknown", "watched")


class BackfillBars:
    """A bar for each stage, with the time that is left."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<22}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[done]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            # The pace of hours, not of the last half minute: batches come at once, and pauses lie between them.
            TimeRemainingColumn(elapsed_when_finished=False),
            console=console,
            speed_estimate_period=3600,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> BackfillBars:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()

    def at(self, stage: BackfillStage, done: int, total: int) -> None:
        """Show how far a stage is."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(_STAGES[stage], total=None, done="")
        shown = f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB" if stage == "bytes" else f"{done:,} of {total:,}" if total else f"{done:,}"
        self._progress.update(self._tasks[stage], completed=done, total=total or None, done=shown)


def show_backfill(summary: BackfillSummary) -> None:
    """A backfill, or what it would be."""
    verb = "would be fetched" if summary.dry_run else "left"
    table = new_table("outlet", "month", "found", "known before", verb)
    for month in summary.months:
        table.add_row(month.outlet_id, month.month or "no date", f"{month.found:,}", f"{month.known:,}", f"{month.waiting:,}")
    if summary.months:
        console.print(table)
    console.print(
        f"{summary.found:,} articles found, {summary.known:,} of them known before, {summary.taken:,} taken in, {summary.waiting:,} "
        + ("to be fetched" if summary.dry_run else "left"),
        style="bold",
    )
    for name, count in summary.counts.items():
        console.print(f"  {name}: {count:,}", style="dim")
    if summary.run is not None:
        run = summary.run
        console.print(
            f"this run: {run.newly_indexed:,} indexed, {run.duplicate:,} duplicate, {sum(run.rejected.values()):,} rejected, "
            f"{sum(run.quarantined.values()):,} quarantined, {run.pending:,} pending; {run.events:,} events known"
        )
    for address, error in summary.failures[:_FEW]:
        console.print(f"not read: {error if address in error else f'{address}: {error}'}", style="yellow")
    for fault in summary.faults[:_FEW]:
        console.print(f"damaged: {fault}", style="yellow")
    for name, all_ in (("not read", summary.failures), ("damaged", summary.faults)):
        if len(all_) > _FEW:
            console.print(f"{name}: {len(all_) - _FEW} more (--json tells all)", style="yellow")
    if summary.hosts:
        hosts = ", ".join(f"{host} ({count:,})" for host, count in sorted(summary.hosts.items(), key=lambda item: -item[1])[:_FEW])
        console.print(f"hosts: {hosts}; at the politeness set at least {_duration(summary.estimate)}")
    if summary.dry_run:
        console.print("dry run: nothing was fetched. The same command without --dry-run does it.")
    elif not summary.complete:
        console.print("not finished: the same command, or keoson backfill --resume, goes on with what is left", style="yellow")


def _duration(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def show_coverage(months: Sequence[MonthCoverage], undated: int) -> None:
    """A table of outlets and months; the states of a stretch of months that nobody has looked at are one line."""
    if not months:
        console.print("nothing is known yet of any outlet: keoson backfill --since DATE --dry-run looks at what they announce")
        return
    table = new_table("outlet", "month", "state", "announced", "seen", "indexed", "rejected", "missing", "in index")
    for column in table.columns[:3]:
        column.no_wrap = True
    for outlet_id, same in groupby(
        months, key=lambda one: (one.outlet_id, one.state if one.state in _QUIET and not one.in_index else one.month)
    ):
        stretch = list(same)
        first, last = stretch[0], stretch[-1]
        when = first.month if first is last else f"{first.month} to {last.month}"
        numbers = [first.announced, first.seen, first.indexed, first.rejected, first.missing, first.in_index]
        gone = f" ({first.gone} gone)" if first.gone else ""
        shown = [f"{number:,}" for number in numbers]
        shown[4] += gone
        table.add_row(outlet_id[0], when, first.state, *shown, style="yellow" if first.state == "hole" else None)
    console.print(table)
    holes, covered = sum(one.state == "hole" for one in months), sum(one.state in ("covered", "watched") for one in months)
    console.print(f"{covered:,} of {len(months):,} outlet-months are covered, {holes:,} have a hole", style="bold")
    if undated:
        console.print(f"{undated:,} more articles were announced without a date that can be read", style="dim")


def show_covered_share(share: CoveredShare) -> None:
    """A warning below results that rest on part of what was published."""
    console.print(
        f"{share.covered:,} of {share.of:,} outlet-months of this time are covered ({share.share:.0%}): few results may mean that little "
        "was fetched, not that little happened; see keoson coverage",
        style="dim",
    )
