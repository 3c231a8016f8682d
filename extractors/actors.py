"""Who acts in a sentence: organizations, and places that stand for their people ("phía Lào", "tỉnh Attapeu", "nhân dân bản Ka Lô").

A foreign name is an actor only in an acting position. "Giáp Lào", "từ Lào vào", "quốc tịch Lào", "biên giới Việt Nam - Lào" are geography: with them alone,
two domestic bodies signing about the border, or one side's arrest of foreigners, would look like cooperation.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from extractors.anchored import Ending
from extractors.normalise import lower_case
from extractors.records import Evidence, OrganizationMention, Party, PlaceMention

# The patterns over Vietnamese read lower-case text: re.IGNORECASE makes them three times as slow.
_GEOGRAPHY = (
    r"giáp(?: với| ranh)?|biên giới(?: giữa)?(?: với)?(?: hai nước)?|đường biên(?: giới)?|từ|sang|vào|qua|về|ở|tại|đến|tới|ra|khỏi|trên đất|quốc tịch|mang quốc tịch|người|gốc|dân tộc|tiếng|biển(?: số| kiểm soát)?|"
    r"tuyến|khu vực|cửa khẩu|địa bàn|giữa lòng|phía tây giáp|lãnh thổ|thị trường|đất(?: nước)?|rừng|hướng|trú tại|trú|quê|bên đất|cùng quốc tịch|hy sinh (?:ở|tại)|chiến trường|nằm sâu trong|sinh sống (?:ở|tại)|nội địa|bên kia biên giới|"
    r"border(?:ing)?(?: with)?|from|to|into|in|across|inside|through|via|near"
)
_GEOGRAPHY_BEFORE = Ending(
    [_GEOGRAPHY],
    rf"(?:{_GEOGRAPHY})\s*(?:tỉnh\s|nước\s|huyện\s|bản\s|thủ đô\s|the\s|neighbouring\s)?(?:nước\s|tỉnh\s)?$",
)
_STRONG = (
    r"phía|nước bạn|bạn|các bạn|đoàn(?: đại biểu| công tác| cán bộ)?(?: cấp cao)?(?: của)?|lực lượng(?: chức năng| vũ trang| bảo vệ biên giới| an ninh| biên phòng)?(?: của)?|cơ quan chức năng(?: của)?|chính quyền(?: địa phương)?(?: và nhân dân)?(?: các)?|công an|cảnh sát|quân đội|bộ đội|an ninh"
    r"|nhân dân(?: các bộ tộc)?|người dân|bà con(?: nhân dân)?|dân bản|cán bộ|học viên|học sinh|sinh viên|lưu học sinh|lãnh đạo(?: cấp cao)?(?: của)?|chính phủ|bộ trưởng|thứ trưởng|thủ tướng|phó thủ tướng|đại sứ|tổng lãnh sự|đại biểu|hộ dân|hộ nghèo|đồng bào|bác sĩ|y bác sĩ|giữa|với|cùng|cho|của|đối tác|biên phòng|hải quan|đơn vị|cặp|thanh niên|phụ nữ|doanh nghiệp|hai tỉnh|ba tỉnh|các tỉnh|hai huyện|hai nước|ba nước|hai bản|cụm bản|bốn tỉnh|hai thành phố|các huyện|bệnh nhân"
    r"|between|with|by|of|and|side of|for|delegation from|delegation of|officials of|authorities of|officials from|police of|forces of|its"
)
_WEAK = r"và|-|–|,|&"
_ACTOR_BEFORE = Ending(
    [_STRONG, _WEAK],
    rf"(?:(?P<strong>{_STRONG})\s+(?:hai |ba |các |2 |3 |4 |hai bên )?(?:tỉnh |huyện |nước |bản |cụm bản |xã |thị xã |thành phố |thủ đô |quận |khu |nước bạn |phía |bạn |cụm |châu |đoàn |ban |the )*"
    rf"|(?P<weak>{_WEAK})\s*(?:tỉnh |huyện |nước |bản |the )*)$",
)
# A hospital, school or office whose country nothing tells is the paper's own; a police or army unit might be the neighbour's.
_DOMESTIC_KINDS = frozenset({"health", "education", "mass_organization", "business", "party"})
_ADJECTIVE_AFTER = re.compile(
    r"^(?:n|'s|’s)?\s+(?:side|police|delegation|delegates|officials?|forces?|ministry|minister|army|authorities|government|counterparts?|people|officers|students|border|soldiers|public security|deputy|prime|president|military|province|provinces|security|ambassador|embassy|general|trainees|party|national|foreign|defence|defense|villagers|women|youth|health)\b", re.I
)  # fmt: skip
# "biên giới Quảng Nam - Sê Kông", "quan hệ hữu nghị đặc biệt giữa …": what joins the two is a border or a friendship, no act.
_GEOGRAPHY_PAIR = re.compile(
    r"(?:biên giới|tuyến|đường biên|quan hệ|tình cảm|tình|hữu nghị|keo sơn|border|borderline|relations|relationship|ties|friendship|đoàn kết|truyền thống|mối quan hệ)"
    r"(?: (?:đặc biệt|hữu nghị|truyền thống|đoàn kết|hợp tác|toàn diện|tốt đẹp|chung|anh em|láng giềng|gắn bó|thủy chung|bền vững|và|hai nước|hai tỉnh|line|area|cooperation))*\s*(?:giữa|của|between|of)?\s*(?:hai nước|hai tỉnh|two countries)?\s*$",
)  # fmt: skip
# A chain of levels between an acting noun and the province: "bà con cụm bản Ka Lô, huyện Kạ Lừm, tỉnh Sê Kông".
_LEVELS = re.compile(
    r"(?:(?:các |hai |ba )?(?:huyện|tỉnh|xã|bản|cụm bản|thôn|ấp|thị xã|thị trấn|tp\.?|thành phố|châu|quận|khu)\s[^,.;:()]{1,40}[,(]\s*)+(?:(?:huyện|tỉnh|nước|tp\.?|thành phố)\s)?$",
)
_LEVELS_END = re.compile(r"\s*(?:(?:huyện|tỉnh|nước|tp\.?|thành phố)\s)?")  # what may stand behind the last comma or bracket of _LEVELS
_IN_BRACKETS = re.compile(
    r"(?:cho|với|cùng|của|nhân dân|người dân|bà con|học sinh|hộ|giữa|hai phía biên giới)\b[^.;]{0,170}\([^()]*$",
)
_LISTED = re.compile(
    r"(?:hai|ba|bốn|năm|sáu|các|\d|two|three|four)\s(?:tỉnh|nước|huyện|địa phương|thành phố|bản|provinces|countries)(?: [^\W\d_]+){0,3}\s?[:,]?\s[^.;]{0,120}$",
)
_VENUE_OR_SOURCE = re.compile(
    r"(?:tại|ở|đến|tới|trụ sở|khách sạn|theo|thuộc tỉnh|nguồn|(?<!called )at|báo)\s*(?:trụ sở |hội trường |the )?$"
)
_CROSSING = re.compile(r"(?:sang|tới|đến|tại|ở)\s(?:thăm\s)?(?:(?:tỉnh|huyện|nước|bản|thủ đô)\s)*$")
_HELPS = re.compile(r"^[^.;]{0,70}(?:khám|tặng|trao quà|chúc|giúp|hỗ trợ|phát thuốc|xây tặng)")
# "TP. Đà Nẵng và tỉnh Sê Kông (Lào) sẽ tổ chức": a foreign province as a subject.
_AS_SUBJECT = re.compile(
    r"\s?\((?:lào|chdcnd lào|nước bạn lào|campuchia|vương quốc campuchia|trung quốc|thái lan)\)\s(?:sẽ |đã |vừa |cùng |lại )*"
    r"(?:tổ chức|phối hợp|ký|thống nhất|hội đàm|giao lưu|họp|trao đổi|kết nghĩa|tuần tra)(?!\w)"
)
# "tỉnh Sơn La và tỉnh Hủa Phăn tổ chức lễ": both act.
_HOSTS = re.compile(
    r"(?:\s?\([^()\n]{2,24}\))?\s(?:(?:và|cùng|với)\s(?:tỉnh|thành phố|tp\.?)\s(?:[^\s,.;()]+\s){1,4}?(?:\([^()\n]{2,24}\)\s)?)?(?:sẽ |đã |vừa |cùng |lại )*"
    r"(?:(?:phối hợp )?tổ chức|hội đàm|ký|thống nhất|kết nghĩa|trao trả|bàn giao|tiếp nhận|đón nhận|trao tặng)(?!\w)"
)
_PROVINCE_OPENS = re.compile(r"(?:^|(?<=[,;:–-] )|(?<=\n)|(?<=và )|(?<=cùng ))tỉnh $")


@dataclass(frozen=True, slots=True)
class Actor:
    """Something that can be a party, at `start` in the text. `weak`: only a country or province named in an acting position."""

    start: int
    end: int
    party: Party
    weak: bool
    kind: str


def find_actors(
    text: str, language: str, places: Sequence[PlaceMention], organizations: Sequence[OrganizationMention], homes: Collection[int] = ()
) -> list[Actor]:
    """All actors of the text in order. Media and courts are none; an organization as a venue ("tại trụ sở Công an tỉnh") is none, nor
    are the places that begin at `homes`, where persons live.
    """
    actors: list[Actor] = []
    inside: set[int] = set()
    lower = lower_case(text)
    for organization in organizations:
        start, end = organization.evidence.start, organization.evidence.end
        inside.update(range(start, end))
        before = lower[max(0, start - 30) : start]
        country = organization.country or ("VN" if language == "vi" and organization.kind in _DOMESTIC_KINDS else None)
        if organization.kind in ("media", "court") or not country or _VENUE_OR_SOURCE.search(before):
            continue
        actors.append(
            Actor(
                start,
                end,
                Party(organization.name, organization.admin1, organization.admin1_id, country, organization.evidence),
                False,
                organization.kind,
            )
        )
    ends, weak_ends = {actor.end for actor in actors}, set[int]()
    previous: PlaceMention | None = None
    for place in places:
        start, end = place.evidence.start, place.evidence.end
        if start in inside or start in homes or not place.country or place.kind == "border_gate":
            previous = place
            continue
        if _acts(text, lower, start, end, ends, weak_ends, place) if language == "vi" else _ACTS_IN[language](text, start, end, place):
            named = place
            if language == "en" and previous and _lies_in(text, previous, place):
                # "officials of Yunnan, China": the province acts, the country tells where it lies
                named, start, end = previous, previous.evidence.start, previous.evidence.end
            party = Party(_phrase(text, start, end), named.admin1, named.admin1_id, place.country, named.evidence)
            actors.append(Actor(start, end, party, True, "place"))
            ends.add(end)
            weak_ends.add(end)
        previous = place
    if language == "vi":
        actors += _vietnamese_pairs(text)
    if language == "en":
        actors += _demonyms(text, inside) + _pairs(text)
    return sorted(actors, key=lambda actor: actor.start)


def _acts(text: str, lower: str, start: int, end: int, ends: set[int], weak_ends: set[int], place: PlaceMention) -> bool:
    """`lower` is the text in lower case, `ends` are the offsets at which an actor ends, `weak_ends` those of places that act."""
    before = lower[max(0, start - 200) : start]
    line = before.rfind("\n")
    before = before[line + 1 :] if line >= 0 else before
    if place.kind in ("country", "province") and _ADJECTIVE_AFTER.match(text[end : end + 40]):
        return True
    bracket = before.rfind("(")
    if _LEVELS_END.fullmatch(before, max(before.rfind(","), bracket) + 1) and (chain := _LEVELS.search(before)):
        rest = before[: chain.start()] + "bản "
        if _ACTOR_BEFORE.search(rest) and not _GEOGRAPHY_BEFORE.search(rest):
            return True
    if bracket > before.rfind(")") and _IN_BRACKETS.search(before):
        return True
    if place.kind == "province":
        stop = max(before.rfind("."), before.rfind(";")) + 1  # a list goes over no such sign
        if _LISTED.search(before, stop) and not _GEOGRAPHY_BEFORE.search(before):
            return True
    if place.kind == "province" and _AS_SUBJECT.match(lower[end : end + 60]):
        return True
    if place.kind == "province" and _PROVINCE_OPENS.search(before) and _HOSTS.match(lower[end : end + 90]):
        return True
    if place.kind in ("province", "district") and _CROSSING.search(before) and _HELPS.match(lower[end : end + 90]):
        return True
    actor = _ACTOR_BEFORE.search(before[-60:])
    if actor is None:
        # "(Lào)" behind an acting province or unit
        return before.rstrip().endswith(("(", ",")) and any(end in weak_ends for end in range(start - 4, start + 1))
    if actor["weak"]:
        if _GEOGRAPHY_PAIR.search(before[-60:][: actor.start()]):
            return False
        return any(end in ends for end in range(start - 12, start + 1))
    before = before[-60:]
    head = before[: actor.start()] + actor.group()
    word = actor["strong"] or ""
    if word in ("với", "cùng", "giữa", "của", "cho", "between", "with", "of", "and", "by", "for") and _GEOGRAPHY_PAIR.search(
        before[: actor.start()]
    ):
        return False
    if word in ("of", "and", "của") and place.kind == "country":
        # "Savannakhet province of Laos": the province acts, the country qualifies
        return any(end in ends for end in range(start - 22, start + 1))
    return _GEOGRAPHY_BEFORE.search(head) is None or word in ("phía", "bạn", "nước bạn", "nhân dân", "người dân", "bà con")


def _lies_in(text: str, province: PlaceMention, country: PlaceMention) -> bool:
    between = text[province.evidence.end : country.evidence.start]
    same = country.kind == "country" and province.country == country.country and province.admin1_id is not None
    return same and re.fullmatch(r"(?: province)?(?:,| of| in) ", between) is not None


# English news names the state itself, or its people by an adjective.
_DEMONYM_COUNTRIES = {"Vietnamese": "VN", "Lao": "LA", "Laotian": "LA", "Cambodian": "KH", "Khmer": "KH", "Chinese": "CN", "Thai": "TH"}
_DEMONYM = re.compile(
    r"(?<![\w-])(?P<people>Vietnamese|Lao(?! Cai| Bao)|Laotian|Cambodian|Khmer|Chinese|Thai(?! Nguyen| Binh))(?:,? and (?:Vietnamese|Lao|Laotian|Cambodian|Khmer|Chinese|Thai))?(?: [A-Za-z]+){0,2}? "
    r"(?:side|police|delegation|delegates?|officials?|forces?|ministr(?:y|ies|er|ers)|Ministry|army|Army|armies|authorities|government|Government|counterparts?|students|officers|trainees|military|province|provinces|embassy|ambassador|Ambassador|party|"
    r"defence|defense|guards?|general|General|doctors?|medics|youth|youths|women|partners?|security|navy|villagers|people|patients|households|families|children|leaders?|troops|team|teams|consul|Consul|Deputy|Prime|President|agencies|agency|representatives|communities|companies|experts|soldiers|units)\b"
)
_ENGLISH_SUBJECT = re.compile(
    r"^(?:['’]s?|,? (?:and|&) (?:[A-Z][\w-]+ ?){1,3}(?:province|provinces)?,? ?(?:will|has|have|had|signed|on|are|were|held|agreed|to|launch\w*|began|conduct\w*|exchang\w*|hand\w*|open\w*|co-?|in|yesterday|last|met|inaugurat\w*|ha[sd]|concluded|discuss\w*)"
    r"| (?:will|has|have|had|signed|hosted|held|handed|hands|donated|received|agreed|sent|gave|presented|returned|returns|provided|are|to|and|sends|gives|donates|on \w+day)\b)"
)
_ENGLISH_OBJECT = re.compile(
    r"(?:between|with|by|and|for|from the|to|side of|people of|authorities of|police of|guards? of|command of|committee of|officials from|officials of|province of|delegation from|delegation of|behalf of|government of|ministry of|army of|forces of|representatives of|police from|officers from|students from|governments of)\s(?:the\s)?(?:neighbou?ring\s)?$",
    re.I,
)
_ENGLISH_GEOGRAPHY = re.compile(
    r"(?:border(?:s|ing|line)?(?: \w+)?(?: between| with| of)?|into|across|near|living in|entered|enter|illegally to|trip to|travel(?:led)? to|work in|in|at|sneak(?:ed)? (?:in)?to|fled to|smuggled (?:from|to)|from|route from|relations between|ties between|friendship between|ties with|visit to|return(?:ed)? to)\s(?:the\s)?(?:\w+\s)?$",
    re.I,
)


# "receive the remains from Savannakhet", "a delegation from Laos": who gives or comes, where a bare "from" only tells the way.
_FROM_ACTOR = re.compile(
    r"(?:receiv\w+|accept\w+|delegations?|officials|officers|police|students|leaders|guests|mission|team|representatives|guards|soldiers|trainees|doctors|forces|delegates|remains|authorities)\b[^.,;]{0,25} from (?:the )?(?:[a-z]+ )?$", re.I
)  # fmt: skip


def _acts_english(text: str, start: int, end: int, place: PlaceMention) -> bool:
    before, after = text[max(0, start - 60) : start], text[end : end + 70]
    if _FROM_ACTOR.search(before):
        return place.kind in ("country", "province")
    if _ENGLISH_GEOGRAPHY.search(before) and not re.search(
        r"(?:border (?:guards?|police|forces?|defen[cs]e|command|units?) of |talks|meeting|conference|agreement|minutes|patrol|exchange|cooperation|handed (?:over )?to|donated to|presented to) (?:between|with|to) $",
        before,
    ):
        return False
    if place.kind in ("country", "province") and (_ENGLISH_SUBJECT.match(after) or _ADJECTIVE_AFTER.match(after)):
        return True
    if place.kind == "country" and not _ENGLISH_GEOGRAPHY.search(before):
        return True
    return bool(_ENGLISH_OBJECT.search(before)) and place.kind in ("country", "province", "district")


_LAO_GEOGRAPHY = re.compile(r"(?:ຢູ່|ຊາຍແດນ|ສັນຊາດ|ພາສາ|ຊາວ|ຊາຍແດນລະຫວ່າງ|ທີ່|ເຂົ້າມາ)\s?(?:ແຂວງ|ປະເທດ|ນະຄອນຫຼວງ|ສປປ)?\s?$")


def _acts_lao(text: str, start: int, end: int, place: PlaceMention) -> bool:
    """Lao has few cues that hold; a country or province acts unless a word of place or nationality stands before it."""
    return (
        place.kind in ("country", "province") and not _LAO_GEOGRAPHY.search(text[max(0, start - 24) : start]) and text[end : end + 1] != "-"
    )


_ACTS_IN = {"en": _acts_english, "lo": _acts_lao}


# "bà con Trung - Việt", "lực lượng chức năng Việt - Lào": the people or forces of both.
_PAIR_VI = re.compile(
    r"(?:bà con|nhân dân|cư dân|người dân|lực lượng(?: chức năng| công an| biên phòng| vũ trang)?|quân đội|công an|biên phòng|bộ đội|thanh niên|phụ nữ|y bác sĩ|quân dân|quân y|cảnh sát|hải quan)"
    r"(?: (?:hai|2) (?:nước|bên))? (?P<one>Việt(?: Nam)?|Lào|Trung(?: Quốc)?|Campuchia|Thái(?: Lan)?)\s?[-–]\s?(?P<two>Việt(?: Nam)?|Lào|Trung(?: Quốc)?|Campuchia|Thái(?: Lan)?)(?!\w)", re.I
)  # fmt: skip
_SECOND_OF_PAIR = re.compile(r"[-–]\s?(?:Việt|Lào|Trung|Campuchia|Thái)", re.I)  # opens with a sign, so that it is found fast
_LONGEST_FIRST_OF_PAIR, _LONGEST_COUNTRY = 80, 20
_PAIR_VI_COUNTRIES = {"vi": "VN", "là": "LA", "tr": "CN", "ca": "KH", "th": "TH"}


def _vietnamese_pairs(text: str) -> list[Actor]:
    found: list[Actor] = []
    after = 0
    for second in _SECOND_OF_PAIR.finditer(text):
        # each pair holds one such sign, and is too slow a pattern to be sought through a whole text
        match = _PAIR_VI.search(text, max(after, second.start() - _LONGEST_FIRST_OF_PAIR), second.end() + _LONGEST_COUNTRY)
        if match is None or match.start() > second.start():
            continue
        after = match.end()
        for name in ("one", "two"):
            evidence = Evidence.cut(text, match.start(name), match.end(name))
            country = _PAIR_VI_COUNTRIES[match[name][:2].lower()]
            found.append(Actor(evidence.start, evidence.end, Party(match[name], None, None, country, evidence), True, "people"))
    return found


_PAIR = re.compile(
    r"(?<![\w-])(?P<one>Vietnam|Viet Nam|Laos?|Cambodian?|China|Thailand|Thai|Sino)\s?[-–]\s?(?P<two>Vietnam|Viet Nam|Vietnamese|Laos?|Cambodian?|China|Chinese|Thailand|Thai)(?![\w-])"
    r"(?! (?:land |shared |common )?(?:border|frontier|relations|ties|friendship(?! (?:exchange|programme|program|meeting|festival)))\b)"
)
_PAIR_COUNTRIES = {"v": "VN", "l": "LA", "cam": "KH", "chi": "CN", "sin": "CN", "t": "TH"}


def _pairs(text: str) -> list[Actor]:
    """`the Vietnam-Laos friendship exchange programme`: both states act; "the Vietnam-Laos border" is geography."""
    found: list[Actor] = []
    for match in _PAIR.finditer(text):
        for name in ("one", "two"):
            country = next(code for start, code in _PAIR_COUNTRIES.items() if match[name].lower().startswith(start))
            evidence = Evidence.cut(text, match.start(name), match.end(name))
            found.append(Actor(evidence.start, evidence.end, Party(match[name], None, None, country, evidence), True, "people"))
    return found


def _demonyms(text: str, inside: set[int]) -> list[Actor]:
    """`Cambodian authorities`, `the Vietnamese side`, `Lao and Thai police`: actors without a province."""
    found: list[Actor] = []
    for match in _DEMONYM.finditer(text):
        if match.start() in inside or re.search(
            r"(?:remains of|fallen|martyred)\s$", text[max(0, match.start() - 14) : match.start()], re.I
        ):
            continue
        for people in dict.fromkeys(re.findall("|".join(_DEMONYM_COUNTRIES), match.group())):
            if people == "Khmer" and "Cambodia" not in text:
                continue  # a people of Vietnam's south, too
            at = match.start() + match.group().index(people)
            evidence = Evidence.cut(text, at, match.end())
            found.append(Actor(at, match.end(), Party(evidence.quote, None, None, _DEMONYM_COUNTRIES[people], evidence), True, "people"))
    return found


def _phrase(text: str, start: int, end: int) -> str:
    """The name with its level word: `tỉnh Attapeu`, `bản Ka Lô`."""
    level = re.search(r"(?:tỉnh|huyện|bản|cụm bản|xã|thành phố|thủ đô|nước|quận)\s$", text[max(0, start - 10) : start], re.I)
    left = start - len(level.group()) if level else start
    return text[left:end]
