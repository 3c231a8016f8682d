"""What is printed and written: JSON, errors, floors, history, the browser, the command; and what the test part refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from extractors.errors import InputError
from keoson.evaluation.browser import browser_page
from keoson.evaluation.command import evaluate_command
from keoson.evaluation.evaluation import Evaluation, evaluate
from keoson.evaluation.metrics import METRICS
from keoson.evaluation.report import SealedError, append_history, as_json, below_floors, error_lines, tables
from tests.evaluation.made_up import TEXT, event, line, tags, write_folder

ATTACK = "</script><script>alert(1)</script><!-- "


def evaluated(folder: Path, text: str = TEXT, **changes: Any) -> Evaluation:
    return evaluate(write_folder(folder, [line()], {"a-1": text}), lambda item: tags(item.id, **changes), resamples=20)


def test_tables_and_json_have_every_metric(tmp_path: Path) -> None:
    evaluation = evaluated(tmp_path / "train")
    console = Console(width=200, record=True, file=(tmp_path / "out").open("w"))
    for table in tables(evaluation):
        console.print(table)
    printed = console.export_text()
    document = json.loads(json.dumps(as_json(evaluation, errors=True)))
    for metric in METRICS:
        if metric.name != "false_dates":
            assert metric.name in printed
            assert metric.name in document["totals"]
        assert document["definitions"][metric.name]
    assert document["totals"]["events"] == {
        "precision": 1,
        "recall": 1,
        "f1": 1,
        "interval": [1, 1],
        "found": 2,
        "spurious": 0,
        "missed": 0,
    }
    assert document["totals"]["status"] == {"rate": 1, "interval": [1, 1], "hits": 1, "cases": 1}
    assert document["errors"] == []


def test_errors_name_what_was_missed_and_spurious(tmp_path: Path) -> None:
    lines = list(error_lines(evaluated(tmp_path / "train", events=[event("visit")], persons=[])))
    assert lines[0] == "a-1 (vi)"
    assert "  - persons: Lê Văn Thử" in lines
    assert "  + event_types: visit" in lines


@pytest.mark.parametrize("show", [lambda one: as_json(one, errors=True), lambda one: list(error_lines(one)), browser_page])
def test_the_test_part_shows_totals_only(tmp_path: Path, show: Any) -> None:
    evaluation = evaluated(tmp_path / "test", events=[], persons=[])
    with pytest.raises(SealedError):
        show(evaluation)
    shown = json.dumps(as_json(evaluation, errors=False), ensure_ascii=False)
    assert "Lê Văn Thử" not in shown
    assert "a-1" not in shown


def test_floors_name_each_metric_that_falls_short(tmp_path: Path) -> None:
    evaluation = evaluated(tmp_path / "train", events=[event(), event("visit")])
    floors = tmp_path / "floors.toml"
    floors.write_text("[floors]\npersons = 1.0\nevent_types = {precision = 0.5, recall = 0.6}\nfalse_dates = 0.1\n", encoding="utf-8")
    assert below_floors(evaluation, floors) == [
        "event_types: recall 0.500 is below the floor 0.6",
        "false_dates: rate could not be measured, 0.1 is wanted",
    ]
    for wrong in ("persons = 1", "[floors]\nunknown = 1", "[floors]\nstatus = {recall = 1}", "[floors]\npersons = true", "no toml"):
        floors.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError):
            below_floors(evaluation, floors)


def test_a_metric_where_lower_is_better_has_a_ceiling(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "train", [line(events=[event(date_start=None, date_end=None)])])
    evaluation = evaluate(folder, lambda item: tags(item.id), resamples=5)
    floors = tmp_path / "floors.toml"
    floors.write_text("[floors]\nfalse_dates = 0.1\n", encoding="utf-8")
    assert below_floors(evaluation, floors) == ["false_dates: rate 1.000 is above the ceiling 0.1"]


def test_history_is_appended_to_what_stands_there(tmp_path: Path) -> None:
    evaluation = evaluated(tmp_path / "test")
    history = tmp_path / "HISTORY.md"
    history.write_text("# History\nkept", encoding="utf-8")
    for date in ("2026-01-01", "2026-01-02"):
        append_history(evaluation, history, date=date, commit="abc1234")
    lines = history.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["# History", "kept"]
    assert sum(one.startswith("| date |") for one in lines) == 1
    assert [one[:35] for one in lines[-2:]] == ["| 2026-01-01 | abc1234 | test | 1 |", "| 2026-01-02 | abc1234 | test | 1 |"]
    assert len({one.count("|") for one in lines if one.startswith("|")}) == 1


def test_the_browser_is_one_page_that_no_text_can_break_out_of(tmp_path: Path) -> None:
    page = browser_page(evaluated(tmp_path / "train", TEXT + ATTACK, notes=""))
    assert ATTACK not in page
    assert page.count("<script") == page.count("</script>") == 1
    assert not re.search(r"""(src|href)=|@import|url\(|innerHTML|fetch\(""", page)
    data = re.search(r"^const DATA = (.*);$", page, re.M)
    assert data
    (item,) = json.loads(data[1])["items"]
    assert item["text"] == TEXT + ATTACK
    spans = {(span["kind"], item["text"][span["start"] : span["end"]]) for span in item["gold"]["spans"]}
    assert {
        ("event", "họp bàn"),
        ("date", "Ngày 3/7/2023"),
        ("person", "Lê Văn Thử"),
        ("party", "Sở An Lạc"),
        ("place", "Nghệ An"),
    } <= spans


def command() -> typer.Typer:
    app = typer.Typer()
    app.command("evaluate")(evaluate_command)
    return app


def test_the_command_tags_scores_and_writes(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "train", [line()])
    page, history, floors = tmp_path / "report.html", tmp_path / "HISTORY.md", tmp_path / "floors.toml"
    floors.write_text("[floors]\npersons = 1.1\n", encoding="utf-8")
    options = [str(folder), "--json", "--errors", "--html", str(page), "--history", str(history), "--floors", str(floors)]
    result = CliRunner().invoke(command(), options)
    assert result.exit_code == 1, result.output
    document = json.loads(result.stdout)
    assert document["items"] == 1
    assert "errors" in document
    assert re.search(r"persons: f1 .* floor 1\.1", result.stderr)
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "| train | 1 |" in history.read_text(encoding="utf-8")


def test_the_command_refuses_errors_of_the_test_part_before_it_tags(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "test", [line()])
    for option in (["--errors"], ["--html", str(tmp_path / "r.html")]):
        result = CliRunner().invoke(command(), [str(folder), *option])
        assert isinstance(result.exception, SealedError)
    assert not (tmp_path / "r.html").exists()
    assert CliRunner().invoke(command(), [str(folder)]).exit_code == 0


def test_the_help_defines_every_metric() -> None:
    printed = CliRunner().invoke(command(), ["--help"]).stdout
    for metric in METRICS:
        assert f"{metric.name}:" in printed
