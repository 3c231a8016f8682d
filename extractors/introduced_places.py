"""Districts that no gazetteer knows, but that a text introduces with their province: "huyện Tù Muồi, tỉnh Sa La Van (Lào)".

From there on the text may name them alone; they lie where they were said to lie. Vietnam's own districts are all known, so only foreign provinces introduce.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from extractors.records import Evidence, PlaceMention

_NAME = r"(?P<name>[^\W\d_][\w'’-]*(?: [^\W\d_][\w'’-]*){0,3})"
_DISTRICT = re.compile(rf"(?<!\w)[Hh]uyện {_NAME}")
_BEFORE_PROVINCE = re.compile(rf"(?<!\w)[Hh]uyện {_NAME},? (?:thuộc )?tỉnh $")
_REACH = 60  # characters from the word "huyện" to the province behind its name


def introduced_districts(text: str, mentions: Sequence[PlaceMention]) -> list[PlaceMention]:
    """Mentions of districts that are none of `mentions`, in order; those have neither id nor coordinates, but the province of the one named behind them."""
    told: dict[str, PlaceMention] = {}
    for mention in mentions:
        if mention.kind != "province" or mention.country in (None, "VN"):
            continue
        at = mention.evidence.start
        found = _BEFORE_PROVINCE.search(text, max(0, at - _REACH), at)
        if found and all(word[0].isupper() for word in found["name"].split()):
            told.setdefault(found["name"], mention)
    if not told:
        return []
    spans = sorted((mention.evidence.start, mention.evidence.end) for mention in mentions)
    districts: list[PlaceMention] = []
    for match in _DISTRICT.finditer(text):
        words = match["name"].split(" ")
        name = next((name for count in range(len(words), 0, -1) if (name := " ".join(words[:count])) in told), None)
        if name is None:
            continue
        start, end = match.start("name"), match.start("name") + len(name)
        before = bisect_right(spans, (end, 0))
        if before and spans[before - 1][1] > start:
            continue
        evidence = Evidence.cut(text, start, end)
        districts.append(
            replace(told[name], name=name, place_id=None, kind="district", evidence=evidence, rule="place.parent", confidence=0.6)
        )
    return districts
