"""Every exception Keoson raises on purpose, in one tree.

    KeosonError                  what the command line prints as one line, exit code 1
    ├── InputError               what the user gave cannot be used (exit code 2 when it is an argument)
    │   ├── OutletError          an outlet file is invalid, or an outlet id is unknown
    │   └── SettingsError        a setting is missing or contradicts another
    ├── EvidenceError            a quote is not the exact span of its text: never written to an index
    ├── FeedError                a feed's bytes are no feed: the feed fails, its entries stay as they were
    ├── FetchError               a page could not be fetched; `reason` says why, `retry` whether a later try may succeed
    ├── ExtractionError          a page could not be extracted: the entry is quarantined
    │   └── NoTextError          the page holds no article text: the entry is rejected
    ├── ArchiveError             a WARC segment or record cannot be read
    ├── LedgerError              the ledger cannot be opened, or its counts do not add up
    └── SearchIndexError         the index cannot be opened, written or searched

A message names the address, file or field, and what to do about it.
"""

from __future__ import annotations

from typing import Literal

# Why a page could not be fetched, in one word: what the ledger keeps and operators choose by.
FetchReason = Literal[
    # what is not asked for
    "foreign_host",  # not a host of the outlet
    "robots",  # robots.txt forbids it
    "address",  # the name leads to an address that is not on the public net
    "scheme",  # no http or https address
    "paused",  # the host wants a longer pause, or could not be reached shortly before
    "stopped",  # the run is to end
    # what the server said
    "gone",  # 410: will never be there again
    "not_found",  # 404
    "forbidden",  # 401, 403 or 451 without the signs of a challenge
    "rate_limited",  # 429, or 503 with Retry-After
    "challenge",  # a page that tests whether we are a browser
    "client_error",  # another status from 400 to 499
    "server_error",  # another status from 500 on
    "redirects",  # too many of them, or in a circle
    "too_large",
    "broken",  # not HTTP, not what its Content-Encoding says, or cut short
    # why there was no answer
    "dns",
    "connect",
    "tls",
    "timeout",
    "robots_unavailable",  # robots.txt answers with an error, so nothing may be fetched for now
]


class KeosonError(Exception):
    """Base of all errors that are raised on purpose."""


class InputError(KeosonError):
    """What the user gave cannot be used as it is."""


class OutletError(InputError):
    """An outlet file is invalid, or an outlet id is unknown."""


class SettingsError(InputError):
    """A setting is missing, malformed, or contradicts another."""


class EvidenceError(KeosonError):
    """A quote is not the exact span of the text it claims to come from."""


class FeedError(KeosonError):
    """The bytes fetched from a feed's address are no feed of the announced kind."""


class FetchError(KeosonError):
    """A page could not be fetched.

    `retry` is true when the same request may succeed later, `status` is the HTTP status, if one came, and `wait` how many seconds the host
    wants to be left alone (None: it does not say).
    """

    def __init__(self, message: str, *, retry: bool, reason: FetchReason, status: int | None = None, wait: float | None = None) -> None:
        super().__init__(message)
        self.retry = retry
        self.reason: FetchReason = reason
        self.status = status
        self.wait = wait


class ExtractionError(KeosonError):
    """A page could not be turned into an article."""


class NoTextError(ExtractionError):
    """The page was read and holds no article text."""


class ArchiveError(KeosonError):
    """A WARC segment or record cannot be read or written."""


class LedgerError(KeosonError):
    """The ledger cannot be opened, or its counts do not add up."""


class SearchIndexError(KeosonError):
    """The index cannot be opened, written or searched."""
