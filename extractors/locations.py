"""Where an event took place: the venue that a sentence names, with the province and country it lies in."""

from __future__ import annotations

import re

from extractors.classifiers.venue_features import VenueMention
from extractors.reading import Reading
from extractors.records import Evidence, Location, OrganizationMention, Party
from extractors.sentences import Sentence

_VENUE = re.compile(
    r"(?:(?<!\w)(?:tại|ở|in|at)\s+)(?P<name>(?!hội nghị|buổi|cuộc|lễ\b|đây|chương trình|the (?:meeting|conference|ceremony|event|same)|order|which|least|addition|cuộc|phiên|hội đàm)(?:(?:TP|TX|T\.P)\.\s?|[^,.;:!?\n]){2,80})",
    re.I,
)
_VENUE_END = re.compile(
    r"\s(?:đã|diễn ra|tổ chức|khai mạc|do|với|cho|để|nhằm|và thống|vừa|là|giữa|trong|vào|on|to|with|for|hosted|between|was|has|under|from|chủ trì|phát hiện|bắt giữ|tiếp nhận|bàn giao|khánh thành|thăm|tặng|trao|ngày|sáng|chiều|của đoàn|đạt|đón|được|tham dự|gặp|ký|có|cũng|công an|lực lượng|đồng chí|as|by|aimed|during)\s",
    re.I,
)
# "told a press briefing in Hanoi on December 13": day and place of the telling, not of what is told.
TOLD = re.compile(
    r"(?:\b(?:told|said|announced|reported|briefed|unveiled)\b|press (?:briefing|conference)|cho biết|cho hay|loan tin|đưa tin|báo tin|thông tin(?= (?:ngày|hôm|sáng|chiều|tối|từ|tại|về))|thông báo|họp báo)(?![,:]|[^.;]*\b(?:that|will|rằng|là|sẽ)\b)[^.;]{0,70}$", re.I
)  # fmt: skip
# "ngày 19/10 cho hay", "Ngày 14/1, Bộ đội Biên phòng Hà Tĩnh cho biết": the day of the telling again, told first.
TELLS = re.compile(
    r"(?:,\s[^,.;:\n]{3,110}?(?:,\s(?-i:[A-ZĐ])[^,.;:\n]{3,60}?)?|,)?\s(?:cho biết|cho hay|loan tin|đưa tin|báo tin|thông tin (?:về|rằng)|thông báo|xác nhận)(?!\w)",
    re.I,
)


# In English and Lao the venue is the first place that a preposition leads to, through towns the gazetteer may not know.
_VENUE_BEFORE = {
    "en": re.compile(
        r"(?:(?<!\w)(?:in|at|to|through|via)\s(?:the\s)?)(?P<name>(?:[A-Z][\w'’-]*\s?|commune|district|town|city|of|,\s?|village|ward|province|international|border|gate|\s)*)$"
    ),
    "lo": re.compile(
        r"(?:ຢູ່|ທີ່)\s?(?P<name>(?:[\u0e80-\u0eff]{2,24}\s)?(?:ແຂວງ|ເມືອງ|ນະຄອນຫຼວງ|ດ່ານ[\u0e80-\u0eff]{0,8}|ບ້ານ[\u0e80-\u0eff]{1,16}\s?)?\s?)$"
    ),
}
_LEVEL_BEHIND = re.compile(r"^(?:\s(?:city|province|district|town|commune|(?:international |national |main )?border gate))", re.I)


def _location_before_place(reading: Reading, sentence: Sentence) -> Location | None:
    pattern = _VENUE_BEFORE[reading.language]
    found: list[Location] = []
    for place in reading.places_between(sentence.start, sentence.end):
        start = place.evidence.start
        before = pattern.search(reading.text[max(sentence.start, start - 70) : start])
        if (
            before is None
            or start in reading.homes
            or not place.country
            or TOLD.search(reading.text, max(sentence.start, start - 110), start)
        ):
            continue
        behind = _LEVEL_BEHIND.match(reading.text[place.evidence.end : place.evidence.end + 30])
        left = max(sentence.start, start - 70) + before.start("name")
        evidence = Evidence.cut(reading.text, left, place.evidence.end + (behind.end() if behind else 0))
        found.append(Location(evidence.quote, place.place_id, place.admin1, place.admin1_id, place.country, evidence))
    return next((place for place in found if place.admin1_id), found[0] if found else None)


def location_in(reading: Reading, sentence: Sentence) -> Location | None:
    """The venue that a sentence names behind "tại", "in" …, as far as its province or country is known."""
    if reading.language in _VENUE_BEFORE:
        return _location_before_place(reading, sentence)
    quote = reading.text[sentence.start : sentence.end]
    for match in _VENUE.finditer(quote):
        name = match["name"]
        ended = _VENUE_END.search(name)
        name = (name[: ended.start()] if ended else name).strip(" -–\"”“'")
        if "(" in name and ")" not in name:
            name = name[: name.index("(")].strip()  # "xã Dân Hóa (Minh Hóa, …)"
        start = sentence.start + match.start("name")
        if not any(char.isupper() for char in name) and not any(char.isdigit() for char in name):
            continue
        # the place inside the name, else the one that follows it: "tại thị xã Cửa Lò, tỉnh Nghệ An", "tại Mường Xén (Kỳ Sơn, Nghệ An)"
        inside = reading.places_between(start, start + len(name))
        behind = [
            p
            for p in reading.places_between(start + len(name), min(start + len(name) + 45, sentence.end))
            if re.fullmatch(
                r"[\s,(–-]*(?:thuộc\s|tỉnh\s|huyện\s|TP\.?\s?|thành phố\s|[A-ZĐ][\w ]{0,25}[,-]\s?(?:tỉnh\s)?){0,2}",
                reading.text[start + len(name) : p.evidence.start],
            )
        ]
        if any(p.evidence.start in reading.homes for p in (*inside, *behind)):
            continue
        mentions = [p for p in (*inside, *behind) if p.country]
        if not mentions:
            organizations: list[OrganizationMention | Party] = [*reading.landmarks_between(start, start + len(name))]
            organizations += [o for o in reading.organizations_between(start, start + len(name)) if o.country]
            if not organizations:
                continue
            o = organizations[0]
            return Location(name, None, o.admin1, o.admin1_id, o.country, Evidence.cut(reading.text, start, start + len(name)))
        best = next((p for p in mentions if p.admin1_id), mentions[0])
        return Location(
            name, best.place_id, best.admin1, best.admin1_id, best.country, Evidence.cut(reading.text, start, start + len(name))
        )
    return None


def location_of_lead(reading: Reading) -> Location | None:
    """The first venue in the first three sentences of the story."""
    return next((place for sentence in reading.story[:3] if (place := location_in(reading, sentence))), None)


# Talks that nobody travels to have no venue (annotation guide, section 6). "Lừa đảo trực tuyến", "(LĐ online)" and meetings held both ways are other things.
_MEETS = r"họp|hội đàm|hội nghị|gặp(?: gỡ| mặt)?|ký(?: kết)?|trao đổi|tọa đàm|đối thoại|làm việc|giao ban|hội thảo|hình thức"
_ONLINE = re.compile(
    rf"(?<!\w)(?:(?:{_MEETS})\s(?:[^\W\d]+\s){{0,2}}?trực tuyến|qua màn hình|qua cầu truyền hình|(?:by|via|through) video|video ?conference|virtual(?:ly)?\s(?:meet|talk|conference|sign|session)"
    r"|(?:held|met|talked|signed|meeting|talks|conference) (?:virtually|online)|online (?:meeting|talks|conference|session|signing))|ທາງໄກ", re.I
)  # fmt: skip
_BOTH_WAYS = re.compile(r"trực tiếp (?:kết hợp|và|với)|kết hợp (?:trực tiếp|trực tuyến)|hybrid|in person", re.I)


def held_online(reading: Reading, at: int) -> bool:
    """Whether the sentence of the story at `at` tells that those who met were not in one place."""
    sentence = next((one for one in reading.story if one.start <= at < one.end), None)
    if sentence is None:
        return False
    return _ONLINE.search(reading.text, sentence.start, sentence.end) is not None and not _BOTH_WAYS.search(
        reading.text, sentence.start, sentence.end
    )


def likely_location(found: Location | None, best: VenueMention | None) -> Location | None:
    """The location that the rules found for the main event, unless the model holds another province likelier, or none likely."""
    if best is None:
        return found if found is not None and found.admin1 is None else None  # a marker or gate between the two countries
    if found is not None and (found.country, found.admin1) == best.pair:
        return found
    at = best.place.evidence
    return Location(at.quote, best.place_id, best.admin1, best.place.admin1_id, best.country, at)
