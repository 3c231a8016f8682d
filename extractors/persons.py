"""Persons: a rank, honorific or role in front, a name in capitals, a role behind; and lists of delegates.

Names are found by their cue and their capitals, so Lao, Khmer and Chinese names in Vietnamese or English spelling need no list of names. Photographers and
signatures are in marked spans and never looked at. One mention is returned for each person, at the place where the name first stands.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from extractors.normalise import name_key
from extractors.person_grammar import PersonGrammar, person_cues
from extractors.persons_lao import tag_lao_persons
from extractors.places import SURNAMES
from extractors.records import Evidence, OrganizationMention, PersonKind, PersonMention, PlaceMention, Span
from extractors.tokens import Token


def tag_persons(
    text: str,
    tokens: list[Token],
    places: Sequence[PlaceMention],
    organizations: Sequence[OrganizationMention],
    spans: Sequence[Span],
    language: str,
) -> tuple[PersonMention, ...]:
    """The persons named in `text`, each once, in order of first mention, with the fullest rank and role that the text gives them."""
    if language == "lo":
        return tag_lao_persons(text, places)
    if language not in ("vi", "en"):
        return ()
    reader = _Reader(text, tokens, places, organizations, spans, person_cues(language), language)
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


_PEOPLES = frozenset({"Vietnamese", "Lao", "Laotian", "Cambodian", "Chinese", "Thai"})


class _Reader(PersonGrammar):
    """One pass over the tokens of a text."""

    def read(self) -> list[PersonMention]:
        found: list[PersonMention] = []
        index = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            if self.hidden and any(start <= token.start < end for start, end in self.hidden):
                index += 1
                continue
            if not token.capital and token.lower not in self.cues.openers:
                index += 1
                continue
            person, after = self._at(index) if token.lower in self.cues.openers else (None, index)
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
            if (phrase := self.cues.ranks.at(self.tokens, at)) and (self.cues.roles.at(self.tokens, at) or (0,))[0] <= phrase[0]:
                rank = self.slice(at, at + phrase[0])
                kind, cue = "official", "rank"
            elif phrase := self.cues.honorifics.at(self.tokens, at):
                official = self.tokens[at].lower in ("đồng", "đ", "ngài", "comrade", "h", "samdech")
                kind, cue = ("official" if official or kind == "official" else kind), cue or "honorific"
                unsure = self.tokens[at].lower in ("anh", "em", "cháu", "cụ", "chị", "cô") and self.tokens[at].capital
                if unsure and not (at + 1 < len(self.tokens) and self.tokens[at + 1].text in SURNAMES):
                    return None, index  # "Anh" is a country, "Cô" part of a name
            elif phrase := self.cues.suspects.at(self.tokens, at):
                kind, cue = "suspect", "suspect"
            elif phrase := self.cues.victims.at(self.tokens, at):
                if index and self.tokens[index - 1].lower in ("trang", "niệm", "mộ"):
                    return None, index  # a cemetery's name
                kind, cue = "victim", "victim"
            elif self.cues.roles.at(self.tokens, at) and role is None:
                end = self.role_end(at)
                # "Vietnamese Defence Minister": the adjective belongs to the role
                opens = at - 1 if at and self.tokens[at - 1].text in _PEOPLES and self.gap(at) == " " else at
                role, kind, cue = self.slice(opens, end), "official", cue or "role"
                phrase = (end - at, "role")
            else:
                break
            at += phrase[0]
            while at < len(self.tokens) and self.tokens[at].text in (".", ",", ":") and cue != "suspect":
                if self.tokens[at].text != "." and not self.cue_goes_on(at + 1, role is not None):
                    break
                at += 1
        if not cue or at >= len(self.tokens):
            return None, index
        end = self.name_end(at, strict=cue == "role")
        words = [token for token in self.tokens[at:end] if token.text not in "-–"]
        if any(token.text.endswith(("'s", "’s")) for token in words):
            return None, index
        if len(words) < 2 and not (len(words) == 1 and words[0].text.count("-") >= 1):
            return None, index
        after_role, behind, organization = self.role_behind(end)
        if behind:
            kind = "official" if kind == "civilian" else kind
        role = behind or role
        if kind in ("civilian", "official") and self._born_behind(end) and rank is None and role is None:
            kind = "suspect" if self._arrest_near(at) else "civilian"
        name = self.slice(at, end)
        start = self.tokens[at].start
        country = self._country(index, after_role, role, name, kind)
        evidence = Evidence.cut(self.text, start, self.tokens[end - 1].end)
        organization = organization or self.organization_in(index, after_role)
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
            or (index and self.tokens[index - 1].capital and self.gap(index) == " ")
        ):
            return None, index
        end = self.name_end(index, strict=False)
        if (
            not 2 <= end - index <= 8
            or token.lower in self.not_in_names
            or self.tokens[end - 1].start in self.covered
            or token.text.isupper()
        ):
            return None, index
        after, role, organization = self.role_behind(end)
        if role is None and not self._born_behind(end):
            return None, index
        name = self.slice(index, end)
        kind: PersonKind = "official" if role else "suspect" if self._arrest_near(index) else "civilian"
        country = self._country(index, after, role, name, kind)
        evidence = Evidence.cut(self.text, token.start, self.tokens[end - 1].end)
        return PersonMention(name, None, role, organization, country, kind, evidence, "person.apposition", 0.8), after

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

    def _country(self, first: int, after: int, role: str | None, name: str, kind: PersonKind) -> str | None:
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

    def _listed(self, index: int, previous: PersonMention) -> tuple[list[PersonMention], int]:
        """Further delegates of a list: `; Bun Thăn - Huyện trưởng …`, and `, Trần B, Lê C` behind "các đồng chí"."""
        found: list[PersonMention] = []
        while index + 2 < len(self.tokens) and self.tokens[index].text in (";", ",", "và", "and"):
            start = index + 1
            if self.tokens[start].text in ("và", "and"):
                start += 1
            if start >= len(self.tokens) or not self.tokens[start].capital or self._at(start)[0]:
                break
            end = self.name_end(start, strict=False)
            if end - start < 2 or self.tokens[start].start in self.place_at or self.tokens[start].start in self.organization_at:
                break
            after, role, organization = self.role_behind(end)
            surname = self.tokens[start].text in SURNAMES and end - start <= 4
            if not role and not (surname and self.tokens[index].text != ";"):
                break
            name = self.slice(start, end)
            country = self._country(start, after, role, name, previous.kind)
            if role is None and self.tokens[index].text in (",", "và", "and"):
                country = previous.country
            evidence = Evidence.cut(self.text, self.tokens[start].start, self.tokens[end - 1].end)
            found.append(
                PersonMention(name, None, role, organization, country, "official" if role else previous.kind, evidence, "person.list", 0.8)
            )
            index = after
        return found, index
