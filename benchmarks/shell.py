"""Shell time of `keoson search` on the demo's index, beside that of an empty Python."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ShellTimes:
    """Seconds from start to end of a process, each measured in turn."""

    search: tuple[float, ...]
    empty: tuple[float, ...]

    @property
    def medians(self) -> tuple[float, float]:
        """Of the search and of the empty Python."""
        return statistics.median(self.search), statistics.median(self.empty)


def measure(times: int) -> ShellTimes:
    """`times` runs of each, in turn, after two that are not counted (they compile modules and fill the file cache)."""
    with tempfile.TemporaryDirectory() as folder:
        given = {name: value for name, value in os.environ.items() if not name.startswith("KEOSON_")}
        # Some containers forbid writing byte code, which would make every start compile all modules: no user's machine does that.
        given.pop("PYTHONDONTWRITEBYTECODE", None)
        given |= {"KEOSON_HOME": str(Path(folder) / "home"), "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled")}
        subprocess.run([sys.executable, "-m", "keoson", "demo"], env=given, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        search: list[float] = []
        empty: list[float] = []
        for number in range(times + 2):
            for command, seconds in (
                ([sys.executable, "-m", "keoson", "search", "se kong ma tuy"], search),
                ([sys.executable, "-c", "pass"], empty),
            ):
                began = time.perf_counter()
                subprocess.run(command, env=given, cwd=folder, check=True, stdout=subprocess.DEVNULL)
                if number >= 2:
                    seconds.append(time.perf_counter() - began)
    return ShellTimes(tuple(search), tuple(empty))
