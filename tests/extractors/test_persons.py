"""Persons: by rank, role, honorific, in lists; never photographers, never bodies or places."""

import pytest

from extractors.records import PersonMention
from extractors.tagging import tag_article
from extractors.textfile import article_from_text


def _persons(text: str, language: str = "vi") -> dict[str, PersonMention]:
    return {p.name: p for p in tag_article(article_from_text(text, article_id="x", published="2024-06-15", language=language)).persons}


@pytest.mark.parametrize(
    ("language", "text", "name", "rank", "role"),
    [
        ("vi", "Đại tá Lê Văn Mẫu phát biểu.", "Lê Văn Mẫu", "Đại tá", None),
        ("vi", "Đại tá Lê Văn Mẫu, Giám đốc Công an tỉnh Nghệ An phát biểu.", "Lê Văn Mẫu", "Đại tá", "Giám đốc Công an tỉnh Nghệ An"),
        ("vi", "Giám đốc Công an tỉnh Nghệ An Lê Văn Mẫu phát biểu.", "Lê Văn Mẫu", None, "Giám đốc Công an tỉnh Nghệ An"),
        ("vi", "Trung tá Khăm-ban Phôm-mạ-ni-vông, Trưởng Công an huyện Kà Lừm phát biểu.", "Khăm-ban Phôm-mạ-ni-vông", "Trung tá", "Trưởng Công an huyện Kà Lừm"),
        ("vi", "Ông Bun Thăn Xay Nha Vông - Huyện trưởng huyện Noọng Hét dự.", "Bun Thăn Xay Nha Vông", None, "Huyện trưởng huyện Noọng Hét"),
        ("vi", "đồng chí Trần Thị Bưởi gửi lời chào.", "Trần Thị Bưởi", None, None),
        ("en", "Colonel Bounmy Sisavath thanked them.", "Bounmy Sisavath", "Colonel", None),
        ("en", "Major General Tran Van Minh, Director of the provincial police, spoke.", "Tran Van Minh", "Major General", "Director of the provincial police"),
        ("en", "Prime Minister Sonexay Siphandone spoke.", "Sonexay Siphandone", None, "Prime Minister"),
        ("lo", "ພັນເອກ ຄຳພູ ວົງສາ ຫົວໜ້າກອງບັນຊາການ ປກສ ໄດ້ກ່າວ.", "ຄຳພູ ວົງສາ", "ພັນເອກ", None),
    ],
)  # fmt: skip
def test_person(language: str, text: str, name: str, rank: str | None, role: str | None) -> None:
    found = _persons(text, language)
    assert name in found, list(found)
    assert found[name].rank == rank
    if role:
        assert found[name].role == role
    assert found[name].evidence.quote == name


def test_a_list_of_delegates() -> None:
    found = _persons(
        "Dự lễ có các đồng chí: Lê Văn Nam - Bí thư Huyện ủy Kỳ Sơn; Trần Thị Bưởi - Chủ tịch UBND huyện; Bun Thăn Xay Nha Vông - Huyện trưởng huyện Noọng Hét (Lào)."
    )
    assert list(found) == ["Lê Văn Nam", "Trần Thị Bưởi", "Bun Thăn Xay Nha Vông"]
    assert [person.country for person in found.values()] == ["VN", "VN", "LA"]
    assert found["Bun Thăn Xay Nha Vông"].role == "Huyện trưởng huyện Noọng Hét"
    assert all(person.kind == "official" for person in found.values())


def test_names_under_one_honorific() -> None:
    assert list(_persons("Các đồng chí Lê Văn Nam, Trần Văn Bắc và Nguyễn Thị Đông cùng trồng cây.")) == [
        "Lê Văn Nam",
        "Trần Văn Bắc",
        "Nguyễn Thị Đông",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Hai đoàn chụp ảnh.\nẢnh: Nguyễn Văn Hùng",
        "Hai đoàn chụp ảnh. Ảnh: NGUYỄN VĂN HÙNG\nHọ về.",
        "Hai đoàn chụp ảnh.\nNguyễn Văn Hùng",
        "Hai đoàn chụp ảnh (Ảnh: Nguyễn Văn Hùng).\nHọ về.",
    ],
)
def test_photographers_and_signatures_are_never_persons(text: str) -> None:
    assert _persons(text) == {}


@pytest.mark.parametrize(
    "text",
    [
        "Đoàn dâng hương tưởng niệm Chủ tịch Hồ Chí Minh.",
        "Họ thăm Trường Trung học Lê Quý Đôn.",
        "Công an tỉnh Nghệ An tiếp đoàn.",
        "Giám đốc Công an tỉnh Nghệ An tiếp đoàn.",
        "Bà Rịa đón mưa.",
        "Anh và Pháp gửi điện.",
    ],
)
def test_no_person(text: str) -> None:
    assert _persons(text) == {}


def test_a_person_named_again_is_one_person_with_the_fullest_office() -> None:
    found = _persons("Đại tá Lê Văn Mẫu đón đoàn. Ông Lê Văn Mẫu - Giám đốc Công an tỉnh Nghệ An nói lời chào.")
    assert list(found) == ["Lê Văn Mẫu"]
    assert (found["Lê Văn Mẫu"].rank, found["Lê Văn Mẫu"].role) == ("Đại tá", "Giám đốc Công an tỉnh Nghệ An")
    assert found["Lê Văn Mẫu"].evidence.start == len("Đại tá ")


def test_suspects_and_victims_are_told_from_officials() -> None:
    found = _persons("Công an bắt đối tượng Nguyễn Văn Tèo (SN 1990) vì vận chuyển ma túy. Đại tá Lê Văn Mẫu khen tổ công tác.")
    assert {name: person.kind for name, person in found.items()} == {"Nguyễn Văn Tèo": "suspect", "Lê Văn Mẫu": "official"}


def test_a_surname_that_is_a_word_does_not_hang_the_reader() -> None:
    for text in ("Phó Thủ tướng Lào-Việt Đoàn", "đồng chí", "Đại tá", "Đại tá,", "Đại tá:", "Các đồng chí:", "ông ("):
        assert _persons(text) == {}
