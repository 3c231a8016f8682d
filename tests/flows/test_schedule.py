"""The rules of polling, over any history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import FetchError, FetchReason
from flows.schedule import (
    FIRST,
    LONGEST,
    SHORTEST,
    Failure,
    Move,
    Pace,
    Yielded,
    failure_of,
    is_believed,
    next_move,
    next_pace,
    quarantine_ends,
    window_of,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
windows = st.none() | st.timedeltas(timedelta(0), timedelta(days=9999))
yields = st.integers(0, 2000).flatmap(lambda listed: st.builds(Yielded, st.just(listed), st.integers(0, listed), windows))
kinds = st.sampled_from(["hard", "soft", "name", "rate_limited", "gone"])
failures = st.builds(Failure, kinds, st.none() | st.floats(-1e9, 1e9))


def after(*outcomes: Yielded | Failure, pace: Pace | None = None) -> Pace:
    """The pace after outcomes at one instant."""
    pace = pace or Pace()
    for outcome in outcomes:
        pace = next_pace(pace, outcome, NOW, feed_id="a/0")
    return pace


@given(st.lists(yields | failures, min_size=1, max_size=60))
def test_a_poll_always_comes_again_between_ten_minutes_and_a_day(outcomes: list[Yielded | Failure]) -> None:
    pace = after(*outcomes)
    assert SHORTEST <= pace.interval <= LONGEST
    assert pace.next_poll is not None
    spread = timedelta(hours=1) if isinstance(outcomes[-1], Failure) and outcomes[-1].kind == "rate_limited" else timedelta(0)
    assert SHORTEST <= pace.next_poll - NOW <= LONGEST + spread
    assert pace.off == (isinstance(outcomes[-1], Failure) and outcomes[-1].kind == "gone")


@given(st.lists(yields | failures, max_size=30), yields)
def test_one_success_forgives_all_failures(outcomes: list[Yielded | Failure], success: Yielded) -> None:
    assert after(*outcomes, success).failure_weight == 0


@given(st.lists(yields, max_size=30), st.lists(failures, min_size=1, max_size=30))
def test_failures_neither_change_the_interval_nor_shorten_the_wait(before: list[Yielded], failed: list[Failure]) -> None:
    pace, more = after(*before), after(*before, *failed)
    assert more.interval == pace.interval
    assert more.next_poll is not None
    assert more.next_poll >= NOW + pace.interval


def test_the_interval_follows_the_yield() -> None:
    assert after(Yielded(20, 20)).interval == FIRST / 2
    assert after(Yielded(20, 10)).interval == FIRST
    assert after(Yielded(20, 2)).interval == FIRST * 1.5
    assert after(Yielded(0, 0)).interval == FIRST * 1.5
    assert after(*[Yielded(20, 20)] * 10).interval == SHORTEST
    assert after(*[Yielded(0, 0)] * 20).interval == LONGEST


def test_a_feed_that_shows_few_entries_is_asked_before_they_are_gone() -> None:
    busy = after(*[Yielded(10, 0, timedelta(hours=1))] * 5)
    assert busy.interval == timedelta(minutes=30)
    # By night the same ten entries cover many hours; in the morning ten an hour come again.
    night = after(*[Yielded(10, 0, timedelta(hours=12))] * 5, pace=busy)
    assert timedelta(minutes=40) < night.interval < timedelta(minutes=60)
    assert after(*[Yielded(0, 0)] * 60, pace=busy).interval == LONGEST, "it is forgotten"
    assert after(Failure("hard"), pace=busy).longest == busy.longest


def test_the_window_of_a_feed_leaves_out_a_pinned_story() -> None:
    hours = [NOW - timedelta(hours=hour) for hour in range(10)]
    assert window_of(hours) == timedelta(hours=8)
    assert window_of([*hours[:9], NOW - timedelta(days=300)]) == timedelta(hours=8)
    assert window_of([NOW, NOW - timedelta(hours=1), None]) is None
    assert window_of([NOW] * 20) is None


def test_backoff_is_linear_and_weighs_failures() -> None:
    waits = {kind: after(Failure(kind)).next_poll for kind in ("hard", "soft", "name")}
    assert waits == {"hard": NOW + FIRST * 2, "soft": NOW + FIRST * 1.5, "name": NOW + FIRST * 1.25}
    assert [after(*[Failure("hard")] * count).next_poll for count in (1, 2, 3)] == [NOW + FIRST * factor for factor in (2, 3, 4)]


def test_a_server_that_asks_for_time_gets_it_up_to_a_day() -> None:
    assert after(Failure("soft", 5 * 3600)).next_poll == NOW + timedelta(hours=5)
    assert after(Failure("soft", 10**7)).next_poll == NOW + LONGEST
    limited = after(Failure("rate_limited", 5 * 3600)).next_poll
    assert limited is not None
    assert timedelta(hours=5) < limited - NOW <= timedelta(hours=6)


def test_gone_turns_off_until_it_is_polled_again_with_success() -> None:
    off = after(Failure("gone"))
    assert not off.is_due(NOW + timedelta(days=365))
    assert after(Yielded(5, 0), pace=off).is_due(NOW + LONGEST)


def test_a_feed_never_polled_is_due() -> None:
    assert Pace().is_due(NOW)


def test_what_an_error_says_about_a_feed() -> None:
    reasons: tuple[FetchReason, ...] = ("not_found", "gone", "rate_limited", "server_error", "dns")
    kinds = [failure_of(FetchError("x", retry=reason in ("server_error", "dns"), reason=reason)).kind for reason in reasons]
    assert kinds == ["hard", "gone", "rate_limited", "soft", "name"]
    assert failure_of(FetchError("x", retry=True, reason="rate_limited", wait=90)).wait == 90


def test_a_move_is_believed_when_it_stays_the_same_for_a_day() -> None:
    move: Move | None = None
    for hours, target, believed in (
        (0, "b", False),
        (12, "b", False),
        (23, "b", False),
        (24, "b", True),
        (25, "c", False),
        (60, "c", False),
    ):
        at = NOW + timedelta(hours=hours)
        move = next_move(move, target, at)
        assert is_believed(move, at) is believed, hours
    assert next_move(move, None, NOW) is None


def test_quarantine_ends_later_each_time_and_at_last_not_at_all() -> None:
    ends = [quarantine_ends(tries, NOW) for tries in range(1, 7)]
    assert ends == [NOW + timedelta(days=days) for days in (1, 2, 4, 8, 16)] + [None]
