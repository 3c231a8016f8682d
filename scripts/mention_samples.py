"""Decisions to learn from: what may be a party, a venue or an amount in a gold text, with its features, and whether the marks say that it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from extractors.classifiers.amount_features import PossibleAmount
from extractors.classifiers.party_features import Pair, PossibleParty
from extractors.classifiers.sentence_features import Told
from extractors.classifiers.venue_features import BEHIND, VenueMention, telling_of
from keoson.evaluation.gold import GoldItem
from keoson.evaluation.matching import province_key


@dataclass(slots=True)
class Samples:
    """Decisions of one kind: the features, whether it is so, the text it is of; `missed` counts what no decision could find."""

    features: list[set[str]] = field(default_factory=list)
    truths: list[bool] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    keys: list[Any] = field(default_factory=list)
    missed: int = 0

    def add(self, number: int, found: dict[Any, set[str]], truths: set[Any], weight: float = 1.0) -> None:
        for key, features in found.items():
            self.weights.append(weight)
            self.features.append(features)
            self.truths.append(key in truths)
            self.texts.append(number)
            self.keys.append(key)
        self.missed += len(truths - set(found))


def add_parties(samples: Samples, number: int, possible: Mapping[Pair, PossibleParty], parties: set[Pair], weight: float) -> None:
    """Each mention of a party says that it is one. `parties`: countries and keys of provinces."""
    by_key = {
        (country, province_key(country, admin1)): [features | one.shared for features in one.mentions]
        for (country, admin1), one in possible.items()
    }
    found = {(pair, at): features for pair, mentions in by_key.items() for at, features in enumerate(mentions)}
    samples.add(number, found, {key for key in found if key[0] in parties} | (parties - set(by_key)), weight)


def add_venues(
    samples: Samples, number: int, text: str, marked: tuple[str, str | None, str | None] | None, mentions: Sequence[VenueMention]
) -> None:
    """The mentions of the marked venue's province are its name where they stand in it or right behind it; all of them where none does.

    `marked`: name, country and province of the venue, None where it has none.
    """
    name, country, admin1 = marked or ("", None, None)
    where = (country, province_key(country, admin1)) if country and admin1 else None
    of_it = [one for one in mentions if (one.country, province_key(one.country, one.admin1)) == where]
    spans = [match.span() for match in re.finditer(re.escape(name), text)] if name else []
    naming = [one for one in of_it if any(start - 3 <= one.start < end + BEHIND for start, end in spans)] or of_it
    found = {one: set(one.features) for one in mentions}
    samples.add(number, found, set(naming) if naming else {None} if where else set())


def add_telling(samples: Samples, told: Mapping[int, Sequence[Told]]) -> None:
    """Add to the features of each venue's mention what the sentence model, trained without its text, says of the sentences of that text."""
    for features, mention, number in zip(samples.features, samples.keys, samples.texts, strict=True):
        features.update(telling_of(mention, told[number]))


def add_amounts(samples: Samples, number: int, item: GoldItem, possible: Sequence[PossibleAmount]) -> None:
    """Amounts are marked by value: a number without a known unit is none where an amount with one has its value, and says nothing there."""
    marked = {round(amount.value, 6) for event in item.marks.events for amount in event.amounts}
    sure = {one.amount.value for one in possible if one.known}
    kept = [one for one in possible if one.known or one.amount.value not in sure & marked]
    values = {one.amount.value for one in kept}
    found = {(one.amount.value, one.amount.evidence.start): set(one.features) for one in kept}
    samples.add(number, found, {key for key in found if key[0] in marked} | {(value, -1) for value in marked - values})
