"""Reading the gold set: both formats, and errors that name file, id and field but no value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from keoson.evaluation.gold import GoldError, is_test_part, read_gold
from tests.evaluation.made_up import TEXT, event, line, old_line, write_folder


def test_an_item_is_read_with_its_text_and_index(tmp_path: Path) -> None:
    (item,) = read_gold(write_folder(tmp_path / "train", [line()]))
    assert (item.id, item.form, item.outlet, item.published, item.text) == ("a-1", "events", "outlet-a", "2023-07-04", TEXT)
    assert [one.type for one in item.marks.events] == ["meeting", "agreement"]
    assert not item.long


def test_the_old_format_becomes_one_event_a_type(tmp_path: Path) -> None:
    (item,) = read_gold(write_folder(tmp_path / "first", [old_line()], outlet=None))
    assert item.form == "single"
    assert [(one.type, one.status, one.date_start) for one in item.marks.events] == [
        ("meeting", "occurred", "2023-07-03"), ("agreement", "occurred", "2023-07-03"), ("patrol", "background", None),
    ]  # fmt: skip
    # Thailand takes part without a province; the countries with one are not listed again.
    assert [(party.country, party.admin1) for party in item.marks.events[0].parties] == [
        ("VN", "Nghệ An"),
        ("LA", "Houaphanh"),
        ("TH", None),
    ]
    assert [len(one.amounts) for one in item.marks.events] == [1, 0, 0]
    assert item.marks.events[0].amounts[0].background


def test_an_old_item_with_background_types_only_keeps_its_parties(tmp_path: Path) -> None:
    (item,) = read_gold(write_folder(tmp_path / "first", [old_line(event_types=[], background_types=["visit", "aid"])], outlet=None))
    assert [(one.type, one.status, len(one.parties)) for one in item.marks.events] == [("visit", "background", 3), ("aid", "background", 0)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lang": "xx"}, "lang"),
        ({"surprise": "secret"}, "surprise"),
        ({"events": [event(type_="secret")]}, "events.0.type"),
        ({"events": [event(date_start="03-07-2023")]}, "events.0.date_start"),
        ({"events": [event(topics=["secret"])]}, "events.0.topics.0"),
        ({"events": [event(evidence=[])]}, "events.0.evidence"),
        ({"persons": [{"name": "secret"}]}, "persons.0.kind"),
    ],
)
def test_an_error_names_file_id_and_field_and_no_value(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(GoldError) as caught:
        read_gold(write_folder(tmp_path / "test", [line(**changes)]))
    message = str(caught.value)
    assert "gold.jsonl: a-1: " in message
    assert field in message
    assert "secret" not in message.replace("surprise", "")


def test_marks_without_index_doubled_ids_and_wrong_lengths_are_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "a", [line()])
    (folder / "index.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(GoldError, match="a-1: has no line"):
        read_gold(folder)
    with pytest.raises(GoldError, match="a-1: stands twice"):
        read_gold(_doubled(write_folder(tmp_path / "b", [line()])))
    with pytest.raises(GoldError, match="chars is 7"):
        read_gold(write_folder(tmp_path / "c", [line()], chars=7))
    with pytest.raises(GoldError, match="not normalised"):
        read_gold(write_folder(tmp_path / "d", [line()], {"a-1": TEXT + "\u200b"}))


def _doubled(folder: Path) -> Path:
    path = folder / "gold.jsonl"
    path.write_text(path.read_text(encoding="utf-8") * 2, encoding="utf-8")
    return folder


def test_the_test_part_is_known_by_name_and_by_outlet(tmp_path: Path) -> None:
    (tmp_path / "outlet_parts.csv").write_text("outlet,part\nsealed,test\nopen,train\n", encoding="utf-8")
    assert is_test_part(tmp_path / "test", ["open"])
    assert is_test_part(tmp_path / "renamed", ["open", "sealed"])
    assert not is_test_part(tmp_path / "train", ["open", None])
