from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flows.event_ids import DatedReport, KnownEvent, assign_ids, neighbourhoods

DAY = date(2026, 3, 1)


def dated(identifier: str, day: int, *, dirty: bool = False, length: int = 0) -> DatedReport:
    return DatedReport(identifier, DAY + timedelta(days=day), DAY + timedelta(days=day + length), dirty)


def test_only_stretches_with_something_new_are_resolved_again() -> None:
    reports = [dated("a", 0), dated("b", 8), dated("c", 40, dirty=True), dated("d", 49), dated("e", 90)]
    assert neighbourhoods(reports) == [["c", "d"]]


def test_a_report_of_a_whole_month_joins_what_lies_in_it() -> None:
    reports = [dated("a", 0), dated("month", 0, length=30, dirty=True), dated("b", 35), dated("c", 60)]
    assert neighbourhoods(reports) == [["a", "b", "month"]]


def test_a_report_without_days_may_belong_anywhere() -> None:
    assert neighbourhoods([dated("a", 0, dirty=True), DatedReport("x", None, None, False), dated("b", 500)]) == [["a", "b", "x"]]
    assert neighbourhoods([dated("a", 0), DatedReport("x", None, None, False)]) == []


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 31), st.booleans()), max_size=25))
def test_no_stretch_reaches_another(rows: list[tuple[int, int, bool]]) -> None:
    reports = [dated(str(number), day, length=length, dirty=True) for number, (day, length, _) in enumerate(rows)]
    stretches = neighbourhoods(reports)
    assert sorted(name for stretch in stretches for name in stretch) == sorted(report.id for report in reports)
    by_id = {report.id: report for report in reports}
    for one in stretches:
        for other in stretches:
            if one is not other:
                for left in one:
                    for right in other:
                        first, second = sorted((by_id[left], by_id[right]), key=lambda report: report.earliest or DAY)
                        assert first.latest is not None
                        assert second.earliest is not None
                        assert (second.earliest - first.latest).days > 10


ORDER = {name: name for name in "abcdefghij"}


def test_ids_stay_with_the_founding_report() -> None:
    first = assign_ids([{"b", "c"}], [], {**ORDER, "c": "0"}, ())
    (identifier,) = first.ids
    assert first.given == {identifier: "c"}
    known = KnownEvent(identifier, "c", 1, frozenset({"b", "c"}))
    grown = assign_ids([{"a", "b", "c"}], [known], ORDER, {identifier})
    assert (grown.ids, grown.given) == ((identifier,), {})
    split = assign_ids([{"a", "b", "d"}, {"c"}], [known], ORDER, {identifier})
    assert split.ids[1] == identifier
    assert split.given == {split.ids[0]: "a"}


def test_the_older_of_two_events_that_become_one_stays() -> None:
    old, new = KnownEvent("old", "b", 1, frozenset({"b"})), KnownEvent("new", "a", 2, frozenset({"a"}))
    both = assign_ids([{"a", "b"}], [new, old], ORDER, {"old", "new"})
    assert (both.ids, both.merged, both.given) == (("old",), {"new": "old"}, {})


def test_an_id_is_never_given_twice() -> None:
    (identifier,) = assign_ids([{"a"}], [], ORDER, ()).ids
    event = KnownEvent(identifier, "a", 1, frozenset({"a"}))
    assert assign_ids([], [event], ORDER, {identifier}).ended == {identifier}
    assert assign_ids([{"a"}], [], ORDER, {identifier}).ids[0] != identifier


partitions = st.lists(st.integers(0, 4), min_size=10, max_size=10).map(
    lambda colours: [{name for name, colour in zip(ORDER, colours, strict=True) if colour == wanted} for wanted in range(5)]
)


@given(st.lists(partitions, min_size=1, max_size=6))
def test_every_group_has_one_id_of_its_own_and_no_event_is_lost(history: list[list[set[str]]]) -> None:
    known: list[KnownEvent] = []
    taken: set[str] = set()
    for groups in ([group for group in partition if group] for partition in history):
        assignment = assign_ids(groups, known, ORDER, taken)
        assert len(set(assignment.ids)) == len(groups)
        assert not set(assignment.given) & taken
        assert {event.id for event in known} <= set(assignment.ids) | set(assignment.merged) | assignment.ended
        assert set(assignment.merged.values()) <= set(assignment.ids)
        assert assign_ids(groups, known, ORDER, taken) == assignment
        founders = {event.id: (event.founder, event.sequence) for event in known}
        founders |= {identifier: (founder, len(taken) + 1) for identifier, founder in assignment.given.items()}
        taken |= set(assignment.ids)
        known = [KnownEvent(name, *founders[name], frozenset(group)) for name, group in zip(assignment.ids, groups, strict=True)]
