"""What speaks for and against an event type in a text: features of all its triggers, of what the rules made of them, and of who acts in the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractors.candidates import Candidate, Considered
from extractors.classifiers.masked_words import Word, masked_words
from extractors.classifiers.senses import sense_features
from extractors.reading import Reading
from extractors.sentences import LEAD

# Triggers whose words are looked at: the best two say most, and a long text must not have more features than a short one.
_LOOKED_AT = 2
_WORDS_AROUND = 6


@dataclass(frozen=True, slots=True)
class EventFeatures:
    """The features of each event type that has a trigger in the text, by type; those of the text as a whole; its words and their senses, which each
    decision weighs in its own way."""

    by_type: dict[str, set[str]]
    text: set[str]
    words: frozenset[str]


def event_features(reading: Reading, considered: Sequence[Considered], candidates: Sequence[Candidate]) -> EventFeatures:
    """What speaks for each type of which `considered` has a trigger; `candidates` are those that the rules accept."""
    by_type: dict[str, list[Considered]] = {}
    for one in considered:
        by_type.setdefault(one.trigger.type, []).append(one)
    current: set[str] = {candidate.type for candidate in candidates if candidate.status in ("occurred", "planned")}
    background: set[str] = {candidate.type for candidate in candidates if candidate.status == "background"}
    text = _text_features(reading, considered, bool(candidates))
    story = masked_words(reading)
    found = {
        type_: _type_features(story, type_, triggers, text, type_ in current, type_ in background, current - {type_})
        for type_, triggers in by_type.items()
    }
    whole = text | {f"told={type_}" for type_ in current} | {f"trigger={type_}" for type_ in by_type} | {f"told={min(len(current), 3)}"}
    lead = {f"lead {word}" for sentence in story[:LEAD] for _, word in sentence}
    words = lead.union((word for sentence in story for _, word in sentence), sense_features(reading))
    return EventFeatures(found, whole, frozenset(words))


def position(index: int) -> str:
    """Where in the story a sentence stands: its index, in steps that widen."""
    return "0" if index == 0 else "1" if index == 1 else "2" if index < 4 else "4" if index < 8 else "8"


def _text_features(reading: Reading, considered: Sequence[Considered], relevant: bool) -> set[str]:
    acting = {actor.party.country for sentence in reading.story for actor in reading.actors_in(sentence)}
    foreign = sum(1 for one in reading.organizations if one.country not in (None, "VN"))
    own = sum(1 for one in reading.organizations if one.country in (None, "VN"))
    officials = sum(1 for one in reading.persons if one.kind == "official" and one.country not in (None, "VN"))
    suspects = any(one.kind == "suspect" for one in reading.persons)
    places = len({place.country for place in reading.places if place.country})
    return {
        f"text:candidates={relevant}", f"text:acting={min(len(acting), 3)}", f"text:foreign={min(foreign, 2)}", f"text:own={min(own, 2)}",
        f"text:officials={min(officials, 2)}", f"text:suspects={suspects}", f"text:language={reading.language}", f"text:countries={min(places, 3)}",
        f"text:level={max((one.level for one in considered), default=0)}",
    }  # fmt: skip


def _type_features(
    story: list[list[Word]], type_: str, triggers: list[Considered], text: set[str], current: bool, background: bool, others: set[str]
) -> set[str]:
    accepted = [one for one in triggers if one.refused is None and one.status is not None]
    said = "current" if current else "background" if background else "nothing"
    own = {"bias", f"rules={said}", f"accepted={min(len(accepted), 3)}", f"triggers={min(len(triggers), 4)}"}
    for one in triggers:
        own |= {f"verdict={one.refused or one.status}", f"status={one.status}", f"level={one.level}"}
        own.add(f"level={one.level},{one.refused is None},{one.status}")
    first = min(triggers, key=lambda one: one.index)
    own |= {f"first={position(first.index)}", f"kind={first.sentence.kind}"}
    if accepted:
        own |= {f"accepted at={position(accepted[0].index)}", f"accepted level={max(one.level for one in accepted)}"}
    best = sorted(triggers, key=lambda one: (one.refused is not None or one.status is None, -one.level, one.index))[: _LOOKED_AT + 1]
    own |= {f"phrase={one.trigger.phrase}" for one in best}
    features = own | {f"{type_}|{name}" for name in own} | text | {f"{said}|{name}" for name in text}
    features |= {f"{type_}|beside={other}" for other in others}
    for one in best[:_LOOKED_AT]:
        if one.index < len(story):
            features |= _words_around(story[one.index], one)
    return features


def _words_around(sentence: list[Word], one: Considered) -> set[str]:
    before = [word for at, word in sentence if at < one.start][-_WORDS_AROUND:]
    after = [word for at, word in sentence if at >= one.end][:_WORDS_AROUND]
    return {
        *(f"before={word}" for word in before),
        *(f"after={word}" for word in after),
        *(f"before{min(distance, 2)}={word}" for distance, word in enumerate(reversed(before))),
        *(f"after{min(distance, 2)}={word}" for distance, word in enumerate(after)),
        *(f"before={one} {two}" for one, two in pairwise(before)),
        *(f"after={one} {two}" for one, two in pairwise(after)),
    }
