"""The steps of a backfill, as plain functions over a workspace: `flows.backfill.composition` calls them, and so do Prefect's tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from zoneinfo import ZoneInfo

from flows.articles import index_entries
from flows.backfill.lists import read_list
from flows.backfill.outlets_by_host import OutletsByHost
from flows.backfill.pacing import estimated_time, visits_of_a_host
from flows.backfill.plan import STANDARD_INPUT, BackfillPlan, first_places
from flows.backfill.summary import BackfillProgress, BackfillSummary
from flows.backfill.walking import walk
from flows.backfill.warcs import WarcIntake, opened
from flows.ledger.announcements import Announcement
from flows.ledger.backfill_rows import BackfillJob, MonthOfCandidates, Place, PlaceResult
from flows.pages import fetch_entries
from flows.summary import RunSummary
from flows.workspace import Workspace

# A plan made by a dry run is gone on with for as long; what the outlets have listed since would be missed otherwise.
_PLAN_AGE = timedelta(days=1)
_LINES = 1000


def begin(work: Workspace, run_id: int, plan: BackfillPlan) -> BackfillJob:
    """The backfill of this plan: the unfinished one, or a new one. Raises LedgerError when another run is at it."""
    places = first_places(plan, work.outlets, work.clock.now().astimezone().date())
    return work.ledger.backfills.begin(run_id, plan.json, places, not_planned_before=work.clock.now() - _PLAN_AGE)


def find_candidates(work: Workspace, run_id: int, job: BackfillJob, plan: BackfillPlan, progress: BackfillProgress) -> None:
    """Find out what there is to fetch: from sitemaps, listings, or lists of addresses."""
    book = work.ledger.backfills
    if plan.source == "urls":
        for place in book.open_places(job.id):
            _read_list(work, job, plan, place)
            progress.at("places", 1, 1)
    elif plan.source in ("sitemap", "listing"):
        walk(work, run_id, job, plan, progress)
        missed = book.failed_outlets(job.id)
        today = work.clock.now()
        for outlet in work.outlets.values():
            if outlet.id not in missed:
                months = plan.whole_months(today.astimezone(ZoneInfo(outlet.time_zone)).date())
                work.ledger.announced.looked(outlet.id, months, "sitemap" if plan.source == "sitemap" else "listing")


def _read_list(work: Workspace, job: BackfillJob, plan: BackfillPlan, place: Place) -> None:
    """Candidates of a list of addresses, all in one transaction: a list that is not understood leaves nothing behind."""
    counts: Counter[str] = Counter()
    found: list[Announcement] = []
    name = "standard input" if place.address == STANDARD_INPUT else place.address
    with opened(place.address) as stream:
        for listed in read_list(stream, name, OutletsByHost(work.outlets), counts):
            if plan.covers(listed.day):
                found.append(Announcement.of(listed.outlet.id, listed.entry, listed.day, "urls"))
            else:
                counts["outside the range"] += 1
    work.ledger.backfills.place_done(job.id, place, PlaceResult(tuple(found), tuple(one.article_id for one in found), counts=counts))


def take_batch(work: Workspace, run_id: int, job: BackfillJob, set_aside: Collection[str]) -> list[int]:
    """Make entries of the next candidates of each outlet that is not set aside; empty when there are none."""
    active = {name: outlet for name, outlet in work.outlets.items() if name not in set_aside}
    while any(count for name, count in work.ledger.backfills.waiting(job.id).items() if name in active):
        ids = work.ledger.backfills.take(run_id, job.id, active, each=visits_of_a_host(work.settings))
        if ids:
            return ids
    return []


def fetch_and_index(work: Workspace, run_id: int, ids: list[int]) -> set[str]:
    """Fetch and index entries. Outlets of which none could be settled: their host is in trouble, or another run holds it for long."""
    before = Counter(row.outlet_id for row in work.ledger.rows(ids))
    fetch_entries(work, run_id, ids)
    index_entries(work, run_id, ids)
    after = Counter(row.outlet_id for row in work.ledger.rows(ids))
    return {name for name, count in before.items() if after[name] == count}


def stand(
    work: Workspace, job: BackfillJob, plan: BackfillPlan, *, dry_run: bool, intake: WarcIntake | None = None, run: RunSummary | None = None
) -> BackfillSummary:
    """How a backfill stands, from what the ledger holds of it."""
    book = work.ledger.backfills
    states, counts, failures = book.place_totals(job.id)
    months = tuple(book.months(job.id))
    found, known = sum(month.found for month in months), sum(month.known for month in months)
    waiting = sum(month.waiting for month in months)
    if plan.source == "warc":
        known = counts.pop("known", 0)
        found = counts.pop("pages", 0) - counts.get("other languages", 0)
    hosts = {work.outlets[name].hosts[0]: count for name, count in book.waiting(job.id).items() if name in work.outlets and count}
    return BackfillSummary(
        backfill_id=job.id,
        complete=not waiting and not states.get("open") and not states.get("failed"),
        dry_run=dry_run,
        found=found,
        known=known,
        taken=found - known - waiting,
        waiting=waiting,
        months=months,
        places=states,
        counts={name: count for name, count in sorted(counts.items()) if count},
        failures=tuple(failures),
        faults=tuple(intake.faults) if intake is not None else (),
        hosts=hosts,
        estimate=estimated_time(work.settings, hosts),
        run=run,
    )


def count_files(work: Workspace, plan: BackfillPlan, progress: BackfillProgress) -> BackfillSummary:
    """What WARC files hold, with nothing taken in: a dry run of them."""
    intake = WarcIntake(work, 0, None, plan, progress)
    for _ in intake.batches():
        raise AssertionError("nothing is taken in without a job")
    counts = intake.counts
    known, found = counts.pop("known", 0), counts.pop("pages", 0) - counts.get("other languages", 0)
    months = sorted(intake.months.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    return BackfillSummary(
        backfill_id=0,
        complete=False,
        dry_run=True,
        found=found,
        known=known,
        taken=0,
        waiting=found - known,
        months=tuple(MonthOfCandidates(outlet_id, month, count, 0, count) for (outlet_id, month), count in months),
        places={"failed": len(intake.failures), "done": len(plan.files) - len(intake.failures)},
        counts={name: count for name, count in sorted(counts.items()) if count},
        failures=tuple(intake.failures),
        faults=tuple(intake.faults),
        hosts={},
        estimate=timedelta(0),
        run=None,
    )
