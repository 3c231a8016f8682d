"""What the words of a story mean, as far as that tells events apart, and which meanings meet in one sentence."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import Any

from extractors.classifiers.masked_words import SENTENCES
from extractors.lexicons import load_lexicon, phrase_automaton
from extractors.reading import Reading
from extractors.sentences import LEAD


def sense_features(reading: Reading) -> set[str]:
    """The senses of the story's words, of its lead, beside actors of how many countries, and each two that meet in a sentence.

    Each has an equals sign inside, as no word of a text has.
    """
    found: set[str] = set()
    for index, sentence in enumerate(reading.story[:SENTENCES]):
        if senses := senses_of(reading.text[sentence.start : sentence.end].lower(), reading.language):
            sides = min(2, len({actor.party.country for actor in reading.actors_in(sentence)}))
            found |= _features(frozenset(senses), sides, index < LEAD)
    return found


@lru_cache(maxsize=8192)
def _features(senses: frozenset[str], sides: int, lead: bool) -> frozenset[str]:
    found: set[str] = set()
    for sense in senses:
        found |= {f"sense={sense}", f"sense={sense},{sides}"}
        if lead:
            found.add(f"lead sense={sense}")
    found.update(f"meet={one}&{other}" for one, other in combinations(sorted(senses), 2))
    return frozenset(found)


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
