"""A logistic regression over named features, as a JSON file of weights."""

from __future__ import annotations

import json
import math
from collections.abc import Set
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from extractors.classifiers.packed import packed, unpacked, weighed

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights and bias in thousandths, by feature name: sums of whole numbers are the same in every order. What training has not seen weighs nothing.

    `words`: per label the weights of a text's words, where the model looks at them (see `told_by`); `threshold`: from which probability on it says yes; `labels`: what it
    was trained to decide about, empty where that is no closed list.
    """

    weights: dict[str, int]
    words: dict[str, dict[str, int]]
    bias: int
    threshold: float
    labels: frozenset[str]
    _packed: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_packed", packed(list(self.words.values())))

    def told_by(self, words: Set[str]) -> dict[str, int]:
        """What the words of a text weigh for each label: the words are walked through once, however many labels there are."""
        return dict(zip(self.words, unpacked(weighed(self._packed, words), len(self.words)), strict=True))

    def probability(self, features: Set[str], told: int = 0) -> float:
        """How likely it is true, from 0 to 1: by the features of the decision, and by what the words of its text weigh for its label."""
        return logistic(self.bias + told + weighed(self.weights, features))


def logistic(thousandths: int) -> float:
    """The probability that a sum of weights stands for."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, thousandths / 1000))))


@lru_cache(maxsize=16)
def load_model(name: str) -> LinearModel:
    """The packaged model `<name>.json`: {"bias", "threshold", "labels": […], "weights": {feature: weight}, "words": {label: {word: weight}}}, weights and bias in thousandths."""
    record = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return LinearModel(record["weights"], record["words"], record["bias"], record["threshold"], frozenset(record["labels"]))
