"""Regular expressions of many alternatives: `re` tries one after the other, which is slow; here it decides letter by letter, or is spared most places."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any


def one_of(words: Iterable[str]) -> str:
    """The expression that matches what `|` between the words, the longest first, does; "(?!)", which matches nothing, without words."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _expression(tree) if tree else "(?!)"


def _expression(node: dict[str, Any]) -> str:
    further = [re.escape(letter) + _expression(rest) for letter, rest in node.items() if letter]
    if not further:
        return ""
    joined = further[0] if len(further) == 1 and "" not in node else f"(?:{'|'.join(further)})"
    return f"{joined}?" if "" in node else joined


def openings_of(expression: str) -> list[str]:
    """What each alternative of an expression opens with: its letters up to the first group or sign. ValueError for one that opens with neither."""
    found: list[str] = []
    depth, opening, open_ = 0, "", True
    for sign in [*expression, "|"]:
        if sign == "|" and depth == 0:
            if not opening:
                raise ValueError(f"an alternative of {expression!r} opens with no letter")
            found.append(opening)
            opening, open_ = "", True
            continue
        depth += (sign == "(") - (sign == ")")
        if open_ and sign in "?*{":
            opening = opening[:-1]  # the letter before may be left out
        if sign in "([\\?*+.{$^":
            open_ = False
        elif open_:
            opening += sign
    return found
