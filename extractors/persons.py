"""Persons: a rank, honorific or role in front, a name in capitals, a role behind; and lists of delegates.

Names are found by their cue and their capitals, so Lao, Khmer and Chinese names in Vietnamese or English spelling need no list of names. Photographers and
signatures are in marked spans and never looked at. One mention is returned for each person, at the place where the name first stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from extractors.lexicons import load_lexicon
from extractors.normalise import name_key
from extractors.places import SURNAMES
from extractors.records import Evidence, OrganizationMention, PersonKind, PersonMention, PlaceMention, Span
from extractors.tokens import PhraseTable, Token

# Capitalised words that never open a name.
_NOT_IN_NAMES = {
    "vi": frozenset(
        [
            "tỉnh",
            "huyện",
            "xã",
            "bộ",
            "ban",
            "sở",
            "ubnd",
            "hđnd",
            "đồn",
            "ngày",
            "sáng",
            "chiều",
            "tối",
            "cùng",
            "theo",
            "tại",
            "ngoài",
            "các",
            "hai",
            "nhà",
            "việt",
            "campuchia",
            "lào",
            "bđbp",
            "bch",
            "ảnh",
            "tin",
            "về",
            "phía",
            "đồng",
            "nhân",
            "dịp",
            "thay",
            "dự",
            "đây",
            "đến",
            "trước",
            "sau",
            "khi",
            "từ",
            "nhiều",
            "một",
            "những",
            "qua",
            "đặc",
            "được",
        ]
    ),
    "en": frozenset(
        [
            "the",
            "province",
            "city",
            "district",
            "ministry",
            "department",
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
            "vietnam",
            "viet",
            "laos",
            "cambodia",
            "china",
            "thailand",
            "lao",
            "cambodian",
            "vietnamese",
            "chinese",
            "thai",
            "party",
            "committee",
            "police",
            "army",
            "border",
            "guard",
            "national",
            "people",
            "general",
            "public",
            "security",
            "defence",
            "defense",
            "on",
            "in",
            "at",
            "this",
            "photo",
            "vna",
            "and",
            "north",
            "south",
            "east",
            "west",
            "royal",
            "government",
            "provincial",
            "international",
            "foreign",
            "central",
            "state",
            "front",
            "union",
            "joint",
            "senior",
            "deputy",
            "memorandum",
            "during",
            "after",
            "according",
            "under",
            "special",
            "friendship",
        ]
    ),
}


@dataclass(frozen=True, slots=True)
class _Cues:
    ranks: PhraseTable
    honorifics: PhraseTable
    suspects: PhraseTable
    victims: PhraseTable
    roles: PhraseTable
    verbs: frozenset[str]
    historical: frozenset[str]


@lru_cache(maxsize=4)
def _cues(language: str) -> _Cues:
    lexicon = load_lexicon("persons")[language]

    def table(key: str) -> PhraseTable:
        return PhraseTable(dict.fromkeys(lexicon[key], key))

    historical = frozenset(name_key(name) for name in load_lexicon("persons")["vi"]["historical"])
    return _Cues(
        table("ranks"),
        table("honorifics"),
        table("suspect_cues"),
        table("victim_cues"),
        table("roles"),
        frozenset(lexicon["verbs"]),
        historical,
    )


def tag_persons(
    text: str,
    tokens: list[Token],
    places: Sequence[PlaceMention],
    organizations: Sequence[OrganizationMention],
    spans: Sequence[Span],
    language: str,
) -> tuple[PersonMention, ...]:
    """The persons named in `text`, each once, in order of first mention, with the fullest rank and role that the text gives them."""
    if language not in ("vi", "en"):
        return ()
    reader = _Reader(text, tokens, places, organizations, spans, _cues(language), language)
    found = reader.read()
    merged: dict[str, PersonMention] = {}
    for person in found:
        key = name_key(person.name)
        if key in merged:
            first = merged[key]
            merged[key] = replace(
                first, rank=first.rank or person.rank, role=first.role or person.role, organization=first.organization or person.organization,
                country=first.country or person.country, kind=person.kind if first.kind == "civilian" else first.kind,
            )  # fmt: skip
        else:
            merged[key] = person
    return tuple(merged.values())


class _Reader:
    """One pass over the tokens of a text."""

    def __init__(
        self, text: str, tokens: list[Token], places: Sequence[PlaceMention], organizations: Sequence[OrganizationMention], spans: Sequence[Span],
        cues: _Cues, language: str,
    ) -> None:  # fmt: skip
        self.text, self.tokens, self.cues, self.language = text, tokens, cues, language
        self.place_at = {place.evidence.start: place for place in places}
        self.places = places
        self.organizations = sorted(organizations, key=lambda organization: organization.evidence.start)
        self.covered = {at for place in places for at in range(place.evidence.start, place.evidence.end)}
        self.not_in_names = _NOT_IN_NAMES[language]
        self.organization_at = {organization.evidence.start: organization for organization in self.organizations}
        self.hidden = [(span.start, span.end) for span in spans if span.kind in ("credit", "signature", "header")]
        foreign = Counter(place.country for place in places if place.country and place.country != "VN")
        self.foreign = foreign.most_common(1)[0][0] if foreign else None

    def read(self) -> list[PersonMention]:
        found: list[PersonMention] = []
        index = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            if self.hidden and any(start <= token.start < end for start, end in self.hidden):
                index += 1
                continue
            person, after = self._at(index)
            if person is None:
                person, after = self._uncued(index)
            if person:
                if name_key(person.name) not in self.cues.historical:
                    found.append(person)
                index = after
                listed, index = self._listed(index, person)
                found += listed
            else:
                index += 1
        return found

    def _at(self, index: int) -> tuple[PersonMention | None, int]:
        """A person whose cue starts at `index`: any chain of honorific, rank and role, then a name."""
        at, rank, role, cue = index, None, None, ""
        kind: PersonKind = "civilian"
        if self.tokens[index].start in self.covered:
            return None, index  # "Bà" of Bà Rịa
        while at < len(self.tokens):
            if phrase := self.cues.ranks.at(self.tokens, at):
                rank = self._slice(at, at + phrase[0])
                kind, cue = "official", "rank"
            elif phrase := self.cues.honorifics.at(self.tokens, at):
                official = self.tokens[at].lower in ("đồng", "đ", "ngài", "comrade", "h", "samdech")
                kind, cue = ("official" if official or kind == "official" else kind), cue or "honorific"
                if self.tokens[at].lower in ("anh", "em", "cháu", "cụ", "chị", "cô") and self.tokens[at].capital:
                    return None, index  # "Anh" is a country, "Cô" part of a name
            elif phrase := self.cues.suspects.at(self.tokens, at):
                kind, cue = "suspect", "suspect"
            elif phrase := self.cues.victims.at(self.tokens, at):
                if index and self.tokens[index - 1].lower in ("trang", "niệm", "mộ"):
                    return None, index  # a cemetery's name
                kind, cue = "victim", "victim"
            elif self.cues.roles.at(self.tokens, at) and role is None:
                end = self._role_end(at)
                role, kind, cue = self._slice(at, end), "official", cue or "role"
                phrase = (end - at, "role")
            else:
                break
            at += phrase[0]
            while at < len(self.tokens) and self.tokens[at].text in (".", ",", ":") and cue != "suspect":
                if self.tokens[at].text != "." and not (
                    role and self.cues.roles.at(self.tokens, at + 1) if at + 1 < len(self.tokens) else False
                ):
                    break
                at += 1
        if not cue or at >= len(self.tokens):
            return None, index
        end = self._name_end(at, strict=cue == "role")
        words = [token for token in self.tokens[at:end] if token.text not in "-–"]
        if any(token.text.endswith(("'s", "’s")) for token in words):
            return None, index
        if len(words) < 2 and not (len(words) == 1 and words[0].text.count("-") >= 1):
            return None, index
        after_role, behind, organization = self._role_behind(end)
        if behind:
            kind = "official" if kind == "civilian" else kind
        role = behind or role
        if kind in ("civilian", "official") and self._born_behind(end) and rank is None and role is None:
            kind = "suspect" if self._arrest_near(at) else "civilian"
        name = self._slice(at, end)
        start = self.tokens[at].start
        country = self._country(index, at, after_role, role, name, kind)
        evidence = Evidence.cut(self.text, start, self.tokens[end - 1].end)
        organization = organization or self._organization_in(index, after_role)
        return PersonMention(
            name,
            rank,
            role,
            organization,
            country,
            kind,
            evidence,
            f"person.{cue}",
            {"rank": 0.97, "role": 0.88, "honorific": 0.9}.get(cue, 0.85),
        ), after_role

    def _uncued(self, index: int) -> tuple[PersonMention | None, int]:
        """A name with nothing in front, told by what stands behind: `Phimpha Keoximay, Consul General …`, `Hảng Thị Mai (SN 2001, …)`."""
        token = self.tokens[index]
        if (
            not token.capital
            or token.start in self.covered
            or token.start in self.organization_at
            or (index and self.tokens[index - 1].capital and self._gap(index) == " ")
        ):
            return None, index
        end = self._name_end(index, strict=False)
        if (
            not 2 <= end - index <= 8
            or token.lower in self.not_in_names
            or self.tokens[end - 1].start in self.covered
            or token.text.isupper()
        ):
            return None, index
        after, role, organization = self._role_behind(end)
        if role is None and not self._born_behind(end):
            return None, index
        name = self._slice(index, end)
        kind: PersonKind = "official" if role else "suspect" if self._arrest_near(index) else "civilian"
        country = self._country(index, index, after, role, name, kind)
        evidence = Evidence.cut(self.text, token.start, self.tokens[end - 1].end)
        return PersonMention(name, None, role, organization, country, kind, evidence, "person.apposition", 0.8), after

    def _slice(self, start: int, end: int) -> str:
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def _after(self, index: int, end: int) -> int:
        """The first token behind offset `end`, at least one further: "Lào" in "Lào-Việt" ends within its token."""
        at = index + 1
        while at < len(self.tokens) and self.tokens[at].end <= end:
            at += 1
        return at

    def _gap(self, index: int) -> str:
        return self.text[self.tokens[index - 1].end : self.tokens[index].start]

    def _name_end(self, index: int, *, strict: bool) -> int:
        """Where the capitals of a name that starts at `index` end. `strict`, behind a mere role: a Vietnamese name opens with a surname."""
        first = self.tokens[index]
        if strict and self.language == "vi" and first.text not in SURNAMES and not self._behind_place(index):
            return index
        end = index
        while end < len(self.tokens) and end - index < 9:
            token = self.tokens[end]
            if end > index and self._gap(end) not in (" ", ""):
                break
            if token.text in ("-", "–") and end > index and end + 1 < len(self.tokens):
                if end - index > 3 or not self.tokens[end + 1].capital or self._opens_role(end + 1) or first.text in SURNAMES:
                    break
                end += 1
                continue
            if (
                not token.capital
                or (token.lower in self.not_in_names and end == index)
                or self._opens_role(end)
                or self._stops_name(end, index)
            ):
                break
            end += 1
        while end > index and self.tokens[end - 1].text in ("-", "–"):
            end -= 1
        return end

    def _stops_name(self, at: int, first: int) -> bool:
        token = self.tokens[at]
        if at > first and self.language == "en" and token.lower in self.not_in_names:
            return True
        place = self.place_at.get(token.start)
        return (token.start in self.organization_at) or (
            place is not None and place.kind in ("country", "province") and at == first and not self._capital_after(at)
        )

    def _capital_after(self, at: int) -> bool:
        return at + 1 < len(self.tokens) and self.tokens[at + 1].capital and self._gap(at + 1) == " " and self.tokens[at].text in SURNAMES

    def _behind_place(self, index: int) -> bool:
        """Whether a gazetteer name ends right before: `Tỉnh trưởng Khăm Muộn Văn Xay`, `Phó Thủ tướng Lào Kikeo`."""
        end = self.tokens[index - 1].end if index else 0
        if index and self.tokens[index - 1].lower in ("tỉnh", "huyện", "xã"):
            return True
        return any(place.evidence.end == end for place in self.places) or any(
            organization.evidence.end == end for organization in self.organizations
        )

    def _opens_role(self, index: int) -> bool:
        return any(table.at(self.tokens, index) is not None for table in (self.cues.roles, self.cues.ranks)) and not (
            self.tokens[index].text in SURNAMES and self.language == "vi"
        )

    def _role_end(self, index: int) -> int:
        """Where a role that opens at `index` ends: before a verb, a sign, a rank, or the name of the person it belongs to."""
        opening = self.cues.roles.at(self.tokens, index)
        at = index + (opening[0] if opening else 1)
        place_end = -1
        while at < len(self.tokens) and at - index < 30:
            token = self.tokens[at]
            if at > index and "\n" in self._gap(at):
                break
            if token.text in ';.:()"“”!?…' and not (token.text == "." and self.tokens[at - 1].lower in ("tp", "tx", "t", "lt", "gen")):
                break
            if token.text in (",", "-", "–"):
                if at + 1 < len(self.tokens) and self.cues.roles.at(self.tokens, at + 1):
                    at += 1
                    continue
                if token.text != "," and at + 1 < len(self.tokens) and self._gap(at + 1) == "":
                    at += 1
                    continue
                break
            if (
                at > index
                and token.lower in self.cues.verbs
                and not token.capital
                and self.tokens[at - 1].lower != "đại"
                and not self.cues.roles.at(self.tokens, at)
            ):
                break
            if (
                at > index
                and (self.cues.ranks.at(self.tokens, at) or self.cues.honorifics.at(self.tokens, at))
                and not self.cues.roles.at(self.tokens, at)
            ):
                break
            if at > index and self._name_opens(at, place_end):
                break
            if place := self.place_at.get(token.start):
                place_end = at = self._after(at, place.evidence.end)
                continue
            if organization := self.organization_at.get(token.start):
                place_end = at = self._after(at, organization.evidence.end)
                continue
            at += 1
        while at > index + 1 and self.tokens[at - 1].text in (",", "-", "–"):
            at -= 1
        return max(at, index + 1)

    def _name_opens(self, at: int, place_end: int) -> bool:
        token = self.tokens[at]
        if not token.capital or at + 1 >= len(self.tokens) or not self.tokens[at + 1].capital or self._gap(at + 1) != " ":
            return False
        if token.start in self.organization_at or token.start in self.place_at:
            return False
        if token.text in SURNAMES and (self.language == "en" or token.text not in ("Đoàn", "Hội", "Cao", "Trung")):
            return True
        behind_level = self.tokens[at - 1].lower in ("tỉnh", "huyện", "xã") and self.language == "vi"
        return (at == place_end or behind_level) and not self._opens_role(at)

    def _role_behind(self, index: int) -> tuple[int, str | None, str | None]:
        """A role behind a name: `- Phó Giám đốc …`, `, Giám đốc …`, `(Giám đốc …)`. Returns the index after it, the role, its organization."""
        at = index
        if at < len(self.tokens) and self.tokens[at].text == "(":  # "(bên phải)"
            close = next((i for i in range(at, min(at + 8, len(self.tokens))) if self.tokens[i].text == ")"), None)
            if close and not self.cues.roles.at(self.tokens, at + 1):
                at = close + 1
        if at + 1 < len(self.tokens) and self.tokens[at].text in (",", "-", "–", "(", ":") and "\n" not in self._gap(at):
            opens = at + 1
            if (
                self.language == "en"
                and self.tokens[opens].lower in ("the", "a", "who", "standing", "permanent")
                and opens + 1 < len(self.tokens)
            ):
                opens += 1 if self.tokens[opens].lower in ("the", "a") else 0
            if self.cues.roles.at(self.tokens, opens) or (self.language == "en" and self._role_soon(opens)):
                end = self._role_end(opens)
                return end, self._slice(opens, end), self._organization_in(opens, end)
        return index, None, None

    def _role_soon(self, index: int) -> bool:
        """`Standing Vice Chairman`, `Lao Deputy Prime Minister`: a role within three capitals."""
        for at in range(index, min(index + 4, len(self.tokens))):
            if self.cues.roles.at(self.tokens, at):
                return True
            if not self.tokens[at].capital:
                return False
        return False

    def _organization_in(self, start: int, end: int) -> str | None:
        left = self.tokens[start].start
        right = self.tokens[min(end, len(self.tokens)) - 1].end
        inside = [organization.name for organization in self.organizations if left <= organization.evidence.start < right]
        return inside[0] if inside else None

    def _born_behind(self, index: int) -> bool:
        if index + 2 >= len(self.tokens) or self.tokens[index].text not in ("(", ","):
            return False
        words = [token.lower for token in self.tokens[index + 1 : index + 4]]
        return (
            words[0] in ("sn", "sinh", "born", "aged")
            or "tuổi" in words
            or (self.language == "en" and words[0].isdigit() and len(words[0]) == 2 and words[1] in (",", ")"))
        )

    def _arrest_near(self, index: int) -> bool:
        window = self.text[max(0, self.tokens[index].start - 300) : self.tokens[index].start + 300].lower()
        return any(word in window for word in ("bắt", "khởi tố", "truy nã", "tử hình", "vận chuyển", "arrest", "detain", "wanted"))

    def _country(self, first: int, name_at: int, after: int, role: str | None, name: str, kind: PersonKind) -> str | None:
        left, right = self.tokens[first].start, self.tokens[min(after, len(self.tokens)) - 1].end
        organizations = [o for o in self.organizations if left <= o.evidence.start < right and o.country]
        places = [p for p in self.places if left <= p.evidence.start < right + 12 and p.country]
        words = name.replace("-", " ").split()
        vietnamese = words[0].title() in SURNAMES and 2 <= len(words) <= 4 and "-" not in name
        if kind in ("suspect", "victim") and "quốc tịch" in self.text[right : right + 60]:
            places = [p for p in self.places if right <= p.evidence.start < right + 70] or places
        if organizations and organizations[0].country != "VN":
            return organizations[0].country
        if places and places[0].country:
            # an ambassador of Laos to Vietnam represents the first country named
            return places[0].country
        if organizations and (vietnamese or role):
            return organizations[0].country
        if vietnamese:
            return "VN"
        return self.foreign if self.foreign and words[0] not in SURNAMES else "VN" if words[0] in SURNAMES else self.foreign

    def _listed(self, index: int, previous: PersonMention) -> tuple[list[PersonMention], int]:
        """Further delegates of a list: `; Bun Thăn - Huyện trưởng …`, and `, Trần B, Lê C` behind "các đồng chí"."""
        found: list[PersonMention] = []
        while index + 2 < len(self.tokens) and self.tokens[index].text in (";", ",", "và", "and"):
            start = index + 1
            if self.tokens[start].text in ("và", "and"):
                start += 1
            if start >= len(self.tokens) or not self.tokens[start].capital or self._at(start)[0]:
                break
            end = self._name_end(start, strict=False)
            if end - start < 2 or self.tokens[start].start in self.place_at or self.tokens[start].start in self.organization_at:
                break
            after, role, organization = self._role_behind(end)
            surname = self.tokens[start].text in SURNAMES and end - start <= 4
            if not role and not (surname and self.tokens[index].text != ";"):
                break
            name = self._slice(start, end)
            country = self._country(start, start, after, role, name, previous.kind)
            if role is None and self.tokens[index].text in (",", "và", "and"):
                country = previous.country
            evidence = Evidence.cut(self.text, self.tokens[start].start, self.tokens[end - 1].end)
            found.append(
                PersonMention(name, None, role, organization, country, "official" if role else previous.kind, evidence, "person.list", 0.8)
            )
            index = after
        return found, index
