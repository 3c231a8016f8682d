"""`keoson index`: the index in use."""

from __future__ import annotations

import json

import typer

from keoson.cli.options import Json, load_settings, open_reading

app = typer.Typer(help="The index in use: status, init.", no_args_is_help=True)


@app.command("status")
def status_command(as_json: Json = False) -> None:
    """Where the index is and how many documents it holds.

    Example: keoson index status
    """
    settings = load_settings()
    index = open_reading(settings)
    try:
        counts = {kind: index.count(kind) for kind in ("articles", "reports", "events")}
    finally:
        index.close()
    where = settings.elasticsearch_url or str(settings.home / "index")
    backend = "elasticsearch" if settings.elasticsearch_url else "embedded"
    if as_json:
        print(json.dumps({"backend": backend, "where": where, "documents": counts}))
        return
    print(f"{backend} index at {where}")
    for kind, count in counts.items():
        print(f"  {kind:10} {count:>8,}")


@app.command("init")
def init_command() -> None:
    """Create the index where it is missing; nothing that exists is changed.

    Example: keoson index init
    """
    settings = load_settings()
    index = open_reading(settings)
    try:
        index.ensure()
    finally:
        index.close()
    print(f"index ready: {settings.elasticsearch_url or settings.home / 'index'}")
