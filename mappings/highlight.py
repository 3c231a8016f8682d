"""Snippets: the stretch of a text that shows best why it was found, with the words marked as they are written there.

Cut from the stored text by the same tokens and the same query for both backends, so that a snippet never depends on the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape, unescape

from mappings.aliases import Form, Match
from mappings.analysis import tokens
from mappings.query import Query, Unit

# About three lines of a terminal.
SNIPPET_LENGTH = 240

_MARK = re.compile("(<mark>|</mark>)")
_GAP = re.compile(r"[\s\-–]*")

# Start and end of a find in the text, and which unit of the query it answers.
Find = tuple[int, int, int]


class _Words:
    """The tokens of a text, and each form of them once for all matches."""

    def __init__(self, text: str) -> None:
        self.tokens = list(tokens(text))
        self.forms: dict[Form, list[str]] = {
            "folded": [token.folded for token in self.tokens],
            "exact": [token.exact for token in self.tokens],
            "abbreviation": [token.surface for token in self.tokens],
        }


def find_words(text: str, query: Query) -> list[Find]:
    """Where the units of `query` stand in `text`: (start, end, number of the unit), in order, the longest first at each start."""
    words = _Words(text)
    found: set[Find] = set()
    for number, unit in enumerate(query.must):
        found.update((start, end, number) for start, end in _unit_spans(words, unit, query))
    return sorted(found, key=lambda find: (find[0], -find[1], find[2]))


def _unit_spans(words: _Words, unit: Unit, query: Query) -> list[tuple[int, int]]:
    spans = [span for match in unit.anyone for span in _match_spans(words, match)]
    # A word typed with diacritics is marked where it is written so; elsewhere only if no such place exists (túy, not tuy in tuy nhiên).
    if len(unit.anyone) == 1 and unit.anyone[0].form == "folded" and len(unit.anyone[0].words) == 1:
        plain = unit.anyone[0].words[0]
        typed = {match.words[0] for match in query.should if match.form == "exact" and len(match.words) == 1}
        exact = [(word.start, word.end) for word in words.tokens if word.folded == plain and word.exact in typed]
        return exact or spans
    return spans


def _match_spans(words: _Words, match: Match) -> Iterator[tuple[int, int]]:
    wanted, width = list(match.words), len(match.words)
    forms = words.forms[match.form]
    for at, form in enumerate(forms):
        if form == wanted[0] and (width == 1 or forms[at : at + width] == wanted):
            yield words.tokens[at].start, words.tokens[at + width - 1].end


def snippet(text: str, title: str, query: Query, length: int = SNIPPET_LENGTH) -> str:
    """About `length` characters of `text` around the most telling finds, as HTML with `<mark>`; `…` where it was cut.

    The title's if only the title answers the query; the beginning of the text if there is nothing to mark.
    """
    finds = find_words(text, query)
    if not finds:
        titled = find_words(title, query)
        return _marked(title, 0, len(title), titled) if titled else _marked(text, *_window(text, 0, length), [])
    best_start, best_score = 0, (-1, -1)
    for index, (start, _, _) in enumerate(finds):
        inside = [find for find in finds[index:] if find[1] <= start + length * 3 // 4]
        score = (len({number for _, _, number in inside}), len(inside))
        if score > best_score:
            best_start, best_score = start, score
    return _marked(text, *_window(text, best_start, length), finds)


def _window(text: str, start: int, length: int) -> tuple[int, int]:
    """A stretch of about `length` around `start`, from a line's or sentence's beginning if one is near, else between words."""
    begin = max(0, start - length // 4)
    if begin:
        border = max(text.rfind(sign, begin, start) + len(sign) for sign in ("\n", ". ", "! ", "? "))
        if border > begin:
            begin = border
        else:
            space = text.find(" ", begin, start)
            begin = space + 1 if space >= 0 else begin
    end = min(len(text), begin + length)
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > begin + length // 2 else end
    return begin, end


def _marked(text: str, begin: int, end: int, finds: Sequence[Find]) -> str:
    out = ["…"] if begin else []
    position = begin
    for start, stop in _joined(text, finds):
        if start < position or stop > end:
            continue
        out += [escape(text[position:start], quote=False), "<mark>", escape(text[start:stop], quote=False), "</mark>"]
        position = stop
    out.append(escape(text[position:end], quote=False))
    if end < len(text):
        out.append("…")
    return " ".join("".join(out).split())


def _joined(text: str, finds: Sequence[Find]) -> list[tuple[int, int]]:
    """The finds without overlaps, neighbours as one: `<mark>ma túy</mark>`."""
    spans: list[tuple[int, int]] = []
    for start, end, _ in finds:
        if spans and (start <= spans[-1][1] or _GAP.fullmatch(text, spans[-1][1], start)) and "\n" not in text[spans[-1][1] : start]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def snippet_parts(marked: str) -> list[tuple[str, bool]]:
    """A snippet as plain text: its pieces, each with whether it is marked. For terminals, where HTML is not shown."""
    parts: list[tuple[str, bool]] = []
    inside = False
    for piece in _MARK.split(marked):
        if piece in ("<mark>", "</mark>"):
            inside = piece == "<mark>"
        elif piece:
            parts.append((unescape(piece), inside))
    return parts
