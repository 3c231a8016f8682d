"""Work that must not wait for each other: reading ahead in a thread, and extraction over the borders of batches."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from flows.articles import index_articles
from flows.extraction import ExtractionJob
from flows.ledger import EntryRow
from flows.workspace import Workspace

T = TypeVar("T")


@contextmanager
def reading_ahead(items: Iterator[T], count: int) -> Iterator[Iterator[T]]:
    """The items, made by a thread that is at most `count` of them ahead. What making them raises is raised where they are used."""
    waiting: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(maxsize=count)
    left = threading.Event()

    def put(one: tuple[T] | BaseException | None) -> bool:
        while not left.is_set():
            try:
                waiting.put(one, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def read() -> None:
        try:
            for item in items:
                if not put((item,)):
                    return
            put(None)
        except BaseException as error:  # noqa: BLE001  whatever it is, it belongs to whoever uses the items
            put(error)

    def given() -> Iterator[T]:
        while (one := waiting.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one[0]

    thread = threading.Thread(target=read, name="keoson-read", daemon=True)
    thread.start()
    try:
        yield given()
    finally:
        left.set()
        thread.join()


def index_rows(work: Workspace, run_id: int, rows: Iterable[EntryRow], written: Callable[[int], None]) -> None:
    """Extract, tag and index entries whose pages are in the archive, as they come; `written(n)` after each batch.

    The workers go on over the borders of batches, and one batch is written while they are at the next.
    """
    under_way: deque[EntryRow] = deque()

    def jobs() -> Iterator[ExtractionJob]:
        for row in rows:
            if row.ref is None:
                raise AssertionError("only entries with an archived page are extracted")
            under_way.append(row)
            yield ExtractionJob(row.ref, work.outlets[row.outlet_id].id, row.entry)

    results = ((under_way.popleft(), result) for result in work.pool.run(jobs()))
    with ThreadPoolExecutor(1, thread_name_prefix="keoson-index") as writer:
        writing: tuple[Future[None], int] | None = None
        while batch := list(islice(results, work.settings.batch_size)):
            _finish(writing, written)
            writing = writer.submit(index_articles, work, run_id, batch), len(batch)
        _finish(writing, written)


def _finish(writing: tuple[Future[None], int] | None, written: Callable[[int], None]) -> None:
    if writing is not None:
        writing[0].result()
        written(writing[1])
