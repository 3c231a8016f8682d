"""Coverage: of what outlets announced, what the index holds, month by month, so that a zero in a chart means something."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from flows.backfill.plan import months_between
from flows.ledger.announcements import AnnouncedMonth, AnnouncementBook
from mappings import Index, SearchRequest
from mappings.documents import covered_days

# Below this share of a month's articles a count says more about us than about the world; a few pages are always gone or odd.
COVERED = 0.9
# A search over less than this share of covered outlet-months says so.
WORTH_A_NOTE = 0.95
# Feeds are polled every day at least, and one that failed for longer may have lost entries.
_POLLED_LATELY = timedelta(days=2)

# covered: what was announced is in the index. hole: it was looked through, and too little of it is there, or nothing was announced.
# watched: nobody looked at sitemaps or listings, but its feeds were polled all the time. unknown: neither.
CoverageState = Literal["covered", "hole", "watched", "unknown"]


@dataclass(frozen=True, slots=True)
class MonthCoverage:
    """An outlet and month. `announced` = `indexed` + `rejected` + `missing`; of these, `seen` were taken in. `in_index` counts all articles of
    the index published in that month, wherever they came from. `gone` of the missing are announced pages that are not there any more.
    """

    outlet_id: str
    month: str
    state: CoverageState
    announced: int
    seen: int
    indexed: int
    rejected: int
    missing: int
    gone: int
    in_index: int


@dataclass(frozen=True, slots=True)
class CoveredShare:
    """How many of the outlet-months of a search are covered."""

    covered: int
    of: int

    @property
    def share(self) -> float:
        """The share of 1."""
        return self.covered / self.of if self.of else 1.0

    @property
    def worth_a_note(self) -> bool:
        """Whether results over them should be read with this in mind."""
        return self.of > 0 and self.share < WORTH_A_NOTE


def coverage(
    book: AnnouncementBook, index: Index | None, outlet_ids: Collection[str], since: str, until: str, *, now: datetime
) -> list[MonthCoverage]:
    """Every outlet and month from `since` to `until` (`YYYY-MM`, both included), in order. Without an index `in_index` is 0."""
    announced = {(one.outlet_id, one.month): one for one in book.months(outlet_ids, since, until)}
    looked = book.looks(outlet_ids)
    watched = {one.outlet_id: one for one in book.watched(outlet_ids)}
    months = months_between(since, until)
    held = {month: _held(index, outlet_ids, month) for month in months} if index is not None else {}
    found = []
    for outlet_id in sorted(outlet_ids):
        for month in months:
            one = announced.get((outlet_id, month)) or AnnouncedMonth(outlet_id, month)
            polled = watched.get(outlet_id)
            is_watched = polled is not None and _was_watched(polled.since, polled.until, month, now)
            missing = one.gone + one.waiting + one.unseen
            found.append(
                MonthCoverage(
                    outlet_id=outlet_id,
                    month=month,
                    state=_state(one, looked=(outlet_id, month) in looked, watched=is_watched),
                    announced=one.announced,
                    seen=one.announced - one.unseen,
                    indexed=one.indexed,
                    rejected=one.rejected,
                    missing=missing,
                    gone=one.gone,
                    in_index=held.get(month, {}).get(outlet_id, 0),
                )
            )
    return found


def covered_share(months: Sequence[MonthCoverage]) -> CoveredShare:
    """How many of them are covered, or were watched while they passed."""
    return CoveredShare(sum(one.state in ("covered", "watched") for one in months), len(months))


def coverage_of_search(
    book: AnnouncementBook, outlet_ids: Collection[str], first: date | None, after: date | None, *, now: datetime
) -> CoveredShare:
    """The share for a search from day `first` (included) to `after` (excluded), of these outlets or all that the ledger knows."""
    wanted = outlet_ids or book.outlets()
    today = now.date()
    last = min(today, after - timedelta(days=1)) if after else today
    begin = first.isoformat()[:7] if first else book.first_month(wanted)
    if not wanted or begin is None or begin > last.isoformat()[:7]:
        return CoveredShare(0, 0)
    return covered_share(coverage(book, None, wanted, begin, last.isoformat()[:7], now=now))


def _state(month: AnnouncedMonth, *, looked: bool, watched: bool) -> CoverageState:
    wanted = month.announced - month.rejected
    if month.announced and (looked or watched):
        return "covered" if month.indexed >= COVERED * wanted else "hole"
    if looked and not watched:
        return "hole"  # a newspaper that announces nothing for a month has lost it, or we cannot read where it does
    return "watched" if watched else "unknown"


def _was_watched(since: datetime, until: datetime, month: str, now: datetime) -> bool:
    first, after = covered_days(month)
    end = min(now, datetime(after.year, after.month, after.day, tzinfo=now.tzinfo)) - _POLLED_LATELY
    return since <= datetime(first.year, first.month, first.day, tzinfo=now.tzinfo) and until >= end


def _held(index: Index, outlet_ids: Collection[str], month: str) -> dict[str, int]:
    first, after = covered_days(month)
    filters = {"outlet": tuple(sorted(outlet_ids))}
    asked = SearchRequest("articles", filters=filters, date_from=first, date_to=after, facets=("outlet",), size=0, facet_size=1000)
    return dict(index.search(asked).facets["outlet"])
