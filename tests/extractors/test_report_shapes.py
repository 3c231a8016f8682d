"""Shapes that real reports have and short texts lack: lists of provinces, talks online, delegations and their leaders, bylines. The sentences are ours."""

import pytest

from extractors.candidates import consider_triggers
from extractors.event_rules import load_rules
from extractors.records import Article, Tags
from extractors.tagging import read_article, tag_article
from extractors.textfile import article_from_text


def _tags(text: str, published: str | None = "2024-03-06") -> Tags:
    return tag_article(_article(text, published))


def _article(text: str, published: str | None) -> Article:
    return article_from_text(text, article_id="shape", published=published, language=None)


def test_provinces_listed_together_are_parties_together() -> None:
    tags = _tags(
        "Chiều 5/3, Công an tỉnh Sơn La hội đàm với công an bốn tỉnh bạn Lào: Hủa Phăn; U Đôm Xay; Luông Pha Bang; Luông Nậm Thà. Các bên hẹn gặp lại sang năm."
    )
    parties = {party.admin1 for party in tags.reports[0].parties}
    assert parties == {"Sơn La", "Houaphanh", "Oudomxay", "Luang Prabang", "Luang Namtha"}


@pytest.mark.parametrize(
    ("how", "province"),
    [
        ("", "Lai Châu"),
        (" trực tuyến", None),
        (" theo hình thức trực tuyến", None),
        (" theo hình thức trực tiếp kết hợp trực tuyến", "Lai Châu"),
    ],
)
def test_talks_online_have_no_venue(how: str, province: str | None) -> None:
    tags = _tags(f"Sáng 5/3, tại Lai Châu, Công an tỉnh Lai Châu hội đàm{how} với Công an tỉnh Phong Sa Lỳ (Lào) về phòng, chống ma túy.")
    assert tags.reports[0].type == "meeting"
    location = tags.reports[0].location
    assert (location.admin1 if location else None) == province


def test_the_seat_of_a_diplomat_is_no_venue() -> None:
    tags = _tags(
        "Ngày 5/3, lớp tiếng Việt cho 50 cán bộ hai tỉnh Salavan và Sê Kông (Lào) bế giảng. Dự lễ có ông Khăm Phẩu Sỉ Văn, Tổng Lãnh sự Lào tại TP. Đà Nẵng."
    )
    assert tags.relevant
    assert all(report.location is None or report.location.admin1 != "Đà Nẵng" for report in tags.reports)


def test_the_leader_of_a_delegation_stands_for_its_country() -> None:
    tags = _tags("Ngày 5/3, đoàn đại biểu Campuchia do Đại tướng Sok Vanna, Bộ trưởng Bộ Quốc phòng, dẫn đầu sang thăm tỉnh Tây Ninh.")
    assert [(person.name, person.country) for person in tags.persons] == [("Sok Vanna", "KH")]


def test_a_suspect_belongs_where_he_is_at_home() -> None:
    tags = _tags(
        "Ngày 5/3, công an Trung Quốc trao trả 3 người cho Đồn Biên phòng Lý Vạn, tỉnh Cao Bằng. "
        "Trong đó có Quảng Văn Tám (sinh năm 1994), ngụ phường Nam Lý, tỉnh Quảng Bình, đang bị truy nã."
    )
    assert [(person.name, person.kind, person.country) for person in tags.persons] == [("Quảng Văn Tám", "suspect", "VN")]


def test_a_byline_above_the_lead_is_nobody_in_the_story() -> None:
    story = "TPO - Ngày 5/3, Công an tỉnh Nghệ An và Công an tỉnh Hủa Phăn (Lào) hội đàm, bắt 3 đối tượng."
    article = _article(f"Công an hai tỉnh hội đàm\n\nQuốc Nam\n{story}", "2024-03-06")
    assert [span.kind for span in article.spans if article.text[span.start : span.end] == "Quốc Nam"] == ["signature"]
    assert tag_article(article).persons == ()


def test_an_office_does_not_run_into_the_next_paragraph() -> None:
    tags = _tags(
        "Ngày 5/3, đoàn bác sĩ tỉnh Đồng Tháp khám bệnh cho người nghèo tỉnh Prey Veng (Campuchia) theo lời mời của cố vấn Thủ tướng Hunsen.\n\n"
        "Bác sĩ Nguyễn Văn Hòa kể về chuyến đi."
    )
    assert [(person.name, person.role) for person in tags.persons] == [("Nguyễn Văn Hòa", None)]


def test_an_amount_told_twice_is_one() -> None:
    tags = _tags(
        "Ngày 5/3, công an tỉnh Quảng Tây (Trung Quốc) trao trả 37 công dân cho Đồn Biên phòng Lý Vạn, tỉnh Cao Bằng. Đồn đã tiếp nhận 37 công dân này từ phía Trung Quốc."
    )
    amounts = [(amount.value, amount.unit) for report in tags.reports for amount in report.amounts]
    assert amounts == [(37.0, "person")]


def test_the_khmer_of_vietnam_are_no_other_country() -> None:
    here = "On April 10, Senior Colonel Le Van Binh, Director of the Tra Vinh Provincial Police, visited the Khmer people of the province and gave 70 presents to Khmer families."
    assert not _tags(here).relevant


def test_a_body_of_two_countries_is_of_the_first() -> None:
    tags = _tags("Ngày 5/3, ông Lê Văn Mão, Chủ tịch Hội Hữu nghị VN - Campuchia, gặp đoàn thanh niên tỉnh Kandal (Campuchia) tại Hà Nội.")
    (body,) = [body for body in tags.organizations if body.name == "Hội Hữu nghị VN - Campuchia"]
    assert body.country == "VN"
    assert [(person.name, person.country) for person in tags.persons] == [("Lê Văn Mão", "VN")]


def test_the_agency_that_tells_it_is_no_party() -> None:
    tags = _tags(
        "On March 5, border guards of Dien Bien province handed over three Lao men wanted at home to the police of Phongsaly province, the Vietnam News Agency reported."
    )
    assert tags.reports[0].type == "handover"
    assert {(party.country, party.admin1) for party in tags.reports[0].parties} == {("VN", "Điện Biên"), ("LA", "Phongsaly")}


def test_a_district_lies_in_the_province_named_behind_it() -> None:
    text = "Đoàn huyện Phú Ninh, tỉnh Vân Nam (Trung Quốc) sang thăm huyện Mèo Vạc. Huyện Phú Ninh cảm ơn huyện Mèo Vạc."
    places = [
        (place.evidence.quote, place.country, place.admin1, place.place_id is None)
        for place in _tags(text).places
        if place.kind == "district"
    ]
    assert places == [("Phú Ninh", "CN", "Yunnan", True), ("Mèo Vạc", "VN", "Hà Giang", False)] * 2


def test_a_credit_glued_to_its_caption_is_no_name() -> None:
    text = (
        "Ngày 5/3, Bộ đội Biên phòng Quảng Trị trao 9 tấn gạo cho Ty An ninh tỉnh Savannakhet (Lào).\n"
        "Bộ đội Biên phòng Quảng Trị trao gạo cho Ty An ninh tỉnh Savannakhet-Ảnh: P.T\n"
        "Gạo được chở bằng ba chuyến thuyền và chia cho các bản ngay trong chiều hôm ấy."
    )
    assert {body.name for body in _tags(text).organizations} == {"Bộ đội Biên phòng Quảng Trị", "Ty An ninh tỉnh Savannakhet"}


def test_a_district_that_no_gazetteer_knows_lies_where_it_is_introduced() -> None:
    text = "Ngày 5/3, Đồn Biên phòng La Lay tặng quà cho huyện Tù Muồng, tỉnh Salavan (Lào). Ông Ba Vanna, Phó Chủ tịch UBND huyện Tù Muồng, cảm ơn."
    tags = _tags(text)
    districts = [(place.name, place.admin1, place.place_id, place.rule) for place in tags.places if place.name == "Tù Muồng"]
    assert districts == [("Tù Muồng", "Salavan", None, "place.parent")] * 2
    assert [(body.name, body.country) for body in tags.organizations if "Tù Muồng" in body.name] == [("UBND huyện Tù Muồng", "LA")]
    assert [(person.name, person.country) for person in tags.persons] == [("Ba Vanna", "LA")]


def test_what_was_signed_years_ago_is_background() -> None:
    tags = _tags(
        "Ha Nam province of Vietnam gave a clinic to Oudomxay province of Laos on March 5. "
        "The two provinces signed a cooperation agreement on June 8, 2021."
    )
    assert "aid" in {report.type for report in tags.reports if report.status == "occurred"}
    assert {report.status for report in tags.reports if report.type == "agreement"} <= {"background"}


def test_the_months_reviewed_are_no_date_of_the_news() -> None:
    tags = _tags(
        "Long An province of Vietnam and Svay Rieng province of Cambodia have signed an agreement on drug control. "
        "From October 2023 to this month, the Long An police and the Svay Rieng police settled 12 cases.",
        published=None,
    )
    assert [(report.type, report.date_start) for report in tags.reports if report.type == "agreement"] == [("agreement", None)]


def test_a_spokesman_stands_for_the_country_of_the_ministry() -> None:
    tags = _tags(
        "Lao and Cambodian officials met in Vientiane on March 5, and the Lao side hosted; Cambodian Interior Ministry’s spokesman Sok Vanna told it."
    )
    assert [(person.name, person.country) for person in tags.persons] == [("Sok Vanna", "KH")]


def test_where_suspects_are_at_home_is_neither_venue_nor_party() -> None:
    tags = _tags(
        "Ngày 10/1, tại bản Lầu Mới, huyện Hỉn Bun, tỉnh Khăm Muộn, Bộ đội Biên phòng tỉnh Quảng Bình phối hợp với An ninh tỉnh Khăm Muộn (Lào) bắt giữ Thạo Đon "
        "(sinh năm 1990, ở bản Mới, huyện Pạc Xăn, tỉnh Bô Ly Khăm Xay, Lào) và Thạo Mạt, trú huyện Sầm Nưa, tỉnh Hủa Phăn, thu 3.000 viên ma túy."
    )
    main = tags.reports[0]
    assert {party.admin1 for party in main.parties} == {"Quảng Bình", "Khammouane"}
    assert main.location is not None
    assert main.location.admin1 == "Khammouane"


def test_the_day_on_which_the_press_was_told_dates_nothing() -> None:
    tags = _tags(
        "Ngày 4/3, Công an tỉnh Nghệ An cho biết vừa phối hợp với Công an tỉnh Hủa Phăn (Lào) bắt giữ 3 đối tượng mua bán ma túy, bàn giao cho bạn 1 người."
    )
    assert [report.date_start for report in tags.reports if report.type == "joint_operation"] == [None]


def test_a_missing_blank_behind_a_full_stop_ends_a_sentence() -> None:
    tags = _tags("Police of Tay Ninh and Svay Rieng met on March 3.A patrol will follow on March 9 along the border.")
    assert {report.date_start for report in tags.reports} >= {"2024-03-03"}
    assert "2024-03-09" not in {report.date_start for report in tags.reports if report.type == "meeting"}


def test_bodies_with_the_region_of_their_province() -> None:
    tags = _tags(
        "Officers of the Military Command of the Central Highlands province of Gia Lai and the Gendarmerie Command of Kandal province of Cambodia met on March 4. "
        "Police of Vietnam's northern province of Yen Bai joined, and the military sub-region of Cambodia's Kratie province; they cleaned border marker 275."
    )
    assert [organization.name for organization in tags.organizations] == [
        "Military Command of the Central Highlands province of Gia Lai",
        "Gendarmerie Command of Kandal province",
        "Police of Vietnam's northern province of Yen Bai",
        "military sub-region of Cambodia's Kratie province",
    ]
    assert 275 not in {amount.value for report in tags.reports for amount in report.amounts}


def test_the_day_of_a_dateline_gives_way_to_the_day_of_what_is_told() -> None:
    tags = _tags("VIENTIANE, March 5 -- Police of Bokeo and of China's Yunnan held talks on Monday and signed minutes.")
    assert {report.date_start for report in tags.reports} == {"2024-03-04"}
    only = _tags("Hà Tiên, 5/3 - Công an tỉnh Kiên Giang và Công an tỉnh Kampot (Campuchia) hội đàm.")
    assert [report.date_start for report in only.reports] == ["2024-03-05"]


def test_days_behind_lengths_and_flags_are_days() -> None:
    tags = _tags("Sáu thuyền của Đồn Biên phòng Vĩnh Xương và Công an tỉnh Kandal (Campuchia) tuần tra chung 9 km hôm 4/3.")
    assert [report.date_start for report in tags.reports] == ["2024-03-04"]
    tags = _tags(
        "Huân chương của Lào được gắn lên lá cờ truyền thống của Công an tỉnh Thái Bình hôm 4/3, tại lễ giao lưu với Công an tỉnh Hủa Phăn (Lào)."
    )
    assert "2024-03-04" in {report.date_start for report in tags.reports}


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("In 2003, the provinces of Nghe An and Bolikhamsay signed a cooperation agreement.", "background"),
        ("Nghe An and Bolikhamsay signed a cooperation agreement in 2003.", "background"),
        ("Nghe An and Bolikhamsay signed a cooperation agreement for 2024.", "occurred"),
        ("Năm 2012, Công an Nghệ An và Công an Bô Ly Khăm Xay ký biên bản ghi nhớ.", "background"),
        ("Công an Nghệ An và Công an Bô Ly Khăm Xay ký biên bản ghi nhớ năm 2023.", "occurred"),
        ("Công an Nghệ An và Công an Bô Ly Khăm Xay bắt giữ Thạo Pó (sinh năm 1990).", "occurred"),
    ],
)
def test_a_year_long_past_makes_background(sentence: str, status: str) -> None:
    """Of what is dated behind it, a year may be that of the matter: "biên bản ghi nhớ năm 2023"."""
    reading = read_article(_article(sentence, "2024-03-06"))
    told = [one.status for one in consider_triggers(reading, load_rules()) if one.refused is None]
    assert set(told) == {status}
