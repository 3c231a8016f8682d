"""Places named in a text, resolved by the time of the text and by what stands around them.

A name that several units carry is decided, in this order, by a cue ("tỉnh", "huyện", "cửa khẩu"), by the province named right behind it, by the
provinces the text names anywhere, and by the date; what stays open is a mention without an id.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from extractors.anchored import matches_at, openings, starts_of
from extractors.gazetteer import Gazetteer, Place, load_gazetteer
from extractors.gazetteer.names import NameMatch, find_names, folded_surface, resolve_unseen, surface
from extractors.introduced_places import introduced_districts
from extractors.lexicons import load_lexicon
from extractors.normalise import lower_letters
from extractors.records import Evidence, PlaceMention

# These read lower-case text, which is several times as fast as ignoring case.
_CUES = {
    "province": r"tỉnh|thành phố|tp\.?|t\.p|thủ đô|khu tự trị(?: dân tộc choang)?|province of|ແຂວງ|ນະຄອນຫຼວງ",
    "district": r"huyện|thị xã|quận|thị trấn|tx\.?|cụm bản|district of|ເມືອງ",
    "prefecture": r"châu|địa khu|prefecture of",
    "commune": r"xã|phường|thị trấn|đặc khu|commune of",
    "border_gate": r"cửa khẩu(?: (?:quốc tế|quốc gia|chính|phụ|song phương|biên giới|đường bộ|đường sắt))*|ckqt|lối mở|cặp cửa khẩu(?: [^\W\d_]+){0,3}|ດ່ານ(?:ສາກົນ)?",
    "school": r"trường (?:đại học|cao đẳng|trung cấp|chính trị)(?: \w+ \w+)?",
    "other": r"trường \w+ \w+|đường|phố|sông|núi|(?<!điểm )cầu|hồ|đèo|chợ|nghĩa trang(?: liệt sĩ)?(?: quốc gia)?|bản|thôn|ấp|làng|khách sạn|hang",
}
_BEFORE = re.compile(
    '(?:^|[\\s(“"/,.-])(?:các |hai |ba |bốn |2 |3 |4 )?(?:' + "|".join(f"(?P<{kind}>{words})" for kind, words in _CUES.items()) + r")\s*$",
)
_AFTER = re.compile(
    r"\s*(?:(?P<province>provinces?|city|municipality|prefecture-level|autonomous region|capital)|(?P<district>districts?|county|town)|(?P<commune>communes?|ward)"
    r"|(?P<border_gate>(?:international |national |main )?border[- ]gates?|(?:international )?(?:border )?checkpoint))\b"
)  # fmt: skip
_LIST_LINK = re.compile(r"^(?:\s*\([^)]{1,30}\))?\s*(?:,|;|và|and|với|-|–|/)\s*(?:tỉnh |TP\.? ?|huyện )?$", re.I)
_COMMUNE = re.compile(r"(?<!\w)(?:[Xx]ã|[Pp]hường|[Tt]hị trấn|[Đđ]ặc khu)\s+(?P<name>[A-ZĐÀ-Ỹ][\w'’]*(?:[ -][A-ZĐÀ-Ỹ\d][\w'’]*){0,3})")
_UNSEEN = re.compile(r"(?<!\w)(?P<cue>tỉnh|huyện|thủ đô|province of|thị xã)\s+(?P<name>[A-ZĐÀ-Ỹ][\w'’]*(?:[ -][\w'’]+){0,4})")
# What both of them open with, in lower case: most texts have few of these words, and the patterns are slow.
_UNITS = openings(("xã", "phường", "thị trấn", "đặc khu", "tỉnh", "huyện", "thủ đô", "province of", "thị xã"))
_PARENT = re.compile(r"^\s*(?:\(|,|-|–|thuộc|of|in|tỉnh)?\s*(?:tỉnh|TP\.?|thành phố|province of)?\s*$", re.I)
SURNAMES = frozenset(load_lexicon("persons")["vi"]["surnames"])


# Letters from which on a bare foreign name is a place: of a name that could be Vietnamese, and of one that could not ("Pakse", "Hekou").
_LONG, _FOREIGN = 7, 5
# Foreign provinces of so few letters (Nan, Tak, Kep) are met as other words.
_SHORT = 3
# A Vietnamese syllable without its marks.
_VIETNAMESE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnrstvx])?[aăâeêioôơuưy\u00e0-\u00fd\u1ea0-\u1ef9ĩũ]{1,3}(?:ng|nh|ch|[cmnpt])?"
)


@lru_cache(maxsize=1)
def _known_towns() -> frozenset[str]:
    return frozenset(folded_surface(name) for name in load_lexicon("places")["vi"]["known_towns"])


@lru_cache(maxsize=1)
def _communes() -> dict[str, list[Place]]:
    by_name: dict[str, list[Place]] = {}
    for place in load_gazetteer():
        if place.kind == "commune":
            by_name.setdefault(surface(place.name), []).append(place)
    return by_name


def tag_places(text: str, language: str, date: str | None) -> tuple[PlaceMention, ...]:
    """Every place named in `text` (NFC), in order. `date` (`YYYY`, `YYYY-MM`, `YYYY-MM-DD` or None) is when the text speaks."""
    gazetteer = load_gazetteer()
    matches = find_names(text, language)
    lower = lower_letters(text)
    kinds = [_cue(lower, match, None if index == 0 else matches[index - 1]) for index, match in enumerate(matches)]
    for index in range(1, len(matches)):
        # "các huyện A, B và C": the cue of the first holds for the others
        if (
            kinds[index] is None
            and kinds[index - 1] in ("district", "border_gate")
            and _LIST_LINK.match(text[matches[index - 1].end : matches[index].start])
        ):
            kinds[index] = kinds[index - 1]
    certain = {
        place.id for match, kind in zip(matches, kinds, strict=True) for place in match.places if place.kind == "province" and _means_province(match, kind)
    }  # fmt: skip
    mentions: list[PlaceMention] = []
    told: dict[str, PlaceMention] = {}
    taken: list[tuple[int, int]] = []
    for index, match in enumerate(matches):
        following = matches[index + 1] if index + 1 < len(matches) else None
        mention = _resolve(gazetteer, text, match, kinds[index], following, certain, _countries_beside(text, matches, index), date)
        name = text[match.start : match.end]
        if mention and mention.rule == "place.parent":
            told[name] = mention
        elif mention and mention.kind == "district" and name in told:
            mention = replace(told[name], evidence=mention.evidence)  # named again, now without its province
        if mention:
            mentions.append(mention)
            taken.append((match.start, match.end))
    units = starts_of(_UNITS, lower)
    mentions += _tag_communes(gazetteer, text, units, mentions, date)
    mentions += _tag_unseen(gazetteer, text, units, taken, date)
    if language == "vi":
        mentions += introduced_districts(text, mentions)
    mentions.sort(key=lambda mention: (mention.evidence.start, -mention.evidence.end))
    return tuple(mentions)


def _countries_beside(text: str, matches: Sequence[NameMatch], index: int) -> set[str | None]:
    """The countries of the provinces that a list joins to this name: "Kampot và Kep"."""
    found: set[str | None] = set()
    before, after = matches[max(0, index - 1) : index], matches[index + 1 : index + 2]
    for left, right, other in [(one, matches[index], one) for one in before] + [(matches[index], one, one) for one in after]:
        if _LIST_LINK.match(text[left.end : right.start]):
            found |= {place.country for place in other.places if place.kind == "province" and len(place.name) > _SHORT}
    return found


def _means_province(match: NameMatch, kind: str | None) -> bool:
    """Whether a name stands for a province: it is the name of nothing else, or, as with Tây Ninh and its town, no lower unit is meant."""
    return match.exact and (kind == "province" or all(place.kind == "province" for place in match.places))


def _cue(lower: str, match: NameMatch, previous: NameMatch | None) -> str | None:
    before = _BEFORE.search(lower, max(0, match.start - 40, previous.end if previous else 0), match.start)
    if before and before.lastgroup:
        return before.lastgroup
    after = _AFTER.match(lower, match.end, match.end + 30)
    return after.lastgroup if after else None


def _resolve(
    gazetteer: Gazetteer,
    text: str,
    match: NameMatch,
    kind: str | None,
    following: NameMatch | None,
    certain: set[str],
    beside: set[str | None],
    date: str | None,
) -> PlaceMention | None:
    """`beside`: the countries of the provinces that stand before and behind in a list."""
    if kind in ("other", "commune") or _in_person_name(text, match.start):
        return None
    if kind == "school":  # "Trường Đại học Quảng Bình" lies in its province; "Trường THPT Sơn La" may lie anywhere
        if not any(place.kind == "province" for place in match.places):
            return None
        kind = "province"
    if kind is None and text[match.start : match.end] == "Hồ Chí Minh":
        return None  # the man, the trail, the campaign; the city is always written with "TP" or "thành phố"
    places = match.places
    parents = _parents(text, match, following)
    if kind == "district" and following is not None and parents:
        other = [place for place in following.places if place.kind == "province" and all(place.country != one.country for one in places)]
        if len(other) == len(following.places) == 1:
            # "huyện Phú Ninh, tỉnh Vân Nam": not the Phú Ninh that the gazetteer knows, but one of the province named
            evidence = Evidence.cut(text, match.start, match.end)
            province = other[0]
            return PlaceMention(
                evidence.quote, None, "district", province.name_on(date), province.id, province.country, evidence, "place.parent", 0.6
            )
    if kind:
        # "thành phố" is also said of district towns, "tỉnh" of Lao provinces, "thị trấn" of Lao district seats
        wanted = {"province": ("province", "district", "prefecture"), "prefecture": ("prefecture", "district")}.get(kind, (kind,))
        of_kind = [place for place in places if place.kind in wanted]
        places = tuple(of_kind or [place for place in places if place.kind in ("country", "province", "prefecture")])
        if kind == "province" and any(place.kind == "province" for place in places):
            places = tuple(place for place in places if place.kind == "province")
    else:
        capitals = not any(word[:1].islower() for word in text[match.start : match.end].split())
        places = tuple(
            place
            for place in places
            if _stands_alone(place, match, text[match.start : match.end], parents, capitals=capitals, listed=place.country in beside)
        )
        # "Nam Giang (Quảng Nam)" is the district: a gate of the same name has its cue
        places = tuple(place for place in places if place.kind != "border_gate") or places
    if not places:
        return None
    order = {"country": 0, "province": 1, "prefecture": 2, "district": 3, "border_gate": 4}
    if kind is None and not any(place.admin1_id in parents for place in places if place.kind != "province"):
        top = min(order[place.kind] for place in places)
        places = tuple(place for place in places if order[place.kind] == top)
    place = _one(places, parents, certain, date)
    if place is None:
        countries = {candidate.country for candidate in places}
        country = countries.pop() if len(countries) == 1 else None
        return PlaceMention(
            text[match.start : match.end],
            None,
            places[0].kind,
            None,
            None,
            country,
            Evidence.cut(text, match.start, match.end),
            "place.ambiguous",
            0.4,
        )
    confidence = 0.97 if match.exact and kind else 0.95 if match.exact else 0.85
    return _mention(gazetteer, text, match.start, match.end, place, date, "place.exact" if match.exact else "place.folded", confidence)


def _stands_alone(place: Place, match: NameMatch, written: str, parents: set[str], *, capitals: bool, listed: bool) -> bool:
    """Whether a name may stand for this place without a cue: provinces, countries and known towns do; districts only under a province that is named right behind.

    `listed`: another province of its country stands before or behind it in a list.
    """
    if place.kind in ("country", "province"):
        if place.country == "VN" and place.kind == "province":
            return capitals  # "Hòa bình" is peace
        return place.kind == "country" or len(written) > _SHORT or place.country in parents or listed
    if place.kind == "border_gate" and not capitals:
        return False  # "Bệnh viện Hữu nghị Việt Nam - Cu Ba" is not the gate Hữu Nghị
    if place.admin1_id in parents or place.country in parents:
        return True
    if place.country == "VN":
        return capitals and folded_surface(place.name) in _known_towns()
    if place.kind not in ("prefecture", "district") or not match.exact:
        return False
    # China's prefectures and foreign districts are met bare all the time; short names that could be Vietnamese are syllables of other names
    return len(written) >= _LONG or (len(written) >= _FOREIGN and not all(_VIETNAMESE.fullmatch(word) for word in surface(written).split()))


def _parents(text: str, match: NameMatch, following: NameMatch | None) -> set[str]:
    """Ids of provinces and countries named right behind: `Nam Giang (Quảng Nam)`, `huyện Kà Lừm, tỉnh Sê Kông`; of a district in brackets its
    province: `cửa khẩu Thanh Thủy (Vị Xuyên)`.
    """
    if following is None or following.start - match.end > 20 or not _PARENT.match(text[match.end : following.start]):
        return set()
    named = {place.id for place in following.places if place.kind in ("country", "province")}
    if not named and "(" in text[match.end : following.start]:
        named = {place.admin1_id for place in following.places if place.kind == "district" and place.admin1_id}
    return named


def _one(places: Sequence[Place], parents: set[str], certain: set[str], date: str | None) -> Place | None:
    gates = len(places) > 1 and all(place.kind == "border_gate" for place in places)
    if (
        gates
        and len({place.country for place in places}) > 1
        and not any(place.admin1_id in parents or place.country in parents for place in places)
    ):
        # both sides of Nậm Cắn bear one name: a Vietnamese paper means its own side
        places = [place for place in places if place.country == "VN"] or places
    for near in (parents, certain):
        if len(places) > 1 and near:
            inside = [place for place in places if place.admin1_id in near or place.country in near]
            if inside and not all(place.kind == "province" for place in places):
                places = inside
    if len(places) > 1 and date:
        valid = [place for place in places if place.valid_on(date)]
        places = valid or places
    if len(places) > 1 and len({place.name for place in places}) == 1 and all(place.kind == "province" for place in places):
        # Đà Nẵng before and after the merger, and nothing tells when: the unit that existed until 2025-06-30
        return min(places, key=lambda place: place.valid_from or "")
    return places[0] if len(places) == 1 else None


def _mention(
    gazetteer: Gazetteer, text: str, start: int, end: int, place: Place, date: str | None, rule: str, confidence: float
) -> PlaceMention:
    admin1 = gazetteer.admin1(place)
    if admin1 and admin1 is not place and date and not admin1.valid_on(date) and admin1.successor:
        admin1 = gazetteer.unit(admin1.successor)  # Lao Bảo in August 2025 lies in the Quảng Trị of that day
    return PlaceMention(
        text[start:end], place.id, place.kind, admin1.name_on(date) if admin1 else None, admin1.id if admin1 else None, place.country,
        Evidence.cut(text, start, end), rule, confidence,
    )  # fmt: skip


def _in_person_name(text: str, start: int) -> bool:
    """`Nguyễn Thái Bình`: one of the two words before is a surname and no punctuation stands between."""
    words = text[max(0, start - 24) : start].split(" ")
    if len(words) < 2 or words[-1]:
        return False
    if words[-2] == "Đoàn" and (len(words) < 3 or words[-3] in _UNION_OF or words[-3].endswith((".", ":"))):
        return False
    return words[-2] in SURNAMES or (len(words) >= 3 and words[-3] in SURNAMES and words[-2].istitle() and words[-2].isalpha())


# "Tỉnh Đoàn Quảng Trị", the youth union; at the beginning of a sentence "Đoàn Quảng Trị" is a delegation. Else Đoàn is a surname.
_UNION_OF = frozenset({"Tỉnh", "Thành", "Huyện", "Thị"})


def _tag_communes(
    gazetteer: Gazetteer, text: str, units: Sequence[int], mentions: Sequence[PlaceMention], date: str | None
) -> list[PlaceMention]:
    provinces = {mention.admin1_id for mention in mentions if mention.admin1_id}
    found: list[PlaceMention] = []
    for match in matches_at(_COMMUNE, text, units):
        start, name = match.start("name"), match["name"]
        while name:
            candidates = _communes().get(surface(name), [])
            if candidates:
                break
            name = name[: max(name.rfind(" "), name.rfind("-"), 0)]
        if not name:
            continue
        near = {m.admin1_id for m in mentions if match.end() <= m.evidence.start <= match.end() + 60 and m.admin1_id}
        for scope in (near, provinces):
            inside = [place for place in candidates if place.admin1_id in scope]
            candidates = inside or candidates
        if date and len(candidates) > 1:
            candidates = [place for place in candidates if place.valid_on(date)] or candidates
        end = start + len(name)
        if len(candidates) == 1:
            found.append(_mention(gazetteer, text, start, end, candidates[0], date, "place.commune", 0.9))
        else:
            found.append(
                PlaceMention(name, None, "commune", None, None, "VN", Evidence.cut(text, start, end), "place.commune.ambiguous", 0.4)
            )
    return found


def _tag_unseen(
    gazetteer: Gazetteer, text: str, units: Sequence[int], taken: Sequence[tuple[int, int]], date: str | None
) -> list[PlaceMention]:
    """The fuzzy step behind the exact one: `tỉnh Bôykhămxay` resolves to Bolikhamsay, because no other unit of that kind is as near."""
    found: list[PlaceMention] = []
    spans = sorted(taken)  # apart from each other: only the last one that begins before a name can hold it
    for match in matches_at(_UNSEEN, text, units):
        start = match.start("name")
        at = bisect_right(spans, (start, len(text)))
        if at and start < spans[at - 1][1]:
            continue
        kind = "district" if match["cue"] in ("huyện", "thị xã") else "province"
        words = re.split(r"(?<=[ -])", match["name"])
        for count in range(len(words), 0, -1):
            name = "".join(words[:count]).rstrip(" -")
            if name.split()[-1][0].islower():
                continue  # "tỉnh Tboung Kh'Mum phụ trách": what follows is no part of the name
            if place := resolve_unseen(name, kind, capital=match["cue"] == "thủ đô"):
                found.append(_mention(gazetteer, text, start, start + len(name), place, date, "place.transliterated", 0.7))
                break
    return found
