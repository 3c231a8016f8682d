"""A regular expression for one of many words: `re` tries plain alternatives one after the other, here it decides letter by letter."""

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
