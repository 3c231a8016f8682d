"""A newcomer adds a spelling, a rank, a trigger or an event type by touching one data file.

The loaders read the package's own folders, so each test copies the package, changes one file of the copy, and lets another interpreter tag a text with it.
"""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import extractors

_PACKAGE = Path(extractors.__file__).parent
_TAG = """
import json, pathlib, sys
import extractors
from extractors.tag_json import tags_to_json
from extractors.tagging import tag_article
from extractors.textfile import article_from_text
assert pathlib.Path(extractors.__file__).parent.parent == pathlib.Path.cwd().resolve(), extractors.__file__
tags = tag_article(article_from_text(sys.argv[1], article_id="x", published="2024-06-15", language="vi"))
print(json.dumps(tags_to_json("x", tags)))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package with its data, to be changed."""
    shutil.copytree(_PACKAGE, tmp_path / "extractors", ignore=shutil.ignore_patterns("__pycache__", "outlets"))
    (tmp_path / "extractors" / "gazetteer" / "communes.csv").write_text(
        "id,name,kind,country,admin1_id,lat,lon,valid_from,valid_to\n", encoding="utf-8"
    )  # the 13,000 communes only cost time here
    return tmp_path


def _tag(folder: Path, text: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", _TAG, text], cwd=folder, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_spelling_is_one_cell(copy: Path) -> None:
    text = "Công an tỉnh Ban Mai Hồng tiếp khách."
    assert "LA-XE" not in [place["id"] for place in _tag(copy, text)["places"]]
    path = copy / "extractors" / "gazetteer" / "places.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        columns, rows = list(reader.fieldnames or ()), list(reader)
    next(row for row in rows if row["id"] == "LA-XE")["spellings"] += ";Ban Mai Hồng"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns)
        writer.writeheader()
        writer.writerows(rows)
    assert [place["id"] for place in _tag(copy, text)["places"]] == ["LA-XE"]


def test_a_rank_is_one_word_of_a_list(copy: Path) -> None:
    text = "Sứ quân Bun Thăn Xay Nha Vông gửi lời chào."
    assert _tag(copy, text)["persons"] == []
    _replace(copy / "extractors" / "lexicons" / "persons.toml", 'ranks = ["đại tướng", ', 'ranks = ["sứ quân", "đại tướng", ')
    (person,) = _tag(copy, text)["persons"]
    assert (person["name"], person["rank"], person["kind"]) == ("Bun Thăn Xay Nha Vông", "Sứ quân", "official")


def test_a_trigger_is_one_phrase_of_a_list(copy: Path) -> None:
    text = "Công an tỉnh Quảng Nam và Công an tỉnh Sê Kông (Lào) đã ngồi chiếu hoa."
    assert _tag(copy, text)["events"] == []
    _replace(copy / "extractors" / "event_types" / "meeting.toml", 'vi = ["', 'vi = ["ngồi chiếu hoa", "')
    assert [event["type"] for event in _tag(copy, text)["events"]] == ["meeting"]


def test_an_event_type_is_one_file(copy: Path) -> None:
    text = "Công an tỉnh Quảng Nam và Công an tỉnh Sê Kông (Lào) đã đua thuyền."
    assert _tag(copy, text)["events"] == []
    (copy / "extractors" / "event_types" / "regatta.toml").write_text(
        'type = "regatta"\nplover = "COOPERATE"\ncameo = "050"\nknown_gaps = []\n[triggers]\nvi = ["đua thuyền"]\nen = ["boat race"]\nlo = []\n',
        encoding="utf-8",
    )
    (event,) = _tag(copy, text)["events"]
    assert (event["type"], event["status"], event["plover"]) == ("regatta", "occurred", "COOPERATE")
    assert len(event["parties"]) == 2
