"""Dates in prose: what is found, what it means, and what is no date of anything reported."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.dates import DateContext, find_dates
from extractors.sentences import split_sentences
from extractors.tagging import tag_article
from extractors.textfile import article_from_text
from extractors.years import Occasion, occasion_of_text, years_of_text

_Row = tuple[str, str, str | None, str | None, str | None, str | None]

# language, text, published, start, end, precision
_TABLE: list[_Row] = [
    # Vietnamese, year written
    ("vi", "Ngày 24 tháng 12 năm 2024, hai đoàn họp.", None, "2024-12-24", "2024-12-24", "day"),
    ("vi", "Ngày 24/12/2024, hai đoàn họp.", None, "2024-12-24", "2024-12-24", "day"),
    ("vi", "Ngày 24-12-2024, hai đoàn họp.", None, "2024-12-24", "2024-12-24", "day"),
    ("vi", "Ngày 24.12.2024, hai đoàn họp.", None, "2024-12-24", "2024-12-24", "day"),
    ("vi", "Ngày 05/09/2023, hai đoàn họp.", None, "2023-09-05", "2023-09-05", "day"),
    ("vi", "Trong hai ngày 10/9/2019 - 11/9/2019, hai đoàn họp.", None, "2019-09-10", "2019-09-11", "day"),
    ("vi", "Từ ngày 28/2 đến 2/3/2024, hai đoàn họp.", None, "2024-02-28", "2024-03-02", "day"),
    ("vi", "Ngày 3 đến 5 tháng 7 năm 2023, đoàn ở lại.", None, "2023-07-03", "2023-07-05", "day"),
    ("vi", "Hai ngày 3 và 4 tháng 7 năm 2023, đoàn ở lại.", None, "2023-07-03", "2023-07-04", "day"),
    ("vi", "Ngày 29/2/2024, lớp học tan.", None, "2024-02-29", "2024-02-29", "day"),
    ("vi", "Vào tháng 6/2024, lớp học tan.", None, "2024-06", "2024-06", "month"),
    ("vi", "Vào tháng 6 năm 2024, lớp học tan.", None, "2024-06", "2024-06", "month"),
    ("vi", "Lớp học tan vào 6/2024.", None, "2024-06", "2024-06", "month"),
    ("vi", "Ngày 2 tháng mười hai năm 2023, lớp học tan.", None, "2023-12-02", "2023-12-02", "day"),
    ("vi", "Ngày 9 tháng giêng năm 2023, lớp học tan.", None, "2023-01-09", "2023-01-09", "day"),
    ("vi", "Ngày 9 tháng tư năm 2023, lớp học tan.", None, "2023-04-09", "2023-04-09", "day"),
    # Vietnamese, the year from the publish date
    ("vi", "Ngày 5/9, hai đoàn họp.", "2023-09-06", "2023-09-05", "2023-09-05", "day"),
    ("vi", "Sáng 5/9, hai đoàn họp.", "2023-09-06", "2023-09-05", "2023-09-05", "day"),
    ("vi", "Chiều ngày 5-9, hai đoàn họp.", "2023-09-06", "2023-09-05", "2023-09-05", "day"),
    ("vi", "Tối 5.9, hai đoàn họp.", "2023-09-06", "2023-09-05", "2023-09-05", "day"),
    ("vi", "Trong các ngày 3-5/7, hai đoàn họp.", "2023-07-06", "2023-07-03", "2023-07-05", "day"),
    ("vi", "Từ ngày 3 đến 5/7, hai đoàn họp.", "2023-07-06", "2023-07-03", "2023-07-05", "day"),
    ("vi", "Ngày 30/12, hai đoàn họp.", "2024-01-02", "2023-12-30", "2023-12-30", "day"),
    ("vi", "Từ 30/12 đến 2/1/2024, hai đoàn họp.", "2024-01-03", "2023-12-30", "2024-01-02", "day"),
    ("vi", "Ngày 20 tháng 3, hai đoàn họp.", "2022-03", "2022-03-20", "2022-03-20", "day"),
    ("vi", "Ngày 20 tháng 3, hai đoàn họp.", "2022", "2022-03-20", "2022-03-20", "day"),
    ("vi", "Mùng 6/2, hai đoàn họp.", "2025-02-07", "2025-02-06", "2025-02-06", "day"),
    ("vi", "Ngày 5/9 tỉnh đón đoàn.", "2023-09-06", "2023-09-05", "2023-09-05", "day"),
    # days told from the day of publication
    ("vi", "Sáng nay, hai đoàn họp.", "2024-03-08", "2024-03-08", "2024-03-08", "day"),
    ("vi", "Chiều qua, hai đoàn họp.", "2024-03-01", "2024-02-29", "2024-02-29", "day"),
    ("vi", "Hôm thứ ba, hai đoàn họp.", "2024-03-08", "2024-03-05", "2024-03-05", "day"),
    ("vi", "Sáng nay, hai đoàn họp.", "2024-03", None, None, None),
    ("vi", "Sáng nay, hai đoàn họp.", None, None, None, None),
    # no year anywhere
    ("vi", "Ngày 5/9, hai đoàn họp.", None, None, None, None),
    ("vi", "Ngày 5 tháng 9, hai đoàn họp.", None, None, None, None),
    # English
    ("en", "On December 24, 2024, both sides met.", None, "2024-12-24", "2024-12-24", "day"),
    ("en", "On 24 December 2024 both sides met.", None, "2024-12-24", "2024-12-24", "day"),
    ("en", "On Dec. 24, 2024 both sides met.", None, "2024-12-24", "2024-12-24", "day"),
    ("en", "On the 3rd of March 2023 both sides met.", None, "2023-03-03", "2023-03-03", "day"),
    ("en", "From July 3-5, 2023, both sides met.", None, "2023-07-03", "2023-07-05", "day"),
    ("en", "From July 30 to August 2, 2023, both sides met.", None, "2023-07-30", "2023-08-02", "day"),
    ("en", "From December 30 to January 2, 2024, both sides met.", None, "2023-12-30", "2024-01-02", "day"),
    ("en", "On 3 and 4 July 2023 both sides met.", None, "2023-07-03", "2023-07-04", "day"),
    ("en", "They met in November 2022.", None, "2022-11", "2022-11", "month"),
    ("en", "They met on August 5.", "2024-08-06", "2024-08-05", "2024-08-05", "day"),
    ("en", "They met on August 5.", None, None, None, None),
    ("en", "They met yesterday.", "2024-03-01", "2024-02-29", "2024-02-29", "day"),
    ("en", "They met on Tuesday.", "2024-03-08", "2024-03-05", "2024-03-05", "day"),
    # Lao
    ("lo", "ວັນທີ 24 ທັນວາ 2024 ສອງຝ່າຍພົບກັນ", None, "2024-12-24", "2024-12-24", "day"),
    ("lo", "ວັນທີ 24 ເດືອນ ທັນວາ ປີ 2024 ສອງຝ່າຍພົບກັນ", None, "2024-12-24", "2024-12-24", "day"),
    ("lo", "ວັນທີ 3-5 ກໍລະກົດ 2023 ສອງຝ່າຍພົບກັນ", None, "2023-07-03", "2023-07-05", "day"),
    ("lo", "ວັນທີ 5 ກັນຍາ ສອງຝ່າຍພົບກັນ", "2023-09-06", "2023-09-05", "2023-09-05", "day"),
    ("lo", "ວັນທີ 5/9/2023 ສອງຝ່າຍພົບກັນ", None, "2023-09-05", "2023-09-05", "day"),
    ("lo", "ໃນເດືອນ ມີນາ 2024 ສອງຝ່າຍພົບກັນ", None, "2024-03", "2024-03", "month"),
    ("lo", "ວັນທີ 5 ກັນຍາ ສອງຝ່າຍພົບກັນ", None, None, None, None),
    ("lo", "ມື້ນີ້ ສອງຝ່າຍພົບກັນ", "2024-03-08", "2024-03-08", "2024-03-08", "day"),
    ("lo", "ມື້ວານນີ້ ສອງຝ່າຍພົບກັນ", "2024-03-01", "2024-02-29", "2024-02-29", "day"),
    ("lo", "ມື້ວານ ສອງຝ່າຍພົບກັນ", "2024-03-01", "2024-02-29", "2024-02-29", "day"),
]  # fmt: skip


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(_TABLE) >= 40
    assert {row[0] for row in _TABLE} == {"vi", "en", "lo"}


@pytest.mark.parametrize(("language", "text", "published", "start", "end", "precision"), _TABLE)
def test_date(language: str, text: str, published: str | None, start: str | None, end: str | None, precision: str | None) -> None:
    expressions = [expression for expression in find_dates(text, language) if expression.role == "event"]
    assert len(expressions) == 1, [expression.text for expression in expressions]
    resolved = DateContext(published).resolve(expressions[0])
    assert (resolved.start, resolved.end, resolved.precision) == (start, end, precision)
    assert expressions[0].text in text


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("vi", "Đội tuần tra đến mốc 229/12 thì nghỉ."),
        ("vi", "Cột mốc số 717/2 nằm trên đồi."),
        ("vi", "Thực hiện Nghị quyết số 10/2, các xã làm đường."),
        ("vi", "Trên Quốc lộ 12/5, xe đông."),
        ("vi", "Hội đàm định kỳ quý 4/2025 có 20 người dự."),
        ("vi", "Theo Nghị định số 12/2024 của Chính phủ."),
        ("vi", "Theo Nghị định 12/2024/NĐ-CP của Chính phủ."),
        ("vi", "Đội thắng với tỷ số 3-2 trước đội bạn."),
        ("vi", "Giải có 24/27 đội dự."),
        ("vi", "Đạt 10/12 chỉ tiêu đề ra."),
        ("vi", "Khoảng 5-10 kg gạo."),
        ("vi", "Ngày 31/2/2024 không có."),
        ("vi", "Ngày 30/02/2023 không có."),
        ("vi", "Chia 3/4 số quà."),
        ("en", "Version 3.11 came out."),
        ("en", "They may go on."),
        ("en", "Feb 30, 2024 is no day."),
    ],
)
def test_no_date(language: str, text: str) -> None:
    found = [DateContext("2024-06-01").resolve(e) for e in find_dates(text, language) if e.role == "event"]
    assert [date for date in found if date.start] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("vi", "Theo Hiệp định ký ngày 11/5/2001, hai bên cùng quản lý."),
        ("vi", "Nhân kỷ niệm ngày truyền thống lực lượng (3/3/1959 - 3/3/2019), đoàn sang thăm."),
        ("vi", "Ông sinh ngày 2/9/1960."),
        ("vi", "Trường thành lập ngày 15/8/1995."),
        ("vi", "Quan hệ ngoại giao 5/9/1962 là mốc son."),
        ("vi", "Kể từ ngày 1/7/2020, cửa khẩu đóng."),
        ("vi", "Theo biên bản ghi nhớ mà hai bên ký tại Hà Nội ngày 11/5/2023, hai đồn cùng tuần tra."),
        ("en", "They patrol under a memorandum signed between the two ministries in December 2015."),
        # ends of what has begun at another time
        ("vi", "Lớp học kéo dài đến ngày 5/9/2023."),
        ("vi", "Đợt cao điểm kéo dài tới hết tháng 9/2023."),
        ("en", "The course lasts until September 5, 2023."),
        ("en", "The school, founded on August 15, 1995, reopened."),
        ("en", "The protocol signed on 5 March 2001 still holds."),
        ("en", "The driver, born on 5 March 1990, was let go."),
    ],
)
def test_bases_are_found_but_date_nothing(language: str, text: str) -> None:
    roles = {expression.role for expression in find_dates(text, language)}
    assert roles == {"base"}


def test_signed_without_a_year_is_news() -> None:
    (expression,) = find_dates("Hai bên ký ngày 29/10 tại trạm.", "vi")
    assert expression.role == "event"


@pytest.mark.parametrize(
    ("published", "future", "start"),
    [
        ("2024-09-10", False, "2024-05-20"),
        ("2024-09-10", True, "2025-05-20"),
        ("2024-05-01", True, "2024-05-20"),
        ("2024-01-05", False, "2023-05-20"),
    ],
)
def test_words_that_look_ahead_choose_the_year(published: str, future: bool, start: str) -> None:
    (expression,) = find_dates("Ngày 20/5, hai bên gặp.", "vi")
    assert DateContext(published).resolve(expression, future=future).start == start


def test_a_leap_day_needs_a_leap_year() -> None:
    (expression,) = find_dates("Ngày 29/2, hai bên gặp.", "vi")
    assert DateContext("2024-03-01").resolve(expression).start == "2024-02-29"
    assert DateContext("2022").resolve(expression).start is None


def _resolved(text: str) -> list[str | None]:
    expressions = find_dates(text, "vi")
    years = years_of_text(text, expressions, [(s.start, s.end) for s in split_sentences(text)])
    context = DateContext(None, years)
    return [context.resolve(expression).start for expression in expressions if expression.role == "event"]


def test_the_text_may_fix_the_year() -> None:
    assert _resolved("Năm 2023, mưa nhiều. Ngày 5/9, hai bên gặp.") == [None]
    assert _resolved("Ngày 5/9 năm ấy, tức năm 2023, hai bên gặp.") == ["2023-09-05"]
    assert _resolved("Ngày 4/9/2023, họ đến. Ngày 5/9, hai bên gặp.") == ["2023-09-04", "2023-09-05"]
    assert _resolved("Ngày 3/9, họ đi. Ngày 4/9/2023, họ đến.") == [None, "2023-09-04"]
    assert _resolved("Giai đoạn từ năm 2020 đến nay, ngày 5/9 nào cũng họp.") == [None]


def test_where_a_date_was_taken_from() -> None:
    (full,) = find_dates("Ngày 5/9/2023, hai bên gặp.", "vi")
    (bare,) = find_dates("Ngày 5/9, hai bên gặp.", "vi")
    (relative,) = find_dates("Hôm nay, hai bên gặp.", "vi")
    context = DateContext("2023-09-06")
    assert [context.resolve(e).source for e in (full, bare, relative)] == ["text", "published", "relative to published"]
    assert DateContext(None).resolve(bare).source == "no year"


_PIECES = [
    "ngày ", "Ngày ", "từ ", "đến ", "tháng ", "năm ", "sáng ", "3", "5", "12", "31", "29", "2", "/", "-", ".", " ", ", ", "2024", "1999", "2023",
    "hôm qua", "thứ hai", "March ", "May ", "June", "of ", "ວັນທີ ", "ມີນາ", "ເດືອນ", "ປີ ", "mốc ", "ký ", "(", ")", "\n", "Ế",
]  # fmt: skip
_TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(_PIECES), max_size=16).map("".join))


@settings(max_examples=400, deadline=None)
@given(
    _TEXTS, st.sampled_from(["vi", "en", "lo", "th"]), st.sampled_from([None, "2024", "2024-02", "2024-02-29", "2023-12-31"]), st.booleans()
)
def test_any_text_is_read_with_exact_spans(text: str, language: str, published: str | None, future: bool) -> None:
    expressions = find_dates(text, language)
    years = years_of_text(text, expressions, [(s.start, s.end) for s in split_sentences(text)])
    context = DateContext(published, years)
    at = 0
    for expression in expressions:
        assert expression.start >= at
        at = expression.end
        assert text[expression.start : expression.end] == expression.text
        assert expression.text.strip()
        resolved = context.resolve(expression, future=future)
        assert (resolved.start is None) == (resolved.end is None) == (resolved.precision is None)
        if resolved.start and resolved.end and resolved.precision == "day":
            first, last = datetime.date.fromisoformat(resolved.start), datetime.date.fromisoformat(resolved.end)
            assert first <= last or expression.first[2] or expression.last[0]
        if resolved.precision == "month":
            datetime.date.fromisoformat(f"{resolved.start}-01")


@pytest.mark.parametrize(
    ("text", "occasion", "month", "year"),
    [
        ("Đoàn chúc Tết Nguyên đán Ất Tỵ 2025.", Occasion("new year", 2025), 12, 2024),
        ("Đoàn chúc Tết Nguyên đán Ất Tỵ 2025.", Occasion("new year", 2025), 1, 2025),
        ("Quà cho năm học 2023-2024.", Occasion("school year", 2023), 11, 2023),
        ("Quà cho năm học 2023-2024.", Occasion("school year", 2023), 5, 2024),
        ("Mừng Quốc khánh (2/9/1945 - 2/9/2025).", Occasion("anniversary", 2025), 8, 2025),
    ],
)
def test_an_occasion_fixes_the_year_of_a_day(text: str, occasion: Occasion, month: int, year: int) -> None:
    assert occasion_of_text(text) == occasion
    assert occasion.year_of(month) == year


def test_a_period_or_a_bare_year_is_no_occasion() -> None:
    assert occasion_of_text("Giai đoạn 2022 - 2025, hai bên họp Tết hằng năm; năm 2024 có 3 vụ.") is None


def _main_date(text: str, published: str | None) -> str | None:
    reports = tag_article(article_from_text(text, article_id="x", published=published, language="vi")).reports
    assert reports
    return reports[0].date_start


@pytest.mark.parametrize(
    ("text", "published", "date"),
    [
        ("Sáng 15/1, Công an tỉnh Nghệ An đón đoàn Công an tỉnh Xiêng Khoảng (Lào) sang chúc Tết Nguyên đán 2025.", None, "2025-01-15"),
        ("Công an tỉnh Nghệ An và Công an tỉnh Xiêng Khoảng (Lào) vừa hội đàm. Công an tỉnh Nghệ An loan tin ngày 20/10.", "2025-10-21", None),
        ("Công an tỉnh Nghệ An ngày 20/10 cho hay vừa hội đàm với Công an tỉnh Xiêng Khoảng (Lào).", "2025-10-21", None),
        ("Công an tỉnh Nghệ An cho biết, ngày 20/10, đơn vị hội đàm với Công an tỉnh Xiêng Khoảng (Lào).", "2025-10-21", "2025-10-20"),
        ("Trung tâm thứ hai do Công an tỉnh Nghệ An tặng Công an tỉnh Xiêng Khoảng (Lào) đã được bàn giao.", "2025-10-21", None),
        ("Công an tỉnh Nghệ An hội đàm với Công an tỉnh Xiêng Khoảng (Lào), nhắc Hiệp ước hữu nghị ngày 18/7/1977.", "2023-12-05", None),
        ("Công an tỉnh Nghệ An hội đàm với Công an tỉnh Xiêng Khoảng (Lào), nối lần gặp ngày 13/6/2018.", "2022-11-23", None),
    ],
)  # fmt: skip
def test_the_main_event_has_no_day_of_telling_or_of_long_ago(text: str, published: str | None, date: str | None) -> None:
    assert _main_date(text, published) == date
