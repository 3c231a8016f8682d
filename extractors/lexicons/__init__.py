"""Lexicons as data: one TOML file each, with examples and counterexamples that the tests run, and its known gaps."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def load_lexicon(name: str) -> dict[str, Any]:
    """The parsed file `<name>.toml` of this folder."""
    with (HERE / f"{name}.toml").open("rb") as handle:
        return tomllib.load(handle)
