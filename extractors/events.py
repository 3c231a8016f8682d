"""Reports of events: candidates of one type and date put together, with date, place, parties, persons, documents, amounts and topics."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractors.actors import Actor
from extractors.border_venues import venue_on_the_line
from extractors.candidates import Candidate, consider_triggers, find_candidates
from extractors.classifiers.judging import Judgement, PartyChances, judge_amounts, judge_parties, judge_types, judge_venue
from extractors.classifiers.venue_features import venue_mentions
from extractors.dates import DateExpression, ResolvedDate
from extractors.event_rules import EventRules
from extractors.locations import TELLS, TOLD, held_online, likely_location, location_in, location_of_lead
from extractors.normalise import name_key
from extractors.parties import likely_parties, parties_of, with_unclaimed_parties
from extractors.periods import period_near
from extractors.reading import Reading
from extractors.records import Amount, Evidence, Location, Party, Report
from extractors.sentences import Sentence
from extractors.topics import StoryTopics, among, likely_topics

_MAXIMUM_EVIDENCE = 160  # characters: a clause, not a paragraph


@dataclass(frozen=True, slots=True)
class _Group:
    """Candidates that tell one event."""

    candidates: list[Candidate]
    date: ResolvedDate | None
    date_text: str | None


@dataclass(frozen=True, slots=True)
class _Telling:
    """One event as the candidates tell it: the best of them first, and the sentences they stand in."""

    candidates: list[Candidate]
    sentences: list[Sentence]
    date: ResolvedDate | None
    date_text: str | None

    @property
    def first(self) -> Candidate:
        return self.candidates[0]


def tag_events(reading: Reading, rules: EventRules) -> tuple[Report, ...]:
    """The reports of a text, the main one first. Wishes, commitments, legal bases, souvenirs and one-sided acts give none.

    The rules propose candidates; models weigh them, and the parties (`extractors.classifiers`).
    """
    considered = consider_triggers(reading, rules)
    if not considered:
        return ()
    candidates = kept_plans(find_candidates(considered, reading, rules), reading)
    judged = judge_types(reading, considered, candidates)
    if not judged.candidates:
        return ()
    said, venue = parties_and_venue(reading, candidates)
    listed = reading.with_amounts(judge_amounts(reading, considered))
    reports = _judged_reports(listed, rules, judged, judge_parties(reading, considered, said, venue))
    if reports:
        main, mentions = reports[0], venue_mentions(reading, considered, candidates, said, venue)
        location = venue_on_the_line(reading, [at.start for at in main.evidence])
        if location is None and not held_online(reading, main.evidence[0].start):
            location = likely_location(main.location, judge_venue(mentions, judged.sentences))
        reports[0] = replace(main, location=location)
    return tuple(reports)


def parties_and_venue(reading: Reading, candidates: Sequence[Candidate]) -> tuple[list[Party], Location | None]:
    """What the rules alone make of these candidates: the parties of all that happens or is planned, and where the main event takes place."""
    main_actors = _main_actors(reading, candidates)
    told = [(telling, parties_of(reading, telling.sentences, main_actors)) for telling in _tellings(reading, candidates)]
    told = [(telling, parties) for telling, parties in told if _of_two_countries(parties)]
    if not told:
        return [], None
    order = [(telling.first.status == "background", _evidence(reading, telling.first).start) for telling, _ in told]
    in_order = [told[at] for at in sorted(range(len(told)), key=order.__getitem__)]
    parties = [party for telling, parties in in_order if telling.first.status != "background" for party in parties]
    return parties, _location(reading, in_order[0][0])


def _of_two_countries(parties: Sequence[Party]) -> bool:
    return len({party.country for party in parties}) >= 2


def _judged_reports(reading: Reading, rules: EventRules, judged: Judgement, chances: PartyChances) -> list[Report]:
    """The reports of the candidates that stand, with parties and confidences by the models."""
    main_actors = _main_actors(reading, judged.candidates)
    tellings = _tellings(reading, judged.candidates)
    told = [(telling, likely_parties(parties_of(reading, telling.sentences, main_actors), chances)) for telling in tellings]
    told = [(telling, parties) for telling, parties in told if _of_two_countries(parties)]
    if not told:
        return []
    topics = StoryTopics(reading, rules)
    likely = likely_topics(topics, judged.words)
    candidates_in: dict[Sentence, list[Candidate]] = {}
    for candidate in judged.candidates:
        candidates_in.setdefault(candidate.sentence, []).append(candidate)
    found = []
    for telling, parties in told:
        chance = (judged.background if telling.first.status == "background" else judged.current).get(telling.first.type, 0.5)
        of_event = among(topics.of_event(telling.sentences), likely)
        found.append(_report(reading, rules, telling, candidates_in, parties, of_event, round(chance, 2)))
    found = _in_order(found)
    main = _with_unclaimed(reading, found)
    found[0] = replace(main, topics=likely, parties=with_unclaimed_parties(found, chances))
    return found


def _in_order(reports: list[Report]) -> list[Report]:
    return sorted(reports, key=lambda report: (report.status == "background", report.evidence[0].start))


def _tellings(reading: Reading, candidates: Sequence[Candidate]) -> list[_Telling]:
    found: list[_Telling] = []
    for group in _grouped(reading, candidates):
        best = sorted(group.candidates, key=lambda c: (c.sentence.kind == "caption", -min(c.level, 2), c.index))
        if best[0].status == "occurred" and group.date is not None and reading.context.lies_ahead(group.date):
            best = [
                replace(candidate, status="planned") for candidate in best
            ]  # told as if it had happened: "Ngày hội diễn ra từ ngày 1 đến 3-10"
        found.append(_Telling(best, list(dict.fromkeys(c.sentence for c in best)), group.date, group.date_text))
    return found


def kept_plans(candidates: list[Candidate], reading: Reading) -> list[Candidate]:
    """Without plans that only belong to what was agreed: beside a done event a plan counts when it has a date of its own."""
    occurred = any(candidate.status == "occurred" and candidate.level >= 2 for candidate in candidates)
    if not occurred or (candidates[0].status == "planned" and candidates[0].level >= 2):
        return candidates
    return [c for c in candidates if c.status != "planned" or (c.level >= 2 and reading.dates_in(c.sentence))]


def _main_actors(reading: Reading, candidates: Sequence[Candidate]) -> list[Actor]:
    """The actors of the first sentence in which two countries act; else of the first sentences until two countries have been named."""
    for candidate in candidates:
        actors = reading.actors_in(candidate.sentence)
        if len({actor.party.country for actor in actors}) >= 2:
            return actors
    gathered: list[Actor] = []
    for sentence in reading.story:
        gathered += reading.actors_in(sentence)
        if len({actor.party.country for actor in gathered}) >= 2:
            return gathered
    return gathered


def _grouped(reading: Reading, candidates: Sequence[Candidate]) -> list[_Group]:
    """One group for each type, status and date. A sentence without a date of its own belongs to the date told last."""
    lead = _lead_date(reading)
    groups: dict[tuple[str, str, str | None], _Group] = {}
    current: tuple[ResolvedDate | None, str | None] = lead
    for candidate in candidates:
        own = _date_of(reading, candidate)
        if candidate.status == "background" or candidate.status == "planned":
            date, text = own or (None, None)
        else:
            current = own or current
            date, text = current
        key: tuple[str, str, str | None] = (candidate.type, candidate.status, date.start if date else None)
        same = [k for k in groups if k[0] == candidate.type and k[1] == candidate.status != "background"]
        if own is None:
            # said again without its date: the event of that type that is known already
            key = next(iter(same), key)
        elif key not in groups and same and groups[same[0]].date is None:
            # a headline or lead without the date that is told here
            groups[key] = _Group(groups.pop(same[0]).candidates, date, text)
        group = groups.setdefault(key, _Group([], date, text))
        group.candidates.append(candidate)
    return list(groups.values())


_PERIOD_OPENS = re.compile(r"(?<!\w)(?:from|since|từ)\s$", re.I)


# "Trước đó, ngày 17/5, …": what led to the story, not the story.
_BEFORE_THAT = re.compile(r"(?:trước đó|trước đây|earlier|previously|before that|prior to (?:this|that))(?!\w)", re.I)


def _lead_date(reading: Reading) -> tuple[ResolvedDate | None, str | None]:
    for sentence in reading.story[:4]:
        if _BEFORE_THAT.match(reading.text, sentence.start, sentence.end):
            continue
        for date in _event_dates(reading, sentence):
            if date.last[0] is None and date.relative is None and _PERIOD_OPENS.search(reading.text, max(0, date.start - 10), date.start):
                continue  # "From January to this month": what is reviewed
            return reading.context.resolve(date), date.text
    return None, None


# "VIENTIANE, Oct. 25 -- … on Friday": where and when it was written, before the day of what is told.
_DATELINE = re.compile(r"(?:[^\W\d_][\w .'’-]{1,30},\s?)?(?:ວັນທີ\s?)?$")
_DATELINE_END = re.compile(r"\s?(?:\([^()\n]{1,30}\)\s?)?(?:--|—|–|-|:|\||(?<=\d{4}) (?=[A-Z]))")


def _event_dates(reading: Reading, sentence: Sentence, *, background: bool = False) -> list[DateExpression]:
    """The dates of a sentence but those of a statement to the press, and of what news only looks back at."""
    text = reading.text
    dates = reading.dates_in(sentence)
    if len(dates) > 1 and _DATELINE.match(text, sentence.start, dates[0].start) and _DATELINE_END.match(text, dates[0].end):
        dates = dates[1:]
    return [
        date
        for date in dates
        if not TOLD.search(text, max(sentence.start, date.start - 110), date.start)
        and not (date.first == date.last and TELLS.match(text, date.end))  # news is told on one day
        and (background or not reading.context.is_long_past(date))
    ]


def _date_of(reading: Reading, candidate: Candidate) -> tuple[ResolvedDate, str] | None:
    dates = _event_dates(reading, candidate.sentence, background=candidate.status == "background")
    ahead = candidate.status == "planned"
    if not dates:
        if candidate.status != "background" and not ahead:
            return None
        return period_near(reading.text, candidate.sentence, candidate.start, reading.context, future=ahead)
    # the nearest before the trigger, else the nearest behind it
    before = [date for date in dates if date.end <= candidate.start]
    date = before[-1] if before else dates[0]
    return reading.context.resolve(date, future=ahead), date.text


def _report(
    reading: Reading, rules: EventRules, telling: _Telling, told: dict[Sentence, list[Candidate]], parties: tuple[Party, ...], topics: tuple[str, ...],
    confidence: float,
) -> Report:  # fmt: skip
    first, date, sentences = telling.first, telling.date, telling.sentences
    rule = rules.rules[first.type]
    planned = first.status == "planned"
    amounts = [replace(amount, background=first.status == "background") for s in sentences for amount in _amounts(reading, s, first, told)]
    return Report(
        type=first.type, status=first.status,
        date_start=date.start if date else None, date_end=date.end if date else None, date_precision=date.precision if date else None,
        date_source=date.source if date and date.start else None, date_text=telling.date_text,
        location=_location(reading, telling), parties=parties,
        persons=tuple(p.name for s in sentences for p in reading.persons_in(s) if p.kind == "official"),
        documents=_documents(reading, rules, telling.candidates), amounts=_without_repeats(amounts), topics=topics,
        plover="AGREE" if planned else rule.plover, cameo="030" if planned else rule.cameo,
        evidence=tuple(_evidence(reading, c) for c in telling.candidates[:5]), rule=f"event.{first.type}.{first.trigger.phrase.strip()}",
        confidence=confidence,
    )  # fmt: skip


def _location(reading: Reading, telling: _Telling) -> Location | None:
    found = next((place for sentence in telling.sentences if (place := location_in(reading, sentence))), None)
    return found or (location_of_lead(reading) if telling.first.status == "occurred" else None)


def _amounts(reading: Reading, sentence: Sentence, first: Candidate, told: dict[Sentence, list[Candidate]]) -> list[Amount]:
    """The amounts of a sentence that stand nearer to this event's trigger than to another event's."""
    mine: list[Amount] = []
    triggers = told.get(sentence, [])
    for amount in reading.amounts_in(sentence):
        nearest = min(triggers, key=lambda c: abs(c.start - amount.evidence.start), default=first)
        if nearest.type == first.type and nearest.status == first.status:
            mine.append(amount)
    return mine


def _without_repeats(amounts: list[Amount]) -> tuple[Amount, ...]:
    """Each value with its unit once, where it is first told: a lead and a paragraph both say "37 công dân"."""
    first: dict[tuple[float, str, bool], Amount] = {}
    for amount in amounts:
        first.setdefault((amount.value, amount.unit, amount.background), amount)
    return tuple(first.values())


def _with_unclaimed(reading: Reading, reports: list[Report]) -> Report:
    """The main report with the amounts and officials of the story's sentences that no event claimed and that go on telling of it."""
    claimed = {amount.evidence for report in reports for amount in report.amounts}
    named = {name for report in reports for name in report.persons}
    background_at = sorted(evidence.start for report in reports if report.status == "background" for evidence in report.evidence)
    extra = []
    for sentence in reading.story:
        background = bisect_left(background_at, sentence.start) < bisect_left(background_at, sentence.end)
        extra += [replace(amount, background=background) for amount in reading.amounts_in(sentence) if amount.evidence not in claimed]
    persons = [person.name for person in reading.persons if person.kind == "official" and person.name not in named]
    main = reports[0]
    return replace(main, amounts=_without_repeats([*main.amounts, *extra]), persons=tuple(dict.fromkeys((*main.persons, *persons))))


_DOCUMENT = re.compile(r"[^,.;:\n(]*")
_DOCUMENT_END = re.compile(
    r"\s(?:giữa|với|do|tại|vào|trước|nhằm|để|được|between|with|was|were|is|are|will|that|to|signed|on (?=[A-Z])|at|in (?=[A-Z]))\s"
)
# "… năm 2023 N.X": a caption's photographer, whose full stop ends the title.
_CREDIT = re.compile(r"(?<=\d)\s[A-ZĐ]$")


def _documents(reading: Reading, rules: EventRules, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    pattern = rules.rules[candidates[0].type].documents.get(reading.language)
    if pattern is None or candidates[0].status == "background":
        return ()
    found: dict[str, str] = {}
    for candidate in candidates:
        # what is signed stands behind the verb, or before a passive one ("A memorandum … was inked")
        matches = list(pattern.finditer(reading.text, candidate.sentence.start, candidate.sentence.end))
        behind = [match for match in matches if match.start() >= candidate.start - 10]
        if not matches:
            continue
        start = behind[0].start() if behind else matches[-1].start()
        tail = _DOCUMENT.match(reading.text, start, candidate.sentence.end)
        name = _CREDIT.sub("", _DOCUMENT_END.split(tail.group() if tail else "")[0].strip())
        found.setdefault(name_key(name), name)
    names = list(found.items())
    return tuple(name for key, name in names if not any(key != other and key in other for other, _ in names))


def _evidence(reading: Reading, candidate: Candidate) -> Evidence:
    """The clause around a trigger: to the next sign on either side, at most 160 characters."""
    text, sentence = reading.text, candidate.sentence
    left = max((text.rfind(sign, sentence.start, candidate.start) for sign in (", ", "; ", ": ", "\n")), default=-1)
    left = sentence.start if left < 0 else left + 1
    ends = [at for sign in (", ", "; ", ".", "\n") if (at := text.find(sign, candidate.end, sentence.end)) >= 0]
    right = min(ends, default=sentence.end)
    if right - left > _MAXIMUM_EVIDENCE:
        left = max(left, text.rfind(" ", left, max(left + 1, candidate.start - 40)) + 1)
        cut = text.rfind(" ", candidate.end, left + _MAXIMUM_EVIDENCE)
        right = min(right, cut if cut > candidate.end else candidate.end)
    return Evidence.cut(text, left, max(right, candidate.end))
