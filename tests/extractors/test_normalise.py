"""One way to write text: NFC, no control characters, keys for comparing names, surfaces that keep offsets."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.gazetteer.names import folded_surface, surface
from extractors.gazetteer.transliteration import transliteration_key
from extractors.normalise import fold, name_key, normalise_text

_VIETNAMESE = st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂĐÊÔƠƯáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ -–,.")


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Sa\u0300i Go\u0300n", "Sài Gòn"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("Quảng\u00a0Nam", "Quảng Nam"),
        ("soft\u00adhyphen \u200cjoiner\ufeff", "softhyphen joiner"),
        ("ສອງ\u200bຝ່າຍ", "ສອງ ຝ່າຍ"),
        ("tab\tstays, bell\x07 goes", "tab\tstays, bell goes"),
    ],
)
def test_normalise_text(raw: str, clean: str) -> None:
    assert normalise_text(raw) == clean


@given(st.text(max_size=200))
def test_normalised_text_is_nfc_and_stays_so(text: str) -> None:
    once = normalise_text(text)
    assert unicodedata.is_normalized("NFC", once)
    assert normalise_text(once) == once
    assert not any(char in once for char in "\r\u200b\u00a0\ufeff\x00\u00ad")


@given(_VIETNAMESE)
def test_decomposed_and_composed_text_become_one(text: str) -> None:
    assert normalise_text(unicodedata.normalize("NFD", text)) == normalise_text(text)


@given(st.text(max_size=200))
def test_surfaces_keep_the_length(text: str) -> None:
    assert len(surface(text)) == len(text)
    assert len(folded_surface(text)) == len(text)


@given(_VIETNAMESE)
def test_surface_of_vietnamese_differs_only_in_case_and_hyphens(text: str) -> None:
    assert surface(text) == text.lower().replace("-", " ").replace("–", " ")
    assert folded_surface(text) == fold(surface(text))


def test_the_dotted_capital_that_grows_does_not_shift_offsets() -> None:
    text = "İzmir và tỉnh Sê-kông"
    assert surface(text)[text.index("Sê-") :].lower() == "sê kông"


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Đắk Lắk", "dak lak"), ("Thừa Thiên – Huế", "thua thien – hue"), ("ຫຼວງພະບາງ", "ຫຼວງພະບາງ"), ("បាត់ដំបង", "បាត់ដំបង"), ("", "")],
)
def test_fold_strips_latin_marks_only(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(max_size=100))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_name_key_forgets_hyphens_spaces_and_case() -> None:
    assert name_key("Khăm-ban Phôm-mạ") == name_key("KHĂM BAN Phôm Mạ") == "khambanphomma"
    assert name_key("ຄຳ-ພູ") == "ຄຳພູ"
    assert name_key("Nguyễn Văn Hùng") != name_key("Nguyễn Văn Hoàng")


@pytest.mark.parametrize(
    ("left", "right"),
    [("Xê Kông", "Sekong"), ("Khăm Muộn", "Khammoun"), ("Át Ta Pư", "Attapeu"), ("Phôm-mạ-ni-vông", "Phommanivong")],
)
def test_transliteration_key_equates_spellings_of_one_name(left: str, right: str) -> None:
    assert transliteration_key(left) == transliteration_key(right) != ""


def test_transliteration_key_is_empty_without_latin_letters() -> None:
    assert transliteration_key("ເຊກອງ 534") == ""
