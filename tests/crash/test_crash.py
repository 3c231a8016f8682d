"""A handful of the points of `make crash`, over a part of the cases."""

from __future__ import annotations

import io

from tests.crash.killing import Point, _reached, crash, random_points
from tests.torture.cases import read_cases

KILLS = 5


def test_whatever_is_killed_the_home_ends_as_an_undisturbed_one() -> None:
    cases = read_cases(slow=False, fickle=False)[::3]
    tally = crash(cases, KILLS, seed=7)
    assert tally.faults == []
    assert sum(tally.killed.values()) == KILLS


def test_the_points_of_a_seed_are_always_the_same() -> None:
    first, again = random_points(3), random_points(3)
    assert [next(first) for _ in range(50)] == [next(again) for _ in range(50)]


def test_a_point_is_reached_after_its_share_of_the_stage() -> None:
    said = io.StringIO("started feeds 2\nadvanced feeds 1\nstarted pages 4\nadvanced pages 1\nadvanced pages 1\nadvanced pages 1\n")
    assert _reached(Point("pages", 0.5, 0), said)
    assert said.read() == "advanced pages 1\n"
    assert not _reached(Point("events", 0.5, 0), said)
