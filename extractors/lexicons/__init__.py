"""Lexicons as data: one TOML file each, with examples and counterexamples that the tests run, and its known gaps."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import ahocorasick

HERE = Path(__file__).parent


@cache
def load_lexicon(name: str) -> dict[str, Any]:
    """The parsed file `<name>.toml` of this folder."""
    with (HERE / f"{name}.toml").open("rb") as handle:
        return tomllib.load(handle)


def phrase_automaton(entries: Mapping[str, object]) -> Any:
    """An automaton that finds all phrases of `entries` in one walk over a text: `iter(text)` gives the last offset and the value of each."""
    automaton = ahocorasick.Automaton()
    for phrase, value in entries.items():
        automaton.add_word(phrase, value)
    automaton.make_automaton()
    return automaton
