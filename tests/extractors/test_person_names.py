"""Where names begin and end: behind a mere role, behind bodies and places, over broken hyphens; and several names under one word."""

import time

import pytest

from extractors.normalise import name_key
from extractors.persons import tag_persons
from extractors.records import PersonMention
from extractors.tagging import read_article
from extractors.textfile import article_from_text
from extractors.tokens import tokenize


def _persons(text: str, language: str = "vi") -> tuple[PersonMention, ...]:
    return read_article(article_from_text(text, article_id="x", published="2024-06-15", language=language)).persons


def _names(text: str, language: str = "vi") -> list[str]:
    return [person.name for person in _persons(text, language)]


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("Hiệu trưởng Sok Dara kể về trường.", "Sok Dara", "Hiệu trưởng"),
        ("Tổng trạm trưởng Uông Lập Sinh đại diện phía bạn.", "Uông Lập Sinh", "Tổng trạm trưởng"),
        ("Đón đoàn có Tỉnh trưởng Neth Vanna cùng các sở.", "Neth Vanna", "Tỉnh trưởng"),
        ("Bí thư, Tỉnh trưởng Đay Nọi Xa Vẳn chủ trì.", "Đay Nọi Xa Vẳn", "Bí thư, Tỉnh trưởng"),
        ("Quyền Bí thư Tỉnh ủy Xê Kông Bun Lọt Phu Vông phát biểu.", "Bun Lọt Phu Vông", None),
        ("Trưởng đoàn BOUNMA KEOLAVONG phát biểu.", "BOUNMA KEOLAVONG", "Trưởng đoàn"),
        ("Phó Chủ nhiệm Ủy ban Đối ngoại TRẦN VĂN LỰC kể lại.", "TRẦN VĂN LỰC", None),
        ("Chủ tịch Hội Phạm Thị Lan Hương đi cùng.", "Phạm Thị Lan Hương", "Chủ tịch Hội"),
        ("Chủ tịch hội Phạm Quang Lực nói vậy.", "Phạm Quang Lực", "Chủ tịch hội"),
        ("Chính trị viên đồn Biên phòng Lò Gạch Nguyễn Tự Lập cùng đi.", "Nguyễn Tự Lập", None),
        ("Bí thư Tỉnh ủy Bun Phăn Kẹo Mạ Ni dẫn đầu.", "Bun Phăn Kẹo Mạ Ni", "Bí thư Tỉnh ủy"),
        ("Tổng thư ký NCBD Meas Sokhon điều hành.", "Meas Sokhon", "Tổng thư ký NCBD"),
        ("Tỉnh trưởng Mukdahan (Thái Lan) Wirat Sukjai ký kế hoạch.", "Wirat Sukjai", None),
        ("Chánh án Tòa án tối cao Lào Khăm-pha Sỉ-văn-đon ký.", "Khăm-pha Sỉ-văn-đon", "Chánh án Tòa án tối cao Lào"),
        ("Thủ tướng Samdech Techo Sok Vanna nói lời chào.", "Sok Vanna", "Thủ tướng"),
        ("Tỉnh trưởng Bun - thăn Xay- nha- vông nói vậy.", "Bun - thăn Xay- nha- vông", "Tỉnh trưởng"),
        ("Dự lễ có Thiếu tướng Từ Văn Sơn, Giám đốc Công an tỉnh Quảng Bình.", "Từ Văn Sơn", None),
        ("Nguyên Viện trưởng Somchit Phengdara nhận huân chương.", "Somchit Phengdara", "Nguyên Viện trưởng"),
        ("Ông hội đàm với người đồng cấp Lào Vilay Sisouphan.", "Vilay Sisouphan", None),
        ("Ông Khambau Xaynha – Phó ban tổ chức tỉnh ủy, cùng đi.", "Khambau Xaynha", "Phó ban tổ chức tỉnh ủy"),
        ("Bác sỹ Phan Công Đức thuộc khoa Nội.", "Phan Công Đức", None),
    ],
)  # fmt: skip
def test_name_behind_a_role(text: str, name: str, role: str | None) -> None:
    found = {person.name: person for person in _persons(text)}
    assert list(found) == [name]
    assert role is None or found[name].role == role


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Hai Chủ tịch Hội Phạm Thị Lan, Vũ Thị Bình có mặt.", ["Phạm Thị Lan", "Vũ Thị Bình"]),
        (
            "Ba Bí thư, Tỉnh trưởng là Bounma Keola (Udomxay), Sithong Phanna (Phongsaly) và Khamla Vongdara (Luangprabang).",
            ["Bounma Keola", "Sithong Phanna", "Khamla Vongdara"],
        ),
        ("Trao bằng khen cho các ông Khamla Vongdara, Bunsy Phommachanh.", ["Khamla Vongdara", "Bunsy Phommachanh"]),
        ("Hai khách Wu Guolin và Chen Quanfu (cùng SN 1991) bị trục xuất.", ["Wu Guolin", "Chen Quanfu"]),
        ("Họ giữ nhóm Phạm Văn Tèo, Lê Khánh Tí, Nông Văn Bảy trong đêm.", ["Phạm Văn Tèo", "Lê Khánh Tí", "Nông Văn Bảy"]),
        ("Điều hành là hai Phó Thủ tướng Neth Savan (kiêm Bộ trưởng) và Lê Thanh Hải.", ["Neth Savan", "Lê Thanh Hải"]),
        ("Nhờ vậy N.T.K.Tr. và V.M.Th. (cùng SN 2011) đã về nhà.", ["N.T.K.Tr.", "V.M.Th."]),
        ("Dự có Phó Tỉnh trưởng Vân Nam Vương Hải, Bí thư Châu ủy Triệu Thế Quân.", ["Vương Hải", "Triệu Thế Quân"]),
    ],
)  # fmt: skip
def test_several_names_under_one_word(text: str, names: list[str]) -> None:
    assert _names(text) == names


def test_the_second_office_of_a_list_is_the_second_persons() -> None:
    found = _persons("Dự có Phó Tỉnh trưởng Vân Nam Vương Hải, Bí thư Châu ủy Triệu Thế Quân.")
    assert [person.role for person in found] == ["Phó Tỉnh trưởng Vân Nam", "Bí thư Châu ủy"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Cầm đầu: Vàng Thị Sua (tức Vi, SN 1999, quê Lào Cai).", "Vàng Thị Sua"),
        ("Lả Khăm Vông (tức Lả Tung, SN 1975) khai nhận.", "Lả Khăm Vông"),
        ("Chúng tôi gặp bà Sothea (75 tuổi) ở bệnh viện.", "Sothea"),
        ("Bua Băng Xay, quê Atapư, học năm thứ tư.", "Bua Băng Xay"),
        ("Người thứ hai, Wu Guolin, bị giữ hôm 23/5.", "Wu Guolin"),
        ("Công an giải cứu em N.T.H. ở khách sạn.", "N.T.H."),
        ("Đêm ấy L.V.Tr (SN 2010) gọi về nhà.", "L.V.Tr"),
        ("Chị Sóc Thia để dành được một con heo.", "Sóc Thia"),
    ],
)
def test_name_told_by_what_stands_beside_it(text: str, name: str) -> None:
    assert _names(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Tết Bun Hò Khao, hiệu trưởng cùng vui.",
        "Khi phường còn mang tên Ka Lông, chợ đã đông.",
        "Bên dòng Sê Lanong, người dân hai bản gặp nhau.",
        "Trưởng bản Ma Lỳ Sán (xã Ma Lỳ Sán) đã ký.",
        "Quà tới đồn Cô Rô Ken và chốt Yeng Phô.",
        "Tin của P.V. và T.T.X.V.N tại TP.HCM.",
        "Từ đó con em Sơn La lại sang học.",
        "Nguồn QĐND: Bộ trưởng Bộ Quốc phòng ra cửa khẩu.",
        "Chủ tịch Hội Nông dân và Bí thư Trung ương Đoàn cùng dự.",
        "CHỦ TỊCH NƯỚC LÀO THĂM VIỆT NAM",
    ],
)
def test_what_is_no_name(text: str) -> None:
    assert _names(text) == []


def test_a_short_form_is_the_person_named_in_full() -> None:
    assert _names("Ông Bun Phăn Kẹo Mạ Ni, Phó Tỉnh trưởng, đến chúc Tết. Ông Bun Phăn cảm ơn.") == ["Bun Phăn Kẹo Mạ Ni"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Prime Minister Sok Vanna's visit ended.", ["Sok Vanna"]),
        ("Defence Ministers Le Xuan Hai and Wei Fangli will lead them.", ["Le Xuan Hai", "Wei Fangli"]),
        ("Headmaster Bounma Soulin stood there.", ["Bounma Soulin"]),
        ("Nobody was fined, added Lak Sovann, the district's chief for security.", ["Lak Sovann"]),
        ("Somphone Xayavong, who heads the youth committee, signed.", ["Somphone Xayavong"]),
        ("They took Khamla Xayvong, 45, together with Dara Mavong and Lu Lec Savong, both 17, and Kasy Phanvong, 20.",
         ["Khamla Xayvong", "Dara Mavong", "Lu Lec Savong", "Kasy Phanvong"]),
        ("Minister of Health Bounma Phommala opened it.", ["Bounma Phommala"]),
        ("Lao Ambassador to Vietnam Khamla Vongdara spoke.", ["Khamla Vongdara"]),
        ("Minister of Industry and Trade Le Hong Son agreed.", ["Le Hong Son"]),
        ("Vice Chairman of the Quang Tri provincial People's Committee Le Nam spoke.", ["Le Nam"]),
        ("Deputy Minister of National Defence, Senior Lieutenant General Le Xuan Hai hosted him.", ["Le Xuan Hai"]),
        ("The delegation led by Le Hoai Sinh called on him.", ["Le Hoai Sinh"]),
        ("The guards heard that Chan Sothea had been arrested.", ["Chan Sothea"]),
        ("Bounma Phandara said the river was high.", ["Bounma Phandara"]),
        ("A man named Sisouk Phommala was found.", ["Sisouk Phommala"]),
        ("Phonesavanh Insi, a 20-year-old student, won.", ["Phonesavanh Insi"]),
        ("He saw Ho Ta Pan, 34, and Bunkham, 36.", ["Ho Ta Pan", "Bunkham"]),
        ("Prime Ministers Le Minh Hai, Somxay Phandon and Hun Vanna met.", ["Le Minh Hai", "Somxay Phandon", "Hun Vanna"]),
        ("The Khmer Times said so, and Border Guard said nothing. In Vientiane, 25 people came.", []),
        ("They stopped in Nong Bua Lamphan on the way to Tran Hung Dao Street.", []),
    ],
)  # fmt: skip
def test_english_names(text: str, names: list[str]) -> None:
    assert _names(text, "en") == names


@pytest.mark.parametrize(
    ("text", "language", "countries"),
    [
        ("Vietnamese Ambassador to Laos Le Minh Tam attended.", "en", ["VN"]),
        ("General Le Tam Quang and his Lao counterpart Vilay Phandara signed.", "en", ["VN", "LA"]),
        ("Thai police chief Torsak Suk and Cambodian police chief Sar Thea agreed.", "en", ["TH", "KH"]),
        ("Lào Cai hội kiến Phó Tỉnh trưởng Vương Hải ở Vân Nam. Đại tá Khương Văn Oanh chủ trì.", "vi", ["CN", "VN"]),
        ("Ba Tỉnh trưởng là Bounma Keola (Udomxay), Lê Văn Nam (Điện Biên) và Neth Vanna (Svay Rieng).", "vi", ["LA", "VN", "KH"]),
    ],
)
def test_country_is_that_of_the_office_or_the_place_beside_the_name(text: str, language: str, countries: list[str]) -> None:
    assert [person.country for person in _persons(text, language)] == countries


def test_a_role_goes_on_behind_the_word_that_joins_two_fields() -> None:
    (person,) = _persons("Ông Phan Văn Lực, Trưởng phòng Khoa học và hợp tác quốc tế, có mặt.")
    assert person.role == "Trưởng phòng Khoa học và hợp tác quốc tế"


def test_role_before_a_comma_and_a_rank() -> None:
    (person,) = _persons("Deputy Minister of National Defence, Senior Lieutenant General Le Xuan Hai hosted him.", "en")
    assert (person.rank, person.role) == ("Senior Lieutenant General", "Deputy Minister of National Defence")


@pytest.mark.parametrize(
    "unit", ["ông ", "Tỉnh trưởng Sok Dara, ", "Dương Văn Tiến, ", "Sok Dara (Udomxay), ", "Kham - khan ", "đồn Lò Gò Trần "]
)
def test_time_grows_with_the_words_not_with_their_square(unit: str) -> None:
    def seconds(count: int) -> float:
        text = unit * count
        tokens = tokenize(text)
        start = time.process_time()
        tag_persons(text, tokens, (), (), (), "vi")
        return time.process_time() - start

    short = min(seconds(400) for _ in range(3))
    # eight times the words: eight times the time, on a busy machine twice that; a quadratic walk takes 64 times. Once out of three the garbage of other
    # tests is not collected meanwhile.
    assert min(seconds(3200) for _ in range(3)) < 24 * short + 0.02


def test_evidence_of_a_name_with_a_genitive_is_the_name() -> None:
    (person,) = _persons("Prime Minister Sok Vanna's visit ended.", "en")
    assert person.evidence.quote == person.name == "Sok Vanna"


def test_every_name_is_its_evidence() -> None:
    text = "Bí thư, Tỉnh trưởng Bun - thăn Xay- nha- vông, Bí thư Tỉnh ủy Bun Phăn Kẹo Mạ Ni và các ông Khamla Vongdara, Bunsy Phommachanh."
    found = _persons(text)
    assert len({name_key(person.name) for person in found}) == 4
    assert all(text[person.evidence.start : person.evidence.end] == person.name for person in found)


@pytest.mark.parametrize(
    ("text", "name", "rank", "role"),
    [
        ("ຫົວໜ້າຄະນະແມ່ນ ທ່ານ ເລ ວັນ ຕຸ່ງ ເລຂາພັກແຂວງ; ທຸກຄົນດີໃຈ.", "ເລ ວັນ ຕຸ່ງ", None, "ເລຂາພັກແຂວງ"),
        ("ສະຫາຍ ເຈິ່ນວັນຟູ໊ ປາດຖະໜາວ່າ ສອງຝ່າຍຈະພົບກັນ.", "ເຈິ່ນວັນຟູ໊", None, None),
        ("ຍື່ນກະແຈໃຫ້ທ່ານ ບຸນມາ ພົມມາລາ ລັດຖະມົນຕີ; ລົດຈະອອກໄປ.", "ບຸນມາ ພົມມາລາ", None, "ລັດຖະມົນຕີ"),
        ("ທ່ານ ພົນຈັດຕະວາ ຄຳພັນ ວົງຄູນ ຮອງຫົວໜ້າກົມ ໄດ້ກ່າວ.", "ຄຳພັນ ວົງຄູນ", "ພົນຈັດຕະວາ", "ຮອງຫົວໜ້າກົມ"),
        ("ທ່ານ ສົມເດັດ ເຕໂຊ ສຸກ ວັນນາ ນາຍົກລັດຖະມົນຕີ ກ່າວວ່າ ດີ.", "ສຸກ ວັນນາ", None, "ນາຍົກລັດຖະມົນຕີ"),
    ],
)  # fmt: skip
def test_lao_names_end_at_a_verb_or_an_office(text: str, name: str, rank: str | None, role: str | None) -> None:
    assert [(person.name, person.rank, person.role) for person in _persons(text, "lo")] == [(name, rank, role)]


def test_two_lao_persons_joined_by_and() -> None:
    text = "ລະຫວ່າງ ທ່ານ ຮິໂຣຊິ ທານາກະ ເລຂາໂທ ສະຖານທູດຍີ່ປຸ່ນ ແລະ ທ່ານ ບຸນມາ ອິນທະວົງ ຮອງເຈົ້າເມືອງ."
    assert _names(text, "lo") == ["ຮິໂຣຊິ ທານາກະ", "ບຸນມາ ອິນທະວົງ"]


@pytest.mark.parametrize("text", ["ລັດຖະມົນຕີ 3 ທ່ານ ຈະມາພົບກັນ ຢູ່ຊາຍແດນ.", "ຄວາມປອດໄພ ຂອງປະຊາຊົນ ແມ່ນສຳຄັນ.", "ທ່ານໄດ້ກ່າວວ່າ ສອງຝ່າຍຈະພົບກັນ."])
def test_counted_people_and_pronouns_are_no_lao_names(text: str) -> None:
    assert _names(text, "lo") == []


def test_a_vietnamese_in_lao_script_stands_for_vietnam() -> None:
    (person,) = _persons("ສະຫາຍ ເຈິ່ນວັນຟູ໊ ປາດຖະໜາວ່າ ສອງຝ່າຍຈະພົບກັນ.", "lo")
    assert person.country == "VN"
