"""`keoson outlets`: the outlets and their feeds."""

from __future__ import annotations

import json
from dataclasses import asdict

from keoson.cli.options import Json, load_settings


def outlets_command(as_json: Json = False) -> None:
    """List the outlets and their feeds.

    Example:

    $ keoson outlets --json
    """
    from extractors.outlets import load_outlets

    outlets = load_outlets(*load_settings().outlet_folders)
    if as_json:
        print(json.dumps([asdict(outlet) for outlet in outlets.values()], ensure_ascii=False))
        return
    from keoson.screen import show_outlets

    show_outlets(outlets)
