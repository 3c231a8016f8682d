"""Months and years that date what lies further back or ahead: "năm 2019", "last year", "cuối tháng 11", "in early May".

News gives the day of what it reports, and a month or a year of what it looks back at or announces. A period therefore dates background and plans only, never
what has just happened (`extractors.events`). "Trong năm qua" and "some months ago" are none (annotation guide, decided questions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.dates import DateContext, DateExpression, ResolvedDate
from extractors.sentences import Sentence

_MONTHS_EN = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_WRITTEN = r"(?:19|20)\d\d"
_YEARS = re.compile(
    r"(?<!\w)(?:(?P<since>(?:kể )?từ|since)\s(?:năm\s)?|(?:năm|giai đoạn|in|during|for|from|between|of)\s|ປີ\s?)"
    rf"(?P<first>{_WRITTEN})(?P<rest>\s?(?:[-–]|đến(?: hết)?(?: năm)?|tới(?: năm)?|và|to|and|until)\s?(?P<last>{_WRITTEN}))?(?![\d/])"
)
_MONTH = re.compile(
    r"(?<!\w)(?:(?P<from>từ )|(?:đầu|cuối|giữa|trong|hồi|vào|(?:trung|thượng|hạ) tuần) )?tháng (?P<number>0?[1-9]|1[0-2])(?![\w/.-]|\s(?:năm\s)?\d)"
    rf"|(?<!\w)(?:(?P<since>since )|in |early |late |mid-|last |next |of |until |this )(?P<name>{'|'.join(_MONTHS_EN)})(?!\w|,?\s\d)"
)
_RELATIVE = re.compile(
    r"(?<!\w)(?:năm (?:ngoái|nay|sau|tới|kia)|sang năm|tháng (?:trước|này|tới|sau)|(?:last|this|next) (?:year|month))(?!\w)"
)
# Years or months from publication.
_STEPS = {"ngoái": -1, "kia": -2, "nay": 0, "này": 0, "sau": 1, "tới": 1, "sang": 1, "trước": -1, "last": -1, "this": 0, "next": 1}


@dataclass(frozen=True, slots=True)
class Period:
    """A month or a year as written at `start:end` of the text, and what it means."""

    start: int
    end: int
    date: ResolvedDate


def period_near(text: str, sentence: Sentence, at: int, context: DateContext, *, future: bool = False) -> tuple[ResolvedDate, str] | None:
    """The period of a sentence that stands nearest before `at`, else nearest behind it, with its words. `future`: what is told lies ahead."""
    lower = text[sentence.start : sentence.end].lower()
    if len(lower) != sentence.end - sentence.start:
        return None  # a letter whose small form is longer: offsets would be those of another text
    found = sorted(
        (period for period in _periods(lower, context, future) if future or not _ahead(period, context)), key=lambda period: period.start
    )
    before = [period for period in found if period.end <= at - sentence.start]
    best = before[-1] if before else next(iter(found), None)
    return None if best is None else (best.date, text[sentence.start + best.start : sentence.start + best.end])


def _ahead(period: Period, context: DateContext) -> bool:
    """Whether a period begins after publication: nothing can be looked back at there."""
    start, published = period.date.start or "", context.published or "9"
    shared = min(len(start), len(published))
    return start[:shared] > published[:shared]


def _periods(lower: str, context: DateContext, future: bool) -> Iterator[Period]:
    for match in _YEARS.finditer(lower):
        last = None if match["since"] and not match["rest"] else match["last"] or match["first"]
        yield Period(match.start(), match.end(), ResolvedDate(match["first"], last, "year", "text"))
    for match in _MONTH.finditer(lower):
        number = int(match["number"]) if match["number"] else _MONTHS_EN.index(match["name"]) + 1
        written = (None, number, None)
        date = context.resolve(DateExpression(match.start(), match.end(), match.group(), written, written), future=future)
        if date.start:
            yield Period(match.start(), match.end(), _open(date) if match["from"] or match["since"] else date)
    for match in _RELATIVE.finditer(lower):
        if told := _relative(match.group(), context.published):
            yield Period(match.start(), match.end(), told)


def _open(date: ResolvedDate) -> ResolvedDate:
    return ResolvedDate(date.start, None, date.precision, date.source)


def _relative(words: str, published: str | None) -> ResolvedDate | None:
    """The year or month that lies so many from publication; None where that is not known to the month or year."""
    step = next(step for word, step in _STEPS.items() if word in words.split())
    if "năm" in words or "year" in words:
        value = str(int(published[:4]) + step) if published else None
        return ResolvedDate(value, value, "year", "relative to published") if value else None
    if published is None or len(published) < 7:
        return None
    months = int(published[:4]) * 12 + int(published[5:7]) - 1 + step
    value = f"{months // 12:04d}-{months % 12 + 1:02d}"
    return ResolvedDate(value, value, "month", "relative to published")
