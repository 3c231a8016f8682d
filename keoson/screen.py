"""What the commands print: tables, marked texts, progress. Rendering only; every value comes from the caller."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from types import TracebackType

    from extractors.records import Article, Outlet, Tags
    from flows.summary import RunSummary, Stage
    from mappings import Hit, SearchResult

console = Console(highlight=False)
_MARK = re.compile(r"<mark>(.*?)</mark>", re.S)
_STAGES = {"feeds": "feeds polled", "pages": "pages fetched", "articles": "articles tagged", "events": "events resolved"}
SHORT_ID = 12  # characters of a SHA-256: enough to name one of millions


def new_table(*columns: str, title: str | None = None) -> Table:
    """An empty table with these headings."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _day(published: str | None) -> str:
    """A publish date to its day; the time of day is in the JSON."""
    return published[:10] if published else "no date"


def marked(snippet: str) -> Text:
    """A snippet (`<mark>` around the words found) as styled text."""
    text = Text()
    at = 0
    for match in _MARK.finditer(snippet):
        text.append(unescape(snippet[at : match.start()]))
        text.append(unescape(match[1]), style="bold yellow")
        at = match.end()
    text.append(unescape(snippet[at:]))
    return text


def show_hits(result: SearchResult, query: str, offset: int = 0) -> None:
    """Search results, one block each, then the facets."""
    console.print(f"{result.total} article{'' if result.total == 1 else 's'}" + (f" for {query!r}" if query else ""), style="bold")
    for number, hit in enumerate(result.hits, offset + 1):
        source = hit.source
        console.print(Text.assemble((f"{number:>3}. ", "dim"), (source["title"], "bold")))
        console.print(
            Text.assemble(
                "     ",
                (_day(source.get("published")), "cyan"),
                "  ",
                source["outlet_name"],
                "  ",
                (hit.id[:SHORT_ID], "dim"),
                "  ",
                (source["url"], "dim"),
            )
        )
        if hit.snippet:
            console.print(Text("     ").append_text(marked(" ".join(hit.snippet.split()))))
    show_facets(result)


def show_facets(result: SearchResult) -> None:
    """A table of counts for each facet."""
    if result.facets:
        tables = new_table("facet", "values (number of results)")
        for name, values in result.facets.items():
            tables.add_row(name, ", ".join(f"{value} ({count})" for value, count in values) or "none")
        console.print(tables)


def _sides(document: Mapping[str, Any]) -> str:
    return ", ".join(dict.fromkeys(f"{party['name']} ({party['country']})" for party in document["parties"][:4]))


def event_table(hits: Sequence[Hit], title: str | None = None) -> Table:
    """Date, type, parties, place, number of reports, id."""
    table = new_table("date", "type", "parties", "place", "reports", "id", title=title)
    for hit in hits:
        event = hit.source
        place = event["location"]["name"] if "location" in event else ""
        status = "" if event["status"] == "occurred" else f" ({event['status']})"
        warning = " !" if event["disagreements"] else ""
        table.add_row(
            event.get("date_start", "?"),
            event["type"] + status,
            _sides(event),
            place,
            f"{event['report_count']}{warning}",
            hit.id[:SHORT_ID],
        )
    return table


def show_events(result: SearchResult, offset: int = 0) -> None:
    """A table of events; `!` marks those whose reports disagree."""
    console.print(f"{result.total} event{'' if result.total == 1 else 's'}", style="bold")
    if result.hits:
        console.print(event_table(result.hits))
        if any(hit.source["disagreements"] for hit in result.hits):
            console.print("! reports disagree: see keoson show ID", style="dim")
    if offset + len(result.hits) < result.total:
        console.print(f"{result.total - offset - len(result.hits)} more: --offset {offset + len(result.hits)}", style="dim")
    show_facets(result)


def show_event(event: Mapping[str, Any], articles: Mapping[str, Mapping[str, Any]]) -> None:
    """One event: best values, disagreements, and each report with its evidence sentences marked."""
    facts = Table.grid(padding=(0, 2))
    place = event.get("location")
    amounts = "; ".join(f"{amount['value']:,.0f} {amount['unit']}: {amount['what']}" for amount in event["amounts"])
    rows = {
        "type": f"{event['type']} ({event['status']})",
        "date": event.get("date_start", "unknown")
        + (f" to {event['date_end']}" if event.get("date_end", event.get("date_start")) != event.get("date_start") else ""),
        "place": f"{place['name']}" + (f" ({place['admin1'] or ''} {place['country'] or ''})" if place else "") if place else "",
        "parties": "\n".join(f"{party['name']}  [{party['admin1'] or 'national'}, {party['country']}]" for party in event["parties"]),
        "persons": ", ".join(event["persons"]),
        "documents": "; ".join(event["documents"]),
        "amounts": amounts,
        "topics": ", ".join(event["topics"]),
    }
    for name, value in rows.items():
        if value:
            facts.add_row(Text(name, style="cyan"), Text(value))
    parts: list[Any] = [facts]
    for name, values in event["disagreements"].items():
        said = "; ".join(f"{value} ({len(reports)} report{'' if len(reports) == 1 else 's'})" for value, reports in values.items())
        parts.append(Text.assemble(("reports disagree on ", "bold red"), (name, "bold red"), f": {said}"))
    for report in event["reports"]:
        article = articles.get(report["article_id"])
        parts.append(Text(""))
        parts.append(
            Text.assemble(
                (report["title"] or "", "bold"),
                f"\n{report['outlet']}, {_day(report['published'])}  ",
                (report["article_id"][:SHORT_ID], "dim"),
            )
        )
        if article:
            parts.append(Text(article["url"], style="dim"))
            parts += [Text("  ").append_text(line) for line in evidence_lines(article["text"], report["evidence"])]
    console.print(Panel(Group(*parts), title=f"{event['title']}  {event['id'][:SHORT_ID]}", title_align="left"))


def evidence_lines(text: str, evidence: Sequence[Mapping[str, Any]]) -> list[Text]:
    """The sentences of `text` that hold evidence, with the evidence marked."""
    from extractors.sentences import split_sentences

    lines = []
    for sentence in split_sentences(text):
        inside = [(e["start"], e["end"]) for e in evidence if e["start"] < sentence.end and sentence.start < e["end"]]
        if inside:
            lines.append(mark_spans(text, sentence.start, sentence.end, inside))
    return lines


def mark_spans(text: str, start: int, end: int, spans: Sequence[tuple[int, int]]) -> Text:
    """`text[start:end]` with `spans` (offsets in `text`) marked."""
    line = Text(text[start:end].replace("\n", " "))
    for left, right in spans:
        line.stylize("bold yellow", max(left - start, 0), min(right, end) - start)
    return line


def show_article(article: Mapping[str, Any]) -> None:
    """One article: its events, then the text with the evidence of all of them marked."""
    console.print(Text(article["title"], style="bold"))
    console.print(f"{article['outlet_name']}  {_day(article.get('published'))}  {article['url']}", style="cyan")
    reports = article["tags"]["reports"]
    table = new_table("date", "type", "status", "parties", "place", "rule", "confidence")
    for report in reports:
        place = report["location"]["name"] if report["location"] else ""
        table.add_row(
            report["date_start"] or "?",
            report["type"],
            report["status"],
            _sides(report),
            place,
            report["rule"],
            f"{report['confidence']:.2f}",
        )
    if reports:
        console.print(table)
    persons = article["tags"]["persons"]
    if persons:
        console.print(
            Text(
                "persons: "
                + "; ".join(" ".join(filter(None, (p["rank"], p["name"], f"({p['role']})" if p["role"] else ""))) for p in persons)
            )
        )
    spans = [(evidence["start"], evidence["end"]) for report in reports for evidence in report["evidence"]]
    text = Text("\n" + article["text"])
    for start, end in spans:
        text.stylize("bold yellow", start + 1, end + 1)
    console.print(text)


def show_tags(name: str, article: Article, tags: Tags) -> None:
    """What `keoson tag` found in one file."""
    published = f"{article.published.value} (from {article.published.source})" if article.published else "no publish date"
    console.print(
        Text.assemble(
            (name, "bold"), f"  {tags.language}, {published}, ", "reports cooperation" if tags.relevant else "no cooperation event"
        )
    )
    table = new_table("date", "type", "status", "parties", "place", "evidence")
    for report in tags.reports:
        place = report.location.name if report.location else ""
        table.add_row(
            report.date_start or report.date_text or "?",
            report.type,
            report.status,
            ", ".join(f"{p.name} ({p.country})" for p in report.parties[:4]),
            place,
            report.evidence[0].quote,
        )
    if tags.reports:
        console.print(table)
    for person in tags.persons:
        console.print(Text("  " + "  ".join(filter(None, (person.rank, person.name, person.role, person.country)))))


def show_outlets(outlets: Mapping[str, Outlet]) -> None:
    """One line an outlet, with how many of its feeds are polled."""
    table = new_table("outlet", "name", "country", "province", "languages", "feeds on")
    for outlet in outlets.values():
        languages = dict.fromkeys([outlet.language, *(feed.language or outlet.language for feed in outlet.feeds)])
        on = sum(feed.enabled for feed in outlet.feeds)
        table.add_row(outlet.id, outlet.name, outlet.country, outlet.admin1 or "", " ".join(languages), f"{on} of {len(outlet.feeds)}")
    console.print(table)
    feeds = [feed for outlet in outlets.values() for feed in outlet.feeds]
    console.print(Text(f"  {len(outlets)} outlets, {sum(feed.enabled for feed in feeds)} of {len(feeds)} feeds on"))


def show_feeds(outlets: Mapping[str, Outlet]) -> None:
    """What is known of each outlet, and its feeds."""
    for outlet in outlets.values():
        owner = f"{outlet.owner} ({outlet.owner_kind or 'kind unknown'})" if outlet.owner else None
        console.print(Text("  ".join(filter(None, (outlet.id, outlet.name, outlet.country, outlet.admin1, owner)))))
        for line in (f"articles from {', '.join(outlet.hosts)}", *outlet.renames):
            console.print(Text(f"  {line}"))
        table = new_table("feed", "on", "kind", "language", "confidence", "address")
        for feed in outlet.feeds:
            on = "yes" if feed.enabled else "off"
            table.add_row(feed.id, on, feed.kind, feed.language or outlet.language, feed.confidence or "unknown", feed.url)
        console.print(table)


def show_summary(summary: RunSummary) -> None:
    """What a run did, and the feeds that failed."""
    if not summary.feeds:
        due = f"; the next is at {summary.next_poll}" if summary.next_poll else ""
        console.print(f"no feed was due{due}. All of them now: keoson ingest --all-feeds", style="dim")
    table = new_table("entries", "number")
    table.add_row("seen", str(summary.seen))
    table.add_row("indexed", str(summary.indexed))
    table.add_row("duplicate", str(summary.duplicate))
    for reason, count in summary.rejected.items():
        table.add_row(f"rejected: {reason}", str(count))
    for reason, count in summary.quarantined.items():
        table.add_row(f"quarantined: {reason}", str(count))
    if not summary.rejected:
        table.add_row("rejected", "0")
    if not summary.quarantined:
        table.add_row("quarantined", "0")
    table.add_row("pending", str(summary.pending))
    console.print(table)
    for feed in summary.failed_feeds:
        console.print(f"feed {feed.feed_id} failed: {feed.error}", style="red")
    if not summary.counts_add_up:
        console.print("the counts do not add up: see keoson status", style="bold red")


class ProgressBars:
    """A progress bar per stage: what the pipeline's Progress protocol looks like on a terminal."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description:16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console, transient=False,
        )  # fmt: skip
        self._tasks: dict[Stage, TaskID] = {}

    def __enter__(self) -> ProgressBars:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bars.stop()

    def started(self, stage: Stage, total: int) -> None:
        """A stage begins with `total` steps."""
        self._tasks[stage] = self._bars.add_task(_STAGES[stage], total=total)

    def advanced(self, stage: Stage, count: int = 1) -> None:
        """`count` steps are done."""
        self._bars.advance(self._tasks[stage], count)

    def ended(self, stage: Stage) -> None:
        """A stage is over."""
        self._bars.update(self._tasks[stage], completed=self._bars.tasks[self._tasks[stage]].total)
