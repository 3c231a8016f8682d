"""What a backfill tells: how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from pydantic import TypeAdapter

from flows.ledger.backfill_rows import MonthOfCandidates
from flows.summary import RunSummary

BackfillStage = Literal["places", "bytes", "articles", "events"]


class BackfillProgress(Protocol):
    """Told how far a stage is; the total may grow, and is 0 when it is not known."""

    def at(self, stage: BackfillStage, done: int, total: int) -> None: ...


class Unwatched:
    """Progress that nobody looks at."""

    def at(self, stage: BackfillStage, done: int, total: int) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class BackfillSummary:
    """A backfill as it stands. `run` counts the entries of its last run; everything else is of all its runs together.

    `found` = `known` + `taken` + `waiting`: articles within the range, those that were entries before, those made entries, those still to
    come. `places` are sitemaps, pages of listings or files by state; `counts` what else they held; `failures` (address, error) of those
    that could not be read; `faults` the damage found in files. Not `complete`: the same command goes on with what is left.
    """

    backfill_id: int
    complete: bool
    dry_run: bool
    found: int
    known: int
    taken: int
    waiting: int
    months: tuple[MonthOfCandidates, ...]
    places: Mapping[str, int]
    counts: Mapping[str, int]
    failures: tuple[tuple[str, str], ...]
    faults: tuple[str, ...]
    hosts: Mapping[str, int]
    estimate: timedelta
    run: RunSummary | None

    @property
    def counts_add_up(self) -> bool:
        """Whether every article found has one fate, here and in the ledger."""
        return self.found == self.known + self.taken + self.waiting and (self.run is None or self.run.counts_add_up)


BACKFILL_SUMMARY = TypeAdapter(BackfillSummary)
