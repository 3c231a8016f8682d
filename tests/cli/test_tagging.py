"""`keoson tag`: the shape it prints, and files that are not what they should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import keoson
from tests.cli.conftest import RunCli

SCHEMA = json.loads((Path(keoson.__file__).parent / "schemas" / "tags.json").read_text(encoding="utf-8"))
SEEDS = Path(__file__).parents[2].parent / "shared" / "seeds"

TEXTS = {
    "meeting": "Sáng 24/12, tại thị trấn Thạnh Mỹ, Công an tỉnh Quảng Nam và Công an tỉnh Sê Kông (Lào) tổ chức hội đàm.\n"
    "Đại tá Lê Khắc Duẩn, Phó Giám đốc Công an tỉnh Quảng Nam, chủ trì buổi làm việc.",
    "aid": " date 2025-03 Ngày 5/3, Công an tỉnh Quảng Trị trao tặng Công an tỉnh Savannakhet (Lào) 10 bộ máy vi tính trị giá 150 triệu đồng.",
    "english": "On June 5, 2025, police of Tay Ninh province in Vietnam and police of Svay Rieng province in Cambodia held a meeting in Bavet.",
    "lao": "ວັນທີ 5 ມິຖຸນາ 2025, ຕຳຫຼວດແຂວງສະຫວັນນະເຂດ ແລະ ຕຳຫຼວດແຂວງກວາງຈິ (ຫວຽດນາມ) ໄດ້ຈັດກອງປະຊຸມຮ່ວມກັນ.",
    "nothing": "Giá cà phê hôm nay tăng nhẹ.",
    "empty": "",
}


def objects(out: str) -> list[dict[str, Any]]:
    """The objects printed, one a line, each valid."""
    found = [json.loads(line) for line in out.splitlines()]
    for one in found:
        Draft202012Validator(SCHEMA).validate(one)
    return found


def evidences(value: Any) -> list[dict[str, Any]]:
    """Every evidence anywhere in a value."""
    if isinstance(value, list):
        return [one for item in value for one in evidences(item)]
    if not isinstance(value, dict):
        return []
    if value.keys() == {"start", "end", "quote"}:
        return [value]
    return [one for item in value.values() for one in evidences(item)]


def test_the_schema_is_one_and_refuses_what_is_not_tags() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert not Draft202012Validator(SCHEMA).is_valid({"id": "x"})


def test_one_valid_object_a_file_with_exact_quotes(cli: RunCli, tmp_path: Path) -> None:
    for name, text in TEXTS.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    ran = cli("tag", "--json", *(f"{name}.txt" for name in TEXTS))
    assert ran.code == 0, ran.err
    found = {one["id"]: one for one in objects(ran.out)}
    assert list(found) == list(TEXTS)
    for name, one in found.items():
        assert all(TEXTS[name][quote["start"] : quote["end"]] == quote["quote"] for quote in evidences(one))
    assert [event["type"] for event in found["meeting"]["events"]] == ["meeting"]
    assert found["aid"]["events"][0]["date_start"] == "2025-03-05"
    assert not found["nothing"]["relevant"]
    assert (found["lao"]["language"], found["english"]["language"]) == ("lo", "en")


def test_a_publish_date_given_dates_the_event(cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "article.txt").write_text(TEXTS["meeting"], encoding="utf-8")
    (found,) = objects(cli("tag", "--json", "--published", "2024-12-25", "article.txt").out)
    assert found["events"][0]["date_start"] == "2024-12-24"


def test_a_saved_page_is_extracted_first(cli: RunCli, tmp_path: Path) -> None:
    paragraphs = "".join(f"<p>{line}</p>" for line in TEXTS["meeting"].split("\n"))
    more = "<p>Hai bên đánh giá cao kết quả phối hợp thời gian qua và thống nhất nội dung phối hợp trong thời gian tới.</p>"
    page = f"<!doctype html><html lang=vi><head><title>Hội đàm</title></head><body><article><h1>Hội đàm</h1>{paragraphs}{more}</article></body></html>"
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (found,) = objects(cli("tag", "--json", "--published", "2024-12-25", "page.html").out)
    assert [event["type"] for event in found["events"]] == ["meeting"]


def test_without_json_a_table_is_printed(cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "article.txt").write_text(TEXTS["meeting"], encoding="utf-8")
    out = cli("tag", "article.txt").out
    assert "meeting" in out
    assert "Lê Khắc Duẩn" in out


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1258", "latin-1"])
def test_a_file_that_is_not_utf8_is_named_with_the_way_to_convert_it(cli: RunCli, tmp_path: Path, encoding: str) -> None:
    (tmp_path / "old.txt").write_bytes("Công an ở Đà Lạt é".replace("Đ", "D").replace("ở", "o").replace("ạ", "a").encode(encoding))
    ran = cli("tag", "--json", "old.txt")
    assert ran.code == 2
    assert "old.txt: not UTF-8 at byte" in ran.complaint
    assert "iconv" in ran.complaint


def test_what_was_tagged_before_a_bad_file_is_printed(cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(TEXTS["meeting"], encoding="utf-8")
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe")
    ran = cli("tag", "--json", "good.txt", "bad.txt")
    assert ran.code == 2
    assert [one["id"] for one in objects(ran.out)] == ["good"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["missing.txt"], "missing.txt is not a file"),
        (["."], "is not a file"),
        (["empty.html"], "no article text"),
        (["--published", "25/12/2024", "text.txt"], "write YYYY"),
    ],
)
def test_other_wrong_input_is_one_line(cli: RunCli, tmp_path: Path, arguments: list[str], complaint: str) -> None:
    (tmp_path / "empty.html").write_text("<html><body></body></html>", encoding="utf-8")
    (tmp_path / "text.txt").write_text(TEXTS["meeting"], encoding="utf-8")
    ran = cli("tag", *arguments)
    assert ran.code == 2
    assert complaint in ran.complaint


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the five seeds are not beside the repository (../shared/seeds)")
def test_the_seeds_give_one_valid_object_each(cli: RunCli) -> None:
    paths = sorted(SEEDS.glob("*.txt"))
    ran = cli("tag", "--json", *map(str, paths))
    assert ran.code == 0, ran.err
    found = objects(ran.out)
    assert [one["id"] for one in found] == [path.stem for path in paths]
    for path, one in zip(paths, found, strict=True):
        text = path.read_text(encoding="utf-8")
        assert all(text[quote["start"] : quote["end"]] == quote["quote"] for quote in evidences(one))
        assert one["relevant"]
