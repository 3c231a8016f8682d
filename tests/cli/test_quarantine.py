"""`keoson quarantine` on the sample press, with pages that fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.ledger import Ledger
from tests.cli.conftest import Ran, RunCli


@pytest.fixture
def home(cli: RunCli, tmp_path: Path) -> Path:
    """A home whose ledger has three quarantined entries, 1 to 3, of two outlets and with two reasons."""
    from extractors.records import Entry, Feed, Outlet
    from flows.ledger import Poll

    home = tmp_path / "home"
    with Ledger(f"sqlite:///{home / 'ledger.sqlite'}") as ledger:
        run = ledger.runs.start()
        for name, pages in (("bao_a", ("x", "y")), ("bao_b", ("z",))):
            feed = Feed(f"{name}/0", name, f"http://{name}.test/0", "rss")
            outlet = Outlet(name, name, "vi", "VN", feed.url, (f"{name}.test",), "Asia/Ho_Chi_Minh", (feed,))
            entries = tuple(Entry(feed.id, f"http://{name}.test/{page}", f"Bài {page}") for page in pages)
            ledger.feeds.register_polls(run, [Poll(feed, "ok", entries)], {name: outlet})
        rows = ledger.rows(ledger.take_work(run, ["bao_a", "bao_b"]))
        for row, reason in zip(rows, ("timeout", "challenge", "timeout"), strict=True):
            ledger.record_failure(row.id, reason, f"{row.url}: no answer", final=True)
        ledger.runs.end(run, "completed", None)
    return home


def test_what_is_there_and_why(cli: RunCli, home: Path) -> None:
    told = cli("quarantine", "list", "--json", home=home).json
    assert told["totals"] == {"challenge": 1, "timeout": 2}
    assert [(one["id"], one["outlet_id"], one["reason"], one["quarantines"]) for one in told["entries"]] == [
        (1, "bao_a", "timeout", 1), (2, "bao_a", "challenge", 1), (3, "bao_b", "timeout", 1)
    ]  # fmt: skip
    assert all(one["next_try"] for one in told["entries"])
    chosen = cli("quarantine", "list", "--outlet", "bao_a", "--reason", "timeout", "--json", home=home).json
    assert [one["id"] for one in chosen["entries"]] == [1]
    table = cli("quarantine", "list", home=home).out
    assert "Bài x" in table
    assert "3 of 3 in quarantine: 1 challenge, 2 timeout" in table
    assert "in quarantine: 1 challenge, 2 timeout" in cli("status", home=home).out


def test_one_is_shown_with_its_error(cli: RunCli, home: Path) -> None:
    shown = cli("quarantine", "show", "3", home=home).out
    assert "http://bao_b.test/z: no answer" in shown
    assert cli("quarantine", "show", "1", "2", "--json", home=home).json[1]["url"] == "http://bao_a.test/y"


def counts(cli: RunCli, home: Path) -> dict[str, int]:
    told = cli("status", "--json", home=home).json
    assert told["adds_up"]
    return {name: count for name, count in told["entries"].items() if count}


def test_retry_and_drop_move_what_is_named_and_the_counts_add_up(cli: RunCli, home: Path) -> None:
    assert counts(cli, home) == {"seen": 3, "quarantined": 3}
    assert cli("quarantine", "retry", "--reason", "timeout", "--outlet", "bao_a", "--json", home=home).json == {"retried": 1}
    assert counts(cli, home) == {"seen": 3, "quarantined": 2, "pending": 1}
    assert "1 dropped" in cli("quarantine", "drop", "2", home=home).out
    assert counts(cli, home) == {"seen": 3, "quarantined": 1, "pending": 1, "rejected": 1}
    assert cli("quarantine", "retry", "--all", "--json", home=home).json == {"retried": 1}
    assert cli("quarantine", "list", home=home).out.strip() == "0 of 0 in quarantine: none"


def refused(ran: Ran) -> str:
    assert ran.code == 2
    return ran.complaint


def test_what_is_not_there_and_what_names_nothing_is_refused(cli: RunCli, home: Path, tmp_path: Path) -> None:
    assert "not in quarantine: 17, 18" in refused(cli("quarantine", "retry", "1", "17", "18", home=home))
    assert counts(cli, home) == {"seen": 3, "quarantined": 3}, "nothing is done when one of several is wrong"
    for command in ("retry", "drop"):
        assert "or say --all" in refused(cli("quarantine", command, home=home))
    assert "nothing has run yet" in refused(cli("quarantine", "list", home=tmp_path / "none"))
