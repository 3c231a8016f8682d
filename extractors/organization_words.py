"""The words Vietnamese organization names are made of: heads with their kinds, levels, fields of work (`lexicons/organizations.toml`), and what a few of them tell."""

from __future__ import annotations

from functools import lru_cache

from extractors.lexicons import load_lexicon
from extractors.tokens import PhraseTable, Token, tokenize

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
        frozenset(map(_by_tokens, lexicon["alone"])),
        {_by_tokens(head): country for head, country in lexicon["country_of"].items()},
    )


def _by_tokens(head: str) -> str:
    """A head as its tokens are put together: "bộ văn hóa , thể thao và du lịch"."""
    return " ".join(token.lower for token in tokenize(head))


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


def only_field(tokens: list[Token], index: int, end: int) -> bool:
    """Whether nothing but fields of work stands from `index` to `end`."""
    inner = organization_heads()[2]
    while index < end:
        phrase = inner.at(tokens, index)
        if phrase is None:
            return False
        index += phrase[0]
    return True


def bare_level(tokens: list[Token], index: int) -> int:
    """How many tokens of a level word stand at `index`: "UBND tỉnh" is a body, though the text leaves its province unsaid."""
    if tokens[index].lower in ("tỉnh", "huyện", "xã"):
        return 1
    pair = " ".join(token.lower for token in tokens[index : index + 2])
    return 2 if pair in ("thủ đô", "thành phố") else 0


def compound(tokens: list[Token], index: int) -> int:
    """2 where a capital and a lower-case syllable behind it may be one word that opens a name: "Ung bướu", "Trang trại"; else 0."""
    if index + 1 >= len(tokens):
        return 0
    first, second = tokens[index : index + 2]
    if not first.capital or not first.text.isalpha() or first.text.isupper() or second.start - first.end != 1:
        return 0
    return 2 if second.text.isalpha() and second.text.islower() and second.lower not in function_words() else 0


def counts(tokens: list[Token], index: int) -> bool:
    """Whether a number counts bodies ("công an 2 tỉnh") rather than numbering one ("Quân khu 2")."""
    return index + 1 < len(tokens) and tokens[index + 1].lower in COUNTED


def full_name(tokens: list[Token], index: int) -> bool:
    return index + 2 < len(tokens) and tokens[index + 1].capital and tokens[index + 2].capital


# Heads behind which the name of a force or ministry tells what they are of.
_COMMANDS_OF = (
    "bộ tư lệnh",
    "tổng cục",
    "sở chỉ huy",
    "học viện",
    "trường đại học",
    "trường cao đẳng",
    "trường trung cấp",
    "câu lạc bộ",
    "clb",
    "ban dân vận",
    "ban tổ chức",
    "ban tuyên giáo",
    "ban đối ngoại",
    "ban nội chính",
)


def commanded(tokens: list[Token], head: int, index: int) -> int:
    """How many tokens the force or body takes that stands at `index` behind a head which commands such, or belongs to it; 0 where none does."""
    heads, _, inner, _, _ = organization_heads()
    if " ".join([one.lower for one in tokens[head:index]]) not in _COMMANDS_OF or not (other := heads.at(tokens, index)) or other[0] == 1:
        return 0
    return max(other[0], (inner.at(tokens, index) or (0,))[0])
