"""Which reports tell of one happening, whatever the order in which they come."""

import random
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.gazetteer import load_gazetteer
from extractors.records import Amount, Event, Evidence, Location, Party, Report, ReportOfArticle
from extractors.resolution import party_key, resolve_events


def _party(name: str, admin1_id: str | None, country: str) -> Party:
    place = load_gazetteer().unit(admin1_id) if admin1_id else None
    return Party(name, place.name if place else None, admin1_id, country, Evidence(0, len(name), name))


NGHE_AN = _party("Công an tỉnh Nghệ An", "VN-22", "VN")
XIENG_KHOUANG = _party("Công an tỉnh Xiêng Khoảng", "LA-XI", "LA")
XIENG_KHOUANG_TOO = _party("Xieng Khouang Provincial Police", "LA-XI", "LA")
QUANG_NAM = _party("Công an tỉnh Quảng Nam", "VN-27", "VN")
DA_NANG_NOW = _party("Công an thành phố Đà Nẵng", "VN-48-2025", "VN")
SEKONG = _party("Công an tỉnh Sê Kông", "LA-XE", "LA")


def _money(value: float, unit: str = "VND") -> Amount:
    return Amount(value, unit, f"{value:g}", False, Evidence(0, 1, "5"), "test", 0.9)


def _report(number: str, *, article: str | None = None, published: str | None = "2024-06-13", **changes: Any) -> ReportOfArticle:
    fields: dict[str, Any] = {
        "type": "meeting", "status": "occurred", "date_start": "2024-06-12", "date_end": "2024-06-12", "date_precision": "day", "date_source": "text",
        "date_text": "12/6/2024", "location": None, "parties": (NGHE_AN, XIENG_KHOUANG), "persons": (), "documents": (), "amounts": (), "topics": ("drugs",),
        "plover": "CONSULT", "cameo": "040", "evidence": (Evidence(0, 1, "x"),), "rule": "test", "confidence": 0.8,
    }  # fmt: skip
    if changes.get("date_start", "") is None:
        changes = {"date_end": None, "date_precision": None} | changes
    return ReportOfArticle(number, article or f"article-{number}", f"outlet-{number}", published, Report(**(fields | changes)))


_THREE = [
    _report("a", amounts=(_money(50e6),), persons=("Lê Văn Mẫu",)),
    _report("b", parties=(XIENG_KHOUANG_TOO, NGHE_AN), persons=("LÊ VĂN MẪU", "Bun Thăn"), published="2024-06-14"),
    _report("c", date_start="2024-06-13", date_end="2024-06-13", amounts=(_money(60e6),), published="2024-06-15"),
]


def _ids(events: list[Event]) -> set[frozenset[str]]:
    return {frozenset(event.report_ids) for event in events}


def test_three_reports_of_one_conference_are_one_event_with_its_disagreements() -> None:
    (event,) = resolve_events(_THREE)
    assert event.report_ids == ("a", "b", "c")
    assert (event.type, event.status, event.date_start) == ("meeting", "occurred", "2024-06-12")
    assert {party_key(party) for party in event.parties} == {("VN", "VN-22"), ("LA", "LA-XI")}
    assert event.persons == ("Lê Văn Mẫu", "Bun Thăn")
    assert event.disagreements["date_start"] == {"2024-06-12": ["a", "b"], "2024-06-13": ["c"]}
    assert event.disagreements["amount (VND)"] == {"50,000,000": ["a"], "60,000,000": ["c"]}
    assert "status" not in event.disagreements


_POOL = [
    *_THREE,
    _report("d", type="visit"),
    _report("e", date_start="2024-07-20", date_end="2024-07-20", published="2024-07-21"),
    _report("f", parties=(QUANG_NAM, SEKONG)),
    _report("g", parties=(NGHE_AN, SEKONG)),
    _report("h", article="article-a", date_start="2024-06-12"),
    _report("i", date_start=None, published="2024-06-14"),
    _report("j", status="planned", published="2024-06-01"),
    _report("k", status="background", date_start="2024", date_end="2024", date_precision="year"),
    _report("l", parties=(QUANG_NAM, SEKONG), date_start="2024-06-14", date_end="2024-06-14"),
]


@settings(max_examples=60, deadline=None)
@given(st.permutations(_POOL), st.integers(0, len(_POOL)))
def test_the_order_of_the_reports_changes_nothing(pool: list[ReportOfArticle], left_out: int) -> None:
    chosen = pool[left_out:]
    in_order = sorted(chosen, key=lambda item: item.id)
    assert resolve_events(chosen) == resolve_events(in_order)


_SIDES = (NGHE_AN, XIENG_KHOUANG, XIENG_KHOUANG_TOO, QUANG_NAM, DA_NANG_NOW, SEKONG, _party("Công an Lào", None, "LA"))
_WHEN = ("2024-02-28", "2024-03-02", "2024-03-05", "2024-03-31", "2024-04-01", "2024-03", "2024-04", "2024", None)


def _is_one_happening(left: ReportOfArticle, right: ReportOfArticle) -> bool:
    """The rule as the head of `extractors.resolution` tells it, of two reports."""
    shared = {party_key(one) for one in left.report.parties} & {party_key(one) for one in right.report.parties}
    if left.article_id == right.article_id or left.report.type != right.report.type or len({country for country, _ in shared}) < 2:
        return False
    first, second = (one.report.date_start or one.published or "" for one in (left, right))
    if len(first) < 7 or len(second) < 7:
        return False
    if len(first) == 7 or len(second) == 7:
        return first[:7] == second[:7]
    return abs((date.fromisoformat(first[:10]) - date.fromisoformat(second[:10])).days) <= 3


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("meeting", "visit")),
            st.lists(st.sampled_from(_SIDES), min_size=1, max_size=4),
            st.sampled_from(_WHEN),
            st.sampled_from((None, "2024-03-01", "2024-03-31T23:30:00+07:00")),
            st.sampled_from("xyz"),
        ),
        max_size=14,
    )
)
def test_reports_are_joined_as_if_each_were_compared_with_each(rows: list[tuple[Any, ...]]) -> None:
    reports = [
        _report(f"{number:02}", type=kind, parties=tuple(sides), date_start=start, published=published, article=f"article-{article}")
        for number, (kind, sides, start, published, article) in enumerate(rows)
    ]
    clusters: list[list[ReportOfArticle]] = []
    for item in sorted(reports, key=lambda one: (one.report.date_start or one.published or "9999", one.published or "9999", one.id)):
        fitting = [members for members in clusters if any(_is_one_happening(item, member) for member in members)]
        if fitting:
            fitting[-1].append(item)
        else:
            clusters.append([item])
    assert [event.report_ids for event in resolve_events(reports)] == [tuple(item.id for item in members) for members in clusters]


def test_every_single_report_lands_in_exactly_one_event() -> None:
    events = resolve_events(_POOL)
    landed = sorted(report_id for event in events for report_id in event.report_ids)
    assert landed == sorted(item.id for item in _POOL if item.id != "k")


@pytest.mark.parametrize(
    "other",
    [
        _report("z", type="visit"),
        _report("z", parties=(NGHE_AN, SEKONG)),
        _report("z", parties=(QUANG_NAM, XIENG_KHOUANG)),
        _report("z", date_start="2024-06-16", date_end="2024-06-16"),
        _report("z", date_start="2024-05", date_end="2024-05", date_precision="month"),
        _report("z", date_start="2024", date_end="2024", date_precision="year"),
        _report("z", article="article-a"),
        _report("z", date_start=None, published=None),
    ],
    ids=[
        "another type",
        "another foreign side",
        "another own side",
        "four days off",
        "another month",
        "a bare year",
        "the same article",
        "no date at all",
    ],
)
def test_two_happenings_are_not_merged(other: ReportOfArticle) -> None:
    assert len(resolve_events([_THREE[0], other])) == 2


@pytest.mark.parametrize(
    "other",
    [
        _report("z", date_start="2024-06-15", date_end="2024-06-15"),
        _report("z", date_start="2024-06", date_end="2024-06", date_precision="month"),
        _report("z", date_start=None, published="2024-06-13"),
        _report("z", parties=(XIENG_KHOUANG, NGHE_AN, SEKONG)),
        _report("z", status="planned", published="2024-06-02"),
    ],
    ids=["three days off", "only the month", "only published", "one party more", "announced"],
)
def test_one_happening_told_differently_is_merged(other: ReportOfArticle) -> None:
    (event,) = resolve_events([_THREE[0], other])
    assert set(event.report_ids) == {"a", "z"}
    assert event.status == "occurred"


def test_a_province_and_its_successor_are_one_side() -> None:
    assert party_key(QUANG_NAM) == party_key(DA_NANG_NOW) == ("VN", "VN-48-2025")
    dates = {"date_start": "2025-07-01", "date_end": "2025-07-01"}
    before = _report("old", parties=(QUANG_NAM, SEKONG), published="2025-07-02", **dates)
    after = _report("new", parties=(DA_NANG_NOW, SEKONG), published="2025-07-02", **dates)
    (event,) = resolve_events([before, after])
    assert len(event.parties) == 2


def test_a_cancellation_is_known_better_than_the_plan() -> None:
    plan = _report("p", status="planned", published="2024-06-01")
    called_off = _report("q", status="cancelled", published="2024-06-10")
    (event,) = resolve_events([plan, called_off])
    assert event.status == "cancelled"
    assert event.disagreements["status"] == {"planned": ["p"], "cancelled": ["q"]}


def test_the_place_most_reports_name_is_the_events() -> None:
    def at(name: str, admin1_id: str) -> Location:
        return Location(name, None, load_gazetteer().unit(admin1_id).name, admin1_id, "VN", Evidence(0, len(name), name))

    reports = [
        _report("a", location=at("Huế", "VN-26")),
        _report("b", location=at("Vinh", "VN-22")),
        _report("c", location=at("TP Vinh", "VN-22")),
    ]
    (event,) = resolve_events(reports)
    assert event.location is not None
    assert event.location.admin1_id == "VN-22"
    assert set(event.disagreements["admin1"]) == {"Huế", "Nghệ An"}


def test_money_named_twice_in_one_report_contradicts_nobody() -> None:
    first = _report("a", amounts=(_money(10e6), _money(20e6)))
    second = _report("b", amounts=(_money(30e6),))
    (event,) = resolve_events([first, second])
    assert "amount (VND)" not in event.disagreements
    assert [amount.value for amount in event.amounts] == [10e6, 20e6, 30e6]


def test_nothing_resolves_to_nothing() -> None:
    assert resolve_events([]) == []


def test_many_events_keep_apart() -> None:
    reports = [
        _report(f"{month:02d}-{copy}", date_start=f"2023-{month:02d}-05", date_end=f"2023-{month:02d}-05")
        for month in range(1, 13)
        for copy in "xyz"
    ]
    random.Random(7).shuffle(reports)
    assert _ids(resolve_events(reports)) == {frozenset(f"{month:02d}-{copy}" for copy in "xyz") for month in range(1, 13)}
