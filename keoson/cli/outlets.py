"""`keoson outlets`: the outlets and their feeds, how they are doing, what works of them now, and drafts of new ones."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from extractors.errors import FetchError, InputError
from keoson.cli.options import Json, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from extractors.outlet_draft import Draft
    from extractors.records import Outlet
    from flows.settings import Settings


class _ListUnlessNamed(TyperGroup):
    """`keoson outlets baonghean` is `keoson outlets list baonghean`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in {"-h", "--help"}):
            args = ["list", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_ListUnlessNamed,
    help="The outlets and their feeds. Without a command: list. Operators' own outlets lie in the folder `outlets` of KEOSON_HOME; one with "
    "the id of an outlet of Keoson replaces it.",
)

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these outlets.", show_default=False)]


@app.command("list")
def list_command(
    ids: Ids = None,
    health: Annotated[
        bool, typer.Option("--health", help="How the feeds do: last success, entries a day against expected, failures, delay.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the outlets, or the feeds of those named, or how the feeds do.

    With --health the exit code is 1 if a feed needs somebody to look: it fails, is gone, or is far below its expected volume.

    Example:

    $ keoson outlets list baonghean kpl
    """
    settings = load_settings()
    outlets = _chosen(settings, ids)
    if health:
        raise typer.Exit(_show_health(settings, outlets, as_json))
    if as_json:
        print(json.dumps([asdict(outlet) for outlet in outlets.values()], ensure_ascii=False))
        return
    from keoson.screen import show_feeds, show_outlets

    (show_feeds if ids else show_outlets)(outlets)


@app.command("check")
def check_command(ids: Ids = None, as_json: Json = False) -> None:
    """Fetch the feeds of outlets now, and the newest article of each, and say what works. Nothing is stored.

    Feeds that are off are tried too. Politeness holds: 5 s between requests to a host. The exit code is 1 if a feed that is on fails.

    Example:

    $ keoson outlets check baonghean
    """
    from flows.discovery import check_outlet, check_pool
    from flows.fetch import Fetcher

    settings = load_settings()
    outlets = _chosen(settings, ids)
    with Fetcher(settings) as fetcher, check_pool(settings) as pool:
        checks = {name: check_outlet(fetcher, pool, outlet, _told) for name, outlet in outlets.items()}
    if as_json:
        print(_json([asdict(check) | {"outlet_id": name} for name, found in checks.items() for check in found]))
    else:
        from keoson.outlet_screen import show_checks

        show_checks(checks)
    if any(check.enabled and not check.ok for found in checks.values() for check in found):
        raise typer.Exit(1)


@app.command("add")
def add_command(
    url: Annotated[str | None, typer.Argument(metavar="[URL]", help="A page of the site.", show_default=False)] = None,
    opml: Annotated[Path | None, typer.Option("--opml", metavar="FILE", help="A feed reader's list of feeds, instead of a URL.")] = None,
    country: Annotated[
        str | None, typer.Option("--country", metavar="CODE", help="VN, LA, KH, TH, CN, MM: if the domain is of none.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a draft of the same id, or over an outlet of Keoson.")] = False,
) -> None:
    """Look for the feeds and sitemaps of a site and write a draft of its file into KEOSON_HOME/outlets, to be completed by hand.

    Of an OPML file one draft for each site is written, and nothing is fetched.

    Example:

    $ keoson outlets add https://baomau.vn/
    """
    settings = load_settings()
    if (url is None) == (opml is None):
        raise InputError("give either the address of a site or --opml FILE")
    drafts = [_discovered(settings, url, country)] if url else _from_opml(opml, country)
    origin = f"from {url}" if url else "from a list of feeds"
    for draft, path in _written(settings, drafts, origin, force):
        on = sum(feed.enabled for feed in draft.feeds)
        print(f"{path}: {draft.name or draft.id}, {on} of {len(draft.feeds)} feeds on, {len(draft.sitemaps)} sitemaps")


def _chosen(settings: Settings, ids: list[str] | None) -> dict[str, Outlet]:
    from extractors.outlets import load_outlets
    from flows.pipeline import choose_outlets

    return choose_outlets(load_outlets(*settings.outlet_sources), ids)


def _show_health(settings: Settings, outlets: Mapping[str, Outlet], as_json: bool) -> int:
    from datetime import UTC, datetime

    from flows.health import feed_health
    from flows.ledger import Ledger

    if settings.ledger_url is None and not (settings.home / "ledger.sqlite").exists():
        print("[]" if as_json else "Nothing has been ingested yet: run `keoson ingest`, then look again.")
        return 0
    with Ledger(settings.ledger_address) as ledger:
        figures = feed_health(ledger, outlets, now := datetime.now(UTC))
    if as_json:
        print(_json([asdict(one) | {"alarm": one.is_alarm} for one in figures]))
    else:
        from keoson.ledger_screen import show_health

        show_health(figures, now)
    return int(any(one.is_alarm for one in figures))


def _discovered(settings: Settings, url: str, country: str | None) -> Draft:
    from flows.discovery import discover_outlet
    from flows.fetch import Fetcher

    with Fetcher(settings) as fetcher:
        try:
            return discover_outlet(fetcher, url, country, _told)
        except FetchError as error:
            raise InputError(f"the site cannot be read: {error}") from error


def _from_opml(path: Path | None, country: str | None) -> list[Draft]:
    from extractors.feeds.opml import parse_opml
    from extractors.outlet_draft import drafts_of_feeds

    if path is None:
        raise AssertionError("asked before")
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    return drafts_of_feeds(parse_opml(body, str(path)), country)


def _written(settings: Settings, drafts: Iterable[Draft], origin: str, force: bool) -> Iterable[tuple[Draft, Path]]:
    """Write the drafts. Nothing is written if one of them is there already, or is no valid outlet beside the others."""
    from extractors.outlet_draft import draft_toml
    from extractors.outlets import load_outlets, read_outlet

    drafts = list(drafts)
    known = load_outlets(*settings.outlet_sources)
    taken = [draft.id for draft in drafts if draft.id in known]
    if taken and not force:
        raise InputError(f"there is an outlet {', '.join(taken)} already (keoson outlets {taken[0]}): --force writes a draft over it")
    folder = settings.home / "outlets"
    folder.mkdir(parents=True, exist_ok=True)
    for draft in drafts:
        path = folder / f"{draft.id}.toml"
        path.write_text(draft_toml(draft, origin), encoding="utf-8")
        read_outlet(path)
        yield draft, path


def _told(line: str) -> None:
    print(line, file=sys.stderr)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda moment: moment.isoformat())
