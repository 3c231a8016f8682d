"""Everything the taggers know of one text before events are sought: sentences, mentions, actors, dates, amounts, by position."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from extractors.actors import Actor
from extractors.dates import DateContext, DateExpression
from extractors.records import Amount, OrganizationMention, PersonMention, PlaceMention
from extractors.sentences import Sentence


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
    story: list[Sentence] = field(default_factory=list)

    def actors_in(self, sentence: Sentence) -> list[Actor]:
        """The actors named in a sentence."""
        return [actor for actor in self.actors if sentence.start <= actor.start < sentence.end]

    def dates_in(self, sentence: Sentence) -> list[DateExpression]:
        """The date expressions in a sentence that date something reported."""
        return [date for date in self.dates if sentence.start <= date.start < sentence.end and date.role == "event"]

    def places_between(self, start: int, end: int) -> list[PlaceMention]:
        """The place mentions that begin in `start:end`."""
        return _between(self.places, start, end)

    def amounts_in(self, sentence: Sentence) -> list[Amount]:
        """The amounts in a sentence."""
        return _between(self.amounts, sentence.start, sentence.end)

    def persons_in(self, sentence: Sentence) -> list[PersonMention]:
        """The persons first named in a sentence."""
        return [person for person in self.persons if sentence.start <= person.evidence.start < sentence.end]


def _between(mentions: Sequence[Any], start: int, end: int) -> list[Any]:
    starts = [mention.evidence.start for mention in mentions]
    return list(mentions[bisect_left(starts, start) : bisect_left(starts, end)])
