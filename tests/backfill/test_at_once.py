"""Two backfills and an ingest at once, on both indexes: the same result as one after the other."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from benchmarks.warc_files import write_warc
from flows.ledger import Ledger
from flows.settings import Settings
from tests.backfill.conftest import MakeHome
from tests.backfill.past_press import PastPress
from tests.backfill.running import contents, start
from tests.backfill.test_warc import pages

MakeIndex = Callable[[], dict[str, Any]]
# A report belongs to an event, whose id is that of the report it was first known by: which that is depends on who came first.
_BY_ORDER = ("id", "event_id", "event_ids")


@pytest.fixture(params=["embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def new_index(request: pytest.FixtureRequest) -> Iterator[MakeIndex]:
    """Gives the settings of another empty index with each call."""
    if request.param == "embedded":
        yield dict
        return
    url: str = request.getfixturevalue("elasticsearch_url")
    made: list[str] = []

    def make() -> dict[str, Any]:
        made.append(f"test-{uuid.uuid4().hex[:12]}")
        return {"elasticsearch_url": url, "index_prefix": made[-1]}

    yield make
    with Elasticsearch(url) as client:
        names = ",".join(f"{prefix}-{kind}" for prefix in made for kind in ("articles", "reports", "events"))
        client.indices.delete(index=names, ignore_unavailable=True)


def test_two_backfills_and_an_ingest_at_once(past: PastPress, make_home: MakeHome, tmp_path: Path, new_index: MakeIndex) -> None:
    path = tmp_path / "crawl.warc.gz"
    before = len(past.server.requests_seen)  # the press serves other tests as well
    write_warc(path, [*pages(past, "truongson", "2024-04", "2024-06", "2024-07"), *pages(past, "champapost", "2024-05")], "ccnews")
    works: list[dict[str, Any]] = [
        {"only": ["truongson"], "since": "2024-03", "until": "2024-07"},
        {"files": [str(path)]},
        {"ingest": True},
    ]
    after_each_other = make_home(past, "one", batch_size=3, **new_index()).settings
    for told in works:
        assert start(after_each_other, told).wait() == 0
    at_once = make_home(past, "all", batch_size=3, **new_index()).settings
    running = [start(at_once, told) for told in works]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert happened(at_once) == happened(after_each_other)
    with Ledger(at_once.ledger_address) as ledger:
        assert all(day.adds_up for day in ledger.counts())
        assert sum(day.pending for day in ledger.counts()) == 0
    # No page was asked for by two of them.
    asked = [request.path for request in past.server.requests_seen[before:] if "tin-bien-gioi-2024" in request.path]
    assert max(asked.count(page) for page in set(asked)) <= 2  # once in each home


def happened(settings: Settings) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Articles and reports by id, and the events by what is in them."""
    found = contents(settings, with_feed=False)
    kept = {key: _plain(document) for key, document in found.items() if not key.startswith("events/")}
    return kept, sorted(repr(sorted(_plain(document).items())) for key, document in found.items() if key.startswith("events/"))


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in _BY_ORDER}
