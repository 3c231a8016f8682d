"""Every example and counterexample that the lexicons carry, and what each file must say of itself.

`expect` of organizations: names that must be found; of persons: [name, rank, role], an empty string where nothing is asked; of amounts: [value, unit];
of places: [name, id, province]; of landmarks: [name, province]; of topics: topics of a report; of senses: the senses of its words. `absent`: what must not be found. A counterexample of the amounts has no amount at all.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from extractors.classifiers.senses import senses_of
from extractors.event_rules import load_rules
from extractors.landmarks import landmarks
from extractors.lexicons import HERE, load_lexicon
from extractors.records import Tags
from extractors.tagging import LANGUAGES, tag_article
from extractors.textfile import article_from_text

_NAMES = sorted(path.stem for path in HERE.glob("*.toml"))
_TOPICS = {
    "drugs", "border", "immigration", "trafficking", "crime", "cyber", "terrorism", "defence", "trade", "education", "health", "agriculture", "culture",
    "disaster", "party_politics",
}  # fmt: skip


def _rows(kind: str) -> list[Any]:
    rows = [(name, row) for name in _NAMES for row in load_lexicon(name)[kind]]
    return [pytest.param(name, row, id=f"{name}-{row['language']}-{number}") for number, (name, row) in enumerate(rows)]


def _tags(row: dict[str, Any]) -> Tags:
    return tag_article(article_from_text(row["text"], article_id="example", published="2024-06-15", language=row["language"]))


@pytest.mark.parametrize("name", _NAMES)
def test_every_lexicon_carries_examples_counterexamples_and_known_gaps(name: str) -> None:
    lexicon = load_lexicon(name)
    assert lexicon["known_gaps"]
    for kind in ("examples", "counterexamples"):
        languages = [row["language"] for row in lexicon[kind]]
        assert languages.count("vi") >= 2, kind
        assert "en" in languages, kind
        assert set(languages) <= set(LANGUAGES)


def _key(name: str, tags: Tags, row: dict[str, Any]) -> list[Any]:
    match name:
        case "senses":
            return sorted(senses_of(row["text"].lower(), row["language"]))
        case "organizations":
            return [organization.name for organization in tags.organizations]
        case "persons":
            return [person.name for person in tags.persons]
        case "amounts":
            return [[amount.value, amount.unit] for amount in tags.amounts]
        case "places":
            return [[place.evidence.quote, place.place_id, place.admin1] for place in tags.places]
        case "landmarks":
            return [[landmark.name, landmark.admin1] for landmark in landmarks(row["text"], "2024-06-15")]
        case "status":
            return [report.status for report in tags.reports]
        case "topics":
            return [topic for report in tags.reports for topic in report.topics]
    raise AssertionError(f"lexicon {name}.toml has no test: say here what its examples mean")


@pytest.mark.parametrize(("name", "row"), _rows("examples"))
def test_example(name: str, row: dict[str, Any]) -> None:
    tags = _tags(row)
    found = _key(name, tags, row)
    if name == "status":
        assert found == [row["status"]]
    elif name == "persons":
        by_name = {person.name: person for person in tags.persons}
        for who, rank, role in row["expect"]:
            assert who in by_name
            assert not rank or by_name[who].rank == rank
            assert not role or by_name[who].role == role
    else:
        assert [item for item in row["expect"] if item not in found] == [], found


@pytest.mark.parametrize(("name", "row"), _rows("counterexamples"))
def test_counterexample(name: str, row: dict[str, Any]) -> None:
    found = _key(name, _tags(row), row)
    if name == "status":
        assert row["status"] not in found
    elif name == "amounts":
        assert found == []
    else:
        assert row["absent"]
        names = [item[0] for item in found] if name in ("places", "landmarks") else found
        assert [item for item in row["absent"] if item in names] == []


def test_topics_are_the_closed_list_in_every_language() -> None:
    topics = load_lexicon("topics")
    for language in LANGUAGES:
        assert set(topics[language]) <= _TOPICS, language
    assert set(topics["vi"]) == _TOPICS


@pytest.mark.parametrize("name", _NAMES)
def test_words_are_lower_case_where_they_are_looked_up_in_lower_case(name: str) -> None:
    cased = {"surnames", "historical", "known_towns"}
    for language, section in load_lexicon(name).items():
        if not isinstance(section, dict):
            continue
        for key, words in section.items():
            if key in cased or not isinstance(words, list):
                continue
            assert [word for word in words if word != word.lower()] == [], (language, key)


def test_compiled_rules_know_the_statuses_of_every_language() -> None:
    rules = load_rules()
    for language in LANGUAGES:
        assert {"planned", "wished", "background", "cancelled", "occurred", "commitments"} <= set(rules.status[language])
        assert not any(re.fullmatch(pattern, "") for pattern in rules.status[language].values())


def test_the_folder_holds_nothing_that_no_test_enumerates() -> None:
    assert {path.name for path in Path(HERE).iterdir() if path.suffix == ".toml"} == {f"{name}.toml" for name in _NAMES}
    assert {"amounts", "organizations", "persons", "status", "topics"} <= set(_NAMES)
