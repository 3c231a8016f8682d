"""What an activity deals with: topics of the closed list, proposed by their words and decided by a model over the whole story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from extractors.classifiers.linear import load_model
from extractors.event_rules import EventRules
from extractors.reading import Reading
from extractors.sentences import LEAD, Sentence

# Words of these stand in every report of two forces at a border: once or twice says nothing (three measured best on train).
_EVERYWHERE = frozenset({"border", "crime", "defence", "trade", "party_politics"})
# From which chance on a topic stands that the rules find; others need the model's threshold (of pairs that cross-validation holds alike the one best on development).
_SAID = 0.05
_AT_MOST = 4
OTHER = "other"


@dataclass(frozen=True, slots=True)
class TopicWords:
    """How often words of each topic stand in a story, in the whole of it and in its lead."""

    story: Counter[str]
    lead: Counter[str]

    @classmethod
    def of(cls, reading: Reading, rules: EventRules) -> TopicWords:
        """Count the story of `reading`."""
        return StoryTopics(reading, rules).words()


class StoryTopics:
    """The topics that words in the sentences of a story tell; each sentence is read once."""

    def __init__(self, reading: Reading, rules: EventRules) -> None:
        self.reading = reading
        self._automaton = rules.topics[reading.language]
        self._known: dict[int, list[str]] = {}  # by where the sentence starts

    def words(self) -> TopicWords:
        """The counts over the whole story."""
        lead = self._counts(self.reading.story[:LEAD])
        return TopicWords(lead + self._counts(self.reading.story[LEAD:]), lead)

    def of_event(self, sentences: Sequence[Sentence]) -> tuple[str, ...]:
        """The topics of an event by their words in the sentences that tell it and in the lead, the most frequent first."""
        return _ranked(self._counts(dict.fromkeys([*self.reading.story[:LEAD], *sentences])))

    def _counts(self, sentences: Iterable[Sentence]) -> Counter[str]:
        counts: Counter[str] = Counter()
        for sentence in sentences:
            topics = self._known.get(sentence.start)
            if topics is None:
                topics = self._known[sentence.start] = self._topics_in(sentence)
            counts.update(topics)
        return counts

    def _topics_in(self, sentence: Sentence) -> list[str]:
        lower = self.reading.text[sentence.start : sentence.end].lower()
        spaced = self.reading.language != "lo"
        # a set of pairs, so that a phrase with two entries counts once
        hits = {
            (last, topic)
            for last, entries in self._automaton.iter(lower)
            for word, topic in entries
            if not spaced or last < len(word) or not lower[last - len(word)].isalnum()
        }
        return [topic for _, topic in sorted(hits)]


def topic_features(counts: TopicWords) -> set[str]:
    """What the counts of topic words say, for the model. Each has an equals sign inside, as no word of a text has."""
    features = {f"count={topic},{min(count, 4)}" for topic, count in counts.story.items()}
    return features | {f"lead={topic}" for topic in counts.lead} | {f"rules={topic}" for topic in _ranked(counts.story)} | {"always="}


def likely_topics(topics: StoryTopics, words: Set[str]) -> tuple[str, ...]:
    """The topics of a story, the likeliest first; at least one. `words` are the masked words of the story."""
    model = load_model("topic")
    counts = topics.words()
    features = topic_features(counts) | words
    said = _ranked(counts.story)
    weighed = model.told_by(features)
    chances = {topic: model.probability(frozenset(), weighed[topic]) for topic in model.labels}
    # a topic added since the training is told by its words alone
    chances |= {topic: 1.0 for topic in said if topic not in model.labels}
    ranked = sorted(chances, key=lambda topic: (-chances[topic], topic))
    told = [topic for topic in ranked if chances[topic] >= (_SAID if topic in said else model.threshold)]
    return tuple(told[:_AT_MOST] or ranked[:1])


def among(topics: Sequence[str], told: Sequence[str]) -> tuple[str, ...]:
    """Of the topics of an event those that the story is told to deal with; without any, the story's first."""
    return tuple(topic for topic in topics if topic in told) or tuple(told[:1])


def _ranked(counts: Counter[str]) -> tuple[str, ...]:
    special = {"drugs", "trafficking", "immigration", "cyber"} & set(counts)
    ranked = [
        topic
        for topic, count in counts.most_common()
        if count >= (3 if topic in _EVERYWHERE else 1) and not (topic == "crime" and special and count < 5)
    ]
    return tuple(ranked[:_AT_MOST] or [topic for topic, _ in counts.most_common(1)] or [OTHER])
