"""The checks of the gold set, and assembling it from drafts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keoson.evaluation.check import check_gold, main
from keoson.evaluation.gold import read_gold
from keoson.evaluation.soundness import problems_of
from tests.evaluation.made_up import TEXT, event, line, write_folder

SCRIPT = Path(__file__).parents[2] / "scripts" / "assemble_gold.py"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"events": [event(evidence=["không có trong bài"])]}, "events.0.evidence.0: does not stand in the text"),
        ({"events": [event(date_text="4/7")]}, "events.0.date_text: does not stand in the text"),
        ({"events": [event(persons=["Ai Đó"])]}, "events.0.persons.0: is not among persons"),
        ({"events": [event(date_start="2023-07-05")]}, "events.0.date_end: lies before date_start"),
        ({"events": [event(parties=[{"name": "Sở Bình Lạc", "admin1": None, "country": "VN"}])]}, None),  # a coordinated head written out
        (
            {"events": [event(parties=[{"name": "Sở Khác", "admin1": None, "country": "VN"}])]},
            "events.0.parties.0.name: has words that do not stand",
        ),
        (
            {"events": [event(parties=[{"name": "Sở An Lạc", "admin1": "Nghệ Anh", "country": "VN"}])]},
            "events.0.parties.0.admin1: is no province",
        ),
        ({"events": [event(status="cancelled")]}, "relevant: does not fit the status of the events"),
        ({"events": [], "relevant": False}, "hard_negative: an irrelevant item names its kind"),
        ({"places": [{"name": "Nghệ An", "id": "VN-XX", "admin1": None, "country": "VN"}]}, "places.0.id: is not in the gazetteer"),
        (
            {"places": [{"name": "Nghệ An", "id": "VN-22", "admin1": None, "country": "LA"}]},
            "places.0.country: is not the country of the id",
        ),
        (
            {"places": [{"name": "Nghệ An", "id": "VN-22", "admin1": "Hà Tĩnh", "country": "VN"}]},
            "places.0.admin1: is not the province of the id",
        ),
    ],
)
def test_problems_name_the_field_and_no_value(tmp_path: Path, changes: dict[str, Any], problem: str | None) -> None:
    (item,) = read_gold(write_folder(tmp_path / "train", [line(**changes)]))
    found = problems_of(item)
    if problem is None:
        assert found == []
    else:
        assert [one[: len(problem)] for one in found] == [problem]


def gold_set(folder: Path, **test_index: Any) -> Path:
    write_folder(folder / "train", [line("a-1", event_group="g-1")])
    write_folder(folder / "test", [line("b-1", event_group="g-2")], **({"outlet": "outlet-b"} | test_index))
    (folder / "outlet_parts.csv").write_text("outlet,part\noutlet-a,train\noutlet-b,test\n", encoding="utf-8")
    return folder


def test_a_sound_set_has_no_problems_and_quotas_that_are_counted(tmp_path: Path) -> None:
    problems, quotas = check_gold(gold_set(tmp_path), None)
    assert problems == []
    found = {quota.name: quota.found for quota in quotas}
    assert (found["items"], found["outlets"], found["type meeting"], found["type visit"], found["year 2023"]) == (2, 2, 2, 0, 2)
    assert (found["several events in a text"], found["items of the test part"], found["items marked twice"]) == (2, 1, 0)
    assert not any(quota.met for quota in quotas if quota.name == "items")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda gold: _replace(gold / "test", '"g-2"', '"g-1"'), "event group stands in test and train"),
        (lambda gold: _replace(gold / "test", "example.org/b-1", "example.org/a-1"), "page stands in test and train"),
        (lambda gold: _replace(gold / "test", "outlet-b", "outlet-a"), "its outlet belongs to train"),
        (lambda gold: _replace(gold / "test", "outlet-b", "outlet-c"), "its outlet belongs to no part"),
        (lambda gold: write_folder(gold / "first", [line("c-1")], url="https://example.org/b-1"), "first/c-1: its page stands in test"),
        (
            lambda gold: write_folder(gold / "practice", [line("d-1")], url="https://example.org/b-1"),
            "practice/d-1: its page stands in test",
        ),
    ],
)
def test_overlap_between_parts_is_found(tmp_path: Path, change: Callable[[Path], object], problem: str) -> None:
    gold = gold_set(tmp_path)
    change(gold)
    problems, _ = check_gold(gold, None)
    assert any(problem in one for one in problems)


def _replace(folder: Path, old: str, new: str) -> None:
    for name in ("gold.jsonl", "index.jsonl"):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_eight_words_shared_with_a_seed_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    words = TEXT.split()
    (seeds / "a.txt").write_text(" ".join(words[3:10]), encoding="utf-8")
    gold = gold_set(tmp_path / "gold")
    assert check_gold(gold, seeds)[0] == []
    (seeds / "a.txt").write_text(" ".join(words[3:11]), encoding="utf-8")
    assert len(check_gold(gold, seeds)[0]) == 2
    assert main([str(gold), "--seeds", str(seeds)]) == 1
    printed = capsys.readouterr().out
    assert "test/b-1: text: shares a run of eight words with a seed" in printed
    assert "TOO FEW" in printed
    assert words[5] not in printed


def draft(folder: Path, record: dict[str, Any], outlet: str, text: str = TEXT) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    index = {"url": f"https://example.org/{record['id']}", "outlet": outlet, "published": "2023-07-04", "hard_negative": None}
    (folder / f"{record['id']}.json").write_text(json.dumps(record | index), encoding="utf-8")
    (folder / f"{record['id']}.txt").write_text(text, encoding="utf-8")


def assemble(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True)


def test_drafts_become_parts_with_second_marks_and_adjudications(tmp_path: Path) -> None:
    gold, one, two = tmp_path / "gold", tmp_path / "w1" / "items", tmp_path / "w2"
    gold.mkdir()
    (gold / "outlet_parts.csv").write_text("outlet,part\nouter,development\n", encoding="utf-8")
    draft(one, line("a-2"), "outer")
    draft(one, line("a-1"), "outer")
    # sha256("new-outlet") decides: the part it is given is written down and kept.
    draft(two, line("b-1"), "new-outlet")
    second, decisions = tmp_path / "second.jsonl", tmp_path / "decisions.jsonl"
    second.write_text(json.dumps(line("a-1", persons=[])) + "\n", encoding="utf-8")
    decisions.write_text(json.dumps({"id": "a-1", "changes": {"events.0.status": "planned"}, "reason": "made up"}) + "\n", encoding="utf-8")
    arguments = ["--gold", str(gold), str(one.parent), str(two)]
    result = assemble(*arguments, "--second", str(second), "--adjudications", str(decisions))
    assert result.returncode == 0, result.stderr
    items = read_gold(gold / "development")
    assert [item.id for item in items][:2] == ["a-1", "a-2"]
    assert items[0].marks.events[0].status == "planned"
    (kept,) = [json.loads(one) for one in (gold / "development" / "adjudications.jsonl").read_text(encoding="utf-8").splitlines()]
    assert kept["before"] == {"events.0.status": "occurred"}
    assert "new-outlet," in (gold / "outlet_parts.csv").read_text(encoding="utf-8")
    # Again, without naming them: what lies in the set is carried over, and nothing changes.
    before = {path: path.read_bytes() for path in gold.rglob("*") if path.is_file()}
    assert assemble(*arguments).returncode == 0
    assert {path: path.read_bytes() for path in gold.rglob("*") if path.is_file()} == before
    assert check_gold(gold, None)[0] == []


def test_an_unsound_draft_is_refused_and_nothing_written(tmp_path: Path) -> None:
    gold = tmp_path / "gold"
    gold.mkdir()
    draft(tmp_path / "w", line("a-1", events=[event(evidence=["không có"])]), "outer")
    result = assemble("--gold", str(gold), str(tmp_path / "w"))
    assert result.returncode == 1
    assert "a-1: events.0.evidence.0: does not stand in the text" in result.stderr
    assert list(gold.iterdir()) == []
