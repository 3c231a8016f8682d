"""Header lines, prefixes, credits, captions and signatures are marked where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.conventions import mark_spans
from extractors.normalise import normalise_text

STORY = "Sáng nay hai đồn gặp nhau bên suối và hẹn cùng dọn mốc."
MORE = "Trưởng bản kể rằng năm ngoái nước lớn làm trôi cầu gỗ."


def marked(text: str, *prefixes: str, title: str = "") -> list[tuple[str, str]]:
    return [(span.kind, text[span.start : span.end]) for span in mark_spans(text, prefixes, title=title)]


@pytest.mark.parametrize(
    "prefix",
    [
        "(QNO) -",
        "(Baonghean.vn) -",
        "(Congan.nghean.gov.vn)-",
        "(GLO)-",
        "(Dân trí) -",
        "(VOV5) -",
        "ĐNO -",
        "HNN.VN -",
        "NDO/VNA –",
        "Vientiane (VNA) –",
        "Quang Tri (VNA) -",
        "VIENTIANE —",
        "(LPAN)",
    ],
)
def test_lead_prefixes_of_known_shapes(prefix: str) -> None:
    assert marked(f"{prefix} {STORY}\n{MORE}") == [("prefix", prefix)]


def test_an_outlets_own_prefix_is_found_with_any_dash() -> None:
    assert marked(f"Biên phòng – {STORY}", "Biên phòng -") == [("prefix", "Biên phòng –")]


@pytest.mark.parametrize(
    "lead", ["BĐBP - lực lượng nòng cốt", "UBND - HĐND xã họp", "Hai bên (VN - Lào) gặp nhau", "Ngày 3-5, hai bên gặp"]
)
def test_what_only_looks_like_a_prefix(lead: str) -> None:
    assert marked(f"{lead}. {STORY}") == []


@pytest.mark.parametrize(
    "header",
    [
        "date 2024-12",
        "date 2024-12-24",
        "date 2025-10-31 Quốc phòng - An ninh",
        "06:06, 23/03/2021",
        "Thứ Ba, 07/06/2016, 15:14",
        "27/03/2024 - 09:43",
        "December 29, 2021 | 19:07 (GMT+7)",
        "Published: 2022-09-16 14:24:08",
        "LÊ VY • 03/11/2025",
        "Tiếng Việt | English",
    ],
)
def test_header_lines(header: str) -> None:
    assert marked(f"{header}\n{STORY}\n{MORE}") == [("header", header)]


def test_a_stamp_reaches_to_the_prefix_on_its_line() -> None:
    text = f"date 2024-12 An ninh Hai đồn gặp nhau (QNO) - {STORY}\n{MORE}"
    assert marked(text) == [("header", "date 2024-12 An ninh Hai đồn gặp nhau"), ("prefix", "(QNO) -")]


def test_a_stamp_before_a_lead_leaves_the_lead_alone() -> None:
    assert marked(f"date 2023-08 {STORY} {MORE}") == [("header", "date 2023-08")]


def test_a_sentence_with_a_date_is_no_header() -> None:
    assert marked(f"Ngày 24/12/2024, hai đồn gặp nhau bên suối.\n{MORE}") == []


def test_a_first_line_that_repeats_the_title_is_a_header() -> None:
    assert marked(f"Hai đồn gặp nhau\n{STORY}", title="Hai Đồn Gặp Nhau") == [("header", "Hai đồn gặp nhau")]


@pytest.mark.parametrize(
    ("line", "caption", "credit"),
    [
        ("Hai đồn bên mốc 719. Ảnh: T.D", "Hai đồn bên mốc 719.", "Ảnh: T.D"),
        ("Hai đồn bên mốc 719 ẢNH: Đ.X", "Hai đồn bên mốc 719", "ẢNH: Đ.X"),
        ("Hai đồn bên mốc 719 N.X", "Hai đồn bên mốc 719", "N.X"),
        ("Hai đồn bên mốc 719 (Ảnh: Hoài Nam).", "Hai đồn bên mốc 719", "(Ảnh: Hoài Nam)."),
        ("Two posts at the marker (Photo: VNA)", "Two posts at the marker", "(Photo: VNA)"),
        ("ສອງຝ່າຍຢູ່ຫຼັກໝາຍ ພາບ: ສາຍຂອງ", "ສອງຝ່າຍຢູ່ຫຼັກໝາຍ", "ພາບ: ສາຍຂອງ"),
    ],
)
def test_captions_with_credits(line: str, caption: str, credit: str) -> None:
    assert marked(f"{STORY}\n{line}\n{MORE}") == [("caption", caption), ("credit", credit)]


def test_a_credit_on_a_line_of_its_own_makes_the_line_above_a_caption() -> None:
    assert marked(f"{STORY}\nHai đồn bên mốc 719\n\nẢNH: Đ.X\n{MORE}") == [("caption", "Hai đồn bên mốc 719"), ("credit", "ẢNH: Đ.X")]


def test_a_credit_glued_to_a_paragraph_does_not_make_the_story_a_caption() -> None:
    assert marked(f"{STORY} {MORE} Ảnh: CTV\n{MORE}") == [("credit", "Ảnh: CTV")]


@pytest.mark.parametrize(
    "name", ["Ngọc Thi", "NGÔ HUY", "Ngọc Diễm – Lê Hoài", "TTXVN", "Theo VTC", "Nguồn PLO", "Translated by Quynh Oanh"]
)
def test_signatures(name: str) -> None:
    assert marked(f"{STORY}\n{MORE}\n{name}") == [("signature", name)]


def test_a_signature_above_a_sidebar() -> None:
    assert marked(f"{STORY}\n{MORE}\nNgọc Thi\nTin cùng chuyên mục") == [("signature", "Ngọc Thi")]


def test_a_short_last_sentence_is_no_signature() -> None:
    assert marked(f"{STORY}\n{MORE}\nHai bên chia tay.") == []


@given(
    st.lists(
        st.sampled_from(
            [STORY, MORE, "(QNO) - ", "Ảnh: T.D", "date 2024-12", "Ngọc Thi", "06:06, 23/03/2021", "\n", " ", "./.", "(", "N.X"]
        )
    )
)
def test_spans_are_in_order_apart_and_tight(pieces: list[str]) -> None:
    text = normalise_text("".join(pieces))
    end = 0
    for span in mark_spans(text, ("QNO -",), title=STORY):
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        end = span.end


@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    for span in mark_spans(normalise_text(text)):
        assert 0 <= span.start < span.end


@pytest.mark.parametrize(
    ("last", "marked"),
    [
        ("./. - vns", True),
        ("./. - vns đưa tin từ bản", False),
        ("Mời bạn đọc theo dõi trang của chúng tôi trên điện thoại", True),
        ("mọi người ra về.", False),
    ],
)
def test_an_outlets_own_last_lines_are_signatures(last: str, marked: bool) -> None:
    text = f"Hai bên trao quà cho bản kết nghĩa.\nBuổi lễ kết thúc lúc mười giờ sáng cùng ngày, với sự có mặt của người dân.\n{last}"
    spans = mark_spans(text, signatures=["./. - vns", "Mời bạn đọc theo dõi trang"])
    assert [text[span.start : span.end] for span in spans if span.kind == "signature"] == ([last] if marked else [])
    if marked:
        assert last not in [text[span.start : span.end] for span in mark_spans(text)]
