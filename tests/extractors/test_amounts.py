"""Amounts: numbers with a unit, in Vietnamese, English and Lao writing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.amounts import tag_amounts


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("vi", "trị giá 50 triệu đồng", [(50e6, "VND")]),
        ("vi", "trị giá 1,2 tỷ đồng", [(1.2e9, "VND")]),
        ("vi", "trị giá 1,2 tỉ đồng", [(1.2e9, "VND")]),
        ("vi", "số tiền 1.250.000 đồng", [(1_250_000, "VND")]),
        ("vi", "số tiền 500 nghìn đồng", [(500_000, "VND")]),
        ("vi", "số tiền 500 ngàn đồng", [(500_000, "VND")]),
        ("vi", "hơn 12.500 USD", [(12_500, "USD")]),
        ("vi", "20 USD", [(20, "USD")]),
        ("vi", "15 triệu kíp", [(15e6, "LAK")]),
        ("vi", "3 triệu riel", [(3e6, "KHR")]),
        ("vi", "10.000 nhân dân tệ", [(10_000, "CNY")]),
        ("vi", "1,5 tấn gạo", [(1500, "kg")]),
        ("vi", "3,5 kg ma túy", [(3.5, "kg")]),
        ("vi", "500 gam heroin", [(0.5, "kg")]),
        ("vi", "từ 10 đến 15 triệu đồng", [(15e6, "VND")]),
        ("vi", "10-15 triệu đồng", [(15e6, "VND")]),
        ("vi", "hai chiếc xe máy", [(2, "item")]),
        ("vi", "mười suất quà", [(10, "item")]),
        ("vi", "hai mươi lăm suất quà", [(25, "item")]),
        ("vi", "mười hai bộ đàm", [(12, "item")]),
        ("vi", "trao trả một nghi phạm", [(1, "person")]),
        ("vi", "30 đôi găng tay", [(30, "item")]),
        ("vi", "5 ngư dân", [(5, "person")]),
        ("vi", "1.250 hộ dân", [(1250, "item")]),
        ("vi", "12.000 viên ma túy", [(12_000, "item")]),
        ("vi", "phá 5 vụ án", [(5, "case")]),
        ("vi", "50 suất quà trị giá 25 triệu đồng", [(50, "item"), (25e6, "VND")]),
        ("en", "worth US$12,500", [(12_500, "USD")]),
        ("en", "worth $1.5 million", [(1.5e6, "USD")]),
        ("en", "worth 2 billion VND", [(2e9, "VND")]),
        ("en", "2.5 million kip", [(2.5e6, "LAK")]),
        ("en", "1,250.5 kg of rice", [(1250.5, "kg")]),
        ("en", "20 tonnes of rice", [(20_000, "kg")]),
        ("en", "1,000 people", [(1000, "person")]),
        ("en", "2.787 kg of heroin", [(2.787, "kg")]),
        ("en", "24 sets of remains", [(24, "item")]),
        ("en", "three computers", [(3, "item")]),
        ("en", "30 Lao students", [(30, "person")]),
        ("lo", "10 ລ້ານກີບ", [(10e6, "LAK")]),
        ("lo", "25 ຄົນ", [(25, "person")]),
    ],
)
def test_amount(language: str, text: str, expected: list[tuple[float, str]]) -> None:
    found = tag_amounts(text, language)
    assert [(amount.value, amount.unit) for amount in found] == expected
    assert not any(amount.background for amount in found)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("vi", "Quân khu 4"), ("vi", "mốc 229/12"), ("vi", "35 tuổi"), ("vi", "ngày 5/9/2023"), ("vi", "năm 2023"), ("vi", "số 12, đường 9"),
        ("vi", "dài 53 km biên giới"), ("vi", "lần thứ 5 đồng chí"), ("vi", "chuyên án LA823p"), ("vi", "Đại đội 311"), ("vi", "điện thoại 0912345678"),
        ("vi", "giảm 8%"), ("vi", "kim ngạch đạt 700 triệu USD"), ("en", "two-way trade of $5 billion"), ("vi", "một chuyến xe"), ("vi", "hai trưởng bản"), ("en", "Military Region 4"), ("en", "Article 12"), ("en", "in 2023"), ("en", "aged 35"), ("en", "Route 9"), ("en", "50 percent"),
        ("th", "50 ล้านบาท"), ("lo", "ປີ 2024"),
    ],
)  # fmt: skip
def test_no_amount(language: str, text: str) -> None:
    assert tag_amounts(text, language) == ()


def test_what_is_counted_ends_before_its_receiver() -> None:
    (amount,) = tag_amounts("tặng 20 suất quà tết cho hộ nghèo", "vi")
    assert amount.what == amount.evidence.quote == "20 suất quà tết"


_PIECES = [
    "1",
    "12",
    "1.250",
    "3,5",
    " ",
    "-",
    " đến ",
    "triệu ",
    "tỷ ",
    "đồng",
    "USD",
    "US$",
    "kg",
    "người",
    "suất quà",
    "hai ",
    "số ",
    "ກີບ",
    "ລ້ານ",
    ".",
    ",",
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(_PIECES), max_size=15).map("".join)), st.sampled_from(["vi", "en", "lo"]))
def test_any_text_gives_exact_ordered_amounts(text: str, language: str) -> None:
    at = 0
    for amount in tag_amounts(text, language):
        amount.evidence.verify(text)
        assert amount.evidence.start >= at
        at = amount.evidence.start + 1
        assert amount.value >= 0
