"""The words of a story with what is named in them masked: "<org fo> trao <amount> cho <org vn>". What a model learns of such words holds for other names."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache

from extractors.reading import Reading

# A word, a sign, or a run of Lao, which writes no spaces.
_PIECE = re.compile(r"[\u0e80-\u0eff]+|[^\W\d_]+|\d+|[^\w\s]")
_LAO_RUN = re.compile(r"[\u0e80-\u0eff]")
# Lao runs are cut into overlapping pieces of this many characters: about a syllable and a half.
_LAO = 5
# Sentences looked at: what happened is told by then, and a long article must not weigh more than a short one.
SENTENCES = 25

Word = tuple[int, str]


def masked_words(reading: Reading) -> list[list[Word]]:
    """The words of the first sentences of the story in lower case, each with its offset in the text.

    Persons, bodies, amounts, dates and places are one word each, which tells kind and side ("vn", "fo" for another country, "un" where unknown).
    """
    sentences = reading.story[:SENTENCES]
    if not sentences:
        return []
    masks = _masks(reading)
    words = _Words(reading, sentences[0].start, sentences[-1].end)
    found: list[list[Word]] = []
    at = 0
    for sentence in sentences:
        told: list[Word] = []
        position = sentence.start
        while at < len(masks) and masks[at][0] < sentence.end:
            start, end, label = masks[at]
            at += 1
            if start < position:
                continue
            told += words.between(position, start)
            told.append((start, label))
            position = end
        told += words.between(position, sentence.end)
        found.append(told)
    return found


class _Words:
    """The words of a stretch of a text, from its tokens: cut again only where a name begins or ends within a word, and in Lao, where a run makes several."""

    def __init__(self, reading: Reading, start: int, end: int) -> None:
        self.text = reading.text
        self.words: list[Word] = []
        left, right = (bisect_left(reading.tokens, (at,)) for at in (start, end))
        for at, stop, word, lower, _ in reading.tokens[max(left - 1, 0) : right]:
            if word.isalpha():
                self.words.append((at, lower))
            else:
                self.words += _words(self.text, at, stop)
        self.starts = [at for at, _ in self.words]
        self.spaced = _LAO_RUN.search(self.text, start, end) is None

    def between(self, start: int, end: int) -> list[Word]:
        """The words from `start` to `end`."""
        if not self.spaced or self._within_word(start) or self._within_word(end):
            return _words(self.text, start, end)
        return self.words[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    def _within_word(self, at: int) -> bool:
        return self.text[at - 1 : at].isalnum() and self.text[at : at + 1].isalnum()


def _words(text: str, start: int, end: int) -> list[Word]:
    found: list[Word] = []
    for match in _PIECE.finditer(text, start, end):
        piece, at = match[0], match.start()
        if _LAO_RUN.match(piece):
            found += [(at + i, piece[i : i + _LAO]) for i in range(max(1, len(piece) - _LAO + 1))]
        else:
            found.append((at, "<number>" if piece.isdigit() else piece.lower()))
    return found


def _masks(reading: Reading) -> list[tuple[int, int, str]]:
    """Everything named, in order: of two that start together the longer first."""
    masks = [
        (
            person.evidence.start,
            person.evidence.end,
            f"<person {_side(person.country)}>" if person.kind == "official" else f"<{person.kind}>",
        )
        for person in reading.persons
    ]
    masks += [(body.evidence.start, body.evidence.end, f"<org {_side(body.country)}>") for body in reading.organizations]
    masks += [(amount.evidence.start, amount.evidence.end, "<amount>") for amount in reading.amounts]
    masks += [(date.start, date.end, "<date>" if date.role == "event" else "<other date>") for date in reading.dates]
    masks += [(place.evidence.start, place.evidence.end, f"<place {_side(place.country)}>") for place in reading.places]
    return sorted(masks, key=lambda mask: (mask[0], -mask[1]))


def _side(country: str | None) -> str:
    return "un" if country is None else "vn" if country == "VN" else "fo"


_PLAIN = re.compile(r"[\u0e80-\u0eff]+|[^\W\d_]+|\d+|[^\w\s]|\n")
# Behind these a capital opens a sentence and tells no name.
_OPENING = frozenset({".", "!", "?", "\n"})


def words_between(text: str, start: int, end: int) -> list[str]:
    """The whole words and signs in `text[start:end]` in lower case, numbers and names (words with a capital inside a sentence) masked: enough where little is known of names."""
    starts, ends, words = _plain_words(text)
    return words[bisect_left(starts, start) : bisect_right(ends, end)]


@lru_cache(maxsize=2)
def _plain_words(text: str) -> tuple[list[int], list[int], list[str]]:
    """All words of a text with where they start and end: it is asked for those around every mention."""
    starts, ends, words = [], [], []
    before = "\n"
    for match in _PLAIN.finditer(text):
        word = match[0]
        if word != "\n":
            starts.append(match.start())
            ends.append(match.end())
            first = word[0]
            words.append("<number>" if first.isdigit() else "<name>" if first.isupper() and before not in _OPENING else word.lower())
        before = word
    return starts, ends, words
