"""The linear models: what a weight does, what they may not overrule, and that the packaged ones fit the rules they weigh."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.candidates import consider_triggers, find_candidates
from extractors.classifiers.event_features import event_features
from extractors.classifiers.judging import judge_parties, judge_types
from extractors.classifiers.linear import LinearModel, load_model
from extractors.event_rules import load_rules
from extractors.reading import Reading
from extractors.records import EVENT_TYPES
from extractors.tagging import read_article
from extractors.textfile import article_from_text

MODELS = ("event_current", "event_background", "party", "location")
CONFERENCE = (
    "Ngày 12/6/2024, tại thành phố Vinh, Công an tỉnh Nghệ An và Công an tỉnh Xiêng Khoảng (Lào) tổ chức hội nghị.\n"
    "Thủ đô Bangkok của Thái Lan hôm đó có mưa."
)


def _reading(text: str, published: str = "2024-06-15") -> Reading:
    return read_article(article_from_text(text, article_id="x", published=published, language="vi"))


def test_a_probability_is_the_logistic_of_the_weights_that_apply() -> None:
    model = LinearModel({"a": 2.0, "b": -1.0}, 0.5, 0.5, frozenset())
    assert model.probability(["a", "b", "unknown"]) == pytest.approx(1 / (1 + math.exp(-1.5)))
    assert model.probability([]) == pytest.approx(1 / (1 + math.exp(-0.5)))


@given(st.dictionaries(st.text(max_size=3), st.floats(-1e6, 1e6), max_size=20), st.floats(-1e6, 1e6))
def test_any_weights_give_a_probability(weights: dict[str, float], bias: float) -> None:
    assert 0.0 < LinearModel(weights, bias, 0.5, frozenset()).probability(weights) < 1.0


@pytest.mark.parametrize("name", MODELS)
def test_packaged_weights_are_usable(name: str) -> None:
    model = load_model(name)
    assert len(model.weights) > 500
    assert 0.2 < model.threshold < 0.8
    assert model.labels == (frozenset(EVENT_TYPES) if name.startswith("event") else frozenset())


def test_features_are_those_that_were_trained() -> None:
    """A renamed feature would weigh nothing, and nobody would notice."""
    reading, rules = _reading(CONFERENCE), load_rules()
    considered = consider_triggers(reading, rules)
    (features,) = [
        names
        for type_, names in event_features(reading, considered, find_candidates(considered, reading, rules)).items()
        if type_ == "meeting"
    ]
    known = load_model("event_current").weights
    assert sum(name in known for name in features) > len(features) / 3


def test_words_that_give_a_trigger_another_meaning_are_not_overruled() -> None:
    reading, rules = _reading("Công an tỉnh Nghệ An gặp Công an tỉnh Xiêng Khoảng (Lào), tặng quà lưu niệm."), load_rules()
    considered = consider_triggers(reading, rules)
    assert {one.refused for one in considered if one.trigger.type == "aid" and not one.trigger.weak} == {"after"}
    judged = judge_types(reading, considered, find_candidates(considered, reading, rules))
    assert "aid" not in {candidate.type for candidate in judged.candidates}


def test_a_country_that_is_only_named_is_an_unlikely_party() -> None:
    reading, rules = _reading(CONFERENCE), load_rules()
    considered = consider_triggers(reading, rules)
    chances = judge_parties(reading, considered, [], None)
    acting = {(party.country, party.admin1) for party in chances.likely()}
    assert {("VN", "Nghệ An"), ("LA", "Xieng Khouang")} <= acting
    assert not any(country == "TH" for country, _ in acting)
