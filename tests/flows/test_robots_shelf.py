"""robots.txt in the ledger: one reading serves the runs of a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flows.ledger import Ledger
from flows.pipeline import ingest
from flows.robots import SavedRobots
from tests.flows import sample
from tests.flows.conftest import MakeSettings, Site

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_what_was_read_is_kept_as_it_was(new_ledger_address: Callable[[], str]) -> None:
    address = new_ledger_address()
    with Ledger(address) as ledger:
        assert ledger.robots.get("http://a.test") is None
        ledger.robots.put("http://a.test", SavedRobots(b"User-agent: *\nDisallow: /\xff\x00", AT))
        ledger.robots.put("http://b.test", SavedRobots(b"old", AT))
        ledger.robots.put("http://b.test", SavedRobots(None, AT))
        ledger.robots.put("http://" + "c" * 400, SavedRobots(None, AT))
    with Ledger(address) as ledger:
        assert ledger.robots.get("http://a.test") == SavedRobots(b"User-agent: *\nDisallow: /\xff\x00", AT)
        assert ledger.robots.get("http://b.test") == SavedRobots(None, AT)
        assert ledger.robots.get("http://" + "c" * 400) is None


def test_a_second_run_does_not_ask_for_it_again(site: Site, make_settings: MakeSettings) -> None:
    sample.publish(site, count=1)
    for expected in (2, 0):
        site.requests.clear()
        ingest(make_settings(), sample.outlets(), all_feeds=True)
        assert len([request for request in site.requests if request.endswith("/robots.txt")]) == expected
