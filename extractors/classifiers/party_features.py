"""What speaks for and against a country or province as a party: features of every mention that stands for it.

A mention is an organization, a place, a person (for the country that he or she represents) or a people ("the Lao side").
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from extractors.candidates import Considered
from extractors.classifiers.event_features import position
from extractors.classifiers.masked_words import words_between
from extractors.reading import Reading
from extractors.records import Location, Party
from extractors.sentences import Sentence

# A party is told apart by its country and province; without a province it is the state, or a body of which no province is known.
Pair = tuple[str, str | None]

_WORD = re.compile(r"\w+|[(),\-–:;.]")
# Countries whose parties this project is about; another one is rarely a party.
_NEAR = frozenset({"VN", "LA", "KH", "CN", "TH"})


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    label: str
    party: Party
    guessed: bool = False
    inside: bool = False


@dataclass(frozen=True, slots=True)
class PossibleParty:
    """A country or province that the text names, the mention that names it best, and the features of each of its mentions for the model."""

    party: Party
    mentions: list[set[str]]


def possible_parties(
    reading: Reading, considered: Sequence[Considered], by_rules: Iterable[Party], venue: Location | None
) -> dict[Pair, PossibleParty]:
    """Everything named in the story that may be a party, by country and province.

    `by_rules`: the parties that the rules found; `venue`: the location they found for the main event.
    """
    triggers: dict[Sentence, list[Considered]] = {}
    for one in considered:
        triggers.setdefault(one.sentence, []).append(one)
    acting = {actor.start for actor in reading.actors}
    mentions: dict[Pair, list[set[str]]] = {}
    parts: dict[str, set[str]] = {}
    named: dict[Pair, tuple[int, Party]] = {}
    for index, sentence in enumerate(reading.story):
        here = triggers.get(sentence, [])
        sides = min(3, len({actor.party.country for actor in reading.actors_in(sentence)}))
        for mention in _mentions(reading, sentence):
            party = mention.party
            acts = mention.start in acting
            found = _mention_features(reading, sentence, index, mention, here, acts)
            found |= _act_features(reading, sentence, mention, here, acts, sides)
            pair = (party.country, party.admin1)
            mentions.setdefault(pair, []).append(found)
            rank = (0 if mention.label.startswith("org") else 1 if acts else 2) + (2 if index > 8 else 0)
            if pair not in named or rank < named[pair][0]:
                named[pair] = rank, party
            if party.admin1:
                parts.setdefault(party.country, set()).update(f"part:{name}" for name in found if name.startswith(("label=", "acts=")))
    said = {(party.country, party.admin1) for party in by_rules}
    place = (venue.country or "", venue.admin1) if venue else None
    possible: dict[Pair, PossibleParty] = {}
    for pair, found_here in mentions.items():
        own = set() if pair[1] else parts.get(pair[0], set())
        own = own | _pair_features(reading, pair, set().union(own, *found_here), mentions, said, place)
        own.add(f"mentions={min(len(found_here), 5)}")
        possible[pair] = PossibleParty(named[pair][1], [features | own for features in found_here])
    return possible


def _mentions(reading: Reading, sentence: Sentence) -> list[_Mention]:
    found: list[_Mention] = []
    spans: list[tuple[int, int]] = []
    for body in reading.organizations_between(sentence.start, sentence.end):
        at = body.evidence
        spans.append((at.start, at.end))
        country = body.country or ("VN" if reading.language == "vi" else None)
        if country:
            party = Party(body.name, body.admin1, body.admin1_id, country, at)
            found.append(_Mention(at.start, at.end, f"org:{body.kind}", party, guessed=body.country is None))
    for place in reading.places_between(sentence.start, sentence.end):
        at = place.evidence
        if place.country:
            inside = any(start <= at.start and at.end <= end for start, end in spans)
            party = Party(at.quote, place.admin1, place.admin1_id, place.country, at)
            found.append(_Mention(at.start, at.end, f"place:{place.kind}", party, inside=inside))
    for person in reading.persons_in(sentence):
        if person.country:
            party = Party(person.name, None, None, person.country, person.evidence)
            found.append(_Mention(person.evidence.start, person.evidence.end, f"person:{person.kind}", party))
    for actor in reading.actors_in(sentence):
        if actor.kind == "people":
            found.append(_Mention(actor.start, actor.end, "people", actor.party))
    return found


def _mention_features(
    reading: Reading, sentence: Sentence, index: int, mention: _Mention, triggers: list[Considered], acts: bool
) -> set[str]:
    label = mention.label + (" inside" if mention.inside else "") + ("?" if mention.guessed else "")
    at = position(index)
    features = {
        f"label={label}", f"at={at}", f"{label}|at={at}", f"{label}|kind={sentence.kind}", f"trigger={bool(triggers)}",
        f"acts={acts}", f"{label}|acts={acts}",
    }  # fmt: skip
    features |= {f"type={one.trigger.type}" for one in triggers}
    if triggers:
        features.add("before trigger" if any(mention.start < one.start for one in triggers) else "behind trigger")
        told = any(one.refused is None and one.status in ("occurred", "planned") for one in triggers)
        features.add(f"told={told}")
    if not mention.inside:
        text = reading.text
        before = _WORD.findall(text[max(sentence.start, mention.start - 40) : mention.start].lower())[-3:]
        after = _WORD.findall(text[mention.end : min(sentence.end, mention.end + 30)].lower())[:2]
        features |= {f"near={word}" for word in before}
        if before:
            features |= {f"before={before[-1]}", f"{label}|before={before[-1]}", f"before={' '.join(before[-2:])}"}
        if after:
            features |= {f"after={after[0]}", f"after={' '.join(after)}"}
    return features


def _act_features(reading: Reading, sentence: Sentence, mention: _Mention, here: list[Considered], acts: bool, sides: int) -> set[str]:
    """What is told in the sentence, and the words on either side of the mention, names and numbers masked."""
    told = [one for one in here if one.refused is None and one.status in ("occurred", "planned")]
    kind = mention.label.partition(":")[0]
    side = "own" if mention.party.country == "VN" else "foreign"
    before = words_between(reading.text, max(sentence.start, mention.start - 60), mention.start)[-5:]
    behind = words_between(reading.text, mention.end, min(sentence.end, mention.end + 45))[:5]
    features = {f"{kind}|told={bool(told)}|acts={acts}", f"sides={sides}", f"{kind}|sides={sides}|acts={acts}"}
    features |= {f"left={word}" for word in before} | {f"right={word}" for word in behind}
    if before:
        features |= {f"{kind}|left={before[-1]}", f"left={' '.join(before[-2:])}"}
    if behind:
        features |= {f"{kind}|right={behind[0]}", f"right={' '.join(behind[:2])}"}
    for one in told[:2]:
        where = "before" if mention.start < one.start else "behind"
        features |= {f"{side}|{where} {one.trigger.type}", f"{kind}|{where} {one.trigger.type}"}
    return features


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
    return own | {f"{group}|{name}" for name in found if name.startswith(("label=", "part:label=", "acts="))}
