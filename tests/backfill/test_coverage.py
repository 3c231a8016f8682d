"""Coverage over the past of the sample press: what was announced, what is there, and the holes made on purpose."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime

from flows.coverage import MonthCoverage, coverage, coverage_of_search, covered_share
from flows.ledger import Ledger
from mappings import open_index
from tests.backfill.conftest import Home, MakeHome
from tests.backfill.past_press import PAST, PastPress

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def covered(home: Home, since: str, until: str) -> dict[tuple[str, str], MonthCoverage]:
    index = open_index(**home.settings.index_location)
    index.ensure()
    with closing(index), Ledger(home.settings.ledger_address) as ledger:
        months = coverage(ledger.announced, index, list(home.outlets), since, until, now=NOW)
    return {(one.outlet_id, one.month): one for one in months}


def test_coverage_reports_the_holes_and_only_them(past: PastPress, make_home: MakeHome) -> None:
    home = make_home(past)
    done = home.run("truongson", since="2023-07", until="2024-06")
    home.run("champapost", source="listing", since="2024-01", until="2024-03")
    assert done.counts_add_up
    months = covered(home, "2023-06", "2024-07")
    gone, empty = PAST["truongson"]["hole_announced_and_gone"], PAST["truongson"]["hole_not_announced"]
    holes = {key for key, one in months.items() if one.state == "hole"}
    assert holes == {("truongson", gone), ("truongson", empty), ("champapost", PAST["champapost"]["hole_not_announced"])}
    lost, never = months["truongson", gone], months["truongson", empty]
    assert (lost.announced, lost.seen, lost.indexed, lost.missing, lost.gone, lost.in_index) == (2, 2, 0, 2, 2, 0)
    assert (never.announced, never.in_index) == (0, 0)
    whole = months["truongson", "2024-01"]
    assert (whole.state, whole.announced, whole.indexed, whole.missing, whole.in_index) == ("covered", 2, 2, 0, 2)
    # Outside of the ranges nobody has looked.
    assert {months[key].state for key in (("truongson", "2023-06"), ("truongson", "2024-07"), ("champapost", "2023-12"))} == {"unknown"}
    assert all(one.announced == one.indexed + one.rejected + one.missing for one in months.values())
    with Ledger(home.settings.ledger_address) as ledger:
        missing = list(ledger.announced.missing(["truongson"], "2023-01", "2025-12"))
        share = coverage_of_search(ledger.announced, ["truongson"], date(2023, 7, 1), date(2024, 7, 1), now=NOW)
    assert [(outlet, url, state) for outlet, _, url, state in missing] == [
        ("truongson", one.url, "gone") for one in past.of("truongson", gone)
    ]
    assert (share.covered, share.of) == (10, 12)
    assert share.worth_a_note
    assert covered_share([months["truongson", "2024-01"]]).worth_a_note is False


def test_a_month_looked_through_in_part_is_not_said_to_be(past: PastPress, make_home: MakeHome) -> None:
    home = make_home(past)
    home.run("truongson", since="2024-09-10", until="2024-10", dry_run=True)
    months = covered(home, "2024-09", "2024-10")
    assert months["truongson", "2024-09"].state == "unknown"
    after = months["truongson", "2024-10"]
    assert (after.state, after.announced, after.seen, after.missing) == ("hole", 2, 0, 2)


def test_what_cannot_be_read_is_not_looked_through(past: PastPress, make_home: MakeHome) -> None:
    away = replace(past.outlets["truongson"], sitemaps=("http://truongson.press.test/no-such.xml",))
    home = make_home(past, outlets={"truongson": away})
    done = home.run("truongson", since="2024-10", until="2024-10")
    assert not done.complete
    assert [address for address, _ in done.failures] == ["http://truongson.press.test/no-such.xml"]
    assert covered(home, "2024-10", "2024-10")["truongson", "2024-10"].state == "unknown"
