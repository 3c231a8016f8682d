"""Train the models of `extractors/classifiers` on gold texts, and write their weights. `make train` runs it.

    python -m scripts.train_classifiers tests/gold/snippets.tsv tests/gold/articles.txt tests/gold/train tests/gold/practice …

The snippets (a language, the types told, and a few sentences on each line) train the sentence model only, the articles those of relevance and types. Prints, per model, what cross-validation by text gives (precision, recall, F1 at the threshold chosen) and how true its probabilities are. Needs
scikit-learn, which nothing else does: the weights are JSON and are read without it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args
from zlib import crc32

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from extractors.candidates import Candidate, Considered, consider_triggers, find_candidates
from extractors.classifiers.amount_features import possible_amounts
from extractors.classifiers.event_features import EventFeatures, event_features
from extractors.classifiers.judging import blended
from extractors.classifiers.linear import FOLDER
from extractors.classifiers.party_features import possible_parties
from extractors.classifiers.sentence_features import BACKGROUND, sentence_features, text_features
from extractors.classifiers.venue_features import venue_mentions
from extractors.event_rules import FOLDER as RULES
from extractors.event_rules import EventRules, load_rules, read_rules
from extractors.events import kept_plans, parties_and_venue
from extractors.reading import Reading
from extractors.records import Article
from extractors.tagging import LANGUAGES, read_article
from extractors.textfile import article_from_text
from extractors.topics import TopicWords, topic_features
from keoson.evaluation.forms import Topic
from keoson.evaluation.gold import GoldItem, read_gold
from keoson.evaluation.matching import Span, overlap, province_key, quote_spans
from keoson.evaluation.scoring import foreground, pairs_of
from scripts.made_up_texts import read_articles, read_snippets
from scripts.mention_samples import Samples, add_amounts, add_parties, add_telling, add_venues
from scripts.sentence_model import Sentences, train_sentences

FOLDS = 8
MODELS = ("relevance", "event_current", "event_background", "party", "location", "amount")
TOPICS: tuple[str, ...] = get_args(Topic)
# Weights below this move no probability by more than half a hundredth.
SMALLEST = 0.02
# Features of fewer decisions are left out: they say nothing of other texts.
RAREST = 2
# A topic that fewer texts have is told by its words alone.
FEWEST = 5
# Chosen by cross-validation (topics .72 at 1, .74 at 3, .73 at 5).
COUNTS_SIZE = 3.0
# The feature of the topic model that every text has.
ALWAYS = "always="
# What parts the label from the word in the name of a feature that says that a word stands in the text.
WORD = "|word="


def fold_of(number: int) -> int:
    """The fold in which a text is held out: the same for all models, so that what they say of it can be put together."""
    return crc32(str(number).encode()) % FOLDS


def collect(items: Sequence[GoldItem], sentences: Sentences) -> dict[str, Samples]:
    """The decisions of every model over these texts; their sentences are added to `sentences`."""
    samples = {name: Samples() for name in (*MODELS, *(f"topic {topic}" for topic in TOPICS))}
    rules = load_rules()
    for number, item in enumerate(items):
        article = article_from_text(item.text, article_id=item.id, published=item.published, language=None)
        if article.language not in LANGUAGES:
            continue
        reading, considered, candidates, features = _proposed(article, rules)
        types = _joined(features)
        marks = item.marks.events
        weight = FULL_MARKS if item.form == "events" else 1.0
        words = {f"{WORD}{word}" for word in features.words}
        samples["relevance"].add(number, {True: features.text | words}, {True} if item.marks.relevant else set(), weight)
        now = [one for one in marks if one.status in ("occurred", "planned")]
        samples["event_current"].add(number, types, {one.type for one in now})
        of_text = text_features(features.text)
        told: dict[str, list[Span]] = {}
        for one in marks:
            if one.status != "cancelled":
                label = f"{BACKGROUND}{one.type}" if one.status == "background" else one.type
                told.setdefault(label, []).extend(quote_spans(item.text, one.evidence))
        marked = [{label for label, spans in told.items() if overlap(spans, [(at.start, at.end)])} for at in reading.story]
        sentences.add(number, [of_text | one for one in sentence_features(reading, considered, features)], set(told), marked)
        samples["event_background"].add(number, types, {one.type for one in marks if one.status == "background"})
        if not item.marks.relevant:
            continue
        topics = {topic for event in marks for topic in event.topics}
        phrases = topic_features(TopicWords.of(reading, rules))
        plain = {word for word in features.words if "=" not in word}  # senses made development worse
        for topic in TOPICS:
            samples[f"topic {topic}"].add(number, {topic: phrases | plain}, topics & {topic}, weight)
        by_rules, venue = parties_and_venue(reading, candidates)
        possible = possible_parties(reading, considered, by_rules, venue)
        parties = {pair for event in foreground(item.marks) for pair in pairs_of(event.parties)}
        if item.form == "single":  # it marks a country only where no province of it takes part
            of_provinces = {country for country, province in parties if province}
            possible = {pair: one for pair, one in possible.items() if pair[1] or pair[0] not in of_provinces}
        add_parties(samples["party"], number, possible, parties, weight)
        add_amounts(samples["amount"], number, item, possible_amounts(reading, considered))
        place = item.marks.events[0].location if item.marks.events else None
        marked = (place.name, place.country, place.admin1) if place else None
        add_venues(samples["location"], number, item.text, marked, venue_mentions(reading, considered, candidates, by_rules, venue))
    return samples


def _proposed(article: Article, rules: EventRules) -> tuple[Reading, list[Considered], list[Candidate], EventFeatures]:
    """A text as read, its triggers, those that the rules accept, and what the models look at."""
    reading = read_article(article)
    considered = consider_triggers(reading, rules)
    candidates = kept_plans(find_candidates(considered, reading, rules), reading)
    return reading, considered, candidates, event_features(reading, considered, candidates)


def _joined(features: EventFeatures) -> dict[str, set[str]]:
    """The features by type with the words of the text among them, each as the feature `<type>|word=…`."""
    return {type_: {*found.names(), *(f"{type_}{WORD}{word}" for word in features.words)} for type_, found in features.by_type.items()}


# Inverse strength of the L2 penalty, chosen by cross-validation on practice texts.
REGULARISATION: dict[str, float] = {
    "relevance": 0.05,
    "event_current": 0.05,
    "event_background": 0.05,
    "party": 0.1,
    "location": 0.1,
    "topic": 0.1,
    "amount": 0.05,
}

# Parties marked per event, in texts of all lengths, count this much more than those of short texts with one list for all; so does the relevance of such
# texts (cross-validated over texts of more than 900 characters: .944 to .952).
FULL_MARKS = 3.0
# The rule files' own examples say what must hold.
EXAMPLE = 4.0
# No threshold below these, in hundredths: the short practice texts have few provinces and little background, so that cross-validation over them is too
# bold for full articles (development: parties .72 at the threshold it chose, .78 at .55).
LOWEST = {"relevance": 80, "event_current": 40, "event_background": 34, "party": 65, "location": 40, "amount": 40, "topic": 50}
HIGHEST = 90
# Several mentions speak for one party, venue or value: what is best for mentions is not what counts, and the threshold was chosen by texts.
OF_MENTIONS = ("party", "location", "amount")


def train(name: str, samples: Samples, beside: Mapping[int, Mapping[str, float]] | None = None) -> dict[str, Any]:
    """The record of a model, with a report on stdout. `beside`: what another model says of the same texts and labels, with which it is blended."""
    decided = decide(name, samples)
    held_out, truths = decided.held_out, np.array(samples.truths)
    if beside is not None:
        said = zip(held_out, samples.texts, samples.keys, strict=True)
        held_out = np.array([blended(chance, beside[number][key]) if number in beside else chance for chance, number, key in said])
    steps = [LOWEST[name]] if name in OF_MENTIONS else range(LOWEST[name], HIGHEST)
    threshold = max((step / 100 for step in steps), key=lambda at: f1(held_out >= at, truths, samples.missed)[2])
    report(name, held_out, truths, samples.missed, threshold)
    weights: dict[str, int] = {}
    words: dict[str, dict[str, int]] = {}
    for feature, weight in decided.weights.items():
        label, of_word, word = feature.partition(WORD)
        table, key = (words.setdefault(label, {}), word) if of_word else (weights, feature)
        table[key] = weight
    labels = sorted(load_rules().rules) if name.startswith("event") else []
    return {"bias": decided.bias, "threshold": threshold, "labels": labels, "weights": weights, "words": words}


def train_topics(samples: dict[str, Samples]) -> dict[str, Any]:
    """The record of the topic model: a regression for each topic, over words and counts alone, all with one threshold."""
    decided = {topic: decide("topic", one) for topic, one in samples.items() if sum(one.truths) >= FEWEST}
    held_out = np.concatenate([one.held_out for one in decided.values()])
    truths = np.concatenate([np.array(samples[topic].truths) for topic in decided])
    missed = sum(sum(samples[topic].truths) for topic in samples if topic not in decided)
    threshold = LOWEST["topic"] / 100
    report("topic", held_out, truths, missed, threshold)
    words = {topic: {**one.weights, ALWAYS: one.weights.get(ALWAYS, 0) + one.bias} for topic, one in sorted(decided.items())}
    return {"bias": 0, "threshold": threshold, "labels": sorted(decided), "weights": {}, "words": words}


@dataclass(frozen=True, slots=True)
class Decided:
    """What one regression learned: weights worth keeping and bias, in thousandths, and the probabilities it gives texts that it has not seen."""

    weights: dict[str, int]
    bias: int
    held_out: Any


def decide(name: str, samples: Samples) -> Decided:
    """Fit one regression on all samples, and once per fold to see how it does on unseen texts."""
    vectors = DictVectorizer(dtype=np.float64)
    matrix = vectors.fit_transform([{feature: _size(feature) for feature in features} for features in samples.features])
    common = np.flatnonzero(matrix.getnnz(axis=0) >= RAREST)
    matrix, names = matrix[:, common], vectors.get_feature_names_out()[common]
    truths, weighed = np.array(samples.truths), np.array(samples.weights)

    def model() -> LogisticRegression:
        return LogisticRegression(C=REGULARISATION[name], solver="liblinear", intercept_scaling=10, max_iter=500)

    held_out = np.zeros(len(truths))
    folds = np.array([fold_of(number) for number in samples.texts])
    for fold in range(FOLDS):
        seen, unseen = folds != fold, folds == fold
        held_out[unseen] = model().fit(matrix[seen], truths[seen], sample_weight=weighed[seen]).predict_proba(matrix[unseen])[:, 1]
    final = model().fit(matrix, truths, sample_weight=weighed)
    weights = {
        feature: round(1000 * float(weight) * _size(feature))
        for feature, weight in sorted(zip(names, final.coef_[0], strict=True))
        if abs(weight) >= SMALLEST
    }
    return Decided(weights, round(1000 * float(final.intercept_[0])), held_out)


def _size(feature: str) -> float:
    """The counts of topic words say more than any word: a larger value is penalised less."""
    return COUNTS_SIZE if feature.startswith(("count=", "lead=", "rules=")) else 1.0


def report(name: str, held_out: Any, truths: Any, missed: int, threshold: float) -> None:
    """Print how well a model decides about texts that it has not seen, and how true its probabilities are."""
    precision, recall, value = f1(held_out >= threshold, truths, missed)
    print(
        f"{name}: {len(truths)} decisions, {truths.sum()} true, {missed} out of reach; at {threshold:.2f} precision {precision:.2f}, recall {recall:.2f}, F1 {value:.3f}"
    )
    for low in np.arange(0, 1, 0.1):
        chosen = (held_out >= low) & (held_out < low + 0.1)
        if chosen.any():
            print(f"    said {low:.1f} to {low + 0.1:.1f}: {chosen.sum():5d} decisions, true {truths[chosen].mean():.2f}")


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
                article = article_from_text(row["text"], article_id="example", published="2024-05-05", language=row["language"])
                *_, features = _proposed(article, rules)
                found = {name: names for name, names in _joined(features).items() if name == type_}
                told = {type_} if kind == "examples" else set()
                background = row.get("status") == "background"
                samples["event_current"].add(number, found, set() if background else told, EXAMPLE)
                samples["event_background"].add(number, found, told if background else set(), EXAMPLE)
                number += 1


def add_snippets(sentences: Sentences, file: Path) -> None:
    """Add the snippets of a file (see `made_up_texts`) to the sentence model's texts. Their numbers are negative: they are in no fold."""
    rules = load_rules()
    for number, (language, told, text) in enumerate(read_snippets(file, rules.rules), 1):
        article = article_from_text(text, article_id=f"snippet {number}", published=None, language=language)
        reading, considered, _, features = _proposed(article, rules)
        of_text = text_features(features.text)
        sentences.add(-number, [of_text | one for one in sentence_features(reading, considered, features)], told)


# Articles are numbered from here, behind all gold texts and examples. Each counts half a gold text: most are made to look relevant and are not, and with
# full weight they make long texts doubtful (cross-validated relevance of long texts: .920 without them, .940 with full weight, .944 with half).
_FIRST_ARTICLE, _ARTICLE = 1_000_000, 0.5


def add_articles(samples: dict[str, Samples], sentences: Sentences, file: Path) -> int:
    """Add the articles of a file (see `made_up_texts`), of which types are known and of most parties and venue too: their number."""
    rules = load_rules()
    count = 0
    for count, one in enumerate(read_articles(file, rules.rules), 1):
        number = _FIRST_ARTICLE + count
        article = article_from_text(one.text, article_id=f"article {count}", published=one.published, language=one.language)
        reading, considered, candidates, features = _proposed(article, rules)
        words = {f"{WORD}{word}" for word in features.words}
        samples["relevance"].add(number, {True: features.text | words}, {True} if one.told else set(), _ARTICLE)
        now = {label for label in one.told if not label.startswith(BACKGROUND)}
        types = _joined(features)
        samples["event_current"].add(number, types, now, _ARTICLE)
        samples["event_background"].add(number, types, {label.removeprefix(BACKGROUND) for label in one.told - now}, _ARTICLE)
        of_text = text_features(features.text)
        sentences.add(number, [of_text | each for each in sentence_features(reading, considered, features)], one.told)
        if one.parties is None:
            continue
        by_rules, venue = parties_and_venue(reading, candidates)
        parties = {(country, province_key(country, admin1)) for country, admin1 in one.parties}
        add_parties(samples["party"], number, possible_parties(reading, considered, by_rules, venue), parties, FULL_MARKS)
        add_venues(samples["location"], number, one.text, one.venue, venue_mentions(reading, considered, candidates, by_rules, venue))
    return count


def main(sources: Sequence[str], write: Callable[[Path, str], object] = Path.write_text) -> None:
    """Train all models on the gold folders and files of snippets named, and write their weights."""
    items = [item for source in sources if Path(source).is_dir() for item in read_gold(Path(source))]
    sentences = Sentences()
    samples = collect(items, sentences)
    add_examples(samples, len(items))
    articles = 0
    for source in map(Path, sources):
        if source.suffix == ".tsv":
            add_snippets(sentences, source)
        elif source.suffix == ".txt":
            articles += add_articles(samples, sentences, source)
    print(f"{len(items)} texts, {articles} articles, {sum(number < 0 for number in sentences.told)} snippets")
    folds = {number: fold_of(number) if number >= 0 else -1 for number in sentences.told}
    types = sorted(load_rules().rules)
    of_sentences = train_sentences(sentences, [*types, *(f"{BACKGROUND}{type_}" for type_ in types)], folds)
    beside = {
        name: {number: {type_: chances[f"{prefix}{type_}"] for type_ in types} for number, chances in of_sentences.held_out.items()}
        for name, prefix in (("event_current", ""), ("event_background", BACKGROUND))
    }
    add_telling(samples["location"], of_sentences.told)
    records = {name: train(name, samples[name], beside.get(name)) for name in MODELS}
    records["event_sentence"] = of_sentences.record()
    records["topic"] = train_topics({topic: samples[f"topic {topic}"] for topic in TOPICS})
    for name, record in records.items():
        write(FOLDER / f"{name}.json", json.dumps(record, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
