"""Months and years that date background and plans."""

import pytest

from extractors.dates import DateContext
from extractors.periods import period_near
from extractors.sentences import Sentence
from extractors.tagging import tag_article
from extractors.textfile import article_from_text

_Dated = tuple[str | None, str | None, str]


def _period(text: str, published: str | None, *, at: int | None = None, future: bool = False) -> _Dated | None:
    sentence = Sentence(0, len(text), 0, "body")
    found = period_near(text, sentence, len(text) if at is None else at, DateContext(published), future=future)
    return None if found is None else (found[0].start, found[0].end, found[1])


@pytest.mark.parametrize(
    ("text", "published", "expected"),
    [
        ("Năm 2019, hai bên tuần tra 12 lần.", None, ("2019", "2019", "Năm 2019")),
        ("Giai đoạn 2016 - 2020, hai bên tuần tra 12 lần.", None, ("2016", "2020", "Giai đoạn 2016 - 2020")),
        ("Từ năm 2012 đến nay, tỉnh xây hai trường.", None, ("2012", None, "Từ năm 2012")),
        ("Từ năm 1999 đến hết năm 2016, đội đưa về 750 hài cốt.", None, ("1999", "2016", "Từ năm 1999 đến hết năm 2016")),
        ("Năm ngoái, hai bên tuần tra 12 lần.", "2024-03-05", ("2023", "2023", "Năm ngoái")),
        ("Hồi tháng 11, hai bên tuần tra.", "2024-03-05", ("2023-11", "2023-11", "Hồi tháng 11")),
        ("Từ tháng 2, hai bên tuần tra.", "2024-03-05", ("2024-02", None, "Từ tháng 2")),
        ("Tháng trước, hai bên tuần tra.", "2024-01", ("2023-12", "2023-12", "Tháng trước")),
        ("In 2019 they patrolled 12 times.", None, ("2019", "2019", "In 2019")),
        ("Since 2002 the province has trained 1,250 students.", None, ("2002", None, "Since 2002")),
        ("Last year they patrolled 12 times.", "2024-03-05", ("2023", "2023", "Last year")),
        ("They patrolled in early November.", "2024-03-05", ("2023-11", "2023-11", "early November")),
        ("ປີ 2019 ສອງຝ່າຍລາດຕະເວນ.", None, ("2019", "2019", "ປີ 2019")),
        # nothing that a reader could date
        ("Trong năm qua, hai bên tuần tra 12 lần.", "2024-03-05", None),
        ("Last year they patrolled 12 times.", None, None),
        ("Tháng trước, hai bên tuần tra.", "2024", None),
        ("In November they patrolled.", None, None),
        ("Some may patrol.", "2024-03-05", None),
        # what lies ahead is nothing that news looks back at
        ("Kế hoạch năm 2026 đã có.", "2024-03-05", None),
    ],
)
def test_period(text: str, published: str | None, expected: _Dated | None) -> None:
    assert _period(text, published) == expected


def test_plans_lie_ahead() -> None:
    assert _period("Kỳ họp tới sẽ mở năm 2026.", "2024-03-05", future=True) == ("2026", "2026", "năm 2026")
    assert _period("They will meet in early November.", "2024-03-05", future=True) == ("2024-11", "2024-11", "early November")
    assert _period("Sang năm hai bên sẽ gặp.", "2024-03-05", future=True) == ("2025", "2025", "Sang năm")


def test_the_nearest_before_the_trigger_counts() -> None:
    text = "Năm 2018 hai bên gặp, năm 2019 hai bên tuần tra, năm 2020 nghỉ."
    assert _period(text, None, at=text.index("tuần tra")) == ("2019", "2019", "năm 2019")
    assert _period("Hai bên tuần tra năm 2019.", None, at=0) == ("2019", "2019", "năm 2019")


def test_background_has_its_year_and_news_none() -> None:
    text = (
        "Ngày 5/3/2024, Công an tỉnh Nghệ An và Công an tỉnh Hủa Phăn (Lào) tổ chức hội đàm về phòng, chống ma túy.\n"
        "Năm 2022, Công an tỉnh Nghệ An đã tặng Công an tỉnh Hủa Phăn 3 tấn gạo."
    )
    tags = tag_article(article_from_text(text, article_id="periods", published="2024-03-06", language="vi"))
    dated = {(report.type, report.status, report.date_start, report.date_precision) for report in tags.reports}
    assert dated == {("meeting", "occurred", "2024-03-05", "day"), ("aid", "background", "2022", "year")}
