"""English organizations: chains of capitals around a noun of the lexicon, and lower-case forces with the place they serve.

"Border Guard Command of Lao Cai province and the Honghe border management unit" are two bodies; "Ministry of Labour and Social Welfare" is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from extractors.lexicons import load_lexicon
from extractors.records import Evidence, OrganizationMention, PlaceMention
from extractors.tokens import PhraseTable, Token

Side = Callable[[int, int], tuple[str | None, str | None, str | None, float]]

_LINKS = {"of", "for", "and", "&", "the", "on", "in", "’", "'", "s", "against", "provincial", "city", "district", "municipal", "-", "–"}
_UNIT_NUMBER = re.compile(
    r"(?:company|zone|region|regiment|battalion|division|brigade|unit|post|station|team|corps|school|hospital|committee)$", re.I
)
_AND = re.compile(r",? (?:and|&) (?:the |its )?")
_TAIL = re.compile(r" (?:in|on|at)(?: the)? (?=[A-Z])")
_OPENING = re.compile(r"^(?:[^\W_][\w'’.-]*\s)*?of (?:the )?")
_LEVEL = re.compile(r" (?:[Pp]rovince|city|district|town|commune|prefecture|provincial capital)\b")
_PEOPLES = {
    "Vietnamese": "VN", "Lao": "LA", "Laotian": "LA", "Cambodian": "KH", "Khmer": "KH", "Chinese": "CN", "Thai": "TH",
}  # fmt: skip
_POLICE_OF_A_PEOPLE = re.compile(
    rf"\b(?:{'|'.join(_PEOPLES)}) (?:police|army|embassy|consulate(?: general)?)\b(?! (?:officer|general|force|station|major|colonel))"
)
# Posts named by places that no gazetteer has: "Qushui border police station".
_POST = re.compile(
    r"(?<![\w-])(?:[A-Z][\w'-]+ ){1,3}(?:border (?:guard|police|defen[cs]e|patrol) (?:station|post|unit|company)|military (?:sub-region|sub-area|operations zone))"
)
# "Lao Cai border guards", "Thai Nguyen police" are Vietnam's.
_PROVINCE_FIRST = re.compile(r"(?:Lao (?:Cai|Bao)|Thai (?:Nguyen|Binh))\b")
# Ranks of the police, and houses.
_NO_BODY = re.compile(r"^Police (?:[\w-]+ )?(?:General|Colonel|Major|Captain|Lieutenant)\b(?! Department)|House$|^Its ")
# Forces in lower case, told by the place they serve: "border guards of Tay Ninh province", "Quang Tri provincial police".
_FORCE = (
    r"(?:border (?:guards?|police|defen[cs]e|management|patrol|control)(?: (?:command|force|forces|unit|units|station|detachment))?|police(?: department| force)?"
    r"|military command|defen[cs]e ministr(?:y|ies)|health (?:department|care centre|centre)|(?:border |infantry )?battalion|(?:general |military |friendship )?hospital|military sub-(?:region|area)|television|(?:public )?security (?:department|forces?|police)|customs(?: department)?|immigration police|border army|people['’]s committee)"
)
_FORCE_OF = re.compile(rf"(?<![\w-])(?:{_FORCE})\s(?:of|in|from)\s(?:the\s)?$", re.I)
_FORCE_BEHIND = re.compile(rf"^(?:['’]s)?(?: province['’]s| province| provincial| [Cc]ity| municipal| district)? {_FORCE}(?!\w)")


def english_organizations(text: str, tokens: list[Token], places: list[PlaceMention], side: Side) -> list[OrganizationMention]:
    """The organizations of an English text in order. `side(start, end)` gives province, its id, country and confidence of a span."""
    starts = {place.evidence.start for place in places}
    spans = [span for chunk in _chunks(text, tokens, starts) for span in _bodies(text, *chunk, starts)]
    spans += _forces(text, places)
    spans += [match.span() for pattern in (_POLICE_OF_A_PEOPLE, _POST, _FIELDS) for match in pattern.finditer(text)]
    found: list[OrganizationMention] = []
    last = -1
    lexicon = load_lexicon("organizations")["en"]
    for start, end in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if start < last:
            continue
        name = text[start:end]
        if _NO_BODY.search(name):
            continue
        kind = _kind(name.lower(), lexicon)
        if kind is None:
            continue
        admin1, admin1_id, country, confidence = side(start, end)
        country = (None if _PROVINCE_FIRST.match(name) else _PEOPLES.get(name.split()[0])) or country
        if country and admin1_id and not admin1_id.startswith(country):
            admin1 = admin1_id = None  # "Lao Consulate General in Danang": the state, not the place
        evidence = Evidence.cut(text, start, end)
        found.append(OrganizationMention(name, kind, admin1, admin1_id, country, evidence, "organization.english", min(confidence, 0.85)))
        last = end
    return found


# "Ministry of Culture, Sports and Tourism": the comma parts fields of work, not bodies.
_FIELDS = re.compile(
    r"(?:(?!The )(?:[A-Z][\w'-]+ ){0,4})(?:[Mm]inistry|[Dd]epartment) of [A-Z]\w+(?: [A-Z]\w+)?(?:, [A-Z]\w+(?: [A-Z]\w+)?){1,2},? and [A-Z]\w+(?: [A-Z]\w+)?"
)


def _chunks(text: str, tokens: list[Token], places: set[int]) -> list[tuple[int, int]]:
    """Stretches of capitals, with linking words and unit numbers between them, on one line."""
    found: list[tuple[int, int]] = []
    roles = _roles()
    index = 0
    while index < len(tokens):
        if not tokens[index].capital or (tokens[index].lower in ("the", "a", "an", "on", "in", "at") and tokens[index].start not in places):
            index += 1
            continue
        if role := roles.at(tokens, index):
            index += role[0]
            minister = tokens[index - 1].lower.startswith("minister") and index < len(tokens) and tokens[index].lower == "of"
            while index < len(tokens) and tokens[index].lower in ("of", "the", "provincial", "for"):
                index += 1
            while (
                minister
                and index < len(tokens)
                and (tokens[index].capital or (tokens[index].lower == "and" and _capital(tokens, index + 1)))
            ):
                index += 1  # "Minister of Public Security Bounmy Sisavath": a field of office and a name, no body
            continue  # "Vice Chairman of the Quang Tri People's Committee": the committee alone is the body
        end = last = index
        while end < len(tokens) and end - index < 16 and (end == index or _adjacent(text, tokens, end)):
            token = tokens[end]
            if (token.capital and not (end > index and roles.at(tokens, end))) or (
                token.text.isdigit() and end > index and _UNIT_NUMBER.search(tokens[end - 1].lower)
            ):
                end += 1
                last = end
            elif token.lower in _LINKS and end > index and end + 1 < len(tokens):
                end += 1
            else:
                break
        found.append((tokens[index].start, tokens[last - 1].end))
        index = max(last, index + 1)
    return found


def _capital(tokens: list[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].capital


def _adjacent(text: str, tokens: list[Token], index: int) -> bool:
    gap = text[tokens[index - 1].end : tokens[index].start]
    return len(gap) <= 1 and gap != "\n"


def _bodies(text: str, start: int, end: int, places: set[int]) -> list[tuple[int, int]]:
    """The organizations within a chunk, each with the level word that follows its place."""
    parts: list[tuple[int, int]] = []
    left = start
    for match in _AND.finditer(text, start, end):
        # a place or rank behind "and" opens another body: "Border Guard Command of Lao Cai and the Honghe …"
        apart = (
            match.end() in places
            or _RANK.match(text, match.end())
            or text.startswith("of ", match.end())
            or _POLICE_OF_A_PEOPLE.match(text, match.end())
            or _LETTERS.fullmatch(text, match.end(), end)
            or text.startswith("Military Sub-", match.end())
        )
        if _has_noun(text[left : match.start()]) and (apart or _has_noun(text[match.end() : end])):
            parts.append((left, match.start()))
            left = match.end()
    parts.append((left, end))
    trimmed = [_with_province(text, *_trimmed(text, *_with_region(text, *part, places), places)) for part in parts]
    return [(left, right) for left, right in trimmed if " " in text[left:right] and _has_noun(text[left:right])]


# Where a province lies, before its name: "the Police of Vietnam's northern province of Yen Bai".
_REGION = re.compile(
    r"(?:['’]s)?(?: (?:[a-z-]+ern|[a-z]+-central|central|mountainous|highland|border|coastal|(?:Central Highlands|Mekong Delta)(?:['’]s)?)){1,3} province of (?=[A-Z])|(?:(?<=Highlands)|(?<=Delta)) province of (?=[A-Z])"
)


def _with_region(text: str, left: int, right: int, places: set[int]) -> tuple[int, int]:
    """A body with the province that the region behind it leads to, and without such a province before it, which is another body's."""
    if (
        (other := _AND.search(text, left, right))
        and _REGION_BEFORE.search(text, max(0, left - 20), left)
        and not _has_noun(text[left : other.start()])
    ):
        left = other.end()
    if " of " in text[left:right] and (region := _REGION.match(text, right)) and region.end() in places and _has_noun(text[left:right]):
        name = _PLACE_NAME.match(text, region.end())
        right = name.end() if name else right
    return left, right


_PLACE_NAME = re.compile(r"[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,2}")
_REGION_BEFORE = re.compile(r" province of $")
# "Vietnam Women's Union and the CWPD"
_LETTERS = re.compile(r"[A-Z]{2,}")
_RANK = re.compile(r"(?:Lieut|Lt|Col|Maj|Gen|Sen|Capt|Mr|Ms|Dr)\b")


def _with_province(text: str, left: int, right: int) -> tuple[int, int]:
    """A body with "provincial" or "municipal" before it, which tells it from those of the state."""
    for word in ("provincial ", "municipal ", "Provincial "):
        if text.endswith(word, 0, left):
            return left - len(word), right
    return left, right


# Bodies named with the country that hosts them: "Vietnamese Embassy in Cambodia".
_ACCREDITED = re.compile(r"consulate|embassy|association of|cultural cent|union of", re.I)
_ACCREDITED_ON = re.compile(r"(?:embassy|consulate|association)[^,]* in \w+ on ", re.I)


_ON_DAY = re.compile(
    r" (?:on|in|for) (?:(?:Jan|Febr)uary|March|April|May|June|July|August|(?:Septem|Octo|Novem|Decem)ber|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
)
# "Border Guard Command Senior Colonel Ha Van Binh": who commands it.
_RANK_BEHIND = re.compile(
    r" (?:(?:Senior|Sr\.|Lieutenant|Lt\.|Major|Maj\.|Brigadier|Brig\.) )*(?:Colonel|Col\.|Captain|Capt\.|Gen\.|General|Lieutenant|Major)(?= [A-Z][\w'-]+ [A-Z]| (?:Assoc|Prof|Dr)\b)(?! (?:Department|Staff|Office|Hospital|Secretary))"
)
# "Vietnam's Ministry of Public Security": the body without whose it is.
_OWNER = re.compile(r"[A-Z][\w-]+(?: [A-Z][\w-]+){0,2}(?<!People)(?<!Women)(?<!Children)['’]s (?=[A-Z])")
# "People's Committee Ho Van Muoi": who chairs it.
_PERSON_BEHIND = re.compile(
    r"\b(?:Committee|Council|Union|Command|Department|Front|Association|Procuracy|Court|Assembly|Affairs) (?P<name>[A-Z][\w'-]+(?: [A-Z][\w'-]*){1,3})$"
)


def _trimmed(text: str, left: int, right: int, places: set[int]) -> tuple[int, int]:
    """A body without what only says where or when, with the level word of its place."""
    if not _ACCREDITED.search(text, left, right) and (tail := _TAIL.search(text, left, right)) and _has_noun(text[left : tail.start()]):
        right = tail.start()
    if (month := _ON_DAY.search(text, left, right)) and _has_noun(text[left : month.start()]):
        right = month.start()
    if (person := _PERSON_BEHIND.search(text, left, right)) and not _has_noun(person["name"]):
        right = person.start("name") - 1
    if (rank := _RANK_BEHIND.search(text, left, right)) and _has_noun(text[left : rank.start()]):
        right = rank.start()
    opening = _OPENING.match(text[left:right])
    if _ACCREDITED_ON.search(text, left, right):
        right = text.rindex(" on ", left, right)
    if opening and not _has_noun(opening.group()) and _has_noun(text[left + opening.end() : right]):
        left += opening.end()
    if left in places and (owner := _OWNER.match(text, left, right)) and _has_noun(text[owner.end() : right]):
        left = owner.end()
    name = text[left:right]
    if name.endswith(("'s", "’s")):
        right -= 2
    elif " of " in name and (level := _LEVEL.match(text[right : right + 22])):
        right += level.end()
    return left, right


_OF_STATE = re.compile(r"(?:['’]s?) ")


def _forces(text: str, places: list[PlaceMention]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    starts = {place.evidence.start for place in places}
    for place in places:
        start, end = place.evidence.start, place.evidence.end
        window = max(0, start - 60)
        if force := _FORCE_OF.search(text[window:start]):
            if (owned := _OF_STATE.match(text, end)) and owned.end() in starts:
                name = _PLACE_NAME.match(text, owned.end())  # "the police of Laos' Houaphanh province"
                end = name.end() if name else end
            level = _LEVEL.match(text[end : end + 22])
            found.append((window + force.start(), end + (level.end() if level else 0)))
        elif (
            text[max(0, start - 1) : start] not in ("-", "–")
            and text[max(0, start - 2) : start] != "– "
            and (force := _FORCE_BEHIND.match(text[end : end + 50]))
        ):
            found.append((start, end + force.end()))
    return found


def _has_noun(name: str) -> bool:
    return any(word in _nouns() for word in re.findall(r"[^\W\d_]+", name.lower()))


@lru_cache(maxsize=1)
def _nouns() -> frozenset[str]:
    return frozenset(load_lexicon("organizations")["en"]["nouns"])


@lru_cache(maxsize=1)
def _roles() -> PhraseTable:
    roles = load_lexicon("persons")["en"]["roles"]
    return PhraseTable(dict.fromkeys([*roles, *(f"{role}s" for role in roles), *(f"vice {role}s" for role in roles)], "role"))


def _kind(name: str, lexicon: dict[str, list[str]]) -> str | None:
    for kind, words in lexicon.items():
        if kind != "nouns" and any(word in name for word in words):
            return kind
    return None
