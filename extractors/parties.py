"""Parties of an event: the actors of its sentences, one for each country and province, completed by those of the whole text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from extractors.actors import Actor
from extractors.normalise import name_key
from extractors.reading import Reading
from extractors.records import Party
from extractors.sentences import Sentence


def parties_of(reading: Reading, sentences: Sequence[Sentence], main_actors: list[Actor], level: int) -> tuple[Party, ...]:
    actors = [actor for sentence in sentences for actor in reading.actors_in(sentence)]
    if len({actor.party.country for actor in actors}) < 2:
        actors += main_actors
    if len({actor.party.country for actor in actors}) < 2:
        missing = {actor.party.country for actor in actors}
        actors += list(islice((actor for actor in reading.actors if actor.party.country not in missing), 1))
    strong = {(actor.party.country, actor.party.admin1) for actor in actors if not actor.weak} | {
        (actor.party.country, None) for actor in actors if not actor.weak or actor.party.admin1
    }
    chosen: dict[str, Party] = {}
    for actor in actors:
        if actor.weak and (actor.party.country, actor.party.admin1) in strong:
            continue
        chosen.setdefault(name_key(actor.party.name), actor.party)
    return tuple(list(chosen.values())[:8])
