"""What speaks for and against a country or province as a party: features of every mention that stands for it.

A mention is an organization, a place, a person (for the country that he or she represents) or a people ("the Lao side").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from extractors.actors import Actor
from extractors.candidates import Considered
from extractors.classifiers.event_features import position
from extractors.classifiers.masked_words import words_between
from extractors.reading import Reading
from extractors.records import Location, OrganizationMention, Party, PersonMention, PlaceMention
from extractors.sentences import Sentence

# A party is told apart by its country and province; without a province it is the state, or a body of which no province is known.
Pair = tuple[str, str | None]

_WORD = re.compile(r"\w+|[(),\-–:;.]")
# Countries whose parties this project is about; another one is rarely a party.
_NEAR = frozenset({"VN", "LA", "KH", "CN", "TH"})


# What a paper or agency does that is no party: "…, the Vietnam News Agency reported".
_REPORTS = re.compile(r",?\s(?:has |have |had )?(?:reported|said|quoted|cited|cho biết|cho hay|đưa tin|dẫn lời)(?!\w)", re.I)
_ACCORDING = re.compile(r"(?:according to|citing|told|theo|dẫn)\s(?:the\s|báo\s)?$", re.I)


class _Mention(NamedTuple):
    start: int
    end: int
    label: str
    country: str
    admin1: str | None
    named: OrganizationMention | PlaceMention | PersonMention | Actor
    inside: bool = False

    def party(self) -> Party:
        """What is named, as a party."""
        if isinstance(self.named, Actor):
            return self.named.party
        name = self.named.evidence.quote if isinstance(self.named, PlaceMention) else self.named.name
        admin1_id = None if isinstance(self.named, PersonMention) else self.named.admin1_id
        return Party(name, self.admin1, admin1_id, self.country, self.named.evidence)


@dataclass(frozen=True, slots=True)
class PossibleParty:
    """A country or province that the text names: the mention that names it best, the features of each of its mentions, and those that all share."""

    party: Party
    mentions: list[set[str]]
    shared: set[str]


def possible_parties(
    reading: Reading, considered: Sequence[Considered], by_rules: Iterable[Party], venue: Location | None
) -> dict[Pair, PossibleParty]:
    """Everything named in the story that may be a party, by country and province.

    `by_rules`: the parties that the rules found; `venue`: the location they found for the main event.
    """
    triggers: dict[int, list[Considered]] = {}
    for one in considered:
        triggers.setdefault(one.sentence.start, []).append(one)
    acting = {actor.start for actor in reading.actors}
    by_pair: dict[Pair, list[set[str]]] = {}
    parts: dict[str, set[str]] = {}
    named: dict[Pair, tuple[int, _Mention]] = {}
    for index, sentence in enumerate(reading.story):
        mentions = _mentions(reading, sentence)
        if not mentions:
            continue
        here = triggers.get(sentence.start, [])
        told = _trigger_features(here)
        last = max((one.start for one in here), default=0)
        sides = min(3, len({actor.party.country for actor in reading.actors_in(sentence)}))
        for mention in mentions:
            pair = (mention.country, mention.admin1)
            acts = mention.start in acting
            found = told | _mention_features(mention.label, position(index), sentence.kind, bool(here), acts)
            if here:
                found.add("before trigger" if mention.start < last else "behind trigger")
            if not mention.inside:
                _add_words_beside(found, reading.text, sentence, mention)
            _add_act(found, reading.text, sentence, mention, here, acts, sides)
            by_pair.setdefault(pair, []).append(found)
            rank = (0 if mention.label.startswith("org") else 1 if acts else 2) + (2 if index > 8 else 0)
            if pair not in named or rank < named[pair][0]:
                named[pair] = rank, mention
            if mention.admin1:
                parts.setdefault(mention.country, set()).update(_part_features(mention.label, acts))
    said = {(party.country, party.admin1) for party in by_rules}
    place = (venue.country or "", venue.admin1) if venue else None
    possible: dict[Pair, PossibleParty] = {}
    for pair, mentioned in by_pair.items():
        shared = set() if pair[1] else parts.get(pair[0], set())
        shared = shared | _pair_features(reading, pair, shared.union(*mentioned), by_pair, said, place)
        shared.add(f"mentions={min(len(mentioned), 5)}")
        possible[pair] = PossibleParty(named[pair][1].party(), mentioned, shared)
    return possible


_BETWEEN_LISTED = re.compile(r"\s?(?:,|;|,? ?(?:và|and|ແລະ)|\+|[–-])\s(?:tỉnh |the )?")
# Two provinces side by side may be host and guest; a list has more.
_LIST = 3


def provinces_listed(reading: Reading) -> list[set[Pair]]:
    """The provinces of one country that the story names side by side: "Phong Sa Lỳ; U Đôm Xay; Luông Pha Bang"."""
    found: list[list[PlaceMention]] = [[]]
    for sentence in reading.story:
        for place in reading.places_between(sentence.start, sentence.end):
            before = found[-1][-1] if found[-1] else None
            if not place.admin1 or place.kind != "province":
                continue
            goes_on = before is not None and before.country == place.country
            if before is None or not goes_on or not _BETWEEN_LISTED.fullmatch(reading.text, before.evidence.end, place.evidence.start):
                found.append([])
            found[-1].append(place)
    lists = [{(place.country or "", place.admin1) for place in listed} for listed in found]
    return [listed for listed in lists if len(listed) >= _LIST]


def _mentions(reading: Reading, sentence: Sentence) -> list[_Mention]:
    found: list[_Mention] = []
    spans: list[tuple[int, int]] = []
    silent: list[tuple[int, int]] = []
    own = "VN" if reading.language == "vi" else None
    for body in reading.organizations_between(sentence.start, sentence.end):
        at = body.evidence
        if body.kind == "media" and (
            _REPORTS.match(reading.text, at.end) or _ACCORDING.search(reading.text, max(0, at.start - 20), at.start)
        ):
            silent.append((at.start, at.end))  # it tells what others did
            continue
        spans.append((at.start, at.end))
        if country := body.country or own:
            label = f"org:{body.kind}" if body.country else f"org:{body.kind}?"
            found.append(_Mention(at.start, at.end, label, country, body.admin1, body))
    for place in reading.places_between(sentence.start, sentence.end):
        at = place.evidence
        if place.country and not any(start <= at.start < end for start, end in silent):
            inside = any(start <= at.start and at.end <= end for start, end in spans)
            label = f"place:{place.kind} inside" if inside else "home" if at.start in reading.homes else f"place:{place.kind}"
            found.append(_Mention(at.start, at.end, label, place.country, place.admin1, place, inside))
    for person in reading.persons_in(sentence):
        at = person.evidence
        if person.country:
            found.append(_Mention(at.start, at.end, f"person:{person.kind}", person.country, None, person))
    for actor in reading.actors_in(sentence):
        if actor.kind == "people":
            found.append(_Mention(actor.start, actor.end, "people", actor.party.country, actor.party.admin1, actor))
    return found


@lru_cache(maxsize=4096)
def _mention_features(label: str, at: str, kind: str, triggered: bool, acts: bool) -> frozenset[str]:
    return frozenset(
        {
            f"label={label}", f"at={at}", f"{label}|at={at}", f"{label}|kind={kind}", f"trigger={triggered}", f"acts={acts}", f"{label}|acts={acts}",
        }
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _part_features(label: str, acts: bool) -> frozenset[str]:
    """What a part of a state, named so, says of the state."""
    return frozenset({f"part:label={label}", f"part:acts={acts}"})


def _trigger_features(triggers: list[Considered]) -> set[str]:
    if not triggers:
        return set()
    told = any(one.refused is None and one.status in ("occurred", "planned") for one in triggers)
    return {f"told={told}", *(f"type={one.trigger.type}" for one in triggers)}


def _add_words_beside(features: set[str], text: str, sentence: Sentence, mention: _Mention) -> None:
    before = _WORD.findall(text[max(sentence.start, mention.start - 40) : mention.start].lower())[-3:]
    after = _WORD.findall(text[mention.end : min(sentence.end, mention.end + 30)].lower())[:2]
    for word in before:
        features.add(f"near={word}")
    if before:
        features.update((f"before={before[-1]}", f"{mention.label}|before={before[-1]}", f"before={' '.join(before[-2:])}"))
    if after:
        features.update((f"after={after[0]}", f"after={' '.join(after)}"))


def _add_act(features: set[str], text: str, sentence: Sentence, mention: _Mention, here: list[Considered], acts: bool, sides: int) -> None:
    """Add what is told in the sentence, and the words on either side of the mention, names and numbers masked."""
    told = [one for one in here if one.refused is None and one.status in ("occurred", "planned")]
    kind = mention.label.partition(":")[0]
    side = "own" if mention.country == "VN" else "foreign"
    before = words_between(text, max(sentence.start, mention.start - 60), mention.start)[-5:]
    behind = words_between(text, mention.end, min(sentence.end, mention.end + 45))[:5]
    features.update((f"{kind}|told={bool(told)}|acts={acts}", f"sides={sides}", f"{kind}|sides={sides}|acts={acts}"))
    features.update([f"left={word}" for word in before])
    features.update([f"right={word}" for word in behind])
    if before:
        features.update((f"{kind}|left={before[-1]}", f"left={' '.join(before[-2:])}"))
    if behind:
        features.update((f"{kind}|right={behind[0]}", f"right={' '.join(behind[:2])}"))
    for one in told[:2]:
        where = "before" if mention.start < one.start else "behind"
        features.update((f"{side}|{where} {one.trigger.type}", f"{kind}|{where} {one.trigger.type}"))


def _pair_features(reading: Reading, pair: Pair, found: set[str], named: Collection[Pair], said: set[Pair], place: Pair | None) -> set[str]:
    country, admin1 = pair
    group = ("own" if country == "VN" else "foreign") + (" province" if admin1 else " state")
    beside = sum(1 for other, province in named if other == country and province)
    countries = min(len({other for other, _ in named}), 4)
    own = {
        f"group={group}", f"language={reading.language}", f"countries={countries}", f"{group}|provinces={min(beside, 4)}",
        f"rules={pair in said}", f"{group}|rules={pair in said}", f"{group}|relevant={bool(said)}",
    }  # fmt: skip
    if place is not None:
        own |= {f"venue={pair == place}", f"{group}|venue={pair == place}"}
    if country not in _NEAR:
        own.add("far")
    own.update([f"{group}|{name}" for name in found if name.startswith(("label=", "part:label=", "acts="))])
    return own
