"""`make crash-backfill`: kill -9 at random points of backfills, resumed until they are done, against undisturbed ones.

Half of the kills hit a backfill of a generated WARC file, half one of sitemaps over three years.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.pages import generate_pages
from benchmarks.warc_files import write_warc
from flows.ledger import Ledger
from flows.settings import Settings
from keoson.press.server import PressServer
from tests.backfill.conftest import settings_of
from tests.backfill.past_press import past_press
from tests.backfill.running import contents, start

# More steps than that between two kills would leave no work for the last ones.
_STEPS = 3


def crash(server: PressServer, folder: Path, told: dict[str, Any], kills: int, dice: random.Random) -> tuple[int, int, list[str]]:
    """Kill a backfill so often. How many documents an undisturbed one leaves, how many kills hit, and what is wrong in the end."""
    undisturbed = settings_of(server, folder / "undisturbed", batch_size=10)
    if start(undisturbed, dict(told)).wait() != 0:
        raise RuntimeError("the undisturbed backfill failed")
    expected = contents(undisturbed)
    settings = settings_of(server, folder / "killed", batch_size=10)
    hit = sum(_killed(settings, told, dice) for _ in range(kills))
    code = start(settings, dict(told)).wait()
    found = contents(settings)
    faults = [] if code == 0 else [f"the last, undisturbed run ended with {code}"]
    faults += [f"lost: {key}" for key in sorted(expected.keys() - found.keys())]
    faults += [f"too much: {key}" for key in sorted(found.keys() - expected.keys())]
    faults += [f"differs: {key}" for key in sorted(expected.keys() & found.keys()) if expected[key] != found[key]]
    with Ledger(settings.ledger_address) as ledger:
        faults += [f"the ledger does not add up: {day}" for day in ledger.counts() if not day.adds_up]
        faults += [f"{day.pending} entries are pending: {day}" for day in ledger.counts() if day.pending]
        faults += [f"backfill {job.id} is not done" for job in ledger.backfills.unfinished()]
    return len(expected), hit, faults


def _killed(settings: Settings, told: dict[str, Any], dice: random.Random) -> bool:
    """Begin or resume a backfill and kill it after some steps. False when it had ended by then."""
    process = start(settings, dict(told))
    steps = dice.randint(0, _STEPS)
    try:
        if process.stdout is None:
            raise AssertionError("its output is read")
        for _ in range(steps):
            if not process.stdout.readline():
                break
        with suppress(subprocess.TimeoutExpired):  # still at work, as it should be
            process.wait(timeout=dice.random() * 0.5 + (dice.random() * 3 if steps == 0 else 0))
        return process.poll() is None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main() -> None:
    """Kill, compare, print; exit 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--pages", type=int, default=800, help="pages of the WARC file")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    dice = random.Random(given.seed)
    wrong = False
    past = past_press()
    with tempfile.TemporaryDirectory() as folder, past.server:
        path = Path(folder) / "crawl.warc.gz"
        write_warc(path, (page for _, page in generate_pages(given.pages)), "ccnews")
        works: dict[str, dict[str, Any]] = {
            "warc": {"files": [str(path)]},
            "sitemap": {"only": ["truongson"], "since": "2023", "until": "2025"},
        }
        for number, (name, told) in enumerate(works.items()):
            kills = (given.kills + 1 - number) // 2
            documents, hit, faults = crash(past.server, Path(folder) / name, told, kills, dice)
            print(f"{name}: {hit} of {kills} kills hit it at work; {documents} documents, {len(faults)} faults", flush=True)
            for fault in faults[:20]:
                print(f"  {fault}")
            wrong = wrong or bool(faults)
    sys.exit(wrong)


if __name__ == "__main__":
    main()
