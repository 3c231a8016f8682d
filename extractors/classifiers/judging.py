"""The verdicts of the models on one text: which of the rules' candidates stand, which refused triggers are taken after all, who the parties are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extractors.candidates import Candidate, Considered
from extractors.classifiers.amount_features import possible_amounts
from extractors.classifiers.event_features import EventFeatures, event_features
from extractors.classifiers.event_weights import load_event_weights
from extractors.classifiers.linear import load_model, logistic
from extractors.classifiers.packed import weighed
from extractors.classifiers.party_features import Pair, possible_parties, provinces_listed
from extractors.classifiers.sentence_features import BACKGROUND, Told, sentence_features, text_features
from extractors.classifiers.venue_features import VenueMention, telling_of
from extractors.reading import Reading
from extractors.records import Amount, Location, Party, Status


@dataclass(frozen=True, slots=True)
class Judgement:
    """The candidates that stand, how likely each type is told as happening or planned (`current`) and as background, the words of the story, and what each
    of its first sentences tells by itself.
    """

    candidates: list[Candidate]
    words: frozenset[str]
    current: dict[str, float]
    background: dict[str, float]
    sentences: Sequence[Told]


def judge_types(reading: Reading, considered: Sequence[Considered], candidates: Sequence[Candidate]) -> Judgement:
    """Keep the candidates of types that the models find told, and add the best trigger of such types that the rules refused."""
    features = event_features(reading, considered, candidates)
    weights = load_event_weights()
    now, then = weights.models
    chances = weights.probabilities(features)
    possible = max((chance for by_text in chances for chance in by_text.values()), default=0.0) >= _POSSIBLE
    by_sentence, sentences = told_by_sentences(reading, considered, features) if possible else ({}, [])
    current, background = (
        {type_: blended(chance, by_sentence.get(f"{prefix}{type_}", chance)) for type_, chance in by_text.items()}
        for prefix, by_text in zip(("", BACKGROUND), chances, strict=True)
    )
    plain = {one.type for one in candidates if one.level == 3 and one.status in ("occurred", "planned")}
    told = {type_ for type_, chance in current.items() if chance >= (_PLAIN if type_ in plain else now.threshold)}
    reviewed = {type_ for type_, chance in background.items() if chance >= then.threshold}
    kept = [
        candidate
        for candidate in candidates
        # a type added since the training is told by its rules alone
        if candidate.status == "cancelled"
        or candidate.type not in now.labels
        or candidate.type in (reviewed if candidate.status == "background" else told)
    ]
    # the likeliest first: two types may be told by one word, and the order of a set is another in every process
    missing = told - {candidate.type for candidate in kept if candidate.status in ("occurred", "planned")}
    for type_ in sorted(missing, key=lambda type_: (-current[type_], type_)):
        kept += _best(considered, kept, type_, {"occurred", "planned"}, "occurred")
    missing = reviewed - {candidate.type for candidate in kept if candidate.status == "background"}
    for type_ in sorted(missing, key=lambda type_: (-background[type_], type_)):
        if type_ not in told:
            kept += _best(considered, kept, type_, {"background", "occurred"}, "background")
        elif background[type_] >= _ALSO_BACKGROUND:
            kept += _best([one for one in considered if not one.trigger.weak], kept, type_, {"background", "occurred"}, "background")
    relevance = load_model("relevance")
    chance = relevance.probability(features.text, relevance.told_by(features.words).get("", 0))
    if chance < next((needs for sentences, needs in _NEEDS if len(reading.story) >= sentences), 0.0):
        kept = [candidate for candidate in kept if candidate.status == "cancelled" or candidate.type not in now.labels]
    elif chance >= relevance.threshold and all(candidate.status == "cancelled" for candidate in kept):
        kept += _likeliest(considered, kept, {"occurred": current, "background": background})
    return Judgement(
        sorted(kept, key=lambda candidate: (candidate.index, candidate.trigger.start)), features.words, current, background, sentences
    )


# What the text as a whole makes less likely than that, no sentence of it makes likely enough.
_POSSIBLE = 0.03


def told_by_sentences(reading: Reading, considered: Sequence[Considered], features: EventFeatures) -> tuple[dict[str, float], list[Told]]:
    """How likely the text tells each type, as happening or planned or (under `BACKGROUND` and the type) as background: unless none of its sentences does.

    And how likely each of its first sentences tells any.
    """
    model = load_model("event_sentence")
    of_text = model.told_by(text_features(features.text))
    untold = dict.fromkeys(of_text, 1.0)
    sentences = []
    for sentence in sentence_features(reading, considered, features):
        nothing_now = nothing_then = 1.0
        for type_, weight in model.told_by(sentence).items():
            chance = 1.0 - logistic(weight + of_text[type_])
            untold[type_] *= chance
            if type_.startswith(BACKGROUND):
                nothing_then *= chance
            else:
                nothing_now *= chance
        sentences.append(Told(1.0 - nothing_now, 1.0 - nothing_then))
    return {type_: 1.0 - chance for type_, chance in untold.items()}, sentences


def blended(one: float, other: float) -> float:
    """The probability in the middle of two, in log odds."""
    return logistic(round(500 * (_log_odds(one) + _log_odds(other))))


def _log_odds(chance: float) -> float:
    bounded = min(0.999, max(0.001, chance))
    return math.log(bounded / (1.0 - bounded))


def _likeliest(considered: Sequence[Considered], kept: Sequence[Candidate], chances: dict[Status, dict[str, float]]) -> list[Candidate]:
    """Where no type is likely enough, but something of the kind is told for sure: what is told most likely."""
    told = [(chance, type_, status) for status, by_type in chances.items() for type_, chance in by_type.items()]
    for _, type_, status in sorted(told, key=lambda one: (-one[0], one[1], one[2])):
        either: set[Status] = {"occurred", "planned"} if status == "occurred" else {"background", "occurred"}
        if found := _best(considered, kept, type_, either, status):
            return found
    return []


# From so many sentences on, a text must be relevant as a whole with this probability: of many triggers one may pass by chance (cross-validated: relevance .900
# to .906, over texts of more than 800 characters .906 to .939).
_NEEDS = ((8, 0.5), (3, 0.3))
# A type that is told as happening is told as background as well only where a full trigger says so, and that is likelier than not: else amounts of
# the one go to the other.
_ALSO_BACKGROUND = 0.5
# Where a province acts, its state is mostly named as well (chosen by cross-validation: parties of long texts .83 to .845).
_STATE_BESIDE = 0.9
# Provinces listed together are parties together, or none is: from this share on (in texts of training 10 of 12 that were doubted so were parties).
_OF_LIST = 0.66
# A trigger in a sentence in which both sides act needs strong doubts to fall.
_PLAIN = 0.35
# Words around a trigger that give it another meaning: no model overrules them.
_OTHERWISE = frozenset({"before", "after", "diaspora"})


def _best(
    considered: Sequence[Considered], kept: Sequence[Candidate], type_: str, statuses: set[Status], status: Status
) -> list[Candidate]:
    """The trigger of a type that most likely tells it, if there is one: the rules speak least against it, and both sides act in its sentence."""
    told = {candidate.sentence for candidate in kept if candidate.type == type_}
    possible = [
        one
        for one in considered
        if one.trigger.type == type_
        and one.status in statuses
        and one.refused not in _OTHERWISE
        and one.sentence not in told
        and (one.status == status or not one.trigger.weak)
    ]
    if not possible:
        return []
    one = min(possible, key=lambda one: (one.status != status, one.refused is not None, -one.level, one.index))
    return [one.as_candidate("planned" if one.status == "planned" else status)]


@dataclass(frozen=True, slots=True)
class PartyChances:
    """How likely each country and province named in a text is a party."""

    chances: dict[Pair, float]
    parties: dict[Pair, Party]
    threshold: float

    def of(self, party: Party) -> float:
        """The chance of a party by its country and province; 0 for one that the story does not name."""
        return self.chances.get((party.country, party.admin1), 0.0)

    def likeliest(self) -> list[Party]:
        """All that are named, the likeliest first."""
        return [self.parties[pair] for pair in sorted(self.chances, key=lambda pair: -self.chances[pair])]

    def is_likely(self, party: Party) -> bool:
        """Whether it is above the threshold; a state beside a likely province of its own needs more."""
        chance = self.of(party)
        if chance < self.threshold or party.admin1 or chance >= _STATE_BESIDE:
            return chance >= self.threshold
        return not any(country == party.country and admin1 and its >= self.threshold for (country, admin1), its in self.chances.items())

    def likely(self) -> list[Party]:
        """Those that are likely, the likeliest first."""
        return [party for party in self.likeliest() if self.is_likely(party)]


def judge_parties(reading: Reading, considered: Sequence[Considered], by_rules: Iterable[Party], venue: Location | None) -> PartyChances:
    """How likely each country and province named in the text is a party, with the mention that names it best."""
    possible = possible_parties(reading, considered, by_rules, venue)
    model = load_model("party")
    chances: dict[Pair, float] = {}
    for pair, one in possible.items():
        shared = model.bias + weighed(model.weights, one.shared)
        chances[pair] = _of_two([logistic(shared + weighed(model.weights, features)) for features in one.mentions])
    for listed in provinces_listed(reading):
        named = listed & chances.keys()
        likely = sum(chances[pair] >= model.threshold for pair in named)
        if len(named) > likely >= _OF_LIST * len(named):
            chances |= {pair: max(chances[pair], model.threshold) for pair in named}
    return PartyChances(chances, {pair: one.party for pair, one in possible.items()}, model.threshold)


def _of_two(chances: list[float]) -> float:
    """The mean of the two highest: one mention may mislead, and a long text has many that say nothing."""
    highest = sorted(chances)[-2:]
    return sum(highest) / len(highest)


def judge_amounts(reading: Reading, considered: Sequence[Considered]) -> tuple[Amount, ...]:
    """The amounts of the story that belong to what it tells, in order."""
    model = load_model("amount")
    possible = possible_amounts(reading, considered)
    return tuple(one.amount for one in possible if model.probability(one.features) >= model.threshold)


def judge_venue(mentions: Sequence[VenueMention], told: Sequence[Told]) -> VenueMention | None:
    """The mention that most likely tells where the main event took place, of the province that most likely is the venue's; None when none is likely enough.

    A province is the venue's unless each of its mentions means something else. `told`: what each sentence tells by itself.
    """
    model = load_model("location")
    chances = [model.probability(one.features | telling_of(one, told)) for one in mentions]
    otherwise: dict[tuple[str, str], float] = {}
    for one, chance in zip(mentions, chances, strict=True):
        otherwise[one.pair] = otherwise.get(one.pair, 1.0) * (1.0 - chance)
    best = min(otherwise, key=lambda pair: otherwise[pair], default=None)
    if best is None or 1.0 - otherwise[best] < model.threshold:
        return None
    return max((pair for pair in zip(mentions, chances, strict=True) if pair[0].pair == best), key=lambda pair: pair[1])[0]
