"""Every exception Keoson raises on purpose, in one tree.

    KeosonError                  what the command line prints as one line, exit code 1
    ├── InputError               what the user gave cannot be used (exit code 2 when it is an argument)
    │   ├── OutletError          an outlet file is invalid, or an outlet id is unknown
    │   └── SettingsError        a setting is missing or contradicts another
    ├── EvidenceError            a quote is not the exact span of its text: never written to an index
    ├── FeedError                a feed's bytes are no feed: the feed fails, its entries stay as they were
    ├── FetchError               a page could not be fetched; `retry` says whether a later try may succeed
    ├── ExtractionError          a page could not be extracted: the entry is quarantined
    │   └── NoTextError          the page holds no article text: the entry is rejected
    ├── ArchiveError             a WARC segment or record cannot be read
    ├── LedgerError              the ledger cannot be opened, or its counts do not add up
    └── SearchIndexError         the index cannot be opened, written or searched

A message names the address, file or field, and what to do about it.
"""

from __future__ import annotations


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
    """A page could not be fetched. `retry` is true when the same request may succeed later; `status` is the HTTP status, if one came."""

    def __init__(self, message: str, *, retry: bool, status: int | None = None) -> None:
        super().__init__(message)
        self.retry = retry
        self.status = status


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
