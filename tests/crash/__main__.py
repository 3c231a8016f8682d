"""`make crash`: `python -m tests.crash [--kills 50] [--seed 1]`. Exit code 1 when anything was lost or doubled."""

from __future__ import annotations

import argparse
import sys
import time

from tests.crash.killing import STAGES, crash
from tests.torture.cases import read_cases


def main() -> int:
    """Kill, compare and tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description="kill -9 at random points of an ingest of the torture press")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same points")
    asked = parser.parse_args()
    cases = read_cases(slow=False, fickle=False)
    begin = time.monotonic()
    tally = crash(cases, asked.kills, asked.seed, say=lambda line: print(line, flush=True))
    where = ", ".join(f"{tally.killed[stage]} at {stage}" for stage in STAGES)
    print(f"{sum(tally.killed.values())} ingests of {len(cases)} cases killed ({where}); {tally.escaped} had ended before their point came")
    print(f"{tally.homes} homes, {tally.pages} requests of pages, {tally.fetched_again} pages archived again after a kill")
    print("ledger, archive and index of each home held against an undisturbed run:")
    for fault in tally.faults:
        print(f"  {fault}")
    print(f"{len(tally.faults)} differences, {time.monotonic() - begin:.0f} s")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
