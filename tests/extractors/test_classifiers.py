"""The linear models: what a weight does, what they may not overrule, and that the packaged ones fit the rules they weigh."""

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.candidates import consider_triggers, find_candidates
from extractors.classifiers import judging
from extractors.classifiers.amount_features import possible_amounts
from extractors.classifiers.event_features import event_features
from extractors.classifiers.event_weights import EventWeights
from extractors.classifiers.judging import PartyChances, blended, judge_amounts, judge_parties, judge_types, judge_venue, told_by_sentences
from extractors.classifiers.linear import LinearModel, load_model
from extractors.classifiers.masked_words import masked_words
from extractors.classifiers.party_features import possible_parties
from extractors.classifiers.senses import sense_features, story_senses
from extractors.classifiers.sentence_features import ALWAYS, BACKGROUND, Told, sentence_features, telling_features, text_features
from extractors.classifiers.venue_features import VenueMention, venue_mentions
from extractors.event_rules import load_rules
from extractors.events import tag_events
from extractors.reading import Reading
from extractors.records import EVENT_TYPES, Evidence, Party
from extractors.tagging import read_article, tag_article
from extractors.textfile import article_from_text
from extractors.topics import TopicWords, topic_features
from keoson.evaluation.forms import Topic

MODELS = ("event_current", "event_sentence", "event_background", "party", "location", "amount", "relevance", "topic")
CONFERENCE = (
    "Ngày 12/6/2024, tại thành phố Vinh, Công an tỉnh Nghệ An và Công an tỉnh Xiêng Khoảng (Lào) tổ chức hội nghị.\n"
    "Thủ đô Bangkok của Thái Lan hôm đó có mưa."
)


def _reading(text: str, published: str = "2024-06-15") -> Reading:
    return read_article(article_from_text(text, article_id="x", published=published, language="vi"))


def test_a_probability_is_the_logistic_of_the_weights_that_apply() -> None:
    model = LinearModel({"a": 2000, "b": -1000}, {"aid": {"gạo": 1000, "họp": -3000}}, 500, 0.5, frozenset())
    assert model.probability({"a", "b", "unknown"}) == pytest.approx(1 / (1 + math.exp(-1.5)))
    assert model.probability({"a", "b"}, model.told_by({"gạo", "unknown"})["aid"]) == pytest.approx(1 / (1 + math.exp(-2.5)))
    assert model.probability(set()) == pytest.approx(1 / (1 + math.exp(-0.5)))


_WEIGHTS = st.dictionaries(st.sampled_from("abcd"), st.integers(-(2**16) + 1, 2**16 - 1))


@given(st.dictionaries(st.text(max_size=3), _WEIGHTS), st.sets(st.sampled_from("abcde")))
def test_words_weigh_for_each_label_by_themselves(words: dict[str, dict[str, int]], text: set[str]) -> None:
    told = LinearModel({}, words, 0, 0.5, frozenset()).told_by(text)
    assert told == {label: sum(weights.get(word, 0) for word in text) for label, weights in words.items()}


def test_a_weight_too_large_to_be_summed_is_refused() -> None:
    with pytest.raises(ValueError, match="'gạo'"):
        LinearModel({}, {"aid": {"gạo": 2**16}}, 0, 0.5, frozenset())


@given(st.dictionaries(st.text(max_size=3), st.integers(), max_size=20), st.integers())
def test_any_weights_give_a_probability(weights: dict[str, int], bias: int) -> None:
    assert 0.0 < LinearModel(weights, {}, bias, 0.5, frozenset()).probability(weights.keys()) < 1.0


@pytest.mark.parametrize("name", MODELS)
def test_packaged_weights_are_usable(name: str) -> None:
    model = load_model(name)
    assert len(model.weights) + sum(len(words) for words in model.words.values()) > 500
    assert 0.2 < model.threshold < 0.9
    if name.startswith("event"):
        labels = {*EVENT_TYPES, *(f"{BACKGROUND}{type_}" for type_ in EVENT_TYPES)} if name == "event_sentence" else {*EVENT_TYPES}
        assert model.labels == labels == set(model.words)
    elif name == "topic":
        assert model.labels == set(model.words)
        assert model.labels <= set(get_args(Topic))
    else:
        assert model.labels == frozenset()


def test_features_are_those_that_were_trained() -> None:
    """A renamed feature would weigh nothing, and nobody would notice."""
    reading, rules = _reading(CONFERENCE), load_rules()
    considered = consider_triggers(reading, rules)
    found = event_features(reading, considered, find_candidates(considered, reading, rules))
    model = load_model("event_current")
    assert _known(list(found.by_type["meeting"].names()), model.weights) > 1 / 3
    assert _known(found.words, model.words["meeting"]) > 1 / 3
    relevance = load_model("relevance")
    assert _known(found.text, relevance.weights) > 1 / 3
    assert _known(found.words, relevance.words[""]) > 1 / 3
    assert _known(topic_features(TopicWords.of(reading, rules)), load_model("topic").words["crime"]) > 1 / 2
    province = possible_parties(reading, considered, [], None)["VN", "Nghệ An"]
    assert all(_known(features, load_model("party").weights) > 1 / 3 for features in (*province.mentions, province.shared))
    (venue, *_) = venue_mentions(reading, considered, [], [], None)
    assert _known(venue.features, load_model("location").weights) > 1 / 3
    meeting = load_model("event_sentence").words["meeting"]
    assert _known(sentence_features(reading, considered, found)[0], meeting) > 1 / 3
    assert _known(text_features(found.text), meeting) > 1 / 3
    reading = _reading(CONFERENCE.replace("hội nghị", "hội nghị và trao 50 suất quà"))
    (amount,) = possible_amounts(reading, consider_triggers(reading, rules))
    assert _known(amount.features, load_model("amount").weights) > 1 / 3


def _known(features: Collection[str], weights: Mapping[str, int]) -> float:
    return sum(name in weights for name in features) / len(features)


def test_features_looked_up_by_their_parts_weigh_what_their_names_do() -> None:
    reading, rules = _reading(CONFERENCE + " Hai bên ký biên bản, trao đổi tình hình, tặng quà và thống nhất tuần tra chung."), load_rules()
    considered = consider_triggers(reading, rules)
    found = event_features(reading, considered, find_candidates(considered, reading, rules))
    assert len(found.by_type) > 2
    models = load_model("event_current"), load_model("event_background")
    for model, chances in zip(models, EventWeights(models).probabilities(found), strict=True):
        told = model.told_by(found.words)
        assert chances == {type_: model.probability(set(one.names()), told[type_]) for type_, one in found.by_type.items()}


def test_names_are_masked_by_kind_and_side() -> None:
    reading = _reading("Ngày 12/6/2024, Đại tá Nguyễn Văn Thử trao 50 suất quà cho Công an tỉnh Xiêng Khoảng.")
    ((*words,),) = masked_words(reading)
    assert [word for _, word in words] == [
        "<date>", ",", "đại", "tá", "<person vn>", "trao", "<amount>", "cho", "<org fo>", ".",
    ]  # fmt: skip
    assert [reading.text[at] for at, word in words if word == "trao"] == ["t"]


def test_lao_runs_are_cut_into_pieces_and_long_texts_end() -> None:
    text = "ພິທີມອບ. " + "Họp bàn. " * 100
    words = masked_words(_reading(text))
    assert [word for _, word in words[0]][:3] == ["ພິທີມ", "ິທີມອ", "ທີມອບ"]
    assert len(words) == 25


@given(st.text(alphabet="aAăđ 0.,()\nກິ😀-", max_size=200))
def test_masked_words_stand_where_they_say(text: str) -> None:
    reading = _reading(text)
    for sentence in masked_words(reading):
        starts = [at for at, _ in sentence]
        assert starts == sorted(starts)
        for at, word in sentence:
            assert word.startswith("<") or text[at : at + len(word)].lower() == word


def test_senses_that_meet_in_a_sentence_are_features() -> None:
    reading = _reading("Công an tỉnh Nghệ An trao gạo.\nHai bên họp.")
    found = sense_features(story_senses(reading))
    assert {"sense=give", "lead sense=goods", "meet=give&goods", "sense=meet"} <= found
    assert "meet=give&meet" not in found


def test_where_something_is_surely_told_the_likeliest_type_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Types below their threshold give no event, unless the text as a whole is held relevant."""
    reading, rules = _reading(CONFERENCE), load_rules()
    considered = consider_triggers(reading, rules)
    candidates = find_candidates(considered, reading, rules)
    unsure = LinearModel({}, {}, -3000, 0.5, frozenset(EVENT_TYPES))
    for bias, told in ((-5000, set()), (5000, {"meeting"})):
        whole = LinearModel({}, {}, bias, 0.5, frozenset())
        now = replace(unsure, words={"meeting": {"<date>": 500}})
        sentence = LinearModel({}, {type_: {ALWAYS: -3000} for type_ in EVENT_TYPES}, 0, 0.5, frozenset(EVENT_TYPES))
        monkeypatch.setattr(judging, "load_model", {"relevance": whole, "event_sentence": sentence}.__getitem__)
        monkeypatch.setattr(judging, "load_event_weights", lambda now=now: EventWeights((now, unsure)))
        assert {one.type for one in judge_types(reading, considered, candidates).candidates} == told


def test_a_type_is_told_unless_no_sentence_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, _rules = _reading("Hai bên họp.\nTrời mưa.\nHai bên họp."), load_rules()
    model = LinearModel({}, {"meeting": {ALWAYS: -2000, "word=họp": 2000, "text:told=0": 0}}, 0, 0.5, frozenset())
    monkeypatch.setattr(judging, "load_model", {"event_sentence": model}.__getitem__)
    by_type, sentences = told_by_sentences(reading, [], event_features(reading, [], []))
    dry = 1 - 1 / (1 + math.exp(2))
    assert by_type == {"meeting": pytest.approx(1 - 0.5 * dry * 0.5)}
    assert [one.now for one in sentences] == pytest.approx([0.5, 1 - dry, 0.5])
    assert [one.then for one in sentences] == [0.0, 0.0, 0.0]


def test_background_is_weighed_sentence_by_sentence_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, rules = _reading(CONFERENCE), load_rules()
    considered = consider_triggers(reading, rules)
    candidates = find_candidates(considered, reading, rules)
    even = LinearModel({}, {}, 0, 0.5, frozenset(EVENT_TYPES))
    whole = LinearModel({}, {}, -5000, 0.5, frozenset())
    sentence = LinearModel({}, {"meeting": {ALWAYS: -6000}, f"{BACKGROUND}meeting": {ALWAYS: 6000}}, 0, 0.5, frozenset())
    monkeypatch.setattr(judging, "load_model", {"relevance": whole, "event_sentence": sentence}.__getitem__)
    monkeypatch.setattr(judging, "load_event_weights", lambda: EventWeights((even, even)))
    judged = judge_types(reading, considered, candidates)
    assert judged.current["meeting"] < 0.2
    assert judged.background["meeting"] > 0.8


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_blend_lies_between_what_two_models_say(one: float, other: float) -> None:
    least, most = sorted(min(0.999, max(0.001, chance)) for chance in (one, other))
    assert least - 0.001 <= blended(one, other) <= most + 0.001
    assert blended(one, other) == blended(other, one)


def test_numbers_that_count_nothing_of_the_event_are_no_amounts() -> None:
    text = (
        "Công an tỉnh Nghệ An trao 50 suất quà và 40 tấm nệm cho Công an tỉnh Xiêng Khoảng (Lào) trong 2 giờ; bản có đường biên dài 53 km."
    )
    reading = _reading(text)
    considered = consider_triggers(reading, load_rules())
    assert [one.amount.value for one in possible_amounts(reading, considered)] == [50, 40, 2]
    assert [amount.value for amount in judge_amounts(reading, considered)] == [50, 40]


def test_words_that_give_a_trigger_another_meaning_are_not_overruled() -> None:
    reading, rules = _reading("Công an tỉnh Nghệ An gặp Công an tỉnh Xiêng Khoảng (Lào), tặng quà lưu niệm."), load_rules()
    considered = consider_triggers(reading, rules)
    assert {one.refused for one in considered if one.trigger.type == "aid" and not one.trigger.weak} == {"after"}
    judged = judge_types(reading, considered, find_candidates(considered, reading, rules))
    assert "aid" not in {candidate.type for candidate in judged.candidates}


def test_a_country_that_is_only_named_is_an_unlikely_party() -> None:
    reading, rules = _reading(CONFERENCE), load_rules()
    considered = consider_triggers(reading, rules)
    by_rules = [party for report in tag_events(reading, rules) for party in report.parties]
    chances = judge_parties(reading, considered, by_rules, None)
    acting = {(party.country, party.admin1) for party in chances.likely()}
    assert {("VN", "Nghệ An"), ("LA", "Xieng Khouang")} <= acting
    assert chances.chances["TH", None] < chances.chances["LA", "Xieng Khouang"]


def test_a_state_beside_its_likely_province_needs_more_to_be_a_party() -> None:
    evidence = Evidence(0, 1, "x")
    state, province, other = (
        Party("x", admin1, None, country, evidence) for country, admin1 in (("VN", None), ("VN", "Nghệ An"), ("LA", None))
    )
    named = {("VN", None): state, ("VN", "Nghệ An"): province, ("LA", None): other}
    alike = PartyChances(dict.fromkeys(named, 0.7), named, 0.65)
    assert [alike.is_likely(party) for party in (state, province, other)] == [False, True, True]
    assert PartyChances({**alike.chances, ("VN", None): 0.9}, named, 0.65).is_likely(state)
    assert PartyChances({**alike.chances, ("VN", "Nghệ An"): 0.3}, named, 0.65).is_likely(state)


@pytest.mark.parametrize(
    ("text", "language", "province"),
    [
        ("Ngày 12/6, tại Móng Cái, Công an tỉnh Quảng Ninh hội đàm với Công an khu tự trị Quảng Tây (Trung Quốc).", "vi", "Quảng Ninh"),
        (
            "Công an tỉnh Nghệ An và Công an tỉnh Xiêng Khoảng (Lào) họp ngày 12/6 tại trụ sở Công an tỉnh Xiêng Khoảng.",
            "vi",
            "Xieng Khouang",
        ),
        ("Police of Quang Tri and Savannakhet held talks in Pakse town, Champasak province, on June 12.", "en", "Champasak"),
        ("Công an tỉnh Nghệ An và Công an tỉnh Xiêng Khoảng (Lào) họp trực tuyến ngày 12/6.", "vi", None),
    ],
)
def test_the_venue_is_where_the_text_says_it_was(text: str, language: str, province: str | None) -> None:
    (main, *_) = tag_article(article_from_text(text, article_id="x", published="2024-06-15", language=language)).reports
    assert (main.location.admin1 if main.location else None) == province


def test_the_venue_is_the_province_whose_mentions_speak_for_it_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "load_model", lambda _: LinearModel({"strong": 0, "weak": -800}, {}, 0, 0.6, frozenset()))

    def mention(start: int, admin1: str, feature: str) -> VenueMention:
        return VenueMention(
            start,
            start + 1,
            "VN",
            admin1,
            Party("x", admin1, None, "VN", Evidence(start, start + 1, "x")),
            start // 2,
            "place",
            frozenset({feature}),
        )

    alone, first, second = mention(0, "A", "strong"), mention(2, "B", "weak"), mention(4, "B", "strong")
    assert judge_venue([alone, first, second], []) == second
    assert judge_venue([alone], []) is None
    assert judge_venue([], []) is None


def test_a_venue_is_weighed_by_what_its_sentence_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        judging, "load_model", lambda _: LinearModel({"told now=5": 2000, "place|told most=True": 100}, {}, -1000, 0.6, frozenset())
    )
    evidence = Evidence(0, 1, "x")

    def mention(sentence: int) -> VenueMention:
        return VenueMention(0, 1, "VN", f"{sentence}", Party("x", None, None, "VN", evidence), sentence, "place:province", frozenset())

    told = [Told(0.2, 0.9), Told(0.95, 0.1)]
    assert judge_venue([mention(0), mention(1)], told) == mention(1)
    assert judge_venue([mention(0), mention(2)], told) is None, "a sentence behind those looked at tells nothing"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_the_sentence_that_tells_most_is_known_by_it(chances: list[float]) -> None:
    told = [Told(now, 0.0) for now in chances]
    most = [index for index in range(len(told)) if "told most=True" in telling_features(told, index)]
    assert most == [index for index, now in enumerate(chances) if now == max(chances)]
    assert {len(telling_features(told, index)) for index in range(8)} == {9}, "of sentences not looked at as well"
