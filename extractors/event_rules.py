"""The event types and status cues as read from their data files: `event_types/*.toml`, `lexicons/status.toml`, `lexicons/topics.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
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
    """All rules, with automata over the triggers of a language, over its weak ones and over its status cues."""

    rules: dict[str, EventRule]
    automata: dict[str, Any]
    weak: dict[str, Any]
    status: dict[str, dict[str, re.Pattern[str]]]
    cues: dict[str, Any]
    topics: dict[str, Any]

    def cues_in(self, lower: str, language: str) -> set[str]:
        """The status cues whose words stand anywhere in a lower-case sentence: the pattern of any other cue finds nothing in it."""
        return {cue for _, cues in self.cues[language].iter(lower) for cue in cues}

    def triggers(self, lower: str, language: str) -> list[Trigger]:
        """Triggers in a lower-case sentence: whole words, the longest at a place for each type; weak ones where no other of the type stands."""
        kept: list[Trigger] = []
        reached: dict[str, int] = {}
        for trigger in _found(self.automata[language], lower, language):
            if trigger.end > reached.get(trigger.type, 0):
                kept.append(trigger)
                reached[trigger.type] = trigger.end
        strong = {trigger.type for trigger in kept}
        reached.clear()
        for trigger in _found(self.weak[language], lower, language, weak=True):
            if trigger.type not in strong and trigger.end > reached.get(trigger.type, 0):
                kept.append(trigger)
                reached[trigger.type] = trigger.end
        return kept


def _found(automaton: Any, lower: str, language: str, *, weak: bool = False) -> list[Trigger]:
    found: list[Trigger] = []
    for last, entries in automaton.iter(lower):
        for phrase, type_ in entries:
            start, end = last - len(phrase) + 1, last + 1
            if language != "lo" and (
                (start and lower[start - 1].isalnum()) or (end < len(lower) and lower[end].isalnum() and phrase[-1].isalnum())
            ):
                continue
            found.append(Trigger(start, end, phrase, type_, weak))
    found.sort(key=lambda trigger: (trigger.start, -trigger.end))
    return found


def read_rules(folder: Path) -> dict[str, dict[str, Any]]:
    """The parsed files of an event-type folder by type."""
    parsed = (tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.toml")))
    return {rule["type"]: rule for rule in parsed}


def compile_rules(files: dict[str, dict[str, Any]]) -> EventRules:
    """Rules ready for use from the contents of their files."""
    rules: dict[str, EventRule] = {}
    phrases: dict[str, dict[str, list[tuple[str, str]]]] = {"vi": {}, "en": {}, "lo": {}}
    weak: dict[str, dict[str, list[tuple[str, str]]]] = {"vi": {}, "en": {}, "lo": {}}
    for type_, file in files.items():
        unless = file.get("unless", {})
        before = "|".join(f"(?:{pattern if pattern.endswith('$') else pattern + '$'})" for pattern in unless.get("before", []))
        after = "|".join(f"(?:{pattern})" for pattern in unless.get("after", []))
        rules[type_] = EventRule(
            file["type"], file["plover"], file["cameo"], re.compile(before, re.I) if before else None, re.compile(after, re.I) if after else None,
            re.compile(rf"(?<!\w)(?:{file['requires']})(?!\w)|{file['requires_unspaced']}", re.I) if "requires" in file else None, bool(file.get("both_sides")),
            {language: re.compile(pattern) for language, pattern in file.get("documents", {}).items()},
        )  # fmt: skip
        for table, where in ((file["triggers"], phrases), (file.get("weak", {}), weak)):
            for language, words in table.items():
                for word in words:
                    where[language].setdefault(word.lower(), []).append((word.lower(), file["type"]))
    automata = {language: phrase_automaton(entries) for language, entries in phrases.items()}
    status = {
        language: {cue: _cue(words, language) for cue, words in cues.items()}
        for language, cues in load_lexicon("status").items() if isinstance(cues, dict)
    }  # fmt: skip
    cues: dict[str, Any] = {}
    for language, words_of in load_lexicon("status").items():
        if isinstance(words_of, dict):
            cues_of: dict[str, list[str]] = {}
            for cue, words in words_of.items():
                for word in words:
                    cues_of.setdefault(word.lower(), []).append(cue)
            cues[language] = phrase_automaton(cues_of)
    topics = {
        language: phrase_automaton({word: [(word, topic)] for topic, words in entries.items() for word in words})
        for language, entries in load_lexicon("topics").items() if isinstance(entries, dict)
    }  # fmt: skip
    faint = {language: phrase_automaton(entries) for language, entries in weak.items()}
    return EventRules(rules, automata, faint, status, cues, topics)


def _cue(words: list[str], language: str) -> re.Pattern[str]:
    """One pattern for lower-case text over whole words; the boundaries stand outside the alternatives, which makes it several times faster."""
    alternatives = "|".join(re.escape(word.lower()) for word in sorted(words, key=len, reverse=True)) or "(?!)"
    return re.compile(rf"(?<!\w)(?:{alternatives})" + ("" if language == "lo" else r"(?!\w)"))


@lru_cache(maxsize=1)
def load_rules() -> EventRules:
    """The packaged rules, compiled once."""
    return compile_rules(read_rules(FOLDER))
