"""Finding one place by the name a person types: any spelling, or an id."""

from __future__ import annotations

from functools import cache

from extractors.errors import InputError
from extractors.gazetteer import HERE, Place, read_places
from extractors.gazetteer.transliteration import transliteration_key
from extractors.normalise import name_key


@cache
def _places() -> tuple[Place, ...]:
    # communes.csv is left unread: nobody filters by commune, and a search must start fast
    return tuple(read_places(HERE / "places.csv"))


def find_country(name: str) -> str:
    """The ISO code of a country given by code or by name in any known spelling; InputError otherwise."""
    countries = [place for place in _places() if place.kind == "country"]
    for place in countries:
        if name.upper() == place.id or name_key(name) in {name_key(spelling) for spelling in place.spellings}:
            return place.id
    raise InputError(f"unknown country {name!r}: use one of {', '.join(place.id for place in countries)}")


def find_place(name: str) -> tuple[Place, bool]:
    """The place meant by `name` and whether it has ended (was merged into another).

    A name that a province of today and its predecessor share means the one of today. InputError with the nearest names when there is none.
    """
    from rapidfuzz import process

    places = _places()
    key = name_key(name.removeprefix("tỉnh ").removeprefix("thành phố "))
    by_kind = {"country": 0, "province": 1, "prefecture": 2, "border_gate": 3, "district": 4}
    exact = [place for place in places if name == place.id]
    named = [place for place in places if key in {name_key(spelling) for spelling in place.spellings}]
    similar = [
        place
        for place in places
        if place.country != "VN" and transliteration_key(name) in {transliteration_key(s) for s in place.spellings}
    ]
    found = exact or named or similar
    if not found:
        near = process.extract(name, [place.name for place in places if place.kind == "province"], limit=3)
        raise InputError(f"unknown place {name!r}: did you mean {', '.join(choice for choice, _, _ in near)}?")
    found.sort(key=lambda place: (by_kind[place.kind], place.valid_to is not None, place.id))
    return found[0], found[0].successor is not None
