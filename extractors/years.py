"""The years that a text itself fixes, for dates written without one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractors.dates import DateExpression

# "năm 2023" in the sentence of a date fixes its year; "từ năm 2000", "giai đoạn 2022 - 2025" tell of other times.
# The word comes first and what must not stand before it afterwards, because a pattern that opens with a letter is found much faster.
_YEAR_WORDS = ("năm", "year", "ປີ")
_OTHER_TIMES = "".join(f"(?<!{before} {word})" for before in ("từ", "Từ", "sau", "trước", "đến", "sinh") for word in _YEAR_WORDS)
_FIXED_YEAR = re.compile(rf"(?:{'|'.join(_YEAR_WORDS)}){_OTHER_TIMES}\s+((?:19|20)\d\d)(?!\s?[-–]\s?\d)")
# Occasions that news is about in their own weeks: new years, school years, and anniversaries with their first and their present day.
_NEW_YEAR = re.compile(
    r"(?:Tết|Xuân|Bunpimay|Bun ?Pi ?May|Chol Chnam Thmay|Chôl Chnăm Thmây|New Year)[^.;,\n\d]{0,30}\s(?P<year>20\d\d)(?![\d/-])", re.I
)
_SCHOOL_YEAR = re.compile(r"(?:năm học|school year|academic year|ສົກຮຽນ)\s(?P<year>20\d\d)\s?[-–/]\s?20\d\d", re.I)
_ANNIVERSARY = re.compile(r"(?P<day>\d{1,2}[/.-]\d{1,2})[/.-]19\d\d\s?[-–]\s?(?P=day)[/.-](?P<year>20\d\d)")
_SUMMER = 8  # the month in which a school year begins


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the text is about in its year: `kind` new year, school year or anniversary, with the year written (of a school year the first)."""

    kind: str
    year: int

    def year_of(self, month: int) -> int:
        """The year of a day in `month`: gifts for the new year of 2025 are given in December 2024, too."""
        if self.kind == "new year":
            return self.year - (month == 12)
        return self.year + (self.kind == "school year" and month < _SUMMER)


def occasion_of_text(text: str) -> Occasion | None:
    """The first occasion that the text names with its year."""
    for kind, pattern in (("anniversary", _ANNIVERSARY), ("new year", _NEW_YEAR), ("school year", _SCHOOL_YEAR)):
        if match := pattern.search(text):
            return Occasion(kind, int(match["year"]))
    return None


def years_of_text(
    text: str, expressions: Sequence[DateExpression], sentences: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int, int], ...]:
    """Stretches of `text` whose year is fixed: sentences that name one year first, then all that follows a full date of the story."""
    fixed: list[tuple[int, int, int]] = []
    for start, end in sentences:
        named = _FIXED_YEAR.search(text, start, end)
        if named:
            fixed.append((start, end, int(named[1])))
    first = next((e for e in expressions if e.last[2] and e.last[0] and e.role == "event"), None)
    if first and first.last[2]:
        fixed.append((first.start, len(text), first.last[2]))
    return tuple(fixed)
