"""Words of a text with their spans: what the person and organization taggers walk over."""

from __future__ import annotations

import re
from typing import NamedTuple

# Letters with the hyphens, apostrophes and points that stand inside names and abbreviations (Phôm-mạ-ni-vông, S'vay, TP.HCM), or one sign.
_TOKEN = re.compile(r"[^\W_]+(?:[-'’‑][^\W_]+)*|[^\w\s]|_", re.UNICODE)


class Token(NamedTuple):
    """A word or sign at `start:end`; `lower` for look-ups, `capital` when its first letter is one."""

    start: int
    end: int
    text: str
    lower: str
    capital: bool


def tokenize(text: str) -> list[Token]:
    """The tokens of `text` in order."""
    new = tuple.__new__  # Token(...) goes through a function of Python for each word
    return [new(Token, (*m.span(), word, word.lower(), word[0].isupper())) for m in _TOKEN.finditer(text) for word in (m.group(),)]


class PhraseTable:
    """Phrases looked up at a token: the longest one that starts there. Values are whatever the caller files under a phrase."""

    def __init__(self, phrases: dict[str, str]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for phrase, value in phrases.items():
            words = tuple(token.lower for token in tokenize(phrase))
            self._by_first.setdefault(words[0], []).append((words, value))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    @property
    def first_words(self) -> frozenset[str]:
        """The words that open a phrase: a walk over tokens can pass by all others."""
        return frozenset(self._by_first)

    def at(self, tokens: list[Token], index: int) -> tuple[int, str] | None:
        """Number of tokens and value of the longest phrase at `index`, or None."""
        entries = self._by_first.get(tokens[index].lower)
        if entries is None:
            return None
        for words, value in entries:
            count = len(words)
            if index + count <= len(tokens) and all(tokens[index + offset].lower == words[offset] for offset in range(1, count)):
                return count, value
        return None
