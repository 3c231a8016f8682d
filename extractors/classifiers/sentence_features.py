"""What speaks for and against the events that each sentence of a story tells by itself.

A text as a whole mixes what its sentences say. Here each is weighed alone: its words and pairs of neighbours (names masked), their senses, its triggers and
what the rules say of them. A type is told by the text unless no sentence tells it (`judging.told_by_sentences`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from extractors.candidates import Considered
from extractors.classifiers.event_features import EventFeatures, position
from extractors.classifiers.senses import met
from extractors.reading import Reading

# The feature that every sentence has; those of its text bear the prefix.
ALWAYS, OF_TEXT = "always", "text:"
# Before a type that is told as background.
BACKGROUND = "bg:"


class Told(NamedTuple):
    """How likely a sentence tells any type as happening or planned (`now`), and any as background (`then`)."""

    now: float
    then: float


# Where a chance passes from one step to the next.
_STEPS = (0.05, 0.15, 0.35, 0.6, 0.85)


def sentence_features(reading: Reading, considered: Sequence[Considered], features: EventFeatures) -> list[set[str]]:
    """The features of each of the story's first sentences, in order; `features` are those of the text as a whole."""
    found = []
    triggers: dict[int, list[Considered]] = {}
    for one in considered:
        triggers.setdefault(one.index, []).append(one)
    for index, (sentence, told, (meanings, sides)) in enumerate(zip(reading.story, features.sentences, features.senses, strict=False)):
        plain = [word for _, word in told]
        own = {f"word={word}" for word in plain}
        own.update([f"pair={one} {other}" for one, other in pairwise(plain)])
        own |= _of_senses(meanings, sides)
        foreign = any(actor.party.country != "VN" for actor in reading.actors_in(sentence))
        own |= {ALWAYS, f"at={position(index)}", f"kind={sentence.kind}", f"sides={sides},{foreign}"}
        for one in triggers.get(index, ()):
            own |= _of_trigger(one.trigger.type, one.trigger.phrase, one.refused, one.status, one.level)
        found.append(own)
    return found


def telling_features(told: Sequence[Told], index: int) -> set[str]:
    """What is told in the sentence `index` and around it, as features of what is named there. `told`: the story's first sentences."""
    chances = [one.now for one in told]
    here = told[index] if index < len(told) else Told(0.0, 0.0)
    before, behind = chances[max(0, index - 1) : index], chances[index + 1 : index + 2]
    most = max(chances, default=0.0)
    now, then = _step([here.now]), _step([here.then])
    return {
        f"told now={now}", f"told then={then}", f"told={now},{then}", f"told most={here.now >= most}", f"told share={_step([here.now / most if most else 0.0])}",
        f"told beside={_step(before + behind)}", f"told before={_step(before)}", f"told behind={_step(behind)}", f"told since={_step(chances[:index])}",
    }  # fmt: skip


def _step(chances: Sequence[float]) -> int:
    highest = max(chances, default=0.0)
    return sum(highest >= bound for bound in _STEPS)


def text_features(features: Iterable[str]) -> set[str]:
    """What is known of the text as a whole, which counts in each of its sentences."""
    return {f"{OF_TEXT}{name}" for name in features}


@lru_cache(maxsize=8192)
def _of_senses(senses: frozenset[str], sides: int) -> frozenset[str]:
    return frozenset({*(f"sense={sense}" for sense in senses), *(f"sense={sense},{sides}" for sense in senses), *met(senses)})


@lru_cache(maxsize=4096)
def _of_trigger(type_: str, phrase: str, refused: str | None, status: str | None, level: int) -> frozenset[str]:
    accepted = refused is None
    return frozenset(
        {
            f"trigger={type_}", f"trigger={type_},{refused or status}", f"trigger={type_},{level},{accepted},{status}", f"trigger={type_}:{phrase}",
            f"trigger={type_}:{phrase},{accepted}",
        }
    )  # fmt: skip
