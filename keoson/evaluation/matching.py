"""When two values count as the same: names, provinces, document titles, spans; and the largest one-to-one matching of two lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from extractors.gazetteer import load_gazetteer
from extractors.normalise import fold, name_key
from keoson.evaluation.forms import Quote

Left = TypeVar("Left")
Right = TypeVar("Right")
Span = tuple[int, int]


@lru_cache(maxsize=1)
def _provinces() -> dict[tuple[str, str], str]:
    """(country, key of a spelling) -> key of the canonical name. A spelling that two provinces share keeps its own key."""
    found: dict[tuple[str, str], set[str]] = {}
    for place in load_gazetteer():
        if place.kind not in ("province", "prefecture"):
            continue
        for spelling in (place.name, *place.spellings, *(name for name, _ in place.former_names)):
            found.setdefault((place.country, name_key(spelling)), set()).add(name_key(place.name))
    return {at: min(names) for at, names in found.items() if len(names) == 1}


def province_key(country: str | None, name: str | None) -> str | None:
    """A key equal for all spellings the gazetteer has of a province; units before and after a merger keep different ones."""
    if name is None:
        return None
    return _provinces().get((country or "", name_key(name)), name_key(name))


def is_known_province(country: str, name: str) -> bool:
    """Whether the gazetteer has a province of `country` with this spelling."""
    return (country, name_key(name)) in _provinces()


def words_of(text: str) -> frozenset[str]:
    """The folded words of a name or title."""
    return frozenset(re.findall(r"\w+", fold(text)))


def word_overlap(one: str, other: str) -> float:
    """Dice coefficient of the folded words, 0 to 1: what documents and roles, which are seldom written twice alike, are compared by."""
    first, second = words_of(one), words_of(other)
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def quote_spans(text: str, evidence: Sequence[str | Quote]) -> list[Span]:
    """Where quotes stand in `text`: by their offsets, else where the quote occurs first. A quote that does not occur has no span."""
    spans: list[Span] = []
    for quote in evidence:
        if isinstance(quote, Quote):
            spans.append((quote.start, quote.end))
        elif (start := text.find(quote)) >= 0:
            spans.append((start, start + len(quote)))
    return spans


def overlap(first: Sequence[Span], second: Sequence[Span]) -> bool:
    """Whether any span of one touches a character of any span of the other."""
    return any(start < other_end and other_start < end for start, end in first for other_start, other_end in second)


def covered(spans: Sequence[Span]) -> set[int]:
    """The offsets that lie in any of the spans."""
    return {offset for start, end in spans for offset in range(start, end)}


def match_one_to_one(left: Sequence[Left], right: Sequence[Right], same: Callable[[Left, Right], bool]) -> list[tuple[int, int]]:
    """The largest set of pairs (index in `left`, index in `right`) that are `same`, each used once (augmenting paths; lists are short)."""
    edges = [[at for at, two in enumerate(right) if same(one, two)] for one in left]
    taken: dict[int, int] = {}

    def place(at: int, tried: set[int]) -> bool:
        for target in edges[at]:
            if target in tried:
                continue
            tried.add(target)
            if target not in taken or place(taken[target], tried):
                taken[target] = at
                return True
        return False

    for at in range(len(left)):
        place(at, set())
    return sorted((source, target) for target, source in taken.items())


def eight_word_runs(text: str) -> Iterator[tuple[str, ...]]:
    """Every run of eight words, lower case: a shared one betrays a copied sentence."""
    words = re.findall(r"\w+", text.lower())
    return (tuple(words[at : at + 8]) for at in range(len(words) - 7))
