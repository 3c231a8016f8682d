"""The ledger: one outcome per feed entry, where its page lies, which reports and events are known.

`Ledger` is imported when it is asked for: a search with dates looks at announcements only, and should not pay for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.ledger.figures import FeedFigures
from flows.ledger.rows import EntryRow, FeedDay, FeedState, IndexedArticle, Outcome, Poll, PolledFeed, RunRow, Tally, Version

if TYPE_CHECKING:
    from flows.ledger.ledger import Ledger
    from flows.ledger.quarantine import Quarantined

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


def __getattr__(name: str) -> Any:
    if name == "Ledger":
        from flows.ledger.ledger import Ledger

        return Ledger
    if name == "Quarantined":
        from flows.ledger.quarantine import Quarantined

        return Quarantined
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
