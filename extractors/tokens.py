"""Words of a text with their spans: what the person and organization taggers walk over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from typing import NamedTuple

# Letters with the hyphens, apostrophes and points that stand inside names and abbreviations (Phôm-mạ-ni-vông, S'vay, TP.HCM), or one sign. A hyphen that stands
# for a comma before an office is a sign by itself: "ông Hồ Văn Niên-Ủy viên …".
_OFFICE = r"(?:Tỉnh trưởng|Huyện trưởng|[ỦU][yỷỳ] viên|Phó [A-ZĐ]|Giám đốc|Chủ tịch|Bí thư|Chỉ huy|Cục trưởng|Bộ trưởng|Thứ trưởng|Đồn trưởng|Trưởng |(?:Tỉnh|Thành|Huyện) [ủu][yỷỳ]|Ảnh:)"
_TOKEN = re.compile(rf"([^\W_]+(?:[-'’‑](?!{_OFFICE})[^\W_]+)*|[^\w\s]|_)", re.UNICODE)


class Token(NamedTuple):
    """A word or sign at `start:end`; `lower` for look-ups, `capital` when its first letter is one."""

    start: int
    end: int
    text: str
    lower: str
    capital: bool


def tokenize(text: str) -> list[Token]:
    """The tokens of `text` in order."""
    pieces = _TOKEN.split(text)  # what stands between two tokens, and a token, in turn
    ends = list(accumulate(map(len, pieces)))
    words = pieces[1::2]
    capitals = [word[0].isupper() for word in words]
    # loops in C throughout: Token(...) goes through a function of Python for each word
    return list(map(tuple.__new__, repeat(Token), zip(ends[::2], ends[1::2], words, map(str.lower, words), capitals, strict=False)))


@dataclass(slots=True)
class _Step:
    """What may follow a word of a phrase: `value` when a phrase ends with it, and the further words by which phrases go on."""

    value: str | None = None
    further: dict[str, _Step] = field(default_factory=dict)


class PhraseTable:
    """Phrases looked up at a token: the longest one that starts there. Values are whatever the caller files under a phrase."""

    def __init__(self, phrases: dict[str, str]) -> None:
        self._by_first: dict[str, _Step] = {}
        for phrase, value in phrases.items():
            step, further = _Step(), self._by_first
            for token in tokenize(phrase):
                step = further.setdefault(token.lower, _Step())
                further = step.further
            if step.value is None:
                step.value = value

        self.first_words = frozenset(self._by_first)  # a walk over tokens can pass by all others

    def openings(self, tokens: Iterable[Token]) -> list[int]:
        """The indices of the tokens that may open a phrase."""
        first_words = self.first_words
        return [index for index, (_, _, _, lower, _) in enumerate(tokens) if lower in first_words]

    def at(self, tokens: list[Token], index: int) -> tuple[int, str] | None:
        """Number of tokens and value of the longest phrase at `index`, or None."""
        step = self._by_first.get(tokens[index].lower)
        longest: tuple[int, str] | None = None
        end = index
        while step is not None:
            end += 1
            if step.value is not None:
                longest = end - index, step.value
            if not step.further or end >= len(tokens):
                break
            step = step.further.get(tokens[end].lower)
        return longest
