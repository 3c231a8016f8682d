"""A ledger that machines share while each has an index of its own: told by every run, and by none when all is well."""

from __future__ import annotations

import logging
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from flows.clock import Clock
from flows.running import running
from flows.settings import Settings
from flows.split_index import index_of
from flows.workspace import Workspace


def run_on(machine: str, settings: Settings, at: datetime, patch: pytest.MonkeyPatch) -> None:
    """A run that does nothing, on a machine of this name."""
    patch.setattr(socket, "gethostname", lambda: machine)
    with Workspace(settings, {}, clock=Clock(lambda: at, monotonic, sleep)) as work, running(work) as run_id:
        work.ledger.runs.end(run_id, "completed", None)


def test_two_machines_with_an_embedded_index_each_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    shared = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    one, two = (Settings(home=tmp_path / name, ledger_url=shared) for name in ("one", "two"))
    with caplog.at_level(logging.WARNING, "keoson"):
        run_on("alpha", one, day, monkeypatch)
        run_on("alpha-restarted", one, day, monkeypatch)  # a container has a new name, and the volume of before
        assert not caplog.messages
        run_on("beta", two, day, monkeypatch)
        (told,) = caplog.messages
        assert f"run 3 writes the embedded index in {tmp_path / 'two' / 'index'}, but run 2 on alpha-restarted wrote another" in told
        assert "KEOSON_ELASTICSEARCH_URL" in told
        caplog.clear()
        day += timedelta(days=8)
        run_on("beta", two, day, monkeypatch)
        assert not caplog.messages, "the other was given up"


def test_a_ledger_of_ones_own_and_one_elasticsearch_are_not_told(tmp_path: Path) -> None:
    assert index_of(Settings(home=tmp_path / "one")) is None
    shared = {"ledger_url": f"sqlite:///{tmp_path / 'shared.sqlite'}"}
    places = {index_of(Settings(home=tmp_path / name, elasticsearch_url=f"http://{name}:9200", **shared)) for name in ("one", "two")}
    assert len(places) == 1, "one server may have two addresses"
    assert index_of(Settings(home=tmp_path / "one", **shared)) not in {*places, index_of(Settings(home=tmp_path / "two", **shared))}
