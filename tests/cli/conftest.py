"""A home that `keoson demo` has filled, and the command line run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keoson.cli import main
from keoson.press.server import PressServer

# The first import of a fresh interpreter may have to compile; a command that hangs is what this ends.
_SECONDS = 180


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output as one JSON value."""
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line on standard error with which a failed command says what to do."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("keoson: ")
        return lines[0]


def environment(**changes: str) -> dict[str, str]:
    """The environment of a command: none of the caller's settings, wide lines."""
    return {name: value for name, value in os.environ.items() if not name.startswith("KEOSON_")} | {"COLUMNS": "200"} | changes


def run_process(*arguments: str, cwd: Path | None = None, **settings: str) -> Ran:
    """`keoson ARGUMENTS` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "keoson", *arguments],
        cwd=cwd,
        env=environment(**settings),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_SECONDS,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


RunCli = Callable[..., Ran]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """The home of a demo and what its first run printed."""
    home = tmp_path_factory.mktemp("demo") / "home"
    ran = run_process("demo", cwd=home.parent, KEOSON_HOME=str(home))
    assert ran.code == 0, ran.err
    return home, ran


@pytest.fixture
def cli(demo: tuple[Path, Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunCli:
    """Runs `keoson ARGUMENTS` in this process, on the demo's home unless `home` says another, in an empty working directory."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, home: Path | None = None, **settings: str) -> Ran:
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("KEOSON_")]:
                patch.delenv(name)
            for name, value in {"KEOSON_HOME": str(home or demo[0]), "COLUMNS": "200", **settings}.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["keoson", *arguments])
            capsys.readouterr()
            try:
                main()
                code: Any = 0
            except SystemExit as end:
                code = end.code or 0
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err)

    return run


@pytest.fixture
def press() -> Iterator[PressServer]:
    """The sample press, up."""
    with PressServer() as server:
        yield server


def press_settings(press: PressServer, home: Path) -> dict[str, str]:
    """Settings with which a plain `keoson ingest` reads the sample press."""
    from keoson.press.sites import press_folder

    return {
        "KEOSON_HOME": str(home),
        "KEOSON_OUTLET_FOLDERS": json.dumps([str(press_folder())]),
        "KEOSON_HOST_OVERRIDES": json.dumps({"*.press.test": f"127.0.0.1:{press.port}"}),
        "KEOSON_HOST_DELAY_SECONDS": "0",
        "KEOSON_EXTRACTION_WORKERS": "1",
    }
