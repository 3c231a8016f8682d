"""`keoson coverage`: of what outlets announced, what the index holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractors.errors import InputError
from keoson.cli.options import Json, Outlets, Since, Until, day_range, load_settings, open_reading

if TYPE_CHECKING:
    from datetime import date

    from flows.coverage import CoveredShare


def coverage_command(
    since: Since = None,
    until: Until = None,
    outlet: Outlets = None,
    missing: Annotated[bool, typer.Option("--missing", help="Print the addresses that are missing, as CSV for keoson backfill.")] = False,
    as_json: Json = False,
) -> None:
    """Per outlet and month: what its sitemaps and listings announced, and what of it is in the index.

    covered: nine tenths of it are there. hole: less, or nothing was announced in a month that was looked through. watched: nobody looked,
    but the feeds were polled all the time. unknown: neither, so that a zero there says nothing.

    keoson backfill --dry-run finds out what is announced, and --missing what to fetch again.

    Example:

    $ keoson coverage --since 2024 --until 2025
    """
    from flows.coverage import coverage
    from flows.ledger import Ledger

    settings = load_settings()
    if settings.ledger_url is None and not (settings.home / "ledger.sqlite").exists():
        raise InputError(f"nothing has run yet in {settings.home}; start with: keoson backfill --since DATE --dry-run")
    now = datetime.now(UTC)
    first, after = day_range(since, until)
    with Ledger(settings.ledger_address) as ledger:
        book = ledger.announced
        known = book.outlets()
        unknown = sorted(set(outlet or ()) - set(known))
        if unknown:
            raise InputError(
                f"nothing is known of {', '.join(unknown)}; outlets that were polled or looked through: {', '.join(known) or 'none'}"
            )
        wanted = outlet or known
        begin = first.isoformat()[:7] if first else book.first_month(wanted) or f"{now:%Y-%m}"
        end = min(now.date(), _day_before(after)).isoformat()[:7] if after else f"{now:%Y-%m}"
        if begin > end:
            raise InputError(f"--since {since} lies in the future: today is {now.date().isoformat()}")
        if missing:
            _print_missing(list(book.missing(wanted, begin, end)))
            return
        index = open_reading(settings)
        try:
            months = coverage(book, index, wanted, begin, end, now=now)
        finally:
            index.close()
        undated = book.undated(wanted)
    if as_json:
        from dataclasses import asdict

        print(json.dumps({"months": [asdict(month) for month in months], "announced_without_a_date": undated}))
        return
    from keoson.backfill_screen import show_coverage

    show_coverage(months, undated)


def coverage_note(outlets: list[str] | None, first: date | None, after: date | None) -> CoveredShare | None:
    """The share of covered outlet-months of a search with dates, when it is too small to be silent about."""
    if first is None and after is None:
        return None
    from sqlalchemy.exc import DBAPIError

    from flows.coverage import coverage_of_search
    from flows.ledger.announcements import AnnouncementBook
    from flows.ledger.opening import database_at

    settings = load_settings()
    if settings.ledger_url is None and not (settings.home / "ledger.sqlite").exists():
        return None  # an index without its ledger: nothing is known of what is missing
    # As it is, not migrated: a search only reads, and must not wait for that.
    database = database_at(settings.ledger_address)
    try:
        share = coverage_of_search(AnnouncementBook(database, _now), outlets or (), first, after, now=_now())
    except DBAPIError:  # the ledger is older than coverage, or away: results are shown all the same
        return None
    finally:
        database.close()
    return share if share.worth_a_note else None


def share_json(share: CoveredShare) -> dict[str, Any]:
    """A share as JSON has it."""
    return {"covered_outlet_months": share.covered, "outlet_months": share.of, "share": round(share.share, 3)}


def _now() -> datetime:
    return datetime.now(UTC)


def _day_before(day: date) -> date:
    from datetime import timedelta

    return day - timedelta(days=1)


def _print_missing(rows: list[tuple[str, str, str, str]]) -> None:
    import csv
    import sys

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["outlet", "date", "url", "state"])
    writer.writerows(rows)
