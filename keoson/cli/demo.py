"""`keoson demo`: the sample press on loopback, the real ingest over HTTP, and a first look at what was found."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from flows.settings import Settings
    from keoson.press.server import PressServer
    from mappings import Index

# One search without diacritics, one with facets, one for a person; each finds something in the sample press.
SEARCHES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("se kong ma tuy", {}),
    ("biên giới", {"facets": True}),
    ("", {"person": "Sisouphanh Keomany"}),
)


def demo_command(
    serve: Annotated[bool, typer.Option("--serve", help="Keep the sample press up until Ctrl-C, to try commands against it.")] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="PORT", help="Port of the sample press; 0 takes a free one.")
    ] = 0,
) -> None:
    """Ingest an invented press over real HTTP on loopback, then search what was found. Nothing leaves this machine.

    Example:

    $ keoson demo
    """
    from keoson.press.server import PressServer

    with PressServer(port=port) as press:
        settings = demo_settings(press.port)
        if serve:
            _serve(settings, press)
            return
        newly_indexed = _run(settings, press)
    print(f"{newly_indexed} newly indexed")


def demo_home() -> Path:
    """KEOSON_HOME, or a folder beside the usual one: demo data never mixes with real data."""
    from flows.settings import default_home

    chosen = os.environ.get("KEOSON_HOME")
    return Path(chosen).expanduser().absolute() if chosen else default_home().with_name("keoson-demo")


def demo_settings(port: int) -> Settings:
    """Settings that map the sample press's hosts to `port` on loopback, without pauses between requests."""
    from flows.settings import Settings

    return Settings.load(home=demo_home(), host_overrides={"*.press.test": f"127.0.0.1:{port}"}, host_delay_seconds=0)


def _serve(settings: Settings, press: PressServer) -> None:
    print(f"sample press on 127.0.0.1:{press.port}; stop it with Ctrl-C. In another terminal:")
    for host in sorted({host for outlet in press.base_outlets.values() for host in outlet.hosts}):
        print(f"  curl -H 'Host: {host}' http://127.0.0.1:{press.port}/")
    print(f"  KEOSON_HOME={settings.home} keoson demo   # ingests it")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        print("stopped")


def _run(settings: Settings, press: PressServer) -> int:
    from keoson.cli.ingest import run_ingest
    from keoson.cli.options import open_reading
    from keoson.screen import console, show_summary

    console.print(
        f"[bold]The sample press[/bold]: {len(press.base_outlets)} invented outlets on 127.0.0.1:{press.port}, read over HTTP like any other"
    )
    summary = run_ingest(settings, press.base_outlets, all_feeds=True)
    show_summary(summary)
    index = open_reading(settings)
    try:
        _show_events(index)
        for query, extra in SEARCHES:
            _show_search(index, query, extra)
    finally:
        index.close()
    console.print("\n[bold]Try next[/bold] (the demo's data has a home of its own):")
    for line in (
        f"export KEOSON_HOME={settings.home}",
        'keoson search "cua khau" --country CN',
        "keoson events --place 'Đà Nẵng'       # takes in Quảng Nam, merged into it in 2025",
        "keoson events --type handover --json",
        "keoson show ID                        # an id from the tables above",
        "keoson status",
    ):
        console.print(f"  {line}", markup=False)
    return summary.newly_indexed


def _show_events(index: Index) -> None:
    from keoson.screen import console, event_table, show_event
    from mappings import SearchRequest

    result = index.search(SearchRequest("events", size=200, sort="date", highlight=False))
    console.print(event_table(result.hits, title=f"{result.total} events found"))
    if not result.hits:
        return
    # the one told most often, and in most different ways
    told = max(result.hits, key=lambda hit: (bool(hit.source["disagreements"]), hit.source["report_count"]))
    articles = {one: index.get("articles", one) for one in told.source["article_ids"]}
    show_event(told.source, {key: value for key, value in articles.items() if value})


def _show_search(index: Index, query: str, extra: dict[str, Any]) -> None:
    from keoson.cli.search import ARTICLE_FACETS, spellings
    from keoson.screen import console, show_hits
    from mappings import SearchRequest

    person = extra.get("person")
    typed = f'"{query}"' + (f" --person '{person}'" if person else "") + (" --facets" if extra.get("facets") else "")
    console.print(f"\n[bold green]$ keoson search[/bold green] {typed} --limit 3")
    filters = {"relevant": ("true",)} | ({"persons": spellings(index, "articles", [person])} if person else {})
    request = SearchRequest("articles", query, filters, facets=ARTICLE_FACETS if extra.get("facets") else (), size=3, facet_size=6)
    show_hits(index.search(request), query)
