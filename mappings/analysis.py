"""Tokens: how text becomes the words of the index, the same for documents, queries and highlighting, whatever the backend.

Each backend gets words that were cut here and only splits them at spaces. Two engines' tokenizers and folding filters differ in many small
ways (decomposed letters, đ, Lao vowels); one function cannot differ from itself.

Lao, Thai, Khmer, Burmese and Chinese are written without spaces between words. Their runs are cut into the smallest clusters whose
borders depend on nothing outside them: a Lao or Thai consonant with the vowel before it and the marks on it, a Khmer or Burmese
consonant with the ones stacked below it, a Chinese character. A word then has the same clusters inside a run as alone, so that looking for
it is looking for a phrase of clusters. What this costs: ລາ is also found as the beginning of ລາວ, since a final consonant is a cluster
of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from extractors.normalise import fold

# Longer than any word of these languages. Elasticsearch cuts words at 255 characters and Lucene refuses terms of 32,766 bytes.
_LONGEST = 64

_LAO = r"[\u0ec0-\u0ec4]*(?:\u0eab[\u0e99\u0ea1\u0ea5]|[\u0e81-\u0eae\u0edc-\u0edf])[\u0eb0-\u0ebd\u0ec8-\u0ece]*"
_THAI = r"[\u0e40-\u0e44]*[\u0e01-\u0e2e][\u0e30-\u0e3a\u0e45\u0e47-\u0e4e]*"
_KHMER = r"[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd])*"
_BURMESE = r"[\u1000-\u102a\u103f\u1050-\u1055](?:\u1039[\u1000-\u1021]|[\u102b-\u103e\u1056-\u1059])*"
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
# Signs of these scripts that stand alone: the Lao and Thai repetition marks, or a vowel whose consonant is missing.
_STRAY = r"[\u0e30-\u0e3a\u0e40-\u0e4e\u0eb0-\u0ece\u102b-\u103e\u17b4-\u17d3\u17d7]+"
_UNSPACED = r"[\u0e01-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u1000-\u103f\u1050-\u109f\u1780-\u17dd\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
# Most of what is read is Latin: its own alternative, tried first, makes cutting several times faster than the general one.
_LATIN = r"[0-9A-Za-zªµºÀ-ÖØ-öø-ɏḀ-ỿ\u0300-\u036f]+"
# Python's \w holds letters and digits of every script but no combining marks: those of decomposed Latin are added.
_WORD = rf"(?:(?!{_UNSPACED})[^\W_]|[\u0300-\u036f])+"
_CLUSTER = f"{_LAO}|{_THAI}|{_KHMER}|{_BURMESE}|{_HAN}|{_STRAY}"
_TOKEN = re.compile(f"{_LATIN}|(?P<unspaced>{_CLUSTER})|{_WORD}")
_SURFACE = re.compile(f"{_LATIN}|{_CLUSTER}|{_WORD}")

# Capitals as in CA, ANTT, BĐBP. Only outside lines written wholly in capitals, where every short word would look like one.
_ABBREVIATION = re.compile(r"(?<![^\W_])[A-ZĐÂÊÔƠƯĂ]{2,8}(?![^\W_])")

# Old and new placement of the tone mark, hòa and hoà, túy and tuý: one spelling for comparing. Folding makes it moot elsewhere.
_TONE_PAIRS = re.compile(r"[òóỏõọ][ae]|[ùúủũụ]y")
_MOVED = {
    old + plain: base + new
    for base, olds, plain, news in (
        ("o", "òóỏõọ", "a", "àáảãạ"),
        ("o", "òóỏõọ", "e", "èéẻẽẹ"),
        ("u", "ùúủũụ", "y", "ỳýỷỹỵ"),
    )
    for old, new in zip(olds, news, strict=True)
}

# The two ways to write Lao digraphs and the vowel AM.
_LAO_SPELLINGS = (("\u0edc", "\u0eab\u0e99"), ("\u0edd", "\u0eab\u0ea1"), ("\u0ebc", "\u0ea5"), ("\u0ecd\u0eb2", "\u0eb3"))


@dataclass(frozen=True, slots=True)
class Token:
    """A word or cluster of a text: `text[start:end]`. `joined`: it continues an unspaced run, the token before it touches it."""

    start: int
    end: int
    surface: str
    unspaced: bool
    joined: bool

    @property
    def folded(self) -> str:
        """Without diacritics and case."""
        return folded_word(self.surface)

    @property
    def exact(self) -> str:
        """With diacritics, without case, the tone mark in its modern place."""
        return exact_word(self.surface)


@lru_cache(maxsize=1 << 16)
def exact_word(word: str) -> str:
    """The key of a word with its diacritics. `túy` and `tuý` have the same one."""
    key = unicodedata.normalize("NFC", word.lower())
    key = _TONE_PAIRS.sub(lambda pair: _MOVED[pair[0]], key)
    if "\u0e80" <= max(key) <= "\u0eff":
        for one, other in _LAO_SPELLINGS:
            key = key.replace(one, other)
    return key[:_LONGEST]


@lru_cache(maxsize=1 << 16)
def folded_word(word: str) -> str:
    """The key of a word without its Latin diacritics, đ as d; other scripts keep their marks."""
    return fold(exact_word(word))[:_LONGEST]


def tokens(text: str) -> Iterator[Token]:
    """The words and clusters of `text`, in order, with their places in it."""
    end = -1
    for match in _TOKEN.finditer(text):
        unspaced = match["unspaced"] is not None
        yield Token(match.start(), match.end(), match[0], unspaced, unspaced and match.start() == end)
        end = match.end() if unspaced else -1


def has_diacritics(text: str) -> bool:
    """Whether any word of `text` is written with Latin diacritics or đ."""
    return any(token.folded != token.exact for token in tokens(text))


def abbreviations(text: str) -> list[str]:
    """The words of 2 to 8 capitals in `text`, each once, sorted."""
    found: set[str] = set()
    for line in unicodedata.normalize("NFC", text).split("\n"):
        if not line.isupper() or len(line.split()) == 1:
            found.update(_ABBREVIATION.findall(line))
    return sorted(found)


def searchable(text: str) -> tuple[str, str]:
    """The folded and the exact words of `text`, each joined by single spaces: what the backends index."""
    words = _SURFACE.findall(text)
    return " ".join(map(folded_word, words)), " ".join(map(exact_word, words))
