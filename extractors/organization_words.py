"""The words Vietnamese organization names are made of: heads with their kinds, levels, fields of work (`lexicons/organizations.toml`)."""

from __future__ import annotations

from functools import lru_cache

from extractors.lexicons import load_lexicon
from extractors.tokens import PhraseTable

PLURAL = {"các", "hai", "ba", "bốn", "năm", "2", "3", "4", "5", "những", "một", "số"}


@lru_cache(maxsize=1)
def organization_heads() -> tuple[PhraseTable, PhraseTable, PhraseTable, frozenset[str], dict[str, str]]:
    """Heads (value: the kind), level words, fields of work (`inner`, or `act` where only a capital counts), heads that need no name, country by head."""
    lexicon = load_lexicon("organizations")["vi"]
    kinds = {
        head: kind
        for kind, heads in lexicon.items()
        if kind not in ("levels", "inner", "acts", "function_words", "alone", "country_of")
        for head in heads
    }
    levels = PhraseTable(dict.fromkeys(lexicon["levels"], "level"))
    return (
        PhraseTable(kinds),
        levels,
        PhraseTable(dict.fromkeys(lexicon["inner"], "inner") | dict.fromkeys(lexicon["acts"], "act")),
        frozenset(lexicon["alone"]),
        lexicon["country_of"],
    )


# One-syllable heads are also syllables of names and words: "Lê Trường Lưu", "trụ sở", "báo cáo", "an ninh Tổ quốc".
SHORT_HEADS = {
    "trường",
    "báo",
    "khoa",
    "sở",
    "ty",
    "đồn",
    "công đoàn",
    "đại học",
    "mặt trận",
    "hội đồng",
    "liên minh",
    "đại đội",
    "hải quan",
    "doanh nghiệp",
    "ngân hàng",
}
# Heads of many kinds of names: a body only where a capital follows on the heels of a capital ("Cục Di trú", "Hội Từ thiện TP X").
OPEN_HEADS = {
    "tổng cục", "cục", "vụ", "chi cục", "trung tâm", "ủy ban", "uỷ ban", "văn phòng", "quỹ", "ban quản lý", "phòng", "trạm", "hiệp hội", "hội",
    "liên hiệp", "liên đoàn", "câu lạc bộ", "clb", "viện",
}  # fmt: skip
NEEDS_LEVEL = {
    "an ninh",
    "chính quyền",
    "hải quan",
    "doanh nghiệp",
    "biên phòng",
    "mặt trận",
    "hội đồng",
    "công an nhân dân",
    "chính hiệp",
    "thanh tra",
}
COUNTED = {"tỉnh", "nước", "bên", "huyện", "đơn", "địa", "bộ", "xã", "ngành", "lực", "thành", "người", "đồng", "cán", "bản", "đồn"}
UNIT_LEVELS = {"tỉnh", "huyện", "xã", "phường", "thị", "thành", "tp", "bản", "quận", "thủ", "cụm", "nước", "khu"}


@lru_cache(maxsize=1)
def function_words() -> frozenset[str]:
    """Words that end a name, in lower case."""
    return frozenset(load_lexicon("organizations")["vi"]["function_words"])
