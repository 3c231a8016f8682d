"""Kills ingests at chosen points, lets the last one through, and holds what it left against an undisturbed run."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select
from warcio.archiveiterator import ArchiveIterator

from flows.archive import Archive, PageRef
from flows.ledger import Ledger
from flows.ledger.tables import entries, versions
from flows.settings import Settings
from mappings import open_index
from mappings.fields import Kind
from tests.torture.cases import Case
from tests.torture.running import LIMITS
from tests.torture.serving import TorturePress, serve

ROOT = Path(__file__).parents[2]
KINDS: tuple[Kind, ...] = ("articles", "reports", "events")
STAGES = ("start", "feeds", "pages", "articles", "events")
ROUNDS = 2
# One try for what never works: otherwise the outcome would depend on how often the run was begun. And time enough: a feed that a busy
# machine answers too late would come a round later, and its events would be founded on other reports.
CHANGES: dict[str, Any] = {
    "entry_attempts": 1,
    "fetch_attempts": 1,
    "batch_size": 8,
    "connect_timeout_seconds": 30,
    "read_timeout_seconds": 30,
    "total_timeout_seconds": 60,
    "extraction_deadline_seconds": 60,
}
# Nobody should wait that long for processes that are to die with their parent.
_ORPHAN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Point:
    """Where to kill: after `share` of a stage's steps, or so far into the start, and then `delay` seconds later."""

    stage: str
    share: float
    delay: float


@dataclass(frozen=True, slots=True)
class Left:
    """What a home holds, in a form in which two homes can be compared."""

    documents: Mapping[str, Mapping[str, Any]]
    outcomes: Mapping[tuple[str, str], tuple[str, str | None]]
    texts: frozenset[tuple[str, int, str]]


@dataclass(slots=True)
class Tally:
    """What was done and found. `fetched_again` are pages that were fetched once more because the kill came before the ledger knew."""

    killed: Counter[str] = field(default_factory=Counter)
    escaped: int = 0
    homes: int = 0
    pages: int = 0
    fetched_again: int = 0
    faults: list[str] = field(default_factory=list)


def random_points(seed: int) -> Iterator[Point]:
    """Points without end, the same for a seed."""
    dice = random.Random(seed)
    while True:
        stage = dice.choice(STAGES)
        yield Point(stage, dice.random(), dice.random() * (2.5 if stage == "start" else 0.05))


def crash(cases: Sequence[Case], kills: int, seed: int, *, kills_a_round: int = 4, say: Callable[[str], None] = lambda line: None) -> Tally:
    """Kill `kills` ingests of the cases, in as many homes as it takes, and compare each home with one that nothing disturbed.

    `say` is told how it goes, a line a home.
    """
    tally = Tally()
    points = random_points(seed)
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        with serve(cases) as press:
            undisturbed = Path(folder) / "undisturbed"
            for number in range(1, ROUNDS + 1):
                press.round = number
                _ingest(press, undisturbed, cases, None)
        expected, faults = look(undisturbed)
        tally.faults += [f"undisturbed: {fault}" for fault in faults]
        while sum(tally.killed.values()) < kills:
            tally.homes += 1
            home = Path(folder) / f"home-{tally.homes}"
            with serve(cases) as press:
                for number in range(1, ROUNDS + 1):
                    press.round = number
                    for _ in range(min(dice.randint(1, kills_a_round), kills - sum(tally.killed.values()))):
                        point = next(points)
                        if _ingest(press, home, cases, point):
                            tally.killed[point.stage] += 1
                        else:
                            tally.escaped += 1
                    _ingest(press, home, cases, None)
                tally.pages += sum(count for address, count in press.requests.items() if address.endswith(".html"))
            found, faults = look(home)
            tally.faults += [f"home {tally.homes}: {fault}" for fault in faults + _compare(expected, found)]
            tally.fetched_again += _archived(home) - _archived(undisturbed)
            say(f"home {tally.homes}: {sum(tally.killed.values())} killed so far, {len(tally.faults)} differences")
    return tally


def _ingest(press: TorturePress, home: Path, cases: Sequence[Case], point: Point | None) -> bool:
    """Whether the ingest was killed before it ended by itself. Raises RuntimeError when it fails."""
    settings = LIMITS | CHANGES | {"home": str(home), "host_overrides": press.overrides}
    told = json.dumps({"settings": settings, "cases": [case.id for case in cases], "round": press.round})
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KEOSON_")}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.child"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise AssertionError("all three were asked for")
        process.stdin.write(told)
        process.stdin.close()
        if point is not None and _reached(point, process.stdout):
            time.sleep(point.delay)
            process.kill()
        else:
            for _ in process.stdout:
                pass
        errors = process.stderr.read() if point is None else ""
        code = process.wait()
        process.stdout.close()
    _wait_for_the_workers(process.pid)
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the ingest ended with {code}: {errors[-3000:]}")
    return code != 0


def _reached(point: Point, lines: Iterator[str]) -> bool:
    """Read what the ingest says until it is at the point. False when it ended before."""
    if point.stage == "start":
        return True
    steps = total = 0
    for line in lines:
        word, stage, count = line.split()
        if stage != point.stage:
            continue
        if word == "started":
            total = int(count)
        steps += int(count) if word == "advanced" else 0
        if steps >= point.share * total:
            return True
    return False


def _wait_for_the_workers(group: int) -> None:
    """The processes that extract end with the one that was killed, without being told. Raises RuntimeError when they go on."""
    until = time.monotonic() + _ORPHAN_SECONDS
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    os.killpg(group, signal.SIGKILL)
    raise RuntimeError("processes of a killed ingest went on without it")


def look(home: Path) -> tuple[Left, list[str]]:
    """What a home holds, and what is wrong with it by itself."""
    settings = Settings(home=home)
    faults = []
    index = open_index(**settings.index_location)
    index.ensure()
    with closing(index):
        documents = {
            f"{kind} {document['id']}": {name: value for name, value in document.items() if name != "fetched_at"}
            for kind in KINDS
            for document in index.export(kind)
        }
    with Ledger(settings.ledger_address) as ledger:
        faults += [f"the ledger does not add up: {day}" for day in ledger.counts() if not day.adds_up]
    engine = create_engine(settings.ledger_address)
    with engine.connect() as db:
        entry_rows = list(db.execute(select(entries)))
        version_rows = list(db.execute(select(versions)))
    engine.dispose()
    faults += [f"{row.url} is still pending" for row in entry_rows if row.outcome == "pending" or row.recheck]
    with Archive(settings.archive_folder) as archive:
        for row in (*entry_rows, *version_rows):
            if row.segment is not None:
                archive.read(PageRef(row.segment, row.offset, row.length, row.digest))
    _archived(home)
    outcomes = {(row.feed_id, row.url): (row.outcome, row.reason) for row in entry_rows}
    return Left(documents, outcomes, frozenset((row.article_id, row.number, row.content_hash) for row in version_rows)), faults


def _archived(home: Path) -> int:
    """The pages in the archive, read by warcio from the first byte to the last. Raises ArchiveLoadFailed for a digest that is wrong."""
    count = 0
    for path in sorted((home / "archive").glob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                record.content_stream().read()
                count += record.rec_type in ("response", "revisit")
    return count


def _compare(expected: Left, found: Left) -> list[str]:
    faults = [f"lost: {name}" for name in sorted(expected.documents.keys() - found.documents.keys())]
    faults += [f"too much: {name}" for name in sorted(found.documents.keys() - expected.documents.keys())]
    for name in sorted(expected.documents.keys() & found.documents.keys()):
        before, after = expected.documents[name], found.documents[name]
        changed = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
        faults += [f"{name} differs in {key}: {after.get(key)!r:.300}, not {before.get(key)!r:.300}" for key in changed]
    faults += [f"text lost: {text}" for text in sorted(expected.texts - found.texts)]
    faults += [f"text too much: {text}" for text in sorted(found.texts - expected.texts)]
    for key in sorted({*expected.outcomes, *found.outcomes}):
        if expected.outcomes.get(key) != found.outcomes.get(key):
            faults.append(f"{' '.join(key)} is {found.outcomes.get(key)}, not {expected.outcomes.get(key)}")
    return faults
