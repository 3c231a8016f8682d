"""Sentences are spans of the text; boxes of links to other stories are not the story."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.records import Span
from extractors.sentences import split_sentences
from extractors.tokens import PhraseTable, tokenize


def _quotes(text: str) -> list[str]:
    return [text[sentence.start : sentence.end] for sentence in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hai đoàn gặp nhau. Trời mưa to!", ["Hai đoàn gặp nhau.", "Trời mưa to!"]),
        ("Họ về TP. Vinh hôm sau. Đoàn nghỉ đêm.", ["Họ về TP. Vinh hôm sau.", "Đoàn nghỉ đêm."]),
        ("TS. Lê Văn Mẫu nói chuyện. Lớp học tan.", ["TS. Lê Văn Mẫu nói chuyện.", "Lớp học tan."]),
        ("Quà trị giá 1.250.000 đồng. Dân vui.", ["Quà trị giá 1.250.000 đồng.", "Dân vui."]),
        ("Gen. Somphone met Col. Lien. They ate.", ["Gen. Somphone met Col. Lien.", "They ate."]),
        ("Tiêu đề không chấm\nThân bài có chấm.", ["Tiêu đề không chấm", "Thân bài có chấm."]),
        ("“Chúng tôi tin bạn.” Ông nói vậy.", ["“Chúng tôi tin bạn.”", "Ông nói vậy."]),
        ("\n \n", []),
    ],
)
def test_boundaries(text: str, expected: list[str]) -> None:
    assert _quotes(text) == expected


@given(st.text(alphabet="Aab. \n!?…”:“TPĐ1ກ", max_size=120))
def test_sentences_are_ordered_spans_that_lose_no_letter(text: str) -> None:
    sentences = split_sentences(text)
    at = 0
    covered = ""
    for sentence in sentences:
        assert at <= sentence.start < sentence.end <= len(text)
        at = sentence.end
        quote = text[sentence.start : sentence.end]
        assert quote == quote.strip()
        assert "\n" not in quote
        covered += quote
    assert "".join(covered.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "heading", ["Tin liên quan", "Tin liên quan:", "Xem thêm", "TIN CÙNG CHUYÊN MỤC", "Related news", "Read more", "ຂ່າວທີ່ກ່ຽວຂ້ອງ"]
)
def test_a_box_of_links_is_no_story(heading: str) -> None:
    text = f"Hai đoàn gặp nhau ở cầu.\n{heading}\nCông an hai tỉnh ký biên bản\nTrao quà cho bản bạn"
    assert [sentence.kind for sentence in split_sentences(text)] == ["body", "related", "related", "related"]


def test_a_real_paragraph_closes_the_box() -> None:
    paragraph = "Trở lại với buổi gặp, hai đoàn đã cùng nhau đi dọc con suối, xem lại từng đoạn kè mới, " * 2 + "rồi về trạm."
    text = f"Mở đầu.\nTin liên quan\nTrao quà cho bản bạn\n{paragraph}"
    assert split_sentences(text)[-1].kind == "body"


def test_a_box_in_one_line_ends_with_it() -> None:
    text = "Mở đầu.\nTin tiêu điểm: Ký biên bản ở cửa khẩu; Trao quà cho bản bạn\nHai đoàn gặp nhau."
    assert [sentence.kind for sentence in split_sentences(text)] == ["body", "related", "body"]


def test_marked_lines_keep_their_kind() -> None:
    text = "Thứ hai, 3/3/2025\nHai đoàn gặp nhau.\nLực lượng hai bên bắt tay."
    caption = text.index("Lực")
    spans = (Span("header", 0, 17), Span("caption", caption, len(text)))
    assert [sentence.kind for sentence in split_sentences(text, spans)] == ["header", "body", "caption"]


def test_tokens_keep_names_whole_and_know_their_spans() -> None:
    text = "Bản Phôm-mạ-ni-vông, TP.HCM: Tr'Hy (50%)_ສອງ"
    tokens = tokenize(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    assert [token.text for token in tokens if token.capital] == ["Bản", "Phôm-mạ-ni-vông", "TP", "HCM", "Tr'Hy"]


def test_the_longest_phrase_wins() -> None:
    table = PhraseTable({"phó": "short", "phó giám đốc": "long", "giám đốc": "other"})
    tokens = tokenize("Phó Giám đốc Công an")
    assert table.at(tokens, 0) == (3, "long")
    assert table.at(tokens, 1) == (2, "other")
    assert table.at(tokens, 2) is None
    assert table.at(tokenize("phó"), 0) == (1, "short")
