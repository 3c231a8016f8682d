"""`keoson archive`: the pages as they were fetched."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from extractors.errors import ArchiveError, InputError
from keoson.cli.options import Json, Outlets, Since, Until, day_range, load_settings

if TYPE_CHECKING:
    from flows.archive import ArchivedPage
    from flows.retention import PruneSummary
    from flows.settings import Settings

app = typer.Typer(help="The pages as they were fetched: list, show, prune.", no_args_is_help=True)


@app.command("list")
def list_command(
    address_prefix: Annotated[
        str | None, typer.Option("--address-prefix", metavar="ADDRESS", help="Only addresses that begin so, with http:// or https://.")
    ] = None,
    outlet: Outlets = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option("--limit", min=0, metavar="N", help="At most N pages; 0 lists all.")] = 100,
    as_json: Json = False,
) -> None:
    """List archived pages by address and time. Days are those of fetching, in UTC.

    The columns: when it was fetched, status, media type, bytes on disk,
    `same` where the archive had the body already, address.

    Example:

    $ keoson archive list --address-prefix http://songlam.press.test/ --limit 3
    """
    settings = load_settings()
    first, last = day_range(since, until)
    found = _listed(
        settings,
        address_prefix=address_prefix,
        hosts=_hosts(settings, outlet),
        since=_midnight(first),
        until=_midnight(last),
        limit=limit + 1 if limit else -1,
    )
    more = bool(limit) and len(found) > limit
    found = found[:limit] if limit else found
    if as_json:
        print(json.dumps([_as_json(page) for page in found], ensure_ascii=False))
        return
    if not found:
        print(f"no such page in {settings.archive_folder}")
        return
    for page in found:
        same = "same" if page.kind == "revisit" else ""
        print(f"{page.fetched_at:%Y-%m-%d %H:%M}  {page.status}  {page.media_type:<12}  {page.ref.length:>9,}  {same:4}  {page.address}")
    if more:
        print(f"only the first {limit}; see more with --limit")


@app.command("show")
def show_command(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The address of a page, as in the list.", show_default=False)],
    at: Annotated[
        str | None, typer.Option("--at", metavar="DATE", help="As it was at the end of this day, month or year (UTC): YYYY[-MM[-DD]].")
    ] = None,
    headers: Annotated[bool, typer.Option("--headers", help="Print the status and headers instead of the page.")] = False,
) -> None:
    """Print a page as it was fetched, the last time or as of a date: its bytes, in the encoding of then.

    Example:

    $ keoson archive show http://songlam.press.test/tin/bat-chung-chuyen-an-60-kg-ma-tuy-post301877.html
    """
    from flows.archive import Archive

    settings = load_settings()
    _, end = day_range(None, at)
    fetches = sorted(_listed(settings, address=address), key=lambda page: page.fetched_at)
    if not fetches:
        raise ArchiveError(
            f"{settings.archive_folder} holds no page of {address!r}; see what it holds with: keoson archive list --address-prefix …"
        )
    until = _midnight(end)
    then = [page for page in fetches if until is None or page.fetched_at < until]
    if not then:
        raise ArchiveError(f"{address} was first fetched on {fetches[0].fetched_at:%Y-%m-%d}, after {at}")
    page = Archive(settings.archive_folder).read(then[-1].ref)
    if headers:
        print(f"HTTP/1.1 {page.status}")
        for name, value in (*page.headers, ("x-fetched-at", page.fetched_at.isoformat()), ("x-final-address", page.final_url)):
            print(f"{name}: {value}")
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(page.body)
    sys.stdout.buffer.flush()


@app.command("prune")
def prune_command(
    days: Annotated[
        int | None, typer.Option("--days", min=1, metavar="N", help="Instead of KEOSON_ARCHIVE_RETENTION_DAYS.", show_default=False)
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and do nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Drop pages that are older than the retention and not needed.

    The newest page of each article stays, and what waits to be indexed or tried again.

    Example:

    $ keoson archive prune --days 365 --dry-run
    """
    from flows.ledger import Ledger
    from flows.retention import first_day_kept, prune_archive

    settings = load_settings()
    kept = days or settings.archive_retention_days
    if kept is None:
        raise InputError("how long pages are kept is not set: give --days, or set KEOSON_ARCHIVE_RETENTION_DAYS")
    if not settings.archive_folder.is_dir():
        print(json.dumps(None) if as_json else f"nothing has been archived yet in {settings.home}")
        return
    before = first_day_kept(datetime.now(UTC), kept)
    with Ledger(settings.ledger_address) as ledger:
        summary = prune_archive(settings.archive_folder, ledger, before=before, dry_run=dry_run)
    if as_json:
        print(json.dumps(_summary_json(summary, dry_run=dry_run), ensure_ascii=False))
        return
    would = "would go" if dry_run else "gone"
    print(f"segments from before {summary.before}: {summary.dropped:,} pages {would}, {summary.freed:,} bytes")
    for one in summary.segments:
        what = f"{one.kept:,} of {one.pages:,} pages kept in {one.target}" if one.target else f"deleted, {one.pages:,} pages"
        print(f"  {one.segment}  {what}")


def _listed(settings: Settings, **conditions: Any) -> list[ArchivedPage]:
    """Pages of the archive; none when there is no archive yet (reading does not make one)."""
    from flows.archive import Archive

    if not settings.archive_folder.is_dir():
        return []
    with Archive(settings.archive_folder) as archive:
        return list(archive.index.pages(**conditions))


def _hosts(settings: Settings, outlets: list[str] | None) -> list[str] | None:
    if not outlets:
        return None
    from flows.pipeline import choose_outlets
    from keoson.cli.index import outlets_of

    return [host for outlet in choose_outlets(outlets_of(settings), outlets).values() for host in outlet.hosts]


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


def _as_json(page: ArchivedPage) -> dict[str, Any]:
    return {
        "address": page.address,
        "final_address": page.final_address,
        "fetched_at": page.fetched_at.isoformat(),
        "status": page.status,
        "media_type": page.media_type,
        "same": page.kind == "revisit",
        "digest": page.ref.digest,
        "segment": page.ref.segment,
        "offset": page.ref.offset,
        "length": page.ref.length,
    }


def _summary_json(summary: PruneSummary, *, dry_run: bool) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "before": summary.before.isoformat(),
        "dry_run": dry_run,
        "pages": summary.dropped,
        "bytes": summary.freed,
        "segments": [asdict(one) for one in summary.segments],
    }
