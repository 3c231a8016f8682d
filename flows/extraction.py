"""Extraction in processes that can be killed.

trafilatura takes more than 20 s for some pages of 2 MB, is not thread-safe, retains memory, and has crashed interpreters. So each worker
is a process with a pipe of its own: one that hangs or dies is replaced, its page reported, and the others are not disturbed (with a
shared queue, a process killed while it holds the queue's lock would stop them all).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from extractors.errors import ArchiveError, ExtractionError, NoTextError
from extractors.records import Article, Entry, Outlet, Tags
from flows.archive import Archive, PageRef
from flows.wire import receive, send

FailureReason = Literal["no_text", "extraction_failed", "extraction_deadline", "extraction_crashed", "tagger_failed", "archive_unreadable"]

JobT = TypeVar("JobT")
ResultT = TypeVar("ResultT")

# Memory that a parser keeps is given back by starting afresh. A start costs 1.2 s of processor until it is warm, which at 500 pages was
# a fifteenth of all work; a worker's memory was 171 MB after 250 pages, and 172 after 1,500.
JOBS_PER_WORKER = 1500
# Jobs per worker that may be taken before the oldest one is finished: enough to go on for a while beside a page that hangs.
_AHEAD = 64
# A worker that has not imported its modules by now never will.
_START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class ExtractionJob:
    """A page in the archive, with what is known about it."""

    ref: PageRef
    outlet_id: str
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a page holds."""

    article: Article
    tags: Tags


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a page gave nothing. `no_text` is the page's fault and final; the others are ours."""

    reason: FailureReason
    message: str


def extract_page(job: ExtractionJob, *, archive_folder: Path, outlets: Mapping[str, Outlet]) -> Extracted | Failed:
    """Read a page from the archive, extract its article and tag it. Runs in a worker, which is told folder and outlets when it starts."""
    from extractors.article import extract_article
    from extractors.tagging import tag_article

    try:
        page = Archive(archive_folder).read(job.ref)
        article = extract_article(page, outlets[job.outlet_id], job.entry)
    except ArchiveError as error:
        return Failed("archive_unreadable", str(error))
    except NoTextError as error:
        return Failed("no_text", str(error))
    except ExtractionError as error:
        return Failed("extraction_failed", str(error))
    except MemoryError as error:
        return Failed("extraction_failed", f"not enough memory: {error}")
    except Exception as error:  # noqa: BLE001  a parser may raise anything on a hostile page, and that must cost this page only
        return Failed("extraction_failed", f"{type(error).__name__}: {error}")
    try:
        tags = tag_article(article)
        tags.verify(article.text)
    except Exception as error:  # noqa: BLE001  "the tagger failed" must never become "no event"
        return Failed("tagger_failed", f"{type(error).__name__}: {error}")
    return Extracted(article, tags)


def warm_up(spellings: Path | None = None) -> None:
    """Import what extraction needs, once per worker and before its first deadline runs. `spellings`: the operator's own, if there are any."""
    import extractors.article
    import extractors.tagging  # noqa: F401

    know_spellings(spellings)


def know_spellings(path: Path | None) -> None:
    """Let this process know the operator's spellings of places, before it reads a text."""
    if path is not None:
        from extractors.gazetteer.own_spellings import use_own_spellings

        use_own_spellings(path)


@dataclass(slots=True)
class _Worker(Generic[JobT]):
    process: multiprocessing.process.BaseProcess
    pipe: Connection
    ready: bool = False
    job: tuple[int, JobT] | None = None
    until: float = 0.0
    done: int = 0


@dataclass(slots=True)
class ExtractionPool(Generic[JobT, ResultT]):
    """Runs `work(job)` in `workers` processes, at most `deadline` seconds each. `work` and `warm` must be importable functions,
    or partials of such.

    `on_failure(reason, message)` makes the result of a job whose worker passed the deadline, crashed or raised.
    """

    work: Callable[[JobT], ResultT]
    on_failure: Callable[[FailureReason, str], ResultT]
    workers: int
    deadline: float
    warm: Callable[[], None] | None = None
    jobs_per_worker: int = JOBS_PER_WORKER
    clock: Callable[[], float] = time.monotonic
    _alive: list[_Worker[JobT]] = field(default_factory=list)

    def __enter__(self) -> ExtractionPool[JobT, ResultT]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill all workers, whatever they are at."""
        for worker in self._alive:
            _end(worker)
        self._alive.clear()

    def run(self, jobs: Iterable[JobT]) -> Iterator[ResultT]:
        """One result per job, in the order of the jobs, which are taken as they are needed. Leaving early kills what is under way."""
        try:
            yield from self._run(jobs)
        finally:
            for worker in [worker for worker in self._alive if worker.job is not None]:
                self._alive.remove(worker)
                _end(worker)

    def _run(self, jobs: Iterable[JobT]) -> Iterator[ResultT]:
        source = enumerate(jobs)
        exhausted = False
        finished: dict[int, ResultT] = {}
        waiting: deque[tuple[int, JobT]] = deque()
        started = yielded = 0
        while True:
            while not exhausted and started - yielded < _AHEAD * self.workers:
                job = next(source, None)
                if job is None:
                    exhausted = True
                else:
                    waiting.append(job)
                    started += 1
            while yielded in finished:
                yield finished.pop(yielded)
                yielded += 1
            if exhausted and yielded == started:
                return
            if not exhausted and started - yielded < _AHEAD * self.workers:
                continue
            self._hand_out(waiting)
            finished |= self._collect()

    def _hand_out(self, waiting: deque[tuple[int, JobT]]) -> None:
        while len(self._alive) < self.workers and len(self._alive) < len(waiting) + sum(worker.job is not None for worker in self._alive):
            self._alive.append(self._start())
        for worker in list(self._alive):
            if not waiting:
                return
            if worker.ready and worker.job is None:
                worker.job = waiting.popleft()
                worker.until = self.clock() + self.deadline
                try:
                    send(worker.pipe, worker.job[1])
                except OSError:  # it died while idle, which is not this job's fault
                    waiting.appendleft(worker.job)
                    self._alive.remove(worker)
                    _end(worker)

    def _collect(self) -> dict[int, ResultT]:
        """Wait for the next results, deaths or deadlines."""
        results: dict[int, ResultT] = {}
        busy = {worker.pipe: worker for worker in self._alive if worker.job is not None or not worker.ready}
        now = self.clock()
        nearest = min((worker.until for worker in busy.values()), default=now)
        for pipe in wait(list(busy), timeout=max(0.0, nearest - now)):
            worker = busy[pipe]  # type: ignore[index]  # typeshed's wait() forgets what was passed in
            try:
                answer = receive(worker.pipe)
            except (EOFError, OSError):
                self._bury(worker, "extraction_crashed", "the extraction process died", results)
                continue
            if not worker.ready:
                worker.ready = True
                continue
            if worker.job is None:
                raise AssertionError("a worker answers only when asked")
            kind, value = answer
            results[worker.job[0]] = value if kind == "result" else self.on_failure("extraction_failed", value)
            worker.job = None
            worker.done += 1
            if worker.done >= self.jobs_per_worker:
                self._alive.remove(worker)
                _end(worker)
        now = self.clock()
        for worker in list(self._alive):
            if worker in busy.values() and worker.until <= now and (worker.job is not None or not worker.ready):
                self._bury(worker, "extraction_deadline", f"not extracted within {self.deadline:g} s", results)
        return results

    def _bury(self, worker: _Worker[JobT], reason: FailureReason, message: str, results: dict[int, ResultT]) -> None:
        self._alive.remove(worker)
        _end(worker)
        if worker.job is not None:
            code = worker.process.exitcode
            results[worker.job[0]] = self.on_failure(
                reason, message if reason == "extraction_deadline" else f"{message} (exit code {code})"
            )
        elif not worker.ready:
            raise ExtractionError(f"an extraction process does not start (exit code {worker.process.exitcode}): see its message above")

    def _start(self) -> _Worker[JobT]:
        # Not fork: the parent has threads (fetching, Prefect), and a fork copies their locks as they stand.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self.work, self.warm), daemon=True, name="keoson-extraction")
        process.start()
        theirs.close()
        return _Worker(process, ours, until=self.clock() + _START_SECONDS)


def _end(worker: _Worker[Any]) -> None:
    worker.pipe.close()
    worker.process.kill()
    worker.process.join()


def _serve(pipe: Connection, work: Callable[[Any], Any], warm: Callable[[], None] | None) -> None:
    """The life of a worker: import, say so, then answer jobs until the pipe closes."""
    # Ctrl-C reaches the whole process group; the parent decides what becomes of the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    if warm is not None:
        warm()
    send(pipe, "ready")
    while True:
        try:
            job = receive(pipe)
        except (EOFError, OSError):
            return
        try:
            answer = ("result", work(job))
        except Exception as error:  # noqa: BLE001  whatever a job raises is its result
            answer = ("error", f"{type(error).__name__}: {error}")
        send(pipe, answer)


def _die_with_parent() -> None:
    """A parent killed by -9 closes its pipe, but a worker deep in a page would see that only afterwards, or never."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
