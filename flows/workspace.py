"""What a run works with: settings, outlets, ledger, archive, fetcher and index, opened when first needed and closed together."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from extractors.errors import FetchError
from extractors.records import Outlet
from flows.archive import Archive
from flows.clock import SYSTEM_CLOCK, Clock
from flows.extraction import Extracted, ExtractionJob, ExtractionPool, Failed, extract_page, know_spellings, warm_up
from flows.fetch import Fetcher
from flows.ledger import Ledger
from flows.memory import limit_arenas
from flows.settings import Settings, claim_home_for
from flows.summary import Progress, Silent

if TYPE_CHECKING:
    from extractors.gazetteer import Gazetteer
    from mappings import Index


@dataclass
class Workspace:
    """Use it in a `with`. `stop` asks the threads that fetch to end after the request they are at. All times come from `clock`."""

    settings: Settings
    outlets: Mapping[str, Outlet]
    progress: Progress = field(default_factory=Silent)
    clock: Clock = SYSTEM_CLOCK
    stop: threading.Event = field(default_factory=threading.Event)
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Workspace:
        claim_home_for(self.settings.home, list(self.outlets.values()))
        limit_arenas()
        know_spellings(self.settings.own_spellings)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._open.close()

    def sleep(self, seconds: float) -> None:
        """Wait, unless the run is to stop: then the request that waits is given up for this run."""
        if self.clock is SYSTEM_CLOCK:
            self.stop.wait(seconds)
        else:
            self.clock.sleep(seconds)
        if self.stop.is_set():
            raise FetchError("the run was stopped", retry=True, reason="stopped")

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, migrated."""
        return self._open.enter_context(Ledger(self.settings.ledger_address, now=self.clock.now))

    @cached_property
    def archive(self) -> Archive:
        """The archive of pages. A ledger at an address of its own may have others beside it."""
        named = self.settings.ledger_url is not None
        return self._open.enter_context(Archive(self.settings.archive_folder, now=self.clock.now, named=named))

    @cached_property
    def fetcher(self) -> Fetcher:
        """The fetcher, which remembers each host's pause and robots.txt."""
        return self._open.enter_context(
            Fetcher(self.settings, clock=self.clock.monotonic, sleep=self.sleep, now=self.clock.now, robots=self.ledger.robots)
        )

    @cached_property
    def index(self) -> Index:
        """The index, with what is missing created. Raises SearchIndexError when it cannot be reached."""
        from mappings import open_index

        index = open_index(**self.settings.index_location)
        self._open.callback(index.close)
        index.ensure()
        return index

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The gazetteer of places."""
        from extractors.gazetteer import load_gazetteer

        return load_gazetteer()

    @cached_property
    def pool(self) -> ExtractionPool[ExtractionJob, Extracted | Failed]:
        """The processes that extract."""
        workers, deadline = self.settings.extraction_workers, self.settings.extraction_deadline_seconds
        # With each page its outlet would be sent, with all its feeds.
        extract = partial(extract_page, archive_folder=self.settings.archive_folder, outlets=dict(self.outlets))
        return self._open.enter_context(ExtractionPool(extract, Failed, workers, deadline, partial(warm_up, self.settings.own_spellings)))
