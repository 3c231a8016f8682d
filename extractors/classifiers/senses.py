"""What the words of a story mean, as far as that tells events apart, and which meanings meet in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

from extractors.classifiers.masked_words import SENTENCES
from extractors.lexicons import load_lexicon, phrase_automaton
from extractors.reading import Reading
from extractors.sentences import LEAD


def story_senses(reading: Reading) -> list[tuple[frozenset[str], int]]:
    """Of each of the story's first sentences the senses of its words, and how many countries act in it (2: two or more)."""
    return [
        (
            frozenset(senses_of(reading.text[sentence.start : sentence.end].lower(), reading.language)),
            min(2, len({actor.party.country for actor in reading.actors_in(sentence)})),
        )
        for sentence in reading.story[:SENTENCES]
    ]


def sense_features(story: Sequence[tuple[frozenset[str], int]]) -> set[str]:
    """The senses of a story's words, of its lead, beside actors of how many countries, and each two that meet in a sentence.

    Each has an equals sign inside, as no word of a text has.
    """
    found: set[str] = set()
    for index, (senses, sides) in enumerate(story):
        if senses:
            found |= _features(senses, sides, index < LEAD)
    return found


@lru_cache(maxsize=8192)
def _features(senses: frozenset[str], sides: int, lead: bool) -> frozenset[str]:
    found = set(met(senses))
    for sense in senses:
        found |= {f"sense={sense}", f"sense={sense},{sides}"}
        if lead:
            found.add(f"lead sense={sense}")
    return frozenset(found)


@lru_cache(maxsize=8192)
def met(senses: frozenset[str]) -> frozenset[str]:
    """A feature for each two senses that meet."""
    return frozenset(f"meet={one}&{other}" for one, other in combinations(sorted(senses), 2))


def senses_of(lower: str, language: str) -> set[str]:
    """The senses of the phrases in a lower-case sentence; of phrases that share words the first and longest counts."""
    hits = []
    for last, (length, senses) in _automaton(language).iter(lower):
        start, end = last - length + 1, last + 1
        if language == "lo" or not ((start > 0 and lower[start - 1].isalnum()) or (end < len(lower) and lower[end].isalnum())):
            hits.append((start, -end, senses))
    if not hits:
        return set()
    found: set[str] = set()
    position = 0
    for start, end, senses in sorted(hits):
        if start >= position:
            found.update(senses)
            position = -end
    return found


@lru_cache(maxsize=4)
def _automaton(language: str) -> Any:
    phrases: dict[str, tuple[str, ...]] = {}
    for sense, words in load_lexicon("senses")[language].items():
        for word in words:
            phrases[word] = (*phrases.get(word, ()), sense)
    return phrase_automaton({word: (len(word), senses) for word, senses in phrases.items()})
