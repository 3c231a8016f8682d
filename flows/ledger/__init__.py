"""The ledger: one outcome per feed entry, where its page lies, which reports and events are known."""

from flows.ledger.figures import FeedFigures
from flows.ledger.ledger import Ledger
from flows.ledger.quarantine import Quarantined
from flows.ledger.rows import EntryRow, FeedDay, FeedState, IndexedArticle, Outcome, Poll, PolledFeed, RunRow, Tally, Version

__all__ = [
    "EntryRow",
    "FeedDay",
    "FeedFigures",
    "FeedState",
    "IndexedArticle",
    "Ledger",
    "Outcome",
    "Poll",
    "PolledFeed",
    "Quarantined",
    "RunRow",
    "Tally",
    "Version",
]
