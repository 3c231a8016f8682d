"""`keoson ingest`, `demo` and `status`: runs in processes of their own, over HTTP, against the sample press."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from keoson.press.server import PressServer
from tests.cli.conftest import Ran, RunCli, environment, press_settings, run_process


def test_the_demo_shows_what_it_promises(demo: tuple[Path, Ran]) -> None:
    out = demo[1].out
    for line in (
        "feeds polled",
        "articles tagged",
        "duplicate",
        "rejected: no_text",
        "rejected: gone",
        "events found",
        "reports disagree on",
        "Try next",
    ):
        assert line in out
    assert out.count("$ keoson search") == 3
    assert int(out.strip().splitlines()[-1].removesuffix(" newly indexed")) >= 24


def test_a_second_demo_indexes_nothing_new(demo: tuple[Path, Ran], tmp_path: Path) -> None:
    again = run_process("demo", cwd=tmp_path, KEOSON_HOME=str(demo[0]))
    assert again.code == 0, again.err
    assert again.out.strip().splitlines()[-1] == "0 newly indexed"


def test_a_real_ingest_refuses_the_demo_home_and_the_reverse(cli: RunCli, demo: tuple[Path, Ran], tmp_path: Path) -> None:
    # no feed is asked: the home is refused before
    ran = run_process("ingest", cwd=tmp_path, KEOSON_HOME=str(demo[0]))
    assert ran.code == 2
    assert "demo data" in ran.complaint
    real = tmp_path / "real"
    real.mkdir()
    (real / "ledger.sqlite").write_bytes(b"")
    ran = run_process("demo", cwd=tmp_path, KEOSON_HOME=str(real))
    assert ran.code == 2
    assert "not marked as demo data" in ran.complaint


def test_ingest_prints_its_summary_as_json_and_status_agrees(press: PressServer, tmp_path: Path) -> None:
    settings = press_settings(press, tmp_path / "home")
    first = run_process("ingest", "--outlet", "truongson", "--outlet", "songlam", "--limit", "4", "--json", cwd=tmp_path, **settings).json
    assert first["counts_add_up"]
    assert first["newly_indexed"] + sum(first["rejected"].values()) == 4
    assert first["pending"] > 0
    second = run_process("ingest", "--outlet", "truongson", "--outlet", "songlam", "--json", cwd=tmp_path, **settings).json
    assert second["pending"] == 0
    assert {feed["outlet_id"] for feed in second["feeds"]} == {"truongson", "songlam"}
    status = run_process("status", "--json", cwd=tmp_path, **settings).json
    assert set(status) == {"runs", "days", "entries", "quarantined", "adds_up"}
    assert status["entries"]["seen"] == sum(count for name, count in status["entries"].items() if name != "seen")
    assert status["adds_up"]
    assert [run["state"] for run in status["runs"]] == ["completed", "completed"]
    assert [run["summary"]["newly_indexed"] for run in status["runs"]] == [second["newly_indexed"], first["newly_indexed"]]
    indexed = run_process("index", "status", "--json", cwd=tmp_path, **settings).json
    assert set(indexed) == {"backend", "where", "documents"}
    assert (
        indexed["documents"]["articles"]
        == first["newly_indexed"] + second["newly_indexed"]
        == sum(day["indexed"] for day in status["days"])
    )


def test_an_unknown_outlet_is_named_with_those_there_are(press: PressServer, tmp_path: Path) -> None:
    ran = run_process("ingest", "--outlet", "nosuch", cwd=tmp_path, **press_settings(press, tmp_path / "home"))
    assert ran.code == 2
    assert "no outlet is called nosuch; there are: anninhmientrung" in ran.complaint
    assert press.requests_seen == []


def test_when_every_feed_fails_ingest_fails(press: PressServer, tmp_path: Path) -> None:
    settings = press_settings(press, tmp_path / "home") | {"KEOSON_FETCH_ATTEMPTS": "1"}
    press.close()
    ran = run_process("ingest", "--outlet", "truongson", cwd=tmp_path, **settings)
    assert ran.code == 1
    assert "every feed failed" in ran.complaint
    assert "truongson" in ran.out


def test_an_unreachable_elasticsearch_keeps_the_pages_that_were_fetched(press: PressServer, tmp_path: Path) -> None:
    settings = press_settings(press, tmp_path / "home")
    ran = run_process("ingest", "--outlet", "truongson", cwd=tmp_path, KEOSON_ELASTICSEARCH_URL="http://127.0.0.1:9", **settings)
    assert ran.code == 1
    assert "http://127.0.0.1:9 cannot be reached" in ran.err.strip().splitlines()[-1]
    asked = len(press.requests_seen)
    again = run_process("ingest", "--outlet", "truongson", "--json", cwd=tmp_path, **settings).json
    assert again["newly_indexed"] > 0
    pages = [seen.path for seen in press.requests_seen[asked:] if seen.status == 200 and seen.path != "/robots.txt"]
    assert pages == [], "fetched again although they are in the archive"


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"KEOSON_BATCH_SIZE": "many"}, "KEOSON_BATCH_SIZE"),
        ({"KEOSON_ELASTICSEARCH_URL": "localhost:9200"}, "must begin with http"),
        ({"KEOSON_CONFIG": "missing.toml"}, "missing.toml"),
        ({"KEOSON_INDEX_PREFIX": "Über"}, "KEOSON_INDEX_PREFIX"),
    ],
)
def test_a_wrong_setting_is_refused_at_start(cli: RunCli, settings: dict[str, str], complaint: str) -> None:
    ran = cli("search", "x", **settings)
    assert ran.code == 2
    assert complaint in ran.complaint


def test_sigterm_ends_an_ingest_and_the_next_one_finishes(press: PressServer, tmp_path: Path) -> None:
    settings = press_settings(press, tmp_path / "home")
    with subprocess.Popen(
        [sys.executable, "-m", "keoson", "ingest"], cwd=tmp_path, env=environment(**settings), stdout=subprocess.PIPE, text=True
    ) as running:
        while len(press.requests_seen) < 20 and running.poll() is None:  # the feeds are read, pages are being fetched
            time.sleep(0.01)
        running.send_signal(signal.SIGTERM)
        running.communicate()
    assert running.returncode == 143
    status = run_process("status", "--json", cwd=tmp_path, **settings).json
    assert [run["state"] for run in status["runs"]] == ["interrupted"]
    assert run_process("ingest", "--json", cwd=tmp_path, **settings).json["pending"] == 0


def test_status_before_anything_ran(cli: RunCli, tmp_path: Path) -> None:
    assert "keoson ingest" in cli("status", home=tmp_path / "none").out
    assert cli("status", "--json", home=tmp_path / "none").json == {
        "runs": [],
        "days": [],
        "entries": {},
        "quarantined": {},
        "adds_up": True,
    }


def test_a_rebuilt_index_says_what_was_kept_aside(cli: RunCli, demo: tuple[Path, Ran], tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo[0], home)
    before = cli("index", "status", "--json", home=home).json["documents"]
    (home / "index" / "schema.json").write_text(json.dumps({"schema": "0123456789abcdef"}), encoding="utf-8")
    ran = cli("search", "ma tuy", home=home)
    assert ran.code == 1
    assert "keoson index rebuild" in ran.complaint
    rebuilt = run_process("index", "rebuild", "--json", cwd=tmp_path, KEOSON_HOME=str(home)).json
    assert {kind: rebuilt[kind] for kind in before} == before
    assert [Path(path).name.startswith("index.old-") for path in rebuilt["kept_aside"]] == [True]
    assert cli("search", "ma tuy", "--json", home=home).json["total"] > 0


def test_outlets_are_listed(cli: RunCli) -> None:
    found = cli("outlets", "--json").json
    assert {"id", "name", "country", "language", "feeds"} <= set(found[0])
    assert found[0]["id"] in cli("outlets").out


def test_outlets_of_the_catalogue_are_an_overview_and_their_feeds_are_shown_when_they_are_named(tmp_path: Path) -> None:
    def outlets(*words: str) -> Ran:
        return run_process("outlets", *words, cwd=tmp_path, KEOSON_HOME=str(tmp_path / "home"))

    overview = outlets()
    assert overview.code == 0
    assert len(overview.out.splitlines()) < 100, "one line an outlet"
    assert "https://" not in overview.out
    one = outlets("baonghean")
    assert "https://baonghean.vn/phap-luat" in one.out
    assert "https://kpl.gov.la" not in one.out
    assert "did you mean baonghean " in outlets("baongehan").complaint


def test_an_outlet_without_a_feed_that_is_on_is_not_ingested_in_silence(tmp_path: Path) -> None:
    ran = run_process("ingest", "--outlet", "pathetlao", cwd=tmp_path, KEOSON_HOME=str(tmp_path / "home"))
    assert ran.code == 2
    assert "no feed of pathetlao is on" in ran.complaint
