"""`keoson backfill` and `keoson coverage` as people type them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.backfill.past_press import PastPress
from tests.cli.conftest import Ran, environment, press_settings, run_process

# The sample press's own sitemap lists 6 articles of Báo Trường Sơn; the past's are not in its packaged outlet file, so a list names them.


@pytest.fixture
def listed(past: PastPress, tmp_path: Path) -> Path:
    """A list of a few articles of the past."""
    path = tmp_path / "list.csv"
    rows = [f"{one.url},{one.published.isoformat()}" for one in past.of("truongson", "2023-01", "2023-02", "2024-05")]
    path.write_text("\n".join(["url,date", *rows]), encoding="utf-8")
    return path


def keoson(past: PastPress, home: Path, *words: str, **changes: str) -> Ran:
    return run_process(*words, cwd=home.parent, **(press_settings(past.server, home) | changes))


def test_from_a_dry_run_to_coverage(past: PastPress, listed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    dry = keoson(past, home, "backfill", str(listed), "--dry-run")
    assert dry.code == 0, dry.err
    assert "6 articles found, 0 of them known before, 0 taken in, 6 to be fetched" in dry.out
    assert "truongson.press.test (6)" in dry.out
    assert "dry run: nothing was fetched" in dry.out
    done = keoson(past, home, "backfill", str(listed), "--json")
    assert (done.json["found"], done.json["taken"], done.json["complete"], done.json["counts_add_up"]) == (6, 6, True, True)
    assert done.json["run"]["rejected"] == {"gone": 2}
    coverage = keoson(past, home, "coverage", "--since", "2023", "--until", "2024-12", "--json").json
    shown = {month["month"]: (month["announced"], month["indexed"], month["missing"]) for month in coverage["months"] if month["announced"]}
    assert shown == {"2023-01": (2, 2, 0), "2023-02": (2, 2, 0), "2024-05": (2, 0, 2)}
    missing = keoson(past, home, "coverage", "--since", "2023", "--until", "2024", "--missing").out.splitlines()
    assert missing[0] == "outlet,date,url,state"
    assert [line.split(",")[2] for line in missing[1:]] == sorted(one.url for one in past.of("truongson", "2024-05"))
    table = keoson(past, home, "coverage", "--since", "2023", "--until", "2024")
    assert "0 of 24 outlet-months are covered" in table.out
    # A list says nothing of what else there was in these months: a search over them says that.
    found = keoson(past, home, "search", "", "--since", "2023-01", "--until", "2023-03", "--json").json
    assert found["total"] == 4
    assert found["coverage"] == {"covered_outlet_months": 0, "outlet_months": 3, "share": 0.0}
    told = keoson(past, home, "search", "", "--since", "2023-01", "--until", "2023-03")
    assert "0 of 3 outlet-months of this time are covered" in told.out
    assert "coverage" not in keoson(past, home, "search", "", "--json").json


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "2024-05", "--until", "2024-04"), "exchange them"),
        (("--since", "2999"), "lies in the future"),
        (("--outlet", "truongsom", "--since", "2024"), "no outlet is called truongsom"),
        (("no-such.csv",), "no-such.csv is not a file"),
        (("--resume",), "no backfill is unfinished"),
        (("--resume", "--since", "2024"), "leave out everything else"),
        (("--since", "2024", "--prefect"), "--prefect needs PREFECT_API_URL"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(past: PastPress, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    ran = keoson(past, tmp_path / "home", "backfill", *words)
    assert ran.code == 2
    assert said in ran.complaint


def test_ctrl_c_says_how_to_go_on_and_resume_does(past: PastPress, listed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = press_settings(past.server, home) | {"KEOSON_HOST_DELAY_SECONDS": "30", "KEOSON_HOST_WAIT_SECONDS": "1"}
    seen = len(past.server.requests_seen)
    process = subprocess.Popen(
        [sys.executable, "-m", "keoson", "backfill", str(listed)], cwd=tmp_path, env=environment(**settings), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while process.poll() is None and len(past.server.requests_seen) == seen:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors.strip().splitlines()[-1] == "keoson: stopped; what was fetched is kept. Go on with: keoson backfill --resume"
    resumed = keoson(past, home, "backfill", "--resume", "--json")
    assert (resumed.json["found"], resumed.json["complete"], resumed.json["waiting"]) == (6, True, 0)
    assert json.loads(keoson(past, home, "status", "--json").out)["adds_up"]
