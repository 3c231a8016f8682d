"""Renders an evaluation: tables for a terminal, JSON, errors per text, a row of the history; and holds it against floors."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from extractors.errors import InputError
from keoson.evaluation.evaluation import Evaluation, Total
from keoson.evaluation.metrics import BY_NAME, METRICS


class SealedError(InputError):
    """Something about single texts of the test part was asked for: only totals of it are shown."""


def figure(value: float | None) -> str:
    """A share with three decimals, or a dash where there was nothing to count."""
    return "–" if value is None else f"{value:.3f}"


def tables(evaluation: Evaluation) -> Iterator[Table]:
    """Totals with intervals; F1 or rate by language and length; precision, recall, F1 by event type."""
    totals = Table(title=f"{evaluation.part}: {len(evaluation.items)} texts", title_justify="left")
    for name in ("metric", "P", "R", "F1 / rate", "95 % interval", "found", "spurious", "missed"):
        totals.add_column(name, justify="left" if name == "metric" else "right")
    for total in evaluation.totals.values():
        interval = f"{total.interval[0]:.3f}–{total.interval[1]:.3f}" if total.interval else "–"
        counts = total.counts
        rate = BY_NAME[total.metric].kind == "rate"
        totals.add_row(
            total.metric + (" ↓" if BY_NAME[total.metric].lower else ""),
            "" if rate else figure(total.precision),
            "" if rate else figure(total.recall),
            figure(total.value),
            interval,
            f"{counts.found}/{counts.found + counts.missed}" if rate else str(counts.found),
            "" if rate else str(counts.spurious),
            "" if rate else str(counts.missed),
        )
    yield totals
    slices = Table(title="F1 or rate by language and length", title_justify="left")
    slices.add_column("metric")
    for name in evaluation.slices:
        slices.add_column(f"{name} ({evaluation.slice_sizes[name]})", justify="right")
    for metric in evaluation.totals:
        slices.add_row(metric, *(figure(chosen[metric].value) if metric in chosen else "–" for chosen in evaluation.slices.values()))
    yield slices
    types = Table(title="By event type", title_justify="left")
    types.add_column("type")
    for column in ("types P", "R", "F1", "events P", "R", "F1", "marked"):
        types.add_column(column, justify="right")
    for type_, metrics in evaluation.types.items():
        cells = [cell for name in ("event_types", "events") for cell in _three(metrics.get(name))]
        marked = metrics.get("event_types")
        types.add_row(type_, *cells, str(marked.counts.found + marked.counts.missed) if marked else "0")
    yield types


def _three(total: Total | None) -> list[str]:
    return ["–"] * 3 if total is None else [figure(total.precision), figure(total.recall), figure(total.value)]


def as_json(evaluation: Evaluation, *, errors: bool) -> dict[str, Any]:
    """The evaluation as one JSON object; with `errors`, per text what was missed and spurious. SealedError for those of the test part."""
    document: dict[str, Any] = {
        "part": evaluation.part,
        "items": len(evaluation.items),
        "totals": _totals(evaluation.totals),
        "slices": {name: {"items": evaluation.slice_sizes[name], **_totals(chosen)} for name, chosen in evaluation.slices.items()},
        "types": {type_: _totals(chosen) for type_, chosen in evaluation.types.items()},
        "definitions": {metric.name: metric.definition for metric in METRICS},
    }
    if errors:
        document["errors"] = errors_of(evaluation)
    return document


def _totals(totals: Mapping[str, Total]) -> dict[str, Any]:
    return {name: _total(total) for name, total in totals.items()}


def _total(total: Total) -> dict[str, Any]:
    counts = total.counts
    interval = list(total.interval) if total.interval else None
    if BY_NAME[total.metric].kind == "rate":
        return {"rate": total.value, "interval": interval, "hits": counts.found, "cases": counts.found + counts.missed}
    return {
        "precision": total.precision,
        "recall": total.recall,
        "f1": total.value,
        "interval": interval,
        "found": counts.found,
        "spurious": counts.spurious,
        "missed": counts.missed,
    }


def errors_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Per text with an error: id, language, and by metric what was missed and what was spurious. SealedError for the test part."""
    refuse_sealed(evaluation)
    return [
        {"id": score.id, "language": score.lang, "missed": score.missed, "spurious": score.spurious}
        for score in evaluation.scores
        if score.missed or score.spurious
    ]


def refuse_sealed(evaluation: Evaluation) -> None:
    """Raise SealedError when the folder is the test part."""
    if evaluation.sealed:
        raise SealedError(
            f"{evaluation.part} is the test part: only its totals are shown (tests/gold/GUIDE.md); look at errors on development or train"
        )


def error_lines(evaluation: Evaluation) -> Iterator[str]:
    """The errors as text: one line a value, `-` missed, `+` spurious, below the text's id. SealedError for the test part."""
    for error in errors_of(evaluation):
        yield f"{error['id']} ({error['language']})"
        for sign, kind in (("-", "missed"), ("+", "spurious")):
            for metric, values in error[kind].items():
                yield from (f"  {sign} {metric}: {value}" for value in values)


def below_floors(evaluation: Evaluation, path: Path) -> list[str]:
    """What falls short of the floors in a TOML file, one sentence each; empty when all hold.

    The table `[floors]` gives `metric = 0.8` (F1 or rate; for a metric where lower is better, a ceiling) or
    `metric = {precision = 0.9, recall = 0.7, f1 = 0.8}`. InputError for a file or metric that cannot be used.
    """
    try:
        floors = tomllib.loads(path.read_text(encoding="utf-8")).get("floors")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as TOML: {error}") from error
    if not isinstance(floors, dict):
        raise InputError(f"{path}: has no table [floors]")
    short = []
    for name, wanted in floors.items():
        if name not in BY_NAME:
            raise InputError(f"{path}: {name} is no metric; there are {', '.join(BY_NAME)}")
        for field, bound in (wanted if isinstance(wanted, dict) else {"f1": wanted}).items():
            if field not in ("f1", "precision", "recall") or isinstance(bound, bool) or not isinstance(bound, int | float):
                raise InputError(f"{path}: {name}.{field}: a number for f1, precision or recall is wanted")
            if BY_NAME[name].kind == "rate" and field != "f1":
                raise InputError(f"{path}: {name} is a rate: it has no {field}")
            total = evaluation.totals.get(name)
            reached = None if total is None else {"f1": total.value, "precision": total.precision, "recall": total.recall}[field]
            label = "rate" if BY_NAME[name].kind == "rate" else field
            if reached is None:
                short.append(f"{name}: {label} could not be measured, {bound} is wanted")
            elif BY_NAME[name].lower and reached > bound:
                short.append(f"{name}: {label} {reached:.3f} is above the ceiling {bound}")
            elif not BY_NAME[name].lower and reached < bound:
                short.append(f"{name}: {label} {reached:.3f} is below the floor {bound}")
    return short


def append_history(evaluation: Evaluation, path: Path, *, date: str, commit: str) -> None:
    """Append a Markdown row: date, commit, part, number of texts, every metric. Changed columns open a new header."""
    columns = ["date", "commit", "part", "texts", *(metric.name for metric in METRICS)]
    header = f"| {' | '.join(columns)} |"
    cells = [figure(evaluation.totals[metric.name].value) if metric.name in evaluation.totals else "–" for metric in METRICS]
    row = f"| {' | '.join([date, commit, evaluation.part, str(len(evaluation.items)), *cells])} |"
    written = path.read_text(encoding="utf-8") if path.exists() else "# Measurements\n"
    if written and not written.endswith("\n"):
        written += "\n"
    headers = [line for line in written.split("\n") if line.startswith("| date |")]
    if not headers or headers[-1] != header:
        written += f"\n{header}\n|{'---|' * len(columns)}\n"
    path.write_text(f"{written}{row}\n", encoding="utf-8")
