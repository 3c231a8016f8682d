"""What the command line loads before it needs it: nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, environment

HEAVY = ("prefect", "trafilatura", "sqlalchemy", "alembic", "feedparser", "lxml", "httpx", "elasticsearch", "warcio", "ahocorasick")

_LOADED = """
import sys
sys.argv = ["keoson", *sys.argv[1:]]
from keoson.cli import main
if len(sys.argv) > 1:
    try:
        main()
    except SystemExit as end:
        assert not end.code, end.code
print("LOADED " + " ".join(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def loaded_by(home: Path, folder: Path, *arguments: str) -> set[str]:
    """The packages that a command has loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments], cwd=folder, env=environment(KEOSON_HOME=str(home)), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.strip().splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    "arguments",
    [[], ["search", "ma tuy", "--facets"], ["search", "ma tuy", "--place", "Đà Nẵng", "--json"], ["events"], ["index", "status"]],
    ids=lambda arguments: " ".join(arguments) or "import",
)
def test_nothing_heavy_is_loaded(demo: tuple[Path, Ran], tmp_path: Path, arguments: list[str]) -> None:
    loaded = loaded_by(demo[0], tmp_path, *arguments)
    assert "keoson" in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("command", ["search", "events"])
def test_dates_cost_a_search_the_ledger_and_nothing_else(demo: tuple[Path, Ran], tmp_path: Path, command: str) -> None:
    loaded = loaded_by(demo[0], tmp_path, command, "ma tuy", "--since", "2024")
    assert loaded & set(HEAVY) == {"sqlalchemy"}, "the coverage of these months is looked up"
