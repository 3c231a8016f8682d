"""What a backfill is to do: checked once, then the same plan over all runs that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, get_args

from pydantic import TypeAdapter

from extractors.errors import InputError
from extractors.language import LANGUAGES
from extractors.records import Outlet
from flows.ledger.backfill_rows import Place
from mappings.documents import covered_days

BackfillSource = Literal["sitemap", "listing", "urls", "warc"]
STANDARD_INPUT = "-"
_OF_OUTLETS = ("sitemap", "listing")


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """`since` and `until` are days (`YYYY-MM-DD`), both included; None: no limit on that side (and tomorrow's same command is the same
    backfill). `outlets` are ids, `files` absolute paths (or `-`), `languages` ISO codes that pages of WARC files must be in (none: any).
    """

    source: BackfillSource
    since: str | None
    until: str | None
    outlets: tuple[str, ...]
    files: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @property
    def json(self) -> str:
        """The plan as text, the same for the same plan."""
        return PLAN.dump_json(self).decode()

    def covers(self, day: str | None) -> bool:
        """Whether something of that day, month or year may lie in the range; what has no date may."""
        if day is None:
            return True
        first, after = covered_days(day)
        return (self.until is None or first.isoformat() <= self.until) and (self.since is None or after.isoformat() > self.since)

    def whole_months(self, today: date) -> list[str]:
        """The months that lie in the range as a whole; the present one counts when the range reaches today."""
        if self.since is None:
            return []
        first, last = date.fromisoformat(self.since), date.fromisoformat(self.until or today.isoformat())
        months = []
        for month in months_between(first.isoformat()[:7], last.isoformat()[:7]):
            begin, after = covered_days(month)
            if begin >= first and (after - timedelta(days=1) <= last or last >= today):
                months.append(month)
        return months


PLAN = TypeAdapter(BackfillPlan)


def make_plan(
    outlets: Mapping[str, Outlet],
    *,
    source: str | None,
    since: str | None,
    until: str | None,
    files: Sequence[Path] = (),
    languages: Sequence[str] = (),
    today: date,
) -> BackfillPlan:
    """A plan for these outlets, checked. Dates are `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, and stand for all their days.

    Without a source, files say which it is: WARC by their names, else lists of addresses; without files it is sitemaps. Raises InputError
    that says what is wrong and what to do.
    """
    chosen = _source(source, files)
    first, last = _range(since, until, today)
    if chosen in _OF_OUTLETS:
        if files:
            raise InputError(
                f"--source {chosen} asks the outlets themselves and takes no files: use --source urls or --source warc for files"
            )
        if first is None:
            raise InputError(f"--source {chosen} needs --since: the first day, month or year to fetch")
    elif not files:
        raise InputError(f"--source {chosen} needs files: give their paths, or - for standard input")
    for language in languages:
        if language not in LANGUAGES:
            raise InputError(f"unknown language {language!r}: use one of {', '.join(LANGUAGES)}")
    if languages and chosen != "warc":
        raise InputError("--language chooses pages of WARC files: leave it out for other sources")
    return BackfillPlan(
        chosen,
        first.isoformat() if first else None,
        last.isoformat() if last else None,
        tuple(sorted(outlets)),
        tuple(_checked(files)),
        tuple(sorted(set(languages))),
    )


def first_places(plan: BackfillPlan, outlets: Mapping[str, Outlet], today: date) -> list[Place]:
    """Where a backfill begins to look. Raises InputError when none of the outlets has such a place."""
    if plan.source in ("urls", "warc"):
        return [Place(name, "urls" if plan.source == "urls" else "warc") for name in plan.files]
    places = [
        place
        for outlet in outlets.values()
        for place in (_sitemaps(outlet) if plan.source == "sitemap" else _listings(outlet, plan, today))
    ]
    if not places:
        raise InputError(
            f"no listing and no date_archives stand in the files of {', '.join(outlets)}: use --source sitemap, or add them to the outlet's file"
        )
    return places


def months_between(first: str, last: str) -> list[str]:
    """All months from `first` to `last` (`YYYY-MM`), both included."""
    year, month = int(first[:4]), int(first[5:7])
    months = []
    while (now := f"{year:04d}-{month:02d}") <= last:
        months.append(now)
        year, month = year + month // 12, month % 12 + 1
    return months


def _source(source: str | None, files: Sequence[Path]) -> BackfillSource:
    if source is None:
        if not files:
            return "sitemap"
        return "warc" if all(path.name.endswith((".warc", ".warc.gz")) for path in files) else "urls"
    if source not in get_args(BackfillSource):
        raise InputError(f"unknown source {source!r}: use one of {', '.join(get_args(BackfillSource))}")
    found: BackfillSource = source  # type: ignore[assignment]  # just checked
    return found


def _range(since: str | None, until: str | None, today: date) -> tuple[date | None, date | None]:
    first = covered_days(since)[0] if since else None
    begin, after = covered_days(until) if until else (None, None)
    for option, given, day in (("--since", since, first), ("--until", until, begin)):
        if day is not None and day > today:
            raise InputError(f"{option} {given} lies in the future: today is {today.isoformat()}")
    last = after - timedelta(days=1) if after else None
    if first and last and first > last:
        raise InputError(f"--since {since} lies after --until {until}: exchange them")
    return first, last


def _checked(files: Iterable[Path]) -> list[str]:
    found: list[str] = []
    for path in files:
        if str(path) == STANDARD_INPUT:
            name = STANDARD_INPUT
        elif path.is_file():
            name = str(path.absolute())
        else:
            raise InputError(f"{path} is not a file")
        if name in found:
            raise InputError(f"{path} is given twice")
        found.append(name)
    return found


def _sitemaps(outlet: Outlet) -> list[Place]:
    if outlet.sitemaps:
        return [Place(address, "sitemap", outlet.id) for address in outlet.sitemaps]
    # Not known: robots.txt may tell.
    return [Place(f"{outlet.homepage.rstrip('/')}/robots.txt", "robots", outlet.id)]


def _listings(outlet: Outlet, plan: BackfillPlan, today: date) -> list[Place]:
    places = [Place(feed.url, "listing", outlet.id, 1, feed.id) for feed in outlet.feeds if feed.kind == "listing" and feed.enabled]
    first = date.fromisoformat(plan.since or today.isoformat())
    last = min(today, date.fromisoformat(plan.until or today.isoformat()))
    days = [last - timedelta(days=number) for number in range((last - first).days + 1)]
    for template in outlet.date_archives:
        # A template without a day names whole months or years: each address once, with what it tells as the hint.
        shape = "%Y-%m-%d" if "%d" in template else "%Y-%m" if "%m" in template else "%Y"
        addresses = {day.strftime(template): day.strftime(shape) for day in days}
        places += [Place(address, "listing", outlet.id, 1, hint) for address, hint in addresses.items()]
    return places
