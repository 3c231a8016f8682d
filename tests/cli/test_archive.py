"""`keoson archive`: the pages of the demo as they were fetched."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from extractors.records import Page
from flows.archive import Archive
from tests.cli.conftest import RunCli, environment

ADDRESS = "http://a.test/bai.html"
DAYS = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 5, 9)]
BODIES = ["<p>Bài</p>".encode("cp1258"), b"<p>second</p>", b"<p>third</p>"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Three fetches of one page on three days, the last with the body of another page; the second by a redirect."""
    days = iter((*DAYS, DAYS[2]))
    with Archive(tmp_path / "home" / "archive", now=lambda: next(days)) as archive:
        for at, body in zip(DAYS, BODIES, strict=True):
            headers = (("content-type", "text/html; charset=windows-1258"), ("x-day", str(at.day)))
            if at == DAYS[2]:
                archive.append(Page("https://b.test/%5F_x", "https://b.test/%5F_x", 200, (), body, at - timedelta(hours=1)))
            asked = "http://a.test/alt" if at == DAYS[1] else ADDRESS
            archive.append(Page(asked, ADDRESS, 200, headers, body, at))
    return tmp_path / "home"


def test_pages_are_listed_by_address_and_time(cli: RunCli, home: Path) -> None:
    lines = cli("archive", "list", home=home).out.splitlines()
    assert [line.split()[-1] for line in lines] == ["http://a.test/alt", ADDRESS, ADDRESS, "https://b.test/%5F_x"]
    assert [line[:16] for line in lines] == ["2026-03-05 12:00", "2026-03-01 12:00", "2026-03-09 12:00", "2026-03-09 11:00"]
    assert ["same" in line for line in lines] == [False, False, True, False]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (("--address-prefix", "http://a.test/bai"), [1, 2]),
        (("--address-prefix", "https://b.test/%5F_"), [3]),
        (("--address-prefix", "https://b.test/%5FX"), []),
        (("--since", "2026-03-05"), [0, 2, 3]),
        (("--until", "2026-03-05"), [0, 1]),
        (("--since", "2026-03-02", "--until", "2026-03-08"), [0]),
        (("--since", "2027"), []),
        (("--limit", "2"), [0, 1]),
        (("--limit", "0"), [0, 1, 2, 3]),
    ],
)
def test_the_list_is_narrowed_by_address_and_days(cli: RunCli, home: Path, options: tuple[str, ...], numbers: list[int]) -> None:
    every = cli("archive", "list", "--json", home=home).json
    assert cli("archive", "list", "--json", *options, home=home).json == [every[number] for number in numbers]
    assert cli("archive", "list", *options, home=home).code == 0


def test_an_outlets_pages_are_those_of_its_hosts(cli: RunCli) -> None:
    found = cli("archive", "list", "--outlet", "songlam", "--json", "--limit", "0").json
    assert found
    assert all(page["address"].startswith("http://songlam.press.test/") for page in found)
    assert len(found) < len(cli("archive", "list", "--json", "--limit", "0").json)
    assert "songlam" in cli("archive", "list", "--outlet", "songlan").complaint


def test_json_tells_where_a_page_lies(cli: RunCli, home: Path) -> None:
    page = cli("archive", "list", "--json", home=home).json[2]
    assert {name: page[name] for name in ("address", "final_address", "status", "media_type", "same", "segment")} == {
        "address": ADDRESS,
        "final_address": ADDRESS,
        "status": 200,
        "media_type": "text/html",
        "same": True,
        "segment": "keoson-20260309-00.warc.gz",
    }
    assert page["fetched_at"] == "2026-03-09T12:00:00+00:00"


@pytest.mark.parametrize(("at", "number"), [(None, 2), ("2026", 2), ("2026-03-08", 1), ("2026-03-05", 1)])
def test_a_page_is_shown_as_of_a_date(cli: RunCli, home: Path, at: str | None, number: int) -> None:
    ran = cli("archive", "show", ADDRESS, *(("--at", at) if at else ()), home=home)
    assert (ran.code, ran.out) == (0, BODIES[number].decode())


def test_a_page_is_shown_byte_for_byte(home: Path) -> None:
    command = [sys.executable, "-m", "keoson", "archive", "show", ADDRESS, "--at", "2026-03-01"]
    ran = subprocess.run(command, env=environment(KEOSON_HOME=str(home)), cwd=home, capture_output=True, check=True)
    assert ran.stdout == BODIES[0]
    assert b"\xe0" in ran.stdout


def test_headers_are_shown_instead_of_the_page(cli: RunCli, home: Path) -> None:
    lines = cli("archive", "show", "http://a.test/alt", "--headers", home=home).out.splitlines()
    assert lines == [
        "HTTP/1.1 200",
        "content-type: text/html; charset=windows-1258",
        "x-day: 5",
        "x-fetched-at: 2026-03-05T12:00:00+00:00",
        f"x-final-address: {ADDRESS}",
    ]


def test_what_is_not_there_is_said_with_the_way_on(cli: RunCli, home: Path, tmp_path: Path) -> None:
    assert "archive list" in cli("archive", "show", "http://a.test/none", home=home).complaint
    assert "first fetched on 2026-03-01, after 2026-02" in cli("archive", "show", ADDRESS, "--at", "2026-02", home=home).complaint
    assert "holds no page" in cli("archive", "show", ADDRESS, home=tmp_path / "new").complaint
    assert "no date" in cli("archive", "show", ADDRESS, "--at", "gestern", home=home).complaint
    assert cli("archive", "list", home=tmp_path / "new").out.startswith("no such page in ")
    assert cli("archive", "list", "--json", home=tmp_path / "new").json == []
    assert not (tmp_path / "new").exists()


def test_pruning_needs_a_limit_and_says_what_it_does(cli: RunCli, home: Path, tmp_path: Path) -> None:
    ran = cli("archive", "prune", home=home)
    assert ran.code == 2
    assert "KEOSON_ARCHIVE_RETENTION_DAYS" in ran.complaint
    assert "nothing has been archived" in cli("archive", "prune", "--days", "9", home=tmp_path / "new").out
    planned = cli("archive", "prune", "--days", "1", "--dry-run", "--json", home=home).json
    assert (planned["dry_run"], planned["pages"], len(planned["segments"])) == (True, 4, 3)
    assert len(cli("archive", "list", "--json", home=home).json) == 4
    said = cli("archive", "prune", KEOSON_ARCHIVE_RETENTION_DAYS="1", home=home).out
    assert "4 pages gone" in said
    assert cli("archive", "list", "--json", home=home).json == []
