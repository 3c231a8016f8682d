"""Persons told by what stands behind their names, by the names beside them, and the country they stand for."""

from __future__ import annotations

import re
from bisect import bisect_left

from extractors.person_grammar import PersonGrammar
from extractors.places import SURNAMES
from extractors.records import Evidence, PersonKind, PersonMention, PlaceMention

# Words that a bare name may follow; behind others its capitals are those of a place or thing: "dòng Sê Pôn".
_BEFORE_CLAUSES = frozenset(
    {"và", "là", "gồm", "có", "với", "rằng", "and", "with", "said", "added", "that", "when", "while", "but", "as", "by"}
)
# Longer lists are looked through piece by piece: the walk stays linear.
_LONGEST_LIST = 12
_ARRESTS = ("bắt", "khởi tố", "truy nã", "tử hình", "vận chuyển", "trái phép", "trục xuất", "arrest", "detain", "wanted", "deport")
# What stands between a person and the place that the person stands for.
_OF = frozenset({"(", "of", "of the", "for", ", of", "của", "(tỉnh", "tỉnh", "- tỉnh", "huyện", "(huyện", "nước"})
COMMAS = (",", "và", "and")
# What stands behind the bare name of a suspect.
_SUSPECTED = re.compile(
    r"\s(?:có (?:các )?hành vi|là (?:đối tượng|bị can|nghi phạm|kẻ cầm đầu)|khai nhận|lẩn trốn|bỏ trốn|trốn truy nã)(?!\w)"
)
# Where a suspect or victim is at home: "trú tại phường A, tỉnh B".
_HOME = re.compile(r"[^.;\n]{0,40}?(?<!\w)(?:trú|quê|ngụ|hộ khẩu)(?!\w)[^.;)\n]{0,110}")
# A delegation whose leader's rank and name follow, and how far before them it is looked for.
_LED = re.compile(r"(?:đoàn|delegation)\b[^.;:\n]*?\s(?:do|led by|headed by)\s(?:ông |bà |đồng chí )?$", re.I)
_DELEGATION = 90  # characters


class PersonLists(PersonGrammar):
    """Names without a cue in front."""

    def uncued(self, index: int) -> tuple[list[PersonMention], int]:
        """A name with nothing in front, told by what stands behind: `Phimpha Keoximay, Consul General …`, `Hảng Thị Mai (SN 2001, …)`."""
        end = self._bare_name(index)
        if not end:
            if self._aged_alone(index):
                return [self._mention(index, index + 1, index + 1, None, None, "civilian", "person.age")], index + 1
            return [], index
        after, role, organization = self.role_behind(end)
        if role is None and not self.born_behind(end) and not self._told_behind(index, end):
            return self._together(index, end)
        kind: PersonKind = "official" if role else "suspect" if self.arrest_near(index) else "civilian"
        return [self._mention(index, end, after, role, organization, kind, "person.apposition")], after

    def _bare_name(self, index: int) -> int:
        """The end of capitals at `index` that can be a name though nothing in front says so; 0 where they cannot."""
        tokens = self.tokens
        token = tokens[index]
        if initials := self.initials_end(index):
            return initials
        if index + 1 >= len(tokens) or not token.capital or not (tokens[index + 1].capital or tokens[index + 1].text in ("-", "–")):
            return 0
        if token.start in self.organization_at or token.lower in self.not_in_names:
            return 0
        if token.start in self.covered and not self._named_like_a_place(index):
            return 0
        if self.opens_role(index) or ((cue := self.cued_by[index]) and cue[1] == "honorific"):
            return 0
        if index and ((tokens[index - 1].capital and self.gap(index) == " ") or tokens[index - 1].lower == "tức"):
            return 0
        if token.text.isupper() and not (len(token.text) > 1 and not self.is_abbreviation(index)):
            return 0
        end = self.name_end(index, strict=False)
        if self.is_abbreviation(end - 1):
            return 0
        return end if 2 <= end - index <= 8 and tokens[end - 1].start not in self.covered else 0

    def _named_like_a_place(self, index: int) -> bool:
        """`Phouvong Vongsay, Vice Governor …`: a district's name that opens a person's, with a role right behind."""
        place = self.place_at.get(self.tokens[index].start)
        if self.language != "en" or place is None or place.kind in ("country", "province") or place.evidence.end != self.tokens[index].end:
            return False
        end = self.run_end(index)
        return end - index == 2 and self.tokens[index + 1].start not in self.covered and self.role_behind(end)[1] is not None

    def _aged_alone(self, index: int) -> bool:
        """One name with an age: "Keng, 32, Bunkham, 36, and …", "Sothea (75 tuổi)"."""
        token = self.tokens[index]
        if index + 3 >= len(self.tokens) or len(token.text) < 3 or self.tokens[index + 1].text not in ("(", ","):
            return False
        if token.start in self.covered or token.start in self.organization_at or token.lower in self.not_in_names or token.text.isupper():
            return False
        if index and ((self.tokens[index - 1].capital and self.gap(index) == " ") or not self._opens_clause(index)):
            return False
        return token.capital and self.born_behind(index + 1) and self.tokens[index + 2].text.isdigit()

    def _together(self, index: int, end: int) -> tuple[list[PersonMention], int]:
        """Names that one mark behind the last tells to be persons: `Xu Guoying và Lin Quanyou (cùng SN 1991)`."""
        names = [(index, end)]
        end = self.past_bracket(end)
        while len(names) < _LONGEST_LIST and end + 2 < len(self.tokens) and self.tokens[end].text in COMMAS:
            start = end + 2 if self.tokens[end + 1].text in COMMAS else end + 1
            end_of_next = self._bare_name(start)
            if not end_of_next:
                break
            names.append((start, end_of_next))
            end = self.past_bracket(end_of_next)
        if len(names) < 2 and self._full_name(*names[0]):
            return [self._mention(*names[0], names[0][1], None, None, "civilian", "person.full_name")], names[0][1]
        if len(names) < 2 or not (self.mark_of_all(end) or self._full_names(names) or self._introduced(index)):
            return [], index
        kind: PersonKind = "suspect" if self.arrest_near(index) else "civilian"
        return [self._mention(one, two, end, None, None, kind, "person.together") for one, two in names], end

    def _introduced(self, index: int) -> bool:
        """`năm người Lào là Nang Mi Thò, Tu Xông Nhì …`: people, then who they are."""
        if index < 2 or self.tokens[index - 1].lower not in ("là", "gồm", ":"):
            return False
        before = [token.lower for token in self.tokens[max(0, index - 6) : index - 1]]
        return any(word in ("người", "đối", "nghi", "công", "bị") for word in before) and not self.cues.cues.at(self.tokens, index)

    def _full_names(self, names: list[tuple[int, int]]) -> bool:
        """Vietnamese names, two of them in full: nothing else is written so, but streets and schools."""
        if not all(self.is_surname(start) and end - start <= 4 for start, end in names):
            return False
        first = names[0][0]
        return sum(end - start > 2 for start, end in names) > 1 and not (first and self.tokens[first - 1].lower in self.cues.namesakes)

    def _told_behind(self, start: int, index: int) -> bool:
        """Whether `, quê …`, `, lớp 7A …` or `bị … bắt` stands behind a bare name."""
        if index + 2 >= len(self.tokens) or not self._opens_clause(start):
            return False
        if self.tokens[index].text == "," and (
            self.cues.behind.at(self.tokens, index + 1) or self.tokens[index + 2].lower.endswith("-year-old")
        ):
            return True
        if self.language != "vi":
            return self._speaks(start, index) or self._is_caught(index)
        at = index + 1 if self.tokens[index].text == "," else index
        if _SUSPECTED.match(self.text, self.tokens[at - 1].end):
            return True
        if self.tokens[at].lower != "bị":
            return False
        return any(token.lower in ("bắt", "giữ", "nã", "tố", "giam", "trục") for token in self.tokens[at + 1 : at + 13])

    def _full_name(self, start: int, end: int) -> bool:
        """A Vietnamese name in full, whose middle word only persons have (Văn, Thị), or in English text, where places stand without diacritics too."""
        if not (self.is_surname(start) and 3 <= end - start <= 4) or (start and self.tokens[start - 1].lower in self.cues.namesakes):
            return False
        if self.language == "vi":
            return self.tokens[start + 1].lower in ("văn", "thị")
        if start and self.tokens[start - 1].lower in ("in", "at", "to", "near", "from", "("):
            return False  # "in Nong Bua Lamphu"
        behind = self.tokens[end].lower if end < len(self.tokens) else ""
        return behind not in self.cues.body_words and not any(token.lower in self.cues.body_words for token in self.tokens[start:end])

    def _speaks(self, start: int, end: int) -> bool:
        """`Bounleua Phandanouvong said`, `", said Chea Bunthoeun`: no body's name, whose last word tells what it is."""
        if end - start > 4 or any(
            token.lower in self.cues.body_words or token.lower in self.not_in_names for token in self.tokens[start:end]
        ):
            return False
        if any(token.text.isupper() for token in self.tokens[start:end]):
            return False
        before = self.tokens[start - 1].lower if start else ""
        return self.tokens[end].lower in self.cues.speech or (before in ("said", "added", "recalled") and self.tokens[end].text in ".,")

    def _is_caught(self, index: int) -> bool:
        """`Chan Dara had been arrested`."""
        if self.tokens[index].lower not in ("was", "were", "had", "has", "have", "is", "are"):
            return False
        return any(
            token.lower in ("arrested", "detained", "rescued", "extradited", "deported", "caught")
            for token in self.tokens[index + 1 : index + 4]
        )

    def _opens_clause(self, index: int) -> bool:
        """Whether no noun stands right before, whose place or name the capitals would be: "dòng Sê Pôn, người dân …"."""
        before = self.tokens[index - 1] if index else None
        return before is None or not before.text[0].isalpha() or before.lower in _BEFORE_CLAUSES

    def mark_of_all(self, index: int) -> bool:
        if index + 2 >= len(self.tokens) or self.tokens[index].text not in ("(", ","):
            return False
        return self.tokens[index + 1].lower in self.cues.together or self.born_behind(index)

    def _mention(
        self, start: int, end: int, after: int, role: str | None, organization: str | None, kind: PersonKind, rule: str
    ) -> PersonMention:
        owner = 2 if self.tokens[end - 1].text.endswith(("'s", "’s")) else 0
        evidence = Evidence.cut(self.text, self.tokens[start].start, self.tokens[end - 1].end - owner)
        name = evidence.quote
        country = self.country_of(start, after, role, name, kind)
        return PersonMention(name, None, role, organization, country, kind, evidence, rule, 0.8)

    def aged_behind(self, index: int) -> bool:
        """`(75 tuổi`, `, 60 tuổi`: enough to tell a person by one name."""
        if index + 2 >= len(self.tokens) or self.tokens[index].text not in ("(", ","):
            return False
        return self.tokens[index + 1].text.isdigit() and self.tokens[index + 2].lower == "tuổi"

    def born_behind(self, index: int) -> bool:
        """Whether a year of birth or an age stands behind a name, also behind another name of the same person: `(tức Vi, SN 1999`."""
        if index + 2 >= len(self.tokens) or self.tokens[index].text not in ("(", ","):
            return False
        words = [token.lower for token in self.tokens[index + 1 : index + 4]]
        if words[0] in ("tức", "alias", "tên"):
            ahead = [token.lower for token in self.tokens[index + 2 : index + 10]]
            return "sn" in ahead or "sinh" in ahead or "tuổi" in ahead
        return (
            words[0] in ("sn", "sinh", "born", "aged")
            or "tuổi" in words
            or (self.language == "en" and words[0].isdigit() and len(words[0]) == 2 and words[1] in (",", ")", ".", ";"))
        )

    def arrest_near(self, index: int) -> bool:
        window = self.text[max(0, self.tokens[index].start - 300) : self.tokens[index].start + 300].lower()
        return any(word in window for word in _ARRESTS)

    def past_bracket(self, index: int) -> int:
        """Behind a short bracket at `index` that another name of a list follows: `(Udomxay),`."""
        if index >= len(self.tokens) or self.tokens[index].text != "(":
            return index
        for at in range(index + 1, min(index + 8, len(self.tokens) - 1)):
            if self.tokens[at].text == ")":
                return at + 1 if self.tokens[at + 1].text in COMMAS else index
        return index

    def country_of(self, first: int, after: int, role: str | None, name: str, kind: str) -> str | None:
        """The country a person stands for, or a suspect's or victim's own: by the bodies and places beside the name, else by the name."""
        left, right = self.tokens[first].start, self.tokens[min(after, len(self.tokens)) - 1].end
        at, end = bisect_left(self.organization_starts, left), bisect_left(self.organization_starts, right)
        organizations = [o for o in self.organizations[at:end] if o.country]
        words = name.replace("-", " ").split()
        known = words[0].title() in SURNAMES or (len(words) > 2 and words[1].lower() in self.cues.middle_names)
        office = role.lower() if role else ""
        elsewhere = any(word in office for word in self.cues.foreign_offices)
        vietnamese = known and 2 <= len(words) <= 4 and "-" not in name and not elsewhere
        if nationality := self._nationality(first) or self._owner_of_office(left):
            return nationality
        places = self.places_within(left, right) or self._place_behind(right)
        if kind in ("suspect", "victim") and "quốc tịch" in self.text[right : right + 60]:
            places = self.places_within(right, right + 70) or places
        if kind in ("suspect", "victim") and (home := _HOME.match(self.text, right)) and (at_home := self.places_within(right, home.end())):
            return at_home[-1].country
        if organizations and organizations[0].country != "VN":
            return organizations[0].country
        if organizations:  # "Hội Hữu nghị VN - Campuchia" is Vietnam's
            of_body = organizations[0].evidence
            places = [place for place in places if not of_body.start <= place.evidence.start < of_body.end or place.country == "VN"]
        if places and places[0].country:
            # an ambassador of Laos to Vietnam represents the first country named
            return places[0].country
        if organizations and not vietnamese and (led := self._delegation_led(left)):
            return led
        if organizations and (vietnamese or role):
            return organizations[0].country
        if vietnamese:
            return "VN"
        if elsewhere or words[0] not in SURNAMES:
            return self.foreign
        return "VN"

    def tells_side(self, left: int, right: int) -> bool:
        """Whether a place or a body whose country is known stands in `left:right`."""
        at, end = bisect_left(self.organization_starts, left), bisect_left(self.organization_starts, right)
        return bool(self.places_within(left, right)) or any(body.country for body in self.organizations[at:end])

    def _nationality(self, first: int) -> str | None:
        """The country of an adjective that opens a role or stands before it: "Vietnamese Ambassador to Laos"."""
        for at in (first, first - 1):
            if at >= 0 and self.tokens[at].capital and (country := self.cues.nationalities.get(self.tokens[at].lower)):
                return country
        return None

    def _owner_of_office(self, left: int) -> str | None:
        """The country of the body whose office opens at `left`: "Cambodian Interior Ministry's | spokesman A"."""
        at = bisect_left(self.organization_starts, left) - 1
        body = self.organizations[at] if at >= 0 else None
        owned = body is not None and self.text[body.evidence.end : left].strip() in ("'s", "’s")
        return body.country if body is not None and owned else None

    def _delegation_led(self, left: int) -> str | None:
        """The country of the delegation whose leader is named at `left`: "đoàn đại biểu Campuchia do | Đại tướng A, Bộ trưởng Bộ Quốc phòng, dẫn đầu"."""
        window = max(0, left - _DELEGATION)
        match = _LED.search(self.text, window, left)
        places = self.places_within(match.start(), left) if match else []
        return places[-1].country if places else None

    def _place_behind(self, right: int) -> list[PlaceMention]:
        """A place that belongs to the name or role that ends at `right`: `(Udomxay)`, `of Ubon Ratchathani`."""
        return [place for place in self.places_within(right, right + 12) if self.text[right : place.evidence.start].strip() in _OF]
