"""Places where somebody is said to be at home: "trú bản Huội Hay, huyện Pạc Ka Đin", "(sinh năm 1990, ở bản Viêng Khăm …)", "a 35-year-old man from Bokeo".

Where a suspect lives is no party, and nothing happened there (annotation guide, section 6).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.records import PlaceMention

# Characters before a place in which the word for "at home" stands, and between two places of one address.
_REACH, _BETWEEN = 90, 45
# What may stand between that word and the place: levels, names that no gazetteer has, and signs.
_ON_THE_WAY = (
    r"(?:[\s,–-]|(?:thuộc|bản|cụm bản|cụm|xã|huyện|tỉnh|thôn|ấp|làng|khu|tổ|phường|quận|tp\.?|thành phố|thị xã|thị trấn|nước|số|đường|the|village|commune|district|province|city|town|of|in|và|and)(?!\w)"
    r"|[A-ZÀ-ỸĐ][\w'’]*|\d+)*"
)
_AT_HOME_VI = (
    r"(?:(?:cùng|đều|thường|tạm|cư)?\s?trú(?: quán)?|ngụ(?: cư)?|hktt|hộ khẩu(?: thường trú)?|quê(?! hương)(?: quán| gốc)?)(?: tại| ở)?:?"
    r"|(?:sinh năm|sinh|sn)\s?\d{4}\)?,?\s(?:ở|tại|người)|\d\d tuổi\)?,\s(?:ở|tại|người)"
)
_AT_HOME_EN = r"resid(?:ing|ent|es?) (?:in|of)|native of|hail(?:s|ing)? from|\d\d-year-old(?: \w+){0,2} (?:from|of)|aged \d\d,? (?:from|of)|(?<=, )\d\d, (?:from|of)"
# A bracket with somebody's year of birth, age or nationality holds his address too.
_IN_BRACKET = re.compile(
    r"\([^()\n]*?(?<!\w)(?:sinh năm|sn|sinh ngày|sinh|quốc tịch|born in|aged)\s?[\w.]+,[^()\n]*$|\(\d\d tuổi,[^()\n]*$", re.I
)
_HOME = {
    "vi": re.compile(rf"(?<!\w)(?i:{_AT_HOME_VI})\s{_ON_THE_WAY}$"),
    "en": re.compile(rf"(?<!\w)(?i:{_AT_HOME_EN})\s{_ON_THE_WAY}$"),
}
_GOES_ON = re.compile(rf"\s?[,(–-]{_ON_THE_WAY}$")


def homes(text: str, language: str, places: Sequence[PlaceMention]) -> frozenset[int]:
    """Where in `text` those of `places` (in order) begin that are somebody's home; none in Lao."""
    pattern = _HOME.get(language)
    if pattern is None:
        return frozenset()
    found: set[int] = set()
    end = 0
    for place in places:
        start = place.evidence.start
        goes_on = end > 0 and start - end <= _BETWEEN and _GOES_ON.match(text, end, start) is not None
        before = text[max(0, start - _REACH) : start]
        if goes_on or pattern.search(before) or _IN_BRACKET.search(text[max(0, start - 2 * _REACH) : start]):
            found.add(start)
            end = place.evidence.end
        else:
            end = 0
    return frozenset(found)
