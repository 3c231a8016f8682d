"""Everything the taggers know of one text before events are sought: sentences, mentions, actors, dates, amounts, by position."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from extractors.actors import Actor
from extractors.dates import DateContext, DateExpression
from extractors.records import Amount, OrganizationMention, Party, PersonMention, PlaceMention
from extractors.sentences import Sentence
from extractors.tokens import Token


@dataclass(frozen=True, slots=True)
class Reading:
    """One text as read so far. Lists are in order of appearance."""

    text: str
    language: str
    sentences: list[Sentence]
    places: tuple[PlaceMention, ...]
    organizations: tuple[OrganizationMention, ...]
    persons: tuple[PersonMention, ...]
    amounts: tuple[Amount, ...]
    actors: list[Actor]
    dates: list[DateExpression]
    context: DateContext
    story: list[Sentence]
    tokens: list[Token]
    homes: frozenset[int]  # where the places begin at which persons live
    landmarks: tuple[Party, ...]
    _known: dict[str, list[int]] = field(default_factory=dict, repr=False, compare=False)

    def actors_in(self, sentence: Sentence) -> list[Actor]:
        """The actors named in a sentence."""
        starts = self._starts("actors", lambda: [actor.start for actor in self.actors])
        return self.actors[bisect_left(starts, sentence.start) : bisect_left(starts, sentence.end)]

    def dates_in(self, sentence: Sentence) -> list[DateExpression]:
        """The date expressions in a sentence that date something reported."""
        starts = self._starts("dates", lambda: [date.start for date in self.dates])
        within = self.dates[bisect_left(starts, sentence.start) : bisect_left(starts, sentence.end)]
        return [date for date in within if date.role == "event"]

    def places_between(self, start: int, end: int) -> list[PlaceMention]:
        """The place mentions that begin in `start:end`."""
        return self._between("places", self.places, start, end)

    def landmarks_between(self, start: int, end: int) -> list[Party]:
        """The landmarks that are named in `start:end`, as bodies of their province."""
        return self._between("landmarks", self.landmarks, start, end)

    def amounts_in(self, sentence: Sentence) -> list[Amount]:
        """The amounts in a sentence."""
        return self._between("amounts", self.amounts, sentence.start, sentence.end)

    def with_amounts(self, amounts: tuple[Amount, ...]) -> Reading:
        """The same text with these amounts only, in order."""
        return replace(self, amounts=amounts, _known={})

    def persons_in(self, sentence: Sentence) -> list[PersonMention]:
        """The persons first named in a sentence."""
        return self._between("persons", self.persons, sentence.start, sentence.end)

    def organizations_between(self, start: int, end: int) -> list[OrganizationMention]:
        """The organization mentions that begin in `start:end`."""
        return self._between("organizations", self.organizations, start, end)

    def _between(self, name: str, mentions: Sequence[Any], start: int, end: int) -> list[Any]:
        starts = self._starts(name, lambda: [mention.evidence.start for mention in mentions])
        return list(mentions[bisect_left(starts, start) : bisect_left(starts, end)])

    def _starts(self, name: str, offsets: Callable[[], list[int]]) -> list[int]:
        """Offsets of one kind of mention, listed once a text: asked for every sentence, a long text must not be walked each time."""
        if name not in self._known:
            self._known[name] = offsets()
        return self._known[name]
