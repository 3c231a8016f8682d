"""Candidate events: a trigger in a sentence in which parties of two countries act, with its status.

How sure a candidate is (`level`): 3, the sentence names actors of two countries; 2, one foreign actor, the other side known from the text; 1, no foreign
actor, but words such as "hai bên" that stand for both sides named before.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from extractors.anchored import AnyOf
from extractors.dates import DateExpression
from extractors.event_rules import EventRules, Trigger
from extractors.lexicons import phrase_automaton
from extractors.normalise import lower_case
from extractors.reading import Reading
from extractors.records import EventType, Status
from extractors.sentences import Sentence

# All of these read sentences in lower case, which is much faster than ignoring case.
_BOTH_SIDES = AnyOf(
    "hai bên|hai nước|hai tỉnh|hai phía|các bên|ba bên|song phương|hai đơn vị|hai lực lượng|hai địa phương|hai huyện|hai thành phố|hai bộ|hai ngành|hai xã|hai bản|2 bên|2 nước|2 tỉnh|2 đơn vị|2 địa phương|hai đoàn|3 tỉnh|4 tỉnh|ba tỉnh|ba nước|các nước"
    "|nước bạn|phía bạn|đơn vị bạn|tỉnh bạn|các bạn|bạn lào|của bạn|cho bạn|với bạn|nước láng giềng|mỗi bên|hai trưởng đoàn|hai đồn|hai trạm|chủ nhà|đoàn bạn|hai ngành công an|công an hai"
    "|both sides|two sides|two countries|two provinces|the two|bilateral|joint|both countries|three countries|sides|counterpart|counterparts|two nations|neighbouring country",
    glued="ສອງຝ່າຍ|ສອງປະເທດ|ສອງແຂວງ|ຮ່ວມ",
)
_FRIEND = AnyOf("nước bạn|phía bạn|đơn vị bạn|tỉnh bạn|công an bạn|cho bạn|với bạn|của bạn|lực lượng bạn")
# What a review of the past period is made of: these stay past until a paragraph turns to the day itself.
_REVIEWED = frozenset({"patrol", "joint_operation", "training"})
# "8 lần tuần tra", "phá 5 chuyên án": totals of a period, not one happening.
_TOTALS = re.compile(
    r"(?<![\d/])\d+ (?:lần(?! thứ)|đợt|cuộc|lượt|chuyên án|vụ|times|joint patrols|patrols|bilateral patrols|cases)|\d+ ?ຄັ້ງ"
)
_PERIOD = re.compile(
    r"\b(?:since (?:19|20)\d\d|between (?:19|20)\d\d and (?:19|20)\d\d|from (?:19|20)\d\d to (?:19|20)\d\d|(?:kể )?từ năm (?:19|20)\d\d|từ (?:19|20)\d\d|tính đến nay|giai đoạn (?:19|20)\d\d)"
)
# An embassy serving its own people abroad is no cooperation.
_DIASPORA = AnyOf(
    glued="kiều bào|bà con việt|cộng đồng người việt|người việt nam tại|người việt nam ở|người việt nam đang sinh sống|con em việt"
    "|vietnamese family living|vietnamese families living|vietnamese communit|overseas vietnamese|vietnamese expatriat|vietnamese people in"
)
# Paragraphs that go on with the subject of the one before.
_GOES_ON = re.compile(
    r"^\W*(?:về (?!phía)|công tác|đặc biệt|ngoài ra|bên cạnh đó|qua đó|cụ thể|trong đó|đồng thời|hai bên cũng|hai bên đã|kết quả|in addition|besides|notably)"
)
_LINKED = re.compile(
    r"^\W*(?:dịp này|nhân dịp này|nhân dịp|cùng ngày|trong khuôn khổ|tại (?:hội nghị|buổi|cuộc|lễ|chương trình|đây|hội đàm|điểm)|sau (?:khi|đó|hội đàm|buổi)|kết thúc|trước đó|nhân hội nghị|trong chuyến|chiều cùng ngày|sáng cùng ngày|tiếp đó|phát biểu|trong chương trình|ngay sau"
    r"|on (?:this|the) occasion|at the (?:meeting|ceremony|event|conference|talks)|earlier|later|following|after the|during the|the same day|afterwards|ໃນໂອກາດ)"
)  # fmt: skip
_TOGETHER = re.compile(
    r"(?<!\w)(?:phối hợp|cùng|với|hai bên|liên hợp|song phương|chung|chia sẻ|theo đề nghị|bắt tay|joint|jointly|together|cooperat\w+|coordinat\w+|with|bilateral|in collaboration)(?!\w)|ຮ່ວມ|ສົມທົບ"
)
_CLAUSE = re.compile(r"[;:]|, (?:trong đó|đồng thời|qua đó|góp phần|while|and will)|\. ")
# Told without naming anybody, right behind a sentence in which both sides act: a signing ("Một bản ghi nhớ được ký"), a stop of the visit, a course.
_UNNAMED = frozenset({"agreement", "visit", "training"})
_GOES_ON_SENTENCES = 2
# "Vietnam, Cambodia to rehearse …": the infinitive of a headline, with no verb before it.
_HEADLINE_TO = re.compile(r"^(?:[a-z][\w-]*(?:, | and |, and | - |-| & | )){1,5}to $")
_CLOSE = re.compile(r"[,;:]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trigger with what is known of it. `index` counts the sentences of the story."""

    index: int
    sentence: Sentence
    trigger: Trigger
    type: EventType
    status: Status
    level: int

    @property
    def start(self) -> int:
        """Where the trigger stands in the text."""
        return self.sentence.start + self.trigger.start

    @property
    def end(self) -> int:
        """Where the trigger ends in the text."""
        return self.sentence.start + self.trigger.end


@dataclass(frozen=True, slots=True)
class Considered:
    """A trigger as found, and what the rules say of it: `refused` names the rule that speaks against it, else it is a candidate."""

    index: int
    sentence: Sentence
    trigger: Trigger
    status: Status | None
    level: int
    refused: str | None

    @property
    def start(self) -> int:
        """Where the trigger stands in the text."""
        return self.sentence.start + self.trigger.start

    @property
    def end(self) -> int:
        """Where the trigger ends in the text."""
        return self.sentence.start + self.trigger.end

    def as_candidate(self, status: Status) -> Candidate:
        """The candidate that this trigger makes with a status."""
        return Candidate(self.index, self.sentence, self.trigger, self.trigger.type, status, self.level)


def find_candidates(considered: Sequence[Considered], reading: Reading, rules: EventRules) -> list[Candidate]:
    """The candidates among all triggers considered, in order."""
    found: list[Candidate] = []
    for _, group in groupby(considered, key=lambda one: one.index):
        found += _without_overlaps([one.as_candidate(one.status) for one in group if one.refused is None and one.status is not None])
    return _lying_ahead(found, reading, rules)


def consider_triggers(reading: Reading, rules: EventRules) -> list[Considered]:
    """All triggers of the story, in order; sentences of related-news boxes and header lines are not looked at."""
    found: list[Considered] = []
    home = _home_countries(reading)
    if not _abroad(reading, home):
        return found
    established = False
    background: set[int] = set()
    reviewed: set[int] = set()
    seen_paragraphs: set[int] = set()
    previous = -1
    told = -9  # the last sentence in which both sides act
    named = _officials_named(reading)
    cues = rules.status[reading.language]
    for index, sentence in enumerate(reading.story):
        quote = reading.text[sentence.start : sentence.end]
        lower = lower_case(quote)
        countries = {actor.party.country for actor in reading.actors_in(sentence)}
        countries |= {person.country for person in reading.persons_in(sentence) if person.country and person.kind == "official"}
        countries |= named.get(index, set())
        triggers, cues_present = rules.read_sentence(lower, reading.language)
        level = _level(lower, countries, home, established, index - told <= _GOES_ON_SENTENCES)
        diaspora = bool(level and (triggers or level >= 2) and _DIASPORA.found_in(lower))
        if diaspora:
            level = 0
        dated = reading.dates_in(sentence)
        opening = "background" in cues_present and _opening(lower, cues["background"], bool(dated) and index < 2)
        # a review of the past period goes on over paragraphs until one turns to the day itself: with a date, or "Tại hội nghị", "Dịp này"
        reviewing = previous in background and sentence.paragraph not in seen_paragraphs
        if opening or (reviewing and _GOES_ON.match(lower)):
            background.add(sentence.paragraph)
        if sentence.paragraph in background or (
            previous in reviewed and sentence.paragraph not in seen_paragraphs and not dated and not _LINKED.match(lower)
        ):
            reviewed.add(sentence.paragraph)
        if sentence.kind == "body":
            seen_paragraphs.add(sentence.paragraph)
            previous = sentence.paragraph
        if level >= 2 and len(countries | home) >= 2:
            established, told = True, index
        if not triggers:
            continue
        words = _Sentence(lower)
        bare = level == 1 and not (words.of_both_sides() or _LINKED.match(lower))
        present = {cue: cues[cue] for cue in cues_present}
        for trigger in triggers:
            past = reviewed if trigger.type in _REVIEWED else background
            status = _status(words, trigger, present, sentence.paragraph in past)
            if status == "occurred" and _looked_back_at(dated, sentence.start + trigger.start, sentence.start + trigger.end, reading):
                status = "background"
            if status == "occurred" and _of_past_year(lower, trigger, reading):
                status = "background"
            refused = "diaspora" if diaspora else "nobody" if level == 0 else _refused(trigger, rules, words, level, bare)
            found.append(Considered(index, sentence, trigger, status, level, refused))
    return found


def _looked_back_at(dates: Sequence[DateExpression], start: int, end: int, reading: Reading) -> bool:
    """Whether a trigger's own date lies long before publication: "signed an agreement on November 4, 2021", told in 2023; not one behind a comma."""
    before = [date for date in dates if date.end <= start]
    nearest = before[-1] if before else next(iter(dates), None)
    if nearest is None or not reading.context.is_long_past(nearest):
        return False
    between = reading.text[nearest.end : start].lstrip(", ") if before else reading.text[end : nearest.start]
    return not _CLOSE.search(between)


# A year by itself, and not that of a birth.
_YEAR = re.compile(r"(?<!\bsinh )(?<!\bborn )(?<!\w)(?:năm|in|since|từ|hồi|from|during|between|ປີ)\s?(?P<year>(?:19|20)\d\d)(?![\d/])")
_YEAR_NEAR = 80  # characters


def _of_past_year(lower: str, trigger: Trigger, reading: Reading) -> bool:
    """Whether a year before the trigger's clause ("in 2003 the provinces signed", "năm ngoái" is none), or one two years back behind it, dates the trigger."""
    published = reading.context.published
    if published is None or ("19" not in lower and "20" not in lower):
        return False
    for match in _YEAR.finditer(lower):
        before = match.end() <= trigger.start
        gap = lower[match.end() : trigger.start].lstrip(", ") if before else lower[trigger.end : match.start()]
        past = int(published[:4]) - int(match["year"])
        if past >= (1 if before else 2) and len(gap) <= _YEAR_NEAR and not _CLOSE.search(gap):
            return True
    return False


class _Sentence:
    """A sentence in lower case, and what its triggers ask of it: looked up when the first one asks."""

    __slots__ = ("_both_sides", "_clauses", "_of_period", "_together", "lower")

    def __init__(self, lower: str) -> None:
        self.lower = lower
        self._clauses: list[int] | None = None
        self._both_sides: bool | None = None
        self._together: bool | None = None
        self._of_period: bool | None = None

    def clause_before(self, at: int) -> str:
        """What stands between the start of the clause and `at`."""
        if self._clauses is None:
            self._clauses = [match.end() for match in _CLAUSE.finditer(self.lower)]
        place = bisect_right(self._clauses, at)
        return self.lower[self._clauses[place - 1] if place else 0 : at]

    def of_both_sides(self) -> bool:
        if self._both_sides is None:
            self._both_sides = _BOTH_SIDES.found_in(self.lower)
        return self._both_sides

    def of_acting_together(self) -> bool:
        if self._together is None:
            self._together = _TOGETHER.search(self.lower) is not None
        return self._together

    def of_period(self) -> bool:
        if self._of_period is None:
            self._of_period = _PERIOD.search(self.lower) is not None
        return self._of_period


def _refused(trigger: Trigger, rules: EventRules, words: _Sentence, level: int, bare: bool) -> str | None:
    if trigger.weak:
        return "weak"
    lower = words.lower
    rule = rules.rules[trigger.type]
    if bare and trigger.type not in _UNNAMED:
        return "bare"
    if rule.unless_before and rule.unless_before.search(lower[max(0, trigger.start - 90) : trigger.start]):
        return "before"
    if rule.unless_after and rule.unless_after.search(lower[trigger.end : trigger.end + 70]):
        return "after"
    if rule.requires and not rule.requires.search(lower):
        return "requires"
    if rule.both_sides and not ((level == 3 or (level >= 1 and words.of_both_sides())) and words.of_acting_together()):
        return "one_sided"
    return None


def _abroad(reading: Reading, home: set[str]) -> bool:
    """Whether anything in the text is of another country than the first: without, no two countries can act."""
    named = (
        home | {place.country for place in reading.places if place.country} | {one.country for one in reading.organizations if one.country}
    )
    return len(named | {"VN"}) >= 2


def _lying_ahead(found: list[Candidate], reading: Reading, rules: EventRules) -> list[Candidate]:
    """Where the first thing told lies ahead, what follows without a date or a sign of being done lies ahead as well."""
    if not found or found[0].status != "planned" or found[0].level < 2:
        return found
    done = rules.status[reading.language]["occurred"]
    ahead: list[Candidate] = []
    for candidate in found:
        text = reading.text[candidate.sentence.start : candidate.start].lower()
        still_open = candidate.status == "occurred" and not done.search(text) and not reading.dates_in(candidate.sentence)
        ahead.append(replace(candidate, status="planned") if still_open else candidate)
    return ahead


def _home_countries(reading: Reading) -> set[str]:
    """Countries that act anywhere in the story: the side that a sentence may leave unsaid."""
    found = {actor.party.country for sentence in reading.story for actor in reading.actors_in(sentence)}
    if reading.language == "vi" and any(organization.country in (None, "VN") for organization in reading.organizations):
        found.add("VN")
    if reading.language == "lo":
        found.add("LA")  # a Lao paper leaves its own side unsaid
    return found


def _level(lower: str, countries: set[str], home: set[str], established: bool, goes_on: bool) -> int:
    if len(countries) >= 2:
        return 3
    if countries and countries != {"VN"} and len(countries | home) >= 2:
        return 2
    if countries and len(home) >= 2 and _FRIEND.found_in(lower):
        return 2
    if established and (goes_on or _BOTH_SIDES.found_in(lower) or _LINKED.match(lower)):
        return 1
    return 1 if goes_on else 0


def _officials_named(reading: Reading) -> dict[int, set[str]]:
    """Countries of the officials named again in a sentence, by the sentence's index: "Thiếu tướng A và Thiếu tướng B ký kết"."""
    names = {person.name: person.country for person in reading.persons if person.kind == "official" and person.country}
    if not names:
        return {}
    automaton = phrase_automaton(names)
    found: dict[int, set[str]] = {}
    for index, sentence in enumerate(reading.story):
        if countries := {country for _, country in automaton.iter(reading.text[sentence.start : sentence.end])}:
            found[index] = countries
    return found


def _opening(lower: str, background: re.Pattern[str], dated_lead: bool) -> bool:
    match = background.search(lower[:60])
    return bool(match) and match is not None and match.start() <= 25 and not dated_lead


def _status(words: _Sentence, trigger: Trigger, cues: Mapping[str, re.Pattern[str]], background_paragraph: bool) -> Status | None:
    """The status of a trigger in its sentence; None for wishes and commitments, which are no events (guide, section 4).

    `cues` are those whose words stand in the sentence.
    """
    lower = words.lower
    before = lower[: trigger.start]
    clause = words.clause_before(trigger.start)
    near = clause[max(clause.rfind(","), clause.rfind(";"), clause.rfind(":")) + 1 :]
    if _said("cancelled", cues, lower):
        return "cancelled"
    done = _said("occurred", cues, clause[-40:])
    if _said("commitments", cues, before):
        return None
    if not done:
        if before.endswith("to ") and _HEADLINE_TO.search(before):
            return "planned"
        if "planned" in cues and (
            _said("planned", cues, clause) or _said("planned", cues, _CLOSE.split(lower[trigger.end :], maxsplit=1)[0])
        ):
            return "planned"
        if "wished" in cues and (_said("wished", cues, near) or _said("wished", cues, clause[-60:])):
            return None
    around = lower[max(0, trigger.start - 30) : trigger.end + 40]
    if trigger.type in ("patrol", "training", "joint_operation") and _TOTALS.search(around):
        return "background"
    if trigger.type in ("handover", "aid") and words.of_period():
        return "background"
    if background_paragraph or _said("background", cues, near):
        return "background"
    return "occurred"


def _said(cue: str, cues: Mapping[str, re.Pattern[str]], lower: str) -> bool:
    """Whether a cue, if it stands in the sentence at all, stands in this part of it."""
    return cue in cues and cues[cue].search(lower) is not None


def _without_overlaps(candidates: list[Candidate]) -> list[Candidate]:
    """Where two types share words ("trao" in "trao trả", "bàn giao" of persons), the longer trigger stays, and handover before aid."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (-(c.trigger.end - c.trigger.start), c.type != "handover")):
        clash = [other for other in kept if other.trigger.start < candidate.trigger.end and candidate.trigger.start < other.trigger.end]
        # A joint exercise is training and exchange (guide, section 4): both files list its words.
        if all(
            {other.type, candidate.type} == {"training", "exchange"} and other.trigger.phrase == candidate.trigger.phrase for other in clash
        ):
            kept.append(candidate)
    return sorted(kept, key=lambda c: c.trigger.start)
