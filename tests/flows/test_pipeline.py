from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from extractors.errors import LedgerError, OutletError, SearchIndexError, SettingsError
from extractors.records import Page
from flows.archive import Archive
from flows.ledger import Ledger
from flows.pipeline import ingest
from flows.settings import Settings
from flows.summary import RunSummary
from tests.flows import sample
from tests.flows.conftest import MakeSettings, Site, serve_site

ROOT = Path(__file__).parents[2]


@pytest.fixture
def press(site: Site) -> Site:
    sample.publish(site)
    return site


@pytest.fixture
def run(make_settings: MakeSettings) -> Callable[..., RunSummary]:
    def run(limit: int | None = None, **changes: Any) -> RunSummary:
        return ingest(make_settings(**changes), sample.outlets(), limit=limit, all_feeds=True)

    return run


def test_everything_that_the_feeds_show_has_one_outcome(press: Site, run: Callable[..., RunSummary], tmp_path: Path) -> None:
    summary = run()
    assert summary.counts_add_up
    assert (summary.listed, summary.seen, summary.new, summary.newly_indexed) == (17, 17, 17, 12)
    assert (summary.indexed, summary.duplicate, summary.pending) == (12, 2, 0)
    assert (summary.rejected, summary.quarantined) == ({"foreign_host": 1, "gone": 1, "no_text": 1}, {})
    documents = sample.contents(tmp_path / "home")
    assert sum(key.startswith("articles/") for key in documents) == 12
    assert summary.events == sum(key.startswith("events/") for key in documents) > 0
    told = [document for key, document in documents.items() if key.startswith("events/")]
    assert any(document["report_count"] == 2 for document in told), "both outlets tell of the same meetings"


def test_feeds_that_were_not_due_are_named_with_their_outlet(press: Site, make_settings: MakeSettings) -> None:
    # Ids as those of the catalogue: the outlet cannot be read from the feed's.
    named = {
        name: replace(outlet, feeds=tuple(replace(feed, id=feed.id.replace("/", "_")) for feed in outlet.feeds))
        for name, outlet in sample.outlets().items()
    }
    ingest(make_settings(), named, limit=2)
    later = ingest(make_settings(), named)
    assert later.newly_indexed > 0
    assert {(feed.feed_id, feed.outlet_id, feed.state) for feed in later.feeds} == {
        ("bao-bac_tin", "bao-bac", "none"),
        ("bao-nam_tin", "bao-nam", "none"),
    }


def test_a_page_that_is_not_in_this_archive_is_fetched_again(
    press: Site, make_settings: MakeSettings, run: Callable[..., RunSummary], tmp_path: Path
) -> None:
    """Fetched on another machine with the same ledger, or lost with a segment: its address is all that is needed."""

    settings = make_settings()
    run(limit=1)
    with Ledger(settings.ledger_address) as ledger, Archive(tmp_path / "elsewhere") as elsewhere:
        taken = ledger.runs.start()
        ids = ledger.take_work(taken, list(sample.outlets()), 3)

        for row in ledger.rows(ids):
            page = Page(row.url, row.url, 200, (), row.url.encode(), datetime.now(UTC))
            ledger.record_page(row.id, elsewhere.append(page), page.fetched_at)
        ledger.runs.end(taken, "interrupted", None)
        first = run()
        assert (first.quarantined, first.counts_add_up) == ({"archive_unreadable": 3}, True)
        assert [one.has_page for one in ledger.quarantine.find()] == [False] * 3
        ledger.quarantine.retry()
    second = run()
    assert (second.pending, second.quarantined, second.counts_add_up) == (0, {}, True)
    assert second.newly_indexed == 3


def test_a_second_run_indexes_nothing_new_and_asks_for_no_page(press: Site, run: Callable[..., RunSummary], tmp_path: Path) -> None:
    run()
    before = sample.contents(tmp_path / "home")
    press.requests.clear()
    summary = run()
    assert (summary.seen, summary.newly_indexed, summary.counts_add_up) == (0, 0, True)
    assert {feed.state for feed in summary.feeds} == {"unchanged"}
    assert [request for request in press.requests if request.endswith(".html")] == []
    assert sample.contents(tmp_path / "home") == before


def test_a_changed_text_is_a_new_version_and_its_reports_are_replaced(press: Site, run: Callable[..., RunSummary], tmp_path: Path) -> None:
    run()
    before = sample.contents(tmp_path / "home")
    title = "Tin thời tiết"
    host = "bao-nam.test"
    press.html(
        f"{host}/bai-0.html",
        sample.story(title, *["Ngày mai trời nắng, gió nhẹ, nhiệt độ cao nhất khoảng ba mươi độ ở vùng đồng bằng."] * 3),
    )
    press.answers[f"{host}/tin.rss"] = (200, {}, sample.rss((f"http://{host}/bai-0.html", title)))
    summary = run()
    assert (summary.new, summary.seen, summary.newly_indexed, summary.counts_add_up) == (0, 1, 1, True)
    after = sample.contents(tmp_path / "home")
    (changed,) = [key for key in after if key.startswith("articles/") and after[key]["title"] == title]
    assert after[changed]["version"] == 2
    old_reports = [key for key in before if key.startswith("reports/") and before[key]["article_id"] == changed.partition("/")[2]]
    assert old_reports
    assert not set(old_reports) & set(after)
    held = {identifier for key, document in after.items() if key.startswith("events/") for identifier in document["report_ids"]}
    assert held == {key.partition("/")[2] for key in after if key.startswith("reports/")}


def test_one_bad_feed_does_not_stop_the_others(press: Site, run: Callable[..., RunSummary]) -> None:
    press.html("bao-bac.test/tin.rss", "<html><body>Trang chủ</body></html>")
    press.answers["bao-bac.test/an-ninh.rss"] = (404, {}, b"")
    summary = run()
    states = {feed.feed_id: feed.state for feed in summary.feeds}
    assert states == {"bao-bac/tin": "failed", "bao-bac/an-ninh": "failed", "bao-nam/tin": "ok"}
    assert all(feed.error for feed in summary.failed_feeds)
    assert summary.newly_indexed == 6


def test_a_limit_leaves_the_rest_for_the_next_run(press: Site, run: Callable[..., RunSummary]) -> None:
    first = run(limit=3)
    assert (first.indexed, first.pending, first.counts_add_up) == (3, 11, True)
    second = run()
    assert (second.new, second.newly_indexed, second.pending) == (0, 9, 0)


def test_pages_that_fail_are_tried_in_later_runs_and_then_quarantined(press: Site, run: Callable[..., RunSummary]) -> None:
    press.answers["bao-nam.test/bai-0.html"] = (503, {}, b"")
    press.answers["bao-nam.test/bai-1.html"] = (401, {}, b"")
    first, second = run(entry_attempts=2), run(entry_attempts=2)
    assert (first.pending, first.quarantined) == (1, {"forbidden": 1})
    assert (second.pending, second.quarantined, second.seen) == (0, {"server_error": 1}, 1)


def test_an_unreachable_index_loses_nothing(press: Site, run: Callable[..., RunSummary], tmp_path: Path) -> None:
    with pytest.raises(SearchIndexError):
        run(elasticsearch_url="http://127.0.0.1:9")
    pages = [request for request in press.requests if request.endswith(".html")]
    assert len(pages) == 14
    with Ledger(f"sqlite:///{tmp_path / 'home' / 'ledger.sqlite'}") as ledger:
        assert ledger.runs.last()[0].state == "failed"
    press.requests.clear()
    summary = run()
    assert (summary.newly_indexed, summary.counts_add_up) == (12, True)
    assert [request for request in press.requests if request.endswith(".html")] == []


def test_what_cannot_be_ingested_is_refused_first(press: Site, make_settings: MakeSettings, tmp_path: Path) -> None:
    with pytest.raises(OutletError, match="there are: bao-bac, bao-nam"):
        ingest(make_settings(), sample.outlets(), only=["bao-dong"])
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "letters.txt").touch()
    with pytest.raises(SettingsError, match="not empty"):
        ingest(make_settings(home=tmp_path / "used"), sample.outlets())
    with Ledger(make_settings().ledger_address) as ledger:
        ledger.runs.start("rebuild", alone=True)
        (tmp_path / "home" / "demo").touch()
        with pytest.raises(LedgerError, match="rebuild run 1 is at work"):
            ingest(make_settings(), sample.outlets())
    assert press.requests == []


def settings_json(settings: Settings) -> str:
    return json.dumps(
        {
            "home": str(settings.home),
            "host_delay_seconds": 0,
            "host_overrides": settings.host_overrides,
            "extraction_workers": 1,
            "batch_size": 4,
        }
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The index after a run that nothing disturbed. Addresses and ids do not depend on the site's port."""
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    with serve_site() as site:
        sample.publish(site)
        ingest(Settings(home=home, host_delay_seconds=0, host_overrides=site.overrides, extraction_workers=1), sample.outlets())
    return sample.contents(home)


@pytest.mark.parametrize(
    "line",
    [("started pages", 1), ("advanced pages", 9), ("started articles", 1), ("advanced articles", 2), ("ended articles", 1),
     ("advanced events", 1)],
    ids=lambda line: f"{line[0]} {line[1]}",
)  # fmt: skip
def test_killed_anywhere_and_run_again_the_index_is_the_same(
    press: Site,
    run: Callable[..., RunSummary],
    make_settings: MakeSettings,
    tmp_path: Path,
    undisturbed: dict[str, dict[str, Any]],
    line: tuple[str, int],
) -> None:
    wanted, times = line
    given = settings_json(make_settings())
    with subprocess.Popen([sys.executable, "-m", "tests.flows.sample", given], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for said in process.stdout:
            times -= said.strip() == wanted
            if times == 0:
                break
        assert times == 0, "it ended before it could be killed"
        process.kill()
        process.wait()
    press.requests.clear()
    with Ledger(make_settings().ledger_address) as ledger:
        archived = {row.url for row in ledger.rows(range(1, 100)) if row.ref is not None}
    summary = run(batch_size=4)
    assert summary.counts_add_up
    assert not archived & {f"http://{request}" for request in press.requests}, "a page in the archive is not fetched again"
    assert sample.contents(tmp_path / "home") == undisturbed
