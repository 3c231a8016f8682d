"""Persons told by what stands behind their names, by the names beside them, and the country they stand for."""

from __future__ import annotations

from bisect import bisect_left

from extractors.person_grammar import PersonGrammar
from extractors.places import SURNAMES
from extractors.records import Evidence, PersonKind, PersonMention

# Longer lists are looked through piece by piece: the walk stays linear.
_LONGEST_LIST = 12
COMMAS = (",", "và", "and")


class PersonLists(PersonGrammar):
    """Names without a cue in front."""

    def uncued(self, index: int) -> tuple[list[PersonMention], int]:
        """A name with nothing in front, told by what stands behind: `Phimpha Keoximay, Consul General …`, `Hảng Thị Mai (SN 2001, …)`."""
        end = self._bare_name(index)
        if not end:
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
        if index + 1 >= len(tokens) or not token.capital or not (tokens[index + 1].capital or tokens[index + 1].text in ("-", "–")):
            return 0
        if token.start in self.covered or token.start in self.organization_at or token.lower in self.not_in_names:
            return 0
        if index and ((tokens[index - 1].capital and self.gap(index) == " ") or tokens[index - 1].lower == "tức"):
            return 0
        if token.text.isupper() and not (len(token.text) > 1 and not self.is_abbreviation(index)):
            return 0
        end = self.name_end(index, strict=False)
        if self.is_abbreviation(end - 1):
            return 0
        return end if 2 <= end - index <= 8 and tokens[end - 1].start not in self.covered else 0

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
        if len(names) < 2 or not (self.mark_of_all(end) or self._full_names(names)):
            return [], index
        kind: PersonKind = "suspect" if self.arrest_near(index) else "civilian"
        return [self._mention(one, two, end, None, None, kind, "person.together") for one, two in names], end

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
        if self.tokens[index].text == "," and self.cues.behind.at(self.tokens, index + 1):
            return True
        if self.language != "vi":
            return False
        at = index + 1 if self.tokens[index].text == "," else index
        if self.tokens[at].lower != "bị":
            return False
        return any(token.lower in ("bắt", "giữ", "nã", "tố", "giam", "trục") for token in self.tokens[at + 1 : at + 13])

    def _opens_clause(self, index: int) -> bool:
        """Whether no noun stands right before, whose place or name the capitals would be: "dòng Sê Pôn, người dân …"."""
        before = self.tokens[index - 1] if index else None
        return (
            before is None
            or not before.text[0].isalpha()
            or before.lower in ("và", "là", "and", "with", "said", "added", "gồm", "có", "với")
        )

    def mark_of_all(self, index: int) -> bool:
        if index + 2 >= len(self.tokens) or self.tokens[index].text not in ("(", ","):
            return False
        return self.tokens[index + 1].lower in self.cues.together or self.born_behind(index)

    def _mention(
        self, start: int, end: int, after: int, role: str | None, organization: str | None, kind: PersonKind, rule: str
    ) -> PersonMention:
        name = self.slice(start, end)
        country = self.country_of(start, after, role, name, kind)
        evidence = Evidence.cut(self.text, self.tokens[start].start, self.tokens[end - 1].end)
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
        return any(word in window for word in ("bắt", "khởi tố", "truy nã", "tử hình", "vận chuyển", "arrest", "detain", "wanted"))

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
        places = self.places_within(left, right + 12)
        words = name.replace("-", " ").split()
        vietnamese = words[0].title() in SURNAMES and 2 <= len(words) <= 4 and "-" not in name
        if kind in ("suspect", "victim") and "quốc tịch" in self.text[right : right + 60]:
            places = self.places_within(right, right + 70) or places
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
