"""Persons: a rank, honorific or role in front, a name in capitals, a role behind; and lists of delegates.

Names are found by their cue and their capitals, so Lao, Khmer and Chinese names in Vietnamese or English spelling need no list of names. Photographers and
signatures are in marked spans and never looked at. One mention is returned for each person, at the place where the name first stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors.normalise import name_key
from extractors.person_cues import person_cues
from extractors.person_lists import COMMAS, PersonLists
from extractors.person_names import UNITS
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
    found = _Reader(text, tokens, places, organizations, spans, person_cues(language), language).read()
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
    return tuple(_without_short_forms(merged))


def _without_short_forms(persons: dict[str, PersonMention]) -> list[PersonMention]:
    """Without those whose name is how the name of another begins or ends: "ông Bun Thăn" of "Bun Thăn Xay Nha Vông"."""
    words = {key: person.name.replace("-", " ").replace("–", " ").split() for key, person in persons.items()}
    parts = {
        name_key(" ".join(part))
        for name in words.values()
        for at in range(1, len(name))
        for part in (name[:at], name[at:])
        if len(part) > 1
    }
    return [person for key, person in persons.items() if key not in parts]


# Signs that may stand behind one word that is a name all the same: "Phôm - mạ", "Sothea (75 tuổi)", "Keng, 32", "N.T.H".
_BEHIND_NAMES = ("-", "–", "(", ",", ".")
# Names written together: "ChanSovan".
_JOINED = re.compile(r"(?:[A-Z][a-z]+){2,}")
# Before "tên" where it is the name of a thing.
_NAMED = frozenset({"mang", "đổi", "đặt", "có", "lấy", "ký", "cùng", "họ"})
# "Đồng chí Đại tá, PGS.TS, bác sĩ …": a longer chain is no person's, and walked through from each of its words.
_MOST_CUES = 12
_CONFIDENCE = {"rank": 0.97, "role": 0.88, "honorific": 0.9}


class _Reader(PersonLists):
    """One pass over the tokens of a text."""

    def read(self) -> list[PersonMention]:
        found: list[PersonMention] = []
        tokens, cued_by, roles, hidden = self.tokens, self.cued_by, self.roles, 0
        read_up_to = 0
        for index in self.candidates:
            token, cued = tokens[index], cued_by[index] is not None or roles[index] is not None
            if index < read_up_to or not (token.capital or cued):
                continue
            while hidden < len(self.hidden) and self.hidden[hidden][1] <= token.start:
                hidden += 1
            if hidden < len(self.hidden) and self.hidden[hidden][0] <= token.start:
                continue
            person, after = self._cued(index) if cued else (None, index)
            several = person is not None and self._plural(index)
            persons = [person] if person else []
            if (
                not persons
                and token.capital
                and index + 1 < len(tokens)
                and (tokens[index + 1].capital or tokens[index + 1].text in _BEHIND_NAMES)
            ):
                persons, after = self.uncued(index)
            if not persons:
                continue
            listed, after = self._listed(after, persons[-1], several=several)
            found += [one for one in (*persons, *listed) if name_key(one.name) not in self.cues.historical]
            read_up_to = after
        return found

    def _plural(self, index: int) -> bool:
        """Whether the cue at `index` is that of several: "các ông", "hai Phó Thủ tướng"."""
        office = self.roles[index]
        return (office is not None and office[1] == "several") or (bool(index) and self.tokens[index - 1].lower in self.cues.plurals)

    def _opens_list(self, index: int, at: int) -> bool:
        """Whether the sign at `at` opens a list of those that the cue at `index` addresses: "các đồng chí: A, Tỉnh ủy viên; B …"."""
        return self.tokens[at].text in (":", ",") and self._plural(index) and at + 1 < len(self.tokens) and self.is_surname(at + 1)

    def _held_by(self, at: int) -> bool:
        """Whether behind the comma at `at`, which ends an office, its holder is named between commas: "the Governor of Chiang Rai, A B, …"."""
        if self.language != "en" or self.tokens[at].text != "," or self.tokens[at - 1].end not in self.name_ends:
            return False
        end = self.run_end(at + 1) if self.foreign_name(at + 1) else 0
        return 1 < end - at - 1 < 4 and end < len(self.tokens) and self.tokens[end].text in ",."

    def _cued(self, index: int) -> tuple[PersonMention | None, int]:
        """A person whose cue starts at `index`: any chain of honorific, rank and role, then a name."""
        at, rank, role, cue, doubtful = index, None, None, "", False
        kind: PersonKind = "civilian"
        if self.tokens[index].start in self.covered:
            return None, index  # "Bà" of Bà Rịa
        for _ in range(_MOST_CUES):
            if at >= len(self.tokens):
                break
            phrase, office = self.cued_by[at], self.roles[at]
            if phrase and (office is None or office[0] <= phrase[0]):
                words = " ".join(token.lower for token in self.tokens[at : at + phrase[0]])
                if phrase[1] == "rank":
                    rank = self.slice(at, at + phrase[0])
                    kind, cue = "official", "rank"
                elif phrase[1] == "honorific":
                    kind, cue = ("official" if words in self.cues.official or kind == "official" else kind), cue or "honorific"
                    doubtful = words in self.cues.doubtful
                    if doubtful and self.tokens[at].capital and not self._name_follows(at):
                        return None, index  # "Anh" is a country, "Cô" part of a name
                elif phrase[1] == "people":
                    cue = cue or "people"
                elif phrase[1] == "suspect":
                    if words == "tên" and index and self.tokens[index - 1].lower in _NAMED:
                        return None, index  # "mang tên Ka Long"
                    kind, cue = "suspect", "suspect"
                elif phrase[1] == "counterpart":
                    kind, cue = "official", cue or "counterpart"
                else:
                    if index and self.tokens[index - 1].lower in ("trang", "niệm", "mộ"):
                        return None, index  # a cemetery's name
                    kind, cue = "victim", "victim"
                end = at + phrase[0]
            elif office and role is None:
                end = self.role_end(at)
                # "Vietnamese Defence Minister": the adjective belongs to the role
                opens = (
                    at - 1
                    if at and self.tokens[at - 1].lower in self.cues.nationalities and self.tokens[at - 1].capital and self.gap(at) == " "
                    else at
                )
                role, kind, cue = self.slice(opens, end), "official", cue or "role"
            else:
                break
            at = end
            if role and at + 1 < len(self.tokens) and self.tokens[at].lower == "là" and (cue_ahead := self.cued_by[at + 1]):
                at += cue_ahead[1] in ("honorific", "rank")  # "Phó Tỉnh trưởng là ông …"
            while at < len(self.tokens) and self.tokens[at].text in (".", ",", ":") and cue != "suspect":
                goes_on = self.cue_goes_on(at + 1, role is not None) or self._opens_list(index, at) or (role and self._held_by(at))
                ends = self.text.startswith("\n", self.tokens[at].end) if self.tokens[at].text == "." else not goes_on
                if ends:
                    break
                at += 1
        if not cue or at >= len(self.tokens):
            return None, index
        at = self._name_start(at, cue)
        initials = self.initials_end(at) if cue in ("honorific", "suspect", "victim", "people") else 0
        end = initials or self.name_end(at, strict=cue in ("role", "people"))
        if cue == "people" and not initials and not self._one_of_the_people(at, end):
            return None, index
        if doubtful and (place := self.place_at.get(self.tokens[at].start)) and place.evidence.end >= self.tokens[end - 1].end:
            return None, index  # "con em Sơn La"
        words_of_name = [token for token in self.tokens[at:end] if token.text not in "-–"]
        if not self._is_name(words_of_name, end, cue):
            return None, index
        # "Prime Minister Hun Sen's visit"
        own = 2 if words_of_name[-1].text.endswith(("'s", "’s")) else 0
        after_role, behind, organization = self.role_behind(end)
        if behind and role and self.tokens[end].text in ",(" and self._names_next(after_role):
            after_role, behind, organization = end, None, None  # "Tỉnh trưởng A, Bí thư B": the second office is the second person's
        if behind:
            kind = "official" if kind == "civilian" else kind
        role = behind or role
        if kind in ("civilian", "official") and rank is None and role is None and self.born_behind(end):
            kind = "suspect" if self.arrest_near(at) else "civilian"
        evidence = Evidence.cut(self.text, self.tokens[at].start, self.tokens[end - 1].end - own)
        name = evidence.quote
        country = self.country_of(index, after_role, role, name, kind)
        organization = organization or self.organization_in(index, after_role)
        return PersonMention(
            name, rank, role, organization, country, kind, evidence, f"person.{cue}", _CONFIDENCE.get(cue, 0.85)
        ), after_role  # fmt: skip

    def _name_follows(self, index: int) -> bool:
        """Whether the word of address at `index` is one: before a surname, or opening a sentence ("Chị Sóc Khum", but "đồn Cô Rô Ca")."""
        if index + 1 >= len(self.tokens):
            return False
        if self.tokens[index + 1].text in SURNAMES:
            return True
        opens = index == 0 or self.tokens[index - 1].text in '.!?:;"“”…' or "\n" in self.gap(index)
        return opens and self.foreign_name(index + 1) and not self.behind_unit(index + 1)

    def _name_start(self, index: int, cue: str) -> int:
        """Past what may stand between a cue and the name: "(Thái Lan)", "là", the country of a counterpart or an officer."""
        at = index
        if cue == "role" and self.tokens[at].text == "(":
            close = next((i for i in range(at, min(at + 8, len(self.tokens))) if self.tokens[i].text == ")"), None)
            if close and close + 1 < len(self.tokens) and self.tokens[close + 1].capital and self.gap(close + 1) == " ":
                return close + 1
        if cue == "role" and self.tokens[at].lower == "là" and at + 1 < len(self.tokens) and self.tokens[at + 1].capital:
            return at + 1
        place = self.place_at.get(self.tokens[at].start)
        if place and place.kind == "country" and place.evidence.end - place.evidence.start > 2:
            after = self.after(at, place.evidence.end)
            if after + 1 < len(self.tokens) and self.tokens[after].capital and self.tokens[after + 1].capital and self.gap(after) == " ":
                return after
        return at

    def _one_of_the_people(self, start: int, end: int) -> bool:
        """Whether capitals behind "sinh viên", "trưởng bản" are a person's: the name of the place they are from stands there as often."""
        if self.tokens[start].start in self.covered or end - start < 2:
            return False
        if end + 1 < len(self.tokens) and self.tokens[end].text == "(" and self.tokens[end + 1].lower in UNITS:
            return False  # "Trưởng bản Ma Ly Pho (xã …)"
        return (
            (end - start > 2 and self.is_surname(start)) or self.born_behind(end) or self.role_behind(end)[1] is not None or end - start > 3
        )

    def _is_name(self, words: list[Token], end: int, cue: str) -> bool:
        if any(token.text.endswith(("'s", "’s")) for token in (words[:-1] if cue in ("rank", "role") else words)):
            return False
        if len(words) > 1:
            return True
        if len(words) != 1:
            return False
        joined = "-" in words[0].text or (cue == "rank" and _JOINED.fullmatch(words[0].text) is not None)
        return joined or (cue == "honorific" and self.aged_behind(end))

    def _names_next(self, index: int) -> bool:
        """Whether a name opens at `index`, right behind a role."""
        if index + 1 >= len(self.tokens) or not self.tokens[index].capital or self.gap(index) != " ":
            return False
        return self.name_end(index, strict=True) > index + 1

    def _listed(self, index: int, previous: PersonMention, *, several: bool) -> tuple[list[PersonMention], int]:
        """Further delegates of a list: `; Bun Thăn - Huyện trưởng …`, and `, Trần B, Lê C` behind "các đồng chí"."""
        found: list[PersonMention] = []
        while (at := self.past_bracket(index)) + 2 < len(self.tokens) and self.tokens[at].text in (";", *COMMAS):
            start = at + 1
            if self.tokens[start].text in ("và", "and"):
                start += 1
            if start >= len(self.tokens) or not self.tokens[start].capital or self._cued(start)[0]:
                break
            end = self.name_end(start, strict=False)
            if end - start < 2 or self.tokens[start].start in self.place_at or self.tokens[start].start in self.organization_at:
                break
            after, role, organization = self.role_behind(end)
            surname = self.tokens[start].text in SURNAMES and end - start <= 4
            expected = surname or (several and self.foreign_name(start)) or self.mark_of_all(end)
            if not role and not (self.tokens[at].text != ";" and expected):
                break
            name = self.slice(start, end)
            country = self.country_of(start, self.past_bracket(after), role, name, previous.kind)
            within = self.tokens[start].start, self.tokens[min(after, len(self.tokens)) - 1].end
            if (role is None and at == index and not several) or (country == self.foreign and not self.tells_side(*within)):
                country = previous.country
            evidence = Evidence.cut(self.text, self.tokens[start].start, self.tokens[end - 1].end)
            kind = "official" if role else previous.kind
            found.append(PersonMention(name, None, role, organization, country, kind, evidence, "person.list", 0.8))
            index = after
        return found, index
