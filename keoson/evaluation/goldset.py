"""The gold set as a whole: its parts, the second marks and the adjudications that lie beside them.

    <gold>/<part>/{gold.jsonl,index.jsonl,texts/}   the parts train, development, test; `first` is the older format
    <gold>/outlet_parts.csv                         the part of each outlet
    <gold>/<part>/second-marks.jsonl                marks by a second annotator, in the form of gold.jsonl (or one file at the top)
    <gold>/<part>/adjudications.jsonl               what was changed after the two were compared (or one file at the top)

An adjudication is `{"id", "changes": {path: value}, "before": {path: value}, "reason"}`; a path is `relevant` or `events.0.status`. `before`
is filled in when it is applied, so that the first annotator's marks can be had again: agreement is measured on those.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from keoson.evaluation.forms import PARTS, GoldLine, TagsForm
from keoson.evaluation.gold import GoldError, GoldItem, json_lines, marks_of_line, parse, read_gold, read_lines


class Adjudication(BaseModel):
    """A decision between two markings of an item."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    changes: dict[str, Any]
    before: dict[str, Any] | None = None
    reason: str


def read_parts(gold: Path) -> dict[str, list[GoldItem]]:
    """The items by part, for the parts that exist; GoldError when there is none."""
    parts: dict[str, list[GoldItem]] = {part: read_gold(gold / part) for part in PARTS if (gold / part / "gold.jsonl").exists()}
    if not parts:
        raise GoldError(f"{gold}: has none of the parts {', '.join(PARTS)}")
    return parts


def folders_of(gold: Path) -> list[Path]:
    """`gold` itself and those of its parts that exist: where second marks and adjudications may lie."""
    return [gold, *(gold / part for part in PARTS if (gold / part).is_dir())]


def read_second_marks(gold: Path) -> dict[str, TagsForm]:
    """The second annotator's marks by id, from every `second-marks.jsonl` in the set or part."""
    found: dict[str, TagsForm] = {}
    for path in (folder / "second-marks.jsonl" for folder in folders_of(gold)):
        if path.exists():
            for line in read_lines(path, GoldLine):
                if line.id in found:
                    raise GoldError(f"{path}: {line.id}: is marked a second time twice")
                found[line.id] = marks_of_line(line)
    return found


def read_adjudications(gold: Path) -> list[Adjudication]:
    """Every adjudication in the set or part, in the order they were made."""
    paths = [folder / "adjudications.jsonl" for folder in folders_of(gold)]
    return [one for path in paths if path.exists() for one in read_lines(path, Adjudication)]


def as_first_marked(gold: Path, items: list[GoldItem]) -> list[GoldItem]:
    """The items with the first annotator's marks: adjudications taken back."""
    before: dict[str, dict[str, Any]] = {}
    decisions = [one for one in read_adjudications(gold) if one.before is not None]
    if not decisions:
        return items
    paths = [folder / "gold.jsonl" for folder in folders_of(gold) if (folder / "gold.jsonl").exists()]
    records = {record["id"]: record for path in paths for record in json_lines(path)}
    for one in reversed(decisions):
        if one.id not in records or one.before is None:
            continue
        before[one.id] = set_paths(before.get(one.id, records[one.id]), one.before)
    return [
        replace(item, marks=marks_of_line(parse(GoldLine, before[item.id], "marks before adjudication"))) if item.id in before else item
        for item in items
    ]


def get_path(record: Mapping[str, Any], path: str) -> Any:
    """The value at `events.0.status` in a record; GoldError when the path leads nowhere."""
    value: Any = record
    for step in path.split("."):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise GoldError(f"adjudication of {record.get('id')}: the path {path} leads nowhere") from error
    return value


def set_paths(record: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `record` with the values at the paths replaced; every path must exist."""
    changed: dict[str, Any] = copy.deepcopy(dict(record))
    for path, value in changes.items():
        get_path(changed, path)
        parent_path, _, last = path.rpartition(".")
        parent: Any = get_path(changed, parent_path) if parent_path else changed
        parent[int(last) if isinstance(parent, list) else last] = copy.deepcopy(value)
    return changed


def json_line(record: Mapping[str, Any]) -> str:
    """A record as one line of a JSON-lines file."""
    return json.dumps(record, ensure_ascii=False) + "\n"
