"""Which organization mentions of a text are listed: the fullest form of each body, and none that names no body (guide, section 7)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from extractors.normalise import fold
from extractors.records import OrganizationMention


def fullest_forms(organizations: Sequence[OrganizationMention]) -> tuple[OrganizationMention, ...]:
    """Without the shorter forms of bodies that stand in full elsewhere in the text, and without what names no body (guide, section 7).

    "BĐBP Thanh Hóa" goes where "Bộ Chỉ huy BĐBP tỉnh Thanh Hóa" stands, "UBND tỉnh" where "UBND tỉnh Kon Tum" does.
    """
    words = {mention.name: set(fold(mention.name).split()) for mention in organizations}
    by_word: dict[str, dict[str, str]] = {}
    for mention in organizations:
        for word in words[mention.name]:
            by_word.setdefault(word, {})[mention.name] = mention.kind
    kept = []
    for mention in organizations:
        own = words[mention.name]
        rarest = min((by_word[word] for word in own), key=len)
        fuller = any(
            kind == mention.kind and len(words[name]) > len(own) and own <= words[name] for name, kind in islice(rarest.items(), 200)
        )
        short = mention.rule == "organization.level" or not own & _FOLDED_LEVELS
        if (fuller and short) or fold(mention.name) in _GENERIC or _FORCE_OF_COUNTRY.fullmatch(mention.name):
            continue
        kept.append(mention)
    return tuple(kept)


_FOLDED_LEVELS = {"tinh", "huyen", "xa", "phuong", "province", "district", "city", "provincial"}
# Named only as the giver of scholarships, the signer of decrees, the voice of a state.
_GENERIC = {"chinh phu", "quoc hoi", "truong thpt", "truong thcs"}
# "Biên phòng Việt Nam", "doanh nghiệp Việt Nam": kinds of people, not bodies.
_FORCE_OF_COUNTRY = re.compile(
    r"(?:biên phòng|an ninh|doanh nghiệp|hải quan|chính quyền|trường|bệnh viện|công an)\s(?:Việt Nam|Lào|Campuchia|Trung Quốc|Thái Lan)",
    re.I,
)
