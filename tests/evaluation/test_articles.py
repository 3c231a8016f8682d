"""The articles that train relevance and event types: each opens with its language, the types it tells and its day, and stands once."""

import datetime
from collections import Counter
from pathlib import Path

from extractors.records import EVENT_TYPES
from extractors.tagging import LANGUAGES

PIECES = (Path(__file__).parents[1] / "gold" / "articles.txt").read_text(encoding="utf-8").split("##### ")


def test_every_article_has_a_language_labels_a_day_and_a_text() -> None:
    assert PIECES[0] == ""
    for number, piece in enumerate(PIECES[1:], 1):
        head, _, text = piece.partition("\n")
        fields = head.split("\t")
        language, labels, published = fields[:3]
        assert len(fields) in (3, 7), number
        assert language in LANGUAGES, number
        told = [] if labels == "-" else labels.split("+")
        assert {label.removeprefix("bg:") for label in told} <= set(EVENT_TYPES), number
        assert len(told) == len(set(told)), number
        assert datetime.date.fromisoformat(published), number
        assert len(text) >= 700, number
        if len(fields) == 7:
            parties, venue, day, status = fields[3:]
            assert all(len(party.split("/")) == 2 for party in parties.split(";") if parties != "-"), number
            assert venue == "-" or len(venue.split("|")) == 3, number
            assert day == "-" or 4 <= len(day) <= 10, number
            assert status in ("occurred", "planned"), number


def test_no_article_stands_twice() -> None:
    texts = Counter(piece.partition("\n")[2].strip() for piece in PIECES[1:])
    assert max(texts.values()) == 1


def test_there_are_enough_of_both_kinds_to_learn_from() -> None:
    relevant = sum("\t-\t" not in piece.partition("\n")[0] for piece in PIECES[1:])
    assert min(relevant, len(PIECES) - 1 - relevant) >= 40
