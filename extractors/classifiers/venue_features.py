"""What speaks for and against a mention of a province, or of a place or body in one, as the venue of the main event."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from extractors.candidates import Candidate, Considered
from extractors.classifiers.event_features import position
from extractors.classifiers.masked_words import words_between
from extractors.classifiers.sentence_features import Told, telling_features
from extractors.dates import DateExpression
from extractors.reading import Reading
from extractors.records import Location, Party, PlaceMention
from extractors.sentences import Sentence

# Sentences looked at: behind them hardly any venue is told, and a long article names many provinces.
_SENTENCES = 12
# Of a name that a venue phrase begins, the province may stand this many characters behind: "tại Mường Xén (Kỳ Sơn, Nghệ An)".
BEHIND = 45
# Words of the level and kind of a place: what stands before them tells more ("tại cửa khẩu quốc tế …").
_LEVELS = frozenset(
    re.findall(
        r"\w+",
        "tỉnh huyện xã thị trấn thành phố tp bản thủ đô khu vực quận phường thôn cửa khẩu quốc tế chính phụ trụ sở địa phận nước cụm ấp đồn trạm "
        "the province district commune city town village capital of border gate international",
    )
)


# What a mention has that a word for "at" leads to, and venues between two provinces, which lie in neither.
_LED = frozenset({"lead=tại", "lead=ở", "lead=in", "lead=at", "before=tại", "before=ở", "before=in", "before=at"})
_MARKER = re.compile(
    r"(?:tại|ở|at|near)\s(?:the\s)?(?:khu vực\s|khu\s)?(?:cột\s)?(?:mốc|vạch|điểm cao|giữa cầu|cầu hữu nghị|cặp cửa khẩu|markers?|border marker|friendship bridge)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class VenueMention:
    """A mention that may tell the venue: `place` is what it names, or the body that stands for its province; `sentence` counts those of the story."""

    start: int
    end: int
    country: str
    admin1: str
    place: PlaceMention | Party
    sentence: int
    label: str
    features: frozenset[str]

    @property
    def pair(self) -> tuple[str, str]:
        """Country and province."""
        return self.country, self.admin1

    @property
    def place_id(self) -> str | None:
        """The id of the place, where it is one and no body."""
        return self.place.place_id if isinstance(self.place, PlaceMention) else None


@dataclass(frozen=True, slots=True)
class _Named:
    start: int
    end: int
    label: str
    country: str
    admin1: str
    place: PlaceMention | Party


def venue_mentions(
    reading: Reading, considered: Sequence[Considered], candidates: Sequence[Candidate], by_rules: Iterable[Party], venue: Location | None
) -> list[VenueMention]:
    """Every mention of a province in the story's first sentences, in order, with its features.

    `by_rules`: the parties that the rules found; `venue`: the location they found for the main event.
    """
    triggers: dict[Sentence, list[Considered]] = {}
    for trigger in considered:
        triggers.setdefault(trigger.sentence, []).append(trigger)
    now = [candidate for candidate in candidates if candidate.status in ("occurred", "planned")]
    story = _Story(
        reading,
        {candidate.type for candidate in now},
        now[0].index if now else None,
        {(party.country, party.admin1) for party in by_rules},
        venue,
    )
    found: list[tuple[_Named, int, set[str]]] = []
    seen: set[tuple[str, str]] = set()
    for index, sentence in enumerate(reading.story[:_SENTENCES]):
        here = triggers.get(sentence, [])
        dates = reading.dates_in(sentence)
        for one in sorted(_named(reading, sentence), key=lambda one: (one.start, one.end)):
            features = _features(story, sentence, index, one, here, dates)
            pair = one.country, one.admin1
            features |= {f"nth={min(len(found), 5)}", f"again={pair in seen}"}
            seen.add(pair)
            found.append((one, index, features))
    led = any(features & _LED for *_, features in found)
    marker = any(_MARKER.search(reading.text, sentence.start, sentence.end) for sentence in reading.story[:_SENTENCES])
    times = Counter((one.country, one.admin1) for one, *_ in found)
    provinces = Counter(country for country, _ in times)
    for one, _, features in found:
        features |= {
            f"led={bool(features & _LED)}", f"led={bool(features & _LED)},{led}", f"marker={marker}", f"{one.label[:5]}|marker={marker}",
            f"times={min(times[one.country, one.admin1], 4)}", f"{_side(one)}|provinces={min(provinces[one.country], 3)}", f"provinces={min(len(times), 4)}",
        }  # fmt: skip
    return [
        VenueMention(one.start, one.end, one.country, one.admin1, one.place, index, one.label, frozenset(features))
        for one, index, features in found
    ]


def telling_of(mention: VenueMention, told: Sequence[Told]) -> set[str]:
    """What the sentence of a mention and those beside it tell, as its features. `told`: the story's first sentences."""
    features = telling_features(told, mention.sentence)
    return features | {f"{mention.label[:5]}|{one}" for one in features}


@dataclass(frozen=True, slots=True)
class _Story:
    """What holds for all mentions of a text: the types that the rules find told, the sentence that tells the first, parties and venue by the rules."""

    reading: Reading
    types: set[str]
    told_at: int | None
    parties: set[tuple[str, str | None]]
    venue: Location | None


# Where a diplomat has his seat is no venue: "Tổng Lãnh sự Lào tại TP. Đà Nẵng".
_SEAT = re.compile(r"(?:lãnh sự|consul general)\b[^.,;:\n]*?\s(?:tại|in)\s(?:(?:thành phố|TP\.?)\s)?$", re.I)
_SEAT_BEFORE = 50  # characters


# Where the national bodies of the five states have their seat: name and id of the province.
CAPITALS = {
    "VN": ("Hà Nội", "VN-HN"), "LA": ("Vientiane Capital", "LA-VT"), "KH": ("Phnom Penh", "KH-12"), "CN": ("Beijing", "CN-BJ"), "TH": ("Bangkok", "TH-10"),
}  # fmt: skip
# What leads to a body as to a place: "tại trụ sở Bộ Công an", "came to the headquarters of the Ministry of Health".
_AT_BODY = re.compile(
    r"(?:(?:tại|ở|tới|đến|thăm|at|to|in front of|ຢູ່|ທີ່|ໜ້າ)\s?(?:trụ sở (?:của )?|the headquarters of (?:the )?|the )?|(?:trụ sở|headquarters of(?: the)?)\s)$",
    re.I,
)


def _named(reading: Reading, sentence: Sentence) -> Iterator[_Named]:
    bodies = reading.organizations_between(sentence.start, sentence.end)
    for body in bodies:
        if body.country and body.admin1:
            party = Party(body.name, body.admin1, body.admin1_id, body.country, body.evidence)
            yield _Named(body.evidence.start, body.evidence.end, f"org:{body.kind}", body.country, body.admin1, party)
        elif body.country in CAPITALS and _AT_BODY.search(
            reading.text, max(sentence.start, body.evidence.start - _SEAT_BEFORE), body.evidence.start
        ):
            admin1, admin1_id = CAPITALS[body.country]
            party = Party(body.name, admin1, admin1_id, body.country, body.evidence)
            yield _Named(body.evidence.start, body.evidence.end, f"seat:{body.kind}", body.country, admin1, party)
    for landmark in reading.landmarks_between(sentence.start, sentence.end):
        at = landmark.evidence
        yield _Named(at.start, at.end, "landmark", landmark.country or "", landmark.admin1 or "", landmark)
    for place in reading.places_between(sentence.start, sentence.end):
        at = place.evidence
        if _SEAT.search(reading.text, max(sentence.start, at.start - _SEAT_BEFORE), at.start):
            continue
        if place.country and place.admin1:
            around = next((body.kind for body in bodies if body.evidence.start <= at.start and at.end <= body.evidence.end), None)
            label = f"in {around}" if around else "home" if at.start in reading.homes else f"place:{place.kind}"
            yield _Named(at.start, at.end, label, place.country, place.admin1, place)


def _side(one: _Named) -> str:
    return "own" if one.country == "VN" else "foreign"


def _features(
    story: _Story, sentence: Sentence, index: int, one: _Named, here: list[Considered], dates: Sequence[DateExpression]
) -> set[str]:
    text, label, at, side = story.reading.text, one.label, position(index), _side(one)
    told = [trigger for trigger in here if trigger.refused is None and trigger.status in ("occurred", "planned")]
    features = {
        "bias", f"label={label}", f"{label}|at={at}", f"at={at}", f"kind={sentence.kind}", f"language={story.reading.language}",
        f"{label}|language={story.reading.language}", f"told={bool(told)}", f"{label}|told={bool(told)}", f"trigger={bool(here)}",
        f"date={bool(dates)}",
        *(f"{trigger.trigger.type}|accepted={trigger.refused is None}" for trigger in here),
        *(f"{side}|type={type_}" for type_ in story.types),
    }  # fmt: skip
    features |= _words_around(text, sentence, one, bool(told), at)
    if dates:
        nearest = min(dates, key=lambda date: abs(date.start - one.start))
        distance = min(3, abs(nearest.start - one.start) // 30)
        features.add(f"date {'before' if nearest.start < one.start else 'behind'}={distance}")
    if told:
        nearest_told = min(told, key=lambda trigger: abs(trigger.start - one.start))
        where = "before" if one.start < nearest_told.start else "behind"
        features |= {f"{label}|{where} trigger", f"{side}|{where} {nearest_told.trigger.type}"}
    if story.told_at is not None:
        since = max(-2, min(3, index - story.told_at))
        features |= {f"since told={since}", f"{label[:5]}|since told={since}"}
    party = (one.country, one.admin1) in story.parties
    features |= {f"party={party}", f"{side}|party={party}"}
    if story.venue is None:
        features.add("no venue")
    else:
        features.add(f"venue={(story.venue.country, story.venue.admin1) == (one.country, one.admin1)}")
        start = story.venue.evidence.start
        features.add(f"in venue={start - 2 <= one.start < story.venue.evidence.end + BEHIND}")
    return features


def _words_around(text: str, sentence: Sentence, one: _Named, told: bool, at: str) -> set[str]:
    before = words_between(text, max(sentence.start, one.start - 60), one.start)
    behind = words_between(text, one.end, min(sentence.end, one.end + 40))
    leading = [word for word in before if word not in _LEVELS]
    features = {f"behind={word}" for word in behind[:3]} | {f"leading={word}" for word in leading[-4:]}
    if before:
        features |= {f"before={before[-1]}", f"before={' '.join(before[-2:])}", f"{one.label}|before={before[-1]}"}
    if behind:
        features |= {f"next={behind[0]}", f"next={' '.join(behind[:2])}", f"{one.label}|next={behind[0]}"}
    if leading:
        last = leading[-1]
        features |= {f"lead={last}", f"lead={' '.join(leading[-2:])}", f"{one.label}|lead={last}", f"{last}|at={at}", f"{_side(one)}|lead={last}", f"{last}|told={told}"}  # fmt: skip
    return features
