from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from extractors.errors import ExtractionError
from flows.extraction import ExtractionPool, Failed
from tests.flows import extraction_jobs


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_results_come_in_order_and_bad_jobs_cost_only_themselves() -> None:
    jobs = [0, "hang", 1, "die", 2, "raise", *range(3, 40)]
    with ExtractionPool(extraction_jobs.echo, Failed, workers=2, deadline=1.0) as pool:
        results = list(pool.run(jobs))
        again = list(pool.run([1]))
    assert [result.reason if isinstance(result, Failed) else result[0] for result in results] == [
        0, "extraction_deadline", 1, "extraction_crashed", 2, "extraction_failed", *range(3, 40),
    ]  # fmt: skip
    assert "exit code 7" in results[3].message
    assert results[5].message == "ValueError: as told"
    assert again[0][0] == 1


def test_pathological_pages_are_cut_off_and_the_rest_goes_on() -> None:
    # 100,000 paragraphs take trafilatura more than 20 s (notes/flow.md, section 3).
    hostile = b"<html><body>" + b"<p>word word word</p>" * 100_000 + b"</body></html>"
    paragraphs = "".join(f"<p>Paragraph {number} has quite enough plain words in it to be taken for text.</p>" for number in range(8))
    plain = f"<html><body><article>{paragraphs}</article></body></html>".encode()
    with ExtractionPool(extraction_jobs.extract, Failed, workers=2, deadline=2.0) as pool:
        first, *rest = pool.run([hostile, *[plain] * 20])
    assert isinstance(first, Failed)
    assert first.reason == "extraction_deadline"
    assert all(isinstance(length, int) and length > 100 for length in rest)


def test_workers_are_replaced_after_their_share_of_jobs() -> None:
    with ExtractionPool(extraction_jobs.echo, Failed, workers=1, deadline=20, jobs_per_worker=3) as pool:
        pids = [result[1] for result in pool.run(range(7)) if not isinstance(result, Failed)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]


def test_jobs_are_taken_as_they_are_needed() -> None:
    taken = []

    def source() -> object:
        for number in range(10_000):
            taken.append(number)
            yield number

    with ExtractionPool(extraction_jobs.echo, Failed, workers=1, deadline=20) as pool:
        results = pool.run(source())  # type: ignore[arg-type]
        assert next(results)[0] == 0  # type: ignore[index]
        assert len(taken) < 200
        results.close()  # type: ignore[attr-defined]
        assert [result[0] for result in pool.run(["x"])] == ["x"]  # type: ignore[index]


def test_a_worker_that_cannot_start_is_an_error() -> None:
    pool = ExtractionPool(extraction_jobs.echo, Failed, workers=1, deadline=5, warm=extraction_jobs.broken_start)
    with pool, pytest.raises(ExtractionError, match="exit code 3"):
        list(pool.run([1]))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_its_parent(tmp_path: Path, how: signal.Signals) -> None:
    note = tmp_path / "pid"
    program = (
        "import sys; from pathlib import Path\n"
        "from flows.extraction import ExtractionPool, Failed\n"
        "from tests.flows.extraction_jobs import note_start\n"
        "with ExtractionPool(note_start, Failed, workers=1, deadline=300) as pool: list(pool.run([Path(sys.argv[1])]))\n"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", program, str(note)], cwd=root, stderr=subprocess.DEVNULL) as parent:
        while not (note.exists() and note.read_text()):
            assert parent.poll() is None
            time.sleep(0.02)
        worker = int(note.read_text())
        assert alive(worker)
        os.kill(parent.pid, how)
        parent.wait()
    until = time.monotonic() + 30
    while alive(worker) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(worker)
