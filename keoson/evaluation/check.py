"""Checks the whole gold set: `python -m keoson.evaluation.check tests/gold [--seeds DIR]`.

Every item valid and sound, the split by outlet and event group without overlap, no run of eight words shared with the seeds, and the
quotas met. Exit code 1 when anything fails. No text and no mark is printed: problems name item and field.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from extractors.errors import KeosonError
from extractors.normalise import normalise_text
from extractors.records import EVENT_TYPES
from keoson.evaluation.gold import GoldItem, read_gold, read_outlet_parts
from keoson.evaluation.goldset import read_parts, read_second_marks
from keoson.evaluation.matching import eight_word_runs
from keoson.evaluation.soundness import problems_of

YEARS = range(2015, 2027)


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of something the gold set must hold (issue 4, point 1, 3, 4), and how many it holds."""

    name: str
    wanted: int
    found: int

    @property
    def met(self) -> bool:
        """Whether enough was found."""
        return self.found >= self.wanted


def quotas_of(parts: Mapping[str, Sequence[GoldItem]], marked_twice: int) -> list[Quota]:
    """The quotas over the parts. The first 39 items, in the older format, are not counted."""
    items = [item for part in parts.values() for item in part]

    def count(chosen: Iterable[bool]) -> int:
        return sum(chosen)

    quotas = [
        Quota("items", 250, len(items)),
        Quota("hard negatives", 100, count(not item.marks.relevant for item in items)),
        Quota("English", 50, count(item.lang == "en" for item in items)),
        Quota("Lao", 20, count(item.lang == "lo" for item in items)),
        Quota("outlets", 40, len({item.outlet for item in items})),
        Quota("400 words or more", 80, count(item.long for item in items)),
        Quota("several events in a text", 40, count(len(item.marks.events) > 1 for item in items)),
        Quota(
            "planned or cancelled",
            25,
            count(any(event.status in ("planned", "cancelled") for event in item.marks.events) for item in items),
        ),
        Quota("event groups of two or more outlets", 30, len(_groups(items))),
        Quota("items of the test part", 80, len(parts.get("test", ()))),
        Quota("items marked twice", 80, marked_twice),
    ]
    quotas += [
        Quota(f"type {type_}", 15, count(any(event.type == type_ for event in item.marks.events) for item in items))
        for type_ in EVENT_TYPES
    ]
    quotas += [Quota(f"year {year}", 1, count((item.published or "").startswith(str(year)) for item in items)) for year in YEARS]
    return quotas


def _groups(items: Iterable[GoldItem]) -> set[str]:
    outlets: dict[str, set[str | None]] = defaultdict(set)
    for item in items:
        if item.event_group:
            outlets[item.event_group].add(item.outlet)
    return {group for group, found in outlets.items() if len(found) > 1}


def split_problems(parts: Mapping[str, Sequence[GoldItem]], outlet_parts: Mapping[str, str]) -> Iterator[str]:
    """Outlets without a part or in the wrong one; ids, pages and event groups that stand in two parts."""
    unique: tuple[tuple[str, Callable[[GoldItem], str | None]], ...] = (
        ("id", lambda item: item.id),
        ("page", lambda item: item.url or None),
        ("event group", lambda item: item.event_group),
    )
    for kind, read in unique:
        where: dict[str, set[str]] = defaultdict(set)
        first: dict[str, str] = {}
        for part, items in parts.items():
            for item in items:
                if value := read(item):
                    where[value].add(part)
                    first.setdefault(value, item.id)
        for value, found in where.items():
            if len(found) > 1:
                yield f"{first[value]}: its {kind} stands in {' and '.join(sorted(found))}"
    for part, items in parts.items():
        for item in items:
            if item.outlet and outlet_parts.get(item.outlet) != part:
                yield f"{part}/{item.id}: its outlet belongs to {outlet_parts.get(item.outlet, 'no part')} in outlet_parts.csv"


def read_seed_runs(folder: Path) -> set[tuple[str, ...]]:
    """Every run of eight words in the texts of the seeds, of which the gold set may share none."""
    return {run for path in sorted(folder.glob("*.txt")) for run in eight_word_runs(normalise_text(path.read_text(encoding="utf-8")))}


def item_problems(parts: Mapping[str, Sequence[GoldItem]], seeds: set[tuple[str, ...]]) -> Iterator[str]:
    """Problems of single items, as `part/id: field: what`."""
    for part, items in parts.items():
        for item in items:
            yield from (f"{part}/{item.id}: {problem}" for problem in problems_of(item))
            if not seeds.isdisjoint(eight_word_runs(item.text)):
                yield f"{part}/{item.id}: text: shares a run of eight words with a seed"


def check_gold(gold: Path, seeds: Path | None) -> tuple[list[str], list[Quota]]:
    """The problems and the quotas of a gold set; GoldError for files that cannot be read at all."""
    parts: dict[str, Sequence[GoldItem]] = dict(read_parts(gold))
    second = read_second_marks(gold)
    quotas = quotas_of(parts, sum(item.id in second for items in parts.values() for item in items))
    by_id = {item.id: (part, item) for part, items in parts.items() for item in items}
    problems = [f"second marks of {id_}: no such item" for id_ in second if id_ not in by_id]
    for id_, marks in second.items():
        if id_ in by_id:
            part, item = by_id[id_]
            # Which kind of negative an item was looked up as is not a matter of its marks.
            marked = replace(item, marks=marks, hard_negative=item.hard_negative or "marked so")
            problems += [f"{part}/{id_}: second marks: {problem}" for problem in problems_of(marked)]
    problems += split_problems(parts, read_outlet_parts(gold / "outlet_parts.csv"))
    tested = {item.url for item in parts.get("test", ()) if item.url}
    for name in ("first", "practice"):
        if (gold / name).is_dir():
            parts[name] = read_gold(gold / name)
            problems += [f"{name}/{item.id}: its page stands in test" for item in parts[name] if item.url in tested]
    problems += item_problems(parts, read_seed_runs(seeds) if seeds else set())
    return problems, quotas


def quota_table(quotas: Sequence[Quota]) -> Table:
    """Wanted and found, with a word for those not met."""
    table = Table(title="Quotas of the gold set", title_justify="left")
    for name in ("what", "wanted", "found", ""):
        table.add_column(name, justify="left" if name == "what" else "right")
    for quota in quotas:
        table.add_row(quota.name, str(quota.wanted), str(quota.found), "" if quota.met else "TOO FEW")
    return table


def main(arguments: Sequence[str]) -> int:
    """The command; 0 when the set is sound and every quota met."""
    parser = argparse.ArgumentParser(
        prog="python -m keoson.evaluation.check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path, help="the gold set, for example tests/gold")
    parser.add_argument(
        "--seeds",
        type=Path,
        help="texts of which no eight words may be shared (default: ../shared/seeds beside the checkout, if it exists)",
    )
    given = parser.parse_args(arguments)
    beside = given.gold.resolve().parent.parent.parent / "shared" / "seeds"
    seeds = given.seeds or (beside if beside.is_dir() else None)
    try:
        problems, quotas = check_gold(given.gold, seeds)
    except KeosonError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    Console().print(quota_table(quotas))
    short = sum(not quota.met for quota in quotas)
    seeds_said = "seeds compared" if seeds else "no seeds found to compare with"
    sys.stdout.write(f"{len(problems)} problems, {short} quotas not met, {seeds_said}\n")
    return 1 if problems or short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
