"""Merges annotators' drafts into the gold set: `python scripts/assemble_gold.py [--gold tests/gold] DRAFTS... [--second PATH...] [--adjudications FILE]`.

A draft folder holds `<id>.json` and `<id>.txt` (or has them in `items/`): the marks of an item together with url, outlet, published,
hard_negative. Each goes to the part of its outlet. An outlet met for the first time is given a part by a hash of its name and added to
outlet_parts.csv, so that a later draft of the same outlet lands in the same part. Second marks (a file of lines like gold.jsonl, or a folder
of <id>.json) are put beside their items. Adjudications are applied, with the former values kept in `before`. Those that already lie in the
gold set are carried over. Nothing is written unless every item is sound.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from extractors.errors import KeosonError
from keoson.evaluation.check import item_problems, read_seed_runs, split_problems
from keoson.evaluation.forms import PARTS, GoldLine
from keoson.evaluation.gold import GoldError, json_lines, parse, read_lines, read_outlet_parts, read_text
from keoson.evaluation.goldset import (
    Adjudication,
    folders_of,
    get_path,
    json_line,
    read_adjudications,
    read_parts,
    read_second_marks,
    set_paths,
)

_INDEX_ONLY = ("url", "outlet", "published", "hard_negative")


def part_of_outlet(outlet: str, known: dict[str, str]) -> str:
    """The part of an outlet: the one it has, else by a hash of its name: 4 tenths train, 2 development, 4 test."""
    if outlet in known:
        return known[outlet]
    tenth = int(hashlib.sha256(outlet.encode()).hexdigest(), 16) % 10
    return "train" if tenth < 4 else "development" if tenth < 6 else "test"


def draft_records(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The JSON objects of a draft folder with their files, by file name."""
    here = folder / "items" if (folder / "items").is_dir() else folder
    paths = sorted(here.glob("*.json"))
    if not paths:
        raise GoldError(f"{folder}: holds no drafts (<id>.json)")
    for path in paths:
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise GoldError(f"{path}: no JSON: {error}") from error
        if not isinstance(record, dict) or record.get("id") != path.stem:
            raise GoldError(f"{path}: an object whose id is the file's name is wanted")
        yield path, record


def read_drafts(folders: Sequence[Path]) -> dict[str, tuple[dict[str, Any], dict[str, Any], str]]:
    """id -> (line of gold.jsonl, line of index.jsonl, text), validated in shape, sorted by id."""
    found: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {}
    for folder in folders:
        for path, record in draft_records(folder):
            if record["id"] in found:
                raise GoldError(f"{path}: the id stands in another draft folder too")
            if missing := [name for name in (*_INDEX_ONLY, "event_group") if name not in record]:
                raise GoldError(f"{path}: {missing[0]}: is missing")
            text = read_text(path.with_suffix(".txt"))
            marks = {name: value for name, value in record.items() if name not in _INDEX_ONLY}
            parse(GoldLine, marks, path)
            index = {
                "id": record["id"],
                "url": record["url"],
                "outlet": record["outlet"],
                "published": record["published"],
                "chars": len(text),
            }
            index |= {"text_kind": "reworded", "event_group": record["event_group"], "hard_negative": record["hard_negative"]}
            found[record["id"]] = (marks, index, text)
    return dict(sorted(found.items()))


def read_second(paths: Sequence[Path], known: set[str]) -> dict[str, dict[str, Any]]:
    """Second marks by id, from files of lines and folders of drafts; every id must be one of `known`."""
    found: dict[str, dict[str, Any]] = {}
    for path in paths:
        records = [record for _, record in draft_records(path)] if path.is_dir() else list(json_lines(path))
        for record in records:
            marks = {name: value for name, value in record.items() if name not in _INDEX_ONLY}
            parse(GoldLine, marks, path)
            if record["id"] not in known:
                raise GoldError(f"{path}: {record['id']}: no such item")
            if record["id"] in found:
                raise GoldError(f"{path}: {record['id']}: is marked a second time twice")
            found[record["id"]] = marks
    return dict(sorted(found.items()))


def apply_adjudications(
    drafts: dict[str, tuple[dict[str, Any], dict[str, Any], str]], decisions: Sequence[Adjudication]
) -> list[dict[str, Any]]:
    """Change the drafts' marks in place, each decision once; the adjudications with `before` filled in."""
    applied: list[dict[str, Any]] = []
    for one in decisions:
        if any(done["id"] == one.id and done["changes"] == one.changes for done in applied):
            continue
        if one.id not in drafts:
            raise GoldError(f"adjudication of {one.id}: no such item")
        marks, index, text = drafts[one.id]
        before = {at: get_path(marks, at) for at in one.changes}
        changed = set_paths(marks, one.changes)
        parse(GoldLine, changed, "adjudicated marks")
        drafts[one.id] = (changed, index, text)
        applied.append({"id": one.id, "changes": one.changes, "before": before, "reason": one.reason})
    return applied


def write_parts(
    target: Path,
    drafts: dict[str, tuple[dict[str, Any], dict[str, Any], str]],
    parts: dict[str, str],
    second: dict[str, dict[str, Any]],
    applied: Sequence[dict[str, Any]],
) -> None:
    """Write the parts and outlet_parts.csv into an empty folder."""
    for part in PARTS:
        chosen = {id_: draft for id_, draft in drafts.items() if parts[draft[1]["outlet"]] == part}
        texts = target / part / "texts"
        texts.mkdir(parents=True)
        for id_, (_, _, text) in chosen.items():
            (texts / f"{id_}.txt").write_bytes(text.encode())
        files = {
            "gold.jsonl": [marks for marks, _, _ in chosen.values()],
            "index.jsonl": [index for _, index, _ in chosen.values()],
            "second-marks.jsonl": [marks for id_, marks in second.items() if id_ in chosen],
            "adjudications.jsonl": [one for one in applied if one["id"] in chosen],
        }
        for name, records in files.items():
            if records or name in ("gold.jsonl", "index.jsonl"):
                (target / part / name).write_bytes("".join(map(json_line, records)).encode())
    with (target / "outlet_parts.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("outlet", "part"))
        writer.writerows(parts.items())


def assemble(gold: Path, folders: Sequence[Path], second: Sequence[Path], adjudications: Path | None, seeds: Path | None) -> dict[str, int]:
    """Build the parts of `gold` anew from the drafts; items per part. GoldError, with nothing changed, when an item or the split is unsound."""
    drafts = read_drafts(folders)
    given = read_second(second, set(drafts))
    kept = read_second([path for path in (folder / "second-marks.jsonl" for folder in folders_of(gold)) if path.exists()], set(drafts))
    marked_twice = dict(sorted((kept | given).items()))
    applied = apply_adjudications(drafts, read_adjudications(gold) + (read_lines(adjudications, Adjudication) if adjudications else []))
    outlet_parts = gold / "outlet_parts.csv"
    parts = read_outlet_parts(outlet_parts) if outlet_parts.exists() else {}
    for _, index, _ in drafts.values():
        parts[index["outlet"]] = part_of_outlet(index["outlet"], parts)
    with tempfile.TemporaryDirectory(dir=gold, prefix=".assembling-") as scratch:
        target = Path(scratch)
        write_parts(target, drafts, parts, marked_twice, applied)
        read = read_parts(target)
        problems = [*item_problems(read, read_seed_runs(seeds) if seeds else set()), *split_problems(read, parts)]
        if problems:
            raise GoldError("\n".join(problems))
        read_second_marks(target)
        for part in PARTS:
            shutil.rmtree(gold / part, ignore_errors=True)
            (target / part).replace(gold / part)
        (target / "outlet_parts.csv").replace(outlet_parts)
        for name in ("second-marks.jsonl", "adjudications.jsonl"):  # they lie in the parts now
            (gold / name).unlink(missing_ok=True)
    return {part: len(items) for part, items in read.items()}


def main(arguments: Sequence[str]) -> int:
    """The command; 1 when something is refused."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("drafts", nargs="+", type=Path, help="folders of drafts")
    parser.add_argument("--gold", type=Path, default=Path("tests/gold"), help="the gold set to write (default: tests/gold)")
    parser.add_argument("--second", nargs="*", type=Path, default=[], help="second marks: files of lines, or folders of <id>.json")
    parser.add_argument("--adjudications", type=Path, help="lines of {id, changes, reason}")
    parser.add_argument(
        "--seeds", type=Path, help="texts of which no eight words may be shared (default: ../shared/seeds beside the checkout)"
    )
    given = parser.parse_args(arguments)
    beside = given.gold.resolve().parent.parent.parent / "shared" / "seeds"
    seeds = given.seeds or (beside if beside.is_dir() else None)
    try:
        counts = assemble(given.gold, given.drafts, given.second, given.adjudications, seeds)
    except KeosonError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(", ".join(f"{part} {count}" for part, count in counts.items()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
