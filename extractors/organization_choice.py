"""Which organization mentions of a text are listed: the fullest form of each body, and none that names no body (guide, section 7)."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

from extractors.normalise import fold
from extractors.records import OrganizationMention
from extractors.sentences import Sentence


def listed_organizations(
    text: str, organizations: Sequence[OrganizationMention], sentences: Sequence[Sentence]
) -> tuple[OrganizationMention, ...]:
    """The mentions that an analyst is shown: none of boxes of links or of credits, none that only qualifies a title, the fullest forms."""
    related = [(sentence.start, sentence.end) for sentence in sentences if sentence.kind == "related"]
    starts = [start for start, _ in related]

    def shown(mention: OrganizationMention) -> bool:
        at = mention.evidence.start
        box = bisect_right(starts, at) - 1
        if box >= 0 and at < related[box][1]:
            return False
        before = text[max(0, at - 20) : at]
        if _PICTURED.search(before) or (mention.kind == "media" and _CREDITED.search(before)):
            return False
        if _KIND_OF_PEOPLE.match(mention.name):
            return False  # kinds of people and of authorities: parties, not bodies
        if mention.name.startswith(("trạm", "Trạm", "đồn")) and _VENUE.search(before):
            return False
        return not (mention.rule == "organization.level" and mention.kind in ("government", "party") and _TITLED.search(before))

    return fullest_forms([mention for mention in organizations if shown(mention)])


_PICTURED = re.compile(r"(?:(?:ảnh|photos?):?|(?:nguồn|source):)\s$", re.I)
_CREDITED = re.compile(r"(?:theo|nguồn:?|\()\s*$", re.I)
_KIND_OF_PEOPLE = re.compile(r"chính quyền(?! nhân dân| khu)|[dD]oanh nghiệp")
_VENUE = re.compile(r"\b(?:tại|ở)\s$")
# "Phó Chủ tịch UBND tỉnh": the body is told by the man's office only, and its province not at all.
_TITLED = re.compile(r"(?:chủ tịch|bí thư|trưởng|thường trực|giám đốc)\s$", re.I)


def fullest_forms(organizations: Sequence[OrganizationMention]) -> tuple[OrganizationMention, ...]:
    """Without the shorter forms of bodies that stand in full elsewhere in the text, and without what names no body (guide, section 7).

    "BĐBP Thanh Hóa" goes where "Bộ Chỉ huy BĐBP tỉnh Thanh Hóa" stands, "UBND tỉnh" where "UBND tỉnh Kon Tum" does.
    """
    words = {mention.name: _folded_words(mention.name) for mention in organizations}
    by_word: dict[str, dict[str, str]] = {}
    for mention in organizations:
        for word in words[mention.name]:
            by_word.setdefault(word, {})[mention.name] = mention.kind
    lower = {name.lower() for name in words}
    kept = []
    for mention in organizations:
        own = words[mention.name]
        rarest = min((by_word[word] for word in own), key=len)
        numbered = any(word.isdigit() for word in own)
        fuller = any(
            (kind == mention.kind or (numbered and kind in _FORCES and mention.kind in _FORCES))
            and len(words[name]) > len(own)
            and own <= words[name]
            for name, kind in islice(rarest.items(), 200)
        )
        short = mention.rule == "organization.level" or not own & _FOLDED_LEVELS
        short = short or any(f"{command} {mention.name}".lower() in lower for command in _COMMANDS)
        if (fuller and short) or _folded(mention.name) in _GENERIC or _FORCE_OF_COUNTRY.fullmatch(mention.name):
            continue
        kept.append(mention)
    return tuple(kept)


@lru_cache(maxsize=4096)
def _folded(name: str) -> str:
    return fold(name)


@lru_cache(maxsize=4096)
def _folded_words(name: str) -> frozenset[str]:
    return frozenset(_folded(name).split())


_COMMANDS = ("bộ chỉ huy", "ban chỉ huy", "bộ tư lệnh")
# "Đại đội 163" and "Đại đội Biên phòng 163" are one.
_FORCES = frozenset({"police", "border_guard", "military"})
_FOLDED_LEVELS = {"tinh", "huyen", "xa", "phuong", "province", "district", "city", "provincial"}
# Named only as the giver of scholarships, the signer of decrees, the voice of a state.
_GENERIC = {"chinh phu", "quoc hoi", "truong thpt", "truong thcs"}
# "Biên phòng Việt Nam", "doanh nghiệp Việt Nam": kinds of people, not bodies.
_FORCE_OF_COUNTRY = re.compile(
    r"(?:biên phòng|an ninh|doanh nghiệp|hải quan|chính quyền|trường|bệnh viện)\s(?:Việt Nam|Lào|Campuchia|Trung Quốc|Thái Lan)",
    re.I,
)
