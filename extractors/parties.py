"""Parties of an event: the actors of its sentences, one for each country and province, completed by those of the whole text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from extractors.actors import Actor
from extractors.classifiers.judging import PartyChances
from extractors.gazetteer import load_gazetteer
from extractors.normalise import name_key
from extractors.reading import Reading
from extractors.records import Party, Report
from extractors.sentences import Sentence


def parties_of(reading: Reading, sentences: Sequence[Sentence], main_actors: list[Actor]) -> tuple[Party, ...]:
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


def likely_parties(found: Sequence[Party], chances: PartyChances) -> tuple[Party, ...]:
    """Of the parties that the rules found for an event, those that the model holds likely; then the likeliest of other countries until there are two."""
    kept = [party for party in found if chances.is_likely(party)]
    countries = {party.country for party in kept}
    for party in chances.likeliest():
        if len(countries) >= 2:
            break
        if party.country not in countries:
            kept.append(party)
            countries.add(party.country)
    return tuple(kept)


def with_unclaimed_parties(reports: Sequence[Report], chances: PartyChances) -> tuple[Party, ...]:
    """The parties of the main report, and every likely one that no report has."""
    claimed = {(party.country, party.admin1) for report in reports for party in report.parties}
    date = reports[0].date_start
    extra = [party for party in chances.likely() if (party.country, party.admin1) not in claimed and _exists(party, date)]
    return (*reports[0].parties, *extra)[:8]


def _exists(party: Party, date: str | None) -> bool:
    """Whether the party's province exists at `date`: a predecessor that a text of today remembers is no party of what happens today."""
    return date is None or party.admin1_id is None or load_gazetteer().unit(party.admin1_id).valid_on(date)
