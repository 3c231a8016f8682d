"""Agreement between two markings of the same items: `python -m keoson.evaluation.agreement FIRST [SECOND]`.

FIRST is the gold set or one of its parts (with its texts); adjudications are taken back, so that the first annotator's own marks are
compared. SECOND is a file like gold.jsonl, or another folder; without it the `second-marks.jsonl` of FIRST are read. F1 comes from the
scorer of `keoson evaluate` with SECOND in the place of the tagger (F1 does not depend on which is which). Only totals are printed.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from extractors.errors import KeosonError
from extractors.records import EVENT_TYPES
from keoson.evaluation.evaluation import Total, total_up
from keoson.evaluation.forms import GoldLine, TagsForm
from keoson.evaluation.gold import GoldError, GoldItem, marks_of_line, read_gold, read_lines
from keoson.evaluation.goldset import as_first_marked, read_parts, read_second_marks
from keoson.evaluation.metrics import BY_NAME
from keoson.evaluation.report import figure
from keoson.evaluation.scoring import score_item


@dataclass(frozen=True, slots=True)
class Agreement:
    """`totals`: F1 or rate per metric. `alphas`: field -> (Krippendorff's alpha, items compared); alpha is None where nothing varies."""

    items: int
    totals: dict[str, Total]
    alphas: dict[str, tuple[float | None, int]]


def agreement(items: Sequence[GoldItem], second: dict[str, TagsForm]) -> Agreement:
    """The agreement on the items that stand in both; GoldError when none does."""
    both = [(item, second[item.id]) for item in items if item.id in second]
    if not both:
        raise GoldError("no item is marked twice")
    totals = total_up([score_item(item, marks) for item, marks in both], resamples=1000)
    pairs = [(item.marks, marks) for item, marks in both]
    alphas: dict[str, tuple[float | None, int]] = {}

    def measure(name: str, values: Sequence[tuple[Hashable, Hashable]]) -> None:
        alphas[name] = (krippendorff_alpha(values), len(values))

    measure("relevance", [(one.relevant, two.relevant) for one, two in pairs])
    measure("main event type", [(_main(one, "type"), _main(two, "type")) for one, two in pairs])
    # Status and date are compared where both see an event; whether there is one at all is measured by relevance and type.
    with_events = [(one, two) for one, two in pairs if one.events and two.events]
    measure("main status", [(_main(one, "status"), _main(two, "status")) for one, two in with_events])
    measure("main date", [(_main(one, "date_start"), _main(two, "date_start")) for one, two in with_events])
    for type_ in EVENT_TYPES:
        measure(f"event type {type_}", [(_has(one, type_), _has(two, type_)) for one, two in pairs])
    return Agreement(len(both), totals, alphas)


def _main(marks: TagsForm, field: str) -> str:
    return str(getattr(marks.events[0], field)) if marks.events else "no event"


def _has(marks: TagsForm, type_: str) -> bool:
    return any(event.type == type_ for event in marks.events)


def krippendorff_alpha(values: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal data of two coders without missing values; None where all values are the same or none is given.

    alpha = 1 - (n - 1) * disagreeing / sum over values of n_v (n - n_v), with n = twice the items and each item's two ordered pairs.
    """
    counts = Counter(value for pair in values for value in pair)
    total = counts.total()
    expected = sum(count * (total - count) for count in counts.values())
    if not expected:
        return None
    observed = 2 * sum(one != two for one, two in values)
    return 1 - (total - 1) * observed / expected


def agreement_tables(found: Agreement) -> list[Table]:
    """The agreement as two tables: F1 per field, alpha per field."""
    scores = Table(title=f"F1 between two markings of {found.items} texts", title_justify="left")
    scores.add_column("field")
    for column in ("F1 / rate", "95 % interval"):
        scores.add_column(column, justify="right")
    for name, total in found.totals.items():
        if name == "false_dates":
            continue
        interval = f"{total.interval[0]:.3f}–{total.interval[1]:.3f}" if total.interval else "–"
        scores.add_row(f"{name}{' (rate)' if BY_NAME[name].kind == 'rate' else ''}", figure(total.value), interval)
    alphas = Table(title="Krippendorff's alpha (nominal)", title_justify="left")
    alphas.add_column("field")
    for column in ("alpha", "texts"):
        alphas.add_column(column, justify="right")
    for name, (alpha, texts) in found.alphas.items():
        alphas.add_row(name, figure(alpha), str(texts))
    return [scores, alphas]


def read_markings(first: Path, second: Path | None) -> tuple[list[GoldItem], dict[str, TagsForm]]:
    """The first annotator's items and the second's marks by id."""
    whole = not (first / "gold.jsonl").exists()
    items = [item for part in read_parts(first).values() for item in part] if whole else read_gold(first)
    items = as_first_marked(first, items)
    if second is None:
        return items, read_second_marks(first)
    if second.is_dir():
        return items, {item.id: item.marks for item in read_gold(second)}
    return items, {line.id: marks_of_line(line) for line in read_lines(second, GoldLine)}


def main(arguments: Sequence[str]) -> int:
    """The command; 2 for wrong arguments, 1 for files that cannot be used."""
    if not 1 <= len(arguments) <= 2 or arguments[0].startswith("-"):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        found = agreement(*read_markings(Path(arguments[0]), Path(arguments[1]) if len(arguments) == 2 else None))
    except KeosonError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    console = Console()
    for table in agreement_tables(found):
        console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
