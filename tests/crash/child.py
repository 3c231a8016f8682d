"""The process that gets killed: one ingest of cases of the torture press, saying each step on its standard output."""

from __future__ import annotations

import json
import sys

from flows.pipeline import ingest
from flows.settings import Settings
from tests.torture.cases import read_cases
from tests.torture.running import clock_of_round


class _Said:
    def started(self, stage: str, total: int) -> None:
        print(f"started {stage} {total}", flush=True)

    def advanced(self, stage: str, count: int = 1) -> None:
        print(f"advanced {stage} {count}", flush=True)

    def ended(self, stage: str) -> None:
        print(f"ended {stage} 0", flush=True)


def main() -> None:
    """Ingest the cases named, with the settings given: one JSON object on the standard input."""
    told = json.loads(sys.stdin.read())
    outlets = {case.id: case.outlet() for case in read_cases() if case.id in told["cases"]}
    ingest(Settings.load(**told["settings"]), outlets, progress=_Said(), clock=clock_of_round(told["round"]))


if __name__ == "__main__":
    main()
