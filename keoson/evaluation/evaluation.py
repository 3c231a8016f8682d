"""Scores a whole folder: totals with bootstrap intervals, and by language, length and event type."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractors.records import EVENT_TYPES
from keoson.evaluation.forms import TagsForm
from keoson.evaluation.gold import GoldError, GoldItem, is_test_part, parse, read_gold
from keoson.evaluation.metrics import BY_NAME, METRICS
from keoson.evaluation.scoring import Counts, ItemScore, score_item

Predict = Callable[[GoldItem], Mapping[str, Any]]

# 1,000 resamples give the bounds of a 95 % interval to about a hundredth; the seed makes two runs print the same.
RESAMPLES = 1000
SEED = 20150


@dataclass(frozen=True, slots=True)
class Total:
    """One metric over many texts. For a rate, `value` is hits over cases and precision and recall are None; for f1, `value` is F1.
    None where nothing was there to be counted. `interval` is the 95 % bootstrap interval of `value`, by text.
    """

    metric: str
    counts: Counts
    value: float | None
    precision: float | None
    recall: float | None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Totals over all texts (`totals`, by metric), and `slices` such as `lang=vi`, `length=long`; `types` by event type and metric.

    `sealed` is true for the test part: nothing about single texts may be shown. `scores` and `predictions` are aligned with `items`.
    """

    part: str
    sealed: bool
    items: tuple[GoldItem, ...]
    predictions: tuple[Mapping[str, Any], ...]
    scores: tuple[ItemScore, ...]
    totals: dict[str, Total]
    slices: dict[str, dict[str, Total]]
    slice_sizes: dict[str, int]
    types: dict[str, dict[str, Total]]


def evaluate(folder: Path, predict: Predict, *, resamples: int = RESAMPLES) -> Evaluation:
    """Tags every text of a gold folder with `predict` (which gives an object of `keoson tag --json`) and scores it.

    GoldError when the folder or a prediction is malformed, naming file or item and field.
    """
    items = read_gold(folder)
    if not items:
        raise GoldError(f"{folder / 'gold.jsonl'}: holds no items")
    predictions = [predict(item) for item in items]
    forms = [parse(TagsForm, dict(given), f"prediction for {item.id}") for item, given in zip(items, predictions, strict=True)]
    scores = [score_item(item, tags) for item, tags in zip(items, forms, strict=True)]
    slices = {}
    for lang in sorted({score.lang for score in scores}):
        slices[f"lang={lang}"] = [score for score in scores if score.lang == lang]
    slices["length=short"] = [score for score in scores if not score.long]
    slices["length=long"] = [score for score in scores if score.long]
    return Evaluation(
        part=folder.resolve().name,
        sealed=is_test_part(folder, (item.outlet for item in items)),
        items=tuple(items),
        predictions=tuple(predictions),
        scores=tuple(scores),
        totals=total_up(scores, resamples=resamples),
        slices={name: total_up(chosen, resamples=0) for name, chosen in slices.items() if chosen},
        slice_sizes={name: len(chosen) for name, chosen in slices.items()},
        types=_types(scores),
    )


def tag_item(item: GoldItem) -> dict[str, Any]:
    """The prediction of Keoson's own tagger: from the text and its publish date alone."""
    from extractors.tag_json import tags_to_json
    from extractors.tagging import tag_article
    from extractors.textfile import article_from_text

    article = article_from_text(item.text, article_id=item.id, published=item.published, language=None)
    return tags_to_json(item.id, tag_article(article))


def total_up(scores: Sequence[ItemScore], *, resamples: int) -> dict[str, Total]:
    """The total of each metric that applies to any of the texts, in the order of METRICS, with intervals unless `resamples` is 0."""
    totals = {}
    for metric in METRICS:
        counted = [score.counts.get(metric.name, Counts()) for score in scores]
        if not any(metric.name in score.counts for score in scores):
            continue
        interval = bootstrap(metric.name, counted, resamples) if resamples else None
        totals[metric.name] = total_of(metric.name, sum(counted, Counts()), interval)
    return totals


def total_of(metric: str, counts: Counts, interval: tuple[float, float] | None = None) -> Total:
    """Precision, recall and F1 of an f1 metric, or the rate; None for a quotient without a denominator."""
    if BY_NAME[metric].kind == "rate":
        return Total(metric, counts, _share(counts.found, counts.found + counts.missed), None, None, interval)
    precision = _share(counts.found, counts.found + counts.spurious)
    recall = _share(counts.found, counts.found + counts.missed)
    return Total(metric, counts, _f1(counts), precision, recall, interval)


def bootstrap(metric: str, counted: Sequence[Counts], resamples: int) -> tuple[float, float] | None:
    """The 2.5th and 97.5th percentile of the value over `resamples` draws of as many texts, with replacement, from a fixed seed."""
    source = random.Random(SEED)
    rate = BY_NAME[metric].kind == "rate"
    values = []
    for _ in range(resamples):
        found = spurious = missed = 0
        for one in source.choices(counted, k=len(counted)):
            found += one.found
            spurious += one.spurious
            missed += one.missed
        value = _share(found, found + missed) if rate else _f1(Counts(found, spurious, missed))
        if value is not None:
            values.append(value)
    if not values:
        return None
    values.sort()
    return values[int(0.025 * len(values))], values[min(int(0.975 * len(values)), len(values) - 1)]


def _types(scores: Iterable[ItemScore]) -> dict[str, dict[str, Total]]:
    sums: dict[str, dict[str, Counts]] = {}
    for score in scores:
        for type_, metrics in score.by_type.items():
            for metric, counts in metrics.items():
                at = sums.setdefault(type_, {})
                at[metric] = at.get(metric, Counts()) + counts
    return {
        type_: {metric: total_of(metric, counts) for metric, counts in sorted(sums[type_].items(), reverse=True)}
        for type_ in EVENT_TYPES
        if type_ in sums
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _f1(counts: Counts) -> float | None:
    return _share(2 * counts.found, 2 * counts.found + counts.spurious + counts.missed)
