"""`make bench-backfill`: backfills of generated WARC files, against trafilatura alone on the same pages and cores, and the memory they take.

Two layouts: that of our archive, and that of Common Crawl News. Trafilatura's pace is measured on a sample of the pages before and after
each backfill, since machines are shared and their pace drifts.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.memory import resident
from benchmarks.pages import generate_pages, make_pages, press_outlets
from benchmarks.throughput import bare_extraction, warm_bare
from benchmarks.warc_files import Layout, write_warc
from flows.backfill.composition import backfill
from flows.backfill.plan import make_plan
from flows.settings import Settings

PAGES, FIRST_MARK, SAMPLE = 20_000, 2_000, 600
LAYOUTS: tuple[Layout, ...] = ("keoson", "ccnews")


@dataclass(frozen=True)
class Measured:
    """A backfill of `pages`: its pace, trafilatura's before and after, and resident MB of this process (workers) after so many pages.

    `work` and `bare_work` are milliseconds of processor a page, which others on the machine do not change as they change the pace.
    `resolving` are the seconds at its end in which all reports were resolved into events.
    """

    layout: Layout
    pages: int
    pace: float
    bare: tuple[float, float]
    work: float
    bare_work: float
    memory: dict[int, tuple[float, float]]
    resolving: float

    @property
    def ratio(self) -> float:
        """The backfill's share of what trafilatura alone does."""
        return self.pace / statistics.fmean(self.bare)


@dataclass
class _Watch:
    """Reads memory when the articles pass a mark, and the time when they are done."""

    marks: Sequence[int]
    memory: dict[int, tuple[float, float]] = field(default_factory=dict)
    resolving_since: float = 0.0
    _said: float = 0.0

    def at(self, stage: str, done: int, total: int) -> None:
        if stage == "events" and not done:
            self.resolving_since = time.perf_counter()
        if stage != "articles":
            return
        for mark in self.marks:
            if done >= mark and mark not in self.memory:
                self.memory[mark] = _memory()
        if time.perf_counter() - self._said > 60:
            self._said = time.perf_counter()
            print(f"  … {done} pages, {_memory()[0]:.0f} MB", file=sys.stderr, flush=True)


def measure(layout: Layout, pages: int, first_mark: int, sample: int) -> Measured:
    """Generate a file, measure trafilatura, back the file fill, measure trafilatura again."""
    bodies = [page.body for _, page in make_pages(sample)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crawl.warc.gz"
        # In a process of its own: what generating leaves in memory is not the backfill's.
        _apart(_write, path, layout, pages)
        settings = Settings(home=Path(folder) / "home", extraction_workers=os.cpu_count() or 1)
        outlets = press_outlets()
        plan = make_plan(outlets, source="warc", since=None, until=None, files=[path], today=datetime.now(UTC).date())
        watch = _Watch((first_mark, pages))
        before, worked_before = _bare(bodies)
        began, worked = time.perf_counter(), _processor()
        summary = backfill(settings, outlets, plan, progress=watch)
        ended, worked = time.perf_counter(), _processor() - worked
        after, worked_after = _bare(bodies)
    if not summary.counts_add_up or summary.run is None or summary.run.newly_indexed < 0.99 * pages:
        raise AssertionError(f"of {pages} pages not all were indexed: {summary}")
    # Begun with the start of the workers, which a long file outweighs; resolution is told apart, since it looks at all that came in.
    pace, bare_work = pages / (ended - began), (worked_before + worked_after) / 2
    return Measured(
        layout, pages, pace, (before, after), 1000 * worked / pages, 1000 * bare_work, watch.memory, ended - watch.resolving_since
    )


def _write(path: Path, layout: Layout, pages: int) -> None:
    write_warc(path, (page for _, page in generate_pages(pages)), layout)


def _apart(work: object, *arguments: object) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)  # type: ignore[arg-type]  # any function
    process.start()
    process.join()
    if process.exitcode != 0:
        raise AssertionError(f"a process of the measurement ended with {process.exitcode}")


def _processor() -> float:
    """Seconds of processor of this process and of those that it has ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _bare(bodies: Sequence[bytes]) -> tuple[float, float]:
    """Trafilatura alone, on all cores, its workers warm: pages a second, and seconds of processor a page without the start of the workers."""
    workers = os.cpu_count() or 1
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(warm_bare, range(workers * 2)))
        began = time.perf_counter()
        worked = sum(pool.map(_timed_bare, bodies, chunksize=8))
        pace = len(bodies) / (time.perf_counter() - began)
    return pace, worked / len(bodies)


def _timed_bare(body: bytes) -> float:
    """Seconds of processor that trafilatura takes for a page."""
    began = time.process_time()
    bare_extraction(body)
    return time.process_time() - began


def _memory() -> tuple[float, float]:
    """Resident MB of this process without what mirrors files, and of the processes that extract, together."""
    own = resident(os.getpid())
    workers = [resident(child.pid or 0) for child in multiprocessing.active_children()]
    return (own[0] - own[1]) / 1e6, sum(size - mapped for size, mapped in workers) / 1e6


def main() -> None:
    """Measure and print. Arguments: pages (20000), first mark (2000), sample (600); a layout to measure only that."""
    given = [int(word) for word in sys.argv[1:] if word.isdigit()]
    pages, first_mark, sample = [*given, *(PAGES, FIRST_MARK, SAMPLE)[len(given) :]]
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start; {pages} pages, trafilatura alone on {sample} of them")
    for layout in [layout for layout in LAYOUTS if layout in sys.argv] or LAYOUTS:
        one = measure(layout, pages, first_mark, sample)
        print(f"\nbackfill of a WARC file in the layout of {'Common Crawl News' if layout == 'ccnews' else 'our archive'}")
        print(f"  ratio     {one.ratio:.2f} of trafilatura alone")
        print(f"  backfill  {one.pace:.1f} pages/s, resolution of events included ({one.resolving:.0f} s at the end)")
        print(
            f"  work      {one.work:.1f} ms of processor a page, {one.bare_work:.1f} of trafilatura alone: ratio {one.bare_work / one.work:.2f}"
        )
        print(f"  bare      {one.bare[0]:.1f} pages/s before, {one.bare[1]:.1f} after")
        for mark, (own, workers) in one.memory.items():
            print(f"  memory    {own:.0f} MB, and {workers:.0f} MB in the workers, after {mark} pages")


if __name__ == "__main__":
    main()
