"""Train the model that weighs each sentence by itself (`extractors/classifiers/event_sentence.json`): which types it tells as happening or planned, and which as background.

Texts are marked as a whole, seldom sentence by sentence. What is learned is therefore what makes a text's marks likely where a text tells a type unless none of
its sentences does (multiple-instance learning with a noisy or). Where the words that tell an event are marked, their sentences are known to tell it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from sklearn.feature_extraction import DictVectorizer

from extractors.classifiers.sentence_features import ALWAYS, BACKGROUND, Told

# Inverse strength of the L2 penalty, and the weight of marked sentences beside marked texts (chosen by cross-validation).
REGULARISATION, MARKED = 0.25, 1.0
# Features of fewer sentences are left out.
RAREST = 2
# Weights below this move no probability by more than half a hundredth.
SMALLEST = 0.02
_STEPS, _TOLERANCE, _START = 80, 1e-5, -3.0


@dataclass(slots=True)
class Sentences:
    """The sentences of texts: their features, the number of their text, and the types that their own words are marked to tell; by text its types and weight."""

    features: list[set[str]] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    marked: list[set[str]] = field(default_factory=list)
    told: dict[int, set[str]] = field(default_factory=dict)

    def add(self, number: int, features: Iterable[set[str]], told: set[str], marked: Sequence[set[str]] = ()) -> None:
        """Add a text that tells these types; `marked`: those of each sentence, as far as known."""
        self.told[number] = told
        for at, sentence in enumerate(features):
            self.features.append(sentence)
            self.texts.append(number)
            self.marked.append(marked[at] if at < len(marked) else set())


@dataclass(frozen=True, slots=True)
class SentenceModel:
    """Weights of each type's features in thousandths, and the probabilities that models give texts they have not seen: by text and type, and by text what
    each sentence tells.
    """

    words: dict[str, dict[str, int]]
    held_out: dict[int, dict[str, float]]
    told: dict[int, list[Told]]

    def record(self) -> dict[str, Any]:
        """The JSON record that `load_model` reads."""
        return {"bias": 0, "threshold": 0.5, "labels": sorted(self.words), "weights": {}, "words": self.words}


def train_sentences(sentences: Sentences, types: Sequence[str], folds: dict[int, int]) -> SentenceModel:
    """The model for these types. `folds`: the fold in which each text is held out, -1 for texts that are in none."""
    vectors = DictVectorizer(dtype=np.float64)
    matrix = vectors.fit_transform([dict.fromkeys(features, 1.0) for features in sentences.features])
    names = vectors.get_feature_names_out()
    common = np.flatnonzero((matrix.getnnz(axis=0) >= RAREST) & (names != ALWAYS))
    matrix, names = matrix[:, common].tocsr(), names[common]
    texts = np.array(sentences.texts)
    fold_of = np.array([folds[number] for number in sentences.texts])
    words: dict[str, dict[str, int]] = {}
    held_out: dict[int, dict[str, float]] = {number: {} for number, fold in folds.items() if fold >= 0}
    untold = np.ones((len(texts), 2))  # of each sentence: the probability that it tells nothing as happening, and nothing as background
    for type_ in types:
        truths = np.array([type_ in sentences.told[number] for number in sentences.texts])
        marked = np.array([type_ in told for told in sentences.marked])
        for fold in sorted({fold for fold in folds.values() if fold >= 0}):
            seen = fold_of != fold
            weights, bias = _fit(matrix[seen], texts[seen], truths[seen], marked[seen])
            sums = matrix[~seen] @ weights + bias
            untold[~seen, int(type_.startswith(BACKGROUND))] *= 1.0 - _logistic(sums)
            for number, chance in _told(sums, texts[~seen]).items():
                held_out[number][type_] = chance
        weights, bias = _fit(matrix, texts, truths, marked)
        kept = {name: round(1000 * float(weight)) for name, weight in sorted(zip(names, weights, strict=True)) if abs(weight) >= SMALLEST}
        words[type_] = {**kept, ALWAYS: round(1000 * float(bias))}
    told: dict[int, list[Told]] = {}
    for number, (now, then) in zip(texts, untold, strict=True):
        told.setdefault(int(number), []).append(Told(1.0 - float(now), 1.0 - float(then)))
    return SentenceModel(words, held_out, told)


def _told(sums: Any, texts: Any) -> dict[int, float]:
    """By text the probability that some sentence tells it."""
    untold: dict[int, float] = {}
    for number, chance in zip(texts, _logistic(sums), strict=True):
        untold[int(number)] = untold.get(int(number), 1.0) * (1.0 - float(chance))
    return {number: 1.0 - chance for number, chance in untold.items()}


def _logistic(sums: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-np.clip(sums, -30.0, 30.0)))


def _fit(matrix: Any, texts: Any, truths: Any, marked: Any) -> tuple[Any, float]:
    """Weights and bias that make the marks likely. `truths` and `marked` are by sentence: what its text tells, and what its own words are marked to."""
    numbers, of_text = np.unique(texts, return_inverse=True)
    gather = csr_matrix((np.ones(len(texts)), (of_text, np.arange(len(texts)))), shape=(len(numbers), len(texts)))
    true = (gather @ truths.astype(float) > 0).astype(float)
    count = np.maximum(1.0, gather @ (marked & truths).astype(float))
    sure = np.where(marked & truths, MARKED / count[of_text], 0.0)
    transposed = matrix.T.tocsr()

    def loss(point: Any) -> tuple[float, Any]:
        weights, sums = point[:-1], matrix @ point[:-1] + point[-1]
        chances = _logistic(sums)
        untold = gather @ -np.logaddexp(0, sums)  # log of the probability that no sentence tells it
        told = np.clip(-np.expm1(untold), 1e-9, 1.0)
        value = -(true * np.log(told)).sum() - ((1 - true) * untold).sum()
        value += (sure * np.logaddexp(0, -sums)).sum() + 0.5 / REGULARISATION * (weights @ weights)
        slope = np.where(true[of_text] > 0, -(np.exp(untold) / told)[of_text] * chances, chances) - sure * (1 - chances)
        return float(value), np.append(transposed @ slope + weights / REGULARISATION, slope.sum())

    start = np.zeros(matrix.shape[1] + 1)
    start[-1] = _START
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS, "maxcor": 8, "ftol": _TOLERANCE})
    return found.x[:-1], float(found.x[-1])
