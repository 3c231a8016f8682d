"""The words of a story with what is named in them masked: "<org fo> trao <amount> cho <org vn>". What a model learns of such words holds for other names."""

from __future__ import annotations

import re

from extractors.reading import Reading

# A word, a sign, or a run of Lao, which writes no spaces.
_PIECE = re.compile(r"[\u0e80-\u0eff]+|[^\W\d_]+|\d+|[^\w\s]")
# Lao runs are cut into overlapping pieces of this many characters: about a syllable and a half.
_LAO = 5
# Sentences looked at: what happened is told by then, and a long article must not weigh more than a short one.
SENTENCES = 25

Word = tuple[int, str]


def masked_words(reading: Reading) -> list[list[Word]]:
    """The words of the first sentences of the story in lower case, each with its offset in the text.

    Persons, bodies, amounts, dates and places are one word each, which tells kind and side ("vn", "fo" for another country, "un" where unknown).
    """
    text = reading.text
    masks = _masks(reading)
    found: list[list[Word]] = []
    at = 0
    for sentence in reading.story[:SENTENCES]:
        words: list[Word] = []
        position = sentence.start
        while at < len(masks) and masks[at][0] < sentence.end:
            start, end, label = masks[at]
            at += 1
            if start < position:
                continue
            words += _words(text, position, start)
            words.append((start, label))
            position = end
        words += _words(text, position, sentence.end)
        found.append(words)
    return found


def _words(text: str, start: int, end: int) -> list[Word]:
    found: list[Word] = []
    for match in _PIECE.finditer(text, start, end):
        piece, at = match[0], match.start()
        if piece[0] >= "\u0e80" and piece[0] <= "\u0eff":
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


_PLAIN = re.compile(r"[\u0e80-\u0eff]+|[^\W\d_]+|\d+|[^\w\s]")


def words_between(text: str, start: int, end: int) -> list[str]:
    """The words and signs of `text[start:end]` in lower case, numbers and words with a capital behind the first masked: enough where little is known of names."""
    return [
        "<number>" if word[0].isdigit() else "<name>" if word[0].isupper() and match.start() > start else word.lower()
        for match in _PLAIN.finditer(text, start, end)
        for word in (match[0],)
    ]
