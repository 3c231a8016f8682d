"""Visiting many hosts at once and each one gently: items of one host one after another, under that host's lease."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from extractors.errors import FetchError
from flows.running import host_is_wanted, release_host, wait_for_host
from flows.workspace import Workspace

T = TypeVar("T")
V = TypeVar("V")

# Fetched pages that wait for the archive. Each is at most `max_page_bytes`.
_WAITING_PAGES = 16
# How often who holds a host looks whether another waits for it: between two requests, as a rule, and not after each of a fast press.
_ASK_SECONDS = 1.0


@contextmanager
def visiting(
    work: Workspace, run_id: int, items: Sequence[T], host: Callable[[T], str], visit: Callable[[T], V], *, keep: bool = False
) -> Iterator[Iterator[tuple[T, V]]]:
    """`visit` every item in threads, those of one host one after another. Results come as they are ready, in this thread.

    Items of a host that another run holds are waited for (`host_wait_seconds`) and then left out. A host is given back after its last
    visit, and in between to who asks for it; or with `keep` when the block ends.
    """
    by_host: dict[str, list[T]] = {}
    for item in items:
        by_host.setdefault(host(item), []).append(item)
    results: queue.Queue[tuple[T, V]] = queue.Queue(maxsize=_WAITING_PAGES)
    held: set[str] = set()

    def visit_host(name: str, mine: list[T]) -> None:
        try:
            if not wait_for_host(work, run_id, name):
                return
        except FetchError:  # the run is to stop
            return
        held.add(name)
        asked = work.clock.monotonic()
        for item in mine:
            if work.stop.is_set():
                return
            if not keep and work.clock.monotonic() - asked >= _ASK_SECONDS:
                if not let_others_in(name):
                    return
                asked = work.clock.monotonic()
            result = (item, visit(item))
            while not work.stop.is_set():  # never waits for room that nobody will make: the run may have been stopped
                try:
                    results.put(result, timeout=0.1)
                    break
                except queue.Full:
                    continue
        if not keep:
            held.discard(name)
            release_host(work, run_id, name)

    def let_others_in(name: str) -> bool:
        """A run that waits for the host has its turn. False when it keeps the host for too long."""
        if not host_is_wanted(work, run_id, name):
            return True
        held.discard(name)
        release_host(work, run_id, name)
        try:
            if not wait_for_host(work, run_id, name):
                return False
        except FetchError:
            return False
        held.add(name)
        return True

    count = max(1, min(work.settings.fetch_threads, len(by_host)))
    try:
        with ThreadPoolExecutor(count, thread_name_prefix="keoson-fetch") as threads:
            try:
                yield _as_they_come([threads.submit(visit_host, name, mine) for name, mine in by_host.items()], results)
            except BaseException:
                work.stop.set()  # before the executor waits for its threads
                raise
    finally:
        for name in sorted(held):
            release_host(work, run_id, name)


def _as_they_come(tasks: Sequence[Future[None]], results: queue.Queue[tuple[T, V]]) -> Iterator[tuple[T, V]]:
    while not all(task.done() for task in tasks) or not results.empty():
        try:
            yield results.get(timeout=0.1)
        except queue.Empty:
            continue
    for task in tasks:
        task.result()
