"""A logistic regression over named features, as a JSON file of weights."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Weights by feature name. A feature that training has not seen weighs nothing.

    `words`: per label the weights of a text's words, where the model looks at them; `threshold`: from which probability on it says yes; `labels`: what it
    was trained to decide about, empty where that is no closed list.
    """

    weights: dict[str, float]
    words: dict[str, dict[str, float]]
    bias: float
    threshold: float
    labels: frozenset[str]

    def probability(self, features: Iterable[str], words: Collection[str] = (), label: str = "") -> float:
        """How likely it is true, from 0 to 1: by the features of the decision, and by the words of its text as they count for its label."""
        # fsum: features come as sets, and no order of theirs may change the last digit
        total = self.bias + math.fsum(map(self.weights.get, features, repeat(0.0)))
        if words:
            total += math.fsum(map(self.words.get(label, {}).get, words, repeat(0.0)))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@lru_cache(maxsize=16)
def load_model(name: str) -> LinearModel:
    """The packaged model `<name>.json`: {"bias", "threshold", "labels": […], "weights": {feature: weight}, "words": {label: {word: weight}}}."""
    record = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return LinearModel(record["weights"], record["words"], record["bias"], record["threshold"], frozenset(record["labels"]))
