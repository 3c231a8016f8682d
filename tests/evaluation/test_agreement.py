"""Agreement: alpha against published and hand-worked values, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keoson.evaluation.agreement import agreement, krippendorff_alpha, main, read_markings
from keoson.evaluation.gold import GoldError
from keoson.evaluation.goldset import get_path, set_paths
from tests.evaluation.made_up import event, line, write_folder


def test_alpha_of_the_textbook_example() -> None:
    # Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), example A: 10 units, binary, two coders: alpha = 0.095.
    first, second = "0100000010", "1110010000"
    assert krippendorff_alpha(list(zip(first, second, strict=True))) == pytest.approx(0.095, abs=0.0005)


def test_alpha_of_the_nominal_textbook_example() -> None:
    # The same text, example B: 12 units, five categories, two coders: alpha = 0.692.
    first, second = "aabbdcccedda", "babbbccceddd"
    assert krippendorff_alpha(list(zip(first, second, strict=True))) == pytest.approx(0.692, abs=0.0005)


def test_alpha_is_one_without_disagreement_and_none_without_variety() -> None:
    assert krippendorff_alpha([(1, 1), (2, 2)]) == 1.0
    assert krippendorff_alpha([(1, 1), (1, 1)]) is None
    assert krippendorff_alpha([]) is None


def test_agreement_of_a_set_with_its_second_marks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(tmp_path / "train", [line("a-1"), line("a-2"), line("a-3")])
    second = [line("a-1"), line("a-2", events=[event("visit", date_start=None, date_end=None)])]
    (folder / "second-marks.jsonl").write_text("".join(json.dumps(one) + "\n" for one in second), encoding="utf-8")
    found = agreement(*read_markings(tmp_path, None))
    assert found.items == 2
    # Marked: meeting and agreement twice; second: meeting, agreement, visit. Found 2, spurious 1, missed 2: F1 4/7.
    assert found.totals["event_types"].value == pytest.approx(4 / 7)
    assert found.alphas["event type meeting"] == (krippendorff_alpha([(True, True), (True, False)]), 2)
    assert found.alphas["main date"][1] == 2
    assert main([str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "event_types" in printed
    assert "Lê Văn Thử" not in printed


def test_agreement_is_measured_on_marks_before_adjudication(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "train", [line(relevant=True), line("a-2")])
    second = [line(relevant=False), line("a-2")]
    (folder / "second-marks.jsonl").write_text("".join(json.dumps(one) + "\n" for one in second), encoding="utf-8")
    decision = {"id": "a-1", "changes": {"relevant": True}, "before": {"relevant": False}, "reason": "made up"}
    (folder / "adjudications.jsonl").write_text(json.dumps(decision) + "\n", encoding="utf-8")
    assert agreement(*read_markings(folder, None)).totals["relevance"].value == 1.0


def test_nothing_marked_twice_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_folder(tmp_path / "train", [line()])
    assert main([str(tmp_path)]) == 1
    assert "no item is marked twice" in capsys.readouterr().err
    assert main([]) == 2


def test_paths_replace_single_values() -> None:
    record = line()
    changed = set_paths(record, {"events.1.status": "planned", "relevant": False})
    assert (changed["events"][1]["status"], changed["relevant"]) == ("planned", False)
    assert (record["events"][1]["status"], record["relevant"]) == ("occurred", True)
    with pytest.raises(GoldError, match=r"events\.7\.status leads nowhere"):
        get_path(record, "events.7.status")
