"""Numbers of a text that may be amounts of its events, each with what speaks for and against it.

The grammar (`extractors.amounts`) knows amounts by their unit; a number before any other noun is possible as well ("40 mattresses"). Which of both an analyst
would list (a gift, people trained, cases solved) and which stand there in passing ("the town of 40,000", "two of the houses") is learned.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.amounts import numbers_beside
from extractors.candidates import Considered
from extractors.classifiers.event_features import position
from extractors.classifiers.masked_words import words_between
from extractors.reading import Reading
from extractors.records import Amount
from extractors.sentences import Sentence

# Characters looked at on either side, and words of them.
_BEFORE, _BEHIND, _WORDS = 60, 50, 6


@dataclass(frozen=True, slots=True)
class PossibleAmount:
    """An amount that a text names, whether its unit is `known`, and what speaks for and against it."""

    amount: Amount
    known: bool
    features: frozenset[str]


def possible_amounts(reading: Reading, considered: Sequence[Considered]) -> list[PossibleAmount]:
    """All amounts and numbers of the story's sentences, in order; lengths in kilometres are of borders and roads, and none."""
    triggers: dict[int, list[Considered]] = {}
    for one in considered:
        triggers.setdefault(one.index, []).append(one)
    known = {amount.evidence.start for amount in reading.amounts}
    named = [mention.evidence for group in (reading.amounts, reading.organizations, reading.persons, reading.places) for mention in group]
    taken = sorted([(at.start, at.end) for at in named] + [(date.start, date.end) for date in reading.dates])
    count = f"amounts={min(len(reading.amounts), 5)}"
    found = []
    for index, sentence in enumerate(reading.story):
        own = [amount for amount in reading.amounts_in(sentence) if amount.unit != "km"]
        inside = taken[bisect_left(taken, (sentence.start,)) : bisect_left(taken, (sentence.end,))]
        beside = numbers_beside(reading.text, sentence.start, sentence.end, reading.language, inside)
        if not own and not beside:
            continue
        shared = _of_sentence(reading, index, sentence, triggers.get(index, [])) | {count}
        for amount in sorted([*own, *beside], key=lambda amount: amount.evidence.start):
            features = shared | _of_number(reading, sentence, amount, triggers.get(index, []))
            found.append(PossibleAmount(amount, amount.evidence.start in known, frozenset(features)))
    return found


def _of_sentence(reading: Reading, index: int, sentence: Sentence, triggers: list[Considered]) -> set[str]:
    told = [one for one in triggers if one.refused is None and one.status]
    sides = min(3, len({actor.party.country for actor in reading.actors_in(sentence)}))
    return {
        f"at={position(index)}", f"kind={sentence.kind}", f"language={reading.language}", f"trigger={bool(triggers)}", f"told={bool(told)}", f"sides={sides}",
        *(f"trigger={one.trigger.type}" for one in triggers), *(f"trigger={one.trigger.type},{one.refused or one.status}" for one in triggers),
    }  # fmt: skip


def _of_number(reading: Reading, sentence: Sentence, amount: Amount, triggers: list[Considered]) -> set[str]:
    text, at, unit, value = reading.text, amount.evidence, amount.unit, amount.value
    before = words_between(text, max(sentence.start, at.start - _BEFORE), at.start)[-_WORDS:]
    behind = words_between(text, at.end, min(sentence.end, at.end + _BEHIND))[:_WORDS]
    what = [word for word in words_between(text, at.start, at.end) if word != "<number>"]
    exact = str(int(value)) if value < 6 else "more"
    spelt = not any(sign.isdigit() for sign in at.quote)
    features = {
        "bias", f"unit={unit}", f"rule={amount.rule}", f"rule={amount.rule},{reading.language}", f"digits={int(math.log10(max(1.0, value)))}",
        f"value={exact}", f"value={exact},{unit}", f"round={value >= 10 and value % 10 == 0}", f"spelt={spelt}", f"spelt={spelt},{unit}",
        f"what={' '.join(what)}", f"what={' '.join(what[:1])}", f"what={' '.join(what[:1])},{' '.join(behind[:1])}",
        *(f"before={word}" for word in before), *(f"behind={word}" for word in behind), *(f"counted={word}" for word in what),
    }  # fmt: skip
    if before:
        features |= {f"last={before[-1]}", f"last={' '.join(before[-2:])}", f"last={before[-1]},{unit}"}
    if behind:
        features |= {f"next={behind[0]}", f"next={' '.join(behind[:2])}"}
    if triggers:
        near = min(triggers, key=lambda one: abs(one.start - at.start))
        where = "before" if near.start < at.start else "behind"
        features |= {
            f"near={near.trigger.type},{near.refused or near.status},{where}",
            f"near={near.trigger.type},{unit}",
            f"distance={min(5, abs(near.start - at.start) // 25)}",
        }
    return features
