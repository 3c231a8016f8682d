"""Where the name and the role of a person begin and end in the tokens of a text: the grammar under `extractors.persons`."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from extractors.lexicons import load_lexicon
from extractors.normalise import name_key
from extractors.places import SURNAMES
from extractors.records import OrganizationMention, PlaceMention, Span
from extractors.tokens import PhraseTable, Token


@dataclass(frozen=True, slots=True)
class PersonCues:
    ranks: PhraseTable
    honorifics: PhraseTable
    suspects: PhraseTable
    victims: PhraseTable
    roles: PhraseTable
    verbs: frozenset[str]
    historical: frozenset[str]
    never_open: frozenset[str]
    openers: frozenset[str]


@lru_cache(maxsize=4)
def person_cues(language: str) -> PersonCues:
    lexicon = load_lexicon("persons")[language]

    def table(key: str) -> PhraseTable:
        return PhraseTable(dict.fromkeys(lexicon[key], key))

    historical = frozenset(name_key(name) for name in load_lexicon("persons")["vi"]["historical"])
    ranks, honorifics, suspects, victims, roles = (table(key) for key in ("ranks", "honorifics", "suspect_cues", "victim_cues", "roles"))
    return PersonCues(
        ranks,
        honorifics,
        suspects,
        victims,
        roles,
        frozenset(lexicon["verbs"]),
        historical,
        frozenset(lexicon["never_open"]),
        frozenset().union(*(phrases.first_words for phrases in (ranks, honorifics, suspects, victims, roles))),
    )


class PersonGrammar:
    """The tokens of a text with what is known of them; indices count tokens, and an end is the index behind the last one."""

    def __init__(
        self, text: str, tokens: list[Token], places: Sequence[PlaceMention], organizations: Sequence[OrganizationMention], spans: Sequence[Span],
        cues: PersonCues, language: str,
    ) -> None:  # fmt: skip
        self.text, self.tokens, self.cues, self.language = text, tokens, cues, language
        self.place_at = {place.evidence.start: place for place in places}
        self.places = sorted(places, key=lambda place: place.evidence.start)
        self.organizations = sorted(organizations, key=lambda organization: organization.evidence.start)
        self.covered = {at for place in places for at in range(place.evidence.start, place.evidence.end)}
        self.name_ends = {place.evidence.end for place in places} | {organization.evidence.end for organization in organizations}
        self.place_starts = [place.evidence.start for place in self.places]
        self.organization_starts = [organization.evidence.start for organization in self.organizations]
        self.not_in_names = cues.never_open
        self.organization_at = {organization.evidence.start: organization for organization in self.organizations}
        self.hidden = [(span.start, span.end) for span in spans if span.kind in ("credit", "signature", "header")]
        foreign = Counter(place.country for place in places if place.country and place.country != "VN")
        self.foreign = foreign.most_common(1)[0][0] if foreign else None

    def slice(self, start: int, end: int) -> str:
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def cue_goes_on(self, index: int, has_role: bool) -> bool:
        """Whether a further cue of the same person stands at `index`, behind a comma: "Đại tá, PGS.TS", "Bí thư, Tỉnh trưởng"."""
        if index >= len(self.tokens):
            return False
        return (has_role and self.cues.roles.at(self.tokens, index) is not None) or self.tokens[index].lower in (
            "pgs",
            "ts",
            "gs",
            "ths",
            "bs",
        )

    def after(self, index: int, end: int) -> int:
        """The first token behind offset `end`, at least one further: "Lào" in "Lào-Việt" ends within its token."""
        at = index + 1
        while at < len(self.tokens) and self.tokens[at].end <= end:
            at += 1
        return at

    def gap(self, index: int) -> str:
        return self.text[self.tokens[index - 1].end : self.tokens[index].start]

    def name_end(self, index: int, *, strict: bool) -> int:
        """Where the capitals of a name that starts at `index` end. `strict`, behind a mere role: a Vietnamese name opens with a surname."""
        first = self.tokens[index]
        if strict and self.language == "vi" and first.text not in SURNAMES and not self._behind_place(index):
            return index
        end = index
        while end < len(self.tokens) and end - index < 9:
            token = self.tokens[end]
            if end > index and self.gap(end) not in (" ", ""):
                break
            if token.text in ("-", "–") and end > index and end + 1 < len(self.tokens):
                if end - index > 3 or not self.tokens[end + 1].capital or self.opens_role(end + 1) or first.text in SURNAMES:
                    break
                end += 1
                continue
            if (
                not token.capital
                or (token.lower in self.not_in_names and end == index)
                or self.opens_role(end)
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
        return at + 1 < len(self.tokens) and self.tokens[at + 1].capital and self.gap(at + 1) == " " and self.tokens[at].text in SURNAMES

    def _behind_place(self, index: int) -> bool:
        """Whether a gazetteer name ends right before: `Tỉnh trưởng Khăm Muộn Văn Xay`, `Phó Thủ tướng Lào Kikeo`."""
        end = self.tokens[index - 1].end if index else 0
        if index and self.tokens[index - 1].lower in ("tỉnh", "huyện", "xã"):
            return True
        return end in self.name_ends

    def opens_role(self, index: int) -> bool:
        phrase = self.cues.roles.at(self.tokens, index) or self.cues.ranks.at(self.tokens, index)
        if phrase and self.language == "vi" and phrase[0] == 1 and index and self.tokens[index - 1].capital and self.gap(index) == " ":
            return False  # a syllable of a name: Phạm Công Nguyên, Nguyễn Văn Trưởng
        return phrase is not None and not (self.tokens[index].text in SURNAMES and self.language == "vi")

    def role_end(self, index: int) -> int:
        """Where a role that opens at `index` ends: before a verb, a sign, a rank, or the name of the person it belongs to."""
        opening = self.cues.roles.at(self.tokens, index)
        at = index + (opening[0] if opening else 1)
        place_end = -1
        while at < len(self.tokens) and at - index < 30:
            token = self.tokens[at]
            if at > index and "\n" in self.gap(at):
                break
            if token.text in ';.:()"“”!?…' and not (token.text == "." and self.tokens[at - 1].lower in ("tp", "tx", "t", "lt", "gen")):
                break
            if token.lower in ("tại", "to") and at + 1 < len(self.tokens) and self.tokens[at + 1].start in self.place_at:
                at += 1  # "Đại sứ Việt Nam tại Campuchia"
                continue
            if token.text in (",", "-", "–"):
                if at + 1 < len(self.tokens) and self.cues.roles.at(self.tokens, at + 1):
                    at += 1
                    continue
                if token.text != "," and at + 1 < len(self.tokens) and self.gap(at + 1) == "":
                    at += 1
                    continue
                break
            if organization := self.organization_at.get(token.start):
                # before its place and its ranks: "Chairman of the Vientiane People's Council", "… of the General Association"
                place_end = at = self.after(at, organization.evidence.end)
                continue
            if token.lower == "and" and self.language == "en" and at + 1 < len(self.tokens) and self.cues.roles.at(self.tokens, at + 1):
                at += 1  # "Deputy Prime Minister and Defence Minister"
                continue
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
            if at > index and self._name_opens(at, place_end, opened=opening is not None and at == index + opening[0]):
                break
            if place := self.place_at.get(token.start):
                place_end = at = self.after(at, place.evidence.end)
                continue
            at += 1
        while at > index + 1 and self.tokens[at - 1].text in (",", "-", "–"):
            at -= 1
        return max(at, index + 1)

    def _name_opens(self, at: int, place_end: int, *, opened: bool) -> bool:
        token = self.tokens[at]
        if not token.capital or at + 1 >= len(self.tokens) or not self.tokens[at + 1].capital or self.gap(at + 1) != " ":
            return False
        if token.start in self.organization_at or token.start in self.place_at:
            return False
        if token.text in SURNAMES and (self.language == "en" or token.text not in ("Đoàn", "Hội", "Cao", "Trung")):
            return True
        if self.language == "en" and opened and token.lower not in self.not_in_names and not self.opens_role(at):
            return True  # "Prime Minister Hun Sen", "Governor Leth Xayaphone"
        if (
            self.language == "vi"
            and at + 2 < len(self.tokens)
            and self.tokens[at + 2].capital
            and self.gap(at + 2) == " "
            and not self.opens_role(at)
        ):
            return not any(t.start in self.place_at or t.start in self.organization_at for t in self.tokens[at : at + 3])
        behind_level = self.tokens[at - 1].lower in ("tỉnh", "huyện", "xã") and self.language == "vi"
        return (at == place_end or behind_level) and not self.opens_role(at)

    def role_behind(self, index: int) -> tuple[int, str | None, str | None]:
        """A role behind a name: `- Phó Giám đốc …`, `, Giám đốc …`, `(Giám đốc …)`. Returns the index after it, the role, its organization."""
        at = index
        if at < len(self.tokens) and self.tokens[at].text == "(":  # "(bên phải)"
            close = next((i for i in range(at, min(at + 8, len(self.tokens))) if self.tokens[i].text == ")"), None)
            if close and not self.cues.roles.at(self.tokens, at + 1):
                at = close + 1
        if at + 1 < len(self.tokens) and self.tokens[at].text in (",", "-", "–", "(", ":") and "\n" not in self.gap(at):
            opens = at + 1
            if (
                self.language == "en"
                and self.tokens[opens].lower in ("the", "a", "who", "standing", "permanent")
                and opens + 1 < len(self.tokens)
            ):
                opens += 1 if self.tokens[opens].lower in ("the", "a") else 0
            if self.cues.roles.at(self.tokens, opens) or (self.language == "en" and self._role_soon(opens)):
                end = self.role_end(opens)
                return end, self.slice(opens, end), self.organization_in(opens, end)
        return index, None, None

    def _role_soon(self, index: int) -> bool:
        """`Standing Vice Chairman`, `Lao Deputy Prime Minister`: a role within three capitals."""
        for at in range(index, min(index + 4, len(self.tokens))):
            if self.cues.roles.at(self.tokens, at):
                return True
            if not self.tokens[at].capital:
                return False
        return False

    def organization_in(self, start: int, end: int) -> str | None:
        left = self.tokens[start].start
        right = self.tokens[min(end, len(self.tokens)) - 1].end
        at = bisect_left(self.organization_starts, left)
        inside = at < len(self.organizations) and self.organization_starts[at] < right
        return self.organizations[at].name if inside else None

    def places_within(self, left: int, right: int) -> list[PlaceMention]:
        """The places that begin in `left:right` and whose country is known."""
        at, end = bisect_left(self.place_starts, left), bisect_left(self.place_starts, right)
        return [place for place in self.places[at:end] if place.country]
