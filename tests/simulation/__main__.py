"""`make simulate`: `python -m tests.simulation [--hours 48]`. Exit code 1 when a promise was not kept."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.simulation.measuring import measure
from tests.simulation.operating import operate
from tests.simulation.press import read_papers


def main() -> int:
    """Simulate, measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="days of operation in simulated time")
    parser.add_argument("--hours", type=float, default=48)
    hours = parser.parse_args().hours
    papers = read_papers()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        operated = operate(Path(folder) / "home", papers, hours)
    figures = measure(operated)
    print(f"{len(papers)} outlets, {hours:g} h simulated in {time.monotonic() - begin:.0f} s, {len(operated.summaries)} runs")
    print(
        f"{figures.requests} requests: {figures.feed_requests} of feeds ({figures.feed_bodies} with a body), "
        f"{figures.page_requests} of pages, {figures.robots_requests} of robots.txt"
    )
    print(f"shortest pause at one host: {figures.closest:.1f} s")
    print(f"stories: {figures.published} published, {figures.indexed} indexed, those of the day before included")
    print("minutes between polls:    first 6 h   last 12 h     longest   story to fetch   left the feed unseen")
    for name, numbers in figures.intervals.items():
        columns = [*(f"{number / 60:.0f}" for number in numbers), f"{figures.delays.get(name, 0) / 60:.0f}", str(figures.lost.get(name, 0))]
        print(f"  {name:20}" + "".join(column.rjust(width) for column, width in zip(columns, (12, 12, 12, 17, 23), strict=True)))
    for fault in figures.broken[:40]:
        print(f"  BROKEN {fault}")
    print(f"{len(figures.broken)} promises broken")
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
