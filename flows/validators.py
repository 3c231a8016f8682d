"""Asking whether a page has changed: what a server gave to ask with, and how far it is believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# Some servers answer 304 to everybody, for weeks. One whole answer in a dozen, or a day, finds out, and costs one feed's bytes.
_ASKED_IN_A_ROW = 11
_BELIEVED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask later whether a page has changed."""

    etag: str | None = None
    last_modified: str | None = None


NO_VALIDATORS = Validators()


def validators_to_send(known: Validators, *, unchanged_in_a_row: int, last_body_at: datetime | None, now: datetime) -> Validators | None:
    """What to send with the next poll: `known`, or None to get the whole body although the server may say that nothing has changed.

    `unchanged_in_a_row` counts the 304 since a body came, at `last_body_at` (None: never). Both are believed for a dozen polls and a day.
    """
    if last_body_at is None or known == NO_VALIDATORS:
        return None
    if unchanged_in_a_row >= _ASKED_IN_A_ROW or now - last_body_at >= _BELIEVED_FOR:
        return None
    return known
