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


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("en", "Phouvong Sisavath, Vice Governor of Savannakhet, asked for more.", ["Phouvong Sisavath"]),  # a district's name too
        ("en", "The team was led by Chea Vibol, Deputy Commander-in-Chief of the army.", ["Chea Vibol"]),
        ("en", "They were met by the Governor of Chiang Rai, Somchai Witdamrong, at noon.", ["Somchai Witdamrong"]),
        ("en", "Maj. Gen. Le Duc Thai spoke, then Colonel Tran Duc Viet.", ["Le Duc Thai", "Tran Duc Viet"]),
        ("en", "A thread was tied round Phan Viet Cuong's wrist.", ["Phan Viet Cuong"]),
        ("en", "He and Bounmy Sisavath, his Lao counterpart, agreed.", ["Bounmy Sisavath"]),
        ("vi", "Hai bộ trưởng, Lê Thành Nam và Xay-nha Phôm-mạ-vông, cùng chủ trì.", ["Lê Thành Nam", "Xay-nha Phôm-mạ-vông"]),
        ("vi", "Ba người Lào là Nang Mi Sỉ, Tu Xông Páo, Bria Tồng Lỳ bị giữ.", ["Nang Mi Sỉ", "Tu Xông Páo", "Bria Tồng Lỳ"]),
        ("vi", "BS.CKII Phạm Văn Nam, Giám đốc, dự.", ["Phạm Văn Nam"]),
        ("vi", "Chủ tịch nước Cộng hòa Dân chủ Nhân dân Lào Bounmy Sisavath tiếp khách.", ["Bounmy Sisavath"]),
        ("vi", "Phó Thủ tướng thường trực Bounmy Sisavath, Đô trưởng Sombath Kham dự.", ["Bounmy Sisavath", "Sombath Kham"]),
    ],
)  # fmt: skip
def test_names_of_many_kinds(language: str, text: str, names: list[str]) -> None:
    assert list(_persons(text, language)) == names
