"""What `keoson outlets check` prints. Rendering only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from keoson.screen import console, new_table

if TYPE_CHECKING:
    from flows.discovery import FeedCheck


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


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else ""
