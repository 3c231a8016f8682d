"""The snippets that train the sentence model: each line is a language, the types told, and a text of its own."""

from collections import Counter
from pathlib import Path

import pytest

from extractors.records import EVENT_TYPES
from extractors.tagging import LANGUAGES

LINES = (Path(__file__).parents[1] / "gold" / "snippets.tsv").read_text(encoding="utf-8").splitlines()


def test_every_line_has_a_language_labels_and_a_text() -> None:
    for number, line in enumerate(LINES, 1):
        language, labels, text = line.split("\t")
        assert language in LANGUAGES, number
        told = [] if labels == "-" else labels.split("+")
        assert {label.removeprefix("bg:") for label in told} <= set(EVENT_TYPES), number
        assert len(told) == len(set(told)), number
        assert 20 <= len(text) <= 900, number


def test_no_snippet_stands_twice() -> None:
    twice = [text for text, times in Counter(line.split("\t")[2] for line in LINES).items() if times > 1]
    assert not twice


@pytest.mark.parametrize("type_", EVENT_TYPES)
def test_every_type_is_told_often_enough_to_learn_from(type_: str) -> None:
    assert sum(type_ in line.split("\t")[1].split("+") for line in LINES) >= 50
