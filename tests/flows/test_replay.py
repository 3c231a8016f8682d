"""Rebuilding the index from the archive and the ledger."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extractors.errors import ArchiveError, LedgerError, OutletError, SearchIndexError
from flows.archive import Archive
from flows.ledger import Ledger
from flows.pipeline import ingest
from flows.replay import rebuild_index
from flows.settings import Settings
from mappings import open_index
from tests.flows import sample
from tests.flows.conftest import MakeSettings, Site


def documents(home: Path) -> dict[str, dict[str, Any]]:
    """Every document of the index, by kind and id, with everything in it."""
    index = open_index(home=home)
    return {f"{kind}/{one['id']}": one for kind in ("articles", "reports", "events") for one in index.export(kind)}  # type: ignore[arg-type]


@pytest.fixture
def ingested(site: Site, make_settings: MakeSettings) -> Settings:
    """A home after two runs; the second found a new text of one article."""
    sample.publish(site, count=4)
    settings = make_settings(batch_size=3)
    ingest(settings, sample.outlets(), all_feeds=True)
    host, title = "bao-nam.test", "Hội nghị giao ban lần thứ hai của công an hai tỉnh"
    site.html(f"{host}/bai-2.html", sample.story(title, *sample.meeting(28, "thị xã Quảng Trị")))
    lines = [(f"http://{host}/bai-{number}.html", title if number == 2 else f"Bài {number}") for number in range(4)]
    site.answers[f"{host}/tin.rss"] = (200, {"Content-Type": "application/rss+xml"}, sample.rss(*lines))
    summary = ingest(settings, sample.outlets(), all_feeds=True)
    assert summary.newly_indexed == 1
    return settings


def spoil(home: Path, how: str) -> None:
    folder = home / "index"
    if how == "deleted":
        shutil.rmtree(folder)
    elif how == "another version":
        (folder / "schema.json").write_text(json.dumps({"schema": "0123456789abcdef"}), encoding="utf-8")
    elif how == "damaged":
        (folder / "reports" / "meta.json").unlink()


@pytest.mark.parametrize("how", ["sound", "deleted", "another version", "damaged"])
def test_a_rebuilt_index_equals_the_one_before(ingested: Settings, how: str) -> None:
    before = documents(ingested.home)
    assert {key.partition("/")[0] for key in before} == {"articles", "reports", "events"}
    assert {one["version"] for key, one in before.items() if key.startswith("articles/")} == {1, 2}
    spoil(ingested.home, how)
    if how != "sound":
        with pytest.raises(SearchIndexError):
            documents(ingested.home)
    summary = rebuild_index(ingested, sample.outlets())
    assert documents(ingested.home) == before
    assert (summary.articles, summary.lost) == (8, {})
    assert summary.articles + summary.reports + summary.events == len(before)
    aside = list(ingested.home.glob("index.*"))
    assert len(aside) == (how in ("another version", "damaged"))


def test_nothing_is_new_after_a_rebuild_and_a_second_one_changes_nothing(ingested: Settings) -> None:
    before = documents(ingested.home)
    shutil.rmtree(ingested.home / "index")
    rebuild_index(ingested, sample.outlets())
    assert ingest(ingested, sample.outlets()).newly_indexed == 0
    rebuild_index(ingested, sample.outlets())
    assert documents(ingested.home) == before


def test_an_article_that_gives_no_text_any_more_is_quarantined_and_its_events_go(ingested: Settings) -> None:
    with Ledger(ingested.ledger_address) as ledger:
        newest = [one for batch in ledger.versions.newest(100) for one in batch]
        # Two articles with one and the same page have one record in the archive.
        lost = next(one for one in newest if [other.ref.digest for other in newest].count(one.ref.digest) == 1)
        with Archive(ingested.archive_folder) as archive:
            page = archive.read(lost.ref)
            path = ingested.archive_folder / lost.ref.segment
            empty = archive.append(replace(page, body=b"<html><body></body></html>"))
    whole = path.read_bytes()
    # the empty page, padded to the length of the article's record, in its place: the digest tells that it is another page
    member = whole[empty.offset : empty.offset + empty.length].ljust(lost.ref.length, b"\0")
    path.write_bytes(whole[: lost.ref.offset] + member + whole[lost.ref.offset + lost.ref.length :])
    summary = rebuild_index(ingested, sample.outlets())
    assert summary.lost == {"archive_unreadable": 1}
    found = documents(ingested.home)
    assert f"articles/{lost.article_id}" not in found
    assert not [key for key, one in found.items() if lost.article_id in (one.get("article_id"), *one.get("article_ids", ()))]
    with Ledger(ingested.ledger_address) as ledger:
        days = ledger.counts()
        assert all(day.adds_up for day in days)
        assert sum(day.quarantined for day in days) == 1
    path.write_bytes(whole)
    assert rebuild_index(ingested, sample.outlets()).lost == {}
    with Ledger(ingested.ledger_address) as ledger:
        assert sum(day.quarantined for day in ledger.counts()) == 0


def test_an_outlet_that_is_not_there_any_more_is_named_and_the_index_left(ingested: Settings) -> None:
    before = documents(ingested.home)
    with pytest.raises(OutletError, match="bao-nam"):
        rebuild_index(ingested, {"bao-bac": sample.outlets()["bao-bac"]})
    assert documents(ingested.home) == before


def test_a_missing_segment_is_named_and_the_index_left(ingested: Settings) -> None:
    before = documents(ingested.home)
    (segment,) = ingested.archive_folder.glob("*.warc.gz")
    segment.rename(segment.with_suffix(".away"))
    with pytest.raises(ArchiveError, match=segment.name):
        rebuild_index(ingested, sample.outlets())
    assert documents(ingested.home) == before


def test_an_ingest_at_work_is_not_disturbed(ingested: Settings) -> None:
    with Ledger(ingested.ledger_address) as ledger:
        ledger.runs.start()
        with pytest.raises(LedgerError, match=r"ingest run \d+ is at work"):
            rebuild_index(ingested, sample.outlets())


def test_before_anything_was_ingested_the_index_is_empty(make_settings: MakeSettings) -> None:
    summary = rebuild_index(make_settings(), sample.outlets())
    assert (summary.articles, summary.reports, summary.events) == (0, 0, 0)
