"""`make bench`: what Keoson costs. Prints figures and asserts nothing about them; machines differ, so only ratios say much."""

from __future__ import annotations

import os
import statistics

from benchmarks import shell, throughput

PAGES, PAIRS, SHARED_PAGES, STARTS = 120, 5, 60, 10


def main() -> None:
    """Measure and print."""
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

    times = shell.measure(STARTS)
    search, empty = times.medians
    print(f"\nkeoson search on the demo's index, as a shell command, {STARTS} times")
    print(f"  median {search:.2f} s ({min(times.search):.2f} to {max(times.search):.2f}); python -c pass {empty:.2f} s")


if __name__ == "__main__":
    main()
