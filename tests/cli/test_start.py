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


@pytest.mark.parametrize(
    "arguments",
    [[], ["search", "ma tuy", "--facets"], ["search", "ma tuy", "--place", "Đà Nẵng", "--json"], ["events"], ["index", "status"]],
    ids=lambda arguments: " ".join(arguments) or "import",
)
def test_nothing_heavy_is_loaded(demo: tuple[Path, Ran], tmp_path: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED, *arguments],
        cwd=tmp_path,
        env=environment(KEOSON_HOME=str(demo[0])),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.strip().splitlines()[-1].split()[1:])
    assert "keoson" in loaded
    assert loaded.isdisjoint(HEAVY)
