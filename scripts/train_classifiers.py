"""Train the models of `extractors/classifiers` on gold texts, and write their weights. `make train` runs it.

    python -m scripts.train_classifiers tests/gold/train tests/gold/practice …

Prints, per model, what cross-validation by text gives (precision, recall, F1 at the threshold chosen) and how true its probabilities are. Needs
scikit-learn, which nothing else does: the weights are JSON and are read without it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from extractors.candidates import consider_triggers, find_candidates
from extractors.classifiers.event_features import event_features
from extractors.classifiers.linear import FOLDER
from extractors.classifiers.party_features import possible_parties
from extractors.event_rules import FOLDER as RULES
from extractors.event_rules import load_rules, read_rules
from extractors.events import kept_plans, rule_reports
from extractors.tagging import LANGUAGES, read_article
from extractors.textfile import article_from_text
from keoson.evaluation.gold import GoldItem, read_gold
from keoson.evaluation.scoring import foreground, pairs_of, province_key

FOLDS = 8
# Weights below this move no probability by more than half a hundredth.
SMALLEST = 0.02


@dataclass(slots=True)
class Samples:
    """Decisions of one kind: the features, whether it is so, the text it is of; `missed` counts what no decision could find."""

    features: list[set[str]] = field(default_factory=list)
    truths: list[bool] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    missed: int = 0

    def add(self, number: int, found: dict[Any, set[str]], truths: set[Any], weight: float = 1.0) -> None:
        for key, features in found.items():
            self.weights.append(weight)
            self.features.append(features)
            self.truths.append(key in truths)
            self.texts.append(number)
        self.missed += len(truths - set(found))


def collect(items: Sequence[GoldItem]) -> dict[str, Samples]:
    """The decisions of every model over these texts."""
    samples = {name: Samples() for name in REGULARISATION}
    rules = load_rules()
    for number, item in enumerate(items):
        article = article_from_text(item.text, article_id=item.id, published=item.published, language=None)
        if article.language not in LANGUAGES:
            continue
        reading = read_article(article)
        considered = consider_triggers(reading, rules)
        candidates = kept_plans(find_candidates(considered, reading, rules), reading)
        types = event_features(reading, considered, candidates)
        marks = item.marks.events
        samples["event_current"].add(number, types, {one.type for one in marks if one.status in ("occurred", "planned")})
        samples["event_background"].add(number, types, {one.type for one in marks if one.status == "background"})
        if not item.marks.relevant:
            continue
        reports = rule_reports(reading, rules, candidates)
        by_rules = [party for report in reports if report.status != "background" for party in report.parties]
        venue = reports[0].location if reports else None
        possible = {
            (country, province_key(country, admin1)): one.features
            for (country, admin1), one in possible_parties(reading, considered, by_rules, venue).items()
        }
        parties = {pair for event in foreground(item.marks) for pair in pairs_of(event.parties)}
        if item.form == "single":  # it marks a country only where no province of it takes part
            marked = {country for country, province in parties if province}
            possible = {pair: names for pair, names in possible.items() if pair[1] or pair[0] not in marked}
        weight = FULL_MARKS if item.form == "events" else 1.0
        samples["party"].add(number, possible, parties, weight)
        place = marks[0].location if marks else None
        where = {(place.country, province_key(place.country, place.admin1))} if place and place.country else set()
        samples["location"].add(number, possible, where, weight)
    return samples


# Inverse strength of the L2 penalty, chosen by cross-validation on practice texts.
REGULARISATION: dict[str, float] = {"event_current": 0.05, "event_background": 0.1, "party": 0.1, "location": 0.1}

# Parties marked per event, in texts of all lengths, count this much more than those of short texts with one list for all.
FULL_MARKS = 3.0
# The rule files' own examples say what must hold.
EXAMPLE = 4.0
# No threshold below these, in hundredths: the short practice texts have few provinces and little background, so that cross-validation over them is too
# bold for full articles (development: parties .72 at the threshold it chose, .78 at .55).
LOWEST = {"event_current": 40, "event_background": 40, "party": 55, "location": 30}


def train(name: str, samples: Samples) -> dict[str, Any]:
    """The record of a model, with a report on stdout."""
    vectors = DictVectorizer(dtype=np.float64)
    matrix = vectors.fit_transform([dict.fromkeys(features, 1.0) for features in samples.features])
    truths, groups, weighed = np.array(samples.truths), np.array(samples.texts), np.array(samples.weights)

    def model() -> LogisticRegression:
        return LogisticRegression(C=REGULARISATION[name], max_iter=2000)

    held_out = np.zeros(len(truths))
    for seen, unseen in GroupKFold(FOLDS).split(matrix, truths, groups):
        held_out[unseen] = model().fit(matrix[seen], truths[seen], sample_weight=weighed[seen]).predict_proba(matrix[unseen])[:, 1]
    threshold = max((step / 100 for step in range(LOWEST[name], 70)), key=lambda at: f1(held_out >= at, truths, samples.missed)[2])
    precision, recall, value = f1(held_out >= threshold, truths, samples.missed)
    print(
        f"{name}: {len(truths)} decisions, {truths.sum()} true, {samples.missed} out of reach; at {threshold:.2f} precision {precision:.2f}, recall {recall:.2f}, F1 {value:.3f}"
    )
    for low in np.arange(0, 1, 0.1):
        chosen = (held_out >= low) & (held_out < low + 0.1)
        if chosen.any():
            print(f"    said {low:.1f} to {low + 0.1:.1f}: {chosen.sum():5d} decisions, true {truths[chosen].mean():.2f}")
    final = model().fit(matrix, truths, sample_weight=weighed)
    weights = {
        feature: round(float(weight), 3)
        for feature, weight in zip(vectors.get_feature_names_out(), final.coef_[0], strict=True)
        if abs(weight) >= SMALLEST
    }
    return {
        "bias": round(float(final.intercept_[0]), 3),
        "threshold": threshold,
        "labels": sorted(load_rules().rules) if name.startswith("event") else [],
        "weights": dict(sorted(weights.items())),
    }


def f1(given: Any, truths: Any, missed: int) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    found = int((given & truths).sum())
    precision, recall = found / max(1, int(given.sum())), found / max(1, int(truths.sum()) + missed)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def add_examples(samples: dict[str, Samples], number: int) -> None:
    """The examples and counterexamples of the rule files, each a text of its own: of a counterexample only its own type is known to be untrue."""
    rules = load_rules()
    for type_, file in read_rules(RULES).items():
        for kind in ("examples", "counterexamples"):
            for row in file.get(kind, []):
                reading = read_article(
                    article_from_text(row["text"], article_id="example", published="2024-05-05", language=row["language"])
                )
                considered = consider_triggers(reading, rules)
                candidates = kept_plans(find_candidates(considered, reading, rules), reading)
                found = {name: features for name, features in event_features(reading, considered, candidates).items() if name == type_}
                told = {type_} if kind == "examples" else set()
                background = row.get("status") == "background"
                samples["event_current"].add(number, found, set() if background else told, EXAMPLE)
                samples["event_background"].add(number, found, told if background else set(), EXAMPLE)
                number += 1


def main(folders: Sequence[str], write: Callable[[Path, str], object] = Path.write_text) -> None:
    """Train all models on the gold folders named, and write their weights."""
    items = [item for folder in folders for item in read_gold(Path(folder))]
    print(f"{len(items)} texts")
    samples = collect(items)
    add_examples(samples, len(items))
    for name, decisions in samples.items():
        record = train(name, decisions)
        write(FOLDER / f"{name}.json", json.dumps(record, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
