"""Where the name of a person begins and ends in the tokens of a text: capitals, hyphens, and what can never be a name."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from extractors.person_cues import PersonCues
from extractors.places import SURNAMES
from extractors.records import OrganizationMention, PlaceMention, Span
from extractors.tokens import Token

# Nobody has more names; what goes on in capitals beyond is a title or a list of words.
_LONGEST_NAME = 9
# A Vietnamese name has two to four words: in "đồn Lò Gò Trần Tự Hiện" the first surname belongs to the place.
_LONGEST_VIETNAMESE_NAME = 4
# "Trung Bổng Lăng Thanh": so many capitals in a row are no body's, whose names mix them with small letters (Trung ương Đoàn, Hội Nông dân).
_LONGER_THAN_BODIES = 4
# Words for nations that are syllables of Vietnamese names.
_NATIONS = frozenset({"thai", "viet"})
# Surnames that are words of bodies as well: "Trưởng Đoàn", "Cao đẳng".
BODY_SURNAMES = frozenset({"Đoàn", "Cao"})
# Behind a dash the start of an office, also of one that the lexicon lacks.
_OFFICE = frozenset({"phó", "trưởng", "quyền", "nguyên", "chủ", "giám", "bí"})
# Tokens that a place name follows, so that its capitals are no person's.
UNITS = frozenset({"đồn", "trạm", "bản", "xã", "phường", "thôn", "phòng", "khẩu", "trấn", "ủy", "uỷ", "đoàn", "vực", "tp", "làng"})


class PersonNames:
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
        self.hidden = sorted((span.start, span.end) for span in spans if span.kind in ("credit", "signature", "header"))
        foreign = Counter(place.country for place in places if place.country and place.country != "VN")
        self.foreign = max(foreign, key=foreign.__getitem__) if foreign else None
        # looked up once a token: the walks below ask for the same tokens again and again; whatever is no candidate opens neither cue nor name
        cue_words, role_words = cues.cue_words, cues.role_words
        openers = cues.openers
        self.candidates = [at for at, (_, _, _, lower, capital) in enumerate(tokens) if capital or lower in openers]
        self.roles: list[tuple[int, str] | None] = [None] * len(tokens)
        self.cued_by: list[tuple[int, str] | None] = [None] * len(tokens)
        for at in self.candidates:
            word = tokens[at].lower
            if word in role_words:
                self.roles[at] = cues.roles.at(tokens, at)
            if word in cue_words:
                self.cued_by[at] = cues.cues.at(tokens, at)

    def slice(self, start: int, end: int) -> str:
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def gap(self, index: int) -> str:
        return self.text[self.tokens[index - 1].end : self.tokens[index].start]

    def after(self, index: int, end: int) -> int:
        """The first token behind offset `end`, at least one further: "Lào" in "Lào-Việt" ends within its token."""
        at = index + 1
        while at < len(self.tokens) and self.tokens[at].end <= end:
            at += 1
        return at

    def is_surname(self, index: int) -> bool:
        """A family name of Vietnam, also where the whole name is in capitals: "ĐINH CÔNG SỸ"."""
        text = self.tokens[index].text
        if text in SURNAMES:
            return True
        return (
            len(text) > 1
            and text.isupper()
            and text.title() in SURNAMES
            and index + 1 < len(self.tokens)
            and self.tokens[index + 1].text.isupper()
            and not (index and self.tokens[index - 1].text.isupper())
        )

    def is_abbreviation(self, index: int) -> bool:
        """UBND, ONCB, TP; not a name that stands in capitals throughout."""
        text = self.tokens[index].text
        return 1 < len(text) <= 5 and text.isupper() and not self._capitals_throughout(index)

    def _capitals_throughout(self, index: int) -> bool:
        """`KHAMDENG SIBOUNHENANG` in a sentence of small letters; a headline in capitals is none."""
        if index and self.tokens[index - 1].text.isupper():
            return False
        words = [token.text for token in self.tokens[index : index + 2]]
        return len(words) == 2 and all(word.isupper() for word in words) and len(words[1]) > 2

    def run_end(self, index: int) -> int:
        """The end of the capitals that follow each other from `index`, with blanks between."""
        at = index + 1
        while at < len(self.tokens) and at - index < _LONGEST_NAME and self.tokens[at].capital and self.gap(at) == " ":
            at += 1
        return at

    def foreign_name(self, index: int) -> bool:
        """Whether two capitals at `index` can open a name that is no Vietnamese one: neither a body, nor a place, nor an abbreviation."""
        if index + 1 >= len(self.tokens):
            return False
        token, following = self.tokens[index], self.tokens[index + 1]
        if not token.capital or token.lower in self.not_in_names:
            return False
        if token.lower in self.cues.body_words and (following.text in SURNAMES or self.run_end(index) - index < _LONGER_THAN_BODIES):
            return False
        if not (following.capital and self.gap(index + 1) == " ") and not self.broken_hyphen(index + 1, joined=False):
            return False
        if self.is_abbreviation(index) or (token.text.isupper() and not self._capitals_throughout(index) and len(token.text) > 1):
            return False
        if self.opens_role(index):
            return False
        return not any(one.start in self.covered or one.start in self.organization_at for one in (token, following))

    def behind_unit(self, index: int) -> bool:
        """Whether the word in front is one that a place's name follows: "đồn", "xã", "Huyện ủy"."""
        return index > 0 and self.tokens[index - 1].lower in UNITS

    def later_surname(self, index: int) -> int:
        """Behind a unit, where the person's own name starts in capitals that open with a place: "đồn Biên phòng Lò Gò Trần Tự Hiện"; else `index`."""
        end = self.run_end(index)
        if end - index <= _LONGEST_VIETNAMESE_NAME and self.tokens[index].text in SURNAMES:
            return index
        # places have two words or more as a rule: "Mai Sơn | Nguyễn Việt Cường", though Sơn is a surname too
        starts: list[int] = [*range(index + 2, end - 2), index + 1]
        for at in starts:
            if at < end and self.tokens[at].text in SURNAMES and 2 < end - at <= _LONGEST_VIETNAMESE_NAME:
                return at
        return index

    def broken_hyphen(self, index: int, *, joined: bool) -> bool:
        """A hyphen within a name, set with blanks: "Kham - khan Chan- tha- vy- souk". `joined`: the name has had one already."""
        if index + 2 >= len(self.tokens) or self.tokens[index].text not in ("-", "–"):
            return False
        syllable, further = self.tokens[index + 1], self.tokens[index + 2]
        if syllable.capital or not syllable.text.isalpha() or len(syllable.text) > 7 or self.gap(index + 1) not in (" ", ""):
            return False
        if syllable.lower in self.cues.verbs or syllable.lower in self.not_in_names or self.roles[index + 1] or self.cued_by[index + 1]:
            return False
        return joined or (further.text in ("-", "–")) or (further.capital and self.gap(index + 2) == " ")

    def name_end(self, index: int, *, strict: bool) -> int:
        """Where the capitals of a name that starts at `index` end. `strict`, behind a mere role: a name that is no body's and no place's."""
        if (
            strict
            and self.language == "vi"
            and not self.is_surname(index)
            and not self.behind_place(index)
            and not self.foreign_name(index)
        ):
            return index
        first, end, words, joined = self.tokens[index], index, 0, False
        while end < len(self.tokens) and words < _LONGEST_NAME:
            token = self.tokens[end]
            if end > index and self.gap(end) not in (" ", ""):
                break
            if token.text in ("-", "–") and end > index and end + 1 < len(self.tokens):
                if first.text in SURNAMES:
                    break
                if self.broken_hyphen(end, joined=joined):
                    joined, words, end = True, words + 1, end + 2
                    continue
                if end - index > 3 or not self.tokens[end + 1].capital or self.opens_role(end + 1) or self.tokens[end + 1].lower in _OFFICE:
                    break
                end += 1
                continue
            if not token.capital or (end == index and self._never_opens(end)) or self.opens_role(end) or self._stops_name(end, index):
                break
            words += 1
            end += 1
        while end > index and self.tokens[end - 1].text in ("-", "–"):
            end -= 1
        return end

    def _never_opens(self, index: int) -> bool:
        """`Từ` opens a sentence, and the name of Từ Hồng Sơn."""
        return self.tokens[index].lower in self.not_in_names and not (
            self.tokens[index].text in SURNAMES and self.run_end(index) - index > 2
        )

    def _stops_name(self, at: int, first: int) -> bool:
        token = self.tokens[at]
        if at > first and self.language == "en" and token.lower in self.not_in_names:
            # "Le Duc Thai", "Phan Viet Cuong": nations are syllables of Vietnamese names as well
            return not (token.lower in _NATIONS and at - first < _LONGEST_VIETNAMESE_NAME and self.tokens[first].text in SURNAMES)
        if token.start in self.organization_at:
            return True
        place = self.place_at.get(token.start)
        return place is not None and place.kind in ("country", "province") and at == first and not self._capital_after(at)

    def _capital_after(self, at: int) -> bool:
        return at + 1 < len(self.tokens) and self.tokens[at + 1].capital and self.gap(at + 1) == " " and self.tokens[at].text in SURNAMES

    def initials_end(self, index: int) -> int:
        """The end of `N.T.T.Tr.`, by which minors and victims are named; 0 where no three such letters stand at `index`."""
        at, letters = index, 0
        while at < len(self.tokens) and letters < _LONGEST_NAME:
            token = self.tokens[at]
            if not token.capital or len(token.text) > 2 + (letters > 0) or (at > index and self.gap(at)):
                break
            letters, at = letters + 1, at + 1
            if at >= len(self.tokens) or self.tokens[at].text != "." or self.gap(at):
                break
            at += 1
        if letters < 3:
            return 0
        goes_on = at < len(self.tokens) and not self.tokens[at].capital and "\n" not in self.gap(at)
        # else the full stop behind the last letter ends the sentence
        return at - 1 if self.tokens[at - 1].text == "." and not goes_on else at

    def behind_place(self, index: int) -> bool:
        """Whether a gazetteer name ends right before: `Tỉnh trưởng Khăm Muộn Văn Xay`, `Phó Thủ tướng Lào Kikeo`."""
        if index and self.tokens[index - 1].lower in ("tỉnh", "huyện", "xã"):
            return True
        return bool(index) and self.tokens[index - 1].end in self.name_ends

    def opens_role(self, index: int) -> bool:
        """Whether a role or a rank starts at `index`, and no syllable of a name: Phạm Công Nguyên, Nguyễn Văn Trưởng."""
        phrase = self.roles[index]
        if phrase is None:
            cue = self.cued_by[index]
            phrase = cue if cue and cue[1] == "rank" else None
        if phrase is None:
            return False
        if self.language != "vi":
            return True
        if phrase[0] == 1 and index and self.tokens[index - 1].capital and self.gap(index) == " ":
            return False
        return self.tokens[index].text not in SURNAMES

    def organization_in(self, start: int, end: int) -> str | None:
        """The first organization named in the tokens `start:end`."""
        left = self.tokens[start].start
        right = self.tokens[min(end, len(self.tokens)) - 1].end
        at = bisect_left(self.organization_starts, left)
        inside = at < len(self.organizations) and self.organization_starts[at] < right
        return self.organizations[at].name if inside else None

    def places_within(self, left: int, right: int) -> list[PlaceMention]:
        """The places that begin in `left:right` and whose country is known."""
        at, end = bisect_left(self.place_starts, left), bisect_left(self.place_starts, right)
        return [place for place in self.places[at:end] if place.country]
