"""Half a day with one outlet of each kind, and whether what is measured can be believed."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from flows.summary import RunSummary
from tests.simulation.measuring import measure
from tests.simulation.operating import Operated, operate
from tests.simulation.press import START, Kind, Paper, Request, read_papers
from tests.simulation.timeline import Timeline

HOURS = 14


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Operated:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("simulation"))
        for name in [name for name in os.environ if name.startswith("KEOSON_")]:
            patch.delenv(name)
        papers = [paper for paper in read_papers() if paper.number == 1]
        return operate(Path("home").absolute(), papers, HOURS)


def test_no_promise_is_broken(operated: Operated) -> None:
    assert measure(operated).broken == ()


def test_polling_follows_what_feeds_yield(operated: Operated) -> None:
    figures = measure(operated)
    _, busy, _ = figures.intervals["nong"]
    _, asleep, _ = figures.intervals["ngu-yen"]
    assert busy <= 3600 <= 2 * 3600 <= asleep
    assert figures.indexed > 100


def test_an_outage_costs_few_requests_and_no_story(operated: Operated) -> None:
    (paper,) = (paper for paper in operated.papers if paper.kind.name == "qua-tai")
    refused = [request for request in operated.requests if request.host == paper.host and request.status == 429]
    assert 1 <= len(refused) <= 6
    assert measure(operated).lost.get(paper.kind.name, 0) == 0
    before = {path for path, at in paper.published(0, 4 * 3600) if at >= 0}
    assert before <= operated.indexed[paper.id]


KIND = Kind(name="thu", outlets=1, a_day=4, window=10)
PAPER = Paper("thu-1", KIND, 1)


def _after(*requests: tuple[str, float, float, int]) -> Operated:
    made = [Request(PAPER.host, path, begin, end, status) for path, begin, end, status in requests]
    summaries: list[RunSummary] = []
    return Operated([PAPER], 24, made, summaries, [], {PAPER.id: {path for path, *_ in requests}})


@pytest.mark.parametrize(
    ("requests", "said"),
    [
        ([("/muc-0.rss", 0, 1, 200), ("/bai-x.html", 5.5, 6, 200)], "4.5 s after"),
        ([("/muc-0.rss", 0, 9, 200), ("/bai-x.html", 8, 10, 200)], "-1.0 s after"),
        ([("/bai-x.html", 0, 1, 200), ("/bai-x.html", 100, 101, 200)], "fetched 2 times"),
        ([("/robots.txt", 1000 * number, 1000 * number, 200) for number in range(4)], "robots.txt 4 times"),
        ([("/muc-0.rss", 0, 1, 410), ("/muc-0.rss", 9000, 9001, 410)], "said 410"),
        ([("/muc-0.rss", 0, 1, 301), ("/muc-0.rss", 200_000, 200_001, 301)], "old address"),
        ([("/muc-0.rss", 0, 1, 200), ("/muc-0.rss", 300, 301, 200)], "polled twice within 300 s"),
    ],
)
def test_a_broken_promise_is_told(requests: list[tuple[str, float, float, int]], said: str) -> None:
    (broken,) = measure(_after(*requests)).broken
    assert said in broken


def test_polling_that_does_not_adapt_is_told() -> None:
    hot, asleep = (Paper(f"{name}-1", Kind(name=name, outlets=1, a_day=a_day, window=10), 1) for name, a_day in (("nong", 160), ("ngu", 0)))
    hourly = [Request(paper.host, "/muc-0.rss", hour * 3600.0, hour * 3600.0, 200) for paper in (hot, asleep) for hour in range(24)]
    broken = measure(Operated([hot, asleep], 24, hourly, [], [], {})).broken
    assert [line.split(",")[0] for line in broken] == ["the feeds of nong", "the feeds of ngu"]


def test_a_lost_story_is_counted_and_one_that_is_not_in_the_index_told() -> None:
    stories = [path for path, at in PAPER.published(0, 86400) if at >= 0]
    whole = _after(*((path, 100 * place, 100 * place, 200) for place, path in enumerate(stories)))
    assert measure(whole).broken == ()
    lacking = Operated([PAPER], 24, whole.requests, [], [], {})
    assert len(measure(lacking).broken) == len(stories)
    assert measure(Operated([Paper("thu-1", KIND.model_copy(update={"window": 1}), 1)], 24, [], [], [], {})).lost == {
        "thu": len(stories) - 1
    }


def test_time_jumps_to_the_next_waking_and_stands_still_while_somebody_works() -> None:
    woken: list[tuple[str, float]] = []
    working, done = threading.Event(), threading.Event()
    with Timeline(START) as timeline:

        def sleeper(name: str, seconds: float) -> None:
            timeline.sleep(seconds)
            woken.append((name, timeline.seconds()))

        def worker() -> None:
            with timeline.at_work():
                working.set()
                done.wait()

        at_work = threading.Thread(target=worker)
        at_work.start()
        working.wait()
        threads = [threading.Thread(target=sleeper, args=args) for args in (("long", 3600.0), ("short", 60.0))]
        for thread in threads:
            thread.start()
        threads[1].join(0.2)
        assert (woken, timeline.seconds()) == ([], 0.0)
        done.set()
        for thread in (*threads, at_work):
            thread.join()
        assert woken == [("short", 60.0), ("long", 3600.0)]
        assert timeline.now() == START + timedelta(hours=1)
