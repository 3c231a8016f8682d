"""Fetching the pages of entries into the archive."""

from __future__ import annotations

from collections.abc import Sequence

from extractors.errors import FetchError, FetchReason
from extractors.records import Page
from flows.fetch import NotModified
from flows.hosts import visiting
from flows.ledger import EntryRow
from flows.workspace import Workspace

# The page is not there any more (or never was): nothing to try again.
_GONE: tuple[FetchReason, ...] = ("gone", "not_found")
# Nobody was asked: no failure of the page.
_NOT_ASKED: tuple[FetchReason, ...] = ("stopped", "paused")


def fetch_entries(work: Workspace, run_id: int, entry_ids: Sequence[int]) -> None:
    """Fetch the pages of these entries that are not in the archive yet: hosts at the same time, one request at a time each.

    Entries of a host that another run holds for long are given back, and wait for a later run.
    """
    rows = [row for row in work.ledger.rows(entry_ids) if row.ref is None]
    left = {row.id for row in rows}
    work.progress.started("pages", len(rows))
    try:
        with visiting(work, run_id, rows, lambda row: row.host, lambda row: _fetch_entry(work, row)) as results:
            for row, answer in results:
                left.discard(row.id)
                if isinstance(answer, Page):
                    work.ledger.record_page(row.id, work.archive.append(answer), answer.fetched_at)
                else:
                    _record_fetch_error(work, row, answer)
                work.progress.advanced("pages")
        work.ledger.give_back(sorted(left))
    finally:
        work.progress.ended("pages")


def _fetch_entry(work: Workspace, row: EntryRow) -> Page | FetchError:
    try:
        answer = work.fetcher.fetch_page(row.url, hosts=work.outlets[row.outlet_id].hosts)
    except FetchError as error:
        return error
    if isinstance(answer, NotModified):
        raise AssertionError("no validators were sent")
    return answer


def _record_fetch_error(work: Workspace, row: EntryRow, error: FetchError) -> None:
    if error.reason in _NOT_ASKED:
        work.ledger.put_off(row.id, error.wait or 0.0)
    elif error.reason == "foreign_host":
        work.ledger.settle(row.id, "rejected", "foreign_host", detail=str(error))
    elif error.reason in _GONE:
        work.ledger.settle(row.id, "rejected", "gone", detail=str(error))
    else:
        # Out of quarantine there is one try: it has had its many.
        final = not error.retry or row.quarantines > 0 or row.attempts + 1 >= work.settings.entry_attempts
        work.ledger.record_failure(row.id, error.reason, str(error), final=final, wait=error.wait)
