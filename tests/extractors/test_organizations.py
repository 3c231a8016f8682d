"""Organizations: head, level, name; coordinated heads; province and country."""

import pytest

from extractors.records import OrganizationMention
from extractors.tagging import tag_article
from extractors.textfile import article_from_text


def _organizations(text: str, language: str = "vi", published: str = "2024-06-15") -> dict[str, OrganizationMention]:
    tags = tag_article(article_from_text(text, article_id="x", published=published, language=language))
    return {organization.name: organization for organization in tags.organizations}


@pytest.mark.parametrize(
    ("language", "text", "name", "kind", "admin1", "country"),
    [
        ("vi", "Công an tỉnh Quảng Nam tiếp khách.", "Công an tỉnh Quảng Nam", "police", "Quảng Nam", "VN"),
        ("vi", "Công an tỉnh Sê Kông (Lào) tiếp khách.", "Công an tỉnh Sê Kông", "police", "Sekong", "LA"),
        ("vi", "Sở An ninh tỉnh Khăm Muộn tiếp khách.", "Sở An ninh tỉnh Khăm Muộn", "police", "Khammouane", "LA"),
        ("vi", "Bộ Công an tiếp khách.", "Bộ Công an", "police", None, "VN"),
        ("vi", "Bộ Công an Lào tiếp khách.", "Bộ Công an Lào", "police", None, "LA"),
        ("vi", "Đồn Biên phòng Ga Ry tiếp khách.", "Đồn Biên phòng Ga Ry", "border_guard", None, "VN"),
        ("vi", "Đại đội Biên phòng 534 tiếp khách.", "Đại đội Biên phòng 534", "border_guard", None, None),
        ("vi", "Bệnh viện Đa khoa tỉnh Điện Biên tiếp khách.", "Bệnh viện Đa khoa tỉnh Điện Biên", "health", "Điện Biên", "VN"),
        ("vi", "Hội Liên hiệp Phụ nữ tỉnh Savannakhet tiếp khách.", "Hội Liên hiệp Phụ nữ tỉnh Savannakhet", "mass_organization", "Savannakhet", "LA"),
        ("en", "Quang Tri Provincial Police hosted guests.", "Quang Tri Provincial Police", "police", "Quảng Trị", "VN"),
        ("en", "The Ministry of Public Security of Laos hosted guests.", "Ministry of Public Security of Laos", "police", None, "LA"),
    ],
)  # fmt: skip
def test_organization(language: str, text: str, name: str, kind: str, admin1: str | None, country: str | None) -> None:
    found = _organizations(text, language)
    assert list(found) == [name]
    assert (found[name].kind, found[name].admin1, found[name].country) == (kind, admin1, country)


def test_coordinated_heads_are_expanded_with_evidence_at_each_name() -> None:
    found = _organizations("Các Đồn Biên phòng Ga Ry, Tr'Hy và A Nông cùng dự.")
    assert list(found) == ["Đồn Biên phòng Ga Ry", "Đồn Biên phòng Tr'Hy", "Đồn Biên phòng A Nông"]
    assert [organization.evidence.quote for organization in found.values()][1:] == ["Tr'Hy", "A Nông"]


def test_a_counted_head_stands_for_each_province() -> None:
    found = _organizations("Công an 2 tỉnh Sê Kông và Salavan (Lào) cùng dự.")
    assert list(found) == ["Công an tỉnh Sê Kông", "Công an tỉnh Salavan"]
    assert {organization.country for organization in found.values()} == {"LA"}


def test_a_province_listed_behind_has_its_body_too_and_the_next_head_ends_the_name() -> None:
    found = _organizations("Công an tỉnh Quảng Trị, Bộ đội Biên phòng tỉnh Quảng Bình cùng dự.")
    assert list(found) == ["Công an tỉnh Quảng Trị", "Bộ đội Biên phòng tỉnh Quảng Bình"]


def test_the_province_of_a_body_is_that_of_its_time() -> None:
    text = "Công an thành phố Đà Nẵng tiếp khách."
    name = "Công an thành phố Đà Nẵng"
    assert [_organizations(text, published=date)[name].admin1_id for date in ("2024-01-05", "2025-08-05")] == ["VN-DN", "VN-48-2025"]


@pytest.mark.parametrize(
    "text",
    [
        "Công an hai tỉnh phối hợp chặt chẽ.",
        "Chính quyền địa phương giúp dân.",
        "Ông Lê Trường Lưu đọc báo cáo tại trụ sở.",
        "Giữ gìn an ninh biên giới là việc chung.",
        "Các trường học nghỉ hè.",
    ],
)
def test_generic_words_are_no_organization(text: str) -> None:
    assert _organizations(text) == {}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Chủ tịch Quốc hội Xaysomphone Phomvihane dự lễ.", []),
        ("Công an huyện Kỳ Sơn 2 đối tượng bàn giao.", ["Công an huyện Kỳ Sơn"]),
        ("Phòng Cảnh sát hình sự Công an tỉnh Quảng Ninh bàn giao.", ["Phòng Cảnh sát hình sự Công an tỉnh Quảng Ninh"]),
        ("Bệnh viện Hữu nghị Lào - Việt mở cửa.", ["Bệnh viện Hữu nghị Lào - Việt"]),
        ("Tòa án nhân dân tối cao Lào gửi thư.", ["Tòa án nhân dân tối cao Lào"]),
        ("Tiểu đoàn Bộ đội bảo vệ biên giới số 2 tới thăm.", ["Tiểu đoàn Bộ đội bảo vệ biên giới số 2"]),
        ("Phó Chủ tịch UBND tỉnh Nguyễn Văn Thắng dự.", []),
        ("Hai bên gặp nhau. Ảnh: Báo Quảng Ninh", []),
    ],
)  # fmt: skip
def test_where_a_name_ends_and_what_is_listed(text: str, names: list[str]) -> None:
    assert list(_organizations(text)) == names


def test_a_unit_told_again_by_its_number_is_listed_once() -> None:
    found = _organizations("Đại đội Biên phòng 163 nhận quà. Đại diện Đại đội 163 cảm ơn.")
    assert list(found) == ["Đại đội Biên phòng 163"]


def test_boxes_of_links_name_no_organization() -> None:
    found = _organizations("Công an tỉnh Quảng Nam tiếp khách.\n\nTin liên quan:\nBiên phòng Tây Ninh tuần tra với Hiến binh Campuchia")
    assert list(found) == ["Công an tỉnh Quảng Nam"]


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("vi", "Bí thư Tỉnh Đoàn Sơn La tặng quà.", ["Tỉnh Đoàn Sơn La"]),
        ("vi", "Bí thư Thành Đoàn TP. Hồ Chí Minh tặng quà.", ["Thành Đoàn TP. Hồ Chí Minh"]),
        ("vi", "Trưởng Ban Dân vận Tỉnh ủy dự.", ["Ban Dân vận Tỉnh ủy"]),
        ("vi", "Hội Hữu nghị Việt - Thái tặng quà.", ["Hội Hữu nghị Việt - Thái"]),
        ("vi", "Hội Hữu nghị Việt Nam - Campuchia TP. Cần Thơ tặng quà.", ["Hội Hữu nghị Việt Nam - Campuchia TP. Cần Thơ"]),
        ("vi", "Câu lạc bộ Doanh nghiệp Việt Nam - Campuchia tặng quà.", ["Câu lạc bộ Doanh nghiệp Việt Nam - Campuchia"]),
        ("vi", "Bí thư Thành ủy Sùng Tả Lý Văn Minh dự.", ["Thành ủy Sùng Tả"]),
        ("vi", "Chủ nhiệm Ủy ban Đối ngoại TRẦN VĂN NAM dự.", ["Ủy ban Đối ngoại"]),
        ("vi", "Hai bên ký tại đây. Ảnh: Bộ Công an", []),
        ("en", "He is vice chairman of the Dak Nong People's Committee Le Van Nam.", ["Dak Nong People's Committee"]),
        ("en", "A dinner at the Lao Embassy on May 5 followed.", ["Lao Embassy"]),
        ("en", "Officers of Vietnam's Ministry of Public Security came.", ["Ministry of Public Security"]),
        ("en", "The Lao Front for National Construction sent wishes.", ["Lao Front for National Construction"]),
        ("en", "The Ministry of Culture, Sports and Tourism sent a troupe.", ["Ministry of Culture, Sports and Tourism"]),
        ("en", "The Vietnam Women's Union and the LWU met.", ["Vietnam Women's Union"]),
        ("en", "Guards of the Qushui border police station met them.", ["Qushui border police station"]),
        ("en", "They called on Police Major General Chea Sok at Government House.", []),
        ("lo", "ສະມາຄົມມິດຕະພາບລາວ-ຫວຽດນາມ ໄດ້ມອບເຄື່ອງ.", ["ສະມາຄົມມິດຕະພາບລາວ-ຫວຽດນາມ"]),
        ("lo", "ກະຊວງແຮງງານ ແລະ ສະຫວັດດີການສັງຄົມ ໄດ້ປະຊຸມ.", ["ກະຊວງແຮງງານ ແລະ ສະຫວັດດີການສັງຄົມ"]),
        ("lo", "ຄະນະກຳມະການປະຊາຊົນແຂວງ ເຄື່ອນໄຫວຢູ່ວຽງຈັນ.", ["ຄະນະກຳມະການປະຊາຊົນແຂວງ"]),
    ],
)  # fmt: skip
def test_a_name_ends_where_the_body_does(language: str, text: str, names: list[str]) -> None:
    assert list(_organizations(text, language)) == names
