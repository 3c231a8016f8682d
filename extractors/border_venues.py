"""Venues on the line between two states, which lie in no province: stretches from marker to marker, pairs of gates, lines of demarcation, waters both share.

Annotation guide, section 6: the venue of such an event is named and has neither country nor province.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from extractors.reading import Reading
from extractors.records import Evidence, Location

_NUMBER = r"(?:số |No\. ?)?\d+(?:[/.+-]\d+|\(\d+\))*"
_MARKER = r"(?:cột )?mốc(?: (?:quốc giới|biên giới|giới))?"
_NAME = r"[^\W\d_][\w'’]*(?:\s[A-ZĐ][\w'’]*){0,3}(?:\s\([^()\n]{2,40}\))?"
_LINE = re.compile(
    rf"(?:từ|giữa) (?:khu vực )?(?:các )?{_MARKER} {_NUMBER} (?:đến|tới|và) (?:khu vực )?(?:{_MARKER} )?{_NUMBER}"
    rf"|(?:from |between |to )?(?:the )?(?:border )?markers? {_NUMBER} (?:to|and) (?:(?:border )?marker )?{_NUMBER}"
    rf"|(?:tại |trên |qua )?vạch (?:phân quản|phân định|phân giới|sơn phân quản)(?:[^,.;:\n]{{0,60}}?(?={{END}}))?"
    rf"|cặp (?:(?:cửa khẩu|chợ biên giới)(?: (?:quốc tế|chính|phụ|song phương|quốc gia)){{0,2}} )?(?-i:{_NAME}) ?[-–] ?(?-i:{_NAME})"
    r"|(?:vùng biển|vùng nước) (?:giáp ranh|lịch sử|chung)|(?:vùng đánh cá chung )?vịnh bắc bộ|gulf of tonkin|beibu gulf|ອ່າວຕົງກິງ"
    r"|ngã ba (?:biên giới|đông dương)|tri-?border (?:area|junction)|demarcation line|ສາມແຈຊາຍແດນ".replace(
        "{END}", r"\s(?:đã|sáng|chiều|ngày|vào|để|dưới)|[,.;:\n]|$"
    ),
    re.I,
)


def venue_on_the_line(reading: Reading, told_at: Iterable[int]) -> Location | None:
    """The first such venue in the sentences of the story in which the places `told_at` lie."""
    for at in told_at:
        sentence = next((one for one in reading.story if one.start <= at < one.end), None)
        found = _LINE.search(reading.text, sentence.start, sentence.end) if sentence else None
        if found:
            evidence = Evidence.cut(reading.text, found.start(), found.end())
            return Location(evidence.quote, None, None, None, None, evidence)
    return None
