"""What `keoson outlets` prints of feeds: checks and health. Rendering only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from keoson.screen import console, new_table

if TYPE_CHECKING:
    from flows.discovery import FeedCheck
    from flows.health import FeedHealth

_COLOURS = {"failing": "red", "gone": "red", "quiet": "yellow"}


def show_checks(checks: Mapping[str, Sequence[FeedCheck]]) -> None:
    """One row a feed, and below the problems, which are long."""
    table = new_table("feed", "on", "works", "status", "kind", "entries", "newest", "dated", "article")
    for found in checks.values():
        for check in found:
            article = check.article
            table.add_row(
                check.feed_id,
                "yes" if check.enabled else "off",
                Text("yes", style="green") if check.ok else Text("no", style="red"),
                str(check.status or ""),
                check.found if check.found in {check.kind, None} else f"{check.found}, not {check.kind}",
                str(check.entries),
                _moment(check.newest),
                f"{check.dated:.0%}" if check.entries else "",
                f"{article.characters} characters, {article.published or 'no date'}" if article and article.problem is None else "",
            )
    console.print(table)
    for check in (check for found in checks.values() for check in found):
        for told in (check.problem, f"moved to {check.moved_to}: change the address in the file" if check.moved_to else None):
            if told:
                console.print(Text(f"  {check.feed_id}: {told}"))
        if check.foreign:
            console.print(Text(f"  {check.feed_id}: {check.foreign:.0%} of the entries are on hosts that the outlet's file does not name"))


def show_health(figures: Sequence[FeedHealth]) -> None:
    """One row a feed that is polled, alarms first."""
    table = new_table("feed", "health", "why", "last success", "a day", "expected", "failures", "duplicates", "no text", "delay")
    shown = [one for one in figures if one.verdict not in {"disabled", "never_polled"}]
    for one in sorted(shown, key=lambda one: not one.is_alarm):
        table.add_row(
            one.feed_id,
            Text(one.verdict.replace("_", " "), style=_COLOURS.get(one.verdict, "")),
            one.why,
            _moment(one.last_success),
            _number(one.entries_a_day),
            _number(one.expected_a_day),
            _number(one.failure_weight or None),
            _share(one.duplicate_share),
            _share(one.without_text_share),
            "" if one.median_delay is None else f"{one.median_delay / 3600:.1f} h",
        )
    console.print(table)
    alarms = sum(one.is_alarm for one in figures)
    rest = Counter(one.verdict.replace("_", " ") for one in figures if one not in shown)
    console.print(Text("  " + ", ".join([f"{len(shown)} feeds polled", *(f"{count} {verdict}" for verdict, count in rest.items())])))
    console.print(
        Text(
            f"  {alarms} feed{'' if alarms == 1 else 's'} need{'s' if alarms == 1 else ''} somebody to look",
            style="bold red" if alarms else "",
        )
    )


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"
