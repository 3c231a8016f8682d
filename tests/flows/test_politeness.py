from __future__ import annotations

import pytest

from extractors.errors import FetchError
from flows.politeness import HostGate


class Time:
    """A clock that only sleeping and the test move on."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def gate(time: Time) -> HostGate:
    return HostGate(5.0, clock=lambda: time.now, sleep=time.sleep)


def visit(gate: HostGate, host: str) -> None:
    with gate.turn(host):
        pass


def test_the_pause_counts_from_the_end_of_a_request(gate: HostGate, time: Time) -> None:
    with gate.turn("a"):
        time.now += 2.0
    visit(gate, "b")
    time.now += 1.0
    visit(gate, "a")
    assert time.waits == [4.0]


def test_a_longer_crawl_delay_holds_from_the_request_that_told_it_on_and_a_shorter_one_does_not(gate: HostGate, time: Time) -> None:
    visit(gate, "a")
    gate.slow_down("a", 30)
    gate.slow_down("b", 1)
    for host in ("a", "a", "b", "b"):
        visit(gate, host)
    assert time.waits == [30.0, 30.0, 5.0]
    assert (gate.delay_of("a"), gate.delay_of("b"), gate.delay_of("c")) == (30.0, 5.0, 5.0)


def test_nobody_sleeps_for_minutes_on_one_host(gate: HostGate, time: Time) -> None:
    gate.slow_down("a", 600)
    visit(gate, "a")  # nobody knows of a request before
    with pytest.raises(FetchError, match="asks for 600 s between") as caught:
        visit(gate, "a")
    assert (caught.value.reason, caught.value.retry, caught.value.wait) == ("paused", True, 600.0)
    time.now += 590
    visit(gate, "a")
    assert time.waits == [10.0]


def test_the_settings_own_delay_may_be_longer_than_a_minute(time: Time) -> None:
    gate = HostGate(300.0, clock=lambda: time.now, sleep=time.sleep)
    visit(gate, "a")
    visit(gate, "a")
    assert time.waits == [300.0]


def test_a_pause_holds_for_the_host_even_when_asked_for_during_a_request(gate: HostGate, time: Time) -> None:
    with gate.turn("a"):
        gate.pause("a", 3600, "it answered with 429")
    gate.pause("a", 10, "shorter, and no news")
    with pytest.raises(FetchError, match="it answered with 429") as caught:
        visit(gate, "a")
    assert caught.value.wait == 3600.0
    visit(gate, "b")
    time.now += 3595
    visit(gate, "a")
    assert time.waits == [5.0]
