"""Venues on the line between two states lie in no province; a venue on one side does."""

import pytest

from extractors.border_venues import venue_on_the_line
from extractors.tagging import read_article, tag_article
from extractors.textfile import article_from_text


@pytest.mark.parametrize(
    ("sentence", "venue"),
    [
        ("Hai đồn đi từ mốc 424 đến mốc 426 trong sáng nay.", "từ mốc 424 đến mốc 426"),
        ("Tổ tuần tra gặp nhau giữa cột mốc 318 và cột mốc 319.", "giữa cột mốc 318 và cột mốc 319"),
        ("Guards walked from marker 261/2 to marker 260+500.", "from marker 261/2 to marker 260+500"),
        ("Lễ công bố nâng cấp cặp cửa khẩu quốc tế Tân Nam - Meun Chey đã diễn ra.", "cặp cửa khẩu quốc tế Tân Nam - Meun Chey"),
        ("Đôi bên bấm nút khai trương cặp Trà Lĩnh (Việt Nam) - Long Bang (Trung Quốc).", "cặp Trà Lĩnh (Việt Nam) - Long Bang (Trung Quốc)"),
        ("Việc trao trả diễn ra tại vạch phân quản cầu Bắc Luân II, sáng 5/3.", "tại vạch phân quản cầu Bắc Luân II"),
        ("Hai tàu chạy song song trên vịnh Bắc Bộ hai ngày liền.", "vịnh Bắc Bộ"),
        ("The ministers met in the tri-border area on Sunday.", "tri-border area"),
        ("Hội đàm diễn ra tại cửa khẩu quốc tế Cầu Treo.", None),
        ("Đoàn dâng hương tại khu vực mốc 605.", None),
        ("Cặp vợ chồng từ Vinh sang Lào thăm con.", None),
    ],
)  # fmt: skip
def test_a_venue_on_the_line(sentence: str, venue: str | None) -> None:
    reading = read_article(article_from_text(sentence, article_id="line", published="2024-03-06", language=None))
    found = venue_on_the_line(reading, [0])
    assert (found.name if found else None) == venue
    assert found is None or (found.country, found.admin1) == (None, None)
    assert found is None or sentence[found.evidence.start : found.evidence.end] == found.evidence.quote


def test_only_the_sentences_that_tell_the_event_are_looked_at() -> None:
    text = "Hai bên ký biên bản tại Vinh. Tuần trước, họ đi từ mốc 424 đến mốc 426."
    reading = read_article(article_from_text(text, article_id="line", published="2024-03-06", language=None))
    assert venue_on_the_line(reading, [0]) is None
    assert venue_on_the_line(reading, [len(text) - 5]) is not None


def test_a_joint_patrol_from_marker_to_marker_lies_in_no_province() -> None:
    text = "Ngày 5/3, Đồn Biên phòng Lũng Cú (Hà Giang) và Trạm Biên phòng Đổng Cán (Vân Nam, Trung Quốc) tuần tra song phương từ mốc 424 đến mốc 426."
    main = tag_article(article_from_text(text, article_id="line", published="2024-03-06", language=None)).reports[0]
    assert main.type == "patrol"
    assert main.location is not None
    assert (main.location.name, main.location.admin1, main.location.country) == ("từ mốc 424 đến mốc 426", None, None)
