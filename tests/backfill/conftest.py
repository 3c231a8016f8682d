"""The past of the sample press, served on loopback, and settings that reach it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from extractors.records import Outlet
from flows.backfill.composition import backfill
from flows.backfill.plan import make_plan
from flows.backfill.summary import BackfillSummary
from flows.settings import Settings
from keoson.press.server import PressServer
from mappings import open_index
from tests.backfill.past_press import PastPress, past_press

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def past() -> Iterator[PastPress]:
    """The press with its past. Tests that change a page make their own (`past_press`)."""
    made = past_press()
    with made.server:
        yield made


def settings_of(server: PressServer, home: Path, **changes: Any) -> Settings:
    """Settings for a home that reads the press."""
    given: dict[str, Any] = {
        "home": home,
        "host_overrides": {"*.test": f"127.0.0.1:{server.port}"},
        "host_delay_seconds": 0,
        "extraction_workers": 1,
        "fetch_attempts": 1,
        "batch_size": 20,
    }
    return Settings(**(given | changes))


@dataclass
class Home:
    """A home, and backfills into it."""

    settings: Settings
    outlets: dict[str, Outlet]

    def run(self, *only: str, dry_run: bool = False, **of_plan: Any) -> BackfillSummary:
        """A backfill of these outlets (all if none is named)."""
        chosen = {name: self.outlets[name] for name in only} if only else self.outlets
        told = {"source": None, "since": None, "until": None} | of_plan
        return backfill(self.settings, self.outlets, make_plan(chosen, today=TODAY, **told), dry_run=dry_run)

    def documents(self, kind: Any = "articles") -> list[dict[str, Any]]:
        """What is in the index."""
        index = open_index(**self.settings.index_location)
        index.ensure()
        with closing(index):
            return list(index.export(kind))

    def urls(self) -> set[str]:
        """Addresses of the articles in the index."""
        return {document["url"] for document in self.documents()}


MakeHome = Callable[..., Home]


@pytest.fixture
def make_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeHome:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("KEOSON_")]:
        monkeypatch.delenv(name)

    def make(press: PastPress, name: str = "home", outlets: dict[str, Outlet] | None = None, **changes: Any) -> Home:
        return Home(settings_of(press.server, tmp_path / name, **changes), outlets or press.outlets)

    return make


def without_feeds(outlets: Sequence[Outlet]) -> dict[str, Outlet]:
    """Outlets of which an ingest fetches nothing."""
    return {outlet.id: replace(outlet, feeds=()) for outlet in outlets}
