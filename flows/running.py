"""A run from start to end, and what it may not share while it lasts: hosts, and the writing of the index."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from extractors.errors import FetchError, KeosonError, LedgerError
from flows.ledger.runs import ALIVE_FOR, RENEW_SECONDS, Lease, RunKind
from flows.split_index import index_of, warn_of_split_index
from flows.workspace import Workspace

# How often a run asks for what another one holds.
_ASK_AGAIN_SECONDS = 0.2
_INDEX = "index"


@contextmanager
def running(work: Workspace, kind: RunKind = "ingest", *, alone: bool = False) -> Iterator[int]:
    """A run's id. However the steps inside end, the ledger says so (unless the process is killed: then the next run does); a run that
    ends well is ended by what is inside. Others may run beside it, unless it is `alone`.

    Raises LedgerError when a run that does not allow others is at work, and when this one was taken for dead; ArchiveBusyError for the
    seconds that pruning the archive takes.
    """
    run_id = work.ledger.runs.start(kind, alone=alone, index_at=index_of(work.settings))
    warn_of_split_index(work, run_id)
    try:
        # Who prunes the archive moves pages, and has it alone: no page may move under a run.
        work.archive.lock_shared()
    except KeosonError:
        work.ledger.runs.end(run_id, "failed", None)
        raise
    ended, lost = threading.Event(), threading.Event()

    def stay_alive() -> None:
        while not ended.wait(RENEW_SECONDS):
            try:
                if not work.ledger.runs.renew(run_id):
                    lost.set()
                    work.stop.set()
                    return
            except LedgerError:  # a database that is away for a moment: asked again, and what the run itself wants of it fails by itself
                continue

    thread = threading.Thread(target=stay_alive, name="keoson-alive", daemon=True)
    thread.start()
    try:
        yield run_id
    except KeosonError:
        work.ledger.runs.end(run_id, "failed", None)
        raise
    except BaseException:  # Ctrl-C, SIGTERM, or an error of ours: told, and passed on
        work.ledger.runs.end(run_id, "interrupted", None)
        raise
    finally:
        ended.set()
        thread.join()
    if lost.is_set():
        raise LedgerError(
            f"run {run_id} was not heard of for {ALIVE_FOR.total_seconds():.0f} s, and others have taken over its work; "
            "what it had done is kept: run `keoson ingest` again"
        )


def host_name(host: str) -> str:
    """The name of a host's lease. `www.` makes no other host, to us as to a publisher's patience."""
    return f"host {host.lower().removeprefix('www.')}"


def wait_for_host(work: Workspace, run_id: int, host: str) -> bool:
    """Take a host's lease, and wait for the pause that the holder before has left. False when another run holds it for too long.

    Raises FetchError when the run is to stop.
    """
    until = work.clock.monotonic() + work.settings.host_wait_seconds
    lease = _ask(work, run_id, host_name(host), until)
    if lease is None:
        return False
    if lease.wait > 0:
        work.sleep(lease.wait)
    return True


def host_is_wanted(work: Workspace, run_id: int, host: str) -> bool:
    """Whether another run waits for a host that this one holds."""
    return work.ledger.runs.is_wanted(run_id, host_name(host))


def release_host(work: Workspace, run_id: int, host: str) -> None:
    """Give a host back; who takes it next keeps the pause between two requests."""
    work.ledger.runs.release(run_id, host_name(host), pause=work.fetcher.delay_of(host))


def _ask(work: Workspace, run_id: int, name: str, until: float) -> Lease | None:
    while True:
        lease = work.ledger.runs.lease(run_id, name)
        if lease is not None or work.clock.monotonic() >= until:
            return lease
        work.sleep(_ASK_AGAIN_SECONDS)


@contextmanager
def writing_index(work: Workspace, run_id: int) -> Iterator[None]:
    """Be the one run that changes the index and the ledger's articles: so no batch is decided on what another is about to write."""
    try:
        _ask(work, run_id, _INDEX, float("inf"))
    except FetchError as error:
        raise LedgerError("the run was stopped while it waited for another to write the index; what is left waits for the next") from error
    try:
        yield
    finally:
        work.ledger.runs.release(run_id, _INDEX)
