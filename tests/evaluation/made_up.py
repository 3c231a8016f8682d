"""Made-up items whose scores were worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

TEXT = "Ngày 3/7/2023, Sở An Lạc tỉnh Nghệ An và Sở Bình Yên tỉnh Hủa Phăn họp bàn rồi ký biên bản phối hợp tuần tra. Đại tá Lê Văn Thử dự họp."


def event(type_: str = "meeting", **changes: Any) -> dict[str, Any]:
    """An event of TEXT with two parties; `changes` replace fields."""
    marked = {
        "type": type_, "status": "occurred", "date_start": "2023-07-03", "date_end": "2023-07-03", "date_text": "Ngày 3/7/2023", "location": None,
        "parties": [{"name": "Sở An Lạc", "admin1": "Nghệ An", "country": "VN"}, {"name": "Sở Bình Yên", "admin1": "Houaphanh", "country": "LA"}],
        "persons": [], "documents": [], "amounts": [], "topics": ["border"], "evidence": ["họp bàn"],
    }  # fmt: skip
    return marked | changes


def line(id_: str = "a-1", **changes: Any) -> dict[str, Any]:
    """A line of gold.jsonl for TEXT: a meeting and an agreement."""
    marked = {
        "id": id_, "lang": "vi", "relevant": True, "event_group": None,
        "events": [event(), event("agreement", evidence=["ký biên bản"], documents=["biên bản phối hợp tuần tra"])],
        "persons": [{"name": "Lê Văn Thử", "rank": "Đại tá", "role": None, "organization": None, "country": "VN", "kind": "official"}],
        "organizations": [{"name": "Sở An Lạc", "kind": "government", "admin1": "Nghệ An", "country": "VN"}],
        "places": [{"name": "Nghệ An", "id": "VN-22", "admin1": "Nghệ An", "country": "VN"}],
        "notes": "",
    }  # fmt: skip
    return marked | changes


def write_folder(folder: Path, lines: list[dict[str, Any]], texts: dict[str, str] | None = None, **index: Any) -> Path:
    """A gold folder with these lines; every text is TEXT unless given. `index` replaces fields of every line of index.jsonl."""
    (folder / "texts").mkdir(parents=True)
    entries = []
    for one in lines:
        text = (texts or {}).get(one["id"], TEXT)
        (folder / "texts" / f"{one['id']}.txt").write_text(text, encoding="utf-8")
        entry = {
            "id": one["id"],
            "url": f"https://example.org/{one['id']}",
            "outlet": "outlet-a",
            "published": "2023-07-04",
            "chars": len(text),
        }
        entry |= {"text_kind": "reworded", "event_group": one.get("event_group"), "hard_negative": None}
        entries.append(entry | index)
    for name, records in (("gold.jsonl", lines), ("index.jsonl", entries)):
        (folder / name).write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return folder


def tags(id_: str = "a-1", **changes: Any) -> dict[str, Any]:
    """The marks of `line` in the form of `keoson tag --json`."""
    return {key: value for key, value in line(id_, **changes).items() if key not in ("event_group", "notes", "lang")}


def old_line(**changes: Any) -> dict[str, Any]:
    """A line in the single-event format."""
    marked = {
        "id": "o-1", "url": "https://example.org/o", "lang": "vi", "relevant": True, "event_types": ["meeting", "agreement"],
        "background_types": ["patrol"], "status": "occurred", "date_start": "2023-07-03", "date_end": "2023-07-03", "location": None,
        "countries": ["VN", "LA", "TH"], "admin1": [{"name": "Nghệ An", "country": "VN"}, {"name": "Houaphanh", "country": "LA"}],
        "organizations": ["Sở An Lạc"], "persons": [{"name": "Lê Văn Thử", "rank": "Đại tá", "role": None, "side": "VN"}],
        "documents": ["biên bản"], "amounts": [{"value": 3, "unit": "case", "what": "vụ (background)"}], "topics": ["border"], "notes": "",
    }  # fmt: skip
    return marked | changes
