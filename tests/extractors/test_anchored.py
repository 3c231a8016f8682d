"""Patterns tried at few places find what they find when tried everywhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.alternatives import one_of, openings_of
from extractors.anchored import AnyOf, Ending, matches_at, openings, starts_of

_WORDS = st.lists(st.text("ab.đ ", min_size=1, max_size=4), min_size=1, max_size=8)
_TEXT = st.text("ab.đ _\n", max_size=30)


@given(_WORDS, _TEXT)
def test_one_of_many_words_is_the_longest(words: list[str], text: str) -> None:
    plain = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    for behind in ("", r"(?!\w)"):
        assert [m.span() for m in re.finditer(one_of(words) + behind, text)] == [
            m.span() for m in re.finditer(f"(?:{plain}){behind}", text)
        ]


def test_one_of_no_words_matches_nothing() -> None:
    assert re.search(one_of([]), "a") is None


@given(_WORDS, _TEXT)
def test_matches_at_openings_are_those_of_finditer(words: list[str], text: str) -> None:
    pattern = re.compile(rf"(?<!a)(?:{one_of(words)})\s*b?")
    found = matches_at(pattern, text, starts_of(openings(words), text))
    assert [match.span() for match in found] == [match.span() for match in pattern.finditer(text)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("với|đoàn(?: đại biểu| công tác)?|sinh sống (?:ở|tại)", ["với", "đoàn", "sinh sống "]),
        ("officials?|ab*c|-|a.b", ["official", "a", "-", "a"]),
    ],
)
def test_what_alternatives_open_with(expression: str, expected: list[str]) -> None:
    assert openings_of(expression) == expected


@pytest.mark.parametrize("expression", ["a|", "(?:b)c", r"\d năm", "a?b"])
def test_an_alternative_that_opens_with_no_letter_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="opens with no letter"):
        openings_of(expression)


@given(st.text("ab cđ", max_size=30))
def test_an_ending_is_what_search_finds(text: str) -> None:
    alternatives, pattern = "a(?: b)?|b|c đ", r"(?:a(?: b)?|b|c đ)\s(?:a |b )*$"
    found, expected = Ending([alternatives], pattern).search(text), re.search(pattern, text)
    assert (found and found.span()) == (expected and expected.span())


@given(_TEXT)
def test_any_of_finds_whole_words_and_glued_ones(text: str) -> None:
    expected = re.search(r"(?<!\w)(?:a|a b)(?!\w)|đb", text) is not None
    assert AnyOf("a|a b", glued="đb").found_in(text) == expected
