"""What goes into the ledger about backfills and comes out of it: plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from extractors.records import Entry
from flows.archive import PageRef
from flows.ledger.announcements import Announcement

BackfillState = Literal["planned", "working", "completed", "dropped"]
PlaceKind = Literal["robots", "sitemap", "listing", "urls", "warc"]


@dataclass(frozen=True, slots=True)
class BackfillJob:
    """A backfill as the ledger remembers it; `plan` is its JSON. `resumed`: it had begun before."""

    id: int
    plan: str
    state: BackfillState
    started_at: datetime
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a backfill looks: a sitemap or page of a listing (`address`), or a file. `step` is the depth in an index, or the page's number;
    `hint` the day or month that its address names. `position`: how far a file has been read; `counts` what was found in it so far.
    """

    address: str
    kind: PlaceKind
    outlet_id: str | None = None
    step: int = 0
    hint: str | None = None
    id: int = 0
    position: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """What a place holds: announced articles, those of them that the backfill is to fetch, and further places."""

    announced: tuple[Announcement, ...] = ()
    wanted: tuple[str, ...] = ()
    further: tuple[Place, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page that lies in the archive already, to be taken in as an entry."""

    entry: Entry
    outlet_id: str
    ref: PageRef
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class MonthOfCandidates:
    """What a backfill found for an outlet and month (None: no date is known): `known` were entries before, `waiting` are not yet taken in."""

    outlet_id: str
    month: str | None
    found: int
    known: int
    waiting: int
