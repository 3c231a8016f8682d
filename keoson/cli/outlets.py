"""`keoson outlets`: the outlets and their feeds."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from keoson.cli.options import Json, load_settings


def outlets_command(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Show the feeds of these outlets.", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """List the outlets, or the feeds of some.

    Operators' own outlets lie in the folder `outlets` of KEOSON_HOME; one with the id of an outlet of Keoson replaces it.

    Example:

    $ keoson outlets baonghean kpl
    """
    from extractors.outlets import load_outlets
    from flows.pipeline import choose_outlets

    outlets = choose_outlets(load_outlets(*load_settings().outlet_sources), ids)
    if as_json:
        print(json.dumps([asdict(outlet) for outlet in outlets.values()], ensure_ascii=False))
        return
    from keoson.screen import show_feeds, show_outlets

    (show_feeds if ids else show_outlets)(outlets)
