"""Retention: old segments shrink to what is needed, at whatever point the pruning was killed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from extractors.records import Page
from flows.archive import Archive, ArchiveBusyError
from flows.archive.segments import segments
from flows.clock import Clock
from flows.ledger import Ledger
from flows.pages import fetch_entries
from flows.pipeline import ingest
from flows.polling import poll_feeds
from flows.replay import rebuild_index
from flows.retention import Pruned, prune_after_run, prune_archive
from flows.running import running
from flows.settings import Settings
from flows.workspace import Workspace
from tests.flows import sample
from tests.flows.conftest import MakeSettings, Site, serve_site
from tests.flows.test_replay import documents

OLD, NEW = datetime(2026, 3, 12, 9, tzinfo=UTC), datetime(2026, 4, 20, 9, tzinfo=UTC)
BEFORE = date(2026, 4, 1)
SEGMENTS = {"keoson-20260312-00.warc.gz", "keoson-20260420-00.warc.gz"}


def at(now: datetime) -> Clock:
    """A clock that stands."""
    return Clock(lambda: now, time.monotonic, time.sleep)


def names(folder: Path) -> set[str]:
    return {path.name for path in segments(folder)}


def page(number: int, body: bytes, now: datetime = OLD) -> Page:
    return Page(f"http://a.test/{number}", f"http://a.test/{number}", 200, (("content-type", "text/html"),), body, now)


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Site]]:
    """A home after a run in March and one in April, which found a new text of one article."""
    folder = tmp_path_factory.mktemp("retention")
    with serve_site() as site:
        settings = Settings.load(home=folder / "home", host_delay_seconds=0, host_overrides=site.overrides, extraction_workers=1)
        sample.publish(site, count=4)
        host, title = "bao-nam.test", "Hội nghị giao ban lần thứ hai của công an hai tỉnh"
        # a text that no other page has: else its body would stay for the other's sake
        site.html(f"{host}/bai-2.html", sample.story("Bài 2", *sample.meeting(13, "Lao Bảo")))
        ingest(settings, sample.outlets(), all_feeds=True, clock=at(OLD))
        site.html(f"{host}/bai-2.html", sample.story(title, *sample.meeting(28, "thị xã Quảng Trị")))
        lines = [(f"http://{host}/bai-{number}.html", title if number == 2 else f"Bài {number}") for number in range(4)]
        site.answers[f"{host}/tin.rss"] = (200, {"Content-Type": "application/rss+xml"}, sample.rss(*lines))
        assert ingest(settings, sample.outlets(), all_feeds=True, clock=at(NEW)).newly_indexed == 1
        assert names(settings.archive_folder) == SEGMENTS
        yield settings, site


@pytest.fixture
def ingested(two_runs: tuple[Settings, Site], tmp_path: Path) -> Settings:
    """A copy of that home."""
    shutil.copytree(two_runs[0].home, tmp_path / "home")
    return two_runs[0].model_copy(update={"home": tmp_path / "home"})


def assert_all_there(settings: Settings, before: dict[str, dict[str, object]]) -> None:
    """The index can be made again as it was, the counts add up, and every reference of a waiting or newest page can be read."""
    assert rebuild_index(settings, sample.outlets()).lost == {}
    assert documents(settings.home) == before
    with Ledger(settings.ledger_address) as ledger:
        assert all(day.adds_up for day in ledger.counts())


def prune(settings: Settings, before: date = BEFORE) -> tuple[Pruned, ...]:
    with Ledger(settings.ledger_address) as ledger:
        return prune_archive(settings.archive_folder, ledger, before=before).segments


def test_an_old_segment_keeps_the_newest_page_of_each_article_and_nothing_else(ingested: Settings) -> None:
    before = documents(ingested.home)
    with Archive(ingested.archive_folder) as archive:
        stored = [(one.address, one.fetched_at) for one in archive.index.pages()]
    (done,) = prune(ingested)
    assert (done.segment, done.target) == ("keoson-20260312-00.warc.gz", "keoson-20260312-00-k1.warc.gz")
    assert 0 < done.kept < done.pages
    assert names(ingested.archive_folder) == {"keoson-20260312-00-k1.warc.gz", "keoson-20260420-00.warc.gz"}
    with Archive(ingested.archive_folder) as archive:
        left = list(archive.index.pages())
        gone = set(stored) - {(one.address, one.fetched_at) for one in left}
        assert len(gone) == done.pages - done.kept
        # The first text of an article that was revised, and a page that had no text.
        assert gone == {("http://bao-nam.test/bai-2.html", OLD), ("http://bao-bac.test/trong.html", OLD)}
        assert [archive.read(one.ref).url for one in left] == [one.address for one in left]
    assert_all_there(ingested, before)
    assert prune(ingested) == ()
    assert ingest(ingested, sample.outlets(), all_feeds=True, clock=at(NEW)).newly_indexed == 0


def test_everything_that_is_the_newest_stays_however_old(ingested: Settings) -> None:
    before = documents(ingested.home)
    prune(ingested, date(2030, 1, 1))
    assert all("-k1" in name for name in names(ingested.archive_folder))
    assert_all_there(ingested, before)


def test_what_waits_to_be_indexed_or_tried_again_stays(site: Site, make_settings: MakeSettings) -> None:
    sample.publish(site, count=4)
    settings = make_settings()
    clock = at(OLD)
    with Workspace(settings, sample.outlets(), clock=clock) as work, running(work) as run_id:
        poll_feeds(work, run_id, "on")
        ids = work.ledger.take_work(run_id, work.outlets, None)
        fetch_entries(work, run_id, ids)  # and the process dies
        waiting = {row.id: row.ref for row in work.ledger.rows(ids) if row.ref is not None}
        work.ledger.settle(min(waiting), "quarantined", "extraction_crashed", detail="by a test")
        assert len(waiting) > 4
        work.archive.append(page(1, b"<p>nobody's</p>"))
    (done,) = prune(settings)
    assert (done.pages, done.kept) == (len(waiting) + 1, len(waiting))
    with Ledger(settings.ledger_address) as ledger, Archive(settings.archive_folder) as archive:
        moved = {row.id: row.ref for row in ledger.rows(ids) if row.ref is not None}
        assert moved.keys() == waiting.keys() - {min(waiting)}
        for key, ref in moved.items():
            assert ref.segment == done.target
            assert archive.read(ref).body
            assert ref.digest == waiting[key].digest


def test_killed_before_the_ledger_knew_the_new_places(ingested: Settings, tmp_path: Path) -> None:
    before = documents(ingested.home)
    as_it_was = tmp_path / "before"
    shutil.copytree(ingested.home, as_it_was)
    (done,) = prune(ingested)
    assert done.target is not None
    written = (ingested.archive_folder / done.target).read_bytes()
    shutil.rmtree(ingested.home)
    shutil.copytree(as_it_was, ingested.home)
    (ingested.archive_folder / done.target).write_bytes(written)
    (ingested.archive_folder / "keoson-20260312-00-k1.warc.unfinished").write_bytes(written[:100])
    again = prune(ingested)
    assert {(one.segment, one.target) for one in again} == {(done.target, None), (done.segment, done.target)}
    assert names(ingested.archive_folder) == {done.target, "keoson-20260420-00.warc.gz"}
    assert_all_there(ingested, before)


def test_killed_before_the_old_segment_was_deleted(ingested: Settings) -> None:
    before = documents(ingested.home)
    path = ingested.archive_folder / "keoson-20260312-00.warc.gz"
    whole = path.read_bytes()
    prune(ingested)
    path.write_bytes(whole)
    (again,) = prune(ingested)
    assert (again.segment, again.target) == (path.name, None)
    assert_all_there(ingested, before)


def test_a_dry_run_says_the_same_and_does_nothing(ingested: Settings) -> None:
    with Ledger(ingested.ledger_address) as ledger:
        planned = prune_archive(ingested.archive_folder, ledger, before=BEFORE, dry_run=True)
    assert names(ingested.archive_folder) == SEGMENTS
    sizes = sum(path.stat().st_size for path in segments(ingested.archive_folder))
    assert prune(ingested) == planned.segments
    # the record that opens a segment may be longer or shorter
    assert abs(sizes - sum(path.stat().st_size for path in segments(ingested.archive_folder)) - planned.freed) < 30 < planned.freed
    assert planned.dropped == sum(one.pages - one.kept for one in planned.segments)


def test_bodies_that_younger_revisits_refer_to_stay(tmp_path: Path) -> None:
    days = iter([OLD, NEW])
    with Archive(tmp_path, now=lambda: next(days)) as archive:
        archive.append_all([page(1, b"<p>same</p>"), page(2, b"<p>gone</p>"), page(3, b"<p>same</p>")])
        young = archive.append(page(4, b"<p>same</p>", NEW))
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        (done,) = prune_archive(tmp_path, ledger, before=BEFORE).segments
    assert (done.pages, done.kept) == (3, 1)
    with Archive(tmp_path) as archive:
        assert archive.read(young) == page(4, b"<p>same</p>", NEW)
        assert [one.address for one in archive.index.pages()] == ["http://a.test/1", "http://a.test/4"]


def test_a_segment_of_which_nothing_is_needed_is_deleted_and_what_is_none_is_left(tmp_path: Path) -> None:
    days = iter([OLD, NEW])
    with Archive(tmp_path, now=lambda: next(days)) as archive:
        archive.append(page(1, b"<p>gone</p>"))
        kept = archive.append(page(2, b"<p>young</p>", NEW))
    (tmp_path / "keoson-20260101-00.warc.gz").write_bytes(b"something else entirely")
    with Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        (done,) = prune_archive(tmp_path, ledger, before=BEFORE).segments
    assert (done.segment, done.target, done.kept) == ("keoson-20260312-00.warc.gz", None, 0)
    assert names(tmp_path) == {"keoson-20260101-00.warc.gz", "keoson-20260420-00.warc.gz"}
    assert Archive(tmp_path).read(kept) == page(2, b"<p>young</p>", NEW)


def test_a_page_that_is_needed_and_not_readable_keeps_its_segment(ingested: Settings) -> None:
    with Ledger(ingested.ledger_address) as ledger:
        kept = next(one for batch in ledger.versions.newest(100) for one in batch if "0312" in one.ref.segment)
    path = ingested.archive_folder / kept.ref.segment
    content = bytearray(path.read_bytes())
    content[kept.ref.offset + 40] ^= 0xFF
    path.write_bytes(bytes(content))
    (ingested.archive_folder / "index.sqlite").unlink()
    assert prune(ingested) == ()
    assert path.read_bytes() == bytes(content)


def test_others_at_work_are_not_disturbed(ingested: Settings) -> None:
    with Archive(ingested.archive_folder) as other:
        other.lock_shared()
        with pytest.raises(ArchiveBusyError, match="at work"):
            prune(ingested)
        changed = ingested.model_copy(update={"archive_retention_days": 10})
        with Workspace(changed, sample.outlets(), clock=at(NEW)) as work:
            assert prune_after_run(work) is None
    assert names(ingested.archive_folder) == SEGMENTS


def test_after_a_run_it_is_done_by_the_setting_once_a_day(ingested: Settings) -> None:
    with Workspace(ingested, sample.outlets(), clock=at(NEW)) as work:
        assert prune_after_run(work) is None
    for days, pruned in ((100, 0), (30, 0)):  # the second comes on the same day
        with Workspace(ingested.model_copy(update={"archive_retention_days": days}), sample.outlets(), clock=at(NEW)) as work:
            summary = prune_after_run(work)
            assert summary is not None
            assert len(summary.segments) == pruned
    with Workspace(ingested.model_copy(update={"archive_retention_days": 30}), sample.outlets(), clock=at(NEW.replace(day=21))) as work:
        summary = prune_after_run(work)
    assert summary is not None
    assert [one.segment for one in summary.segments] == ["keoson-20260312-00.warc.gz"]
