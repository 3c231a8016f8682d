"""The event types and status cues as read from their data files: `event_types/*.toml`, `lexicons/status.toml`, `lexicons/topics.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Set
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from extractors.lexicons import load_lexicon, phrase_automaton
from extractors.records import EventType

FOLDER = Path(__file__).parent / "event_types"


@dataclass(frozen=True, slots=True)
class EventRule:
    """One event type: what its file says. `unless_*` are tried on up to 80 characters before and 60 behind a trigger."""

    type: EventType
    plover: str
    cameo: str
    unless_before: re.Pattern[str] | None
    unless_after: re.Pattern[str] | None
    requires: re.Pattern[str] | None
    both_sides: bool
    documents: dict[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger phrase found at `start:end` of a sentence."""

    start: int
    end: int
    phrase: str
    type: EventType
    weak: bool = False


@dataclass(frozen=True, slots=True)
class EventRules:
    """All rules, with one automaton a language over the triggers of all types, full and weak, and over the status cues, and one over the topics."""

    rules: dict[str, EventRule]
    phrases: dict[str, Any]
    status: dict[str, dict[str, re.Pattern[str]]]
    topics: dict[str, Any]

    def read_sentence(self, lower: str, language: str) -> tuple[list[Trigger], set[str]]:
        """The triggers in a lower-case sentence, and the status cues whose words stand anywhere in it: the pattern of any other cue finds nothing.

        Triggers are whole words, the longest at a place for each type; weak ones count where no other of the type stands.
        """
        full: list[_Hit] = []
        weak: list[_Hit] = []
        present: set[str] = set()
        spaced = language != "lo"
        for last, phrase in self.phrases[language].iter(lower):
            present.update(phrase.cues)
            if not phrase.full and not phrase.weak:
                continue
            start, end = last - phrase.length + 1, last + 1
            if spaced and ((start and lower[start - 1].isalnum()) or (phrase.ends_in_letter and end < len(lower) and lower[end].isalnum())):
                continue
            full += [(start, -end, phrase.text, type_) for type_ in phrase.full]
            weak += [(start, -end, phrase.text, type_) for type_ in phrase.weak]
        if not full and not weak:
            return [], present
        kept = _longest(full, frozenset(), weak=False)
        return kept + _longest(weak, {trigger.type for trigger in kept}, weak=True), present

    def triggers(self, lower: str, language: str) -> list[Trigger]:
        """The triggers in a lower-case sentence."""
        return self.read_sentence(lower, language)[0]


# Start, negative end, phrase and type: in this order a longer phrase stands before a shorter one.
_Hit = tuple[int, int, str, EventType]


@dataclass(slots=True)
class _Phrase:
    """A phrase of the rule files: of which types it is a trigger, and of which cues of status a word."""

    text: str
    length: int
    ends_in_letter: bool
    full: list[EventType] = field(default_factory=list)
    weak: list[EventType] = field(default_factory=list)
    cues: list[str] = field(default_factory=list)


def _longest(hits: list[_Hit], but: Set[str], *, weak: bool) -> list[Trigger]:
    """The triggers of all types except `but`, at each place the longest of a type."""
    kept: list[Trigger] = []
    reached: dict[str, int] = {}
    for start, negative_end, phrase, type_ in sorted(hits, key=itemgetter(0, 1)):
        if type_ not in but and -negative_end > reached.get(type_, 0):
            kept.append(Trigger(start, -negative_end, phrase, type_, weak))
            reached[type_] = -negative_end
    return kept


def read_rules(folder: Path) -> dict[str, dict[str, Any]]:
    """The parsed files of an event-type folder by type."""
    parsed = (tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml")))
    return {rule["type"]: rule for rule in parsed}


def compile_rules(files: dict[str, dict[str, Any]]) -> EventRules:
    """Rules ready for use from the contents of their files."""
    rules: dict[str, EventRule] = {}
    phrases: dict[str, dict[str, _Phrase]] = {"vi": {}, "en": {}, "lo": {}}

    def phrase(language: str, word: str) -> _Phrase:
        lower = word.lower()
        return phrases[language].setdefault(lower, _Phrase(lower, len(lower), lower[-1].isalnum()))

    for type_, file in files.items():
        unless = file.get("unless", {})
        before = "|".join(f"(?:{pattern if pattern.endswith('$') else pattern + '$'})" for pattern in unless.get("before", []))
        after = "|".join(f"(?:{pattern})" for pattern in unless.get("after", []))
        rules[type_] = EventRule(
            file["type"], file["plover"], file["cameo"], _on_lower_case(before) if before else None, _on_lower_case(after) if after else None,
            _on_lower_case(rf"(?<!\w)(?:{file['requires']})(?!\w)|{file['requires_unspaced']}") if "requires" in file else None, bool(file.get("both_sides")),
            {language: re.compile(pattern) for language, pattern in file.get("documents", {}).items()},
        )  # fmt: skip
        for language, words in file["triggers"].items():
            for word in words:
                phrase(language, word).full.append(file["type"])
        for language, words in file.get("weak", {}).items():
            for word in words:
                phrase(language, word).weak.append(file["type"])
    status = {
        language: {cue: _cue(words, language, cues.get(f"{cue}_but", [])) for cue, words in cues.items() if not cue.endswith("_but")}
        for language, cues in load_lexicon("status").items() if isinstance(cues, dict)
    }  # fmt: skip
    for language, cues in load_lexicon("status").items():
        if isinstance(cues, dict):
            for cue, words in cues.items():
                for word in words if not cue.endswith("_but") else ():
                    phrase(language, word).cues.append(cue)
    topics = {
        language: phrase_automaton({word: [(word, topic)] for topic, words in entries.items() for word in words})
        for language, entries in load_lexicon("topics").items() if isinstance(entries, dict)
    }  # fmt: skip
    return EventRules(rules, {language: phrase_automaton(entries) for language, entries in phrases.items()}, status, topics)


def _on_lower_case(expression: str) -> re.Pattern[str]:
    """The expression for lower-case text: without capitals of its own it needs not ignore case, which makes it three times as slow."""
    return re.compile(expression, 0 if expression == expression.lower() else re.I)


def _cue(words: list[str], language: str, but: list[str]) -> re.Pattern[str]:
    """One pattern for lower-case text over whole words; the boundaries stand outside the alternatives, which makes it several times faster.

    `but`: longer phrases that open with one of the words and mean something else.
    """
    alternatives, others = (
        "|".join(re.escape(word.lower()) for word in sorted(listed, key=len, reverse=True)) or "(?!)" for listed in (words, but)
    )
    return re.compile(rf"(?<!\w)(?!(?:{others})(?!\w))(?:{alternatives})" + ("" if language == "lo" else r"(?!\w)"))


@lru_cache(maxsize=1)
def load_rules() -> EventRules:
    """The packaged rules, compiled once."""
    return compile_rules(read_rules(FOLDER))
