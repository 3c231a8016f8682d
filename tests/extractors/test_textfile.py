"""Plain text files as articles: the date at the head, bytes that are no UTF-8, saved pages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.errors import InputError
from extractors.records import PublishDate
from extractors.textfile import article_from_html, article_from_text, decode_text, header_date, publish_date


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        (" date 2024-12\nThân bài.", "2024-12", "month"),
        (" date 2024-12-31\nThân bài.", "2024-12-31", "day"),
        ("date 2024\nThân bài.", "2024", "year"),
        ("Thứ hai, 3/3/2025\nThân bài.", "2025-03-03", "day"),
        ("Thứ Hai, ngày 03-03-2025 | 08:15\nThân bài.", "2025-03-03", "day"),
        ("08:15, 03.03.2025\nThân bài.", "2025-03-03", "day"),
        ("Tiêu đề\nCập nhật: 3/3/2025\nThân bài.", "2025-03-03", "day"),
        ("2025-03-03\nThân bài.", "2025-03-03", "day"),
        ("Title\nMarch 3, 2025\nBody.", "2025-03-03", "day"),
        ("Title\nPublished March 3 2025\nBody.", "2025-03-03", "day"),
    ],
)
def test_header_dates(text: str, value: str, precision: str) -> None:
    assert header_date(text) == PublishDate(value, precision, "header")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "Ngày 3/3, hai đoàn gặp nhau.",
        "Hai đoàn gặp nhau ngày 3/3/2025 tại trạm.",
        "Thứ hai, 3/13/2025\nThân bài.",
        "Thứ hai, 33/1/2025\nThân bài.",
        "Một\nHai\nBa\nThứ hai, 3/3/2025",
        "Bài dài không có ngày. " * 10 + "3/3/2025",
        "",
        "\n\n\n",
    ],
)
def test_no_header_date(text: str) -> None:
    assert header_date(text) is None


def test_an_argument_wins_over_the_header() -> None:
    article = article_from_text(" date 2024-12\nHai đoàn gặp nhau.", article_id="001", published="2025-01-02")
    assert article.published == PublishDate("2025-01-02", "day", "argument")
    assert article_from_text(" date 2024-12\nHai đoàn gặp nhau.", article_id="001").published == PublishDate("2024-12", "month", "header")
    assert article_from_text("Hai đoàn gặp nhau.", article_id="001").published is None


def test_the_header_stays_in_the_text_as_a_marked_span() -> None:
    article = article_from_text(" date 2024-12\nHai đoàn gặp nhau.", article_id="001")
    assert article.text.startswith(" date 2024-12\n")
    assert "header" in [span.kind for span in article.spans]


def test_text_is_normalised_and_its_language_told() -> None:
    article = article_from_text("\ufeffHai đoàn ga\u0323\u0306p nhau ở cầu.\r\nTrời mưa.", article_id="001")
    assert article.text == "Hai đoàn gặp nhau ở cầu.\nTrời mưa."
    assert (article.language, article.title, article.outlet_id) == ("vi", "Hai đoàn gặp nhau ở cầu.", "file")


@pytest.mark.parametrize("value", ["2024-13", "2024-1-1", "24-01-01", "hôm nay", "2024-01-32", "", "2024-01-01T00:00"])
def test_a_wrong_date_is_refused_with_what_is_allowed(value: str) -> None:
    with pytest.raises(InputError, match="YYYY-MM-DD"):
        publish_date(value, "argument")


def test_bytes_that_are_not_utf8_are_refused_with_the_way_to_convert_them() -> None:
    assert decode_text(b"\xef\xbb\xbfabc", "a.txt") == "abc"
    with pytest.raises(InputError, match=r"a\.txt: not UTF-8 at byte 3; .*iconv"):
        decode_text(b"abc\xd0\x20", "a.txt")


def test_a_page_without_text_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"p\.html: no article text"):
        article_from_html(b"<html><body><nav>menu</nav></body></html>", article_id="p", name="p.html")


@settings(deadline=None)  # the first text loads the language model
@given(st.text(max_size=200))
def test_any_text_becomes_an_article(text: str) -> None:
    article = article_from_text(text, article_id="x")
    assert all(0 <= span.start < span.end <= len(article.text) for span in article.spans)
    header_date(text)
