"""`make bench`: what Keoson costs. Prints figures and asserts nothing about them; machines differ, so only ratios say much.

`--memory` (`make bench MEMORY=1`) adds the resident memory of an ingest of 20,000 pages, which takes ten minutes or more.
"""

from __future__ import annotations

import argparse
import os
import statistics

from benchmarks import fetching, memory, shell, tagging, throughput
from benchmarks.pages import make_pages

PAGES, PAIRS, SHARED_PAGES, STARTS = 120, 5, 60, 10
TAGGED = 100
HOSTS, PAGES_A_HOST, FETCH_RUNS = 50, 20, 5
MEMORY_AT = (2_000, 20_000)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(prog="python -m benchmarks", description="What Keoson costs.")
    options.add_argument("--memory", action="store_true", help="also the memory of an ingest of 20,000 pages; ten minutes or more")
    with_memory = options.parse_args().memory
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start")
    pairs, size = throughput.measure(PAGES, PAIRS)
    ratios = [pair.ratio for pair in pairs]
    print(f"\npipeline from stored pages (extract, tag, index, resolve) ÷ trafilatura alone; {PAGES} pages of {size:.0f} KB, {PAIRS} pairs")
    print(f"  ratio     {statistics.median(ratios):.2f} (median; {min(ratios):.2f} to {max(ratios):.2f})")
    print(f"  pipeline  {statistics.median(pair.pipeline for pair in pairs):.0f} pages/s")
    print(f"  bare      {statistics.median(pair.bare for pair in pairs):.0f} pages/s")

    steps = throughput.shares(SHARED_PAGES)
    bare = steps.pop("trafilatura alone")
    whole = sum(steps.values())
    print(f"\nwhere the time goes, one process, {SHARED_PAGES} pages (trafilatura alone: {1000 * bare / SHARED_PAGES:.1f} ms a page)")
    for name, seconds in steps.items():
        print(f"  {name:12}{1000 * seconds / SHARED_PAGES:6.1f} ms a page  {100 * seconds / whole:3.0f} %")

    print_tagging(steps["tagging"] / whole)
    times = shell.measure(STARTS)
    search, empty = times.medians
    print(f"\nkeoson search on the demo's index, as a shell command, {STARTS} times")
    print(f"  median {search:.2f} s ({min(times.search):.2f} to {max(times.search):.2f}); python -c pass {empty:.2f} s")

    print_fetching()
    if with_memory:
        print_memory()


def print_tagging(share: float) -> None:
    """Texts a second that one core tags, and what part of an ingest that is (aims: 400 and 20 %)."""
    speed = tagging.measure(TAGGED)
    print(f"\ntagging alone, one core, per text of {tagging.SIZE:,} bytes ({TAGGED} gold texts, joined and cut to that size)")
    print(f"  cooperation stories  {speed.stories:4.0f} texts/s")
    print(f"  domestic news        {speed.domestic:4.0f} texts/s")
    print(f"  share of an ingest's work (above)  {100 * share:.0f} %")


def print_fetching() -> None:
    """Pages a second of the fetcher against bare httpx."""
    body = make_pages(4)[-1][1].body
    runs = fetching.measure(HOSTS, PAGES_A_HOST, FETCH_RUNS, body)
    print(
        f"\nour fetcher ÷ bare httpx, HTTP/1.1: {HOSTS} hosts on loopback, {PAGES_A_HOST} pages of {len(body) / 1000:.0f} KB each, one thread a host"
    )
    print(f"  our fetcher (guards, robots.txt, one request at a time per host)  {statistics.median(run.ours for run in runs):5.0f} pages/s")
    for name, speeds in (
        ("one httpx.Client", [(run.ours, run.shared) for run in runs]),
        ("an httpx.Client per host", [(run.ours, run.separate) for run in runs]),
    ):
        ratios = [ours / theirs for ours, theirs in speeds]
        middle = statistics.median(theirs for _, theirs in speeds)
        print(
            f"  ÷ {name:24} {statistics.median(ratios):.2f} (median; {min(ratios):.2f} to {max(ratios):.2f}), which does {middle:5.0f} pages/s"
        )


def print_memory() -> None:
    """Resident memory along an ingest."""
    readings, seconds = memory.measure(MEMORY_AT)
    print(f"\nresident memory of one ingest of {max(MEMORY_AT):,} pages from loopback ({seconds:.0f} s)")
    for reading in readings:
        mapped = f"{reading.mapped / 1e6:.0f} MB of it mirrors files"
        workers = f"; {reading.count} workers {reading.workers / 1e6:.0f} MB" if reading.count else ""
        print(f"  {reading.pages:6,} {reading.stage:9} {reading.own / 1e6:5.0f} MB, {mapped}{workers}")


if __name__ == "__main__":
    main()
