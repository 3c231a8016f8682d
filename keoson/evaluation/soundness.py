"""What the marks of one item must fulfil beyond their shape: quotes and names stand in the text, ids resolve, relevance fits the events.

Problems name the field by its path and never quote a mark or text, because items of the test part are checked too.
"""

from __future__ import annotations

from collections.abc import Iterator

from extractors.gazetteer import load_gazetteer
from extractors.normalise import name_key
from keoson.evaluation.forms import TagsForm
from keoson.evaluation.gold import GoldItem
from keoson.evaluation.matching import is_known_province, province_key, words_of

# The countries whose provinces the gazetteer has in full: there an unknown province is a typing error.
_WHOLE_COUNTRIES = ("VN", "LA", "KH")


def problems_of(item: GoldItem) -> list[str]:
    """One sentence a problem, naming the field by its path; empty when the item is sound."""
    problems = list(_names_in_text(item.text, item.marks))
    problems += _units(item.marks)
    problems += _dates(item.marks)
    if item.form == "single":
        return problems
    live = any(event.status != "cancelled" for event in item.marks.events)
    if live != item.marks.relevant:
        problems.append("relevant: does not fit the status of the events")
    if not item.marks.relevant and not item.hard_negative:
        problems.append("hard_negative: an irrelevant item names its kind")
    if not item.outlet:
        problems.append("outlet: is missing")
    return problems


def _names_in_text(text: str, marks: TagsForm) -> Iterator[str]:
    folded = text.casefold()
    words, key = words_of(text), name_key(text)

    def stands(name: str) -> bool:
        # Coordinated heads ("posts A, B and C") are written out in the marks, so only each word must stand in the text.
        return name_key(name) in key or words_of(name) <= words

    named = {person.name for person in marks.persons}
    for at, event in enumerate(marks.events):
        for number, quote in enumerate(event.evidence):
            if isinstance(quote, str) and quote not in text:
                yield f"events.{at}.evidence.{number}: does not stand in the text"
        if event.date_text is not None and event.date_text not in text:
            yield f"events.{at}.date_text: does not stand in the text"
        if event.location and event.location.name not in text:
            yield f"events.{at}.location.name: does not stand in the text"
        for number, party in enumerate(event.parties):
            if party.name and not stands(party.name):
                yield f"events.{at}.parties.{number}.name: has words that do not stand in the text"
        for number, name in enumerate(event.persons):
            if name not in named:
                yield f"events.{at}.persons.{number}: is not among persons"
    for number, person in enumerate(marks.persons):
        if person.name not in text:
            yield f"persons.{number}.name: does not stand in the text"
        if person.rank is not None and person.rank.casefold() not in folded:
            yield f"persons.{number}.rank: does not stand in the text"
    for number, organization in enumerate(marks.organizations):
        if not stands(organization.name):
            yield f"organizations.{number}.name: has words that do not stand in the text"
    for number, place in enumerate(marks.places):
        if place.name not in text:
            yield f"places.{number}.name: does not stand in the text"


def _units(marks: TagsForm) -> Iterator[str]:
    """Every province and place id is one of the gazetteer's, and a province's id fits its name."""
    places = load_gazetteer().places
    for number, place in enumerate(marks.places):
        if place.id is None:
            continue
        unit = places.get(place.id)
        if unit is None:
            yield f"places.{number}.id: is not in the gazetteer"
        elif unit.country != place.country:
            yield f"places.{number}.country: is not the country of the id"
        elif (
            unit.kind == "province" and place.admin1 and province_key(place.country, place.admin1) != province_key(unit.country, unit.name)
        ):
            yield f"places.{number}.admin1: is not the province of the id"
    for path, country, admin1 in _provinces_of(marks):
        if country is None:
            yield f"{path}.country: is missing beside a province"
        elif country in _WHOLE_COUNTRIES and not is_known_province(country, admin1):
            yield f"{path}.admin1: is no province the gazetteer has in that country"


def _provinces_of(marks: TagsForm) -> Iterator[tuple[str, str | None, str]]:
    """(path, country, province) of everything that has a province."""
    for at, event in enumerate(marks.events):
        if event.location and event.location.admin1:
            yield f"events.{at}.location", event.location.country, event.location.admin1
        for number, party in enumerate(event.parties):
            if party.admin1:
                yield f"events.{at}.parties.{number}", party.country, party.admin1
    for number, organization in enumerate(marks.organizations):
        if organization.admin1:
            yield f"organizations.{number}", organization.country, organization.admin1
    for number, place in enumerate(marks.places):
        if place.admin1:
            yield f"places.{number}", place.country, place.admin1


def _dates(marks: TagsForm) -> Iterator[str]:
    for at, event in enumerate(marks.events):
        start, end = event.date_start, event.date_end
        if start and end and end[: len(start)] < start[: len(end)]:
            yield f"events.{at}.date_end: lies before date_start"
        if end and not start:
            yield f"events.{at}.date_end: stands without date_start"
