"""Where an organization belongs: its province and country, from the places in and behind its name."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from extractors.records import PlaceMention


class OrganizationPlaces:
    """The place mentions of a text, to be asked which lie in a span."""

    def __init__(self, places: Sequence[PlaceMention]) -> None:
        self.places = sorted(places, key=lambda place: place.evidence.start)
        self.starts = [place.evidence.start for place in self.places]

    def within(self, start: int, end: int) -> list[PlaceMention]:
        left = bisect_left(self.starts, start)
        right = bisect_left(self.starts, end)
        return [place for place in self.places[left:right] if place.evidence.end <= end]

    def at(self, start: int) -> PlaceMention | None:
        index = bisect_left(self.starts, start)
        return self.places[index] if index < len(self.places) and self.starts[index] == start else None


def side_of(
    text: str, start: int, end: int, tail: int, head_text: str, places: OrganizationPlaces, country_of: dict[str, str]
) -> tuple[str | None, str | None, str | None, float]:
    """Province, its id, country and confidence: from a place inside the name, else from one named right behind (", tỉnh X", "(Lào)")."""
    inside = places.within(start, end)
    near = [p for p in places.within(end, end + 70) if _attached(text[end : p.evidence.start])]
    if not near and tail > end:
        near = [p for p in places.within(tail, tail + 40) if _attached(text[tail : p.evidence.start])]
    if _SHORT_VIETNAM.search(text, start, end) and not any(place.admin1_id and place.country == "VN" for place in inside):
        return None, None, "VN", 0.8
    for place in [*reversed(inside), *near]:
        if place.admin1_id:
            return place.admin1, place.admin1_id, place.country, 0.95 if inside else 0.85
    for place in [*inside, *near]:
        if place.country:
            return None, None, place.country, 0.9
    for words in (head_text, " ".join(head_text.split()[:2]), " ".join(head_text.split()[:3])):
        if words in country_of:
            return None, None, country_of[words], 0.7
    return None, None, None, 0.5


# "Hội Hữu nghị VN - Campuchia": the country named first, by its letters.
_SHORT_VIETNAM = re.compile(r"(?<![\w.])(?:VN(?![\w.]| ?[-–] ?Index)|Việt nam(?!\w))")
_ATTACHED = {
    "",
    "tỉnh",
    "huyện",
    "thuộc",
    "thuộc tỉnh",
    "của",
    "nước",
    "nước bạn",
    "thuộc bộ công an",
    "thành phố",
    "tp",
    "thuộc huyện",
    "xã",
    "nước chdcnd",
    "của tỉnh",
}


def _attached(between: str) -> bool:
    return between.strip(" (,.-–[").lower() in _ATTACHED and ";" not in between
