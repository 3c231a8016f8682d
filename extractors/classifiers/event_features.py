"""What speaks for and against an event type in a text: features of all its triggers, of what the rules made of them, and of who acts in the text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from extractors.candidates import Candidate, Considered
from extractors.classifiers.masked_words import Word, masked_words
from extractors.classifiers.senses import sense_features, story_senses
from extractors.reading import Reading
from extractors.sentences import LEAD

# Triggers whose words are looked at: the best two say most, and a long text must not have more features than a short one.
_LOOKED_AT = 2
_WORDS_AROUND = 6


# Where the words around a trigger stand: on which side, as pairs as well, and how many words away from it.
AROUND = ("before", "after", "before0", "before1", "before2", "after0", "after1", "after2")
_BEFORE, _AFTER, _NEAR_BEFORE, _NEAR_AFTER = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class TypeFeatures:
    """What speaks for one event type. The parts are kept apart, because a model looks most of them up without writing their names out.

    `own`: of its triggers, which count by themselves and for this type; `text`: of the text as a whole, which count by themselves and beside what the
    rules `said`; `beside`: the other types told; `around`: for each of AROUND the words that stand there.
    """

    type: str
    said: str
    own: set[str]
    text: set[str]
    beside: set[str]
    around: tuple[set[str], ...]

    def names(self) -> Iterator[str]:
        """The names of all features, as models are trained on them."""
        for joined, names in ((self.type, self.own), (self.said, self.text)):
            for name in names:
                yield name
                yield f"{joined}|{name}"
        for other in self.beside:
            yield f"{self.type}|beside={other}"
        for place, words in zip(AROUND, self.around, strict=True):
            for word in words:
                yield f"{place}={word}"


@dataclass(frozen=True, slots=True)
class EventFeatures:
    """The features of each event type that has a trigger in the text, by type; those of the text as a whole; its words and their senses, which each
    decision weighs in its own way; and, for a look at each sentence by itself, its words in order and their senses."""

    by_type: dict[str, TypeFeatures]
    text: set[str]
    words: frozenset[str]
    sentences: list[list[Word]]
    senses: list[tuple[frozenset[str], int]]


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
    senses = story_senses(reading)
    words = lead.union((word for sentence in story for _, word in sentence), sense_features(senses))
    return EventFeatures(found, whole, frozenset(words), story, senses)


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
) -> TypeFeatures:
    accepted = [one for one in triggers if one.refused is None and one.status is not None]
    said = "current" if current else "background" if background else "nothing"
    own = {"bias", f"rules={said}", f"accepted={min(len(accepted), 3)}", f"triggers={min(len(triggers), 4)}"}
    for verdict in {(one.refused, one.status, one.level) for one in triggers}:
        own |= _verdict_features(*verdict)
    first = min(triggers, key=lambda one: one.index)
    own |= {f"first={position(first.index)}", f"kind={first.sentence.kind}"}
    if accepted:
        own |= {f"accepted at={position(accepted[0].index)}", f"accepted level={max(one.level for one in accepted)}"}
    best = sorted(triggers, key=lambda one: (one.refused is not None or one.status is None, -one.level, one.index))[: _LOOKED_AT + 1]
    own |= {f"phrase={one.trigger.phrase}" for one in best}
    around: tuple[set[str], ...] = tuple(set() for _ in AROUND)
    for one in best[:_LOOKED_AT]:
        if one.index < len(story):
            _add_words_around(around, story[one.index], one)
    return TypeFeatures(type_, said, own, text, others, around)


@lru_cache(maxsize=256)
def _verdict_features(refused: str | None, status: str | None, level: int) -> frozenset[str]:
    return frozenset({f"verdict={refused or status}", f"status={status}", f"level={level}", f"level={level},{refused is None},{status}"})


def _add_words_around(around: tuple[set[str], ...], sentence: list[Word], one: Considered) -> None:
    left, right = bisect_left(sentence, (one.start,)), bisect_left(sentence, (one.end,))
    before = [word for _, word in sentence[max(0, left - _WORDS_AROUND) : left]]
    after = [word for _, word in sentence[right : right + _WORDS_AROUND]]
    for words, side, near in ((before, _BEFORE, before[::-1]), (after, _AFTER, after)):
        around[side].update(words, map(" ".join, pairwise(words)))
        nearest = _NEAR_BEFORE if side == _BEFORE else _NEAR_AFTER
        for distance, word in enumerate(near):
            around[nearest + min(distance, 2)].add(word)
