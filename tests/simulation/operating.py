"""Operates Keoson for simulated days: an ingest every ten minutes, each with a fetcher of its own, as a schedule would start it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from extractors.addresses import article_id
from extractors.records import Article, Tags
from flows.archive import Archive
from flows.extraction import Extracted, ExtractionJob, ExtractionPool, Failed
from flows.ledger import Ledger
from flows.ledger.rows import FeedDay
from flows.pipeline import ingest_in
from flows.settings import Settings, claim_home
from flows.summary import RunSummary, Silent
from flows.workspace import Workspace
from mappings import Index, open_index
from tests.simulation.press import START, Paper, Request, SimulatedPress, serve
from tests.simulation.timeline import Timeline

TICK = 600.0  # seconds between two runs of the schedule: the shortest interval at which a feed may be polled
DELAY = 5.0


@dataclass(frozen=True, slots=True)
class Operated:
    """What was left after the last run."""

    papers: list[Paper]
    hours: float
    requests: list[Request]
    summaries: list[RunSummary]
    days: list[FeedDay]
    indexed: dict[str, set[str]]


class _ReadAtOnce(ExtractionPool[ExtractionJob, Extracted | Failed]):
    """Takes a page for what it says, in this process: how well pages are read is not what is simulated."""

    def run(self, jobs: Iterable[ExtractionJob]) -> Iterator[Extracted | Failed]:
        yield from map(self.work, jobs)


class _Shop(Workspace):
    """A workspace that is given what would be opened anew by each process, to no purpose here."""

    kept_index: Index

    @cached_property
    def index(self) -> Index:
        return self.kept_index

    @cached_property
    def pool(self) -> ExtractionPool[ExtractionJob, Extracted | Failed]:
        return _ReadAtOnce(partial(_read, self.settings.archive_folder), Failed, 1, 1.0)


def _read(archive_folder: Path, job: ExtractionJob) -> Extracted | Failed:
    page = Archive(archive_folder).read(job.ref)
    text = page.body.decode()
    return Extracted(Article(article_id(page.final_url), page.final_url, job.outlet_id, text[:60], text, "vi"), Tags("vi", False))


def operate(home: Path, papers: list[Paper], hours: float) -> Operated:
    """Simulate `hours` of a schedule."""
    outlets = {paper.id: paper.outlet() for paper in papers}
    summaries = []
    with Timeline(START) as timeline, serve(papers, timeline) as press:
        settings = _settings(home, press)
        claim_home(home, demo=True)
        index = open_index(home=home)
        index.ensure()
        try:
            while timeline.seconds() < hours * 3600:
                due = (timeline.seconds() // TICK + 1) * TICK
                work = _Shop(settings, outlets, Silent(), timeline.clock)
                work.kept_index = index
                with work:
                    summaries.append(ingest_in(work))
                timeline.move_to(due)
            indexed: dict[str, set[str]] = {}
            for document in index.export("articles"):
                indexed.setdefault(document["outlet"], set()).add("/" + document["url"].split("/", 3)[3])
        finally:
            index.close()
    with Ledger(settings.ledger_address) as ledger:
        days = ledger.counts()
    return Operated(papers, hours, press.requests, summaries, days, indexed)


def _settings(home: Path, press: SimulatedPress) -> Settings:
    given: dict[str, Any] = {"home": home, "host_overrides": {"*.test": f"127.0.0.1:{press.port}"}, "host_delay_seconds": DELAY}
    return Settings(**given, fetch_threads=64)
