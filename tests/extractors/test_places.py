"""Places in prose: resolved by cue, by neighbours, by time; what stays open is a mention without an id."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.gazetteer import load_gazetteer
from extractors.places import tag_places
from extractors.records import PlaceMention

_LAOS = Path(__file__).parents[2] / "scripts" / "gazetteer" / "laos.csv"


def _one(text: str, quote: str, *, language: str = "vi", date: str | None = None) -> PlaceMention:
    found = [mention for mention in tag_places(text, language, date) if mention.evidence.quote == quote]
    assert len(found) == 1, f"{quote!r} in {text!r}: {[m.evidence.quote for m in tag_places(text, language, date)]}"
    return found[0]


def _lao_spellings() -> list[tuple[str, str]]:
    with _LAOS.open(encoding="utf-8", newline="") as handle:
        return [(row["iso"], spelling) for row in csv.DictReader(handle) for spelling in row["vi_variants"].split(";")]


def test_all_lao_provinces_are_in_the_source() -> None:
    assert len({place_id for place_id, _ in _lao_spellings()}) == 18


@pytest.mark.parametrize(("place_id", "spelling"), [(p, s) for p, s in _lao_spellings() if p not in ("LA-VT", "LA-VI")])
def test_every_spelling_of_a_lao_province_resolves(place_id: str, spelling: str) -> None:
    text = f"Đoàn cán bộ của tỉnh {spelling.removeprefix('tỉnh ')} (Lào) sang dự lễ."
    found = {mention.place_id for mention in tag_places(text, "vi", "2024-05-01") if mention.kind == "province"}
    assert found == {place_id}


@pytest.mark.parametrize("spelling", sorted({s for p, s in _lao_spellings() if p in ("LA-VT", "LA-VI")}))
def test_the_two_vientianes_are_told_apart_or_left_open(spelling: str) -> None:
    found = [mention for mention in tag_places(f"Đoàn ghé {spelling} (Lào) hai ngày.", "vi", "2024-05-01") if mention.kind == "province"]
    assert len(found) == 1
    # "Vientiane" is the name of both: left open, or the capital, never the province around it
    allowed = {None, "LA-VT"} if spelling == "Vientiane" else {"LA-VT", "LA-VI"}
    assert found[0].place_id in allowed
    assert found[0].country == "LA"


def test_the_cue_tells_the_capital_from_the_province() -> None:
    for cue, place_id in (("thủ đô", "LA-VT"), ("tỉnh", "LA-VI")):
        found = [mention.place_id for mention in tag_places(f"Họ về {cue} Viêng Chăn chiều qua.", "vi", None)]
        assert found == [place_id], cue


@pytest.mark.parametrize(
    ("date", "place_id", "admin1"),
    [
        ("2023", "VN-DN", "Đà Nẵng"), ("2025-06-30", "VN-DN", "Đà Nẵng"), ("2025-07-01", "VN-48-2025", "Đà Nẵng"), ("2026-01", "VN-48-2025", "Đà Nẵng"),
        (None, "VN-DN", "Đà Nẵng"),
    ],
)  # fmt: skip
def test_da_nang_before_and_after_the_merger(date: str | None, place_id: str, admin1: str) -> None:
    mention = _one("Công an thành phố Đà Nẵng gửi lời thăm.", "Đà Nẵng", date=date)
    assert (mention.place_id, mention.admin1, mention.country) == (place_id, admin1, "VN")


def test_quang_nam_stays_quang_nam_whenever_it_is_named() -> None:
    for date in ("2023-04-01", "2025-08-01", None):
        assert _one("Công an tỉnh Quảng Nam gửi lời thăm.", "Quảng Nam", date=date).place_id == "VN-27"


@pytest.mark.parametrize(("date", "name"), [("2023-05-02", "Thừa Thiên Huế"), ("2025-02-01", "Huế"), (None, "Huế")])
def test_hue_bears_the_name_of_its_time(date: str | None, name: str) -> None:
    mention = _one("Biên phòng Thừa Thiên Huế đi tuần.", "Thừa Thiên Huế", date=date)
    assert (mention.place_id, mention.admin1) == ("VN-26", name)


def test_lao_cai_is_not_laos_and_thai_nguyen_not_thailand() -> None:
    for text in (
        "Công an tỉnh Lào Cai họp.",
        "Công an tỉnh Thái Nguyên họp.",
        "Chợ Lao Bảo đông khách.",
        "Đảo Ngọc Vừng thuộc Quảng Ninh.",
    ):
        assert {mention.country for mention in tag_places(text, "vi", None)} <= {"VN"}, text
    assert _one("Đoàn tỉnh Lào Cai gặp đoàn Lào.", "Lào").country == "LA"


@pytest.mark.parametrize(
    "text",
    [
        "Chủ tịch Hồ Chí Minh dặn dò cán bộ.",
        "Tư tưởng Hồ Chí Minh",
        "Đoàn Thanh niên Cộng sản Hồ Chí Minh",
        "đường Hồ Chí Minh qua Trường Sơn",
    ],
)
def test_ho_chi_minh_the_man_is_no_place(text: str) -> None:
    assert [mention for mention in tag_places(text, "vi", "2024") if "Hồ Chí Minh" in mention.name] == []


@pytest.mark.parametrize("cue", ["TP. ", "TP ", "thành phố ", "TP."])
def test_ho_chi_minh_city_is_one(cue: str) -> None:
    found = [mention for mention in tag_places(f"Bác sĩ từ {cue}Hồ Chí Minh sang.", "vi", "2024") if mention.place_id]
    assert [(mention.place_id, mention.country) for mention in found] == [("VN-SG", "VN")]


def test_an_ambiguous_district_stays_a_mention() -> None:
    mention = _one("Dân huyện Châu Thành góp gạo.", "Châu Thành", date="2023")
    assert (mention.place_id, mention.admin1, mention.country, mention.rule) == (None, None, "VN", "place.ambiguous")
    assert mention.confidence < 0.5


@pytest.mark.parametrize(
    ("text", "admin1"),
    [
        ("Dân huyện Châu Thành (Tây Ninh) góp gạo.", "Tây Ninh"),
        ("Dân huyện Châu Thành, tỉnh An Giang góp gạo.", "An Giang"),
        ("Tỉnh Tây Ninh vận động dân. Huyện Châu Thành góp gạo.", "Tây Ninh"),
    ],
)
def test_a_province_behind_or_near_decides(text: str, admin1: str) -> None:
    mention = _one(text, "Châu Thành", date="2023")
    assert mention.place_id is not None
    assert (mention.kind, mention.admin1) == ("district", admin1)


def test_districts_need_a_cue_or_their_province() -> None:
    assert tag_places("Anh Phong Điền gửi thư.", "vi", "2023") == ()
    assert _one("Đội về Nam Giang (Quảng Nam) nghỉ.", "Nam Giang", date="2023").kind == "district"


def test_listed_districts_share_the_cue() -> None:
    text = "Các huyện Kỳ Sơn, Tương Dương và Quế Phong (Nghệ An) cử đội bóng."
    kinds = {mention.name: mention.kind for mention in tag_places(text, "vi", "2023")}
    assert kinds["Kỳ Sơn"] == kinds["Tương Dương"] == kinds["Quế Phong"] == "district"


def test_border_gates_are_ones_of_the_papers_own_side() -> None:
    mention = _one("Hai đoàn bắt tay ở cửa khẩu quốc tế Nậm Cắn.", "Nậm Cắn", date="2024")
    assert (mention.kind, mention.country) == ("border_gate", "VN")
    assert _one("Họ chờ tại cửa khẩu Nậm Phao.", "Nậm Phao", date="2024").country == "LA"


def test_streets_bridges_and_schools_are_no_places() -> None:
    for text in ("Nhà số 5 đường Điện Biên, có vườn.", "Họ qua cầu Hà Giang cũ.", "Cô dạy ở trường tiểu học Sơn La.", "khách sạn Huế"):
        assert tag_places(text, "vi", "2024") == (), text


def test_names_of_persons_are_no_places() -> None:
    for text in ("Anh Nguyễn Thái Bình góp gạo.", "Ông Lê Hà Giang nghỉ hưu."):
        assert tag_places(text, "vi", "2024") == (), text


@pytest.mark.parametrize("text", ["Chị mua xe của Đức Hòa.", "Bà Mỹ Lệ bán nước.", "Ông Trần Nga nghỉ."])
def test_countries_that_are_syllables_of_names(text: str) -> None:
    assert {mention.country for mention in tag_places(text, "vi", "2024")} <= {"VN"}


def test_communes_by_cue_and_by_their_province() -> None:
    mention = _one("Trẻ em xã Na Ngoi (Kỳ Sơn, Nghệ An) nhận vở.", "Na Ngoi", date="2024")
    assert (mention.kind, mention.admin1, mention.country) == ("commune", "Nghệ An", "VN")
    unknown = [m for m in tag_places("Trẻ em xã Hòa Bình nhận vở.", "vi", "2024") if m.kind == "commune"]
    assert [(m.place_id, m.admin1_id) for m in unknown] == [(None, None)]


def test_an_unseen_spelling_behind_a_cue_resolves_with_less_confidence() -> None:
    mention = _one("Công an tỉnh Bôykhămxay sang thăm.", "Bôykhămxay")
    assert (mention.place_id, mention.rule) == ("LA-BL", "place.transliterated")
    assert mention.confidence < _one("Công an tỉnh Bôlykhămxay sang thăm.", "Bôlykhămxay").confidence


@pytest.mark.parametrize("name", ["Bônkhămray", "Xiêng Trại", "Đông Trăng Xa", "Savatra"])
def test_an_invented_near_miss_gets_no_id(name: str) -> None:
    assert [m.place_id for m in tag_places(f"Công an tỉnh {name} sang thăm.", "vi", None) if m.country in ("LA", "KH", "TH")] == []


@pytest.mark.parametrize(
    ("text", "place_id"),
    [
        ("Officers from Quang Tri province met villagers.", "VN-25"), ("Police of Savannakhet province came.", "LA-SV"), ("They drove to Houaphan.", "LA-HO"),
        ("Traders of Svay Rieng province crossed.", "KH-20"), ("The Lao side agreed.", "LA"), ("Cambodia sent doctors.", "KH"),
    ],
)  # fmt: skip
def test_english_without_diacritics(text: str, place_id: str) -> None:
    assert place_id in {mention.place_id for mention in tag_places(text, "en", "2024-05-01")}


@pytest.mark.parametrize(
    ("text", "place_id"), [("ແຂວງເຊກອງ ໄດ້ຕ້ອນຮັບແຂກ", "LA-XE"), ("ແຂວງຫົວພັນ", "LA-HO"), ("ແຂວງກວາງນາມ", "VN-27"), ("ສະຫວັນນະເຂດ", "LA-SV")]
)
def test_lao_script(text: str, place_id: str) -> None:
    assert place_id in {mention.place_id for mention in tag_places(text, "lo", "2024-05-01")}


_PIECES = [
    "tỉnh ", "huyện ", "xã ", "Châu Thành", "Sê Kông", "Lào", "Đà Nẵng", " (", "), ", " và ", "Nguyễn ", "Hồ Chí Minh", "TP. ", "Bôykhămxay", "cửa khẩu ",
    "Nậm Cắn", "ແຂວງ", "ເຊກອງ", "İ", "-", "\n", "Mỹ", "a", ".",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(_PIECES), max_size=25),
    st.sampled_from(["vi", "en", "lo", "th"]),
    st.sampled_from([None, "2023", "2025-07-01"]),
)
def test_mentions_are_exact_ordered_and_know_their_unit(pieces: list[str], language: str, date: str | None) -> None:
    text = "".join(pieces)
    mentions = tag_places(text, language, date)
    assert [m.evidence.start for m in mentions] == sorted(m.evidence.start for m in mentions)
    for mention in mentions:
        mention.evidence.verify(text)
        if mention.place_id is None:
            assert mention.admin1_id is None
        else:
            place = load_gazetteer().unit(mention.place_id)
            assert (place.country, place.kind) == (mention.country, mention.kind)
            province = load_gazetteer().admin1(place)
            ended = province is not None and province is not place and date is not None and not province.valid_on(date)
            assert mention.admin1_id == (province.successor if province and ended and province.successor else place.admin1_id)


@pytest.mark.parametrize(("date", "province"), [("2025-06-30", "VN-28"), ("2025-07-01", "VN-51-2025")])
def test_a_town_lies_in_the_province_of_the_day(date: str, province: str) -> None:
    (town,) = [mention for mention in tag_places("Lễ trao quà tại huyện Ngọc Hồi.", "vi", date) if mention.name == "Ngọc Hồi"]
    assert town.admin1_id == province


def _found(text: str, language: str = "vi", date: str = "2024") -> list[tuple[str, str | None]]:
    return [(place.evidence.quote, place.place_id) for place in tag_places(text, language, date)]


def test_provinces_listed_behind_one_that_begins_like_a_surname_are_places() -> None:
    assert _found("Hải quan ba tỉnh Lạng Sơn, Cao Bằng, Quảng Ninh và Hà Giang họp.") == [
        ("Lạng Sơn", "VN-09"), ("Cao Bằng", "VN-04"), ("Quảng Ninh", "VN-13"), ("Hà Giang", "VN-03"),
    ]  # fmt: skip
    assert [quote for quote, _ in _found("Ha Tinh, Nghe An and Quang Binh met.", "en")] == ["Ha Tinh", "Nghe An", "Quang Binh"]
    assert _found("Ông Cao Bằng Quảng Ninh phát biểu.") == [("Cao Bằng", "VN-04")], "a person's name goes on without a comma"


def test_a_gate_of_two_sides_is_the_papers_own_unless_its_other_province_is_named_behind_it() -> None:
    text = "Đồn Biên phòng Cửa khẩu quốc tế Nậm Cắn và Công an huyện Noọng Hét (Xiêng Khoảng) tuyên truyền."
    assert ("Nậm Cắn", "gate-nam-can-vn-22") in _found(text)
    assert ("Thanh Thủy", "gate-thanh-thuy-vn-03") in _found("Đồn Biên phòng Cửa khẩu quốc tế Thanh Thủy (Vị Xuyên) tuần tra.")


def test_short_foreign_provinces_are_met_in_lists_and_before_their_country() -> None:
    assert ("Kep", "KH-23") in _found("Đoàn Kampot và Kep sang thăm.")
    assert ("Kep", "KH-23") in _found("Đoàn sang Kep (Campuchia) chúc Tết.")
    assert _found("Bà Kep nói.") == []


def test_the_syllables_of_a_lao_province_may_stand_apart() -> None:
    assert [place_id for _, place_id in _found("Đoàn ba tỉnh U - Đôm - Xay, Phoong - Sa - Lỳ, Luông - Pha - Băng dự.")] == [
        "LA-OU",
        "LA-PH",
        "LA-LP",
    ]


def test_screens_are_no_bridges_and_schools_of_a_province_lie_in_it() -> None:
    assert ("Phong Sa Lỳ", "LA-PH") in _found("Họp tại điểm cầu Phong Sa Lỳ.")
    assert ("Quảng Bình", "VN-24") in _found("Trường Đại học Quảng Bình đón đoàn.")
    assert _found("Hòa bình là mong muốn chung.") == []


def test_vietnamese_names_of_two_short_syllables_are_met_without_marks_in_english() -> None:
    assert _found("Bo Y international border gate is busy.", "en") == [("Bo Y", "gate-bo-y-vn-28")]
    assert _found("Mr Y spoke of Italy.", "en") == [("Italy", "IT")]


@pytest.mark.parametrize(
    ("written", "place_id"),
    [("ກວາງບີ່ງ", "VN-24"), ("ຫລວງພະບາງ", "LA-LP"), ("ແຄັງຮວ໋າ", "VN-34"), ("ບິ້ງເຟືອກ", "VN-58")],
)
def test_lao_names_are_met_by_their_sound_and_quoted_as_written(written: str, place_id: str) -> None:
    assert _found(f"ຄະນະແຂວງ{written} ມາຢ້ຽມຢາມ.", "lo") == [(written, place_id)]
