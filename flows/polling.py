"""Polling feeds: fetch what is due, parse it, register its entries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from extractors.errors import FeedError, FetchError
from extractors.feeds import due_children, parse_feed, parse_sitemap
from extractors.records import Entry, Feed, Page
from flows.fetch import NotModified
from flows.hosts import visiting
from flows.ledger import FeedState, Poll
from flows.schedule import Failure, failure_of
from flows.validators import NO_VALIDATORS, Validators, validators_to_send
from flows.workspace import Workspace

# Bytes that are no feed, or one without entries: what a publisher's mishap looks like, which may be over within the hour.
_NO_FEED = Failure("soft")

# Media Cloud's limit. A sitemap may list all that was ever written: older articles are for `keoson backfill`.
_MOST_ENTRIES = 2000
# Sitemaps of an index that one poll reads, and how much older than the last poll their last change may be: clocks and caches lag.
_MOST_CHILDREN = 3
_OVERLAP = timedelta(days=1)

# due: whose time has come. on: all but those that are off. named: all, since an operator has named their outlets.
Which = Literal["due", "on", "named"]


def poll_feeds(work: Workspace, run_id: int, which: Which = "due") -> None:
    """Fetch and parse the enabled feeds that are due (or more of them), and register their entries.

    A feed that fails is recorded as failed; the others go on. Feeds of a host that another run holds are left to it.
    """
    enabled = [feed for outlet in work.outlets.values() for feed in outlet.feeds if feed.enabled]
    now = work.clock.now()
    feeds = [feed for feed, state in zip(enabled, work.ledger.feeds.states(enabled), strict=True) if _is_wanted(state, which, now)]
    work.progress.started("feeds", len(feeds))
    try:
        polls: dict[str, Poll] = {}
        # The hosts are held until all is registered: another run would find their feeds due and ask again.
        with visiting(work, run_id, feeds, _host, lambda feed: poll_feed(work, feed, which), keep=True) as results:
            for feed, poll in results:
                if poll is not None:
                    polls[feed.id] = poll
                work.progress.advanced("feeds")
            work.ledger.feeds.register_polls(run_id, [polls[feed.id] for feed in feeds if feed.id in polls], work.outlets)
    finally:
        work.progress.ended("feeds")


def _is_wanted(state: FeedState, which: Which, now: datetime) -> bool:
    return which == "named" or (state.pace.is_due(now) if which == "due" else not state.pace.off)


def _host(feed: Feed) -> str:
    return urlsplit(feed.url).hostname or ""


def _believable_move(work: Workspace, feed: Feed, moved_to: str | None) -> str | None:
    """A permanent redirect within the outlet's hosts. A domain that was given up leads to whoever bought it."""
    if moved_to is None:
        return None
    ours = {host.removeprefix("www.") for host in (*work.outlets[feed.outlet_id].hosts, _host(feed))}
    return moved_to if (urlsplit(moved_to).hostname or "").removeprefix("www.") in ours else None


def poll_feed(work: Workspace, feed: Feed, which: Which = "named") -> Poll | None:
    """Fetch and parse one feed. Whatever is wrong with it is in the Poll's `error`. None: another run has polled it meanwhile, or this
    one is to stop.
    """
    state = work.ledger.feeds.state(feed)
    if not _is_wanted(state, which, work.clock.now()):
        return None
    validators = validators_to_send(
        state.validators, unchanged_in_a_row=state.unchanged, last_body_at=state.last_body, now=work.clock.now()
    )
    moved_to = None
    try:
        answer = work.fetcher.fetch_page(state.address(feed), validators)
        moved_to = _believable_move(work, feed, answer.moved_to)
        if isinstance(answer, NotModified):
            return Poll(feed, "unchanged", moved_to=moved_to)
        received = _Received.of(answer)
        if received.digest == state.body_hash:
            return Poll(feed, "unchanged", validators=received.validators, body_hash=received.digest, moved_to=moved_to)
        entries: tuple[Entry, ...] | None
        if feed.kind == "sitemap":
            entries, received = _read_sitemap(work, feed, received, since=state.last_body)
            if entries is None:
                return Poll(feed, "unchanged", body_hash=received.digest, moved_to=moved_to)
        else:
            entries = parse_feed(answer.body, feed, content_type=received.content_type, base_url=answer.final_url)
    except FetchError as error:
        if error.reason == "stopped":
            return None
        return Poll(feed, "failed", error=str(error), failure=failure_of(error))
    except FeedError as error:
        return Poll(feed, "failed", error=str(error), failure=_NO_FEED)
    except Exception as error:  # noqa: BLE001  a parser may raise anything on hostile bytes, and that must cost this feed only
        return Poll(feed, "failed", error=f"{feed.url} cannot be parsed: {type(error).__name__}: {error}", failure=_NO_FEED)
    if not entries:
        return Poll(feed, "failed", error=f"{feed.url} lists no entries: check its address and kind in the outlet's file", failure=_NO_FEED)
    return Poll(feed, "ok", entries[:_MOST_ENTRIES], received.validators, received.digest, moved_to=moved_to)


@dataclass(frozen=True, slots=True)
class _Received:
    """The bytes of a feed, and what is kept of them."""

    page: Page
    digest: str
    validators: Validators
    content_type: str | None

    @staticmethod
    def of(page: Page) -> _Received:
        headers = dict(page.headers)
        validators = Validators(headers.get("etag"), headers.get("last-modified"))
        return _Received(page, hashlib.sha256(page.body).hexdigest(), validators, headers.get("content-type"))


def _read_sitemap(
    work: Workspace, feed: Feed, received: _Received, *, since: datetime | None
) -> tuple[tuple[Entry, ...] | None, _Received]:
    """The entries of a sitemap, newest first; of an index those of the sitemaps that changed last, which are fetched, too, or None when
    none has changed since the last poll.

    An index says nothing about the sitemaps that it lists without a date: so it is asked for whole each time, and never found unchanged.
    """
    sitemap = parse_sitemap(received.page.body, feed, content_type=received.content_type, base_url=received.page.final_url)
    if not sitemap.children:
        return _newest_first(sitemap.entries), received
    kept = replace(received, digest="", validators=NO_VALIDATORS)
    children = due_children(sitemap.children, since=since - _OVERLAP if since else None, limit=_MOST_CHILDREN)
    if not children:
        return None, kept
    entries: list[Entry] = []
    failed: FetchError | FeedError | None = None
    for child in children:
        try:
            answer = work.fetcher.fetch_page(child.url)
            if isinstance(answer, NotModified):
                raise AssertionError("no validators were sent")
            page = _Received.of(answer)
            entries += parse_sitemap(answer.body, feed, content_type=page.content_type, base_url=answer.final_url).entries
        except (FetchError, FeedError) as error:  # the others may still tell what is new
            if isinstance(error, FetchError) and error.reason == "stopped":
                raise
            failed = error
    if failed is not None and not entries:
        raise failed
    if not entries:
        raise FeedError(f"{feed.url} is an index whose newest sitemaps list no pages: check its address in the outlet's file")
    return _newest_first(entries), kept


def _newest_first(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """By the change that the sitemap gives; where it gives none, as listed."""
    return tuple(sorted(entries, key=lambda entry: entry.modified.timestamp() if entry.modified else 0.0, reverse=True))
