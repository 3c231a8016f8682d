"""Scores one text's tags against its marks: counts per metric, and what was missed and what was spurious.

The definitions of the metrics stand in `keoson.evaluation.metrics`. Both sides have the form of `keoson tag --json`, so a second marking
can be scored like a prediction.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from extractors.normalise import name_key
from keoson.evaluation.forms import EventForm, LocationForm, PartyForm, PersonForm, TagsForm
from keoson.evaluation.gold import GoldItem
from keoson.evaluation.matching import covered, match_one_to_one, overlap, province_key, quote_spans, word_overlap

Key = TypeVar("Key", bound=Hashable)
Pair = tuple[str | None, str | None]

# How far sets of parties, titles of documents and roles must agree; half is the usual threshold where wording is free.
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Counts:
    """Of an f1 metric: found (true positives), spurious (false positives), missed (false negatives). Of a rate: hits as `found`,
    the other cases as `missed`.
    """

    found: int = 0
    spurious: int = 0
    missed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.found + other.found, self.spurious + other.spurious, self.missed + other.missed)


@dataclass(slots=True)
class ItemScore:
    """Counts per metric of one text. A metric that does not apply to it has no entry; `missed` and `spurious` name what was wrong.

    `by_type` has, per event type, the counts of `event_types` and `events`.
    """

    id: str
    lang: str
    long: bool
    counts: dict[str, Counts] = field(default_factory=dict)
    missed: dict[str, list[str]] = field(default_factory=dict)
    spurious: dict[str, list[str]] = field(default_factory=dict)
    by_type: dict[str, dict[str, Counts]] = field(default_factory=dict)

    def add(self, metric: str, counts: Counts, missed: Iterable[str] = (), spurious: Iterable[str] = ()) -> None:
        """Count under `metric`; a metric is counted once per text."""
        self.counts[metric] = counts
        for store, values in ((self.missed, list(missed)), (self.spurious, list(spurious))):
            if values:
                store[metric] = values

    def compare(self, metric: str, gold: dict[Key, str], tagged: dict[Key, str]) -> None:
        """Count keys in both, in the tags only and in the gold only; the dicts map a key to what is shown for it."""
        missed = [shown for key, shown in gold.items() if key not in tagged]
        spurious = [shown for key, shown in tagged.items() if key not in gold]
        self.add(metric, Counts(len(gold) - len(missed), len(spurious), len(missed)), missed, spurious)

    def value(self, metric: str, gold: str | None, tagged: str | None, *, same: bool) -> Counts:
        """Count a single value that may be absent on either side."""
        if gold is None and tagged is None:
            return Counts()
        if same and gold is not None and tagged is not None:
            return Counts(found=1)
        return Counts(spurious=int(tagged is not None), missed=int(gold is not None))


def score_item(item: GoldItem, tags: TagsForm) -> ItemScore:
    """The score of `tags` for a text of the gold set."""
    gold = item.marks
    score = ItemScore(item.id, item.lang, item.long)
    relevant = Counts(
        int(gold.relevant and tags.relevant), int(tags.relevant and not gold.relevant), int(gold.relevant and not tags.relevant)
    )
    score.add("relevance", relevant, ["relevant"] if relevant.missed else (), ["relevant"] if relevant.spurious else ())
    _score_types(score, gold, tags)
    marked, tagged = _shown_pairs(gold), _shown_pairs(tags)
    if item.form == "single":  # it marks a country only where no province of it takes part
        tagged = {pair: shown for pair, shown in tagged.items() if pair[1] or not any(one[0] == pair[0] and one[1] for one in tagged)}
    score.compare("parties", marked, tagged)
    score.compare("party_countries", _countries(gold), _countries(tags))
    if item.form == "events" or gold.relevant:  # the single-event form leaves all names of other texts unmarked
        _score_persons(score, gold, tags)
        score.compare("organizations", _names(one.name for one in gold.organizations), _names(one.name for one in tags.organizations))
    score.compare("topics", _topics(gold), _topics(tags))
    _score_amounts(score, gold, tags)
    _score_documents(score, gold, tags)
    _score_main_event(score, item, tags)
    if item.form == "events":
        score.compare("places", _place_ids(gold), _place_ids(tags))
        _score_events(score, gold, tags)
        _score_evidence(score, item, tags)
    return score


def _score_types(score: ItemScore, gold: TagsForm, tags: TagsForm) -> None:
    for metric, statuses in (("event_types", ("occurred", "planned")), ("background_types", ("background",))):
        wanted: dict[str, str] = {event.type: event.type for event in gold.events if event.status in statuses}
        given: dict[str, str] = {event.type: event.type for event in tags.events if event.status in statuses}
        score.compare(metric, wanted, given)
        if metric != "event_types":
            continue
        for type_ in set(wanted) | set(given):
            both = type_ in wanted and type_ in given
            score.by_type.setdefault(type_, {})["event_types"] = Counts(int(both), int(type_ not in wanted), int(type_ not in given))


def foreground(tags: TagsForm) -> list[EventForm]:
    """The events but background ones; all of them where a text has no other."""
    return [event for event in tags.events if event.status != "background"] or list(tags.events)


def pairs_of(parties: Iterable[PartyForm]) -> frozenset[Pair]:
    """The (country, province key) pairs of parties; parties without a country are none."""
    return frozenset((party.country, province_key(party.country, party.admin1)) for party in parties if party.country)


def _shown_pairs(tags: TagsForm) -> dict[Pair, str]:
    parties = [party for event in foreground(tags) for party in event.parties if party.country]
    return {(party.country, province_key(party.country, party.admin1)): f"{party.country}/{party.admin1 or '-'}" for party in parties}


def _countries(tags: TagsForm) -> dict[str, str]:
    return {party.country: party.country for event in foreground(tags) for party in event.parties if party.country}


def _names(names: Iterable[str]) -> dict[str, str]:
    return {name_key(name): name for name in names}


def _topics(tags: TagsForm) -> dict[str, str]:
    return {topic: topic for event in tags.events for topic in event.topics}


def _place_ids(tags: TagsForm) -> dict[str, str]:
    """Countries and provinces only: the gold marks no ids below the province, and theirs are the codes of ISO 3166."""
    return {place.id: f"{place.name} ({place.id})" for place in tags.places if place.id and _is_code(place.id)}


def _is_code(place_id: str) -> bool:
    country, _, rest = place_id.partition("-")
    return len(country) == 2 and country.isupper() and (not rest or rest.removesuffix("-2025").isalnum()) and not rest.startswith("c")


def _score_persons(score: ItemScore, gold: TagsForm, tags: TagsForm) -> None:
    score.compare("persons", _names(one.name for one in gold.persons), _names(one.name for one in tags.persons))
    given = _first_by_name(tags.persons)
    found = [(person, given[key]) for key, person in _first_by_name(gold.persons).items() if key in given]

    def field_of(metric: str, read: Callable[[PersonForm], str | None], same: Callable[[str, str], bool]) -> None:
        total, missed, spurious = Counts(), [], []
        for marked, tagged in found:
            one, two = read(marked), read(tagged)
            counts = score.value(metric, one, two, same=one is not None and two is not None and same(one, two))
            total += counts
            missed += [f"{marked.name}: {one}"] * counts.missed
            spurious += [f"{marked.name}: {two}"] * counts.spurious
        score.add(metric, total, missed, spurious)

    field_of("person_rank", lambda person: person.rank, same_name)
    field_of("person_role", lambda person: person.role, same_name)
    field_of("person_role_overlap", lambda person: person.role, lambda one, two: word_overlap(one, two) >= HALF)
    field_of("person_country", lambda person: person.country, lambda one, two: one == two)


def same_name(one: str, other: str) -> bool:
    """Equal without diacritics, case, spaces, punctuation."""
    return name_key(one) == name_key(other)


def _first_by_name(persons: Iterable[PersonForm]) -> dict[str, PersonForm]:
    found: dict[str, PersonForm] = {}
    for person in persons:
        found.setdefault(name_key(person.name), person)
    return found


def _score_amounts(score: ItemScore, gold: TagsForm, tags: TagsForm) -> None:
    marked = {round(one.value, 6): one for event in gold.events for one in event.amounts}
    tagged = {round(one.value, 6): one for event in tags.events for one in event.amounts}
    shown = [{value: f"{value:,.10g} {one.unit} {one.what}".strip() for value, one in side.items()} for side in (marked, tagged)]
    score.compare("amounts", shown[0], shown[1])
    units = [(shown[0][value], marked[value].unit == tagged[value].unit, tagged[value].unit) for value in marked if value in tagged]
    right = sum(same for _, same, _ in units)
    score.add(
        "amount_units", Counts(found=right, missed=len(units) - right), [f"{name}: {unit} given" for name, same, unit in units if not same]
    )


def _score_documents(score: ItemScore, gold: TagsForm, tags: TagsForm) -> None:
    marked = list(dict.fromkeys(title for event in gold.events for title in event.documents))
    tagged = list(dict.fromkeys(title for event in tags.events for title in event.documents))
    pairs = match_one_to_one(marked, tagged, lambda one, two: word_overlap(one, two) >= HALF)
    _add_matched(score, "documents", pairs, marked, tagged)


def _add_matched(score: ItemScore, metric: str, pairs: list[tuple[int, int]], marked: list[str], tagged: list[str]) -> None:
    found, given = {one for one, _ in pairs}, {two for _, two in pairs}
    missed = [shown for at, shown in enumerate(marked) if at not in found]
    spurious = [shown for at, shown in enumerate(tagged) if at not in given]
    score.add(metric, Counts(len(pairs), len(spurious), len(missed)), missed, spurious)


def _score_events(score: ItemScore, gold: TagsForm, tags: TagsForm) -> None:
    marked = [event for event in gold.events if event.status != "background"]
    tagged = [event for event in tags.events if event.status != "background"]
    for metric, wanted in (("events", HALF), ("events_exact", 1.0)):
        pairs = match_one_to_one(marked, tagged, lambda one, two, wanted=wanted: same_event(one, two, wanted))  # type: ignore[misc]
        _add_matched(score, metric, pairs, [shown_event(one) for one in marked], [shown_event(one) for one in tagged])
        if metric != "events":
            continue
        for type_ in {event.type for event in marked} | {event.type for event in tagged}:
            found = sum(marked[one].type == type_ for one, _ in pairs)
            given, wanted_count = (sum(event.type == type_ for event in side) for side in (tagged, marked))
            score.by_type.setdefault(type_, {})["events"] = Counts(found, given - found, wanted_count - found)


def same_event(one: EventForm, other: EventForm, agreement: float) -> bool:
    """Same type, same start date, and country/province pairs whose intersection over union is at least `agreement`."""
    if one.type != other.type or one.date_start != other.date_start:
        return False
    first, second = pairs_of(one.parties), pairs_of(other.parties)
    if not first and not second:
        return True
    return len(first & second) / len(first | second) >= agreement


def shown_event(event: EventForm) -> str:
    """An event in one line: type, date, parties."""
    parties = ", ".join(sorted({f"{party.country}/{party.admin1 or '-'}" for party in event.parties if party.country}))
    return f"{event.type} {event.date_start or 'undated'} [{parties}]"


def _score_evidence(score: ItemScore, item: GoldItem, tags: TagsForm) -> None:
    marked, tagged = list(item.marks.events), list(tags.events)
    here = {id(event): quote_spans(item.text, event.evidence) for event in (*marked, *tagged)}
    pairs = match_one_to_one(marked, tagged, lambda one, two: one.type == two.type and overlap(here[id(one)], here[id(two)]))
    _add_matched(score, "evidence", pairs, [_quoted(one) for one in marked], [_quoted(one) for one in tagged])
    wanted, given = (covered([span for event in side for span in here[id(event)]]) for side in (marked, tagged))
    score.add("evidence_characters", Counts(len(wanted & given), len(given - wanted), len(wanted - given)))


def _quoted(event: EventForm) -> str:
    first = event.evidence[0] if event.evidence else ""
    return f"{event.type}: {first if isinstance(first, str) else first.quote}"


def _score_main_event(score: ItemScore, item: GoldItem, tags: TagsForm) -> None:
    main = item.marks.events[0] if item.marks.events else None
    given = tags.events[0] if tags.events else None
    date, given_date = main.date_start if main else None, given.date_start if given else None
    if date is None and item.form == "single" and given_date and len(given_date) == 4:
        given_date = None
    if date is None:
        false = given_date is not None
        score.add("false_dates", Counts(found=int(false), missed=int(not false)), spurious=[given_date] if given_date else ())
    else:
        counts = score.value("main_date", date, given_date, same=date == given_date)
        score.add("main_date", counts, [date] * counts.missed, [given_date] * counts.spurious if given_date else ())
    if main is None:
        return
    place, given_place = main.location, given.location if given else None
    one, two = (province_key(at.country, at.admin1) if at else None for at in (place, given_place))
    counts = score.value("location_province", one, two, same=one == two and place is not None and given_place is not None)
    score.add("location_province", counts, [_at(place)] * counts.missed, [_at(given_place)] * counts.spurious)
    right = given is not None and given.status == main.status
    wrong = [] if right else [f"{main.status}, not {given.status if given else 'found'}"]
    score.add("status", Counts(found=int(right), missed=int(not right)), wrong)


def _at(location: LocationForm | None) -> str:
    return f"{location.admin1} ({location.name})" if location else ""
