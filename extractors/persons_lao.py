"""Persons in Lao text, which has no capitals: words behind a title or a rank, up to a word of office, a verb or a sign.

The words are in `lexicons/persons.toml`, section `lo`. A name has one or two words, a Vietnamese one that opens with its surname up to four.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from extractors.lexicons import load_lexicon
from extractors.records import Evidence, PersonMention, PlaceMention

_WORD = re.compile(r"[\u0e80-\u0eff\d-]+")
# Longer words are clauses: Lao sets blanks between phrases, not between words.
_LONGEST_WORD = 22
_LONGEST_ROLE = 10
# Written together, a Vietnamese name is its surname and at least so many letters more.
_LEAST_GIVEN_NAME = 3
# A country stands so near behind its officer's role: "… ສສ ຫວຽດນາມ".
_NEAR = 24
# "… ອາຍຸ 30 ປີ ສັນຊາດຫວຽດນາມ", also behind a second name that shares it.
_NATIONALITY_NEAR = 60


@dataclass(frozen=True, slots=True)
class _LaoCues:
    """Expressions that match at a position: titles in a text, and openings of a word."""

    title: re.Pattern[str]
    ranks: frozenset[str]
    role: re.Pattern[str]
    stop: re.Pattern[str]
    surname: re.Pattern[str]


def _alternatives(words: Iterable[str]) -> str:
    # the longest first: ຮອງລັດຖະມົນຕີ before ຮອງ
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


@lru_cache(maxsize=1)
def _cues() -> _LaoCues:
    lexicon = load_lexicon("persons")["lo"]
    spaced = _alternatives([*lexicon["ranks"], *lexicon["titles"]])
    glued = _alternatives(lexicon["honorifics"])
    return _LaoCues(
        # ທ່ານ stands without blanks on either side as well; behind a number it counts people: "3 ທ່ານ"
        re.compile(rf"(?<![\d\u0e80-\u0eff])(?:{spaced})(?=[ .])\.? ?|(?<!\d )(?<!\d)(?<!ສອງ)(?<!ສາມ)(?<!ຫຼາຍ)(?:{glued})\.? ?"),
        frozenset(lexicon["ranks"]),
        re.compile(_alternatives(lexicon["roles"])),
        re.compile(rf"(?:{_alternatives(lexicon['stops'])})|(?:{_alternatives(lexicon['stop_words'])})$"),
        re.compile(_alternatives(lexicon["surnames"])),
    )


def tag_lao_persons(text: str, places: Sequence[PlaceMention]) -> tuple[PersonMention, ...]:
    """The persons named behind a title or rank in `text`, each once, with the fullest rank and role that the text gives them."""
    cues = _cues()
    located = sorted((place for place in places if place.country), key=lambda place: place.evidence.start)
    starts = [place.evidence.start for place in located]
    found: dict[str, PersonMention] = {}
    at = 0
    while opening := cues.title.search(text, at):
        rank, at = None, opening.start()
        while title := cues.title.match(text, at):
            word = title.group().strip(" .")
            rank, at = (word if word in cues.ranks else rank), title.end()
        end = _name_end(text, at, cues)
        if end == at:
            continue
        role_start, role_end = _role(text, end, cues)
        name, role = text[at:end], text[role_start:role_end] or None
        vietnamese = cues.surname.match(name) is not None
        told = role_end + (_NEAR if role else _NATIONALITY_NEAR if "ສັນຊາດ" in text[end : end + _NATIONALITY_NEAR] else 0)
        near = [place for place in located[bisect_left(starts, at) : bisect_left(starts, told)] if role or place.evidence.start >= end]
        known = found.get(name)
        if known is None or (role and not known.role) or (rank and not known.rank):
            country = near[0].country if near else "VN" if vietnamese else "LA"
            evidence = known.evidence if known else Evidence.cut(text, at, end)
            found[name] = PersonMention(
                name, (known and known.rank) or rank, (known and known.role) or role, None, country if known is None or role else known.country,
                "official" if rank or role or (known and known.kind == "official") else "civilian", evidence, "person.lao", 0.6,
            )  # fmt: skip
        at = max(role_end, end)
    return tuple(found.values())


def _name_end(text: str, start: int, cues: _LaoCues) -> int:
    """Where the words of a name that opens at `start` end; `start` where none opens."""
    at, words = start, 0
    most = 2
    while words < most and (word := _WORD.match(text, at)):
        if not 2 <= len(word.group()) <= _LONGEST_WORD or cues.role.match(text, at) or cues.stop.match(word.group()):
            break
        if words == 0 and (surname := cues.surname.match(text, at)):
            # "ເລ ກວາງ ຕຸ່ງ" word by word, "ເຈິ່ນກົງຝູ໊" in one
            most = 4 if surname.end() == word.end() else 1 if word.end() - surname.end() >= _LEAST_GIVEN_NAME else 2
        words += 1
        start, at = word.end(), word.end()
        if text[at : at + 1] != " ":
            break
        at += 1
    return start


def _role(text: str, end: int, cues: _LaoCues) -> tuple[int, int]:
    """Start and end of the role behind a name that ends at `end`; twice `end` where there is none."""
    if text[end : end + 1] != " " or not cues.role.match(text, end + 1):
        return end, end
    at = last = end + 1
    for _ in range(_LONGEST_ROLE):
        word = _WORD.match(text, at)
        if not word or cues.title.match(text, at) or (at > end + 1 and cues.stop.match(word.group()) and not cues.role.match(text, at)):
            break
        last = word.end()
        if text[last : last + 1] != " ":
            break
        at = last + 1
    return end + 1, last
