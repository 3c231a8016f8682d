"""Every case of the torture press. They are ingested together, once; each is then held against its file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.summary import RunSummary
from tests.torture.behaviours import BEHAVIOURS
from tests.torture.cases import FOLDER, read_case, read_cases
from tests.torture.network import TortureNetwork
from tests.torture.running import Verdict, run_cases, settings_for
from tests.torture.serving import TorturePress, serve

PATHS = sorted(FOLDER.glob("*.toml"))
Result = tuple[dict[str, Verdict], list[RunSummary], TorturePress, TortureNetwork]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Result]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("torture"))
        for name in [name for name in os.environ if name.startswith("KEOSON_")]:
            patch.delenv(name)
        cases = read_cases()
        with serve(cases) as press:
            network = TortureNetwork(press, cases)
            verdicts, summaries = run_cases(press, network, settings_for(press, Path("home").absolute()), cases)
        yield {verdict.case.id: verdict for verdict in verdicts}, summaries, press, network


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_case_ends_as_its_file_says(path: Path, result: Result) -> None:
    verdicts, _, _, _ = result
    assert verdicts[path.stem].differences == ()


def test_the_ledger_adds_up_after_every_round(result: Result) -> None:
    _, summaries, _, _ = result
    assert [summary.counts_add_up for summary in summaries] == [True] * len(summaries)


def test_no_host_was_asked_twice_at_the_same_time(result: Result) -> None:
    _, _, press, _ = result
    assert press.overlaps == set()


def test_nothing_but_the_press_was_dialled(result: Result) -> None:
    _, _, _, network = result
    assert network.dialled == []


def test_there_are_cases_for_all_that_the_notes_tell_of() -> None:
    told = {tag for case in read_cases() for tag in case.stands_for}
    assert len(PATHS) >= 60
    assert {f"A{number}" for number in range(1, 32)} <= told


def test_every_behaviour_is_needed_by_a_case() -> None:
    named = {served.behaviour for path in PATHS for served in read_case(path).serve if served.behaviour}
    assert named == set(BEHAVIOURS)
