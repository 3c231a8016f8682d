"""The tagger does not fall below what it has reached: a floor per metric on the development part, in `tests/gold/floors.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from keoson.evaluation.evaluation import Evaluation, evaluate, tag_item
from keoson.evaluation.metrics import METRICS
from keoson.evaluation.report import below_floors

GOLD = Path(__file__).parents[1] / "gold"


@pytest.fixture(scope="module")
def development() -> Evaluation:
    return evaluate(GOLD / "development", tag_item, resamples=2)


def test_no_metric_is_below_its_floor(development: Evaluation) -> None:
    assert below_floors(development, GOLD / "floors.toml") == []


def test_every_metric_has_a_floor() -> None:
    floors = tomllib.loads((GOLD / "floors.toml").read_text(encoding="utf-8"))["floors"]
    assert set(floors) == {metric.name for metric in METRICS}


def test_a_floor_above_the_score_is_named(development: Evaluation, tmp_path: Path) -> None:
    high = tmp_path / "floors.toml"
    high.write_text("[floors]\nrelevance = 1.01\n", encoding="utf-8")
    assert [line for line in below_floors(development, high) if "relevance" in line]
