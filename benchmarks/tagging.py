"""Texts a second of the taggers on one core, in processor time, so that what else the machine does counts little."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from extractors.records import Article
from extractors.tagging import tag_article
from keoson.evaluation.gold import read_gold

SIZE = 2_000  # bytes of UTF-8: about 1,500 characters of Vietnamese
_GOLD = Path(__file__).parents[1] / "tests" / "gold" / "practice"
# News of one country, which is most of what a feed brings.
_DOMESTIC = "Sáng 12/9, UBND huyện Bình Xuyên tổ chức hội nghị tổng kết công tác khuyến học. Ông Nguyễn Văn Hòa, Chủ tịch UBND huyện, trao 20 suất học bổng, mỗi suất 1 triệu đồng, cho học sinh nghèo vượt khó của các xã.\n"


@dataclass(frozen=True, slots=True)
class Speed:
    """Texts of SIZE bytes a second: gold texts, nearly all of them about two countries, and news of one country."""

    stories: float
    domestic: float


def measure(count: int) -> Speed:
    """Tag `count` texts of each sort after as many that are not counted."""
    joined = "\n".join(item.text for item in read_gold(_GOLD) if item.lang == "vi")
    return Speed(_texts_a_second(_cut(joined, count)), _texts_a_second(_cut(_DOMESTIC * (count * SIZE // len(_DOMESTIC) + 1), count)))


def _cut(text: str, count: int) -> list[str]:
    """Texts of SIZE bytes; the source is gone through again where it ends."""
    data = text.encode()
    starts = (number * SIZE % max(len(data) - SIZE, 1) for number in range(count))
    return [data[start : start + SIZE].decode(errors="ignore") for start in starts]


def _texts_a_second(texts: Sequence[str]) -> float:
    articles = [Article(str(number), "", "bench", "", text, "vi") for number, text in enumerate(texts)]
    for article in articles:
        tag_article(article)
    began = time.process_time()
    for article in articles:
        tag_article(article)
    return len(articles) / (time.process_time() - began)
