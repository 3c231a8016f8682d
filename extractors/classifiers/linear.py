"""A logistic regression over named features, as a JSON file of weights."""

from __future__ import annotations

import json
import math
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights and bias in thousandths, by feature name: sums of whole numbers are the same in every order. What training has not seen weighs nothing.

    `words`: per label the weights of a text's words, where the model looks at them; `threshold`: from which probability on it says yes; `labels`: what it
    was trained to decide about, empty where that is no closed list.
    """

    weights: dict[str, int]
    words: dict[str, dict[str, int]]
    bias: int
    threshold: float
    labels: frozenset[str]

    def probability(self, features: Set[str], words: Set[str] = frozenset(), label: str = "") -> float:
        """How likely it is true, from 0 to 1: by the features of the decision, and by the words of its text as they count for its label."""
        total = self.bias + _sum(self.weights, features)
        if words:
            total += _sum(self.words.get(label, {}), words)
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total / 1000))))


def _sum(weights: dict[str, int], names: Set[str]) -> int:
    return sum(map(weights.__getitem__, weights.keys() & names))


@lru_cache(maxsize=16)
def load_model(name: str) -> LinearModel:
    """The packaged model `<name>.json`: {"bias", "threshold", "labels": […], "weights": {feature: weight}, "words": {label: {word: weight}}}, weights and bias in thousandths."""
    record = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return LinearModel(record["weights"], record["words"], record["bias"], record["threshold"], frozenset(record["labels"]))
