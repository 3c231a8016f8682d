"""The models over event types, filed by the parts of a type's features: looked up part by part and for both at once, no name of a feature is written out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from extractors.classifiers.event_features import AROUND, EventFeatures
from extractors.classifiers.linear import LinearModel, load_model, logistic
from extractors.classifiers.packed import packed, unpacked, weighed

# What the rules can have said of a type (`TypeFeatures.said`).
_SAID = ("current", "background", "nothing")


class EventWeights:
    """Models whose weights are those of `TypeFeatures.names`, and of the words of a text by type."""

    def __init__(self, models: Sequence[LinearModel]) -> None:
        self.models = models
        self._types = sorted({type_ for model in models for type_ in model.labels})
        self._words = packed([model.words.get(type_, {}) for type_ in self._types for model in models])
        joined: dict[str, dict[str, int]] = {first: {} for first in (*self._types, *_SAID)}
        around: dict[str, dict[str, int]] = {place: {} for place in AROUND}
        alone: dict[str, int] = {}
        for name, weight in packed([model.weights for model in models]).items():
            first, _, rest = name.partition("|")
            place, sign, word = name.partition("=")
            if first in joined:
                joined[first][rest] = weight
            elif sign and place in around:
                around[place][word] = weight
            else:
                alone[name] = weight
        # a feature counts by itself and joined to its type: both at once
        self._joined = {
            first: {name: weights.get(name, 0) + alone.get(name, 0) for name in weights.keys() | alone.keys()}
            for first, weights in joined.items()
        }
        self._around = tuple(around[place] for place in AROUND)

    def probabilities(self, features: EventFeatures) -> list[dict[str, float]]:
        """By each model, how likely it is true of each type that has features and that the model was trained to decide about."""
        told = unpacked(weighed(self._words, features.words), len(self._types) * len(self.models))
        chances: list[dict[str, float]] = [{} for _ in self.models]
        of_text: dict[str, int] = {}
        for type_, found in features.by_type.items():
            if type_ not in self._types:
                continue
            if found.said not in of_text:
                of_text[found.said] = weighed(self._joined[found.said], found.text)
            total = of_text[found.said] + weighed(self._joined[type_], found.own)
            total += weighed(self._joined[type_], [f"beside={other}" for other in found.beside])
            for weights, words in zip(self._around, found.around, strict=True):
                total += weighed(weights, words)
            at = self._types.index(type_) * len(self.models)
            for model, chance, sum_, words_sum in zip(self.models, chances, unpacked(total, len(self.models)), told[at:], strict=False):
                if type_ in model.labels:
                    chance[type_] = logistic(model.bias + sum_ + words_sum)
        return chances


@lru_cache(maxsize=1)
def load_event_weights() -> EventWeights:
    """The packaged models: what a text tells as happening or planned, and as background."""
    return EventWeights((load_model("event_current"), load_model("event_background")))
