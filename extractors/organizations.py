"""Organizations: a head from the lexicon, the level words and names behind it, and the province and country it belongs to.

Coordinated names under one head ("các đồn A, B và C") give one mention each, with the head repeated and the evidence at the name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.organization_side import OrganizationPlaces, side_of
from extractors.organization_words import (
    NEEDS_LEVEL,
    OPEN_HEADS,
    PLURAL,
    SHORT_HEADS,
    UNIT_LEVELS,
    bare_level,
    commanded,
    compound,
    counts,
    full_name,
    function_words,
    only_field,
    organization_heads,
)
from extractors.organizations_english import english_organizations
from extractors.organizations_lao import lao_organizations
from extractors.places import SURNAMES
from extractors.records import Evidence, OrganizationMention, PlaceMention
from extractors.tokens import Token


def tag_organizations(text: str, tokens: list[Token], places: Sequence[PlaceMention], language: str) -> tuple[OrganizationMention, ...]:
    """Every organization named in `text`, in order. `places` are the place mentions of the same text."""
    located = OrganizationPlaces(places)
    if language == "en":
        return tuple(
            english_organizations(text, tokens, located.places, lambda start, end: side_of(text, start, end, end, "", located, {}))
        )
    if language == "vi":
        return tuple(_vietnamese(text, tokens, located))
    if language == "lo":
        return tuple(lao_organizations(text, located.places, lambda start, end: side_of(text, start, end, end, "", located, {})))
    return ()


def _vietnamese(text: str, tokens: list[Token], places: OrganizationPlaces) -> list[OrganizationMention]:
    heads, _, _, alone, _ = organization_heads()
    found: list[OrganizationMention] = []
    read_up_to = 0
    for index in heads.openings(tokens):
        head = heads.at(tokens, index) if index >= read_up_to else None
        if head is None or (index and tokens[index - 1].lower == "cán" and tokens[index].lower == "bộ"):
            continue  # "cán bộ Công an tỉnh X": not a ministry
        count, kind = head
        read_up_to = index + count
        head_text = " ".join([token.lower for token in tokens[index:read_up_to]])
        end = (
            _name_end(text, tokens, index, index + count, places, placed=head_text in alone)
            if _opens_name(text, tokens, index, count, head_text, places)
            else index + count
        )
        named = _names_something(tokens[index + count : end])
        if parent := _parent_end(text, tokens, end, places) if tokens[index].capital else 0:
            named, end = True, parent
        plural = index > 0 and tokens[index - 1].lower in PLURAL
        if not named and not (head_text in alone and tokens[index].capital and not plural):
            if tokens[index].capital and index + count < len(tokens) and (level := bare_level(tokens, index + count)):
                start, stop = tokens[index].start, tokens[index + count + level - 1].end
                if text[tokens[index + count - 1].end : tokens[index + count].start] == " ":
                    evidence = Evidence.cut(text, start, stop)
                    found.append(OrganizationMention(evidence.quote, kind, None, None, None, evidence, "organization.level", 0.6))
            continue
        if not named:
            end = index + count
        elif plural and not head_text.startswith(_UNIT_HEADS) and only_field(tokens, index + count, end):
            read_up_to = end  # "các Sở Tư pháp": none of them named
            continue
        elif head_text in _ACCREDITED or (head_text.startswith(_ABROAD) and _ends_with_country(tokens, end, places)):
            end = _accredited_end(tokens, end, places)
        if head_text.startswith(_OF_PROVINCE) and end < len(tokens) and tokens[end].text == "tỉnh" and text[tokens[end - 1].end] == " ":
            end += 1  # "Sở Ngoại vụ tỉnh", whose province is told elsewhere
        found += _mentions(text, tokens, index, count, end, kind, head_text, places)
        read_up_to = end
    return found


_OF_PROVINCE = ("sở", "trung tâm", "văn phòng", "trường", "ban ", "hội", "ủy ban", "uỷ ban", "liên đoàn", "liên hiệp")
# Units that are many in one plural: "các Đồn Biên phòng Ga Ry, A Nông".
_UNIT_HEADS = ("đồn", "đại đội", "tiểu đoàn", "trạm")


def _parent_end(text: str, tokens: list[Token], index: int, places: OrganizationPlaces) -> int:
    """The end of a body named right behind another, without a comma: "Cục Cửa khẩu Bộ đội Biên phòng", "Phòng A của Công an tỉnh B"; else 0."""
    heads = organization_heads()[0]
    if index + 2 < len(tokens) and tokens[index].text == "(" and _ABBREVIATION.fullmatch(text[tokens[index].start : tokens[index + 2].end]):
        index += 3  # "Phòng An ninh đối ngoại (PA01) Công an tỉnh"
    if index < len(tokens) and tokens[index].lower == "của":
        index += 1
    if index >= len(tokens) or not tokens[index].capital or text[tokens[index - 1].end : tokens[index].start] != " ":
        return 0
    head = heads.at(tokens, index)
    if head is None or (head[0] == 1 and tokens[index].lower != "bđbp"):
        return 0
    end = _name_end(text, tokens, index, index + head[0], places)
    if _names_something(tokens[index + head[0] : end]):
        return end
    level = bare_level(tokens, index + head[0]) if index + head[0] < len(tokens) else 0
    return index + head[0] + level if level else 0


# Bodies named by the country that sends them and the one that hosts them.
_ACCREDITED = {"đại sứ quán", "tổng lãnh sự quán", "lãnh sự quán", "hội người", "tổng hội người", "hội người gốc"}


# Associations and offices of one country in another: "Hội Phụ nữ Việt Nam tại Campuchia".
_ABROAD = ("hội", "hiệp hội", "tổng hội", "cơ quan đại diện", "trung tâm văn hóa", "trung tâm", "câu lạc bộ")
_LEVEL_WORDS = frozenset({"tp", ".", "thành", "phố", "tỉnh", "vương", "quốc", "nước", "thủ", "đô", "chdcnd"})


def _ends_with_country(tokens: list[Token], end: int, places: OrganizationPlaces) -> bool:
    inside = places.within(tokens[max(0, end - 4)].start, tokens[end - 1].end)
    return bool(inside) and inside[-1].kind == "country" and inside[-1].evidence.end == tokens[end - 1].end


def _accredited_end(tokens: list[Token], end: int, places: OrganizationPlaces) -> int:
    if end + 1 >= len(tokens) or tokens[end].lower not in ("tại", "ở"):
        return end
    at = end + 1
    while at + 1 < len(tokens) and at - end < 4 and tokens[at].lower in _LEVEL_WORDS and places.at(tokens[at].start) is None:
        at += 1
    place = places.at(tokens[at].start)
    if place is None:
        return end
    while at < len(tokens) and tokens[at].end <= place.evidence.end:
        at += 1
    return at


def _opens_name(text: str, tokens: list[Token], index: int, count: int, head_text: str, places: OrganizationPlaces) -> bool:
    """Whether a head may be followed by its name: a lower-case or ambiguous one must be followed by a level word or a gazetteer name."""
    token = tokens[index]
    if index and (
        tokens[index - 1].lower == "trụ"
        or (head_text in SHORT_HEADS and tokens[index - 1].capital and token.start - tokens[index - 1].end == 1)
    ):
        return False
    if head_text in OPEN_HEADS:
        if not token.capital or index + count >= len(tokens) or not tokens[index + count].capital:
            return False
        if tokens[index + count].lower in ("phó", "trưởng"):
            return False  # "Cục Phó"
        if head_text == "trung tâm" and tokens[index + count].lower == "hội":
            return False  # "Trung tâm Hội nghị": a venue
        # "Phòng Thành Cảng" is a city: a room of an office has a field of work
        return head_text != "phòng" or organization_heads()[2].at(tokens, index + count) is not None
    if token.capital and head_text not in NEEDS_LEVEL:
        return not (head_text == "trường" and index + count < len(tokens) and tokens[index + count].lower == "sơn")  # the mountains
    if index + count >= len(tokens):
        return False
    following = tokens[index + count]
    plural = following.lower in PLURAL and index + count + 1 < len(tokens)
    if plural:
        following = tokens[index + count + 1]
    return (
        following.lower in UNIT_LEVELS
        or places.at(following.start) is not None
        or (count > 1 and head_text not in NEEDS_LEVEL and following.capital)
    )


def _names_something(tokens: Sequence[Token]) -> bool:
    """Whether what follows a head names it: a capital or a number; "2" in "công an 2 tỉnh" counts nothing."""
    return any(
        (token.capital and token.lower not in UNIT_LEVELS) or token.text[-1].isdigit() or token.lower in _COMMITTEES for token in tokens
    )


# "Ban Dân vận Tỉnh ủy" is named by its committee.
_COMMITTEES = ("ủy", "uỷ")


def _name_end(text: str, tokens: list[Token], head: int, index: int, places: OrganizationPlaces, *, placed: bool = False) -> int:
    """Where the name at `index`, behind the head at `head`, ends: capitals, numbers, gazetteer names, and level words that lead to one of them.

    `placed`: only places, fields of work and numbers follow this head, so that a capital is a person ("Chủ tịch Quốc hội A B").
    """
    heads, levels, inner, _, _ = organization_heads()
    end = pending = index
    level, behind_place = "", False
    unit = tokens[head].lower in _UNIT_HEADS
    # schools and firms bear names of persons, if no office stands before them ("Giám đốc Bệnh viện Đa khoa Trần Văn A")
    before = [token.lower for token in tokens[max(0, head - 2) : head] if token.lower != "trường"]
    named_after = tokens[head].lower in ("trường", "đại", "công") and not (
        before and before[-1] in _OFFICE_ENDS and before[0] not in ("giáo", "học", "sinh", "giảng", "nhân")
    )
    while pending < len(tokens) and pending - index < 16:
        token = tokens[pending]
        if pending and (token.start - tokens[pending - 1].end > 1 or text[token.start - 1] == "\n"):
            break
        if token.text == "(" and pending + 2 < len(tokens) and _ABBREVIATION.fullmatch(text[token.start : tokens[pending + 2].end]):
            pending += 3  # "Bộ đội Biên phòng (BĐBP) tỉnh Long An"
            continue
        place = places.at(token.start)
        if place:
            begin = pending
            stop = _pair_end(text, tokens, head, pending, place, places)
            pending += 1  # at least one token: "Lào" in "Lào-Việt" ends within it
            while pending < len(tokens) and tokens[pending].end <= stop:
                pending += 1
            end = pending
            # a place met by its likeness may run on: "Tboung Kh'Mum phụ trách"
            end = next((at for at in range(begin + 1, end) if tokens[at].text in function_words()), end)
            if (
                end < pending
                or place.kind in ("province", "border_gate", "commune")
                or (place.kind == "country" and not _goes_on(tokens, head, pending, places))
            ):
                break
            level, behind_place = "", True
            continue
        if pending == index and token.capital and (width := commanded(tokens, head, index)):
            pending += width  # "Bộ Tư lệnh Hiến binh", "Ban Dân vận Tỉnh ủy"
            end = pending
        elif (phrase := levels.at(tokens, pending)) and (inner.at(tokens, pending) or phrase)[0] <= phrase[0]:
            level = token.lower  # but "chính" is no level in "Trường Chính trị"
            pending += phrase[0]
        elif (
            pending == index
            and token.capital
            and tokens[head].lower == "trường"
            and (other := heads.at(tokens, pending))
            and other[1] == "education"
        ):
            pending += other[0]  # "Trường Cao đẳng Nguyễn Chí Thanh"
        elif token.capital and (other := heads.at(tokens, pending)) and (other[0] > 1 or pending > index):
            break  # the next body: "Phòng An ninh đối ngoại" + "Công an Lạng Sơn"
        elif (phrase := inner.at(tokens, pending)) and (token.capital or phrase[1] == "inner"):
            pending += phrase[0]
            end = pending
        elif pending == index and not unit and (width := compound(tokens, pending)):
            pending += width
            end = pending
        elif behind_place and token.text[0].isdigit() and pending + 1 < len(tokens) and tokens[pending + 1].text.isalpha():
            break  # "Công an huyện Kỳ Sơn 2 đối tượng"
        elif token.capital or (
            token.text[0].isdigit() and not _YEAR.fullmatch(token.text) and not counts(tokens, pending) and not _DATE.match(token.text)
        ):
            if (
                (placed and token.capital)
                or level in ("tỉnh", "thành", "tp", "thủ")
                or (token.text.title() in SURNAMES and full_name(tokens, pending) and not (unit and pending == index) and not named_after)
                or (behind_place and token.text in SURNAMES and pending + 1 < len(tokens) and tokens[pending + 1].capital)
            ):
                break  # "HĐND tỉnh" + a person: a province that the gazetteer does not know is no part of the name
            pending += 1
            end = pending
        elif (
            (token.lower in PLURAL and pending == index)
            or (behind_place and token.text in ("-", "–") and end == pending and _goes_on(tokens, head, pending, places))
            or (token.lower in ("và", "-", "–", "&") and end == pending and _joins(tokens, pending))
            or (token.text == "." and tokens[pending - 1].lower in ("tp", "tx", "t"))
        ):
            pending += 1
        else:
            break
    return end


_OF_TWO_COUNTRIES = {"hội", "nghị", "clb", "câu"}
# The last syllables of offices: what follows the body behind them is who holds the office.
_OFFICE_ENDS = ("trưởng", "đốc", "tịch", "thư", "phó", "viên", "nhiệm")


def _pair_end(text: str, tokens: list[Token], head: int, index: int, place: PlaceMention, places: OrganizationPlaces) -> int:
    """The end of a place, or of the two countries that one word joins in the name of a body of both: "Hội Hữu nghị Việt Nam-Campuchia"."""
    end = place.evidence.end
    if (
        place.kind != "country"
        or text[end : end + 1] not in ("-", "–")
        or not any(t.lower in _OF_TWO_COUNTRIES for t in tokens[head:index])
    ):
        return end
    other = places.at(end + 1)
    return other.evidence.end if other is not None and other.kind == "country" else end


def _goes_on(tokens: list[Token], head: int, index: int, places: OrganizationPlaces) -> bool:
    """Whether a name goes on behind a country: "Hội Hữu nghị Việt Nam - Lào", "Ủy ban MTTQ Việt Nam tỉnh X", "Hội Phụ nữ Campuchia vì hòa bình"."""
    levels, inner = organization_heads()[1:3]
    if index + 1 >= len(tokens):
        return False
    if tokens[index].text in ("-", "–"):
        if not any(token.lower in _OF_TWO_COUNTRIES for token in tokens[head:index]):
            return False  # "Bộ Công an Việt Nam - Lào": two ministries
        return tokens[index + 1].text in ("Việt", "Trung") or (
            (place := places.at(tokens[index + 1].start)) is not None and place.kind == "country"
        )
    if tokens[index].lower == "vì":
        return inner.at(tokens, index) is not None
    phrase = levels.at(tokens, index)
    if phrase is None:
        return False
    behind = index + phrase[0]
    behind += behind < len(tokens) and tokens[behind].text == "."  # "TP. Hồ Chí Minh"
    return behind < len(tokens) and places.at(tokens[behind].start) is not None


_ABBREVIATION = re.compile(r"\([A-ZĐ&][A-ZĐ&\d]{1,7}\)")
_DATE = re.compile(r"\d{1,2}[-.]\d")
_YEAR = re.compile(r"(?:19|20)\d\d")


_SHORT_STATES = frozenset({"Việt", "Lào", "Thái", "Trung", "Campuchia", "Miên", "Khmer"})


def _joins(tokens: list[Token], index: int) -> bool:
    """Whether `và`, `-` or `&` joins two words of one name (Sở Giáo dục và Đào tạo, Kinh tế - Quốc phòng): the next word is a capital and no head or level."""
    heads, levels, inner, _, _ = organization_heads()
    if index + 1 >= len(tokens) or not tokens[index + 1].capital:
        return False
    if inner.at(tokens, index + 1) or (index and tokens[index - 1].text in _SHORT_STATES and tokens[index + 1].text in _SHORT_STATES):
        return True  # "Hội Hữu nghị Việt - Thái"
    return (
        tokens[index].text in ("-", "–", "&")
        and heads.at(tokens, index + 1) is None
        and levels.at(tokens, index + 1) is None
        and tokens[index + 1].text not in SURNAMES
    )


def _mentions(
    text: str, tokens: list[Token], index: int, count: int, end: int, kind: str, head_text: str, places: OrganizationPlaces
) -> list[OrganizationMention]:
    levels, country_of = organization_heads()[1], organization_heads()[4]
    start, stop = tokens[index].start, tokens[end - 1].end
    head = text[start : tokens[index + count - 1].end]
    name = text[start:stop]
    after = index + count
    plural = index > 0 and tokens[index - 1].lower in PLURAL
    inner_plural = (
        after + 1 < end
        and tokens[after].lower in PLURAL
        and tokens[after].lower != "số"
        and (not tokens[after].text.isdigit() or counts(tokens, after))
    )
    if inner_plural:  # "Công an 2 tỉnh Sê Kong và Salavan": Công an tỉnh Sê Kong, Công an tỉnh Salavan
        after += 1
        name = f"{head} {text[tokens[after].start : stop]}"
    level_end = after
    while level_end < end and not places.at(tokens[level_end].start) and (phrase := levels.at(tokens, level_end)):
        level_end += phrase[0]
    if level_end > after:
        head = f"{head} {text[tokens[after].start : tokens[level_end - 1].end]}"
    named = [(name, start, stop)]
    inside = places.within(start, stop)
    if plural or inner_plural or (inside and inside[-1].kind == "province"):
        named += _coordinated(text, tokens, head, end, places, plural or inner_plural)
    tail = named[-1][2]
    mentions = []
    for name, left, right in named:
        admin1, admin1_id, country, confidence = side_of(text, left, right, tail, head_text, places, country_of)
        mentions.append(
            OrganizationMention(name, kind, admin1, admin1_id, country, Evidence.cut(text, left, right), "organization.head", confidence)
        )
    return mentions


def _coordinated(
    text: str, tokens: list[Token], head: str, end: int, places: OrganizationPlaces, plural: bool
) -> list[tuple[str, int, int]]:
    """The further names under one head: `Đồn Biên phòng A, B và C` after a plural, or `Công an tỉnh A, B` where B is a province as well."""
    heads, levels, _, _, _ = organization_heads()
    out: list[tuple[str, int, int]] = []
    at = end
    while at + 1 < len(tokens) and tokens[at].text in (",", "và"):
        first = at + 1
        if (
            not (tokens[first].capital or (plural and tokens[first].text.isdigit()))
            or heads.at(tokens, first)
            or levels.at(tokens, first)
            or text[tokens[first].start - 1] == "\n"
        ):
            break
        place = places.at(tokens[first].start)
        if not plural and (place is None or place.kind != "province"):
            break
        stop = first
        while (
            stop < len(tokens)
            and (tokens[stop].capital or tokens[stop].text.isdigit())
            and (stop == first or tokens[stop].start - tokens[stop - 1].end <= 1)
        ):
            stop += 1
        if stop - first > 5 or (tokens[first].text in SURNAMES and stop - first > 2):
            break
        out.append((f"{head} {text[tokens[first].start : tokens[stop - 1].end]}", tokens[first].start, tokens[stop - 1].end))
        at = stop
    return out
