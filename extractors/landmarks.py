"""Houses, schools and hospitals that are known by their name alone (`lexicons/landmarks.toml`): venues whose province a text need not tell."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from extractors.gazetteer import load_gazetteer
from extractors.lexicons import load_lexicon, phrase_automaton
from extractors.normalise import lower_case
from extractors.records import Evidence, Party


def landmarks(text: str, date: str | None) -> list[Party]:
    """The landmarks named in `text` in order, each with its province as of `date` (`YYYY[-MM[-DD]]` or None); the longest name at each place."""
    gazetteer = load_gazetteer()
    lower = lower_case(text)
    spans: list[tuple[int, int, str]] = []
    for last, (length, place_id) in _names().iter(lower):
        start, end = last - length + 1, last + 1
        if not _is_letter(lower[start - 1 : start]) and not _is_letter(lower[end : end + 1]):
            spans.append((start, -end, place_id))
    found: list[Party] = []
    for start, end, place_id in sorted(spans):
        if found and start < found[-1].evidence.end:
            continue
        province = gazetteer.unit(place_id)
        if date and province.successor and not province.valid_on(date):
            province = gazetteer.unit(province.successor)
        evidence = Evidence.cut(text, start, -end)
        found.append(Party(evidence.quote, province.name_on(date), province.id, province.country, evidence))
    return found


def _is_letter(char: str) -> bool:
    return char.isalnum() and not "\u0e80" <= char <= "\u0eff"  # Lao sets no spaces between words


@lru_cache(maxsize=1)
def _names() -> Any:
    return phrase_automaton({name.lower(): (len(name), place_id) for name, place_id in load_lexicon("landmarks")["landmarks"].items()})
