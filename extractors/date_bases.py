"""Dates that date nothing reported: of legal bases, births, foundings and anniversaries, and ends whose beginning is not told."""

from __future__ import annotations

import re

from extractors.anchored import Ending

# Characters before a date in which its basis, its verb, or the words that make it an end are looked for.
_CLAUSE, _BASIS_BEFORE, _ANNIVERSARY_BEFORE, _VERB_BEFORE, _CUE_BEFORE = 60, 250, 90, 70, 30
_BASES = (
    r"ban hành|ra đời|thành lập|sinh|sn|ngày truyền thống[^.;]{0,40}|kỷ niệm[^.;]{0,60}| năm ngày(?<=\d năm ngày)[^.;]{0,60}|mươi năm ngày[^.;]{0,60}|quan hệ ngoại giao|gia hạn[^.;,]{0,20}"
    r"|hiệp định[^.;,]{0,60}|hiệp ước[^.;,]{0,60}|tính đến|treaty[^.;,]{0,40}|protocol[^.;,]{0,40}|treaties[^.;,]{0,40}|nghị định thư[^.;,]{0,50}|thỏa thuận số[^.;,]{0,40}"
    r"|chỉ thị[^.;,]{0,40}|kế hoạch số[^.;,]{0,40}|quyết định[^.;,]{0,40}|nghị quyết[^.;,]{0,50}|công văn[^.;,]{0,40}|kể từ (?!sáng|chiều|trưa|tối)|từ đầu năm|từ năm|since|established on|founded on|anniversary[^.;]{0,50}|born(?: on)?"
    r"|quốc khánh|ngày thành lập[^.;]{0,40}|ngày hội[^.;]{0,10}"
)  # fmt: skip
_BASE = Ending([_BASES], rf"(?:{_BASES})\s*(?:\w+\s+)?(?:vào\s+)?(?:ngày\s*)?\(?(?:ngày\s*)?$")
# "ký ngày 11/5/2001" is a legal basis; "ký ngày 29/10", without a year, is news.
_SIGNED = re.compile(r"(?:\bký(?: kết)?(?: tắt)?|signed(?: on)?|dated)\s*(?:vào\s+)?(?:ngày\s*)?$")
# "under a memorandum signed between A and B in December 2015", "theo biên bản hai bên ký tháng 12/2015"
_BASIS = re.compile(
    r"(?<!\w)(?:according to|under|in line with|in accordance with|pursuant to|based on|theo|căn cứ|thực hiện)\s[^.;]*(?<!\w)(?:signed|inked|ký|ký kết)\s[^.;]{0,90}$"
)
# "kéo dài đến tháng 10", "until November 3": the end of something whose beginning is not told.
_UNTIL = re.compile(r"(?<!\w)(?:đến|tới|until|till)\s(?:hết\s|tận\s)?(?:(?:ngày|mùng|mồng|tháng|hôm)\s)?$")
_FROM = re.compile(r"(?<!\w)(?:từ|from)\s[^.;]*$")


def is_base(text: str, lower: str, start: int, numbers: tuple[int, int], *, dated: bool, cued: bool) -> bool:
    """Whether the date at `start` dates no event. `numbers`: where its figures stand; `dated`: it has a year; `cued`: a word as "ngày" opens it.

    `lower` is the text in small letters of the same length.
    """
    at, end = numbers
    before = lower[max(0, at - _VERB_BEFORE) : at]
    if dated and (
        _SIGNED.search(before)
        or _BASIS.search(lower[max(0, start - _BASIS_BEFORE) : start])
        or (cued and _SIGNED.search(lower[max(0, start - _CUE_BEFORE) : start]))
    ):
        return True
    if _BASE.search(lower[max(0, start - _ANNIVERSARY_BEFORE) : start]) or (cued and _BASE.search(before)):
        return True
    clause = lower[max(0, start - _CLAUSE) : at]
    return (_UNTIL.search(clause) is not None and _FROM.search(clause) is None) or _in_life_span(text, at, end)


def _in_life_span(text: str, start: int, end: int) -> bool:
    """`(3/3/1959 - 3/3/2019)`: an anniversary in brackets."""
    inside = text[start - 1 : start] == "(" and text[end : end + 1] == ")"
    years = re.findall(r"(?:19|20)\d\d", text[start:end])
    tail = text[end : end + 16]
    return (inside and len(years) == 2 and years[0] != years[1]) or bool(
        re.match(r"\s?[-–]\s?\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d\)", tail)
    )
