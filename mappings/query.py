"""What a query asks for, in terms that both backends have: words and phrases that must be there, and ones that rank higher.

Every unit of a query must match: a word, a run of an unspaced script, a quoted phrase, or an alias in any of its spellings. Each pair of
neighbouring words that also stand next to each other in a text raises its rank, since most Vietnamese words have two syllables. A query
that is written with diacritics ranks texts with the same ones higher; one without them would only be disturbed (notes on the index: nDCG
.809 against .764), so it gets no such clause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from extractors.errors import InputError
from extractors.normalise import normalise_text
from mappings.aliases import Aliases, Match
from mappings.analysis import Token, has_diacritics, tokens

# Longer input is a pasted article, not a query; Elasticsearch refuses a query of too many clauses, and ours has up to ten for a word.
MAX_CHARACTERS = 500
MAX_WORDS = 64

_QUOTED = re.compile('["“”„«]([^"“”„»]+)["“”»]')


@dataclass(frozen=True, slots=True)
class Unit:
    """One of these must be in the document; the best of them gives the rank."""

    anyone: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """All of `must` have to match; each of `should` that does raises the rank. Both empty: every document matches."""

    must: tuple[Unit, ...] = ()
    should: tuple[Match, ...] = ()


def build_query(text: str, aliases: Aliases) -> Query:
    """The query that `text` asks for; empty or white text asks for everything.

    A balanced pair of quotation marks makes a phrase of what it encloses, without aliases, and with its diacritics if it has any; a single
    mark is ignored. Raises InputError for text without a letter or digit, or of more than 500 characters or 64 words.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"the query has {len(text)} characters: use at most {MAX_CHARACTERS}")
    text = normalise_text(text)
    if not text.strip():
        return Query()
    words = list(tokens(text))
    if not words:
        raise InputError(f"the query {text.strip()!r} holds no letter or digit: type a word to look for")
    if len(words) > MAX_WORDS:
        raise InputError(f"the query has {len(words)} words: use at most {MAX_WORDS}")

    must: list[Unit] = []
    should: list[Match] = []
    diacritics = has_diacritics(text)
    position = 0
    for quoted in _QUOTED.finditer(text):
        _add_words(text[position : quoted.start()], aliases, diacritics, must, should)
        _add_phrase(quoted[1], must)
        position = quoted.end()
    _add_words(text[position:], aliases, diacritics, must, should)
    return Query(tuple(must), tuple(should))


def _add_phrase(text: str, must: list[Unit]) -> None:
    words = list(tokens(text))
    if not words:
        return
    if any(word.exact != word.folded for word in words):
        must.append(Unit((Match("exact", tuple(word.exact for word in words)),)))
    else:
        must.append(Unit((Match("folded", tuple(word.folded for word in words)),)))


def _add_words(text: str, aliases: Aliases, diacritics: bool, must: list[Unit], should: list[Match]) -> None:
    words = list(tokens(text))
    plain: list[Token] = []
    at = 0
    while at < len(words):
        length, matches = aliases.at(words, at, diacritics=diacritics)
        if length:
            must.append(Unit(matches))
            _add_ranking(plain, diacritics, should)
            plain = []
            at += length
            continue
        run = [words[at]]
        while at + len(run) < len(words) and words[at + len(run)].joined and not aliases.at(words, at + len(run), diacritics=diacritics)[0]:
            run.append(words[at + len(run)])
        must.append(Unit((Match("folded", tuple(word.folded for word in run)),)))
        at += len(run)
        if run[0].unspaced:
            _add_ranking(plain, diacritics, should)
            plain = []
        else:
            plain.append(run[0])
    _add_ranking(plain, diacritics, should)


def _add_ranking(words: list[Token], diacritics: bool, should: list[Match]) -> None:
    """The clauses that rank: pairs of neighbours, and with diacritics each word and pair as written."""
    pairs = list(pairwise(words))
    should += [Match("folded", (one.folded, other.folded)) for one, other in pairs]
    if diacritics:
        should += [Match("exact", (word.exact,)) for word in words]
        should += [Match("exact", (one.exact, other.exact)) for one, other in pairs]
