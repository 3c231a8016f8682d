"""Dates in prose: an own grammar for Vietnamese, English and Lao.

`find_dates` gives every date expression with its span and what it says; `DateContext` turns a day and month without a year into a date, from the
publish date or from a year that the text fixes. Not dates of anything reported: markers (mốc 229/12), decrees and case codes, bases of agreements
("ký ngày 11/5/2001"), birth years, anniversaries ("60 năm ... 3/3/1959"); they are found with `role="base"` so that callers can see why one was passed over.
Day comes before month. `3-5/7` is a range of days, `30-5` a day and month.
"""

from __future__ import annotations

import calendar
import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from extractors.anchored import matches_at, openings, starts_of
from extractors.date_bases import is_base
from extractors.normalise import lower_case
from extractors.records import Precision
from extractors.years import Occasion

Role = Literal["event", "base"]

_MONTHS_EN = {name: number for number, names in enumerate(
    ["january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug", "september sept sep", "october oct", "november nov", "december dec"], 1
) for name in names.split()}  # fmt: skip
_MONTHS_LO = {
    "ມັງກອນ": 1, "ກຸມພາ": 2, "ມີນາ": 3, "ເມສາ": 4, "ພຶດສະພາ": 5, "ມິຖຸນາ": 6, "ກໍລະກົດ": 7, "ສິງຫາ": 8, "ກັນຍາ": 9, "ຕຸລາ": 10, "ພະຈິກ": 11, "ທັນວາ": 12,
}  # fmt: skip
_MONTHS_VI = {name: number for number, name in enumerate(["một", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"], 1)} | {
    "giêng": 1,
    "mười một": 11,
    "mười hai": 12,
    "chạp": 12,
}

_SEP = r"\s?[-–—]\s?"
_YEAR = r"(?P<{0}>(?:19|20)\d\d)"
_CUE_VI = (
    r"(?P<cue>(?:(?:từ|trong|các|vào|hôm|sáng|trưa|chiều|tối|đêm|rạng sáng|sáng nay|chiều nay|tối nay|hôm nay|trong hai|trong 2|trong các|kể từ|đến|tới|đến hết|hết|và|cuối)"
    r"[,\s(]+(?:qua,?\s+|sáng\s+|chiều\s+|tối\s+)?)*(?:các\s+)?(?:ngày|hôm|mùng|mồng|sáng|trưa|chiều|tối|đêm|rạng sáng|sáng nay|chiều nay|tối nay|hôm nay|hôm qua|vào|đến|tới)[,\s(]+(?:ngày\s+)?(?:mùng\s+|mồng\s+)?)"
)
_D = r"(?P<{0}>0?[1-9]|[12]\d|3[01])"
_M = r"(?P<{0}>0?[1-9]|1[0-2])"
_JOIN = r"\s?(?:[-–—]|đến(?: hết)?(?: ngày)?|tới(?: ngày)?|và(?: ngày)?|,)\s?"

_VI = [
    # ngày 24 tháng 12 năm 2024; ngày 3 đến 5 tháng 7
    ("words", re.compile(
        rf"(?<![\w/.-])(?:{_D.format('d1')}(?:{_JOIN}))?{_D.format('d2')}\s+tháng\s+(?P<m2>\d{{1,2}}|giêng|chạp|mười một|mười hai|một|hai|ba|tư|năm|sáu|bảy|tám|chín|mười)"
        rf"(?:(?:\s+năm\s+|/|-|\s){_YEAR.format('y2')})?(?![\w/])", re.I)),
    # 24/12/2024, 24-12-2024, 24.12.2024; 10/9/2019 - 11/9/2019
    ("full", re.compile(
        rf"(?<![\w/.,:-]){_D.format('d1')}(?P<s1>[/.-]){_M.format('m1')}(?:(?P=s1){_YEAR.format('y1')})?{_JOIN}{_D.format('d2')}(?P<s2>[/.-]){_M.format('m2')}(?P=s2){_YEAR.format('y2')}(?![\d/])"
        rf"|(?<![\w/.,:-])(?:{_D.format('d3')}{_JOIN})?{_D.format('d4')}(?P<s4>[/.-]){_M.format('m4')}(?P=s4){_YEAR.format('y4')}(?![\d/])")),
    # 28/10 - 31/10; 3-5/7; 24/12; 30-5; 8.12
    ("short", re.compile(
        rf"(?<![\w/.,:-]){_D.format('d1')}(?P<s1>[/.]){_M.format('m1')}{_JOIN}{_D.format('d2')}(?P=s1){_M.format('m2')}(?![\w/%]|[.,]\d)"
        rf"|(?<![\w/.,:-]){_D.format('d3')}{_JOIN}{_D.format('d4')}(?P<s4>[/.]|-(?!\d{{3}})){_M.format('m4')}(?![\w/%]|[.,]\d|-\d)"
        rf"|(?<![\w/.,:-]){_D.format('d5')}(?P<s5>[/.-]){_M.format('m5')}(?![\w/%]|[.,]\d|-\d)")),
    ("month", re.compile(rf"(?<!\w)tháng\s+(?P<m2>0?[1-9]|1[0-2])(?:\s?[/.-]\s?|\s+năm\s+|\s){_YEAR.format('y2')}(?![\d/])", re.I)),
    # kể từ 6/2019
    ("slash_month", re.compile(rf"(?<![\w/.,:-]){_M.format('m2')}/{_YEAR.format('y2')}(?![\w/-])")),
]  # fmt: skip
_MON = "(?:" + "|".join(sorted(_MONTHS_EN, key=len, reverse=True)) + r")\b\.?"
_EN = [
    ("en_md", re.compile(
        rf"(?<!\w)(?P<m1>{_MON})\s+{_D.format('d1')}(?:st|nd|rd|th)?(?:\s?(?:[-–—]|to|and|until|through)\s?(?:(?P<m2>{_MON})\s+)?{_D.format('d2')}(?:st|nd|rd|th)?)?(?!\d)(?:,?\s+{_YEAR.format('y2')})?", re.I)),
    ("en_dm", re.compile(
        rf"(?<![\w/.-]){_D.format('d1')}(?:st|nd|rd|th)?(?:\s?(?:[-–—]|to|and|until)\s?{_D.format('d2')}(?:st|nd|rd|th)?)?\s+(?:of\s+)?(?P<m1>{_MON})(?:,?\s+{_YEAR.format('y2')})?", re.I)),
    ("en_month", re.compile(rf"(?<!\w)(?P<m2>{_MON})\s+{_YEAR.format('y2')}", re.I)),
]  # fmt: skip
_MON_LO = "(?:" + "|".join(_MONTHS_LO) + ")"
_LO = [
    ("lo_words", re.compile(
        rf"(?<!\d)(?:{_D.format('d1')}\s?(?:[-–—]|ຫາ|ເຖິງ|ແລະ)\s?(?:ວັນທີ\s?)?)?{_D.format('d2')}\s?(?:ເດືອນ\s?)?(?P<m2>{_MON_LO})(?:\s?(?:ປີ\s?)?{_YEAR.format('y2')})?")),
    ("lo_month", re.compile(rf"ເດືອນ\s?(?P<m2>{_MON_LO})\s?(?:ປີ\s?)?{_YEAR.format('y2')}")),
]  # fmt: skip

# Patterns that match nowhere but at the first digit of a number: their lookbehind refuses a digit before.
_NUMBER = re.compile("[0-9]+")
_OPEN_WITH_DAY = frozenset({"words", "full", "short", "slash_month", "en_dm", "lo_words"})
# For the others: words one of which must be there, in lower case. Looking for them is much cheaper than the pattern.
_OPEN_WITH: dict[str, Sequence[str]] = {
    "month": ("tháng",),
    "en_md": ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    "en_month": ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    "lo_month": ("ເດືອນ",),
}
_RELATIVE_OPENS = openings(
    f"{word}{following}"
    for words, followed in (
        (("sáng", "chiều", "tối", "trưa", "hôm"), (" nay", " qua", " hôm thứ ", " thứ ")),
        (("thứ ", "today", "yesterday", "this morning", "this afternoon"), ("",)),
        (("on ",), ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")),
        (("ມື້",), ("ນີ້", "ວານ")),
    )
    for word in words
    for following in followed
)

# Patterns over what stands before a date read lower-case text, which is three times as fast as ignoring case.
_CUE = re.compile(_CUE_VI + "$")
_SHORT_CUE = re.compile(_CUE_VI + r"$|(?:^|[\s(,;])(?P<cue2>từ|lúc|hồi|vào|và|-|đến|nay|qua)[,\s(]*$|[(]$")
_DAY_WORD = re.compile(r"(?:ngày|hôm|mùng|mồng|sáng|trưa|chiều|tối|đêm)\s$")
_NOT_A_DATE = re.compile(
    r"(?:mốc|cột mốc|số|điều|khoản|quốc lộ|ql|km|đường|tỷ số|tỉ số|tỷ lệ|tỉ lệ|nghị quyết|chỉ thị|quyết định|kế hoạch|thông tư|nghị định|marker|no\.?|km)\s*(?:số\s*)?[\w/ ,-]{0,8}$"
)
_RELATIVE = re.compile(
    r"(?<!\w)(?:(?P<today>sáng nay|chiều nay|tối nay|trưa nay|hôm nay|today|this morning|this afternoon)|(?P<yesterday>hôm qua|(?:sáng|chiều|tối) qua|yesterday)"
    r"|(?P<weekday>(?:sáng |chiều |tối )?(?:hôm )?(?<!lần )(?<!ngày )thứ (?:hai|ba|tư|năm|sáu|bảy)(?! (?:trưởng|nhất|hai|ba))|on (?:mon|tues|wednes|thurs|fri|satur|sun)day))(?!\w)"
    r"|(?P<lo_today>ມື້ນີ້)|(?P<lo_yesterday>ມື້ວານ(?:ນີ້)?)", re.I
)  # fmt: skip
# "vào thứ hai", ", thứ hai": a day; "trung tâm thứ hai" is the second one.
_WEEKDAY_BEFORE = re.compile(r"(?:^|[.,;:(\n–-]|(?<!\w)(?:vào|trong|từ|đến|tới|ngày|hôm|sáng|chiều|tối))\s*$")
_WEEKDAYS = {
    "hai": 0,
    "ba": 1,
    "tư": 2,
    "năm": 3,
    "sáu": 4,
    "bảy": 5,
    "monday": 0,
    "tuesday": 1,
    "wednesday": 2,
    "thursday": 3,
    "friday": 4,
    "saturday": 5,
    "sunday": 6,
}


@dataclass(frozen=True, slots=True)
class DateExpression:
    """A date as written at `start:end`. Days and months are numbers or None; `year` is None when not written."""

    start: int
    end: int
    text: str
    first: tuple[int | None, int | None, int | None]  # day, month, year
    last: tuple[int | None, int | None, int | None]
    role: Role = "event"
    relative: str | None = None


@dataclass(frozen=True, slots=True)
class ResolvedDate:
    """`start` and `end` cut to `precision`; both None when no year could be told (the expression then stays text only)."""

    start: str | None
    end: str | None
    precision: Precision | None
    source: str


def find_dates(text: str, language: str) -> list[DateExpression]:
    """Date expressions in order of appearance, not overlapping."""
    patterns = {"vi": _VI, "en": [*_EN, *_VI[1:2]], "lo": [*_LO, *_VI[1:3]]}.get(language, [*_VI, *_EN])
    found: list[DateExpression] = []
    lower = lower_case(text)
    numbers = [run.span() for run in _NUMBER.finditer(text)]
    days = [start for start, end in numbers if end - start <= 2]
    for name, pattern in patterns:
        if not numbers:
            break  # all of them hold a day or a year in digits
        for match in matches_at(pattern, text, days) if name in _OPEN_WITH_DAY else _gated(name, pattern, text, lower):
            expression = _read(name, match, text, lower, language)
            if expression and not _overlaps(found, expression.start, expression.end):
                insort(found, expression, key=lambda other: other.start)
    relative: list[DateExpression] = []
    for match in matches_at(_RELATIVE, text, starts_of(_RELATIVE_OPENS, lower)):
        ordinal = (
            match.lastgroup == "weekday"
            and lower.startswith("thứ", match.start())
            and not _WEEKDAY_BEFORE.search(lower, max(0, match.start() - 12), match.start())
        )
        if not ordinal and not _overlaps(found, match.start(), match.end() + 12):
            relative.append(
                DateExpression(match.start(), match.end(), match.group(), (None, None, None), (None, None, None), relative=match.lastgroup)
            )
    return sorted([*found, *relative], key=lambda expression: expression.start)


def _gated(name: str, pattern: re.Pattern[str], text: str, lower: str) -> Iterable[re.Match[str]]:
    """The matches of a pattern that opens with a month; none without looking when no month is named."""
    if not any(word in lower for word in _OPEN_WITH[name]):
        return ()
    return pattern.finditer(text)


def _overlaps(found: list[DateExpression], start: int, end: int) -> bool:
    """Whether one of `found`, which are in order and apart, shares text with `start:end`."""
    at = bisect_left(found, end, key=lambda other: other.start)
    return at > 0 and found[at - 1].end > start


def _read(name: str, match: re.Match[str], text: str, lower: str, language: str) -> DateExpression | None:
    g = match.groupdict()
    before = lower[max(0, match.start() - 70) : match.start()]
    first, last = _numbers(name, g)
    day, month, _ = last
    if month is None or not 1 <= month <= 12:
        return None
    if name == "short" and language == "vi":
        separator = g.get("s1") or g.get("s4") or g.get("s5")
        if not _DAY_WORD.search(before) and (_NOT_A_DATE.search(before) or _followed_by_unit(text, match.end())):
            return None
        # A slash between a day and a month needs no cue; a hyphen or a point could be a score, a range, a decimal.
        if (
            separator != "/"
            and not _SHORT_CUE.search(before)
            and not (before.endswith(", ") and text[match.end() : match.end() + 1] in (":", ","))
        ):
            return None
    if name == "slash_month" and (_NOT_A_DATE.search(before) or before.endswith(("quý ", "khóa ", "khoá ", "đợt ", "kỳ "))):
        return None
    if name in ("words", "full", "short", "lo_words") and day is not None and not _exists(last):
        return None
    start = match.start()
    cue = _CUE.search(before) if language == "vi" else None
    if cue:
        start -= len(cue.group())
        start += len(text[start : match.start()]) - len(text[start : match.start()].lstrip(" ,("))
    role: Role = "base" if is_base(text, lower, start, match.span(), dated=last[2] is not None, cued=cue is not None) else "event"
    return DateExpression(start, match.end(), text[start : match.end()], first, last, role)


def _numbers(
    name: str, g: dict[str, str | None]
) -> tuple[tuple[int | None, int | None, int | None], tuple[int | None, int | None, int | None]]:
    def number(key: str) -> int | None:
        value = g.get(key)
        return int(value) if value else None

    if name in ("words", "lo_words"):
        month_word = (g["m2"] or "").lower()
        month = int(month_word) if month_word.isdigit() else _MONTHS_VI.get(month_word) or _MONTHS_LO.get(month_word)
        last = (number("d2"), month, number("y2"))
        return (number("d1") or last[0], month, last[2]), last
    if name in ("month", "slash_month", "lo_month", "en_month"):
        word = (g["m2"] or "").lower().rstrip(".")
        last = (None, int(word) if word.isdigit() else _MONTHS_EN.get(word) or _MONTHS_LO.get(word), number("y2"))
        return last, last
    if name in ("en_md", "en_dm"):
        month1 = _MONTHS_EN[(g["m1"] or "").lower().rstrip(".")]
        month2 = _MONTHS_EN[(g.get("m2") or g["m1"] or "").lower().rstrip(".")]
        return (number("d1"), month1, None), (number("d2") or number("d1"), month2, number("y2"))
    if g.get("d1"):
        return (number("d1"), number("m1"), number("y1")), (number("d2"), number("m2"), number("y2"))
    if g.get("d4"):
        last = (number("d4"), number("m4"), number("y4"))
        return (number("d3") or last[0], last[1], last[2]), last
    single = (number("d5"), number("m5"), None)
    return single, single


def _exists(last: tuple[int | None, int | None, int | None]) -> bool:
    day, month, year = last
    return day is None or month is None or day <= calendar.monthrange(year or 2024, month)[1]


def _followed_by_unit(text: str, end: int) -> bool:
    return bool(
        re.match(
            r"\s?(?:%|kg|tấn|km|ha|m2|người|phiếu|xã|huyện|tỉnh|thành viên|đại biểu|đơn vị|chỉ tiêu|bản|hộ|học sinh|cán bộ|số)\b",
            text[end : end + 14],
        )
    )


# Days ahead of publication at which a date without a year is still taken for this year's.
_ANNOUNCED = 30


@dataclass(frozen=True, slots=True)
class DateContext:
    """What is known of the time of a text: its publish date (`YYYY[-MM[-DD]]` or None), and the years that the text itself fixes.

    `years` are stretches of the text (start, end, year): a sentence that names its year, or everything behind a full date. The `occasion` counts where
    neither tells the year.
    """

    published: str | None
    years: tuple[tuple[int, int, int], ...] = ()
    occasion: Occasion | None = None

    def resolve(self, expression: DateExpression, *, future: bool = False) -> ResolvedDate:
        """The date an expression means. `future` is set where the words around it look ahead ("sẽ", "tới")."""
        if expression.relative:
            return self._relative(expression)
        first, last = expression.first, expression.last
        year, source = last[2] or first[2], "text"
        if year is None:
            year, source = self._year_of(expression, future)
        if year is None:
            return ResolvedDate(None, None, None, "no year")
        start_year = first[2] or year
        if first[2] is None and first[1] and last[1] and first[1] > last[1]:
            start_year -= 1  # 30/12 - 2/1
        start, end = _iso(first, start_year), _iso(last, year)
        if start is None or end is None:
            return ResolvedDate(None, None, None, "no such day")
        return ResolvedDate(start, end, "day" if len(start) == 10 else "month", source)

    def is_long_past(self, expression: DateExpression) -> bool:
        """Whether a written year lies more than a calendar year before publication: news looks back at it."""
        year = expression.last[2] or expression.first[2]
        return year is not None and self.published is not None and year < int(self.published[:4]) - 1

    def lies_ahead(self, resolved: ResolvedDate) -> bool:
        """Whether a date begins after publication, by more than the day in which time zones differ; False where either is unknown.

        A date without a year must be near, else another year may be meant.
        """
        if resolved.start is None or self.published is None or len(self.published) < 7:
            return False
        if len(resolved.start) < 10 or len(self.published) < 10:
            return resolved.start[:7] > self.published[:7]
        days = (date.fromisoformat(resolved.start) - date.fromisoformat(self.published[:10])).days
        return 1 < days <= _ANNOUNCED or (days > 1 and resolved.source == "text")

    def _year_of(self, expression: DateExpression, future: bool) -> tuple[int | None, str]:
        day, month, _ = expression.last
        if self.published is None:
            # sentences that name a year stand in order; the stretch behind a full date comes last
            at = bisect_right(self.years, expression.start, hi=max(len(self.years) - 1, 0), key=lambda stretch: stretch[0])
            near = [self.years[index] for index in (at - 1, len(self.years) - 1) if 0 <= index < len(self.years)]
            year = next((year for start, end, year in near if start <= expression.start < end), None)
            if year is None and self.occasion and month:
                year = self.occasion.year_of(month)
            return year, "year in text"
        published_year = int(self.published[:4])
        if len(self.published) < 7:
            return published_year, "published"
        # The year that brings the day nearest to publication: news is seldom older than half a year or announced further ahead.
        anchor = date(published_year, int(self.published[5:7]), int(self.published[8:10]) if len(self.published) >= 10 else 15)
        candidates: list[tuple[int, int]] = []
        for year in (published_year - 1, published_year, published_year + 1):
            try:
                distance = (date(year, month or 1, day or 15) - anchor).days
            except ValueError:
                continue
            cost = abs(distance)
            slack = 2 if len(self.published) >= 10 else 20
            if (distance > slack and not future) or (distance < -slack and future):
                cost += 200  # a past event lies behind the article, a planned one ahead
            candidates.append((cost, year))
        return (min(candidates)[1], "published") if candidates else (None, "no year")

    def _relative(self, expression: DateExpression) -> ResolvedDate:
        if self.published is None or len(self.published) < 10:
            return ResolvedDate(None, None, None, "no publish day")
        day = date.fromisoformat(self.published[:10])
        if expression.relative in ("yesterday", "lo_yesterday"):
            day -= timedelta(days=1)
        elif expression.relative == "weekday":
            wanted = next(number for word, number in _WEEKDAYS.items() if expression.text.lower().endswith(word))
            day -= timedelta(days=(day.weekday() - wanted) % 7)
        return ResolvedDate(day.isoformat(), day.isoformat(), "day", "relative to published")


def _iso(numbers: tuple[int | None, int | None, int | None], year: int) -> str | None:
    day, month, _ = numbers
    if month is None:
        return str(year)
    if day is None:
        return f"{year:04d}-{month:02d}"
    if day > calendar.monthrange(year, month)[1]:
        return None
    return f"{year:04d}-{month:02d}-{day:02d}"
