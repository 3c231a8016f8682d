"""Where the role of a person begins and ends, in front of the name or behind it: the grammar under `extractors.persons`."""

from __future__ import annotations

from extractors.person_names import BODY_SURNAMES, UNITS, PersonNames
from extractors.places import SURNAMES

# A role of more tokens than this is a sentence whose end was overlooked.
_LONGEST_ROLE = 30
# Words that a full stop shortens within a role: "UBND TP. Huế", "Ủy ban T.Ư Mặt trận", "Lt. Gen.".
_ABBREVIATED = frozenset({"tp", "tx", "t", "lt", "gen"})


_PARTS = frozenset({"southern", "northern", "central", "eastern", "western"})
# English words of level behind the name of a place.
_LEVELS = frozenset({"province", "city", "district", "commune", "town", "prefecture", "county"})


class PersonGrammar(PersonNames):
    """Roles among the tokens of a text; indices count tokens, and an end is the index behind the last one."""

    def cue_goes_on(self, index: int, has_role: bool) -> bool:
        """Whether a further cue of the same person stands at `index`, behind a comma: "Đại tá, PGS.TS", "Bí thư, Tỉnh trưởng"."""
        if index >= len(self.tokens):
            return False
        if has_role and self.roles[index] is not None:
            return True
        cue = self.cued_by[index]
        if has_role and cue is not None and cue[1] in ("rank", "honorific"):
            return True  # "Deputy Minister of National Defence, Senior Lieutenant General …"
        return cue is not None and " ".join(token.lower for token in self.tokens[index : index + cue[0]]) in self.cues.titles

    def role_end(self, index: int) -> int:
        """Where a role that opens at `index` ends: before a verb, a sign, a rank, or the name of the person it belongs to."""
        opening = self.roles[index]
        at = self._office_end(index) if opening else index + 1
        # where the last phrase of office ended, and the last place or body: a name may open right there
        opened, place_end = at if opening else -1, -1
        while at < len(self.tokens) and at - index < _LONGEST_ROLE:
            token = self.tokens[at]
            if "\n" in self.gap(at):
                break
            if token.text in ';.:()"“”!?…' and not (token.text == "." and self.tokens[at - 1].lower in _ABBREVIATED):
                break
            if token.lower in ("tại", "to") and (steps := self._seat_follows(at)):
                at += steps  # "Đại sứ Việt Nam tại Campuchia", "Consul General of Vietnam to southern Laos"
                continue
            if token.text in (",", "-", "–"):
                if at + 1 < len(self.tokens) and self.roles[at + 1]:
                    opened = at = self._office_end(at + 1)
                    continue
                if token.text != "," and at + 1 < len(self.tokens) and self.gap(at + 1) == "":
                    at += 1
                    continue
                break
            if organization := self.organization_at.get(token.start):
                # before its place and its ranks: "Chairman of the Vientiane People's Council", "… of the General Association"
                end = self.after(at, organization.evidence.end)
                if name := self._name_in_body(at, end):
                    at = name
                    break
                place_end = at = end
                continue
            if token.lower == "and" and self.language == "en" and at + 1 < len(self.tokens) and self.roles[at + 1]:
                at += 1  # "Deputy Prime Minister and Defence Minister"
                continue
            if token.lower == "and" and self.language == "en" and self._field_goes_on(at):
                at += 1  # "Minister of Industry and Trade"
                continue
            if token.lower == "và" and at + 1 < len(self.tokens) and self.cues.joined_fields.at(self.tokens, at + 1):
                at += 2
                continue
            role = self.roles[at]
            if not role:
                if (
                    token.lower in self.cues.verbs
                    and not token.capital
                    and self.tokens[at - 1].lower != "đại"
                    and not self._association(at)
                ):
                    break
                cue = self.cued_by[at]
                if cue and cue[1] in ("rank", "honorific"):
                    break
            if self._name_opens(at, place_end, opened=at == opened):
                break
            if token.capital and self.language == "vi" and self.tokens[at - 1].lower in UNITS and (later := self.later_surname(at)) > at:
                at = later
                break
            if place := self.place_at.get(token.start):
                place_end = at = self.after(at, place.evidence.end)
                if self.language == "en" and at < len(self.tokens) and self.tokens[at].lower in _LEVELS:
                    place_end = at = at + 1  # "Governor of Svay Rieng province | Sok Vanna"
                continue
            if role and (token.capital or role[0] > 1) and token.text not in SURNAMES:
                opened = at = self._office_end(at)
                continue
            at += 1
            if token.capital and self.is_abbreviation(at - 1):
                place_end = at  # "Tổng thư ký ONCB Sirina Sittichai"
        while at > index + 1 and self.tokens[at - 1].text in (",", "-", "–"):
            at -= 1
        return max(at, index + 1)

    def _office_end(self, index: int) -> int:
        """Where the phrase of office at `index` ends, or the body begins that it runs into: "Chủ tịch | Hội đồng nhân dân tỉnh"."""
        office = self.roles[index]
        end = index + (office[0] if office else 1)
        return next((at for at in range(index + 1, end) if self.tokens[at].start in self.organization_at), end)

    def _field_goes_on(self, at: int) -> bool:
        """Whether the `and` at `at` joins two words of a field of office."""
        if at + 1 >= len(self.tokens) or not self.tokens[at - 1].capital:
            return False
        return self.tokens[at - 1].lower in self.cues.body_words and self.tokens[at + 1].lower in self.cues.body_words

    def _association(self, at: int) -> bool:
        """`Chủ tịch hội Lê Quang Trung`: hội is a body here, in "Chủ tịch hội đàm với" the start of a verb."""
        return self.tokens[at].lower == "hội" and at + 1 < len(self.tokens) and self.is_surname(at + 1)

    def _seat_follows(self, at: int) -> int:
        """How many tokens before an office's seat stand at `tại`: it is a place, or capitals behind the country that sent its holder; 0 where none follows."""
        if at + 1 >= len(self.tokens):
            return 0
        if self.tokens[at + 1].start in self.place_at:
            return 1
        if at + 2 < len(self.tokens) and self.tokens[at + 1].lower in _PARTS and self.tokens[at + 2].start in self.place_at:
            return 2
        return int(self.tokens[at].lower == "tại" and self.tokens[at - 1].end in self.name_ends and self.tokens[at + 1].capital)

    def _name_in_body(self, start: int, end: int) -> int:
        """Where a person's name starts that was read as the end of a body's: "Bí thư Huyện ủy | Lưu Ninh"; 0 where there is none."""
        if end < len(self.tokens) and self.tokens[end].capital and self.gap(end) == " ":
            return 0
        if self.language == "en":
            # "Vice Chairman of the provincial People's Committee | Hoang Nam"
            openings = range(end - 2, max(start, end - 5), -1)
            return next((at for at in openings if self.is_surname(at) and self.tokens[at - 1].lower in self.cues.body_words), 0)
        run = end
        while run > start + 1 and self.tokens[run - 1].capital and self.gap(run - 1) == " ":
            run -= 1
        if run == end or not self.tokens[run].capital or self.tokens[run - 1].lower in ("xã", "phường", "huyện", "tỉnh"):
            return 0
        if place := self.place_at.get(self.tokens[run].start):
            run = self.after(run, place.evidence.end)
            return run if end - run > 1 and self.is_surname(run) else 0
        if self.tokens[run].lower in ("đoàn", "gia"):
            run += 1  # "Tỉnh Đoàn", "Công an Quốc Gia"
        # the place of a committee has two words, a name in Lao spelling three or more
        return run if (end - run == 3 and self.is_surname(run)) or end - run > 3 else 0

    def _name_opens(self, at: int, place_end: int, *, opened: bool) -> bool:
        token = self.tokens[at]
        if not token.capital or at + 1 >= len(self.tokens):
            return False
        following = self.tokens[at + 1]
        if not (following.capital and self.gap(at + 1) == " "):
            return (
                (opened or at == place_end)
                and self.language == "vi"
                and self.broken_hyphen(at + 1, joined=False)
                and token.start not in self.covered
            )
        if token.start in self.organization_at:
            return False
        if token.start in self.place_at:
            return (at == place_end or (opened and self.language == "en")) and self._name_over_place(at)
        if self.language == "en":
            if token.text in SURNAMES:
                return True
            # "Prime Minister Hun Sen", "Ambassador to Vietnam Khamphao Ernthavanh", "Minister of Health Bounfeng Phoummalaysith"
            behind_field = self.tokens[at - 1].capital and self.tokens[at - 1].lower in self.cues.body_words
            if token.lower in self.not_in_names or token.lower in self.cues.body_words or self.opens_role(at):
                return False
            return opened or at == place_end or (behind_field and following.lower not in self.cues.body_words)
        if token.text in BODY_SURNAMES:
            # "UBND tỉnh Tây Ninh Đoàn Trung Kiên", but "Tỉnh Đoàn Nguyễn Thanh Hoài", "Trưởng Đoàn Kiểm tra"
            return (opened or at == place_end) and self.run_end(at) - at == 3 and not self.is_surname(at + 1)
        if self.is_surname(at):
            return self.later_surname(at) == at
        if self.opens_role(at):
            return False
        behind_level = self.tokens[at - 1].lower in ("tỉnh", "huyện", "xã")
        if opened or at == place_end or behind_level:
            return behind_level or (self.foreign_name(at) and (opened or not self.behind_unit(at)))
        if "-" in token.text and "-" in following.text:
            return self.foreign_name(at)  # "Mặt trận Lào xây dựng đất nước Xay-xổm-phon Phôm-vi-hản": no body is written so
        if at + 2 >= len(self.tokens) or not self.tokens[at + 2].capital or self.gap(at + 2) != " ":
            return False
        third = self.tokens[at + 2].start
        known = third in self.place_at or third in self.organization_at
        return not known and self.foreign_name(at) and not self.behind_unit(at) and self.later_surname(at) == at

    def _name_over_place(self, at: int) -> bool:
        """Whether a name stands behind a place and opens like one itself: "Tòa án tối cao Lào | Viêng Thoong Sỉ-phăn-đon"."""
        after = self.after(at, self.place_at[self.tokens[at].start].evidence.end)
        if after >= len(self.tokens) or not self.tokens[after].capital or self.gap(after) != " ":
            return False
        return self.tokens[after].start not in self.organization_at and not self.opens_role(after) and not self.is_surname(after)

    def role_behind(self, index: int) -> tuple[int, str | None, str | None]:
        """A role behind a name: `- Phó Giám đốc …`, `, Giám đốc …`, `(Giám đốc …)`. Returns the index after it, the role, its organization."""
        at = index
        if at < len(self.tokens) and self.tokens[at].text == "(":  # "(bên phải)"
            close = next((i for i in range(at, min(at + 8, len(self.tokens))) if self.tokens[i].text == ")"), None)
            if close and not self.roles[at + 1]:
                at = close + 1
        if at + 1 < len(self.tokens) and self.language == "vi" and self.roles[at] and self.tokens[at].capital and self.gap(at) == " ":
            end = self.role_end(at)  # "đồng chí Khăm Phẩu Sỉ Văn Giám đốc Sở Y tế …", without a comma
            return end, self.slice(at, end), self.organization_in(at, end)
        if at + 1 < len(self.tokens) and self.tokens[at].text in (",", "-", "–", "(", ":") and "\n" not in self.gap(at):
            opens = at + 1
            if self.language == "en" and self.tokens[opens].lower in ("the", "a") and opens + 1 < len(self.tokens):
                opens += 1
            if self.roles[opens] or (self.language == "en" and self._role_soon(opens)):
                end = self.role_end(opens)
                return end, self.slice(opens, end), self.organization_in(opens, end)
        return index, None, None

    def _role_soon(self, index: int) -> bool:
        """`Lao Deputy Prime Minister`, `the district's chief`: a role within five words, and nothing else said before it."""
        for at in range(index, min(index + 6, len(self.tokens))):
            if self.roles[at]:
                return True
            token = self.tokens[at]
            if not token.text[0].isalnum() or (not token.capital and token.lower in self.cues.verbs):
                return False
        return False
