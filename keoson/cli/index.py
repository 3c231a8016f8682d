"""`keoson index`: the index in use."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from keoson.cli.options import Json, load_settings, open_reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from extractors.records import Outlet
    from flows.settings import Settings

app = typer.Typer(help="The index in use: status, init, rebuild.", no_args_is_help=True)


@app.command("status")
def status_command(as_json: Json = False) -> None:
    """Where the index is and how many documents it holds.

    Example:

    $ keoson index status
    """
    settings = load_settings()
    index = open_reading(settings)
    try:
        counts = {kind: index.count(kind) for kind in ("articles", "reports", "events")}
    finally:
        index.close()
    backend = "elasticsearch" if settings.elasticsearch_url else "embedded"
    if as_json:
        print(json.dumps({"backend": backend, "where": _where(settings), "documents": counts}, ensure_ascii=False))
        return
    print(f"{backend} index at {_where(settings)}")
    for kind, count in counts.items():
        print(f"  {kind:10} {count:>8,}")


@app.command("init")
def init_command(as_json: Json = False) -> None:
    """Create the index where it is missing; nothing that exists is changed.

    Example:

    $ keoson index init
    """
    settings = load_settings()
    index = open_reading(settings)
    try:
        index.ensure()
    finally:
        index.close()
    print(json.dumps({"where": _where(settings)}, ensure_ascii=False) if as_json else f"index ready: {_where(settings)}")


@app.command("rebuild")
def rebuild_command(as_json: Json = False) -> None:
    """Make the whole index again from the archive and the ledger, without the network.

    For an index that is damaged, lost, or of another version,
    and after a change of rules or gazetteer.

    An embedded index that cannot be opened is kept as index.old-TIME.
    Elasticsearch's indices are deleted and created again.

    Example:

    $ keoson index rebuild
    """
    from flows.replay import rebuild_index

    settings = load_settings()
    before = set(settings.home.glob("index.old-*"))
    outlets = outlets_of(settings)
    if as_json:
        summary = rebuild_index(settings, outlets)
    else:
        from keoson.screen import ProgressBars

        with ProgressBars() as bars:
            summary = rebuild_index(settings, outlets, progress=bars)
    aside = sorted(str(path) for path in set(settings.home.glob("index.old-*")) - before)
    if as_json:
        print(json.dumps({"where": _where(settings), "kept_aside": aside, **asdict(summary)}, ensure_ascii=False))
        return
    print(f"index rebuilt: {_where(settings)}")
    for path in aside:
        print(f"  the old one, which could not be opened, is kept in {path}")
    for kind in ("articles", "reports", "events"):
        print(f"  {kind:10} {getattr(summary, kind):>8,}")
    for reason, count in summary.lost.items():
        print(f"  {count} articles quarantined, they gave no text any more: {reason}")


def _where(settings: Settings) -> str:
    return settings.elasticsearch_url or str(settings.home / "index")


def outlets_of(settings: Settings) -> Mapping[str, Outlet]:
    """The sample press's outlets in the demo's home, else the configured ones."""
    from flows.settings import DEMO_MARKER

    if (settings.home / DEMO_MARKER).exists():
        from keoson.press.sites import press_folder, read_sites

        return {site.outlet.id: site.outlet for site in read_sites(press_folder())}
    from extractors.outlets import load_outlets

    return load_outlets(*settings.outlet_sources)
